"""The moment that a page shows: now, the end of a past day, or right after a run. In the URL."""

from datetime import UTC, date, datetime, time

import streamlit as st

from ui import filters
from ui.access import Visit
from ui.heading import connected
from ui.heading import heading as titled
from ui.texts import as_of, day, exact, when
from workflows.sync import list_runs

_KEY = "as_of"
_RUNS = 50


def heading(title: str, visit: Visit) -> datetime | None:
    """The page's title with the choice of a moment beside it. Returns the moment, None for now.

    Without a connection there is no moment to choose: says how to get one, and ends the page.
    """
    connection = connected(visit, title)
    now = visit.installation.now()
    at = parse(st.query_params.get(_KEY, ""), now)
    with titled(title), st.popover(f"As of {_short(at)}", icon=":material/history:"):
        _choices(visit, connection.id, at, now)
    if at is not None:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(
                f":orange-badge[:material/history: The past] You are looking at {_long(at)}. "
                "Nothing can be changed here.",
                width="stretch",
            )
            st.button("Back to now", icon=":material/undo:", on_click=_put, args=(None,))
    return at


def parse(text: str, now: datetime) -> datetime | None:
    """A day (its end) or a moment, in UTC; None for now, for today, and for what is neither."""
    try:
        if len(text) <= 10:
            known = date.fromisoformat(text)
            return datetime.combine(known, time.max, tzinfo=UTC) if known < now.date() else None
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment if moment < now else None


def stamp(moment: datetime) -> str:
    """A moment as the address carries it; no + in it, which browsers send as a blank."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def caption(visit: Visit, moment: datetime, run_id: int, at: datetime | None, rest: str) -> None:
    """As of when, from which run, out of how many: under the title of every page with numbers."""
    shown = (
        as_of(moment, run_id, visit.installation.now())
        if at is None
        else f"As of {_long(at)}, from run {run_id}"
    )
    st.caption(f"{shown}. {rest}", help=exact(moment))


def _choices(visit: Visit, connection_id: int, at: datetime | None, now: datetime) -> None:
    by_day = at.date() if at is not None and _is_day(at) else None
    if st.session_state.get("as-of-day") != by_day:
        st.session_state["as-of-day"] = by_day
    st.date_input("The end of a day (UTC)", value=None, max_value=now.date(), key="as-of-day",
                  format="YYYY-MM-DD", on_change=_chose_day)  # fmt: skip
    runs = [
        run
        for run in list_runs(visit.installation, connection_id, limit=_RUNS)
        if run.published_at is not None
    ]
    moments = {stamp(run.published_at): run for run in runs if run.published_at is not None}
    wanted = stamp(at) if at is not None else None
    st.session_state["as-of-run"] = wanted if wanted in moments else None
    st.selectbox(
        "Or right after a run", [*moments], index=None, key="as-of-run", placeholder="Choose a run",
        format_func=lambda m: f"Run {moments[m].id}, {when(moments[m].published_at)}",
        on_change=_chose_run,
    )  # fmt: skip


def _chose_day() -> None:
    chosen = st.session_state["as-of-day"]
    _put(chosen.isoformat() if isinstance(chosen, date) else None)


def _chose_run() -> None:
    _put(st.session_state["as-of-run"])


def _put(value: str | None) -> None:
    filters.put(**{_KEY: value})


def _is_day(at: datetime) -> bool:
    return at.time() == time.max


def _short(at: datetime | None) -> str:
    if at is None:
        return "now"
    return day(at) if _is_day(at) else when(at)


def _long(at: datetime) -> str:
    return f"the end of {day(at)} (UTC)" if _is_day(at) else f"{when(at)}"
