"""The run ledger: one running sync a connection, with an owner that shows that it lives."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage.database import Database
from storage.errors import Conflict
from storage.ledgers import RUNS


@dataclass(frozen=True)
class RunRecord:
    """A sync run as stored. owner is "host:pid:random" of the process that works on it.

    mode: how it reads; asked_mode: how it was asked to; mode_reason: why those differ. based_on:
    the published run whose rows an incremental run carries on. log: its place in the system log.
    """

    id: int
    connection_id: int
    mode: str
    asked_mode: str | None
    mode_reason: str | None
    based_on: int | None
    log: dict[str, Any] | None
    state: str
    owner: str
    started_by: str
    started_at: datetime
    finished_at: datetime | None
    published_at: datetime | None
    heartbeat_at: datetime
    cancel_requested: bool
    scope: dict[str, Any]
    requests: int
    retries: int
    rate_limit_wait_seconds: float
    counts: dict[str, int | None] | None
    changes: dict[str, dict[str, int]] | None
    not_read: list[dict[str, str]] | None
    set_aside: list[dict[str, str]] | None
    held: dict[str, Any] | None
    certificate: dict[str, Any] | None
    error: dict[str, str] | None
    progress: dict[str, Any] | None


def start(
    database: Database,
    *,
    connection_id: int,
    mode: str,
    scope: dict[str, Any],
    started_by: str,
    owner: str,
    now: datetime,
) -> tuple[RunRecord, bool]:
    """A new running run, or the one that runs already (then the second value is False).

    mode: what is asked for; how it is read is said by reading() once that is known.
    A held run gives way: it becomes cancelled, as superseded.
    """
    try:
        with database.write() as conn:
            conn.execute(
                sa.update(RUNS)
                .where(RUNS.c.connection_id == connection_id, RUNS.c.state == "held")
                .values(
                    state="cancelled",
                    finished_at=now,
                    error={"code": "superseded", "message": "A newer sync took its place."},
                )
            )
            run_id = conn.execute(
                sa.insert(RUNS)
                .values(
                    connection_id=connection_id,
                    mode="full" if mode == "full" else "incremental",
                    asked_mode=mode,
                    state="running",
                    owner=owner,
                    started_by=started_by,
                    started_at=now,
                    heartbeat_at=now,
                    cancel_requested=False,
                    scope=scope,
                    requests=0,
                    retries=0,
                    rate_limit_wait_seconds=0.0,
                )
                .returning(RUNS.c.id)
            ).scalar_one()
            return _required(conn, run_id), True
    except sa.exc.IntegrityError:
        # The partial unique index: somebody's sync is running.
        running = running_for(database, connection_id)
        if running is None:
            raise Conflict("Another sync has just ended; start again.") from None
        return running, False


def beat(
    database: Database, run_id: int, *, owner: str, progress: dict[str, Any], now: datetime
) -> str:
    """Show life and progress. "go", "cancel" when somebody asked, "lost" when it is not ours."""
    with database.write() as conn:
        done = conn.execute(
            sa.update(RUNS)
            .where(_ours(run_id, owner))
            .values(heartbeat_at=now, progress=progress)
            .returning(RUNS.c.cancel_requested)
        ).first()
    if done is None:
        return "lost"
    return "cancel" if done[0] else "go"


def reading(
    database: Database,
    run_id: int,
    *,
    owner: str,
    mode: str,
    reason: str | None,
    based_on: int | None,
    log: dict[str, Any] | None,
) -> None:
    """Say how a run reads, and from where its successor may go on. Raises Conflict if not ours."""
    with database.write() as conn:
        done = conn.execute(
            sa.update(RUNS)
            .where(_ours(run_id, owner))
            .values(mode=mode, mode_reason=reason, based_on=based_on, log=log)
        )
    if done.rowcount != 1:
        raise Conflict(f"Run {run_id} has been ended or taken over by somebody else.")


def latest_full(database: Database, connection_id: int) -> RunRecord | None:
    """The newest published run that read everything."""
    return _newest(database, connection_id, (RUNS.c.state == "published") & (RUNS.c.mode == "full"))


def take_over(
    database: Database, run_id: int, *, owner: str, seen_owner: str, now: datetime
) -> bool:
    """Make a dead owner's run ours. False when somebody else was faster or the owner lives."""
    with database.write() as conn:
        query = (
            sa.update(RUNS)
            .where(RUNS.c.id == run_id, RUNS.c.state == "running", RUNS.c.owner == seen_owner)
            .values(owner=owner, heartbeat_at=now)
        )
        return conn.execute(query).rowcount == 1


def request_cancel(conn: Connection, run_id: int) -> bool:
    """Ask the owner to stop. False when the run is not running."""
    query = sa.update(RUNS).where(RUNS.c.id == run_id, RUNS.c.state == "running")
    return conn.execute(query.values(cancel_requested=True)).rowcount == 1


def finish(conn: Connection, run_id: int, *, owner: str | None, state: str, **values: Any) -> None:
    """End a running run without publishing (owner), or a held one (owner None).

    Raises Conflict when it is no longer ours to end.
    """
    condition = _ours(run_id, owner) if owner else (RUNS.c.id == run_id) & (RUNS.c.state == "held")
    done = conn.execute(sa.update(RUNS).where(condition).values(state=state, **values))
    if done.rowcount != 1:
        raise Conflict(f"Run {run_id} has been ended by somebody else.")


def running(database: Database) -> list[RunRecord]:
    """Every run said to be running, whether its owner lives or not."""
    with database.read() as conn:
        rows = conn.execute(sa.select(RUNS).where(RUNS.c.state == "running")).mappings()
        return [_record(row) for row in rows]


def running_for(database: Database, connection_id: int) -> RunRecord | None:
    """The connection's running run."""
    return _newest(database, connection_id, RUNS.c.state == "running")


def held_for(database: Database, connection_id: int) -> RunRecord | None:
    """The connection's run that waits for an analyst."""
    return _newest(database, connection_id, RUNS.c.state == "held")


def latest_published(
    database: Database, connection_id: int, at: datetime | None = None
) -> RunRecord | None:
    """The newest published run, or the one in force at a moment."""
    condition = RUNS.c.state == "published"
    if at is not None:
        condition &= RUNS.c.published_at <= at
    return _newest(database, connection_id, condition)


def get(database: Database, run_id: int) -> RunRecord | None:
    """One run."""
    with database.read() as conn:
        row = conn.execute(sa.select(RUNS).where(RUNS.c.id == run_id)).mappings().first()
        return None if row is None else _record(row)


def list_for(
    database: Database,
    connection_id: int,
    *,
    limit: int,
    offset: int = 0,
    until: datetime | None = None,
) -> list[RunRecord]:
    """A connection's runs, newest first. until: only those that were over by then."""
    query = (
        sa.select(RUNS)
        .where(RUNS.c.connection_id == connection_id, _over_by(until))
        .order_by(RUNS.c.id.desc())
        .limit(limit)
        .offset(offset)
    )
    with database.read() as conn:
        return [_record(row) for row in conn.execute(query).mappings()]


def count_for(database: Database, connection_id: int, *, until: datetime | None = None) -> int:
    """How many runs a connection has had. until: only those that were over by then."""
    ours = RUNS.c.connection_id == connection_id
    query = sa.select(sa.func.count()).where(ours, _over_by(until))
    with database.read() as conn:
        return int(conn.execute(query).scalar_one())


def _over_by(until: datetime | None) -> sa.ColumnElement[bool]:
    return sa.true() if until is None else RUNS.c.finished_at <= until


def _ours(run_id: int, owner: str) -> sa.ColumnElement[bool]:
    return (RUNS.c.id == run_id) & (RUNS.c.state == "running") & (RUNS.c.owner == owner)


def _newest(
    database: Database, connection_id: int, condition: sa.ColumnElement[bool]
) -> RunRecord | None:
    query = (
        sa.select(RUNS)
        .where(RUNS.c.connection_id == connection_id, condition)
        .order_by(RUNS.c.id.desc())
        .limit(1)
    )
    with database.read() as conn:
        row = conn.execute(query).mappings().first()
        return None if row is None else _record(row)


def _required(conn: Connection, run_id: int) -> RunRecord:
    return _record(conn.execute(sa.select(RUNS).where(RUNS.c.id == run_id)).mappings().one())


def _record(row: Any) -> RunRecord:
    return RunRecord(**{f.name: row[f.name] for f in fields(RunRecord)})
