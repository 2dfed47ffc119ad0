"""What a tab shows whose visitor is not, or no longer, signed in."""

from urllib.parse import urlencode

import streamlit as st

from ui.redirect import leave_for
from ui.texts import md
from workflows.sessions import Visitor


def draw(came: Visitor, *, path: str) -> None:
    """Say what happened, and the way back to the very page. path: where the person was."""
    with st.container(border=True, width=560):
        st.title("Sign in")
        st.markdown(md(came.sentence, limit=400) or "Sign-in is on for this installation.")
        query = urlencode(st.query_params.to_dict(), doseq=True)
        wanted = f"{path}?{query}" if query else path
        if came.reason != "off" and st.button(
            "Sign in with Okta", type="primary", icon=":material/login:"
        ):
            leave_for("/login", next=wanted)
