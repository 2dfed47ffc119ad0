"""E-mail to send and what became of it. A key says which mail it is, so that it goes out once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from storage.review_tables import MAILS, REMINDERS

TO_COPY, PENDING, SENDING, SENT, FAILED = "TO_COPY", "PENDING", "SENDING", "SENT", "FAILED"


def queue(conn: Connection, rows: Sequence[Mapping[str, Any]]) -> int:
    """Keep mails to send; those with a known key are there already. Returns how many are new."""
    return len(_insert_new(conn, MAILS, rows, ("key",), MAILS.c.key))


def remember(conn: Connection, rows: Sequence[Mapping[str, Any]]) -> set[tuple[Any, ...]]:
    """Note occasions to tell somebody something: those of them that nobody noted before."""
    key = ("campaign_id", "reviewer_id", "occasion")
    return set(_insert_new(conn, REMINDERS, rows, key, *(REMINDERS.c[name] for name in key)))


def reminded(conn: Connection, campaign_id: int) -> set[tuple[str, str]]:
    """(reviewer, occasion) of a campaign that are noted already."""
    query = sa.select(REMINDERS.c.reviewer_id, REMINDERS.c.occasion)
    rows = conn.execute(query.where(REMINDERS.c.campaign_id == campaign_id))
    return {(row.reviewer_id, row.occasion) for row in rows}


def claim(conn: Connection, *, now: datetime) -> dict[str, Any] | None:
    """The next mail that is due, ours alone to send."""
    due = sa.or_(MAILS.c.next_try_at.is_(None), MAILS.c.next_try_at <= now)
    query = sa.select(MAILS.c.id).where(MAILS.c.state == PENDING, due).order_by(MAILS.c.id)
    # Another sender's locked row is passed over instead of waited for; SQLite has but one writer.
    found = conn.execute(query.limit(1).with_for_update(skip_locked=True)).scalar()
    if found is None:
        return None
    taken = sa.update(MAILS).where(MAILS.c.id == found, MAILS.c.state == PENDING)
    taken = taken.values(state=SENDING, claimed_at=now, attempts=MAILS.c.attempts + 1)
    return dict(conn.execute(taken.returning(*MAILS.columns)).mappings().one())


def settle(conn: Connection, mail_id: int, *, state: str, **values: Any) -> None:
    """Write what became of a mail that is being sent."""
    sending = sa.update(MAILS).where(MAILS.c.id == mail_id, MAILS.c.state == SENDING)
    conn.execute(sending.values(state=state, **values))


def give_up_lost(conn: Connection, *, claimed_before: datetime, error: str) -> int:
    """Mails whose sender has died: failed, because nobody knows whether they went out."""
    lost = sa.update(MAILS).where(MAILS.c.state == SENDING, MAILS.c.claimed_at < claimed_before)
    return conn.execute(lost.values(state=FAILED, error=error)).rowcount


def retry(conn: Connection, connection_id: int, mail_id: int) -> bool:
    """Send a failed mail once more. False when it is not failed."""
    failed = sa.update(MAILS).where(
        MAILS.c.id == mail_id, MAILS.c.connection_id == connection_id, MAILS.c.state == FAILED
    )
    return conn.execute(failed.values(state=PENDING, attempts=0, next_try_at=None)).rowcount == 1


def list_for(
    conn: Connection, connection_id: int, *, campaign_id: int | None = None, limit: int = 200
) -> list[dict[str, Any]]:
    """A connection's mails, newest first; of one campaign, those that are about it alone or too."""
    query = sa.select(MAILS).where(MAILS.c.connection_id == connection_id)
    if campaign_id is not None:
        query = query.where(MAILS.c.campaign_id == campaign_id)
    rows = conn.execute(query.order_by(MAILS.c.id.desc()).limit(limit)).mappings()
    return [dict(row) for row in rows]


def _insert_new(
    conn: Connection,
    table: sa.Table,
    rows: Sequence[Mapping[str, Any]],
    key: Sequence[str],
    *returned: sa.ColumnElement[Any],
) -> list[Any]:
    """Insert what is not there yet; what was inserted, by its key."""
    make = sqlite.insert if conn.dialect.name == "sqlite" else postgresql.insert
    found: list[Any] = []
    for row in rows:
        statement = make(table).values(**row).on_conflict_do_nothing(index_elements=list(key))
        found += [tuple(made) for made in conn.execute(statement.returning(*returned))]
    return found
