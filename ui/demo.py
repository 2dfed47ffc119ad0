"""The demo's buttons: one click starts the tenant, connects it and begins to sync."""

import streamlit as st

from ui import access, places, progress
from ui.checks import line
from ui.texts import md
from workflows.demo import connect_demo, next_day
from workflows.runs import RunView
from workflows.sync import start_sync

_DAY = "demo-day"


def button(key: str) -> bool:
    """The button that starts it, on pages whose main action is another. Whether it was pressed."""
    return st.button(
        "Try it with the demo tenant",
        icon=":material/science:",
        key=key,
        help="Starts a pretend Okta organization on this computer and connects it.",
    )


def follow(visit: access.Visit, pressed: bool) -> None:
    """What follows the button: start, check, connect, and begin to sync."""
    if not pressed:
        return
    with access.shown_errors():
        with st.status("Starting the demo tenant and checking it", expanded=True) as status:
            view = connect_demo(visit.installation, actor=visit.actor, on_check=line)
            status.update(label="Connected", state="complete", expanded=False)
        start_sync(visit.installation, view.id, actor=visit.actor)
        # Where the sync is seen, and then what came of it.
        places.go("overview")


def next_day_button(visit: access.Visit) -> None:
    """The demo's tomorrow: people join, leave, enrol; then a sync shows it."""
    if st.button(
        "Let a day pass", icon=":material/fast_forward:",
        help="The demo has a tomorrow: people join, leave and enrol, and a sync shows it.",
    ):  # fmt: skip
        with access.shown_errors():
            happened = next_day(visit.installation, visit.connected.id, actor=visit.actor)
            st.session_state[_DAY] = (progress.start(visit).id, happened)
            places.go("sync")


def tell_the_day(run: RunView) -> None:
    """What the demo let happen before this run, to compare with what the run found."""
    number, happened = st.session_state.get(_DAY, (None, []))
    if run.id == number:
        lines = "\n".join(f"- {md(sentence)}" for sentence in happened)
        st.markdown(f":gray-badge[:material/science: Demo] **What happened that day**\n{lines}")
