"""How fast the store takes memberships, beside the plain bulk load of the same database.

`python benchmarks/store.py [rows]`: publishes 1,000,000 memberships (first load), the same with 1 %
changed after a full reading, and 1 % changed after an incremental one, with history, on SQLite and
on PostgreSQL (COUNTERSIGN_TEST_POSTGRES_URL, or a server on 127.0.0.1:5432). Plain: the same rows
into a table with a primary key and nothing else, by the fastest means of the database, in the same
run. Staging happens while Okta is read, and is shown by itself.
"""

import os
import sqlite3
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import psycopg
import sqlalchemy as sa

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from storage import connections, history, runs  # noqa: E402
from storage.database import Database, migrate  # noqa: E402

SERVER = os.environ.get(
    "COUNTERSIGN_TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/postgres"
)
PER_GROUP, PAGES_A_COMMIT = 2000, 10
Pairs = list[tuple[str, str]]


def memberships(count: int) -> Pairs:
    """Pairs as Okta's pages bring them: group by group, people in no order."""
    people = [f"00u{(n * 2654435761) % 2**40:014d}5d7" for n in range(50_000)]
    groups = -(-count // PER_GROUP)
    return [
        (f"00g{g:014d}5d7", people[(g * 7919 + n * 13) % len(people)])
        for g in range(groups)
        for n in range(min(PER_GROUP, count - g * PER_GROUP))
    ]


def changed(pairs: Pairs) -> Pairs:
    """One in a hundred gone, and as many new, spread over one group in ten."""
    every = PER_GROUP * 10
    kept = [pair for n, pair in enumerate(pairs) if n % every >= every // 100]
    new = [
        (pairs[n][0], f"00unew{n:011d}5d7") for n in range(len(pairs)) if n % every < every // 100
    ]
    return kept + new


@contextmanager
def postgres() -> Iterator[str]:
    """The URL of a database of our own."""
    name = f"countersign_benchmark_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(SERVER, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        try:
            yield sa.engine.make_url(SERVER).set(database=name).render_as_string(False)
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def timed(work: Callable[[], object]) -> float:
    """Seconds."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def plain_sqlite(folder: Path, pairs: Pairs) -> float:
    """executemany into a table with a primary key, in one transaction."""
    store = sqlite3.connect(folder / f"{uuid.uuid4().hex}.db", isolation_level=None)
    store.execute("PRAGMA journal_mode=WAL")
    store.execute("PRAGMA synchronous=NORMAL")
    store.execute(
        "CREATE TABLE plain (connection_id INTEGER, group_id TEXT, user_id TEXT,"
        " PRIMARY KEY (connection_id, group_id, user_id))"
    )

    def load() -> None:
        store.execute("BEGIN")
        store.executemany("INSERT INTO plain VALUES (1, ?, ?)", pairs)
        store.execute("COMMIT")

    took = timed(load)
    store.close()
    return took


def plain_postgres(url: str, pairs: Pairs) -> float:
    """COPY into a table with a primary key."""
    with psycopg.connect(url) as conn:
        conn.execute("DROP TABLE IF EXISTS plain")
        conn.execute(
            "CREATE TABLE plain (connection_id integer, group_id text, user_id text,"
            " PRIMARY KEY (connection_id, group_id, user_id))"
        )
        conn.commit()

        def load() -> None:
            with conn.cursor().copy("COPY plain FROM STDIN") as copy:
                for group_id, user_id in pairs:
                    copy.write_row((1, group_id, user_id))
            conn.commit()

        return timed(load)


class Store:
    """A store with one connection; publishes memberships as runs do."""

    def __init__(self, url: str):
        self.database = Database(url)
        migrate(self.database)
        with self.database.write() as conn:
            self.connection_id = connections.add(
                conn, organization="https://acme.okta.com", host="acme.okta.com",
                email_domains=("acme.com",), access_reviews=False, demo=False,
                state="connected", created_at=datetime.now(UTC),
            )  # fmt: skip

    def publish(self, pairs: Pairs, *, only: set[str] | None = None) -> dict[str, float]:
        """Seconds to stage, to publish, and to sweep up. only: the groups read anew."""
        run, _ = runs.start(
            self.database, connection_id=self.connection_id, mode="full", scope={},
            started_by="benchmark", owner="me", now=datetime.now(UTC),
        )  # fmt: skip

        def stage() -> None:
            rows = [{"group_id": g, "user_id": u} for g, u in pairs if only is None or g in only]
            size = 1000 * PAGES_A_COMMIT
            for start in range(0, len(rows), size):
                with self.database.write() as conn:
                    history.stage(conn, run.id, "memberships", rows[start : start + size])
            if only is not None:
                with self.database.write() as conn:
                    history.compare_only(conn, run.id, {"memberships": {(g, "") for g in only}})

        def publish() -> None:
            history.publish(
                self.database, run.id, owner="me", kinds=["memberships"],
                clock=lambda: datetime.now(UTC), run_fields={},
                audit={"actor": "b", "action": "sync.published", "subject": "r", "detail": {}},
            )  # fmt: skip

        return {
            "staging": timed(stage),
            "publish": timed(publish),
            "sweeping": timed(lambda: history.sweep(self.database)),
        }


def measure(name: str, url: str, plain: Callable[[], float], pairs: Pairs) -> None:
    """Print what the store takes, as ratios to the plain load: the best of three of each."""
    store = Store(url)
    count, after = len(pairs), changed(pairs)
    touched = {g for g, _ in set(pairs) ^ set(after)}
    steps = {"first load": [store.publish(pairs)]}
    loads = []
    for _ in range(3):
        loads.append(plain())
        for what, only in (("1 % changed, all read", None), ("1 % changed, some read", touched)):
            steps.setdefault(what, []).append(store.publish(after, only=only))
            pairs, after = after, pairs
    best = min(loads)
    print(f"{name}: {count:,} memberships; plain load {best:.2f} s, {count / best:,.0f} rows/s")
    for what, runs_of in steps.items():
        parts = {part: min(run[part] for run in runs_of) for part in runs_of[0]}
        shown = ", ".join(f"{part} {seconds:.2f} s" for part, seconds in parts.items())
        print(f"  {what:<24} publish {parts['publish'] / best:.2f} of plain ({shown})")
    store.database.close()


def main() -> None:
    """Measure both databases."""
    pairs = memberships(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
    with tempfile.TemporaryDirectory() as folder:
        plain = partial(plain_sqlite, Path(folder), pairs)
        measure("SQLite", f"sqlite:///{folder}/store.db", plain, pairs)
    with postgres() as url:
        measure("PostgreSQL", url, partial(plain_postgres, url, pairs), pairs)


if __name__ == "__main__":
    main()
