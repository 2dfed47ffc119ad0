"""Publishing: a run's staged rows against what is current, set against set, in one transaction."""

import hashlib
import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage import audit_log
from storage.bulk import empty_of, first_rows, in_parts, insert_many, replace_many
from storage.database import Database, comparing_sets, dumps, lock_row
from storage.directory import KINDS, Kind
from storage.errors import Conflict, StorageError
from storage.frames import to_frame
from storage.ledgers import COMPARED, CONNECTIONS, KEPT, RUNS
from storage.sets import sets_of

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Published:
    """When a run became visible, and how many rows of each kind it opened and closed."""

    published_at: datetime
    opened: dict[str, int]
    closed: dict[str, int]


@dataclass(frozen=True)
class Keep:
    """Rows of a kind that a publish leaves alone unless staged: those with one of these values."""

    kind: str
    column: str
    values: Collection[str]


# What a run has read anew of a kind: values of its scope columns, the second empty for any.
Compared = Mapping[str, Iterable[tuple[str, str]]]


def stage(conn: Connection, run_id: int, kind: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Add rows to a run's staging. The last row for a key wins."""
    about = KINDS[kind]
    columns, keyed = itemgetter(*about.columns), itemgetter(*about.key)
    staged: dict[Any, tuple[Any, ...]] = {}
    for row in rows:
        values = columns(row)
        # Rows that are nothing but their key cannot differ under the same key.
        row_hash = "" if about.only_key else _hash(values)
        staged[keyed(row)] = (run_id, *values, row_hash)
    names = ("run_id", *about.columns, "row_hash")
    replace_many(conn, about.staging, names, list(staged.values()), ("run_id", *about.key))


def unstage(conn: Connection, run_id: int, kind: str, column: str, values: Collection[str]) -> None:
    """Take back a run's staged rows that have one of these values."""
    staging = KINDS[kind].staging
    for some in in_parts(sorted(values)):
        wanted = staging.c[column].in_(some)
        conn.execute(sa.delete(staging).where(staging.c.run_id == run_id, wanted))


def staged(database: Database, run_id: int, kind: str) -> pd.DataFrame:
    """What a run has staged of a kind."""
    about = KINDS[kind]
    query = sa.select(*(about.staging.c[name] for name in about.columns))
    with database.read() as conn:
        return to_frame(conn, query.where(about.staging.c.run_id == run_id))


def count_staged(database: Database, run_id: int, kind: str) -> int:
    """How many rows of a kind a run has staged."""
    with database.read() as conn:
        return _count_staged(conn, KINDS[kind], run_id)


def _count_staged(conn: Connection, about: Kind, run_id: int) -> int:
    staging = about.staging
    query = sa.select(sa.func.count()).select_from(staging).where(staging.c.run_id == run_id)
    return int(conn.execute(query).scalar_one())


def drop_staged(conn: Connection, run_id: int) -> None:
    """Forget what a run has staged."""
    for about in KINDS.values():
        empty_of(conn, about.staging, run_id)
    conn.execute(sa.delete(KEPT).where(KEPT.c.run_id == run_id))
    conn.execute(sa.delete(COMPARED).where(COMPARED.c.run_id == run_id))


def sweep(database: Database) -> None:
    """Forget what runs have staged that have ended: nobody waits for that while publishing.

    Also of earlier runs, whose process was killed before it came to that.
    """
    try:
        with database.write() as conn:
            _sweep(conn)
    except StorageError as error:
        logger.warning("What ended runs have staged is left for the next to sweep: %s", error)


def _sweep(conn: Connection) -> None:
    wanted = set(
        conn.execute(sa.select(RUNS.c.id).where(RUNS.c.state.in_(["running", "held"]))).scalars()
    )
    for table in (*(about.staging for about in KINDS.values()), KEPT, COMPARED):
        # From one run to the next by the primary key, however many rows each has.
        last = -1
        following = sa.select(sa.func.min(table.c.run_id))
        while (run_id := conn.execute(following.where(table.c.run_id > last)).scalar()) is not None:
            if run_id not in wanted:
                empty_of(conn, table, run_id)
            last = run_id


def keep(conn: Connection, run_id: int, kept: Sequence[Keep]) -> None:
    """Remember with a run what its publish must leave as it is."""
    conn.execute(sa.delete(KEPT).where(KEPT.c.run_id == run_id))
    insert_many(
        conn,
        KEPT,
        ("run_id", "kind", "column", "value"),
        [(run_id, k.kind, k.column, value) for k in kept for value in sorted(set(k.values))],
    )


def compare_only(conn: Connection, run_id: int, compared: Compared) -> None:
    """Remember with a run what of these kinds it has read anew; the rest of them stays as it is.

    Kinds that are not named are compared whole. What is staged must lie within what is named.
    """
    conn.execute(sa.delete(COMPARED).where(COMPARED.c.run_id == run_id))
    rows = []
    for kind, pairs in compared.items():
        # The empty pair fits no row: it says that a kind is named, also with nothing read of it.
        named = {("", ""), *pairs}
        # Each row is to fit once only: a pair within what is compared whole says nothing more.
        named = {
            (first, second) for first, second in named if not second or (first, "") not in named
        }
        rows += [(run_id, kind, first, second) for first, second in sorted(named)]
    insert_many(conn, COMPARED, ("run_id", "kind", "first", "second"), rows)


def count_after(database: Database, run_id: int, connection_id: int, kind: str) -> int:
    """How many rows a kind will have once the run is published."""
    about = KINDS[kind]
    with database.read() as conn, comparing_sets(conn):
        sets = sets_of(conn, about, run_id, connection_id)
        total = sa.select(sa.func.count()).select_from(about.table).where(sets.current)
        count = int(conn.execute(total).scalar_one())
        for gone in sets.gone():
            count -= int(conn.execute(total.where(gone)).scalar_one())
        new = sa.select(sa.func.count()).select_from(about.staging).where(*sets.new())
        return count + int(conn.execute(new).scalar_one())


def member_changes(
    database: Database, run_id: int, connection_id: int, group_ids: Collection[str]
) -> set[tuple[str, str]]:
    """(group, user) of who joined or left groups that a run has read anew, as staged so far."""
    about = KINDS["memberships"]
    table, staging = about.table, about.staging
    found: set[tuple[str, str]] = set()
    with database.read() as conn, comparing_sets(conn):
        sets = sets_of(conn, about, run_id, connection_id)
        joined = sa.select(staging.c.group_id, staging.c.user_id).where(*sets.new())
        found.update((g, u) for g, u in conn.execute(joined))
        for some in in_parts(sorted(group_ids)):
            left = sa.select(table.c.group_id, table.c.user_id).where(
                sets.current, table.c.group_id.in_(some), ~sets.staged_anew
            )
            found.update((g, u) for g, u in conn.execute(left))
    return found


def publish(
    database: Database,
    run_id: int,
    *,
    owner: str | None,
    kinds: Collection[str],
    clock: Callable[[], datetime],
    run_fields: Mapping[str, Any],
    audit: Mapping[str, Any],
    then: Callable[[Database], None] | None = None,
) -> Published:
    """Make a run's staged rows the truth, all at once or not at all.

    owner: who runs it; None publishes a held run. kinds: those that the run has read; the others
    stay as they are, and so do rows that keep() names. clock: the present, aware, UTC. then: what
    must become visible together with the rows, given the store as this transaction sees it.
    Raises Conflict when the run is not (or no longer) ours to publish. What was
    staged is left to sweep().
    """
    with database.write() as conn:
        run = conn.execute(sa.select(RUNS).where(RUNS.c.id == run_id)).mappings().one()
        connection_id = run["connection_id"]
        lock_row(conn, CONNECTIONS, connection_id)
        now = clock()
        at = _next_moment(conn, connection_id, now)
        condition = RUNS.c.id == run_id
        if owner is None:
            condition &= RUNS.c.state == "held"
        else:
            condition &= (RUNS.c.state == "running") & (RUNS.c.owner == owner)
        taken = conn.execute(
            sa.update(RUNS)
            .where(condition)
            .values(state="published", published_at=at, heartbeat_at=now)
        )
        if taken.rowcount != 1:
            raise Conflict(f"Run {run_id} has been ended or taken over by somebody else.")
        opened, closed = {}, {}
        with comparing_sets(conn):
            for name in kinds:
                closed[name], opened[name] = _publish_kind(
                    conn, KINDS[name], run_id, connection_id, at
                )
        conn.execute(
            sa.update(RUNS)
            .where(RUNS.c.id == run_id)
            .values(changes={"opened": opened, "closed": closed}, **run_fields)
        )
        if then is not None:
            then(database.within(conn))
        # As late as can be: publishing is part of what a run takes.
        ended = sa.update(RUNS).where(RUNS.c.id == run_id).values(finished_at=max(at, clock()))
        conn.execute(ended)
        detail = {**audit["detail"], "opened": sum(opened.values()), "closed": sum(closed.values())}
        audit_log.append(conn, **{**audit, "detail": detail}, at=at)
    return Published(at, opened, closed)


def changes_of(
    database: Database, run_id: int, kind: str, *, columns: Sequence[str] | None = None
) -> pd.DataFrame:
    """The rows of a kind that a run closed and opened, in a column "change".

    columns: those wanted; all when None.
    """
    table = KINDS[kind].table
    wanted = KINDS[kind].columns if columns is None else columns
    parts = [
        sa.select(*(table.c[name] for name in wanted), sa.literal(change).label("change")).where(
            column == run_id
        )
        for change, column in (("closed", table.c.run_closed), ("opened", table.c.run_opened))
    ]
    with database.read() as conn:
        return to_frame(conn, sa.union_all(*parts))


def _publish_kind(
    conn: Connection, about: Kind, run_id: int, connection_id: int, at: datetime
) -> tuple[int, int]:
    table, staging = about.table, about.staging
    sets = sets_of(conn, about, run_id, connection_id)
    closed = 0
    for condition in (*sets.changed(), *sets.gone()):
        closing = sa.update(table).where(sets.current, condition)
        closed += conn.execute(closing.values(valid_to=at, run_closed=run_id)).rowcount
    columns = [*about.columns, "row_hash"]
    new = sa.select(
        sa.literal(connection_id),
        sa.literal(at, table.c.valid_from.type),
        sa.literal(run_id),
        *(staging.c[name] for name in columns),
    ).where(*sets.new())
    into = sa.insert(table).from_select(
        ["connection_id", "valid_from", "run_opened", *columns], new
    )
    with first_rows(conn, table, lambda: _count_staged(conn, about, run_id)):
        conn.execute(into)
    # Counted by itself: not every driver tells how many rows a SELECT inserted.
    mine = sa.select(sa.func.count()).select_from(table).where(table.c.run_opened == run_id)
    return closed, int(conn.execute(mine).scalar_one())


def _next_moment(conn: Connection, connection_id: int, now: datetime) -> datetime:
    """Now, or just after the last publish when the clock has gone back."""
    query = sa.select(sa.func.max(RUNS.c.published_at, type_=RUNS.c.published_at.type))
    last = conn.execute(query.where(RUNS.c.connection_id == connection_id)).scalar()
    return now if last is None or now > last else last + timedelta(microseconds=1)


def _hash(values: tuple[Any, ...]) -> str:
    return hashlib.sha256(dumps(values).encode()).hexdigest()
