"""What was said about items, in order and for ever: decisions and reassignments."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage.frames import to_frame
from storage.review_tables import ASSIGNMENTS, DECISIONS


def add_decisions(conn: Connection, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Append decisions. Returns their ids, in the same order."""
    query = sa.insert(DECISIONS).returning(DECISIONS.c.id, sort_by_parameter_order=True)
    return list(conn.execute(query, list(rows)).scalars())


def add_assignments(conn: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Append reassignments."""
    if rows:
        conn.execute(sa.insert(ASSIGNMENTS), list(rows))


def decisions_of(conn: Connection, item_id: int) -> list[dict[str, Any]]:
    """Everything decided about an item, oldest first."""
    query = sa.select(DECISIONS).where(DECISIONS.c.item_id == item_id).order_by(DECISIONS.c.id)
    return [dict(row) for row in conn.execute(query).mappings()]


def assignments_of(conn: Connection, item_id: int) -> list[dict[str, Any]]:
    """Every reassignment of an item, oldest first."""
    query = sa.select(ASSIGNMENTS).where(ASSIGNMENTS.c.item_id == item_id)
    return [dict(row) for row in conn.execute(query.order_by(ASSIGNMENTS.c.id)).mappings()]


def decisions_in(conn: Connection, campaign_id: int) -> pd.DataFrame:
    """Every decision of a campaign that people made, oldest first."""
    names = ("item_id", "decision", "takes_back", "decided_by", "decided_by_name", "decided_at")
    query = (
        sa.select(DECISIONS.c.id, *(DECISIONS.c[n] for n in (*names, "bulk", "note", "drift")))
        .where(DECISIONS.c.campaign_id == campaign_id, DECISIONS.c.decided_by.is_not(None))
        .order_by(DECISIONS.c.decided_at, DECISIONS.c.id)
    )
    return to_frame(conn, query)


def newest_change(conn: Connection, campaign_id: int, reviewer_id: str) -> Any:
    """When a reviewer's part last changed: a decision of theirs, or an item that came to them."""
    decided = sa.select(sa.func.max(DECISIONS.c.decided_at, type_=DECISIONS.c.decided_at.type))
    decided = decided.where(
        DECISIONS.c.campaign_id == campaign_id, DECISIONS.c.reviewer_id == reviewer_id
    )
    at = ASSIGNMENTS.c.assigned_at
    given = sa.select(sa.func.max(at, type_=at.type)).where(
        ASSIGNMENTS.c.campaign_id == campaign_id,
        sa.or_(ASSIGNMENTS.c.to_id == reviewer_id, ASSIGNMENTS.c.from_id == reviewer_id),
    )
    moments = [conn.execute(query).scalar() for query in (decided, given)]
    known = [moment for moment in moments if moment is not None]
    return max(known) if known else None
