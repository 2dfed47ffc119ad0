"""A page's title, with what can be done on the page beside it."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from ui.access import Visit
from ui.texts import as_of, count, exact
from workflows.connect import ConnectionView
from workflows.sync import latest_published


def connected(visit: Visit, title: str) -> ConnectionView:
    """The connection that a page is about. Without one: title, how to get one, and the end."""
    if visit.connection is None:
        st.title(title)
    return visit.connected


@contextmanager
def heading(title: str) -> Iterator[None]:
    """The title; what is drawn inside stands beside it, or below it on a phone."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.title(title, width="stretch")
        yield


def published_caption(visit: Visit) -> None:
    """Which published moment pages show, for pages without figures of their own."""
    run = latest_published(visit.installation, visit.connected.id)
    if run is None or run.published_at is None:
        st.caption("Nothing has been published yet.")
        return
    users = count(run.counts.get("users") or 0, "user")
    moment = as_of(run.published_at, run.id, visit.installation.now())
    st.caption(f"{moment}: {users} of Okta's.", help=exact(run.published_at))
