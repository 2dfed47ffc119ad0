"""Who owns which application, group or admin role: set here, kept with its history (SPEC 5)."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage.review_tables import OWNERS


def set_owners(
    conn: Connection,
    connection_id: int,
    kind: str,
    resource_id: str,
    owners: list[str],
    *,
    by: str,
    at: datetime,
) -> None:
    """Append who owns a resource from now on. owners: Okta user ids, none for nobody."""
    values = {"connection_id": connection_id, "kind": kind, "resource_id": resource_id}
    conn.execute(sa.insert(OWNERS).values(**values, owners=owners, set_by=by, set_at=at))


def owners_of(conn: Connection, connection_id: int) -> list[dict[str, Any]]:
    """The newest word on each resource: kind, resource_id, owners, set_by, set_at."""
    newest = (
        sa.select(sa.func.max(OWNERS.c.id))
        .where(OWNERS.c.connection_id == connection_id)
        .group_by(OWNERS.c.kind, OWNERS.c.resource_id)
    )
    query = sa.select(OWNERS).where(OWNERS.c.id.in_(newest)).order_by(OWNERS.c.id)
    return [dict(row) for row in conn.execute(query).mappings()]
