"""A running sync on the screen: the same for every tab, because it is read from the store."""

import streamlit as st

from ui import access
from ui.texts import badge, count, md, span
from workflows.demo import ensure_demo_running
from workflows.errors import CountersignError
from workflows.runs import RunView
from workflows.sync import cancel_sync, get_run, running_run, start_sync


def wake(visit: access.Visit) -> None:
    """Start a demo tenant that was stopped, before it is asked anything."""
    if visit.connected.demo:
        ensure_demo_running(visit.installation)


def start(visit: access.Visit, *, mode: str = "full") -> RunView:
    """Start a sync, or join the one that runs."""
    wake(visit)
    return start_sync(visit.installation, visit.connected.id, actor=visit.actor, mode=mode)


def live(visit: access.Visit) -> None:
    """Show the running sync, if any, and keep it fresh; the page is drawn anew when it ends."""
    run = running_run(visit.installation, visit.connected.id)
    if run is not None:
        _watch(visit, run.id)


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
        access.show_note()
        draw(run)
        if visit.may_change:
            st.button(
                "Cancel this sync",
                icon=":material/cancel:",
                key=f"cancel-{run_id}",
                on_click=_cancel,
                args=(visit, run_id),
                disabled=run.progress.get("stage") == "Publishing",
            )


def draw(run: RunView) -> None:
    """A run's progress: what is being read, how much of it, requests, waits, time left."""
    progress = run.progress
    resources = progress.get("resources", [])
    total = sum(item["total"] for item in resources)
    done = sum(item["done"] for item in resources)
    st.markdown(
        f"**Syncing** {badge('running').markdown} {md(progress.get('sentence', 'Starting'))}"
    )
    # The lists tell how much there is only as they arrive: never full before the end.
    st.progress(min(0.99, done / total) if total else 0.0)
    facts = [count(progress.get("requests", 0), "request"), f"{span(run.seconds)} so far"]
    left = progress.get("seconds_left")
    if left:
        facts.append(f"about {span(left)} left")
    if progress.get("wait_seconds"):
        facts.append(f"{span(progress['wait_seconds'])} waited for Okta's rate limit")
    if progress.get("retries"):
        facts.append(count(progress["retries"], "retry", "retries"))
    st.caption(" · ".join(facts))
    if resources:
        open_ones = [item for item in resources if item["done"] < item["total"]]
        parts = [f"{item['label']} {item['done']:,} of {item['total']:,}" for item in open_ones]
        finished = f"{len(resources) - len(open_ones)} of {len(resources)} kinds are read"
        st.caption(md(" · ".join([finished, *parts]), limit=600))


def _cancel(visit: access.Visit, run_id: int) -> None:
    try:
        cancel_sync(visit.installation, run_id, actor=visit.actor)
        access.note("The sync is being cancelled. What was published before stays.")
    except CountersignError as error:
        access.note(str(error), refused=True)
