"""Connection: connect Okta, and know that it is right."""

import pandas as pd
import streamlit as st

from ui import checks, connection_form, demo, figures, guide, manage, progress, reading
from ui import sign_in_section as sign_in
from ui.access import Visit, base_url, require, shown_errors
from ui.figures import Figure
from ui.heading import card_title, heading
from ui.texts import clock, count, day, local, md, number, span
from workflows.connect import ConnectionView, run_preflight
from workflows.demo import demo_available
from workflows.runs import RunView
from workflows.sync import latest_published

visit = require("auditor")


def connect_first(visit: Visit) -> None:
    """Nothing is connected: the five steps beside the form."""
    words = "Follow the five steps in the Okta console, fill in the form, check, save. Countersign "
    with heading("Connect Okta", f"{words}only ever reads."):
        pressed = (
            visit.may_change
            and demo_available(visit.installation)
            and demo.button("try-demo-connection")
        )
    demo.follow(visit, pressed)
    if not visit.may_change:
        st.info("Nothing is connected yet. An analyst connects it here.")
        return
    connection_form.failed_checks(visit, None)
    left, right = st.columns([5, 6], gap="large")
    with left:
        guide.draw(base_url(visit))
    with right:
        card_title("In Countersign")
        with st.container(border=True), shown_errors():
            connection_form.draw(visit, None)


def cards(visit: Visit, view: ConnectionView, run: RunView | None) -> None:
    """Age of the data, identities, checks, key."""
    now = visit.installation.now()
    passed = sum(check.state in ("pass", "not_needed") for check in view.preflight)
    age = span((now - run.published_at).total_seconds()) if run and run.published_at else "–"
    users = (run.counts.get("users") if run else None) or None
    key_age = span((now - view.key_set_at).total_seconds()) if view.key_set_at else "–"
    figures.row(
        [
            Figure("Data age", age, "", "Sync", {}, "sync"),
            Figure("Identities", number(users), "", "See them", {"outside": "true"}, "personnel"),
            Figure("Checks", number(passed), f"of {len(view.preflight)} passed",
                   "See the checks", {"show": "checks"}),
            Figure("API key age", key_age, "", "Checks of the key", {"show": "checks"}),
        ]
    )  # fmt: skip


def settings(view: ConnectionView) -> None:
    """What is connected."""
    owner = f"•••••••• of {md(view.key_owner_login)}"
    rows = [
        ("Organization", f"{md(view.host)} :small[:gray[id {md(view.org_id)}]]"),
        ("Custom URL domain", md(view.custom_domain) or ":gray[none]"),
        ("API key", owner),
        ("Group label", md(view.group_label) or ":gray[none: everybody counts]"),
        ("E-mail domains", md(", ".join(view.email_domains), limit=500)),
        ("User access review", _on(view.access_reviews)),
    ]
    with st.container(border=True, height="stretch"):
        card_title("Settings")
        facts(rows, "What is connected")


def _on(said: bool) -> str:
    return ":green-badge[:material/check: On]" if said else ":gray-badge[:material/remove: Off]"


def facts(rows: list[tuple[str, str]], alt: str) -> None:
    """Names and values under one another; values are Markdown."""
    frame = pd.DataFrame([(f":gray[{name}]", value) for name, value in rows],
                         columns=["What", "Value"])  # fmt: skip
    st.table(frame, border="horizontal", hide_index=True, hide_header=True, alt=alt)


def check_again(visit: Visit, view: ConnectionView) -> None:
    """Run the checks anew, as they come."""
    with shown_errors(), st.status("Checking the connection", expanded=True):
        progress.wake(visit)
        run_preflight(visit.installation, view.id, actor=visit.actor, on_check=checks.line)
        st.query_params["show"] = "checks"
        st.rerun()


def connected(visit: Visit, view: ConnectionView) -> None:
    """What is connected, what may be read, and what the checks say."""
    now = visit.installation.now()
    words = f"{md(view.host)} · connected {day(local(view.created_at))}"
    words += f" · last checked {clock(view.preflight_at, now)} {local(now):%Z}"
    bad = any(check.state == "fail" for check in view.preflight)
    state = ":red-badge[:material/cancel: Checks fail]" if bad else (
        ":green-badge[:material/check_circle: Connected]"
    )  # fmt: skip
    again = False
    with heading("Connection", words, badge=state):
        if visit.may_change:
            again = st.button("Check again", icon=":material/fact_check:")
            manage.menu(visit, view)
    if again:
        check_again(visit, view)
    run = latest_published(visit.installation, view.id)
    cards(visit, view, run)
    if st.query_params.get("show") == "checks":
        st.markdown(checks.badges(view.preflight))
        checks.show(view.preflight)
    if st.query_params.get("show") == "form" and visit.may_change:
        connection_form.failed_checks(visit, view)
        with st.container(border=True), shown_errors():
            card_title("Change this connection")
            connection_form.draw(visit, view)
    left, right = st.columns(2, gap="small")
    with left:
        settings(view)
    with right, st.container(border=True, height="stretch"):
        card_title("Sign in with Okta")
        sign_in.draw(visit, view)
    with st.container(border=True):
        last = "" if run is None else f"in run {run.id}, {count(run.requests, 'request')}"
        card_title("What Countersign may read", last)
        reading.draw(run)


with shown_errors():
    if visit.connection is None:
        connect_first(visit)
    else:
        connected(visit, visit.connection)
