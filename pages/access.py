"""Roles and sessions: where you are signed in, and who has which role."""

import streamlit as st

from ui import role_form
from ui.access import Visit, note, require, shown_errors
from ui.browsers import browser_name
from ui.heading import card_title, heading
from ui.redirect import leave_for
from ui.texts import ago, count, exact, md
from workflows.errors import CountersignError
from workflows.sessions import (
    SessionView,
    end_everywhere,
    end_session,
    end_sessions_of,
    open_sessions,
    own_sessions,
)

visit = require("reviewer")
ROLE = {
    "analyst": "You are an **analyst**: you see and change everything.",
    "auditor": "You are an **auditor**: you read everything and change nothing.",
    "reviewer": "You are a **reviewer**: you see the reviews that are yours.",
}


def line(session: SessionView, *, named: bool) -> str:
    """A session in one line of Markdown."""
    who = f"**{md(session.name)}**, {md(session.login)} · " if named else ""
    here = " :green-badge[This one]" if session.current else ""
    now = visit.installation.now()
    return (
        f"{who}{md(browser_name(session.browser))} · {md(session.address)} · "
        f"signed in {ago(session.started_at, now)}, seen {ago(session.seen_at, now)}{here}"
    )


def show_own(visit: Visit) -> None:
    """One's own sessions, and the way to end them."""
    mine = own_sessions(visit.installation, actor=visit.actor)
    card_title("Where you are signed in")
    for session in mine:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(line(session, named=False), help=exact(session.started_at))
            if not session.current and st.button("End", key=f"end-{session.id}"):
                end_session(visit.installation, session.id, actor=visit.actor)
                st.rerun()
    if st.button("Sign out everywhere", icon=":material/logout:"):
        end_everywhere(visit.installation, actor=visit.actor)
        leave_for("/logout")


def show_everybodys(visit: Visit) -> None:
    """Who else is signed in, for the analyst."""
    others = [
        session
        for session in open_sessions(visit.installation, actor=visit.actor)
        if session.okta_user_id != visit.actor.okta_user_id
    ]
    with st.expander(f"Signed in now: {count(len(others), 'other session')}"):
        for session in others[:100]:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(line(session, named=True), help=exact(session.started_at))
                st.button(
                    "End all of theirs", key=f"end-{session.id}", on_click=do_end_theirs,
                    args=(visit, session),
                )  # fmt: skip


def do_end_theirs(visit: Visit, session: SessionView) -> None:
    try:
        ended = end_sessions_of(visit.installation, session.okta_user_id, actor=visit.actor)
        note(f"{count(ended, 'session')} of {session.name} ended.")
    except CountersignError as error:
        note(str(error))


with heading("Roles and sessions", "Who may do what, and where you are signed in"):
    pass
with shown_errors():
    if visit.actor.session_id is None:
        st.markdown(
            "You are at the computer that Countersign runs on, as its **local analyst**. No "
            "sign-in is set up, so nobody else is answered."
        )
    else:
        st.markdown(ROLE[visit.actor.role])
        show_own(visit)
    if visit.actor.role != "reviewer":
        role_form.draw(visit)
    if visit.may_change:
        show_everybodys(visit)
