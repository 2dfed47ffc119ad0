"""One person in a side drawer: where each value comes from, factors, access, history, overrides.

The address names the person (?person=…), so that an open drawer can be sent to a colleague; the
page behind keeps its place in the list.
"""

from collections.abc import Sequence
from datetime import datetime

import pandas as pd
import streamlit as st

from ui import access, filters
from ui.heading import secondary
from ui.override_form import override_form
from ui.palette import strength_word
from ui.texts import as_of as as_of_words
from ui.texts import badge, count, day, exact, local, md, okta_word, when
from workflows.errors import CountersignError
from workflows.person import Person, person
from workflows.personnel import FIELD_LABELS, STATUS_LABELS, people, withdraw_override

_PERSON = "person"
_LONGEST_ID = 100


def follow(visit: access.Visit) -> None:
    """Open the drawer of the person in the address, if any. For the end of a page."""
    user_id = st.query_params.get(_PERSON, "")[:_LONGEST_ID]
    if not user_id:
        return
    try:
        known = people(visit.installation, visit.connected.id).everyone
    except CountersignError:
        return  # The page has said already that there is nothing at this moment.
    names = known.loc[known["user_id"] == user_id, "name"]
    title = md(names.iloc[0], limit=120) if len(names) else "Person"
    drawer = st.dialog(
        title, position="right", width=640, icon=":material/person:", on_dismiss=_close
    )(_draw)
    drawer(visit, user_id)


def open_button(chosen: list[str]) -> None:
    """The button that opens the drawer of the one who is selected, for whoever uses no mouse."""
    st.button(
        "Details", icon=":material/person:", disabled=len(chosen) != 1,
        on_click=filters.also, kwargs={_PERSON: chosen[0] if chosen else None},
    )  # fmt: skip


def _close() -> None:
    filters.clear(_PERSON)


def _draw(visit: access.Visit, user_id: str) -> None:
    with access.shown_errors():
        found = person(visit.installation, visit.connected.id, user_id)
        _head(visit, found)
        access.show_note()
        profile, factors, can, history = st.tabs(["Profile", "MFA", "Access", "History"])
        with profile:
            _profile(visit, found)
        with factors:
            _factors(found)
        with can:
            _access(found)
        with history:
            _history(found)


def _head(visit: access.Visit, found: Person) -> None:
    row, user = found.row, found.user
    place = ", ".join(md(user[name]) for name in ("title", "department") if user[name])
    st.markdown(" · ".join(part for part in (place, md(user["email"])) if part))
    status = str(row["employment_status"])
    color, icon = ("green", "check_circle") if row["current"] else ("gray", "badge")
    badges = [f":{color}-badge[:material/{icon}: {STATUS_LABELS.get(status, md(status))}]"]
    plain = "orange" if row["suspended"] else "gray"
    badges.append(f":{plain}-badge[Okta: {md(okta_word(user['status']))}]")
    if row["current"]:
        strength = badge(str(row["strength"]))
        word = strength_word(str(row["strength"]))
        said = "No MFA" if word == "None" else f"{word} MFA"
        badges.append(f":{strength.color}-badge[{strength.icon} {said}]")
    if row["overridden"]:
        badges.append(":blue-badge[:material/edit: Overridden]")
    st.markdown(" ".join(badges))
    secondary(
        as_of_words(found.as_of, found.run_id, visit.installation.now()), help=exact(found.as_of)
    )
    for warning in row["warnings"]:  # type: ignore[attr-defined]
        st.markdown(f":orange[:material/warning: {md(warning, limit=400)}]")
    for other, words in found.others:
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown(f":blue[:material/link: {md(words, limit=200)}]", width="content")
            if st.button("Open it", key=f"other-{other}", type="tertiary"):
                filters.put(**{_PERSON: other})
                st.rerun()


def _profile(visit: access.Visit, found: Person) -> None:
    user = found.user
    rows = [
        (label, md(value) or ":gray[–]", md(source, limit=400))
        for label, value, source in found.sources
        if value or source
    ]
    rows += [
        (label, md(value, limit=300), "Okta")
        for label, value in (
            ("Manager", user["manager"]),
            ("Login", user["login"]),
            ("Secondary e-mail", user["second_email"]),
            ("User type", user["user_type"]),
            ("Signs in through", user["credential_provider"]),
            ("Created", _moment(user["created_at"])),
            ("Last sign-in", _moment(user["last_login_at"])),
            ("Okta user id", user["user_id"]),
        )
        if value
    ]
    _table(rows, ["", "Value", "Where it comes from"], "What is known, and where it comes from")
    _overrides(visit, found, read_only=not visit.may_change)


def _factors(found: Person) -> None:
    if found.factors_state not in {"read", "not_asked"}:
        st.markdown(f"{badge('unknown').markdown} They could not be read.")
    elif found.factors.empty:
        secondary(
            "Nobody asked: the account is deactivated or outside."
            if found.factors_state == "not_asked"
            else "None is enrolled."
        )
    rows = []
    for factor in found.factors.to_dict("records"):
        mark = badge(str(factor["strength"]))
        enrolled = "" if pd.isna(factor["enrolled_at"]) else day(local(factor["enrolled_at"]))
        counts = "Counts" if factor["counts"] else "Does not count"
        rows.append(
            (f"**{md(factor['label'])}**",
             f":{mark.color}-badge[{mark.icon} {strength_word(str(factor['strength']))}]",
             md(okta_word(factor["status"])), enrolled or ":gray[–]", counts)
        )  # fmt: skip
    if rows:
        _table(rows, ["Factor", "Strength", "State", "Enrolled", "MFA"], "Factors")


def _access(found: Person) -> None:
    st.markdown("**Admin roles**")
    if found.roles.empty:
        secondary("None, as far as roles could be read.")
    for role in found.roles.to_dict("records"):
        through = role["through"]
        how = "directly" if through == "directly" else f"through the group {md(through)}"
        st.markdown(f":material/shield_person: {md(role['label'])} :gray[{how}]")
    st.markdown(f"**{count(len(found.groups), 'group').capitalize()}**")
    if found.groups.empty:
        secondary("None.")
        return
    _table(
        [
            (md(name), f":gray[the rule {md(rule)}]" if rule else ":gray[directly]")
            for name, rule in zip(found.groups["name"], found.groups["through"], strict=True)
        ],
        ["Group", "Put there by"], "Groups, and the rules that put people there",
    )  # fmt: skip


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
        secondary(f"The newest {len(newest)} of {len(found.history):,}.")


def _change(before: object, after: object) -> str:
    return " → ".join(md(okta_word(part)) for part in (before, after) if part) or "gone"


def _overrides(visit: access.Visit, found: Person, *, read_only: bool) -> None:
    user_id = str(found.row["user_id"])
    for said in found.overrides.to_dict("records"):
        value = md(STATUS_LABELS.get(said["value"], said["value"]))
        label = FIELD_LABELS[said["field"]]
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(
                f":small[**{label}: {value}** :gray[by {md(said['author'])}, "
                f"{when(said['created_at'])}: {md(said['reason'], limit=1000)}. The override "
                f"pauses the sync of this value only.]]",
                width="stretch",
            )
            if not read_only:
                st.button(
                    "Use Okta’s value", icon=":material/undo:", type="tertiary",
                    key=f"undo-{user_id}-{said['field']}", on_click=_withdraw,
                    args=(visit, user_id, said["field"]),
                )  # fmt: skip
    if not read_only:
        with st.expander("Override a value", icon=":material/edit:"):
            override_form(visit, [user_id], key=f"one-{user_id}")
    if len(found.override_history):
        st.markdown("**What was said before**")
    for said in found.override_history.to_dict("records"):
        value = STATUS_LABELS.get(said["value"], said["value"]) if said["value"] else "Okta’s value"
        secondary(
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


def _table(rows: Sequence[tuple[str, ...]], columns: list[str], alt: str) -> None:
    """Rows of Markdown."""
    frame = pd.DataFrame(rows, columns=columns)
    st.table(frame, border="horizontal", hide_index=True, alt=alt)


def _moment(value: object) -> str:
    return when(value) if isinstance(value, datetime) and not pd.isna(value) else "never"
