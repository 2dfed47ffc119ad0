"""Sync: start, watch, decide on a held run, and trust: each run with its certificate."""

import pandas as pd
import streamlit as st

from ui import certificate, demo, filters, person_drawer, progress, run_details, sync_modes, tables
from ui.access import Visit, empty, require, shown_errors
from ui.heading import card_title, connected, heading
from ui.held_run import decide
from ui.palette import pill
from ui.texts import badge, clock, count, local, span
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
    """The title with what can be done, the run that is under way, the one that waits."""
    inst, connection = visit.installation, visit.connected
    running, held = running_run(inst, connection.id), held_run(inst, connection.id)
    last = latest_published(inst, connection.id)
    words = "Nothing has been published yet; a failed or held run shows nothing."
    if last is not None and last.published_at is not None:
        now = inst.now()
        words = (
            f"Shows what Okta says as of the last published run: **{last.id}**, "
            f"{clock(last.published_at, now)} {local(now):%Z}; a failed or held run changes nothing"
        )
    with heading("Sync", words):
        if visit.may_change and running is not None:
            progress.cancel_button(visit, running)
        elif visit.may_change:
            mode = sync_modes.choose(first=last is None)
            pressed = st.button(
                "Sync again" if held else "Sync now", icon=":material/sync:",
                type="secondary" if held else "primary",
                help="The run that waits gives way to the new one." if held else None,
            )  # fmt: skip
            if pressed:
                progress.start(visit, mode=mode)
                st.rerun()
    progress.live(visit)
    if held is not None:
        decide(visit, held)


def note_of(run: RunView) -> str:
    """What is unusual about a run, in a few words."""
    if run.error:
        return run.error["message"]
    if run.held and run.state == "held":
        return str(run.held["sentence"])
    if run.not_read:
        return f"{count(len(run.not_read), 'kind')} not read, or in part"
    return run.mode_reason or ""


def history(visit: Visit, total: int) -> None:
    """The runs, newest first; opening one shows what it changed and its certificate."""
    pages = -(-total // PER_PAGE)
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(width="stretch"):
            card_title("History", count(total, "run"))
        page = filters.page(pages, "runs") if pages > 1 else 1
    runs = list_runs(
        visit.installation, visit.connected.id, limit=PER_PAGE, offset=(page - 1) * PER_PAGE
    )
    now = visit.installation.now()
    tables.pick(
        pd.DataFrame(
            {
                "Run": [f"Run {run.id}" for run in runs],
                "When": [clock(run.started_at, now).capitalize() for run in runs],
                "Mode": [sync_modes.MODES[run.mode] for run in runs],
                "State": [badge(run.state).word for run in runs],
                "Took": [span(run.seconds) for run in runs],
                "Users": [run.counts.get("users") for run in runs],
                "Added": [run.opened for run in runs],
                "Ended": [run.closed for run in runs],
                "Requests": [run.requests for run in runs],
                "Note": [note_of(run) for run in runs],
            }
        ),
        [str(run.id) for run in runs],
        param="run", column="Run", key="runs", keep=("runs",), width=74,
        alt="Sync runs, newest first; open one for what it changed and its certificate",
        columns={
            "When": st.column_config.TextColumn(width=120),
            "Mode": st.column_config.TextColumn(width=90),
            "Took": st.column_config.TextColumn(width=90),
            "Users": st.column_config.NumberColumn(width=64, format="localized"),
            "Added": st.column_config.NumberColumn(width=64, format="localized"),
            "Ended": st.column_config.NumberColumn(width=64, format="localized"),
            "Requests": st.column_config.NumberColumn(width=80, format="localized"),
        },
        pills={"State": ([pill(state) for state in STATES], 100)},
    )  # fmt: skip


def asked_for(visit: Visit) -> RunView | None:
    """The run in the address, when this connection has one of that number."""
    wanted = filters.number("run")
    if wanted is None:
        return None
    with shown_errors():
        run = get_run(visit.installation, wanted)
        return run if run.connection_id == visit.connected.id else None
    return None


with shown_errors():
    connection = connected(visit, "Sync")
    top(visit)
    total = count_runs(visit.installation, connection.id)
    newest = next(iter(list_runs(visit.installation, connection.id, limit=1)), None)
    run = asked_for(visit) or newest
    if run is None:
        empty("sync", "No sync has run", "The first one reads everything; later ones show what "
              "changed.")  # fmt: skip
    else:
        history(visit, total)
        with st.container(border=True):
            demo.tell_the_day(run)
            run_details.draw(visit, run)
        person_drawer.follow(visit)
        certificate.follow(visit)
