"""One way to show a list: so many of so many, a page of rows, a selection, a file to take along."""

import hashlib
import io
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from ui import filters
from ui.palette import Pill
from ui.texts import count, number, plain

PER_PAGE = 25
# What spreadsheets take for a formula at the start of a cell (also as full-width forms).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "|", "%")


@dataclass(frozen=True)
class Listing:
    """What is selected, as ids that were looked up here; and the place for buttons, above."""

    ids: list[str]
    bar: Any


def paged(
    frame: pd.DataFrame,
    show: Callable[[pd.DataFrame], pd.DataFrame],
    *,
    key: str,
    what: tuple[str, str],
    alt: str,
    selection: str | None = None,
    columns: dict[str, Any] | None = None,
    pills: Mapping[str, Sequence[Pill]] | None = None,
    opens: str | None = None,
) -> Listing:
    """A page of rows of `frame` (with user_id), as `show` makes them visible, one page at a time.

    The table is named by the very rows on it, so that a selection never applies to others that
    come in their place, by a filter, by a sync or by an override. The row in the browser is only
    ever looked up among those ids.
    what: one and many ("person", "people"). selection: "single-row" or "multi-row". pills: columns
    whose words are coloured. opens: the column that opens the person (ui/person_drawer.py).
    """
    total = len(frame)
    pages = max(1, -(-total // PER_PAGE))
    bar = st.container(horizontal=True, vertical_alignment="center")
    page = 1
    if pages > 1:
        with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
            words = st.empty()
            page = filters.page(pages)
    else:
        words = st.empty()
    start = (page - 1) * PER_PAGE
    part = frame.iloc[start : start + PER_PAGE]
    ids = [str(user_id) for user_id in part["user_id"]]
    span = f"{number(start + 1)}–{number(start + len(part))} of " if pages > 1 else ""
    hint = "" if opens is None else ". Click a name for the details."
    words.caption(
        f"{span}{count(total, *what)}{hint}", width="content",
        help="By keyboard: Shift and the space bar select the row of a cell, Details opens it."
        if opens else None,
    )  # fmt: skip
    name = f"{key}-{_digest(ids)}"
    table = readable(show(part), pills)
    config = {**_pill_columns(pills), **(columns or {})}
    if opens is not None:
        config[opens] = st.column_config.ButtonColumn(
            type="tertiary", alignment="left", pinned=True, width=170, on_click=_open,
            args=(f"{name}-open", ids), key=f"{name}-open", help="Click a name for the details.",
        )  # fmt: skip
    chosen: Any = st.dataframe(
        table,
        hide_index=True,
        width="stretch",
        # As high as its rows: a list that scrolls within the page traps the finger on a phone.
        height="content",
        key=name,
        on_select="rerun" if selection else "ignore",
        selection_mode=selection or "multi-row",  # type: ignore[arg-type]
        column_config=config,
        alt=alt,
    )
    rows: Sequence[int] = chosen["selection"]["rows"] if selection else ()
    return Listing([ids[row] for row in rows if 0 <= row < len(ids)], bar)


def pick(
    frame: pd.DataFrame,
    ids: Sequence[str],
    *,
    param: str,
    current: str,
    column: str,
    key: str,
    alt: str,
    keep: Collection[str] = (),
    columns: dict[str, Any] | None = None,
    pills: Mapping[str, Sequence[Pill]] | None = None,
) -> None:
    """A short list, of which one (current) is looked at below; choosing another puts it in the URL.

    Chosen by a click on its `column`, or by selecting its row, which keys can do too. The filters
    that were said of another one do not apply to it, but for those in keep.
    """
    known = [*ids]
    name = f"{key}-{_digest([*known, current])}"
    config = {**_pill_columns(pills), **(columns or {})}
    config[column] = st.column_config.ButtonColumn(
        type="tertiary", alignment="left", on_click=_pick,
        args=(f"{name}-pick", known, param, keep), key=f"{name}-pick",
    )  # fmt: skip
    rows = [known.index(current)] if current in known else []
    chosen: Any = st.dataframe(
        readable(frame, pills), hide_index=True, width="stretch", height="content",
        key=name, column_config=config, on_select="rerun", selection_mode="single-row",
        selection_default={"selection": {"rows": rows}}, alt=alt,
    )  # fmt: skip
    selected = [known[row] for row in chosen["selection"]["rows"] if 0 <= row < len(known)]
    if selected and selected[0] != current:
        filters.only(keep, **{param: selected[0]})
        st.rerun()


def _pick(key: str, ids: list[str], param: str, keep: Collection[str]) -> None:
    if (chosen := _clicked(key, ids)) is not None:
        filters.only(keep, **{param: chosen})


def _open(key: str, ids: list[str]) -> None:
    """Put the person of the clicked row into the address, which opens the drawer."""
    if (chosen := _clicked(key, ids)) is not None:
        filters.put(person=chosen)


def _clicked(key: str, ids: list[str]) -> str | None:
    row = getattr(st.session_state.get(key), "row", None)
    return ids[row] if isinstance(row, int) and 0 <= row < len(ids) else None


def _pill_columns(pills: Mapping[str, Sequence[Pill]] | None) -> dict[str, Any]:
    return {
        column: st.column_config.MultiselectColumn(
            options=[pill.text for pill in kinds], color=[pill.color for pill in kinds], width=150
        )
        for column, kinds in (pills or {}).items()
    }


def readable(
    frame: pd.DataFrame, pills: Mapping[str, Sequence[Pill]] | None = None
) -> pd.DataFrame:
    """Texts without control and direction characters; words of pills with their marks."""
    pills = pills or {}
    shown = frame.copy()
    for column in shown.columns:
        if column in pills:
            texts = {pill.word: pill.text for pill in pills[column]}
            shown[column] = [
                [texts.get(word, plain(word))] if word else [] for word in shown[column]
            ]
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


def download(make: Callable[[], pd.DataFrame], *, name: str, key: str) -> None:
    """A button that makes a CSV file only when it is pressed."""
    st.download_button(
        "Download as CSV",
        data=lambda: csv(make()),
        file_name=name,
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        key=key,
    )


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
