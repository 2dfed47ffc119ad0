"""Leaving the app for another address of this server, in the same tab."""

from typing import NoReturn
from urllib.parse import urlencode

import streamlit as st
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.scriptrunner import get_script_run_ctx


def leave_for(path: str, **query: str) -> NoReturn:
    """Send the browser there, as st.logout does; st.link_button would open another tab."""
    context = get_script_run_ctx()
    if context is not None:
        message = ForwardMsg()
        message.auth_redirect.url = f"{path}?{urlencode(query)}" if query else path
        context.enqueue(message)
    st.stop()
