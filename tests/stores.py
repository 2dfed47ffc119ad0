"""Stores for tests: one PostgreSQL database a test process, emptied after each test; SQLite copied.

Dropping a PostgreSQL database takes seconds on a busy disk and emptying one takes milliseconds, so
only tests that migrate from nothing get a database of their own (`own_postgres`).
"""

import contextlib
import uuid
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from storage.database import Database, migrate

KEPT = "kept"


@contextlib.contextmanager
def own_postgres(server_url: str) -> Iterator[str]:
    """The URL of an empty database with a random name, dropped at the end."""
    name = f"countersign_test_{uuid.uuid4().hex[:12]}"
    _administer(
        server_url,
        f"CREATE DATABASE {name}",
        # What a crash of the server would lose is of no use to a test.
        f"ALTER DATABASE {name} SET synchronous_commit = off",
    )
    try:
        yield sa.engine.make_url(server_url).set(database=name).render_as_string(False)
    finally:
        _administer(server_url, f"DROP DATABASE {name} WITH (FORCE)")


def migrated_sqlite(path: Path) -> Path:
    """A store of the newest schema as one file, for tests to copy."""
    made = Database(f"sqlite:///{path}")
    migrate(made)
    # The last one who closes it writes the log into the file.
    made.close()
    return path


def empty(url: str) -> None:
    """Delete every row, append-only tables included, and end whoever a test left connected."""
    with _alone(url) as conn:
        for table in _tables(conn, "public"):
            conn.exec_driver_sql(f'DELETE FROM public."{table}"')


def keep(url: str) -> None:
    """Remember every row, for `restore` to bring back."""
    with _alone(url) as conn:
        conn.exec_driver_sql(f"CREATE SCHEMA {KEPT}")
        for table in _tables(conn, "public"):
            conn.exec_driver_sql(f'CREATE TABLE {KEPT}."{table}" AS TABLE public."{table}"')


def restore(url: str) -> None:
    """The rows that were kept, in an emptied store."""
    empty(url)
    with _alone(url) as conn:
        for table in _tables(conn, KEPT):
            conn.exec_driver_sql(f'INSERT INTO public."{table}" TABLE {KEPT}."{table}"')


@contextlib.contextmanager
def _alone(url: str) -> Iterator[sa.Connection]:
    """A transaction that triggers and foreign keys do not bind, after all others were ended."""
    store = Database(url)
    try:
        with store.engine.begin() as conn:
            conn.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            conn.exec_driver_sql("SET LOCAL session_replication_role = replica")
            yield conn
    finally:
        store.close()


def _tables(conn: sa.Connection, schema: str) -> list[str]:
    found = conn.execute(
        sa.text("SELECT tablename FROM pg_tables WHERE schemaname = :schema"), {"schema": schema}
    ).scalars()
    return [name for name in found if name != "alembic_version"]


def _administer(server_url: str, *statements: str) -> None:
    server = Database(server_url)
    try:
        with server.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            for statement in statements:
                conn.execute(sa.text(statement))
    finally:
        server.close()
