"""Review campaigns, who reviews in them, and what reviewers sign."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage.bulk import upsert_rows
from storage.database import lock_row
from storage.review_tables import CAMPAIGNS, REVIEWERS, SIGN_OFFS


@dataclass(frozen=True)
class CampaignRecord:
    """A campaign as stored. frozen_at: the moment that its items show, published by run_id.

    unread: what it could not look at, kind, okta_id, label and reason each.
    """

    id: int
    connection_id: int
    name: str
    template: str
    state: str
    scope: dict[str, Any]
    strategy: str
    owners: dict[str, list[str]]
    named_id: str | None
    fallback_id: str
    due_on: date
    rest: str
    repeat_months: int | None
    repeat_problem: str | None
    series_id: int | None
    number: int
    previous_id: int | None
    run_id: int | None
    frozen_at: datetime | None
    items: int
    created_by: str
    created_at: datetime
    opened_by: str | None
    opened_at: datetime | None
    closed_by: str | None
    closed_at: datetime | None
    closing: dict[str, Any] | None
    unread: list[dict[str, Any]] | None
    unread_reason: str | None


def add(conn: Connection, **values: Any) -> int:
    """Store a new campaign. Returns its id."""
    made = {"number": 1, "items": 0, **values}
    query = sa.insert(CAMPAIGNS).values(**made).returning(CAMPAIGNS.c.id)
    return int(conn.execute(query).scalar_one())


def update(conn: Connection, campaign_id: int, **values: Any) -> None:
    """Change what is named."""
    conn.execute(sa.update(CAMPAIGNS).where(CAMPAIGNS.c.id == campaign_id).values(**values))


def get(conn: Connection, campaign_id: int) -> CampaignRecord | None:
    """One campaign."""
    row = conn.execute(sa.select(CAMPAIGNS).where(CAMPAIGNS.c.id == campaign_id)).mappings().first()
    return None if row is None else _record(row)


def hold(conn: Connection, campaign_id: int, *, alone: bool) -> CampaignRecord | None:
    """One campaign, and nobody may close it until this transaction ends.

    alone: nobody may decide in it either, as closing needs.
    """
    lock_row(conn, CAMPAIGNS, campaign_id, shared=not alone)
    return get(conn, campaign_id)


def list_for(conn: Connection, connection_id: int) -> list[CampaignRecord]:
    """A connection's campaigns, newest first."""
    query = sa.select(CAMPAIGNS).where(CAMPAIGNS.c.connection_id == connection_id)
    rows = conn.execute(query.order_by(CAMPAIGNS.c.id.desc())).mappings()
    return [_record(row) for row in rows]


def active(conn: Connection) -> list[CampaignRecord]:
    """Every campaign that takes decisions."""
    rows = conn.execute(sa.select(CAMPAIGNS).where(_is("ACTIVE")).order_by(CAMPAIGNS.c.id))
    return [_record(row) for row in rows.mappings()]


def last_of_series(conn: Connection) -> list[CampaignRecord]:
    """Of each campaign that repeats, the newest: the one that the next follows."""
    newest = (
        sa.select(sa.func.max(CAMPAIGNS.c.number).label("number"), CAMPAIGNS.c.series_id)
        .where(CAMPAIGNS.c.series_id.is_not(None))
        .group_by(CAMPAIGNS.c.series_id)
        .subquery()
    )
    query = sa.select(CAMPAIGNS).join(
        newest,
        (newest.c.series_id == CAMPAIGNS.c.series_id) & (newest.c.number == CAMPAIGNS.c.number),
    )
    rows = conn.execute(query.where(CAMPAIGNS.c.repeat_months.is_not(None)))
    return [_record(row) for row in rows.mappings()]


def add_reviewers(conn: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
    """Note who reviews in a campaign, by the name and address they have now."""
    upsert_rows(conn, REVIEWERS, list(rows), ("campaign_id", "user_id"))


def reviewers(conn: Connection, campaign_id: int) -> dict[str, dict[str, Any]]:
    """user id -> name and e-mail of everybody who has or had items of a campaign."""
    query = sa.select(REVIEWERS).where(REVIEWERS.c.campaign_id == campaign_id)
    return {row["user_id"]: dict(row) for row in conn.execute(query).mappings()}


def add_sign_off(conn: Connection, **values: Any) -> None:
    """Append a reviewer's statement."""
    conn.execute(sa.insert(SIGN_OFFS).values(**values))


def sign_offs(conn: Connection, campaign_id: int) -> list[dict[str, Any]]:
    """What was signed in a campaign, newest first."""
    query = sa.select(SIGN_OFFS).where(SIGN_OFFS.c.campaign_id == campaign_id)
    return [dict(row) for row in conn.execute(query.order_by(SIGN_OFFS.c.id.desc())).mappings()]


def _is(state: str) -> sa.ColumnElement[bool]:
    return CAMPAIGNS.c.state == state


def _record(row: Any) -> CampaignRecord:
    return CampaignRecord(**{f.name: row[f.name] for f in fields(CampaignRecord)})
