"""Who is signed in, and who is on the way to be: sessions and sign-in attempts.

Nothing that opens a door is stored in clear: a session's id, an attempt's state and the browser
that began it are kept as hashes only.
"""

import hashlib
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlmodel import Field

from storage.directory import KINDS, Base, time
from storage.ledgers import table_of

# Long enough that a replayed answer is known as one, and an ended session as ours.
ATTEMPTS_KEPT = timedelta(hours=1)
SESSIONS_KEPT = timedelta(days=30)
# People in these states cannot sign in to Okta any more.
CANNOT_SIGN_IN = ("DEPROVISIONED", "SUSPENDED")


class SignInAttemptRow(Base, table=True):
    """A sign-in that was begun. It is used once or not at all."""

    __tablename__ = "sign_in_attempts"
    id: int | None = Field(default=None, primary_key=True)
    state_hash: str = Field(unique=True)
    browser_hash: str
    connection_id: int = Field(foreign_key="connections.id")
    nonce: str
    verifier_sealed: str | None
    redirect_uri: str
    next: str
    created_at: datetime = time(null=False)
    expires_at: datetime = time(null=False)
    used_at: datetime | None = time()


class SessionRow(Base, table=True):
    """A signed-in browser. kind: "okta", or "persona" in the demo."""

    __tablename__ = "sessions"
    id: int | None = Field(default=None, primary_key=True)
    token_hash: str = Field(unique=True)
    kind: str
    connection_id: int = Field(foreign_key="connections.id")
    okta_user_id: str = Field(index=True)
    login: str
    email: str
    name: str
    id_token_sealed: str | None
    address: str
    browser: str
    started_at: datetime = time(null=False)
    seen_at: datetime = time(null=False)
    expires_at: datetime = time(null=False)
    ended_at: datetime | None = time()
    ended_because: str | None


@dataclass(frozen=True)
class AttemptRecord:
    """A sign-in attempt as stored."""

    id: int
    connection_id: int
    nonce: str
    verifier_sealed: str
    redirect_uri: str
    next: str
    expires_at: datetime
    used_at: datetime | None


@dataclass(frozen=True)
class SessionRecord:
    """A session as stored. ended_because is None while nobody and nothing has ended it."""

    id: int
    kind: str
    connection_id: int
    okta_user_id: str
    login: str
    email: str
    name: str
    id_token_sealed: str | None
    address: str
    browser: str
    started_at: datetime
    seen_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    ended_because: str | None


ATTEMPTS = table_of(SignInAttemptRow)
SESSIONS = table_of(SessionRow)


def hashed(secret: str) -> str:
    """What is stored of a random value. It is long and random, so that no salt is needed."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def begin_attempt(conn: Connection, *, state: str, browser: str, now: datetime, **more: Any) -> int:
    """Remember an attempt, and forget those of long ago. Returns its id."""
    conn.execute(sa.delete(ATTEMPTS).where(ATTEMPTS.c.expires_at < now - ATTEMPTS_KEPT))
    values = {"state_hash": hashed(state), "browser_hash": hashed(browser), "created_at": now}
    query = sa.insert(ATTEMPTS).values(**values, **more).returning(ATTEMPTS.c.id)
    return int(conn.execute(query).scalar_one())


def use_attempt(
    conn: Connection, *, state: str, browser: str, now: datetime
) -> tuple[AttemptRecord | None, str]:
    """Use an attempt up: of several who try at once one gets it.

    Returns it, or None with what is wrong: "unknown", "other_browser", "used" or "expired".
    """
    ours = ATTEMPTS.c.state_hash == hashed(state)
    row = conn.execute(sa.select(ATTEMPTS).where(ours)).mappings().first()
    if row is None:
        return None, "unknown"
    if row["browser_hash"] != hashed(browser):
        return None, "other_browser"
    free = ours & ATTEMPTS.c.used_at.is_(None)
    used_up = sa.update(ATTEMPTS).where(free).values(used_at=now, verifier_sealed=None)
    if conn.execute(used_up).rowcount != 1:
        return None, "used"
    if row["expires_at"] <= now:
        return None, "expired"
    return AttemptRecord(**{f.name: row[f.name] for f in fields(AttemptRecord)}), ""


def start(conn: Connection, *, token: str, now: datetime, **values: Any) -> int:
    """Store a new session, and forget those that ended long ago. Returns its id."""
    conn.execute(sa.delete(SESSIONS).where(SESSIONS.c.expires_at < now - SESSIONS_KEPT))
    row = {"token_hash": hashed(token), "started_at": now, "seen_at": now, **values}
    query = sa.insert(SESSIONS).values(**row).returning(SESSIONS.c.id)
    return int(conn.execute(query).scalar_one())


def by_token(conn: Connection, token: str) -> SessionRecord | None:
    """The session that a browser's random id opens, ended ones included."""
    row = conn.execute(sa.select(SESSIONS).where(SESSIONS.c.token_hash == hashed(token)))
    return _first(row)


def get(conn: Connection, session_id: int) -> SessionRecord | None:
    """One session, ended ones included."""
    return _first(conn.execute(sa.select(SESSIONS).where(SESSIONS.c.id == session_id)))


def seen(conn: Connection, session_id: int, *, now: datetime) -> None:
    """Note that somebody is at the screen. Never wakes an ended session."""
    alive = (SESSIONS.c.id == session_id) & SESSIONS.c.ended_at.is_(None)
    conn.execute(sa.update(SESSIONS).where(alive, SESSIONS.c.seen_at < now).values(seen_at=now))


def standing(conn: Connection, *, okta_user_id: str | None = None) -> list[SessionRecord]:
    """The sessions that nobody has ended, newest first: of one person or of everybody."""
    query = sa.select(SESSIONS).where(SESSIONS.c.ended_at.is_(None))
    if okta_user_id is not None:
        query = query.where(SESSIONS.c.okta_user_id == okta_user_id)
    return [_record(row) for row in conn.execute(query.order_by(SESSIONS.c.id.desc())).mappings()]


def last_seen(conn: Connection, connection_id: int, *, since: datetime) -> dict[str, datetime]:
    """Okta user id -> when somebody was last at a screen of theirs, ended sessions included."""
    newest = sa.func.max(SESSIONS.c.seen_at, type_=SESSIONS.c.seen_at.type)
    query = sa.select(SESSIONS.c.okta_user_id, newest).group_by(SESSIONS.c.okta_user_id)
    ours = SESSIONS.c.connection_id == connection_id
    rows = conn.execute(query.where(ours, SESSIONS.c.seen_at >= since))
    return {row.okta_user_id: row[1] for row in rows}


def end(
    conn: Connection, condition: sa.ColumnElement[bool], *, because: str, now: datetime
) -> list[SessionRecord]:
    """End the sessions that fit and still stand. What Okta said of them is forgotten."""
    query = (
        sa.update(SESSIONS)
        .where(condition, SESSIONS.c.ended_at.is_(None))
        .values(ended_at=now, ended_because=because, id_token_sealed=None)
        .returning(SESSIONS)
    )
    return [_record(row) for row in conn.execute(query).mappings().all()]


def end_of_leavers(
    conn: Connection, connection_id: int, *, because: str, now: datetime
) -> list[SessionRecord]:
    """End the sessions of people who, as last published, cannot sign in to Okta any more."""
    users = KINDS["users"].table
    gone = sa.select(users.c.user_id).where(
        users.c.connection_id == connection_id,
        users.c.valid_to.is_(None),
        users.c.status.in_(CANNOT_SIGN_IN) | (users.c.presence == "deleted"),
    )
    theirs = (SESSIONS.c.connection_id == connection_id) & SESSIONS.c.okta_user_id.in_(gone)
    return end(conn, theirs, because=because, now=now)


def _first(found: sa.CursorResult[Any]) -> SessionRecord | None:
    row = found.mappings().first()
    return None if row is None else _record(row)


def _record(row: Any) -> SessionRecord:
    return SessionRecord(**{f.name: row[f.name] for f in fields(SessionRecord)})
