"""Overrides: what people said in Okta's place. Append-only; the newest for a field counts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage.database import Database
from storage.frames import to_frame
from storage.ledgers import OVERRIDES

FIELDS = ("status", "start_date", "separation_date", "contractor")
_SHOWN = [OVERRIDES.c[name] for name in ("user_id", "field", "value", "reason", "author")]


def add_overrides(conn: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Append overrides; value None takes one back."""
    conn.execute(sa.insert(OVERRIDES), list(rows))


def overrides(database: Database, connection_id: int, at: datetime | None = None) -> pd.DataFrame:
    """The overrides in force at a moment: one row a user and field."""
    ours = OVERRIDES.c.connection_id == connection_id
    if at is not None:
        ours &= OVERRIDES.c.created_at <= at
    newest = (
        sa.select(sa.func.max(OVERRIDES.c.id).label("id"))
        .where(ours)
        .group_by(OVERRIDES.c.user_id, OVERRIDES.c.field)
        .subquery()
    )
    query = (
        sa.select(*_SHOWN, OVERRIDES.c.created_at)
        .join(newest, newest.c.id == OVERRIDES.c.id)
        .where(OVERRIDES.c.value.is_not(None))
    )
    with database.read() as conn:
        return to_frame(conn, query)


def override_history(database: Database, connection_id: int, user_id: str) -> pd.DataFrame:
    """Everything ever said about one user, newest first."""
    query = (
        sa.select(*_SHOWN, OVERRIDES.c.created_at)
        .where(OVERRIDES.c.connection_id == connection_id, OVERRIDES.c.user_id == user_id)
        .order_by(OVERRIDES.c.id.desc())
    )
    with database.read() as conn:
        return to_frame(conn, query)


def newest_override_id(database: Database, connection_id: int) -> int:
    """Changes whenever an override is added: for caches."""
    query = sa.select(sa.func.coalesce(sa.func.max(OVERRIDES.c.id), 0))
    with database.read() as conn:
        return int(
            conn.execute(query.where(OVERRIDES.c.connection_id == connection_id)).scalar_one()
        )
