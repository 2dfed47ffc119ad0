"""Many rows at once, by the fastest means of each database."""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

Values = Sequence[Any]
# Fewer rows are in their indexes sooner than these are made anew.
WORTH_BUILDING = 20_000


def insert_many(
    conn: Connection, table: sa.Table, names: Sequence[str], rows: Sequence[Values]
) -> None:
    """Insert rows, each with values for these columns: by COPY on PostgreSQL."""
    if not rows:
        return
    if conn.dialect.name == "postgresql":
        _copy(conn, table, names, rows)
    else:
        _execute(conn, "INSERT", table, names, rows)


def replace_many(
    conn: Connection,
    table: sa.Table,
    names: Sequence[str],
    rows: Sequence[Values],
    key: Sequence[str],
) -> None:
    """The same, but where the key is there already, the new row takes its place.

    The rows themselves have each key once.
    """
    if not rows:
        return
    if conn.dialect.name != "postgresql":
        _execute(conn, "INSERT OR REPLACE", table, names, rows)
        return
    try:
        # Hardly ever is anything to be replaced, and COPY is several times as fast.
        with conn.begin_nested():
            _copy(conn, table, names, rows)
    except sa.exc.IntegrityError:
        statement = postgresql.insert(table)
        changed = {name: statement.excluded[name] for name in names if name not in key}
        on_conflict = (
            statement.on_conflict_do_update(index_elements=list(key), set_=changed)
            if changed
            else statement.on_conflict_do_nothing(index_elements=list(key))
        )
        conn.execute(on_conflict, [dict(zip(names, row, strict=True)) for row in rows])


def insert_rows(conn: Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows by name, all with the same columns, their values as the table's types."""
    if not rows:
        return
    if conn.dialect.name == "postgresql":
        names = list(rows[0])
        _copy(conn, table, names, [[row[name] for name in names] for row in rows])
    else:
        conn.execute(sa.insert(table), list(rows))


def upsert_rows(
    conn: Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]], key: Sequence[str]
) -> None:
    """Insert some rows by name; where the key is there already, the new row takes its place."""
    if not rows:
        return
    make = sqlite.insert if conn.dialect.name == "sqlite" else postgresql.insert
    statement = make(table)
    changed = {c.name: statement.excluded[c.name] for c in table.columns if c.name not in key}
    conn.execute(
        statement.on_conflict_do_update(index_elements=list(key), set_=changed), list(rows)
    )


@contextlib.contextmanager
def first_rows(conn: Connection, table: sa.Table, count: Callable[[], int]) -> Iterator[None]:
    """Make an empty table's indexes after its first rows: several times as fast as row by row.

    In one transaction with the rows, as both databases can; readers of the empty table wait.
    """
    empty = conn.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first() is None
    if not empty or count() < WORTH_BUILDING:
        yield
        return
    indexes = sorted(table.indexes, key=lambda index: str(index.name))
    for index in indexes:
        index.drop(conn)
    yield
    for index in indexes:
        index.create(conn)


def empty_of(conn: Connection, table: sa.Table, run_id: int) -> None:
    """Delete a run's rows from a table whose primary key begins with run_id."""
    everything = sa.delete(table)
    if conn.dialect.name == "sqlite":
        others = sa.select(sa.literal(1)).select_from(table).limit(1)
        before = conn.execute(others.where(table.c.run_id < run_id)).first()
        after = conn.execute(others.where(table.c.run_id > run_id)).first()
        if before is None and after is None:
            # Without a condition SQLite forgets the table's pages instead of visiting each row.
            conn.execute(everything)
            return
    conn.execute(everything.where(table.c.run_id == run_id))


def in_parts(values: Sequence[str], most: int = 1000) -> Iterator[Sequence[str]]:
    """Values in lists that are short enough for the parameters of one statement."""
    for start in range(0, len(values), most):
        yield values[start : start + most]


def _copy(conn: Connection, table: sa.Table, names: Sequence[str], rows: Sequence[Values]) -> None:
    quote = conn.dialect.identifier_preparer.quote
    columns = ", ".join(quote(name) for name in names)
    try:
        with conn.connection.cursor().copy(
            f"COPY {quote(table.name)} ({columns}) FROM STDIN"
        ) as copy:
            for row in rows:
                copy.write_row(row)
    # As SQLAlchemy would say it: whoever began the transaction knows what to do.
    except psycopg.OperationalError as error:
        raise sa.exc.OperationalError("COPY", None, error) from error
    except psycopg.IntegrityError as error:
        raise sa.exc.IntegrityError("COPY", None, error) from error


def _execute(
    conn: Connection, verb: str, table: sa.Table, names: Sequence[str], rows: Sequence[Values]
) -> None:
    quote = conn.dialect.identifier_preparer.quote
    columns, marks = ", ".join(quote(name) for name in names), ", ".join("?" * len(names))
    processors = {
        place: process
        for place, name in enumerate(names)
        if (process := _processor(table.c[name], conn)) is not None
    }
    if processors:
        rows = [_processed(row, processors) for row in rows]
    conn.exec_driver_sql(
        f"{verb} INTO {quote(table.name)} ({columns}) VALUES ({marks})",
        [tuple(row) for row in rows],
    )


def _processor(column: sa.Column[Any], conn: Connection) -> Callable[[Any], Any] | None:
    """What SQLAlchemy would make of a value before the driver gets it; None for nothing."""
    return column.type.dialect_impl(conn.dialect).bind_processor(conn.dialect)


def _processed(row: Values, processors: dict[int, Callable[[Any], Any]]) -> Values:
    made = list(row)
    for place, process in processors.items():
        made[place] = process(made[place])
    return made
