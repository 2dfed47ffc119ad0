"""Items that several may decide: of several owners the first to decide settles it (SPEC 5).

An item stands with one reviewer. While it is undecided, whoever shares it may decide too; then it
stands with who did.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage.bulk import insert_rows
from storage.review_tables import ITEMS, SHARES, STATES

UNDECIDED = ("PENDING", "NOT_MINE")
# Bound parameters of one query; SQLite's limit is 32,766.
MOST_IDS = 5_000
_STILL_SHARED = sa.and_(SHARES.c.item_id == STATES.c.item_id, STATES.c.state.in_(UNDECIDED))
# Each item with everybody who may decide it, or has: an item that three share is there three times.
BY_REVIEWER = STATES.outerjoin(SHARES, _STILL_SHARED)
REVIEWER: sa.ColumnElement[str | None] = sa.func.coalesce(
    SHARES.c.reviewer_id, STATES.c.reviewer_id
)


def is_with(campaign_id: int, reviewer_id: str) -> sa.ColumnElement[bool]:
    """Which states of a campaign are this reviewer's, alone or shared."""
    alone = sa.select(STATES.c.item_id).where(
        STATES.c.campaign_id == campaign_id, STATES.c.reviewer_id == reviewer_id
    )
    shared = (
        sa.select(SHARES.c.item_id)
        .join(STATES, _STILL_SHARED)
        .where(SHARES.c.campaign_id == campaign_id, SHARES.c.reviewer_id == reviewer_id)
    )
    # A union rather than an OR: each half has its index.
    return STATES.c.item_id.in_(sa.union_all(alone, shared))


def freeze(
    conn: Connection, campaign_id: int, owners: Mapping[tuple[str, str], Collection[str]]
) -> None:
    """Let the owners of each resource share its items, but for those about themselves.

    owners: (kind, resource id) -> user ids.
    """
    if not owners:
        return
    names = ("id", "user_id", "kind", "resource_id")
    query = sa.select(*(ITEMS.c[name] for name in names)).where(ITEMS.c.campaign_id == campaign_id)
    rows = [
        {"item_id": item_id, "campaign_id": campaign_id, "user_id": user_id, "reviewer_id": owner}
        for item_id, user_id, kind, resource_id in conn.execute(query)
        for owner in owners.get((kind, resource_id), ())
        if owner != user_id
    ]
    insert_rows(conn, SHARES, rows)


def sharers(conn: Connection, item_ids: Sequence[int]) -> dict[int, list[str]]:
    """item id -> who shares it, by id; items that nobody shares are left out."""
    found: dict[int, list[str]] = {}
    for start in range(0, len(item_ids), MOST_IDS):
        some = SHARES.c.item_id.in_(item_ids[start : start + MOST_IDS])
        query = sa.select(SHARES.c.item_id, SHARES.c.reviewer_id).where(some)
        for item_id, reviewer_id in conn.execute(query.order_by(SHARES.c.reviewer_id)):
            found.setdefault(item_id, []).append(reviewer_id)
    return found


def add(conn: Connection, row: Mapping[str, Any], reviewer_id: str) -> None:
    """Let one more share an item. row: as review_items gives it."""
    values = {"item_id": row["id"], "campaign_id": row["campaign_id"], "user_id": row["user_id"]}
    conn.execute(sa.insert(SHARES).values(**values, reviewer_id=reviewer_id))


def drop(conn: Connection, item_ids: Sequence[int], reviewer_id: str | None = None) -> None:
    """End the sharing of items, for one reviewer or for all."""
    for start in range(0, len(item_ids), MOST_IDS):
        query = sa.delete(SHARES).where(SHARES.c.item_id.in_(item_ids[start : start + MOST_IDS]))
        if reviewer_id is not None:
            query = query.where(SHARES.c.reviewer_id == reviewer_id)
        conn.execute(query)
