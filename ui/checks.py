"""Preflight results as a checklist: badge, sentence, and what to do in the Okta console."""

from collections.abc import Callable, Iterable
from itertools import groupby

import streamlit as st

from ui.texts import badge, count, md
from workflows.connect import Check

WANTING = ("fail", "warn", "unknown")
_WORDS = (
    ("pass", "pass"),
    ("warn", "warn"),
    ("fail", "fail"),
    ("unknown", "could not tell"),
    ("not_needed", "not needed"),
)


def checklist(checks: Iterable[Check]) -> None:
    """All checks; several in a row that say the same are told once."""
    for _, same in groupby(checks, key=lambda check: (check.state, check.message)):
        alike = [*same]
        if len(alike) > 2:
            _several(alike)
        else:
            for check in alike:
                line(check)


def live() -> Callable[[Check], None]:
    """Where checks appear as they are made: for a workflow's on_check."""
    before: list[Check] = []
    alike: list[str] = []

    def show(check: Check) -> None:
        if before and (before[-1].state, before[-1].message) == (check.state, check.message):
            alike.append(md(check.title))
            tail[0].caption(f"The same: {', '.join(alike)}")
        else:
            line(check)
            alike.clear()
            tail[0] = st.empty()
        before.append(check)

    tail = [st.empty()]
    return show


def line(check: Check) -> None:
    """One check."""
    with st.container(border=check.state in WANTING):
        must = " :gray-badge[must pass]" if check.blocking and check.state != "pass" else ""
        st.markdown(
            f"{badge(check.state).markdown}{must} **{check.number}. {md(check.title)}**  \n"
            f"{md(check.message, limit=1500)}"
        )
        if check.action and check.state in WANTING:
            st.caption(f":material/arrow_forward: {md(check.action, limit=800)}")


def _several(checks: list[Check]) -> None:
    first, last = checks[0], checks[-1]
    with st.container(border=first.state in WANTING):
        titles = ", ".join(md(check.title) for check in checks)
        st.markdown(
            f"{badge(first.state).markdown} **{first.number} to {last.number}, "
            f"{count(len(checks), 'check')}**  \n{md(first.message, limit=1500)}  \n"
            f":gray[{titles}]"
        )


def tally(checks: Iterable[Check]) -> str:
    """15 of 18 pass, 1 warn, 2 could not tell: what there is none of is not said."""
    states = [check.state for check in checks]
    parts = [f"{states.count(state)} {word}" for state, word in _WORDS if state in states]
    if parts and states.count("pass"):
        parts[0] = f"{states.count('pass')} of {len(states)} pass"
    return ", ".join(parts)
