"""Preflight results: how many of which, what to do in Okta first, and the rest."""

from collections.abc import Iterable

import streamlit as st

from ui.heading import card_title
from ui.texts import badge, count, md
from workflows.connect import Check

# Most important first; what passed or is not needed wants nothing.
WANTING = ("fail", "unknown", "warn")
_WORDS = (
    ("fail", "failed"), ("unknown", "could not tell"), ("warn", "warning"), ("pass", "passed"),
    ("not_needed", "not needed"),
)  # fmt: skip


def badges(checks: Iterable[Check]) -> str:
    """How many checks say what, as badges."""
    states = [check.state for check in checks]
    parts = []
    for state, word in _WORDS:
        number = states.count(state)
        if number:
            mark = badge(state)
            many = f"{word}s" if state == "warn" and number > 1 else word
            parts.append(f":{mark.color}-badge[{mark.icon} {number} {many}]")
    return f"{' '.join(parts)} :small[:gray[of {len(states)} checks]]"


def show(checks: Iterable[Check]) -> None:
    """What is to do in Okta, most important first; what passed in an expander."""
    known = [*checks]
    wanting = sorted(
        (check for check in known if check.state in WANTING),
        key=lambda check: WANTING.index(check.state),
    )
    if wanting:
        card_title("To do in Okta", "most important first")
        with st.container(border=True):
            for check in wanting:
                line(check)
    rest = [check for check in known if check.state not in WANTING]
    if rest:
        passed = sum(check.state == "pass" for check in rest)
        words = f"{count(passed, 'check')} passed"
        if len(rest) > passed:
            words += f", {len(rest) - passed} not needed"
        with st.expander(words, icon=":material/check_circle:"):
            for check in rest:
                line(check)


def line(check: Check) -> None:
    """One check: what it says, and where in the console to change it."""
    mark, text = st.columns([2, 12], gap="small")
    mark.markdown(badge(check.state).markdown)
    said = f"**{md(check.title)}.** {md(check.message, limit=1500)}"
    if check.action and check.state in WANTING:
        said += f"  \n:small[:gray[↳ {md(check.action, limit=800)}]]"
    text.markdown(said)
