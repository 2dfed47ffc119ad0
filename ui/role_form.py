"""Roles on the Access page: who has which, giving and withdrawing, and what was said before."""

from datetime import date

import streamlit as st

from ui import access
from ui.asking import last_button
from ui.heading import card_title
from ui.texts import day, md, when
from ui.visitor_card import ROLE_WORDS
from workflows.errors import CountersignError
from workflows.roles import GrantView, grant, list_grants, role_history, withdraw

_PROBLEM = "role-problem"
_FIELDS = ("who", "role", "ends_on", "as_of_limit", "reason")


def draw(visit: access.Visit) -> None:
    """The roles in force; for analysts with the means to change them."""
    card_title("Roles")
    st.caption(
        "Analysts see and change everything. Auditors read everything. Whoever else signs in is "
        "a reviewer and sees the reviews that are theirs."
    )
    for granted in list_grants(visit.installation):
        _row(visit, granted)
    if visit.may_change:
        _form(visit)
    with st.expander("What was given and withdrawn", icon=":material/history:"):
        for said in role_history(visit.installation):
            did = "given to" if said.given else "withdrawn from"
            st.markdown(
                f"{when(said.at)}: {ROLE_WORDS[said.role]} {did} **{md(said.name)}** by "
                f"{md(said.author)}: {md(said.reason, limit=400)}{_limits(said)}"
            )


def _row(visit: access.Visit, granted: GrantView) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f":gray-badge[{ROLE_WORDS[granted.role]}] **{md(granted.name)}** {md(granted.email)}"
            f"{_limits(granted)}  \n:gray[{md(granted.author)}: {md(granted.reason, limit=300)}]"
        )
        if (
            visit.may_change
            and granted.withdrawable
            and st.button("Withdraw", key=f"withdraw-{granted.role}-{granted.subject}")
        ):
            _ask_withdrawal(visit, granted)


def _limits(granted: GrantView) -> str:
    parts = []
    if granted.ends_on:
        parts.append(f"until {day(granted.ends_on)}")
    if granted.as_of_limit:
        parts.append(f"sees data up to {day(granted.as_of_limit)}")
    return f" ({', '.join(parts)})" if parts else ""


def _form(visit: access.Visit) -> None:
    with st.expander("Give a role", icon=":material/person_add:"):
        st.text_input("E-mail or Okta user id", key="role-who")
        _problem("who")
        st.segmented_control(
            "Role", ["auditor", "analyst"], key="role-role", default="auditor", required=True,
            format_func=ROLE_WORDS.__getitem__,
        )  # fmt: skip
        _problem("role")
        if st.session_state.get("role-role") == "auditor":
            st.date_input("Last day (optional)", value=None, key="role-ends_on",
                          format="YYYY-MM-DD")  # fmt: skip
            _problem("ends_on")
            st.date_input("Newest data shown (optional)", value=None, key="role-as_of_limit",
                          format="YYYY-MM-DD",
                          help="Nothing that was published after this day is shown.")  # fmt: skip
        st.text_input("Reason", key="role-reason", placeholder="Who asked for it, and why")
        _problem("reason")
        _problem(None)
        st.button("Give this role", type="primary", icon=":material/key:", on_click=_give,
                  args=(visit,))  # fmt: skip


def _give(visit: access.Visit) -> None:
    state = st.session_state
    role = str(state.get("role-role") or "")
    dates = {
        name: value
        for name in ("ends_on", "as_of_limit")
        if role == "auditor" and isinstance(value := state.get(f"role-{name}"), date)
    }
    try:
        given = grant(
            visit.installation,
            str(state.get("role-who") or ""),
            role,
            reason=str(state.get("role-reason") or ""),
            actor=visit.actor,
            **dates,
        )
    except CountersignError as error:
        state[_PROBLEM] = (error.field, str(error))
        return
    state.pop(_PROBLEM, None)
    for name, empty in (("who", ""), ("ends_on", None), ("as_of_limit", None), ("reason", "")):
        state[f"role-{name}"] = empty
    access.note(f"{given.name} is {ROLE_WORDS[role].lower()} now.")


@st.dialog("Withdraw a role")
def _ask_withdrawal(visit: access.Visit, granted: GrantView) -> None:
    st.markdown(
        f"**{md(granted.name)}** is no longer {ROLE_WORDS[granted.role].lower()} from the next "
        "click on."
    )
    reason = st.text_input("Reason", key="withdraw-reason")

    def act() -> str:
        withdraw(
            visit.installation, granted.subject, granted.role, reason=reason, actor=visit.actor
        )
        return f"{granted.name} is no longer {ROLE_WORDS[granted.role].lower()}."

    last_button("Withdraw", act, key="withdraw")


def _problem(field: str | None) -> None:
    said = st.session_state.get(_PROBLEM)
    if said and (said[0] == field or (field is None and said[0] not in _FIELDS)):
        st.markdown(f":red[:material/error: {md(said[1], limit=600)}]")
