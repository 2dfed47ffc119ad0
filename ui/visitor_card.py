"""Who is here, at the foot of the sidebar: the moment, the menu with one's name, role, demo."""

import streamlit as st

from ui import access, as_of, places, your_reviews
from ui.redirect import leave_for
from ui.texts import md
from workflows.personas import PERSONAS

ROLE_WORDS = {"analyst": "Analyst", "auditor": "Auditor", "reviewer": "Reviewer"}
_ROLES, _OUT = "Roles and sessions", "Sign out"
_MYSELF = "Local analyst"


def draw(visit: access.Visit, *, page: str) -> None:
    """The card. page: where a change of persona leads back to."""
    actor, view = visit.actor, visit.connection
    demo = view is not None and view.demo
    if view is not None and actor.role == "reviewer":
        your_reviews.draw(visit)
    elif view is not None:
        as_of.choose(visit)
    people = {"": _MYSELF, **{p.key: f"{p.name}, {p.what}" for p in PERSONAS}} if demo else {}
    now = next((p.key for p in PERSONAS if p.login == actor.id), "")
    named = actor.name if actor.session_id is not None else "This computer"
    options = [_ROLES, *([_OUT] if actor.session_id is not None and not demo else [])]
    options += [f"Look as {words}" for key, words in people.items() if key != now]
    chosen = st.menu_button(
        md(named, limit=60), options, icon=":material/account_circle:", width="stretch",
        key="visitor",
    )  # fmt: skip
    role = ROLE_WORDS[actor.role]
    if actor.session_id is None and not demo:
        role = "Local analyst: sign-in is not set up"
    mark = " :orange-badge[:material/science: Demo tenant]" if demo else ""
    st.markdown(f":small[:gray[{role}]]{mark}")
    if chosen == _ROLES:
        places.go("access")
    if chosen == _OUT:
        leave_for("/logout")
    for key, words in people.items():
        if chosen == f"Look as {words}":
            leave_for("/demo/persona", **{"as": key, "next": page})
