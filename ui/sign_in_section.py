"""The Connection page's part about signing in: whether it is on, what is missing, the switch."""

import streamlit as st

from ui import access
from ui.texts import md
from workflows.connect import ConnectionView
from workflows.errors import CountersignError
from workflows.sign_in import sign_in_state
from workflows.sign_in_switch import switch_sign_in

_OFF, _PROBLEM = "sign-in-switched-off", "sign-in-switch-problem"


def draw(visit: access.Visit, view: ConnectionView) -> None:
    """Nothing before there is an application to sign in through."""
    if not view.has_client_secret:
        return
    with st.container(border=True):
        if view.sign_in:
            st.markdown("**Sign in with Okta is on.** Without a session nobody sees anything.")
            if st.button("Switch sign-in off", icon=":material/no_accounts:"):
                _ask(visit, view)
            return
        why = sign_in_state(visit.installation).why_off
        st.markdown(f"**Sign in with Okta is off.** {md(why, limit=1500)}")
        st.caption(
            "Once it is on, you sign in yourself. Whoever signs in first on this computer becomes "
            "the analyst, unless COUNTERSIGN_ANALYSTS or the Access page names one."
        )
        if st.button("Switch on Sign in with Okta", icon=":material/login:"):
            with access.shown_errors(), st.spinner("Checking"):
                switch_sign_in(visit.installation, view.id, on=True, actor=visit.actor)
                st.rerun()


@st.dialog("Switch sign-in off")
def _ask(visit: access.Visit, view: ConnectionView) -> None:
    st.markdown(
        "Everybody is signed out, you too, and only the computer that Countersign runs on is "
        "answered, as a local analyst."
    )
    if st.session_state.pop(_OFF, False):
        # Only a whole rerun can close the dialog and draw the page anew.
        st.rerun()
    if problem := st.session_state.pop(_PROBLEM, None):
        st.markdown(f":red[:material/error: {md(problem, limit=600)}]")
    st.button("Switch it off", type="primary", on_click=_switch_off, args=(visit, view))


def _switch_off(visit: access.Visit, view: ConnectionView) -> None:
    try:
        switch_sign_in(visit.installation, view.id, on=False, actor=visit.actor)
        st.session_state[_OFF] = True
    except CountersignError as error:
        st.session_state[_PROBLEM] = str(error)
