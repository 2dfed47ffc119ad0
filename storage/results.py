"""What controls said about published runs, kept for ever; and the exclusions that they heed."""

import json
import zlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage.database import Database, dumps
from storage.frames import to_frame
from storage.ledgers import EXCLUSIONS, RESULTS

_PLAIN = [column for column in RESULTS.columns if column.name != "findings"]


def add_result(conn: Connection, *, findings: pd.DataFrame, **values: Any) -> int:
    """Keep a result with all its findings. Returns its id."""
    text = dumps(findings.to_dict("split", index=False))
    packed = zlib.compress(text.encode(), 6)
    query = sa.insert(RESULTS).values(findings=packed, **values).returning(RESULTS.c.id)
    return int(conn.execute(query).scalar_one())


def get(database: Database, result_id: int) -> dict[str, Any] | None:
    """One result without its findings."""
    with database.read() as conn:
        row = conn.execute(sa.select(*_PLAIN).where(RESULTS.c.id == result_id)).mappings().first()
        return None if row is None else dict(row)


def latest(
    database: Database,
    connection_id: int,
    control_id: str,
    *,
    run_id: int | None = None,
    until: datetime | None = None,
) -> dict[str, Any] | None:
    """The newest result of a control (said by a moment), or the newest about one run."""
    query = sa.select(*_PLAIN).where(_of(connection_id, control_id, until))
    if run_id is not None:
        query = query.where(RESULTS.c.run_id == run_id)
    with database.read() as conn:
        row = conn.execute(query.order_by(RESULTS.c.id.desc()).limit(1)).mappings().first()
        return None if row is None else dict(row)


def history(
    database: Database,
    connection_id: int,
    control_id: str,
    *,
    limit: int = 500,
    until: datetime | None = None,
) -> list[dict[str, Any]]:
    """A control's results (said by a moment), oldest first: for each run the newest."""
    newest = (
        sa.select(sa.func.max(RESULTS.c.id).label("id"))
        .where(_of(connection_id, control_id, until))
        .group_by(RESULTS.c.run_id)
        .order_by(sa.func.max(RESULTS.c.id).desc())
        .limit(limit)
        .subquery()
    )
    query = sa.select(*_PLAIN).join(newest, newest.c.id == RESULTS.c.id).order_by(RESULTS.c.id)
    with database.read() as conn:
        return [dict(row) for row in conn.execute(query).mappings()]


def findings(database: Database, result_id: int) -> pd.DataFrame:
    """All findings of a result."""
    with database.read() as conn:
        packed = conn.execute(
            sa.select(RESULTS.c.findings).where(RESULTS.c.id == result_id)
        ).scalar_one()
    kept = json.loads(zlib.decompress(packed))
    return pd.DataFrame(kept["data"], columns=kept["columns"], dtype=object)


def add_exclusions(conn: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Append exclusions, or their withdrawals."""
    conn.execute(sa.insert(EXCLUSIONS), list(rows))


def exclusions(
    database: Database,
    connection_id: int,
    *,
    control_id: str | None = None,
    at: datetime | None = None,
) -> pd.DataFrame:
    """Every exclusion ever said, newest first; the first row for a control and user counts."""
    query = sa.select(*(c for c in EXCLUSIONS.columns if c.name != "id")).where(
        EXCLUSIONS.c.connection_id == connection_id
    )
    if control_id is not None:
        query = query.where(EXCLUSIONS.c.control_id == control_id)
    if at is not None:
        query = query.where(EXCLUSIONS.c.created_at <= at)
    with database.read() as conn:
        return to_frame(conn, query.order_by(EXCLUSIONS.c.id.desc()))


def newest_exclusion_id(database: Database, connection_id: int) -> int:
    """Changes whenever an exclusion is added or withdrawn: for caches."""
    query = sa.select(sa.func.coalesce(sa.func.max(EXCLUSIONS.c.id), 0))
    with database.read() as conn:
        ours = query.where(EXCLUSIONS.c.connection_id == connection_id)
        return int(conn.execute(ours).scalar_one())


def _of(connection_id: int, control_id: str, until: datetime | None) -> sa.ColumnElement[bool]:
    ours = (RESULTS.c.connection_id == connection_id) & (RESULTS.c.control_id == control_id)
    return ours if until is None else ours & (RESULTS.c.evaluated_at <= until)
