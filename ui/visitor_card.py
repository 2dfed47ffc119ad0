"""Who is signed in, at the foot of the sidebar: name, role, the way out, the demo's personas."""

import streamlit as st

from ui import access
from ui.redirect import leave_for
from ui.texts import md
from workflows.personas import PERSONAS

ROLE_WORDS = {"analyst": "Analyst", "auditor": "Auditor", "reviewer": "Reviewer"}
_MYSELF = "Local analyst"


def draw(visit: access.Visit, *, page: str) -> None:
    """The card. page: where a change of persona leads back to."""
    actor = visit.actor
    if visit.connection is not None and visit.connection.demo:
        _personas(visit, page)
        return
    if actor.session_id is None:
        st.caption(
            ":material/person: Local analyst",
            help="No sign-in is set up, so the app answers only this computer, as one analyst.",
        )
        return
    st.caption(
        f":material/person: {md(actor.name)} :gray-badge[{ROLE_WORDS[actor.role]}]",
        help=md(actor.email),
    )
    if st.button("Sign out", icon=":material/logout:", type="tertiary"):
        leave_for("/logout")


def _personas(visit: access.Visit, page: str) -> None:
    """The demo's switch: be the analyst, one of three managers, or the auditor."""
    keys = ["", *(persona.key for persona in PERSONAS)]
    words = {"": _MYSELF, **{p.key: f"{p.name}, {p.what}" for p in PERSONAS}}
    now = next((p.key for p in PERSONAS if p.login == visit.actor.id), "")
    chosen = st.selectbox(
        "Demo: look as",
        keys,
        index=keys.index(now),
        format_func=words.__getitem__,
        key=f"persona-{now}",
        help="Only the demo tenant has this. A real connection has Sign in with Okta.",
    )
    if chosen != now:
        leave_for("/demo/persona", **{"as": chosen, "next": page})
