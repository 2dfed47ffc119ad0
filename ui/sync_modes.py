"""Full or incremental: the choice before a sync, and what a run says about how it read."""

import streamlit as st

from ui.texts import count, md
from workflows.runs import RunView

MODES = {"incremental": "Incremental", "full": "Full"}


def choose(*, first: bool) -> str:
    """The mode to sync in. first: nothing has been published that the other could build on."""
    chosen = st.segmented_control(
        "How", list(MODES), default="full" if first else "incremental", required=True,
        format_func=MODES.__getitem__, key="how", label_visibility="collapsed",
        help="Incremental reads what Okta's log and lists say has changed, and ends in the same "
        "rows. It reads everything where it must, and says why.",
    )  # fmt: skip
    return chosen or "full"


def explain(run: RunView) -> None:
    """Why a run read everything although it was asked not to, or what it stands on."""
    if run.mode_reason:
        st.markdown(f":material/info: Everything was read. {md(run.mode_reason, limit=600)}")
    elif run.mode == "incremental" and run.certificate:
        events = count(run.certificate["log"]["events"] or 0, "event")
        st.caption(
            f"What Okta's log ({events}) and lists said may have changed was read; the rest stands "
            f"as run {run.certificate['based_on']} left it."
        )
