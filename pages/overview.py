"""Overview: how things stand, and what needs doing next."""

import streamlit as st

from ui import as_of as moment
from ui import charts, checks, demo, figures, places, progress
from ui.access import Visit, require, shown_errors
from ui.figures import Figure, coverage
from ui.heading import heading
from ui.texts import badge, count, exact, md, number, when
from workflows.connect import ConnectionView
from workflows.demo import demo_available
from workflows.evaluate import ControlResult
from workflows.mfa_coverage import MfaCoverage
from workflows.overview import Overview, Todo, overview
from workflows.personnel import STATUS_LABELS, People

visit = require("auditor")
CURRENT = ("CURRENT_EMPLOYEE", "CURRENT_CONTRACTOR")
PROMISES = (
    ("group", "Who your people are", "Employees, contractors, leavers and joiners, each value with "
     "where it comes from."),
    ("verified_user", "Who lacks MFA", "Coverage by strength, department and type of factor, down "
     "to the person."),
    ("fact_check", "What an auditor can check", "Every number with its denominator, the run it "
     "comes from, and Okta's own answer."),
)  # fmt: skip


def first_look(visit: Visit) -> None:
    """Nothing is connected: what this is, and the two ways in."""
    with heading("Countersign"):
        pass
    st.markdown(
        "Shows from your Okta tenant who your people are, who lacks MFA and whose e-mail is not "
        "their own, and keeps the evidence for your auditor. It only ever reads from Okta."
    )
    with st.container(border=True):
        pressed = False
        with st.container(horizontal=True, vertical_alignment="center"):
            if visit.may_change and demo_available(visit.installation):
                pressed = demo.button("try-demo")
            places.link("connection", "Connect your Okta", icon=":material/cable:")
        st.caption(
            "The demo is a pretend company of 500 people on this computer. Nothing leaves it."
        )
        demo.follow(visit, pressed)
    with st.grid(3, min_column_width=240, border=True) as grid:
        for icon, title, text in PROMISES:
            with grid.cell():
                st.markdown(f":material/{icon}: **{title}**  \n{text}")


def sync_button(visit: Visit, *, primary: bool) -> None:
    """Starts a sync and stays here, where its progress shows."""
    kind = "primary" if primary else "secondary"
    if st.button("Sync now", icon=":material/sync:", type=kind):
        progress.start(visit)
        st.rerun()


def top(facts: Overview, people: People, mfa: MfaCoverage) -> None:
    """Four figures, each with its people."""
    everyone = count(len(people.frame), "person", "people")
    current = sum(facts.people_by_status.get(status, 0) for status in CURRENT)
    without, unknown = mfa.counts["none"], mfa.counts["unknown"]
    can_sign_in = count(len(mfa.people), "person", "people")
    failing = sum(result.outcome == "FAILED" for result in facts.results)
    figures.row(
        [
            Figure(
                "Current people", number(current), f"of {everyone}", {"status": CURRENT},
                page="personnel",
            ),
            coverage(mfa, {"who": "covered"}, page="mfa_coverage"),
            Figure(
                "Without MFA", "–" if unknown == len(mfa.people) and unknown else number(without),
                f"of {can_sign_in}" + (f", {number(unknown)} unknown" if unknown else ""),
                {"who": "none"}, page="mfa_coverage",
            ),
            Figure(
                "Controls failing", number(failing), f"of {count(len(facts.results), 'control')}",
                {}, page="controls",
            ),
        ]
    )  # fmt: skip


def show_todo(todos: list[Todo]) -> None:
    """What needs doing next, each with the way there."""
    st.subheader("What needs doing")
    with st.container(border=True):
        if not todos:
            st.markdown(f"{badge('PASSED').markdown} Nothing. Everything was read, and passes.")
        for todo in todos:
            with st.container(
                horizontal=True, vertical_alignment="center", gap="small", wrap=False
            ):
                st.markdown(
                    f"{badge(todo.severity).markdown} {md(todo.text, limit=600)}", width="stretch"
                )
                places.link(
                    todo.page, f":primary[{todo.action}]", query=todo.query,
                    icon=":material/arrow_forward:", icon_position="right",
                )  # fmt: skip


def show_controls(results: list[ControlResult]) -> None:
    """Every control with outcome and denominator."""
    st.subheader("Controls")
    with st.container(border=True):
        for result in results:
            with st.container(
                horizontal=True, vertical_alignment="center", gap="small", wrap=False
            ):
                st.markdown(
                    f"{badge(result.outcome).markdown} **{result.named(', ')}**"
                    f"  \n:gray[{md(result.question)}]",
                    width="stretch",
                )
                places.link(
                    "controls",
                    f":primary[{number(result.passed)} of {number(result.in_scope)} pass]",
                    query={"control": result.control_id},
                    icon=":material/arrow_forward:", icon_position="right",
                )  # fmt: skip


def show_statuses(facts: Overview, people: People) -> None:
    """People by status; each line leads to them."""
    st.subheader("People by status")
    with st.container(border=True, gap="xsmall"):
        for status, label in STATUS_LABELS.items():
            if number_of := facts.people_by_status.get(status):
                places.link(
                    "personnel", f":primary[**{number(number_of)}** {label.lower()}"
                    f"{'s' * (number_of != 1 and not label.endswith('scope'))}]",
                    query={"status": status}, icon="",
                )  # fmt: skip
        if facts.outside:
            outside = f"{number(people.outside_domain)} at other e-mail domains"
            if people.outside_group:
                outside += f" and {number(people.outside_group)} outside the group"
            st.caption(f"Besides, {outside}: identities, not personnel.")


def show_trend(mfa: MfaCoverage) -> None:
    """MFA coverage run by run; a click leads to the people of that run."""
    st.subheader("MFA coverage")
    with st.container(border=True):
        if len(mfa.trend) == 1:
            st.caption("One run so far. The line begins with the second.")
        run = charts.coverage_over_time(mfa.trend, key="overview-trend", height=150)
    if run is not None:
        at = moment.stamp(mfa.trend["as_of"].iloc[run])
        places.go("mfa_coverage", {"as_of": at, "view": "people", "who": "all"})


def show_connection(visit: Visit, view: ConnectionView, facts: Overview) -> None:
    """The state of the connection, and how old its data is."""
    st.subheader("Connection")
    with st.container(border=True):
        failed = any(check.state == "fail" for check in view.preflight)
        state = badge("fail") if failed else badge("pass")
        word = "Checks fail" if failed else "Connected"
        published = facts.published.published_at if facts.published else None
        st.markdown(
            f":{state.color}-badge[{state.icon} {word}] **{md(view.host)}**  \n"
            f"as {md(view.key_owner_login)}  \n"
            f":gray[Checks: {checks.tally(view.preflight)}. Data of {when(published)}.]",
            help=exact(published),
        )
        places.link(
            "connection", ":primary[Checks and settings]", icon=":material/arrow_forward:",
            icon_position="right",
        )  # fmt: skip
    if view.demo and visit.may_change:
        with st.container(border=True):
            demo.let_a_day_pass(visit)


def show(visit: Visit, view: ConnectionView) -> None:
    """The page of a connection."""
    facts = overview(visit.installation, view)
    with heading("Overview"):
        if visit.may_change and facts.running is None:
            sync_button(visit, primary=facts.published is None)
    if facts.published is None or facts.people is None or facts.mfa is None:
        progress.live(visit)
        if facts.running is None:
            st.markdown("**Connected, and nothing synced yet.** A sync reads everything once.")
            show_todo(facts.todo)
        return
    moment.caption(
        visit, facts.people.as_of, facts.people.run_id, None,
        f"{count(len(facts.people.frame), 'person', 'people')}, "
        f"{count(facts.outside, 'identity', 'identities')} outside.",
    )  # fmt: skip
    progress.live(visit)
    top(facts, facts.people, facts.mfa)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        show_todo(facts.todo)
        show_controls(facts.results)
        show_trend(facts.mfa)
    with right:
        show_statuses(facts, facts.people)
        show_connection(visit, view, facts)


with shown_errors():
    if visit.connection is None:
        first_look(visit)
    else:
        show(visit, visit.connection)
