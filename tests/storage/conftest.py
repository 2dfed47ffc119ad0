"""Rows and runs for the tests of the store."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from storage import connections, history, runs
from storage.database import Database
from storage.directory import KINDS

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def row(kind: str, **values: Any) -> dict[str, Any]:
    """A row of a kind; columns that are not given are null, or empty where they must not be."""
    needed = {"profile": "{}", "presence": "present", "detail": "{}", "source": "{}"}
    return {name: values.get(name, needed.get(name)) for name in KINDS[kind].columns}


@pytest.fixture
def connection_id(database: Database) -> int:
    with database.write() as conn:
        return connections.add(
            conn,
            organization="https://acme.okta.com",
            host="acme.okta.com",
            email_domains=("acme.com",),
            access_reviews=False,
            demo=False,
            state="connected",
            created_at=NOON,
        )


@pytest.fixture
def publish(database: Database, connection_id: int) -> Callable[..., runs.RunRecord]:
    """Publish rows by kind as a run of their own."""

    def go(
        rows: dict[str, list[dict[str, Any]]],
        *,
        now: datetime = NOON,
        keep: tuple[history.Keep, ...] = (),
    ) -> runs.RunRecord:
        run, created = runs.start(
            database,
            connection_id=connection_id,
            mode="full",
            scope={},
            started_by="test",
            owner="me",
            now=now,
        )
        assert created
        with database.write() as conn:
            for kind, staged in rows.items():
                history.stage(conn, run.id, kind, staged)
            history.keep(conn, run.id, keep)
        history.publish(
            database,
            run.id,
            owner="me",
            kinds=list(rows),
            clock=lambda: now,
            run_fields={},
            audit={"actor": "t", "action": "sync.published", "subject": "run", "detail": {}},
        )
        found = runs.get(database, run.id)
        assert found is not None
        return found

    return go
