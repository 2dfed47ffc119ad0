"""What an analyst may do with an open campaign: remind, close, cancel, let it repeat no more."""

from collections.abc import Sequence

import streamlit as st

from ui import filters
from ui.access import Visit, note, shown_errors
from ui.asking import last_button
from ui.heading import secondary
from ui.texts import count, md
from workflows.reminders import Reminded, remind_now
from workflows.removals import removals
from workflows.review_close import cancel, close, stop_repeating
from workflows.review_report import Part
from workflows.reviews import CampaignView

ROWS, CHANGES, MAILS, REPEAT, CLOSE, CANCEL = (
    "All rows", "What changed", "E-mails", "Stop repeating", "Close…", "Cancel the campaign…",
)  # fmt: skip
_SHOWS = {ROWS: "rows", CHANGES: "changes", MAILS: "mails"}
_REVOKES = {
    "stand": "They stay expected to go", "withdraw": "Nothing is expected of them any more",
}  # fmt: skip
_RESTS = {"no_decision": "They stay without decision", "revoke": "They become revoked"}


def actions(visit: Visit, view: CampaignView, reviewers: Sequence[Part]) -> None:
    """The buttons beside the campaign's name."""
    waiting = sum(1 for part in reviewers if part.user_id and part.decided < part.items)
    active = view.record.state == "ACTIVE"
    if visit.may_change and active and waiting and st.button(
        f"Remind {count(waiting, 'person', 'people')}", icon=":material/mail:",
        key=f"remind-{view.id}",
    ):  # fmt: skip
        with shown_errors():
            note(_told(remind_now(visit.installation, view.id, actor=visit.actor)))
            st.rerun()
    options = [ROWS, CHANGES, MAILS]
    if visit.may_change and active:
        options += [*([REPEAT] if view.record.repeat_months else []), CLOSE, CANCEL]
    chosen = st.menu_button("Manage", options, key=f"manage-{view.id}")
    if chosen in _SHOWS:
        filters.only(campaign=str(view.id), show=_SHOWS[chosen])
        st.rerun()
    if chosen == REPEAT:
        with shown_errors():
            stop_repeating(visit.installation, view.id, actor=visit.actor)
            note("No campaign follows this one by itself any more.")
            st.rerun()
    if chosen == CLOSE:
        _ask_close(visit, view)
    if chosen == CANCEL:
        _ask_cancel(visit, view)


def _told(done: Reminded) -> str:
    if not done.queued:
        return "Everybody was reminded today already."
    if done.sends:
        return f"{count(done.queued, 'e-mail')} will be sent with the next round."
    return f"No mail server is set: {count(done.queued, 'text')} to copy under Manage, E-mails."


@st.dialog("Close the campaign")
def _ask_close(visit: Visit, view: CampaignView) -> None:
    left = view.undecided
    st.markdown(f"**{md(view.record.name)}**: decisions are final once it is closed.")
    rest, reason = None, ""
    if left:
        st.markdown(
            f":orange-badge[:material/warning: {count(left, 'row')} without a decision] "
            "Silence is never a keep."
        )
        rest = st.radio("What becomes of them", [*_RESTS], format_func=_RESTS.__getitem__,
                        index=[*_RESTS].index(view.record.rest), key="close-rest")  # fmt: skip
        reason = st.text_input("Reason", key="close-reason", placeholder="Kept as evidence")
    elif view.record.unread:
        secondary("What could not be read was not reviewed: say why it closes without that.")
        reason = st.text_input("Reason", key="close-reason", placeholder="Kept as evidence")

    def act() -> str:
        close(visit.installation, view.id, actor=visit.actor, rest=rest, reason=reason)
        return "The campaign is closed."

    last_button("Close it", act, key="close-it", icon=":material/lock:")


@st.dialog("Cancel the campaign")
def _ask_cancel(visit: Visit, view: CampaignView) -> None:
    st.markdown(f"**{md(view.record.name)}** is given up.")
    secondary("Every decision stays as evidence.")
    expected = removals(visit.installation, visit.connected.id, actor=visit.actor,
                        campaign_id=view.id, limit=0)  # fmt: skip
    revokes, revoked = None, sum(expected.counts.values())
    if revoked:
        revokes = st.radio(
            f"What becomes of {count(revoked, 'revoke')} made", [*_REVOKES], index=None,
            format_func=_REVOKES.__getitem__, key="cancel-revokes",
        )  # fmt: skip
    reason = st.text_input("Reason", key="cancel-reason", placeholder="Kept in the audit log")

    def act() -> str:
        cancel(visit.installation, view.id, actor=visit.actor, reason=reason, revokes=revokes)
        return "The campaign is cancelled."

    last_button("Cancel the campaign", act, key="cancel-it", icon=":material/block:")
