"""Taking people out of a control for a time: the dialog, the list, and the way back."""

from datetime import date

import streamlit as st

from ui.access import Visit, note
from ui.texts import badge, count, day, md, when
from workflows.errors import CountersignError
from workflows.evaluate import exclude, exclusions, withdraw_exclusion

_DONE = "exclusion-done"


@st.dialog("Exclude from this control", on_dismiss="rerun")
def ask(visit: Visit, control_id: str, user_ids: list[str]) -> None:
    if st.session_state.pop(_DONE, False):
        # Only a whole rerun can close the dialog, and the page says what was done.
        st.rerun()
    st.markdown(
        f"**{count(len(user_ids), 'person', 'people')}** selected. They count again by themselves "
        "when the exclusion ends."
    )
    today = visit.installation.today()
    st.date_input("From", value=today, key="exclusion-start", format="YYYY-MM-DD")
    st.date_input("Until and including (optional)", value=None, key="exclusion-end",
                  format="YYYY-MM-DD")  # fmt: skip
    _problem("ends_on")
    st.text_input("Reason", key="exclusion-reason", placeholder="Who decided, and why")
    _problem("reason", None)
    st.button(
        "Exclude", type="primary", icon=":material/block:", on_click=_exclude,
        args=(visit, control_id, user_ids),
    )  # fmt: skip


def _problem(*fields: str | None) -> None:
    said = st.session_state.get("exclusion-problem")
    if said and said[0] in fields:
        st.markdown(f":red[:material/error: {md(said[1])}]")


def _exclude(visit: Visit, control_id: str, user_ids: list[str]) -> None:
    state = st.session_state
    start = state.get("exclusion-start")
    try:
        done = exclude(
            visit.installation,
            visit.connected.id,
            control_id,
            user_ids,
            reason=state.get("exclusion-reason", ""),
            starts_on=start if isinstance(start, date) else visit.installation.today(),
            ends_on=state.get("exclusion-end"),
            actor=visit.actor,
        )
        state.pop("exclusion-problem", None)
        state["exclusion-reason"] = ""
        state[_DONE] = True
        note(f"{count(done, 'person', 'people')} excluded; the control was evaluated again.")
    except CountersignError as error:
        state["exclusion-problem"] = (error.field, str(error))


def show(visit: Visit, control_id: str, *, read_only: bool) -> None:
    """Who is excluded, was, or will be; and the way back."""
    said = exclusions(visit.installation, visit.connected.id, control_id)
    if said.empty:
        st.info("Nobody is excluded. Select findings to exclude people for a time.")
        return
    for row in said.to_dict("records"):
        active = row["state"] in {"active", "future"}
        with st.container(horizontal=True, vertical_alignment="center"):
            until = f" until {day(row['ends_on'])}" if row["ends_on"] else ", without an end"
            mark = badge("EXCLUDED").markdown if row["state"] == "active" else (
                f":gray-badge[:material/schedule: {row['state'].capitalize()}]"
            )  # fmt: skip
            st.markdown(
                f"{mark} **{md(row['label'])}** from {day(row['starts_on'])}{until}: "
                f"{md(row['reason'], limit=400)}  \n:gray[{md(row['author'])}, "
                f"{when(row['created_at'])}]",
                width="stretch",
            )
            if active and not read_only:
                st.button(
                    "End it", key=f"end-{control_id}-{row['user_id']}", on_click=_end,
                    args=(visit, control_id, row["user_id"]), icon=":material/undo:",
                )  # fmt: skip


def _end(visit: Visit, control_id: str, user_id: str) -> None:
    try:
        withdraw_exclusion(
            visit.installation, visit.connected.id, control_id, user_id,
            reason="Ended on the Controls page", actor=visit.actor,
        )  # fmt: skip
        note("The exclusion was ended; the control was evaluated again.")
    except CountersignError as error:
        note(str(error), refused=True)
