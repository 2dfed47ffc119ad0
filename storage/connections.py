"""The connected organizations. Secrets come in and go out sealed."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage.ledgers import CONNECTIONS


@dataclass(frozen=True)
class ConnectionRecord:
    """A connection as stored."""

    id: int
    organization: str
    host: str
    org_id: str | None
    custom_domain: str | None
    group_label: str | None
    group_id: str | None
    email_domains: tuple[str, ...]
    client_id: str | None
    api_key_sealed: str | None
    client_secret_sealed: str | None
    sign_in: bool
    access_reviews: bool
    demo: bool
    state: str
    key_owner_id: str | None
    key_owner_login: str | None
    key_set_at: datetime | None
    created_at: datetime
    preflight: list[dict[str, Any]]
    preflight_at: datetime | None


def add(conn: Connection, **values: Any) -> int:
    """Store a new connection. Returns its id."""
    values["email_domains"] = list(values["email_domains"])
    result = conn.execute(sa.insert(CONNECTIONS).values(**values).returning(CONNECTIONS.c.id))
    return int(result.scalar_one())


def update(conn: Connection, connection_id: int, **values: Any) -> None:
    """Change what is named."""
    if "email_domains" in values:
        values["email_domains"] = list(values["email_domains"])
    conn.execute(sa.update(CONNECTIONS).where(CONNECTIONS.c.id == connection_id).values(**values))


def get(conn: Connection, connection_id: int) -> ConnectionRecord | None:
    """One connection, disconnected ones included."""
    return _first(conn, CONNECTIONS.c.id == connection_id)


def by_host(conn: Connection, host: str) -> ConnectionRecord | None:
    """The newest connection to a host, disconnected ones included."""
    return _first(conn, CONNECTIONS.c.host == host)


def list_all(conn: Connection, *, include_disconnected: bool = False) -> list[ConnectionRecord]:
    """The connections, oldest first."""
    query = sa.select(CONNECTIONS).order_by(CONNECTIONS.c.id)
    if not include_disconnected:
        query = query.where(CONNECTIONS.c.state == "connected")
    return [_record(row) for row in conn.execute(query).mappings()]


def set_preflight(
    conn: Connection, connection_id: int, checks: list[dict[str, Any]], *, at: datetime
) -> None:
    """Keep what the checks said."""
    update(conn, connection_id, preflight=checks, preflight_at=at)


def disconnect(conn: Connection, connection_id: int) -> None:
    """Forget the secrets; everything else stays."""
    update(
        conn,
        connection_id,
        state="disconnected",
        api_key_sealed=None,
        client_secret_sealed=None,
        sign_in=False,
    )


def _first(conn: Connection, condition: sa.ColumnElement[bool]) -> ConnectionRecord | None:
    query = sa.select(CONNECTIONS).where(condition).order_by(CONNECTIONS.c.id.desc())
    row = conn.execute(query).mappings().first()
    return None if row is None else _record(row)


def _record(row: Any) -> ConnectionRecord:
    values = {f.name: row[f.name] for f in fields(ConnectionRecord)}
    values["email_domains"] = tuple(row["email_domains"] or ())
    values["preflight"] = row["preflight"] or []
    return ConnectionRecord(**values)
