"""Overview: what is the state, and what must I do?"""

import pandas as pd
import streamlit as st

from ui import as_of as moment
from ui import charts, demo, figures, first_start, places, progress
from ui.access import Visit, require, shown_errors
from ui.figures import Figure, coverage
from ui.heading import card_title, heading, secondary
from ui.texts import as_of, badge, count, exact, md, number, share
from workflows.connect import ConnectionView
from workflows.evaluate import ControlResult
from workflows.mfa_coverage import MfaCoverage
from workflows.my_reviews import MyReview
from workflows.overview import Overview, Todo, overview
from workflows.personnel import CURRENT_STATUSES, STATUS_LABELS, People

visit = require("auditor")
MOST_TODO = 5
# A line's verb stands at its end; the icon says how grave it is.
TODO_ICONS = {
    "FAILED": ("red", "error"), "ERROR": ("gray", "help"), "held": ("orange", "front_hand"),
    "failed": ("red", "sync_problem"), "fail": ("red", "cable"), "warn": ("orange", "warning"),
}  # fmt: skip


def words(visit: Visit, facts: Overview, people: People) -> str:
    """As of when, from which run, of how many, of which organization."""
    current = int(people.frame["current"].sum())
    others = len(people.everyone) - current
    return (
        f"{as_of(people.as_of, people.run_id, visit.installation.now())} · "
        f"{count(current, 'current person', 'current people')}, "
        f"{count(others, 'other identity', 'other identities')} in {md(facts.connection.host)}"
    )


def cards(facts: Overview, people: People, mfa: MfaCoverage) -> None:
    """The figures, each with its people."""
    current = sum(facts.people_by_status.get(status, 0) for status in CURRENT_STATUSES)
    outcomes = [result.outcome for result in facts.results]
    passed, failed = outcomes.count("PASSED"), outcomes.count("FAILED")
    unknown = len(outcomes) - passed - failed
    wanting = ", ".join(
        f"{number(n)} {word}" for n, word in ((failed, "failed"), (unknown, "unknown")) if n
    )
    figures.row(
        [
            Figure("Current people", number(current), f"of {number(len(people.everyone))}",
                   "See people", {"status": CURRENT_STATUSES}, "personnel"),
            coverage(mfa, page="mfa_coverage"),
            Figure("Controls passed", number(passed), f"of {number(len(outcomes))}",
                   wanting or "See all", {}, "controls"),
            review_card(facts.review),
        ]
    )  # fmt: skip


def review_card(review: MyReview | None) -> Figure:
    """How far the open access review is that is due first."""
    if review is None:
        return Figure("Access review", "–", "none open", "See campaigns", {}, "campaigns")
    days = review.days_left
    return Figure(
        "Access review", share(review.decided, review.items),
        f"{number(review.decided)} of {number(review.items)}",
        f"{number(review.left)} rows left" if review.left else "Close it",
        {"campaign": str(review.record.id)}, "campaigns",
        delta=f"{count(days, 'day')} left" if days >= 0 else f"{count(-days, 'day')} late",
        since=f"due {review.record.due_on.day} {review.record.due_on:%b}", good=None,
    )  # fmt: skip


def show_todo(todos: list[Todo]) -> None:
    """What needs doing, most important first, each with the way there."""
    with st.container(border=True, height="stretch"):
        card_title("What needs doing")
        if not todos:
            st.markdown(f"{badge('PASSED').markdown} Nothing. Everything was read, and passes.")
        for place, todo in enumerate(todos[:MOST_TODO]):
            color, icon = TODO_ICONS.get(todo.severity, ("gray", "help"))
            with st.container(
                horizontal=True, vertical_alignment="center", gap="small", wrap=False
            ):
                st.markdown(f":{color}-badge[:material/{icon}:]", width="content")
                st.markdown(
                    f"**{md(todo.fact, limit=300)}**  \n"
                    f":small[:gray[{md(todo.reason, limit=600)}]]",
                    width="stretch",
                )
                places.way(
                    f"{todo.action} :material/arrow_forward:", todo.page, todo.query,
                    key=f"todo-{place}",
                )  # fmt: skip
        if len(todos) > MOST_TODO:
            secondary(f"and {len(todos) - MOST_TODO} more on the pages themselves")


def show_trend(mfa: MfaCoverage) -> None:
    """MFA over time; a click leads to the people of that run."""
    with st.container(border=True, height="stretch"):
        card_title("MFA over time", "share of people who can sign in")
        run = charts.two_lines(mfa.trend, key="overview-trend")
        if len(mfa.trend) == 1:
            secondary("One run so far. The lines begin with the second.")
    if run is not None:
        at = moment.stamp(mfa.trend["as_of"].iloc[run])
        places.go("mfa_coverage", {"as_of": at, "who": "all"})


def show_controls(results: list[ControlResult]) -> None:
    """Every control with outcome and denominator."""
    with st.container(border=True, height="stretch"):
        card_title("Controls")
        table = pd.DataFrame(
            {
                "Control": [f"**{md(result.title)}**" for result in results],
                "Outcome": [badge(result.outcome).markdown for result in results],
                "Passed": [f"{number(r.passed)} of {number(r.in_scope)}" for r in results],
            }
        )
        st.table(table, border="horizontal", hide_index=True, alt="Controls with their outcome")
        places.way(":primary[See all :material/arrow_forward:]", "controls", key="all-controls")


def show_statuses(facts: Overview) -> None:
    """People by status, and the way to each of them."""
    with st.container(border=True, height="stretch"):
        card_title("People by status")
        known = {s: label for s, label in STATUS_LABELS.items() if facts.people_by_status.get(s)}
        with st.container(gap=None):
            for status, label in known.items():
                with st.container(horizontal=True, vertical_alignment="center", wrap=False):
                    with st.container(width="stretch"):
                        places.way(label, "personnel", {"status": status}, key=f"status-{status}")
                    st.markdown(number(facts.people_by_status[status]), width="content")
        if facts.outside:
            outside = count(facts.outside, "identity is", "identities are")
            secondary(f"{outside} outside the e-mail domains or the group, and not counted")


def show(visit: Visit, view: ConnectionView) -> None:
    """The page of a connection."""
    facts = overview(visit.installation, view)
    people, mfa = facts.people, facts.mfa
    ready = facts.published is not None and people is not None and mfa is not None
    said = words(visit, facts, people) if people is not None else "Nothing has been published yet."
    with heading("Overview", said, help=exact(people.as_of) if people is not None else None):
        if visit.may_change and view.demo and ready:
            demo.next_day_button(visit)
        if (
            visit.may_change
            and facts.running is None
            and st.button("Sync now", icon=":material/sync:", type="primary")
        ):
            progress.start(visit)
            st.rerun()
    progress.live(visit)
    if not ready or people is None or mfa is None:
        if facts.running is None:
            show_todo(facts.todo)
        return
    cards(facts, people, mfa)
    left, right = st.columns([3, 2], gap="small")
    with left:
        show_todo(facts.todo)
        show_controls(facts.results)
    with right:
        show_trend(mfa)
        show_statuses(facts)


with shown_errors():
    if visit.connection is None:
        first_start.draw(visit)
    else:
        show(visit, visit.connection)
