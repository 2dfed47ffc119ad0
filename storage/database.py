"""The engine and its transactions. Where SQLite and PostgreSQL must differ, it is said here."""

import contextlib
import copy
import json
import logging
import sqlite3
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy.engine import Connection, Dialect, make_url

from storage.errors import StorageError

logger = logging.getLogger(__name__)

BUSY_MILLISECONDS = 30_000
CACHE_KILOBYTES, PUBLISHING_KILOBYTES = 8 * 1024, 64 * 1024
# Any number: it names our advisory lock among those of the PostgreSQL server.
MIGRATION_LOCK = 4711_0086


class UtcTime(sa.types.TypeDecorator[datetime]):
    """Aware UTC times on both sides: timestamptz on PostgreSQL, ISO text in UTC on SQLite."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Naive times are a mistake, and refused."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A time without time zone cannot be stored.")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Aware, UTC."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class Database:
    """One store. write() and read() give connections inside a transaction; thread-safe."""

    _open: Connection | None = None

    def __init__(self, url: str):
        try:
            parsed = make_url(url)
        except sa.exc.ArgumentError:
            raise StorageError("COUNTERSIGN_DATABASE_URL is not a database URL.") from None
        if parsed.drivername in {"postgres", "postgresql"}:
            parsed = parsed.set(drivername="postgresql+psycopg")
        self.dialect = parsed.get_backend_name()
        if self.dialect not in {"sqlite", "postgresql"}:
            raise StorageError("The store is SQLite or PostgreSQL; this URL names another.")
        self.shown_url = parsed.render_as_string(hide_password=True)
        if self.dialect == "sqlite":
            self.engine = sa.create_engine(
                parsed, connect_args={"timeout": BUSY_MILLISECONDS / 1e3}
            )
            sa.event.listen(self.engine, "connect", _set_up_sqlite)
            sa.event.listen(self.engine, "begin", _begin_sqlite)
        else:
            self.engine = sa.create_engine(parsed, pool_pre_ping=True, pool_size=10)

    @contextlib.contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that may write. On SQLite it takes the write lock at once."""
        with self._connected(write=True) as conn:
            yield conn

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one moment."""
        with self._connected(write=False) as conn:
            yield conn

    def within(self, conn: Connection) -> "Database":
        """The store as an open transaction sees it: reading and writing become part of that one."""
        inside = copy.copy(self)
        inside._open = conn
        return inside

    @contextlib.contextmanager
    def _connected(self, *, write: bool) -> Iterator[Connection]:
        if self._open is not None:
            yield self._open
            return
        options: dict[str, Any] = {"countersign_write": write}
        if not write and self.dialect == "postgresql":
            options["isolation_level"] = "REPEATABLE READ"
        try:
            connection = self.engine.connect()
        except sa.exc.DatabaseError as error:
            # Also DatabaseError itself: that is what SQLite says of a file that is none of its own.
            raise StorageError(
                f"The store {self.shown_url} cannot be opened: {_short(error)}"
            ) from None
        with connection:
            connection = connection.execution_options(**options)
            try:
                with connection.begin():
                    yield connection
            except sa.exc.DatabaseError as error:
                if not _is_the_stores(error):
                    raise
                logger.warning("The store failed in the middle: %s", _short(error))
                raise StorageError(
                    f"The store {self.shown_url} failed: {_short(error)}. Nothing of this step "
                    "was kept; see that the database runs and has room, then try again."
                ) from None

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()


def lock_row(conn: Connection, table: sa.Table, row_id: int, *, shared: bool = False) -> None:
    """Make others who lock the same row wait. SQLite's write transaction has done so already.

    shared: those who share it do not wait for each other, only for who wants it alone.
    """
    if conn.dialect.name == "postgresql":
        query = sa.select(table.c.id).where(table.c.id == row_id)
        conn.execute(query.with_for_update(read=shared))


def serialise(conn: Connection, lock: int) -> None:
    """Make others who ask for the same lock wait until this transaction ends."""
    if conn.dialect.name == "postgresql":
        conn.execute(sa.select(sa.func.pg_advisory_xact_lock(lock)))


@contextlib.contextmanager
def comparing_sets(conn: Connection) -> Iterator[None]:
    """Let the database take what it needs to compare whole sets, in this transaction."""
    if conn.dialect.name == "postgresql":
        # It has no statistics yet about rows that were staged a moment ago, takes them for few, and
        # would go through all of them again for each current row.
        conn.exec_driver_sql("SET LOCAL enable_nestloop = off")
        # A million keys of either side fit in memory; the default of 4 MB goes over the disk.
        conn.exec_driver_sql("SET LOCAL work_mem = '128MB'")
        conn.exec_driver_sql("SET LOCAL maintenance_work_mem = '256MB'")
        yield
        return
    conn.exec_driver_sql(f"PRAGMA cache_size=-{PUBLISHING_KILOBYTES}")
    try:
        yield
    finally:
        conn.exec_driver_sql(f"PRAGMA cache_size=-{CACHE_KILOBYTES}")
        conn.exec_driver_sql("PRAGMA shrink_memory")


def migrate(database: Database) -> None:
    """Bring the store to this program's schema. Safe when several processes start at once."""
    with database.write() as conn:
        serialise(conn, MIGRATION_LOCK)
        try:
            command.upgrade(_alembic(conn), "head")
        except CommandError:
            raise StorageError(
                f"The store {database.shown_url} was written by a newer Countersign. "
                "Use that version, or another data directory."
            ) from None


def is_current(database: Database) -> bool:
    """True when no migration is outstanding."""
    with database.read() as conn:
        script = ScriptDirectory.from_config(_alembic(conn))
        return MigrationContext.configure(conn).get_current_revision() == script.get_current_head()


def _alembic(conn: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = conn
    return config


def _set_up_sqlite(dbapi: Any, _: Any) -> None:
    # We begin transactions ourselves: the driver would begin them too late for a write lock.
    dbapi.isolation_level = None
    cursor = dbapi.cursor()
    _write_ahead(cursor)
    for pragma in (
        "synchronous=NORMAL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_MILLISECONDS}",
        # Kilobytes, for each connection of the pool; a publish takes more for itself.
        f"cache_size=-{CACHE_KILOBYTES}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _write_ahead(cursor: Any) -> None:
    """Keep a write-ahead log. The first who opens a new file changes it to that, and whoever else
    opens it at that moment is told at once that it is locked: here SQLite does not wait, so we do.
    """
    deadline = time.monotonic() + BUSY_MILLISECONDS / 1e3
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not busy or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _begin_sqlite(conn: Connection) -> None:
    write = conn.get_execution_options().get("countersign_write", True)
    conn.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _is_the_stores(error: sa.exc.DatabaseError) -> bool:
    """True for a disk that is full, a server that went away; not for a statement of ours."""
    return isinstance(error, sa.exc.OperationalError) or type(error) is sa.exc.DatabaseError


def _short(error: sa.exc.DatabaseError) -> str:
    # The driver's first line; connection strings with passwords come later, if at all.
    return str(error.orig).strip().split("\n")[0][:200]


def dumps(value: Any) -> str:
    """Canonical JSON: the same text for the same value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
