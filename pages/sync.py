"""Sync: start, watch, decide on a held run, and look back."""

import pandas as pd
import streamlit as st

from ui import demo, filters, person_drawer, progress, run_details, sync_modes, tables
from ui.access import Visit, require, show_note, shown_errors
from ui.heading import connected, heading, published_caption
from ui.held_run import decide
from ui.palette import pill
from ui.texts import badge, count, number, span, when, who
from workflows.runs import STATES, RunView
from workflows.sync import (
    count_runs,
    get_run,
    held_run,
    latest_published,
    list_runs,
    running_run,
)

visit = require("auditor")
PER_PAGE = 10


def top(visit: Visit) -> None:
    """The title with the button beside it, and what is published."""
    inst, connection = visit.installation, visit.connected
    running, held = running_run(inst, connection.id), held_run(inst, connection.id)
    with heading("Sync"):
        if visit.may_change and running is None:
            first = latest_published(inst, connection.id) is None
            mode = sync_modes.choose(first=first)
            pressed = st.button(
                "Sync again" if held else "Sync now", icon=":material/sync:",
                type="secondary" if held else "primary",
                help="The run that waits gives way to the new one." if held else None,
            )  # fmt: skip
            if pressed:
                progress.start(visit, mode=mode)
                st.rerun()
    published_caption(visit)
    show_note()
    progress.live(visit)
    if held is not None:
        decide(visit, held)


def choose_run(visit: Visit, total: int) -> RunView:
    """The runs, newest first; the one in the address, or the newest, is shown below."""
    pages = -(-total // PER_PAGE)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.subheader(count(total, "run"), width="content")
        page = filters.page(pages, "runs") if pages > 1 else 1
    runs = list_runs(
        visit.installation, visit.connected.id, limit=PER_PAGE, offset=(page - 1) * PER_PAGE
    )
    run = _asked_for(visit) or runs[0]
    tables.pick(
        pd.DataFrame(
            {
                "Run": [f"Run {run.id}" for run in runs],
                "State": [badge(run.state).word for run in runs],
                "Started": [when(run.started_at) for run in runs],
                "Read": [sync_modes.read_how(run) for run in runs],
                "Took": [span(run.seconds) for run in runs],
                "By": [who(run.started_by) for run in runs],
                "Users": [number(run.counts.get("users")) for run in runs],
                "Requests": [number(run.requests) for run in runs],
                "Rows added": [number(run.opened) for run in runs],
                "Rows ended": [number(run.closed) for run in runs],
            }
        ),
        [str(run.id) for run in runs],
        param="run",
        current=str(run.id),
        column="Run",
        key="runs",
        keep=("runs",),
        alt="Sync runs, newest first; select one for its details",
        pills={"State": [pill(state) for state in STATES]},
    )
    return run


def _asked_for(visit: Visit) -> RunView | None:
    """The run in the address, when this connection has one of that number."""
    wanted = st.query_params.get("run", "")
    if not (wanted.isascii() and wanted.isdigit() and len(wanted) < 10):
        return None
    with shown_errors():
        run = get_run(visit.installation, int(wanted))
        return run if run.connection_id == visit.connected.id else None
    return None


with shown_errors():
    connection = connected(visit, "Sync")
    top(visit)
    total = count_runs(visit.installation, connection.id)
    if total:
        run = choose_run(visit, total)
        with st.container(border=True):
            demo.tell_the_day(run)
            run_details.draw(visit, run)
        person_drawer.follow(visit, None)
    else:
        st.info("No sync has run. The first one reads everything; later ones show what changed.")
