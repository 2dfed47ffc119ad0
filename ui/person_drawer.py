"""One person in a side drawer: where each value comes from, factors, access, history, overrides.

The address names the person (?person=…), so that an open drawer can be sent to a colleague; the
page behind keeps its place in the list.
"""

from datetime import datetime

import pandas as pd
import streamlit as st

from ui import access, filters
from ui.override_form import override_form
from ui.palette import strength_word
from ui.texts import as_of as as_of_words
from ui.texts import badge, count, day, exact, md, okta_word, when
from workflows.errors import CountersignError
from workflows.person import Person, person
from workflows.personnel import FIELD_LABELS, STATUS_LABELS, people, withdraw_override

_PERSON = "person"
_LONGEST_ID = 100


def follow(visit: access.Visit, as_of: datetime | None) -> None:
    """Open the drawer of the person in the address, if any. For the end of a page."""
    user_id = st.query_params.get(_PERSON, "")[:_LONGEST_ID]
    if not user_id:
        return
    try:
        known = people(visit.installation, visit.connected.id, as_of=as_of).everyone
    except CountersignError:
        return  # The page has said already that there is nothing at this moment.
    names = known.loc[known["user_id"] == user_id, "name"]
    title = md(names.iloc[0], limit=120) if len(names) else "Person"
    drawer = st.dialog(title, position="right", width="medium", on_dismiss=_close)(_draw)
    drawer(visit, user_id, as_of)


def open_button(chosen: list[str]) -> None:
    """The button that opens the drawer of the one who is selected, for whoever uses no mouse."""
    st.button(
        "Details", icon=":material/person:", disabled=len(chosen) != 1,
        on_click=filters.put, kwargs={_PERSON: chosen[0] if chosen else None},
    )  # fmt: skip


def _close() -> None:
    filters.clear(_PERSON)


def _draw(visit: access.Visit, user_id: str, as_of: datetime | None) -> None:
    with access.shown_errors():
        found = person(visit.installation, visit.connected.id, user_id, as_of=as_of)
        _head(visit, found)
        access.show_note()
        facts, can, history, change = st.tabs(["Facts", "Access", "History", "Overrides"])
        with facts:
            _facts(found)
            _factors(found)
        with can:
            _access(found)
        with history:
            _history(found)
        with change:
            _overrides(visit, found, read_only=as_of is not None or not visit.may_change)


def _head(visit: access.Visit, found: Person) -> None:
    row = found.row
    status = str(row["employment_status"])
    badges = [f":gray-badge[:material/badge: {STATUS_LABELS.get(status, md(status))}]"]
    if row["suspended"]:
        badges.append(":orange-badge[:material/pause: Suspended]")
    strength = str(row["strength"])
    icon = badge(strength)
    badges.append(f":{icon.color}-badge[{icon.icon} MFA: {strength_word(strength)}]")
    if row["overridden"]:
        badges.append(":blue-badge[:material/edit: Overridden]")
    st.markdown(" ".join(badges))
    st.caption(
        as_of_words(found.as_of, found.run_id, visit.installation.now()), help=exact(found.as_of)
    )
    for warning in row["warnings"]:  # type: ignore[attr-defined]
        st.markdown(f"{badge('warn').markdown} {md(warning, limit=400)}")


def _facts(found: Person) -> None:
    st.markdown("**Employment**")
    _table(
        [
            (label, f"**{md(value) or '–'}**  \n:gray[{md(source, limit=400)}]")
            for label, value, source in found.sources
            if value or source
        ],
        "What is known about the employment, and where each value comes from",
    )
    user = found.user
    pairs = [
        ("E-mail", user["email"]),
        ("Login", user["login"]),
        ("Secondary e-mail", user["second_email"]),
        ("Okta status", okta_word(user["status"])),
        ("Department", user["department"]),
        ("Title", user["title"]),
        ("Manager", user["manager"]),
        ("User type", user["user_type"]),
        ("Signs in through", user["credential_provider"]),
        ("Created", _moment(user["created_at"])),
        ("Last sign-in", _moment(user["last_login_at"])),
        ("Okta user id", user["user_id"]),
    ]
    st.markdown("**Identity in Okta**")
    _table(
        [(label, md(value, limit=300)) for label, value in pairs if value],
        "What Okta says about this account",
    )


def _factors(found: Person) -> None:
    st.markdown("**Factors**")
    if found.factors_state not in {"read", "not_asked"}:
        st.markdown(f"{badge('unknown').markdown} They could not be read.")
    elif found.factors.empty:
        st.caption(
            "Nobody asked: the account is deactivated or outside."
            if found.factors_state == "not_asked"
            else "None is enrolled."
        )
    for factor in found.factors.to_dict("records"):
        mark = badge(str(factor["strength"]))
        facts = [okta_word(factor["status"])]
        if not pd.isna(factor["enrolled_at"]):
            facts.append(f"enrolled {day(factor['enrolled_at'])}")
        if not factor["counts"]:
            facts.append("does not count")
        st.markdown(
            f":{mark.color}-badge[{mark.icon} {strength_word(str(factor['strength']))}] "
            f"{md(factor['label'])} :gray[{md(', '.join(facts))}]"
        )


def _access(found: Person) -> None:
    st.markdown("**Admin roles**")
    if found.roles.empty:
        st.caption("None, as far as roles could be read.")
    for role in found.roles.to_dict("records"):
        through = role["through"]
        how = "directly" if through == "directly" else f"through the group {md(through)}"
        st.markdown(f":material/shield_person: {md(role['label'])} :gray[{how}]")
    st.markdown(f"**{count(len(found.groups), 'group').capitalize()}**")
    if found.groups.empty:
        st.caption("None.")
        return
    _table(
        [
            (md(name), f":gray[the rule puts people there: {md(rule)}]" if rule else "")
            for name, rule in zip(found.groups["name"], found.groups["through"], strict=True)
        ],
        "Groups, and the rules that put people there",
    )


def _history(found: Person) -> None:
    """Newest first, what one run brought under one date."""
    newest = found.history.head(100)
    for at, changes in newest.groupby("at", sort=False):
        lines = [
            f"- {md(row['what'])}: {_change(row['before'], row['after'])}"
            for row in changes.to_dict("records")
        ]
        st.markdown(f"**{when(at)}**\n" + "\n".join(lines), help=exact(at))
    if len(found.history) > len(newest):
        st.caption(f"The newest {len(newest)} of {len(found.history):,}.")


def _change(before: object, after: object) -> str:
    return " → ".join(md(okta_word(part)) for part in (before, after) if part) or "gone"


def _overrides(visit: access.Visit, found: Person, *, read_only: bool) -> None:
    user_id = str(found.row["user_id"])
    for said in found.overrides.to_dict("records"):
        value = md(STATUS_LABELS.get(said["value"], said["value"]))
        st.markdown(
            f"**{FIELD_LABELS[said['field']]}**: {value}"
            f"  \n:gray[{md(said['author'])}, {when(said['created_at'])}: "
            f"{md(said['reason'], limit=1000)}]"
        )
        if not read_only:
            st.button(
                "Use Okta's value", icon=":material/undo:", key=f"undo-{user_id}-{said['field']}",
                on_click=_withdraw, args=(visit, user_id, said["field"]),
            )  # fmt: skip
    if found.overrides.empty:
        st.caption("No override: every value is Okta's.")
    if not read_only:
        st.markdown("**Put another value in Okta's place**")
        override_form(visit, [user_id], key=f"one-{user_id}")
    if len(found.override_history):
        st.markdown("**What was said before**")
    for said in found.override_history.to_dict("records"):
        value = STATUS_LABELS.get(said["value"], said["value"]) if said["value"] else "Okta's value"
        st.caption(
            f"{when(said['created_at'])}, {md(said['author'])}: {FIELD_LABELS[said['field']]} "
            f"{md(value)}. {md(said['reason'], limit=1000)}"
        )


def _withdraw(visit: access.Visit, user_id: str, field: str) -> None:
    try:
        withdraw_override(
            visit.installation, visit.connected.id, [user_id], field,
            reason="Use Okta's value", actor=visit.actor,
        )  # fmt: skip
        access.note("Okta's value is used again.")
    except CountersignError as error:
        access.note(str(error), refused=True)


def _table(rows: list[tuple[str, str]], alt: str) -> None:
    """Names and values under one another; both are Markdown."""
    frame = pd.DataFrame(rows, columns=["What", "Value"])
    st.table(frame, border="horizontal", hide_index=True, hide_header=True, alt=alt)


def _moment(value: object) -> str:
    return when(value) if isinstance(value, datetime) and not pd.isna(value) else "never"
