"""Letting go of what Okta said long ago: bodies only, never that they were, when, or their hash.

A body under its hash may be emptied, and filled again with the same content when Okta says the
same once more; the database refuses any other change (migration 0004).
"""

import zlib
from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage.ledgers import RAW_BODIES, RAW_PAGES, RUNS

# What stands in a body's place: readers find nothing where there was something.
EMPTIED = zlib.compress(b"")


def needed_runs(conn: Connection) -> set[int]:
    """Runs whose pages stay: those under way or held, and what newest published runs stand on.

    An incremental run's rows stand on those of the run before it, back to the last full one.
    """
    about = {
        row.id: row
        for row in conn.execute(
            sa.select(RUNS.c.id, RUNS.c.connection_id, RUNS.c.state, RUNS.c.based_on)
        )
    }
    needed = {row.id for row in about.values() if row.state in {"running", "held"}}
    newest: dict[int, int] = {}
    for row in about.values():
        if row.state == "published":
            newest[row.connection_id] = max(row.id, newest.get(row.connection_id, 0))
    for start in (*newest.values(), *needed):
        run_id: int | None = start
        while run_id is not None and run_id in about:
            needed.add(run_id)
            run_id = about[run_id].based_on
    return needed


def empty_bodies(conn: Connection, *, before: datetime, needed: Collection[int]) -> tuple[int, int]:
    """Empty bodies that only pages from before a moment have, of runs that are not needed.

    Returns how many, and how many bytes they had as Okta sent them.
    """
    pages = sa.select(RAW_PAGES.c.body_sha256)
    old = RAW_BODIES.c.sha256.in_(pages.where(RAW_PAGES.c.fetched_at < before))
    used = sa.or_(RAW_PAGES.c.fetched_at >= before, RAW_PAGES.c.run_id.in_(sorted(needed)))
    condition = sa.and_(
        old, RAW_BODIES.c.sha256.not_in(pages.where(used)), RAW_BODIES.c.body != EMPTIED
    )
    number, size = conn.execute(
        sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(RAW_BODIES.c.size), 0)).where(
            condition
        )
    ).one()
    if number:
        conn.execute(sa.update(RAW_BODIES).where(condition).values(body=EMPTIED))
    return int(number), int(size)
