"""What an analyst may do with a connection: change it, another key, disconnect."""

import streamlit as st

from ui import filters, places
from ui.access import Visit, note, shown_errors
from ui.asking import last_button
from ui.checks import line
from ui.texts import md
from workflows.connect import ConnectionView, disconnect, replace_key

CHANGE, KEY, DISCONNECT = "Change settings", "Replace the API key…", "Disconnect…"


def menu(visit: Visit, view: ConnectionView) -> None:
    """The menu beside the title. The demo's tenant can only be left."""
    options = [DISCONNECT] if view.demo else [CHANGE, KEY, DISCONNECT]
    chosen = st.menu_button("Manage", options, key="manage")
    if chosen == CHANGE:
        filters.put(show="form")
        st.rerun()
    if chosen == KEY:
        _ask_key(visit, view)
    if chosen == DISCONNECT:
        _ask_disconnect(visit, view)


@st.dialog("Replace the API key")
def _ask_key(visit: Visit, view: ConnectionView) -> None:
    """The new key is saved once it has passed the checks."""
    st.markdown(f"The key of **{md(view.key_owner_login)}** is replaced once the new one passes.")
    key = st.text_input(
        "New API key", type="password", key="new-api-key", autocomplete="new-password"
    )
    if st.button("Check and replace", type="primary", icon=":material/key:"):
        with shown_errors():
            replace_key(visit.installation, view.id, key, actor=visit.actor, on_check=line)
            st.session_state.pop("new-api-key", None)
            note("The key was replaced.")
            st.rerun()


@st.dialog("Disconnect")
def _ask_disconnect(visit: Visit, view: ConnectionView) -> None:
    st.markdown(
        f"The API key of **{md(view.host)}** is forgotten and syncs end. History, results and "
        "evidence stay."
    )
    reason = st.text_input("Reason", key="disconnect-reason", placeholder="Kept in the audit log")

    def act() -> str:
        disconnect(visit.installation, view.id, actor=visit.actor, reason=reason)
        places.go("connection")

    last_button(f"Disconnect {md(view.host)}", act, key="disconnect", icon=":material/link_off:")
