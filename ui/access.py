"""The guard that every page begins with, and the one place where errors become sentences.

Who the visitor is, is asked of the store at every rerun, so that a sign-out, a withdrawn role or
a deactivation shows in every tab at the next click. The gate (ui/gate.py) stands before it, and
every use case is checked once more where it is called (workflows/guard.py).
"""

import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from urllib.parse import urlsplit

import streamlit as st

from ui import as_of, callers, cookies, places
from ui.texts import md, use_zone
from workflows import sessions
from workflows.connect import ConnectionView, current_connection
from workflows.errors import shown
from workflows.guard import note_refusal
from workflows.installation import LOCAL_ANALYST, Actor, Installation, open_installation
from workflows.sessions import Visitor
from workflows.sign_in import sign_in_state

logger = logging.getLogger(__name__)

Role = Literal["analyst", "auditor", "reviewer"]
# Who may open what is for this role: analysts everything, auditors what is read, reviewers theirs.
MAY_OPEN: dict[str, frozenset[str]] = {
    "analyst": frozenset({"analyst"}),
    "auditor": frozenset({"analyst", "auditor"}),
    "reviewer": frozenset({"analyst", "auditor", "reviewer"}),
}
_FRAME_RAN = "countersign_frame_ran"
_WHO = "countersign_who"
_NOTE = "countersign_note"


@dataclass(frozen=True)
class Visit:
    """Who looks, at what, as of when.

    installation: as this person may use it, at the moment that is looked at (at, None for now).
    connection: the one that pages show, None before the first.
    """

    installation: Installation
    actor: Actor
    connection: ConnectionView | None
    at: datetime | None = None

    @property
    def present(self) -> Installation:
        """The same installation as it is now."""
        return replace(self.installation, until=None)

    @property
    def connected(self) -> ConnectionView:
        """The connection. Without one, shows how to get one and ends the page."""
        if self.connection is None:
            no_connection()
        return self.connection  # type: ignore[return-value]

    @property
    def may_change(self) -> bool:
        """Whether to offer what only analysts do, and only now. The use cases refuse it anyway."""
        return self.actor.role == "analyst" and self.at is None


def require(role: Role) -> Visit:
    """The first statement of every page. Stops the page unless the visitor may open it.

    A page that was reached without the frame (ui/frame.py) shows nothing either.
    """
    if not st.session_state.get(_FRAME_RAN):
        st.error("This page opens only inside the app. [Open the app](/)", icon=":material/lock:")
        st.stop()
    with shown_errors():
        came = visitor()
        if came.actor is None:
            st.error(f"{came.sentence} Sign in first.".strip(), icon=":material/lock:")
            st.stop()
        if not may_open(came.actor, role):
            _refuse(came.actor)
        return visit_of(came.actor)
    raise st.stop()


def visitor() -> Visitor:
    """Who is at the screen. Raises CountersignError when the store cannot be opened."""
    inst = open_installation()
    token = session_cookie()
    if sign_in_state(inst).on:
        return sessions.visitor(inst, token, at_the_screen=True)
    if not from_this_computer():
        # A tab from before sign-in was switched off.
        return Visitor(None, "off", "Sign-in was switched off, and only one computer is answered.")
    connection = current_connection(inst)
    if token and connection is not None and connection.demo:
        playing = sessions.visitor(inst, token, at_the_screen=True)
        if playing.actor is not None:
            return playing
    return Visitor(LOCAL_ANALYST)


def visitor_or_error() -> Visitor:
    """The same for the frame, which must go on to register the pages: reason "error" is shown."""
    with shown_errors():
        return visitor()
    return Visitor(None, "error")


def may_open(actor: Actor | None, role: str) -> bool:
    """Whether somebody may open what asks for this role."""
    return actor is not None and actor.role in MAY_OPEN[role]


def visit_of(actor: Actor) -> Visit:
    """The visit of somebody who may be here."""
    installation = open_installation().on_behalf_of(actor)
    at = as_of.chosen(installation.now())
    return Visit(replace(installation, until=at), actor, current_connection(installation), at)


def keep_time() -> None:
    """Show moments by the installation's clock."""
    use_zone(open_installation().settings.time_zone)


def is_connected(actor: Actor | None) -> bool:
    """Whether there is a connection to show pages of; not before the first, nor to strangers."""
    if actor is None:
        return False
    with shown_errors():
        return current_connection(open_installation().on_behalf_of(actor)) is not None
    return False


def session_cookie() -> str | None:
    """The random id in the browser's cookie. The gate lets only one of the two names through."""
    said = st.context.cookies
    names = (cookies.name_of(cookies.SESSION, secure=secure) for secure in (True, False))
    return next((said[name] for name in names if name in said), None)


def from_this_computer() -> bool:
    """Whether this tab's connection came straight from this computer, as the gate saw it."""
    return st.context.headers.get(callers.LOCAL_HEADER) == callers.LOCAL_MARK


def forget_others(came: Visitor) -> None:
    """Whatever another person left in this tab goes before anything is drawn."""
    who = came.actor.id if came.actor else ""
    if st.session_state.get(_WHO, who) != who:
        st.session_state.clear()
    st.session_state[_WHO] = who


def _refuse(actor: Actor) -> None:
    """Say so, write it down, and end the page."""
    page = str(st.session_state[_FRAME_RAN])
    note_refusal(open_installation().on_behalf_of(actor), actor=actor, page=page)
    st.error("You do not have access to this page.", icon=":material/lock:")
    st.caption("Whoever has the role analyst can give you one. This visit was written down.")
    st.stop()


def base_url(visit: Visit) -> str:
    """Where people open the app: as the operator says, else as this browser sees it."""
    parts = urlsplit(st.context.url or "")
    return visit.installation.settings.public_url or f"{parts.scheme}://{parts.netloc}"


def frame_ran(page: str) -> None:
    """Note that the frame stands around this session's pages, and which one is drawn."""
    st.session_state[_FRAME_RAN] = page or "overview"


def no_connection() -> None:
    """The empty state of every page that needs data. Ends the page."""
    empty(
        "cable", "Nothing is connected yet", "This page fills once an Okta organization is.",
        "Connect Okta", "connection",
    )  # fmt: skip
    st.stop()


def empty(icon: str, fact: str, next_step: str, label: str = "", page: str = "") -> None:
    """An empty state: what there is none of, what to do next, and one button that does it."""
    with st.container(border=True, horizontal_alignment="center", gap="xsmall"):
        st.space("small")
        st.markdown(f":gray[:material/{icon}:] **{fact}**", width="content")
        st.markdown(f":small[:gray[{next_step}]]", width="content")
        if label:
            places.way(label, page, key=f"empty-{page}", type="secondary")
        st.space("small")


def note(text: str, *, refused: bool = False) -> None:
    """Leave a word for the next drawing: a callback in a dialog may not draw anything itself."""
    st.session_state[_NOTE] = (text, refused)


def show_note() -> None:
    """Show the word that a callback left, once."""
    if said := st.session_state.pop(_NOTE, None):
        text, refused = said
        color, icon = ("red", "error") if refused else ("green", "check")
        st.markdown(f":{color}[:material/{icon}: {md(text, limit=600)}]")


@contextmanager
def shown_errors() -> Iterator[None]:
    """Show what goes wrong inside, as a sentence, and end the block there.

    Use around a page, a callback's work or as a decorator of fragments and dialogs.
    """
    try:
        yield
    except Exception as error:
        show_error(error)


def show_error(error: Exception) -> bool:
    """One error on the screen: a refusal in its own words, anything else by a reference number.

    Returns True: also st.App's hook for what escapes a page (callbacks, fragments).
    """
    if said := shown(error):
        st.error(f"{md(said.message, limit=2000)}  \n{md(said.action, limit=1000)}".strip())
        return True
    reference = uuid.uuid4().hex[:8]
    logger.error("Unexpected error, reference %s", reference, exc_info=error)
    st.error(
        f"Something went wrong here that we did not foresee. Nothing was changed by it halfway. "
        f"The log has the details under reference **{reference}**; try again, and give that "
        f"reference to whoever runs this installation if it happens again."
    )
    return True
