"""The end of a dialog: the button that does what was asked, and why it was not done."""

from collections.abc import Callable

import streamlit as st

from ui.access import note
from ui.texts import md
from workflows.errors import CountersignError


def last_button(label: str, act: Callable[[], str], *, key: str, icon: str | None = None) -> None:
    """The primary button of a dialog, at its end.

    act: does it, and returns what the page then says; or goes to another page. What it refuses is
    said beside the button, and the dialog stays with what was typed.
    """
    problem = f"{key}-problem"
    if said := st.session_state.pop(problem, None):
        st.markdown(f":red[:material/error: {md(said, limit=600)}]")
    if not st.button(label, type="primary", icon=icon, key=key):
        return
    try:
        note(act())
    except CountersignError as error:
        st.session_state[problem] = str(error)
        st.rerun(scope="fragment")
    # Only a whole rerun can close the dialog.
    st.rerun()
