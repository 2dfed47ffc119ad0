"""One way to show a list: so many of so many, a page of rows, a selection, a file to take along."""

import hashlib
import io
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
import streamlit as st

from ui import filters
from ui.palette import PLAIN, Pill
from ui.texts import ago, count, number, plain

PER_PAGE, ROW, HEADER, HIGHEST = 50, 33, 37, 600
# What spreadsheets take for a formula at the start of a cell (also as full-width forms).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "|", "%")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Pills = Mapping[str, tuple[Sequence[Pill], int]]

# Only the unusual stands out: who is active is a word on paper.
_OKTA_COLORS = {
    "Active": PLAIN, "Deactivated": "gray", "Locked out": "red", "Password expired": "orange",
    "Pending user action": "gray", "Password reset": "orange", "Staged": "gray",
    "Suspended": "orange",
}  # fmt: skip
OKTA_PILLS = tuple(Pill(word, color) for word, color in _OKTA_COLORS.items())
_SHORT = {
    "CURRENT_EMPLOYEE": "Employee", "CURRENT_CONTRACTOR": "Contractor",
    "FORMER_EMPLOYEE": "Former", "FORMER_CONTRACTOR": "Former", "FUTURE_HIRE": "Future",
    "SERVICE_ACCOUNT": "Service", "OUT_OF_SCOPE": "Out of scope", "OUTSIDE": "Outside",
}  # fmt: skip


def short_status(status: str) -> str:
    """An employment status in one word, where a column is narrow."""
    return _SHORT.get(status, plain(status))


def ago_or_never(moment: Any, now: datetime) -> str:
    """How long ago a sign-in was."""
    return "never" if moment is None or pd.isna(moment) else ago(moment, now)


@dataclass(frozen=True)
class Listing:
    """What is selected, as ids that were looked up here; key: the table's, for clear()."""

    ids: list[str]
    key: str

    def clear(self) -> None:
        """Select nothing any more: for a button's on_click."""
        st.session_state[f"{self.key}-cleared"] = st.session_state.get(f"{self.key}-cleared", 0) + 1


def paged(
    frame: pd.DataFrame,
    show: Callable[[pd.DataFrame], pd.DataFrame],
    *,
    key: str,
    what: tuple[str, str],
    alt: str,
    order: str = "",
    selection: str | None = None,
    columns: dict[str, Any] | None = None,
    pills: Pills | None = None,
    opens: str | None = None,
    opens_as: str = "person",
    width: int = 176,
) -> Listing:
    """A page of rows of `frame` (with user_id), as `show` makes them visible, one page at a time.

    The table is named by the very rows on it, so that a selection never applies to others that
    come in their place, by a filter, by a sync or by an override. The row in the browser is only
    ever looked up among those ids.
    what: one and many ("person", "people"). order: how they are ordered, in words. selection:
    "single-row" or "multi-row". pills: columns whose words are coloured, with their width. opens:
    the column, of that width, that opens what a row is about: opens_as names it in the address, and
    a drawer follows it ("person": ui/person_drawer.py).
    """
    total = len(frame)
    pages = max(1, -(-total // PER_PAGE))
    page = filters.asked_page(pages)
    start = (page - 1) * PER_PAGE
    part = frame.iloc[start : start + PER_PAGE]
    ids = [str(user_id) for user_id in part["user_id"]]
    name = f"{key}-{_digest(ids)}"
    times = st.session_state.get(f"{name}-cleared")
    cleared = f"{name}-{times}" if times else name
    table = readable(show(part), pills or ())
    config = {**_pill_columns(pills), **(columns or {})}
    if opens is not None:
        config[opens] = st.column_config.ButtonColumn(
            type="tertiary", alignment="left", pinned=True, width=width, on_click=_open,
            args=(f"{name}-open", ids, opens_as), key=f"{name}-open",
            help="Click a name for the details. By keyboard: Shift and the space bar select the "
            "row of a cell, and Details opens it.",
        )  # fmt: skip
    chosen: Any = st.dataframe(
        table, hide_index=True, width="stretch", row_height=ROW,
        height=min(HIGHEST, HEADER + ROW * max(1, len(part))), key=cleared,
        on_select="rerun" if selection else "ignore",
        selection_mode=selection or "multi-row",  # type: ignore[arg-type]
        column_config=config, alt=alt, placeholder="–",
    )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="center"):
        span = f"{number(start + 1)}–{number(start + len(part))} of {number(total)}"
        words = span if pages > 1 else count(total, *what)
        st.markdown(f":small[:gray[{words}{', ' if order else ''}{order}]]", width="stretch")
        if pages > 1:
            filters.page(pages)
    rows: Sequence[int] = chosen["selection"]["rows"] if selection else ()
    return Listing([ids[row] for row in rows if 0 <= row < len(ids)], name)


def pick(
    frame: pd.DataFrame,
    ids: Sequence[str],
    *,
    param: str,
    column: str,
    key: str,
    alt: str,
    keep: Collection[str] = (),
    columns: dict[str, Any] | None = None,
    pills: Pills | None = None,
    width: int | None = None,
    many: bool = False,
) -> list[str]:
    """A short list, of which one is opened: by a click on its `column`, or by selecting its row,
    which keys can do too. The address then names it; the filters in keep stay there.

    many: selecting opens nothing, and the ids of what is selected are returned.
    """
    known = [*ids]
    name = f"{key}-{_digest(known)}"
    config = {**_pill_columns(pills), **(columns or {})}
    config[column] = st.column_config.ButtonColumn(
        type="tertiary", alignment="left", on_click=_pick, width=width,
        args=(f"{name}-pick", known, param, keep), key=f"{name}-pick",
    )  # fmt: skip
    chosen: Any = st.dataframe(
        readable(frame, pills or ()), hide_index=True, width="stretch", row_height=ROW,
        height=min(HIGHEST, HEADER + ROW * max(1, len(frame))), key=name, column_config=config,
        on_select="rerun", selection_mode="multi-row" if many else "single-row", alt=alt,
        placeholder="–",
    )  # fmt: skip
    selected = [known[row] for row in chosen["selection"]["rows"] if 0 <= row < len(known)]
    if many:
        return selected
    # A selection stays in the browser: it is followed once, when it changes.
    changed = selected != st.session_state.get(f"{name}-followed", [])
    st.session_state[f"{name}-followed"] = selected
    if selected and changed:
        filters.only(keep, **{param: selected[0]})
        st.rerun()
    return selected


def _pick(key: str, ids: list[str], param: str, keep: Collection[str]) -> None:
    if (chosen := _clicked(key, ids)) is not None:
        filters.only(keep, **{param: chosen})


def _open(key: str, ids: list[str], opens_as: str) -> None:
    """Put the clicked row into the address, which opens the drawer."""
    if (chosen := _clicked(key, ids)) is not None:
        filters.also(**{opens_as: chosen})


def _clicked(key: str, ids: list[str]) -> str | None:
    row = getattr(st.session_state.get(key), "row", None)
    return ids[row] if isinstance(row, int) and 0 <= row < len(ids) else None


def _pill_columns(pills: Pills | None) -> dict[str, Any]:
    return {
        column: st.column_config.MultiselectColumn(
            options=[pill.word for pill in kinds], color=[pill.color for pill in kinds], width=width
        )
        for column, (kinds, width) in (pills or {}).items()
    }


def readable(frame: pd.DataFrame, pills: Collection[str] = ()) -> pd.DataFrame:
    """Texts without control and direction characters; words of pills as lists of one."""
    shown = frame.copy()
    for column in shown.columns:
        if column in pills:
            shown[column] = [[plain(word)] if word else [] for word in shown[column]]
        elif shown[column].dtype == object or str(shown[column].dtype) == "str":
            shown[column] = shown[column].map(_cell)
    return shown


def _cell(value: object) -> object:
    # A word joiner, which has no width: an icon's name at the start would become the icon.
    text = plain(value, limit=1000) if isinstance(value, str) else value
    return f"\u2060{text}" if isinstance(text, str) and text.startswith(":") else text


def _digest(ids: list[str]) -> str:
    return hashlib.sha256("\x00".join(ids).encode(errors="replace")).hexdigest()[:16]


def days(dates: pd.Series) -> pd.Series:
    """Dates as people write them; blank where there is none."""
    text = dates.dt.strftime("%d %b %Y").str.removeprefix("0")
    return text.fillna("").astype(object)


def download(
    make: Callable[[], pd.DataFrame], *, name: str, key: str, label: str = "Export as CSV"
) -> None:
    """A button that makes a CSV file only when it is pressed."""
    _download(label, lambda: csv(make()), "text/csv", name, key)


def download_workbook(make: Callable[[], pd.DataFrame], *, name: str, key: str) -> None:
    """A button that makes an Excel workbook only when it is pressed."""
    _download("Excel", lambda: workbook(make()), _XLSX, name, key)


def _download(label: str, make: Callable[[], bytes], mime: str, name: str, key: str) -> None:
    st.download_button(label, data=make, file_name=name, mime=mime, key=key,
                       icon=":material/download:", on_click="ignore")  # fmt: skip


def workbook(frame: pd.DataFrame) -> bytes:
    """The frame as an Excel workbook; texts stay texts, whatever they begin with."""
    buffer = io.BytesIO()
    texts = {"options": {"strings_to_formulas": False, "strings_to_urls": False}}
    with pd.ExcelWriter(buffer, engine="xlsxwriter", engine_kwargs=texts) as writer:
        frame.to_excel(writer, index=False, freeze_panes=(1, 0))
    return buffer.getvalue()


def csv(frame: pd.DataFrame) -> bytes:
    """The frame as CSV in UTF-8 with a mark; texts that a spreadsheet would run are disarmed."""
    safe = frame.copy()
    for column in safe.columns:
        if safe[column].dtype == object or str(safe[column].dtype) == "str":
            safe[column] = safe[column].map(disarm)
    buffer = io.StringIO()
    safe.to_csv(buffer, index=False)
    return ("\ufeff" + buffer.getvalue()).encode()


def disarm(value: object) -> object:
    """A text that begins like a formula (after blanks, quotes, in full width) gets a ' first."""
    if isinstance(value, list):
        value = ", ".join(str(item) for item in value)
    if not isinstance(value, str):
        return value
    start = unicodedata.normalize("NFKC", value).lstrip(" \u00a0\"'\ufeff\u200b")
    risky = start.startswith(_FORMULA) or value.startswith(_FORMULA)
    return f"'{value}" if risky else value
