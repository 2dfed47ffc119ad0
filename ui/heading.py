"""A page's head: title, the sentence under it (as of when, which run, of how many), actions."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st

from ui.access import Visit, empty
from ui.texts import as_of, count
from workflows.connect import ConnectionView
from workflows.sync import latest_published


def connected(visit: Visit, title: str) -> ConnectionView:
    """The connection that a page is about. Without one: title, how to get one, and the end."""
    if visit.connection is None:
        with heading(title):
            pass
    return visit.connected


def published(visit: Visit, title: str) -> ConnectionView:
    """The connection whose published people a page shows. Without any: title, why, and the end."""
    connection = connected(visit, title)
    if latest_published(visit.installation, connection.id) is None:
        with heading(title):
            pass
        if visit.at is not None:
            empty("history", "Nothing was published by then", "Choose a later day at the left.")
        else:
            empty("sync", "Nothing has been published yet",
                  "The first sync reads everything; pages show it when it is whole.",
                  "Go to Sync", "sync")  # fmt: skip
        st.stop()
    return connection


@contextmanager
def heading(
    title: str,
    words: str = "",
    *,
    badge: str = "",
    back: tuple[str, Callable[[], None]] | None = None,
    help: str | None = None,
) -> Iterator[None]:
    """The head; what is drawn inside stands at its right, or below it on a phone.

    title, words and badge are Markdown. back: of a page's details, where they lead back to.
    """
    if back is not None:
        label, go = back
        st.button(f":gray[:material/arrow_back: {label}]", type="tertiary", on_click=go)
    with st.container(horizontal=True, vertical_alignment="top", gap="small"):
        with st.container(gap=None, width="stretch"):
            # A title in a vertical container would get a gap above it.
            with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
                st.title(title, width="content", anchor=False)
                if badge:
                    st.markdown(badge, width="content")
            if words:
                st.markdown(f":small[:gray[{words}]]", help=help)
        with st.container(horizontal=True, width="content", gap="xsmall"):
            yield


def now_only(visit: Visit) -> None:
    """On pages that know no past: say that they show now, whatever moment was chosen."""
    if visit.at is not None:
        secondary("Access reviews are shown as they are now, and not as of the chosen moment.")


def secondary(text: str, *, help: str | None = None) -> None:
    """A line that explains, smaller and grey. text is Markdown."""
    st.markdown(f":small[:gray[{text}]]", help=help)


def card_title(text: str, more: str = "") -> None:
    """The title of a card, and what its numbers are of. Both are Markdown."""
    # In a vertical container it would get a gap above it.
    with st.container(horizontal=True):
        st.header(f"{text} :small[:gray[{more}]]" if more else text, anchor=False)


def published_words(visit: Visit) -> str:
    """Which published moment pages show, for pages without figures of their own."""
    run = latest_published(visit.installation, visit.connected.id)
    if run is None or run.published_at is None:
        return "Nothing has been published yet."
    users = count(run.counts.get("users") or 0, "identity", "identities")
    return f"{as_of(run.published_at, run.id, visit.installation.now())} · {users}"
