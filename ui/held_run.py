"""A run that waits for a decision: who would leave and why, and the two ways on."""

from collections.abc import Callable

import pandas as pd
import streamlit as st

from ui.access import Visit, note
from ui.heading import card_title, secondary
from ui.tables import HEADER, ROW, readable
from ui.texts import badge, clock, count, day, local, md, number, share
from workflows.errors import CountersignError
from workflows.personnel import people
from workflows.runs import RunView
from workflows.sync import approve_held, discard_held, latest_published

_REASON, _PROBLEM = "held-reason", "held-problem"
WHYS = {
    "left the group": "Left the group", "deactivated": "Deactivated", "deleted": "Deleted",
    "suspended": "Suspended", "not seen": "Not seen",
}  # fmt: skip
_MOST = 1000


def decide(visit: Visit, run: RunView) -> None:
    """Who would leave and why, and the decision."""
    held = run.held or {}
    leavers = pd.DataFrame(held["leavers"], columns=["user_id", "name", "email", "why"])
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            card_title(f"Run {run.id} waits for your decision {badge('held').markdown}")
            at = clock(run.started_at, visit.installation.now())
            secondary(f"Started {at}, {count(run.requests, 'request')}")
        st.markdown(_sentence(visit, held, leavers))
        whys = leavers["why"].value_counts()
        with st.grid(len(WHYS), min_column_width=110):
            for why, word in WHYS.items():
                st.metric(word, number(int(whys.get(why, 0))))
        if len(leavers):
            shown = _known(visit, leavers.head(_MOST))
            st.dataframe(
                shown, hide_index=True, width="stretch", row_height=ROW,
                height=HEADER + ROW * min(8, len(shown)),
                alt="People who would become leavers, and why", placeholder="–",
            )  # fmt: skip
        if len(leavers) > _MOST:
            secondary(f"The first {number(_MOST)} of {number(len(leavers))}.")
        if visit.may_change:
            _decision(visit, run)


def _known(visit: Visit, leavers: pd.DataFrame) -> pd.DataFrame:
    """Who would leave, with what is known of them until now."""
    inst = visit.installation
    # A held run may be the first: then nobody is known yet.
    published = latest_published(inst, visit.connected.id)
    columns = ["user_id", "department", "last_login_at"]
    everyone = pd.DataFrame(columns=columns, dtype=object)
    if published:
        everyone = people(inst, visit.connected.id).everyone[columns]
    rows = leavers.merge(everyone, on="user_id", how="left")
    return readable(pd.DataFrame({
        "Person": rows["name"],
        "E-mail": rows["email"],
        "Department": rows["department"].fillna("–"),
        "Why they would leave": rows["why"].map(WHYS),
        "Last sign-in": [
            day(None if pd.isna(at) else local(at)) for at in rows["last_login_at"]
        ],
    }))  # fmt: skip


def _sentence(visit: Visit, held: dict[str, object], leavers: pd.DataFrame) -> str:
    last = latest_published(visit.installation, visit.connected.id)
    until = f" Until you decide, every page shows run {last.id}." if last is not None else ""
    if held["reason"] != "leavers":
        return f"**{md(held['sentence'], limit=600)}**{until}"
    gone = int(leavers["why"].isin(["left the group", "deactivated", "deleted"]).sum())
    current = int(str(held["current"]))
    return (
        f"Publishing it would make **{number(gone)} of {number(current)} current people leavers** "
        f"({share(gone, current)}). Runs are held above 10%, because a wrong group or a weakened "
        f"key looks exactly like this.{until}"
    )


def _decision(visit: Visit, run: RunView) -> None:
    if problem := st.session_state.pop(_PROBLEM, None):
        st.markdown(f":red[:material/error: {md(problem)}]")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            "Reason", key=_REASON, placeholder="What you checked, and with whom. Kept in the audit "
            "log.",
        )  # fmt: skip
        st.button(
            f"Discard run {run.id}", icon=":material/delete:", type="primary",
            on_click=_carry_out, args=(visit, run.id, discard_held),
        )  # fmt: skip
        if st.button("Publish anyway…", icon=":material/publish:"):
            _confirm(visit, run.id)


@st.dialog("Publish anyway")
def _confirm(visit: Visit, run_id: int) -> None:
    st.markdown(
        f"Run {run_id} becomes what every page shows, and its leavers are former people from then "
        "on. A later sync can bring them back; the history keeps both."
    )
    if st.button(f"Publish run {run_id}", type="primary", icon=":material/publish:"):
        _carry_out(visit, run_id, approve_held)
        st.rerun()


def _carry_out(visit: Visit, run_id: int, do: Callable[..., RunView]) -> None:
    try:
        reason = st.session_state.get(_REASON, "")
        run = do(visit.installation, run_id, actor=visit.actor, reason=reason)
        note(f"Run {run_id} was {'published' if run.state == 'published' else 'discarded'}.")
    except CountersignError as error:
        st.session_state[_PROBLEM] = str(error)
