"""What a press on a review page does: decide, take back, hand on, ask for the note that is needed.

A decision is saved at once. Where a rule wants a note, the row asks for it and nothing is saved
before it is there. What went wrong is said under the row that it is about.
"""

from collections.abc import Mapping

import streamlit as st

from ui.access import Visit, note
from ui.asking import last_button
from ui.heading import secondary
from ui.texts import count, md
from workflows.errors import CountersignError
from workflows.review_decide import decide, decide_many, reassign, undo
from workflows.review_list import ItemView

ASKED = {
    "KEEP": "This is privileged access: why is it kept? (required)",
    "REVOKE": "Why? One sentence is enough (required)",
    "CHANGE": "What should it be changed to? (required)",
    "NOT_MINE": "Why is it not yours, and whose may it be? (required)",
}
_WAITING, _PROBLEMS, _DONE = "review-waiting", "review-problems", "review-done"


def waiting(view: ItemView) -> str | None:
    """The decision that waits for its note."""
    found: str | None = _kept(_WAITING).get(view.id)
    return found


def problem(view: ItemView) -> str | None:
    """What went wrong with an item at the last press; told once."""
    found: str | None = _kept(_PROBLEMS).pop(view.id, None)
    return found


def choose(visit: Visit, view: ItemView, decision: str | None) -> None:
    """A decision was pressed; None: the one that stood was pressed again, which takes it back."""
    if decision is None:
        if waiting(view):
            cancel(view)
        else:
            take_back(visit, view.id)
    elif decision in ("REVOKE", "CHANGE", "NOT_MINE") or view.row["privileged"]:
        _kept(_WAITING)[view.id] = decision
    else:
        say(visit, view, decision)


def ask_note(view: ItemView, decision: str) -> None:
    """Ask for a note on an item, to go with this decision."""
    _kept(_WAITING)[view.id] = decision


def cancel(view: ItemView) -> None:
    """Ask for no note any more; nothing was saved."""
    _kept(_WAITING).pop(view.id, None)


def say(visit: Visit, view: ItemView, decision: str, said: str = "") -> None:
    """Record a decision, unless somebody else has changed the item since it was shown."""
    try:
        decide(
            visit.installation, view.id, decision, actor=visit.actor, note=said,
            version=int(view.row["version"]),
        )  # fmt: skip
    except CountersignError as error:
        _kept(_PROBLEMS)[view.id] = str(error)
        return
    cancel(view)
    st.session_state.setdefault(_DONE, []).append(view.id)


def can_undo() -> bool:
    """Whether something was decided in this tab that can be taken back."""
    return bool(st.session_state.get(_DONE))


def undo_last(visit: Visit) -> None:
    """Take back what was decided last in this tab."""
    if done := st.session_state.get(_DONE):
        take_back(visit, done.pop())


def take_back(visit: Visit, item_id: int) -> None:
    """Take back one's own decision; what stood before it counts again."""
    try:
        undo(visit.installation, item_id, actor=visit.actor)
    except CountersignError as error:
        _kept(_PROBLEMS)[item_id] = str(error)


def note_field(visit: Visit, view: ItemView) -> None:
    """Where the note is written that a decision waits for."""
    decision = waiting(view)
    if decision is None:
        return
    key = f"note-{view.id}-{decision}-{view.row['version']}"
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.text_input(
            f"Note on {md(view.row['resource'])}", key=key, placeholder=ASKED[decision],
            label_visibility="collapsed", max_chars=2000, icon=":material/edit_note:",
            on_change=_noted, args=(visit, view, decision, key),
        )  # fmt: skip
        st.button("Save", key=f"{key}-save", on_click=_noted, args=(visit, view, decision, key))
        st.button("Cancel", key=f"{key}-not", type="tertiary", on_click=cancel, args=(view,))


def _noted(visit: Visit, view: ItemView, decision: str, key: str) -> None:
    # The field's own change comes first and has saved it; the button then finds nothing to do.
    if waiting(view) == decision:
        say(visit, view, decision, st.session_state.get(key, ""))


@st.dialog("Keep several")
def ask_bulk(visit: Visit, campaign_id: int, views: Mapping[int, int], whose: str) -> None:
    """Keep many at once, after a question; marked as bulk."""
    st.markdown(
        f"Keep **{count(len(views), 'access', 'accesses')}** of {md(whose)} that have no signal? "
        "They are marked as decided in bulk."
    )
    if st.button(f"Keep {len(views)}", type="primary", icon=":material/done_all:"):
        try:
            done = decide_many(
                visit.installation, campaign_id, views, "KEEP", actor=visit.actor, confirmed=True
            )
        except CountersignError as error:
            note(str(error), refused=True)
            st.rerun()
        if done.skipped:
            note(" ".join(done.skipped.values()), refused=True)
        st.rerun()


@st.dialog("Give it to somebody else")
def ask_hand_on(visit: Visit, campaign_id: int, item_ids: list[int]) -> None:
    """Give undecided items to another reviewer, with a note."""
    secondary(f"{count(len(item_ids), 'undecided row')}. Whoever decides sees your note.")
    to = st.text_input("To whom", key="hand-on-to", placeholder="E-mail, login or Okta id")
    why = st.text_input("Why", key="hand-on-why", placeholder="Required; kept in the history")

    def act() -> str:
        many = reassign(visit.installation, campaign_id, item_ids, to, actor=visit.actor, note=why)
        return f"{count(many, 'row')} went to {to.strip()}."

    last_button("Give it to them", act, key="hand-on")


def _kept(name: str) -> dict[int, str]:
    found: dict[int, str] = st.session_state.setdefault(name, {})
    return found
