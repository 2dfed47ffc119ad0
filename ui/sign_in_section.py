"""The Connection page's part about signing in: whether it is on, what is missing, the switch."""

import pandas as pd
import streamlit as st

from ui import access
from ui.asking import last_button
from ui.heading import secondary
from ui.texts import badge, md
from workflows.connect import ConnectionView
from workflows.sign_in import sign_in_state
from workflows.sign_in_switch import switch_sign_in

# What the checks say about it, by their ids.
_CHECKED = {
    "sign_in": "Issuer",
    "client": "Client ID and secret",
    "self_scope": "Scope okta.users.read.self",
    "app_assigned": "Assigned, addresses registered",
    "older_sign_in": "Older sign-in connection",
}


def draw(visit: access.Visit, view: ConnectionView) -> None:
    """Status and checks; nothing to switch before there is an application to sign in through."""
    on = ":green-badge[:material/check_circle: On]" if view.sign_in else (
        ":gray-badge[:material/remove: Off]"
    )  # fmt: skip
    rows = [("Status", on)]
    if view.client_id:
        rows.append(("Client ID", f"`{md(view.client_id, limit=60)}`"))
        states = {check.id: check.state for check in view.preflight}
        rows += [
            (name, badge(states[check]).markdown)
            for check, name in _CHECKED.items()
            if check in states
        ]
    frame = pd.DataFrame([(f":gray[{name}]", value) for name, value in rows],
                         columns=["What", "Value"])  # fmt: skip
    st.table(frame, border="horizontal", hide_index=True, hide_header=True, alt="Sign-in")
    if view.demo:
        secondary("The demo needs no sign-in: look as somebody else from the menu at the left.")
        return
    if not view.has_client_secret:
        secondary("Not set up: until then the app answers only the computer that it runs on.")
        return
    if view.sign_in:
        st.markdown("**Sign in with Okta is on.** Without a session nobody sees anything.")
        if visit.may_change and st.button("Switch sign-in off…", icon=":material/no_accounts:"):
            _ask(visit, view)
        return
    why = sign_in_state(visit.installation).why_off
    st.markdown(f"**Sign in with Okta is off.** {md(why, limit=1500)}")
    secondary(
        "Once it is on, you sign in yourself. Whoever signs in first on this computer becomes "
        "the analyst, unless COUNTERSIGN_ANALYSTS or “Roles and sessions” names one."
    )
    if visit.may_change and st.button("Switch sign-in on", icon=":material/login:"):
        with access.shown_errors(), st.spinner("Checking"):
            switch_sign_in(visit.installation, view.id, on=True, actor=visit.actor)
            st.rerun()


@st.dialog("Switch sign-in off")
def _ask(visit: access.Visit, view: ConnectionView) -> None:
    st.markdown(
        "Everybody is signed out, you too, and only the computer that Countersign runs on is "
        "answered, as a local analyst."
    )

    def act() -> str:
        switch_sign_in(visit.installation, view.id, on=False, actor=visit.actor)
        return "Sign in with Okta is off."

    last_button("Switch it off", act, key="switch-off")
