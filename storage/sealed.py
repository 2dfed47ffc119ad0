"""Every column that holds something encrypted, in one place, for whoever changes the key."""

from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage.ledgers import CONNECTIONS
from storage.sessions import ATTEMPTS, SESSIONS

COLUMNS = (
    CONNECTIONS.c.api_key_sealed,
    CONNECTIONS.c.client_secret_sealed,
    SESSIONS.c.id_token_sealed,
    ATTEMPTS.c.verifier_sealed,
)


def rewrite(conn: Connection, seal_anew: Callable[[str], str]) -> int:
    """Put every sealed value through seal_anew. Returns how many there were."""
    count = 0
    for column in COLUMNS:
        table = column.table
        assert isinstance(table, sa.Table)  # noqa: S101 - for the type checker
        rows = conn.execute(sa.select(table.c.id, column).where(column.is_not(None))).all()
        for row_id, sealed in rows:
            change = sa.update(table).where(table.c.id == row_id)
            conn.execute(change.values({column: seal_anew(sealed)}))
        count += len(rows)
    return count
