"""The directory as of any moment, as DataFrames; and one person's share of it."""

from collections.abc import Collection, Sequence
from datetime import datetime

import pandas as pd
import sqlalchemy as sa

from storage.bulk import in_parts
from storage.database import Database
from storage.directory import KINDS
from storage.frames import to_frame

# Beyond this, one reading of the whole kind is faster than looking each user up.
_MOST_ASKED_FOR = 500


def frame(
    database: Database,
    connection_id: int,
    kind: str,
    at: datetime | None = None,
    *,
    columns: Sequence[str] = (),
) -> pd.DataFrame:
    """All rows of a kind that were true at a moment (None: now), with connection_id.

    columns: only these; none: all.
    """
    return _rows(database, connection_id, kind, at, names=columns)


def of_user(
    database: Database, connection_id: int, kind: str, user_id: str, at: datetime | None = None
) -> pd.DataFrame:
    """One user's rows of a kind that has user_id."""
    table = KINDS[kind].table
    return _rows(database, connection_id, kind, at, table.c.user_id == user_id)


def of_users(
    database: Database,
    connection_id: int,
    kind: str,
    user_ids: Collection[str],
    at: datetime | None = None,
) -> pd.DataFrame:
    """Some users' rows of a kind that has user_id; many users are asked for by reading all."""
    if len(user_ids) > _MOST_ASKED_FOR:
        everything = frame(database, connection_id, kind, at)
        return everything[everything["user_id"].isin(set(user_ids))].reset_index(drop=True)
    table = KINDS[kind].table
    return _rows(database, connection_id, kind, at, table.c.user_id.in_(sorted(user_ids)))


def history_of_user(
    database: Database, connection_id: int, kind: str, user_id: str
) -> pd.DataFrame:
    """Every version of one user's rows of a kind, oldest first, with valid_from and valid_to."""
    about = KINDS[kind]
    table = about.table
    query = (
        sa.select(
            *(table.c[name] for name in (*about.columns, "valid_from", "valid_to", "run_opened"))
        )
        .where(table.c.connection_id == connection_id, table.c.user_id == user_id)
        .order_by(table.c.valid_from, table.c.id)
    )
    with database.read() as conn:
        return to_frame(conn, query)


def count(database: Database, connection_id: int, kind: str, at: datetime | None = None) -> int:
    """How many rows of a kind were true at a moment."""
    table = KINDS[kind].table
    query = sa.select(sa.func.count()).select_from(table).where(_true(table, connection_id, at))
    with database.read() as conn:
        return int(conn.execute(query).scalar_one())


def count_by(database: Database, connection_id: int, kind: str, column: str) -> dict[str, int]:
    """How many rows of a kind are true now, by the values of a column."""
    table = KINDS[kind].table
    query = (
        sa.select(table.c[column], sa.func.count())
        .where(_true(table, connection_id, None))
        .group_by(table.c[column])
    )
    with database.read() as conn:
        return {row[0]: row[1] for row in conn.execute(query)}


def pairs(
    database: Database,
    connection_id: int,
    kind: str,
    columns: tuple[str, str],
    *,
    where: str,
    values: Collection[str],
) -> set[tuple[str, str]]:
    """Two columns of the rows of a kind that are true now and have one of these values."""
    table = KINDS[kind].table
    found: set[tuple[str, str]] = set()
    with database.read() as conn:
        for some in in_parts(sorted(values)):
            query = sa.select(*(table.c[name] for name in columns))
            query = query.where(_true(table, connection_id, None), table.c[where].in_(some))
            found.update((first, second) for first, second in conn.execute(query))
    return found


def distinct(
    database: Database, connection_id: int, kind: str, columns: Sequence[str]
) -> pd.DataFrame:
    """The different values that the current rows of a kind have in some columns."""
    table = KINDS[kind].table
    query = sa.select(*(table.c[name] for name in columns)).distinct()
    with database.read() as conn:
        return to_frame(conn, query.where(_true(table, connection_id, None)))


def _rows(
    database: Database,
    connection_id: int,
    kind: str,
    at: datetime | None,
    *conditions: sa.ColumnElement[bool],
    names: Sequence[str] = (),
) -> pd.DataFrame:
    about = KINDS[kind]
    columns = [about.table.c[name] for name in names or ("connection_id", *about.columns)]
    query = sa.select(*columns).where(_true(about.table, connection_id, at), *conditions)
    with database.read() as conn:
        return to_frame(conn, query)


def _true(table: sa.Table, connection_id: int, at: datetime | None) -> sa.ColumnElement[bool]:
    ours = table.c.connection_id == connection_id
    if at is None:
        return sa.and_(ours, table.c.valid_to.is_(None))
    return sa.and_(
        ours,
        table.c.valid_from <= at,
        sa.or_(table.c.valid_to.is_(None), table.c.valid_to > at),
    )
