"""Who was given which role, and from whom it was taken: append-only; the newest word counts."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlmodel import Field

from storage.database import serialise
from storage.directory import KINDS, Base, time
from storage.ledgers import table_of

ROLES_LOCK = 4711_0002


class RoleGrantRow(Base, table=True):
    """One word on one person's role. okta_user_id null: the e-mail names the person."""

    __tablename__ = "role_grants"
    id: int | None = Field(default=None, primary_key=True)
    role: str
    okta_user_id: str | None = Field(index=True)
    email: str | None = Field(index=True)
    name: str
    given: bool
    ends_on: date | None
    as_of_limit: date | None
    reason: str
    author: str
    created_at: datetime = time(null=False)


@dataclass(frozen=True)
class GrantRecord:
    """One word on one person's role. ends_on: the last day. as_of_limit: the newest day shown."""

    id: int
    role: str
    okta_user_id: str | None
    email: str | None
    name: str
    given: bool
    ends_on: date | None
    as_of_limit: date | None
    reason: str
    author: str
    created_at: datetime

    @property
    def subject(self) -> str:
        """Whom it is about: the Okta user id where known, else the e-mail."""
        return self.okta_user_id or self.email or ""

    def in_force(self, today: date) -> bool:
        """True from its giving to the end of its last day."""
        return self.given and (self.ends_on is None or self.ends_on >= today)


@dataclass(frozen=True)
class Account:
    """An account of the directory: who it is, in short."""

    okta_user_id: str
    login: str
    email: str
    name: str


GRANTS = table_of(RoleGrantRow)


def lock(conn: Connection) -> None:
    """Let nobody else change roles until this transaction ends."""
    serialise(conn, ROLES_LOCK)


def add(conn: Connection, **values: Any) -> int:
    """Append a word. Returns its id."""
    return int(conn.execute(sa.insert(GRANTS).values(**values).returning(GRANTS.c.id)).scalar_one())


def newest(conn: Connection) -> list[GrantRecord]:
    """The newest word on each person and role, the newest of all first."""
    who = sa.func.coalesce(GRANTS.c.okta_user_id, GRANTS.c.email)
    last = sa.select(sa.func.max(GRANTS.c.id)).group_by(who, GRANTS.c.role)
    query = sa.select(GRANTS).where(GRANTS.c.id.in_(last)).order_by(GRANTS.c.id.desc())
    return [_record(row) for row in conn.execute(query).mappings()]


def newest_of(conn: Connection, *, okta_user_id: str, email: str | None) -> list[GrantRecord]:
    """The newest word on each role of one person.

    email: None where it does not tell people apart, so that only the Okta user id counts.
    """
    by_email = (
        sa.false() if email is None else GRANTS.c.okta_user_id.is_(None) & (GRANTS.c.email == email)
    )
    query = sa.select(GRANTS).where((GRANTS.c.okta_user_id == okta_user_id) | by_email)
    found: dict[tuple[str, str], GrantRecord] = {}
    for row in conn.execute(query.order_by(GRANTS.c.id)).mappings():
        record = _record(row)
        found[record.subject, record.role] = record
    return list(found.values())


def history(conn: Connection, *, limit: int) -> list[GrantRecord]:
    """Every word on every role, the newest first."""
    query = sa.select(GRANTS).order_by(GRANTS.c.id.desc()).limit(limit)
    return [_record(row) for row in conn.execute(query).mappings()]


def accounts(
    conn: Connection, *, email: str | None = None, okta_user_id: str | None = None
) -> list[Account]:
    """The living accounts of any connection, as last published, with an e-mail or an id.

    email: trimmed and lower-case. Who is deactivated or deleted does not live any more.
    """
    users = KINDS["users"].table
    asked = (
        sa.func.lower(sa.func.trim(users.c.email)) == email
        if email is not None
        else users.c.user_id == okta_user_id
    )
    query = sa.select(
        *(users.c[name] for name in ("user_id", "login", "email", "first_name", "last_name"))
    ).where(
        asked,
        users.c.valid_to.is_(None),
        users.c.presence != "deleted",
        sa.func.coalesce(users.c.status, "") != "DEPROVISIONED",
    )
    return [
        Account(
            row["user_id"],
            row["login"] or row["email"] or row["user_id"],
            row["email"] or "",
            " ".join(filter(None, (row["first_name"], row["last_name"]))),
        )
        for row in conn.execute(query).mappings()
    ]


def _record(row: Any) -> GrantRecord:
    return GrantRecord(**{f.name: row[f.name] for f in fields(GrantRecord)})
