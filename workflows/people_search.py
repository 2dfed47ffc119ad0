"""Finding people among everybody at a moment: what the filters of a page mean."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

import pandas as pd

from workflows.personnel import People

_SEARCHED = ("name", "email", "login", "user_id", "department")
# No department in Okta: people without one can be asked for too.
NOT_STATED = "Not stated"


@dataclass(frozen=True)
class Wanted:
    """Filters. Empty ones let everybody pass; all others must fit."""

    text: str = ""
    statuses: Collection[str] = ()
    strengths: Collection[str] = ()
    departments: Collection[str] = ()
    overridden: bool = False
    warned: bool = False
    outside: bool = False


def departments(frame: pd.DataFrame) -> pd.Series:
    """Each person's department, with a word for none."""
    named = frame["department"].fillna("")
    return named.where(named != "", NOT_STATED).astype(object)


def find(found: People, wanted: Wanted) -> pd.DataFrame:
    """The people who fit. Identities outside are among them only when asked for."""
    rows = found.everyone if wanted.outside or "OUTSIDE" in wanted.statuses else found.frame
    keep = pd.Series(True, index=rows.index)
    if wanted.text:
        text, hit = wanted.text.casefold(), pd.Series(False, index=rows.index)
        for column in _SEARCHED:
            said = rows[column].fillna("").astype(str).str.casefold()
            hit |= said.str.contains(text, regex=False)
        keep &= hit
    if wanted.statuses:
        keep &= rows["employment_status"].isin(list(wanted.statuses))
    if wanted.strengths:
        keep &= rows["strength"].isin(list(wanted.strengths))
    if wanted.departments:
        keep &= departments(rows).isin(list(wanted.departments))
    if wanted.overridden:
        keep &= rows["overridden"].map(bool)
    if wanted.warned:
        keep &= rows["warnings"].map(bool)
    return rows[keep]


ORDERS = {"name": "Name", "start": "Newest start", "separation": "Newest separation"}


def ordered(rows: pd.DataFrame, order: str, *, by_name: Callable[[object], str]) -> pd.DataFrame:
    """The rows in one of ORDERS; people of the same day by name. by_name: a name's sort key."""
    rows = rows.sort_values("name", key=lambda names: names.map(by_name), kind="stable")
    column = {"start": "start_date", "separation": "separation_date"}.get(order)
    if column is None:
        return rows
    return rows.sort_values(column, ascending=False, na_position="last", kind="stable")
