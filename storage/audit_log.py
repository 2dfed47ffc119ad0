"""The audit log: each event carries the hash of the one before, so that tampering shows."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage.database import dumps, serialise
from storage.ledgers import AUDIT_EVENTS, AUDIT_HEAD

CHAIN_LOCK = 4711_0001
FIRST = "0" * 64


@dataclass(frozen=True)
class Verification:
    """What verify() found: ok, or the first bad event and what is wrong with it."""

    ok: bool
    events: int
    first_bad: int | None
    problem: str


def append(
    conn: Connection, *, actor: str, action: str, subject: str, detail: dict[str, Any], at: datetime
) -> int:
    """Add an event to the chain, as part of the caller's transaction. Returns its number."""
    serialise(conn, CHAIN_LOCK)
    head = conn.execute(sa.select(AUDIT_HEAD)).mappings().first()
    seq = (head["seq"] if head else 0) + 1
    event = {
        "seq": seq,
        "at": at.astimezone(UTC),
        "actor": actor,
        "action": action,
        "subject": subject,
        "detail": dumps(detail),
        "previous_hash": head["hash"] if head else FIRST,
    }
    event["hash"] = event_hash(event)
    conn.execute(sa.insert(AUDIT_EVENTS).values(**event))
    if head:
        conn.execute(sa.update(AUDIT_HEAD).values(seq=seq, hash=event["hash"]))
    else:
        conn.execute(sa.insert(AUDIT_HEAD).values(id=1, seq=seq, hash=event["hash"]))
    return seq


def event_hash(event: Any) -> str:
    """sha256 over the canonical JSON of an event, the hash of the one before included."""
    at = event["at"].astimezone(UTC).isoformat(timespec="microseconds")
    names = ("seq", "actor", "action", "subject", "detail", "previous_hash")
    text = dumps({**{name: event[name] for name in names}, "at": at})
    return hashlib.sha256(text.encode()).hexdigest()


def verify(conn: Connection) -> Verification:
    """Walk the chain; name the first event that was altered, removed or inserted."""
    previous, expected = FIRST, 1
    rows = conn.execute(sa.select(AUDIT_EVENTS).order_by(AUDIT_EVENTS.c.seq)).mappings()
    for row in rows:
        seq = row["seq"]
        if seq != expected:
            what = "was removed" if seq > expected else "was inserted"
            return Verification(
                False, expected - 1, min(seq, expected), f"Event {expected} {what}."
            )
        if row["previous_hash"] != previous:
            return Verification(
                False, seq, seq, f"Event {seq} does not follow the event before it."
            )
        if event_hash(row) != row["hash"]:
            return Verification(False, seq, seq, f"Event {seq} was altered.")
        previous, expected = row["hash"], expected + 1
    count = expected - 1
    head = conn.execute(sa.select(AUDIT_HEAD)).mappings().first()
    known = (head["seq"], head["hash"]) if head else (0, FIRST)
    if known != (count, previous):
        bad = min(known[0], count) + 1
        what = "was removed" if known[0] > count else "was inserted"
        return Verification(False, count, bad, f"Event {bad} {what} at the end.")
    return Verification(True, count, None, "")


def events(
    conn: Connection,
    *,
    limit: int,
    before: int | None = None,
    action: str | None = None,
    until: datetime | None = None,
) -> list[dict[str, Any]]:
    """The newest events first, detail as a dict. until: none that happened later."""
    query = sa.select(AUDIT_EVENTS).order_by(AUDIT_EVENTS.c.seq.desc()).limit(limit)
    if before is not None:
        query = query.where(AUDIT_EVENTS.c.seq < before)
    if action is not None:
        query = query.where(AUDIT_EVENTS.c.action == action)
    if until is not None:
        query = query.where(AUDIT_EVENTS.c.at <= until)
    rows = conn.execute(query).mappings()
    return [{**row, "detail": json.loads(row["detail"])} for row in rows]
