"""A run that waits for a decision: who would leave and why, and the two ways on."""

from collections.abc import Callable

import pandas as pd
import streamlit as st

from ui.access import Visit, note
from ui.tables import readable
from ui.texts import badge, md
from workflows.errors import CountersignError
from workflows.runs import RunView
from workflows.sync import approve_held, discard_held

_REASON, _PROBLEM = "held-reason", "held-problem"


def decide(visit: Visit, run: RunView) -> None:
    """Who would leave and why, and the decision."""
    held = run.held or {}
    leavers = pd.DataFrame(held["leavers"], columns=["user_id", "name", "email", "why"])
    with st.container(border=True):
        st.markdown(
            f"{badge('held').markdown} **Run {run.id} waits for you.** {md(held['sentence'])}"
        )
        whys = ", ".join(f"{n:,} {md(why)}" for why, n in leavers["why"].value_counts().items())
        st.caption(f"{whys}. " * bool(whys) + "Nothing of it is shown until you approve it.")
        if len(leavers):
            st.dataframe(
                readable(leavers.drop(columns=["user_id"]).head(1000)), hide_index=True,
                width="stretch", alt="People who would become leavers, and why",
                column_config={"name": "Person", "email": "E-mail", "why": "Why"},
            )  # fmt: skip
        if len(leavers) > 1000:
            st.caption(f"The first 1,000 of {len(leavers):,}.")
        if not visit.may_change:
            return
        st.text_input("Reason", key=_REASON, placeholder="What you checked, and with whom")
        if problem := st.session_state.pop(_PROBLEM, None):
            st.markdown(f":red[:material/error: {md(problem)}]")
        with st.container(horizontal=True):
            for label, icon, do in (
                ("Approve and publish", "check", approve_held),
                ("Discard", "delete", discard_held),
            ):
                st.button(
                    label, icon=f":material/{icon}:", on_click=_carry_out, args=(visit, run.id, do)
                )


def _carry_out(visit: Visit, run_id: int, do: Callable[..., RunView]) -> None:
    try:
        reason = st.session_state.get(_REASON, "")
        run = do(visit.installation, run_id, actor=visit.actor, reason=reason)
        note(f"Run {run_id} was {'published' if run.state == 'published' else 'discarded'}.")
    except CountersignError as error:
        st.session_state[_PROBLEM] = str(error)
