"""The moment that every page shows: now, the end of a past day, or right after a run.

It is chosen in the sidebar, stands in the address, so that a view can be sent to a colleague, and
stays with the tab from page to page. A page in the past shows what was published by then, and
changes nothing.
"""

from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

import streamlit as st

from ui import filters
from ui.texts import day, local, when
from workflows.sync import list_runs

if TYPE_CHECKING:
    from ui.access import Visit

_KEY, _KEPT, _PAGE = "as_of", "as-of-kept", "as-of-page"
_RUNS = 50


def chosen(now: datetime) -> datetime | None:
    """The moment in the address, None for now."""
    return parse(st.query_params.get(_KEY, ""), now)


def follow(page: str) -> None:
    """Take the moment along to another page; an address that names one counts for the tab."""
    said = st.query_params.get(_KEY)
    if said is None and st.session_state.get(_PAGE) != page:
        if kept := st.session_state.get(_KEPT):
            st.query_params[_KEY] = kept
    else:
        st.session_state[_KEPT] = said
    st.session_state[_PAGE] = page


def parse(text: str, now: datetime) -> datetime | None:
    """A day (its end, by the installation's clock) or a moment, as UTC.

    None for now, for today, and for what is neither.
    """
    try:
        if len(text) <= 10:
            known = date.fromisoformat(text)
            zone = local(now).tzinfo
            end = datetime.combine(known, time.max, tzinfo=zone).astimezone(UTC)
            return end if known < local(now).date() else None
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        return None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment if moment < now else None


def stamp(moment: datetime) -> str:
    """A moment as the address carries it; no + in it, which browsers send as a blank."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def choose(visit: "Visit") -> None:
    """The choice, for the sidebar."""
    connection = visit.connection
    if connection is None:
        return
    label = f"As of {_short(visit.at)}"
    with st.popover(label, icon=":material/schedule:", width="stretch"):
        now = visit.installation.now()
        by_day = local(visit.at).date() if visit.at is not None and _is_day(visit.at) else None
        if st.session_state.get("as-of-day") != by_day:
            st.session_state["as-of-day"] = by_day
        st.date_input(
            f"The end of a day ({local(now):%Z})", value=None, max_value=local(now).date(),
            key="as-of-day", format="YYYY-MM-DD", on_change=_chose_day,
        )  # fmt: skip
        runs = list_runs(visit.present, connection.id, limit=_RUNS)
        moments = {stamp(run.published_at): run for run in runs if run.published_at is not None}
        wanted = stamp(visit.at) if visit.at is not None else None
        st.session_state["as-of-run"] = wanted if wanted in moments else None
        st.selectbox(
            "Or right after a run", [*moments], index=None, key="as-of-run",
            placeholder="Choose a run", on_change=_chose_run,
            format_func=lambda m: f"Run {moments[m].id}, {when(moments[m].published_at)}",
        )  # fmt: skip
        if visit.at is not None:
            st.button("Back to now", icon=":material/undo:", on_click=_put, args=(None,))


def banner(visit: "Visit") -> None:
    """Above every page that shows the past."""
    if visit.at is None:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            f":orange-badge[:material/history: The past] You are looking at {_long(visit.at)}. "
            "Nothing can be changed here.",
            width="stretch",
        )
        st.button("Back to now", icon=":material/undo:", on_click=_put, args=(None,),
                  key="back-to-now")  # fmt: skip


def _chose_day() -> None:
    chosen_day = st.session_state["as-of-day"]
    _put(chosen_day.isoformat() if isinstance(chosen_day, date) else None)


def _chose_run() -> None:
    _put(st.session_state["as-of-run"])


def _put(value: str | None) -> None:
    st.session_state[_KEPT] = value
    filters.put(**{_KEY: value})


def _is_day(at: datetime) -> bool:
    return local(at).time() == time.max


def _short(at: datetime | None) -> str:
    if at is None:
        return "now"
    return day(local(at)) if _is_day(at) else when(at)


def _long(at: datetime) -> str:
    if _is_day(at):
        return f"the end of {day(local(at))} ({local(at):%Z})"
    return when(at)
