"""A running sync on the screen: the same for every tab, because it is read from the store."""

from collections.abc import Collection

import pandas as pd
import streamlit as st

from ui import access
from ui.texts import clock, md, number, span, who
from workflows.demo import ensure_demo_running
from workflows.errors import CountersignError
from workflows.runs import RunView
from workflows.sync import cancel_sync, get_run, running_run, start_sync


def wake(visit: access.Visit) -> None:
    """Start a demo tenant that was stopped, before it is asked anything."""
    if visit.connected.demo:
        ensure_demo_running(visit.installation)


def start(
    visit: access.Visit,
    *,
    mode: str = "full",
    accept_lists: Collection[str] = (),
    reason: str = "",
) -> RunView:
    """Start a sync, or join the one that runs."""
    wake(visit)
    return start_sync(
        visit.installation, visit.connected.id, actor=visit.actor, mode=mode,
        accept_lists=accept_lists, reason=reason,
    )  # fmt: skip


def live(visit: access.Visit) -> None:
    """Show the running sync, if any, and keep it fresh; the page is drawn anew when it ends."""
    run = running_run(visit.installation, visit.connected.id)
    if run is not None:
        _watch(visit, run.id)


def cancel_button(visit: access.Visit, run: RunView) -> None:
    """Ask the run to stop."""
    st.button(
        f"Cancel run {run.id}", icon=":material/stop_circle:", key=f"cancel-{run.id}",
        on_click=_cancel, args=(visit, run.id),
        disabled=run.progress.get("stage") == "Publishing",
    )  # fmt: skip


@st.fragment(run_every="700ms")
def _watch(visit: access.Visit, run_id: int) -> None:
    try:
        run = get_run(visit.installation, run_id)
    except CountersignError:
        # Signed out meanwhile, for one: the whole page says what.
        st.rerun()
    if not run.running:
        st.rerun()
    with st.container(border=True):
        draw(run)


def draw(run: RunView) -> None:
    """A run's progress: what is being read, how much of it, requests, waits, time left."""
    progress = run.progress
    resources = progress.get("resources", [])
    total = sum(item["total"] for item in resources)
    done = sum(item["done"] for item in resources)
    left = progress.get("seconds_left")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"**Run {run.id}** :blue-badge[:material/sync: Reading] "
            f":gray[{md(run.mode)} sync, started by {md(who(run.started_by))} at "
            f"{clock(run.started_at, run.started_at).removeprefix('today ')}]",
            width="stretch",
        )
        ahead = f" · **about {span(left)} left**" if left else ""
        st.markdown(f"{span(run.seconds)}{ahead}", width="content")
    # The lists tell how much there is only as they arrive: never full before the end.
    share = min(0.99, done / total) if total else 0.0
    st.progress(share, text=md(progress.get("sentence", "Starting"), limit=200))
    with st.grid(4, min_column_width=130):
        waited = progress.get("wait_seconds") or 0
        of = f" :small[:gray[of about {number(total)}]]" if total else ""
        st.metric("Requests", f"{number(progress.get('requests', 0))}{of}")
        st.metric("Waited for Okta", span(waited) if waited else "0 s")
        st.metric("Retries", number(progress.get("retries", 0)))
        st.metric("Rows read", number(sum(item.get("rows", 0) for item in resources)))
    if resources:
        _table(resources)


def _table(resources: list[dict[str, object]]) -> None:
    rows = []
    for item in resources:
        done, total = int(str(item["done"])), int(str(item["total"]))
        state = (
            ":green-badge[:material/check: Done]" if done >= total
            else ":blue-badge[:material/sync: Reading]"
        )  # fmt: skip
        label = str(item["label"])
        rows.append(
            (md(label[:1].upper() + label[1:]), state,
             f"{number(done)} of {number(total)} requests", number(int(str(item.get("rows", 0)))))
        )  # fmt: skip
    st.table(
        pd.DataFrame(rows, columns=["What", "State", "Read", "Rows"]), border="horizontal",
        hide_index=True, alt="What is being read",
    )  # fmt: skip


def _cancel(visit: access.Visit, run_id: int) -> None:
    try:
        cancel_sync(visit.installation, run_id, actor=visit.actor)
        access.note("The sync is being cancelled. What was published before stays.")
    except CountersignError as error:
        access.note(str(error), refused=True)
