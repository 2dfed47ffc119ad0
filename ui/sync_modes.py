"""Quick or everything: the choice before a sync, and what a run says about how it read."""

import streamlit as st

from ui.texts import count, md
from workflows.runs import RunView

MODES = {"incremental": "Quick", "full": "Everything"}


def choose(*, first: bool) -> str:
    """The mode to sync in. first: nothing has been published that a quick run could build on."""
    chosen = st.segmented_control(
        "How", list(MODES), default="full" if first else "incremental", required=True,
        format_func=MODES.__getitem__, key="how", label_visibility="collapsed",
        help="Quick reads what Okta's log and lists say has changed, and ends in the same rows. "
        "It reads everything where it must, and says why.",
    )  # fmt: skip
    return chosen or "full"


def read_how(run: RunView) -> str:
    """How a run read, in a word or three."""
    return f"{MODES[run.mode]}, not quick" if run.mode_reason else MODES[run.mode]


def explain(run: RunView) -> None:
    """Why a run read everything although it was asked not to, or what a quick run stands on."""
    if run.mode_reason:
        st.markdown(f":material/info: Everything was read. {md(run.mode_reason, limit=600)}")
    elif run.mode == "incremental" and run.certificate:
        events = count(run.certificate["log"]["events"] or 0, "event")
        st.caption(
            f"Quick: what Okta's log ({events}) and lists said may have changed was read; the rest "
            f"stands as run {run.certificate['based_on']} left it."
        )
