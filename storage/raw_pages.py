"""What Okta said, as far as it is kept: each answer with address, time and id; bodies once."""

import hashlib
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from storage.ledgers import RAW_BODIES, RAW_PAGES
from storage.retention import EMPTIED

# What evidence and resuming need of the headers.
KEPT_HEADERS = (
    "link",
    "date",
    "x-rate-limit-limit",
    "x-rate-limit-remaining",
    "x-rate-limit-reset",
)


@dataclass(frozen=True)
class RawPage:
    """One answer of Okta's. received_sha256: the hash of the body as it came, and rule: by which
    rule it was blanked before it was stored (okta_client/minimal.py)."""

    resource: str
    url: str
    status: int
    request_id: str | None
    fetched_at: datetime
    headers: Mapping[str, str]
    items: int
    body: bytes
    received_sha256: str | None = None
    rule: str | None = None


def add_many(conn: Connection, run_id: int, pages: Sequence[RawPage]) -> None:
    """Keep answers, in their order. A body that is known already is not stored again.

    One that retention has emptied is filled again: it is needed once more.
    """
    if not pages:
        return
    hashes = [hashlib.sha256(page.body).hexdigest() for page in pages]
    make = sqlite.insert if conn.dialect.name == "sqlite" else postgresql.insert
    conn.execute(
        _kept_or_filled_again(make(RAW_BODIES)),
        # Sorted, so that two runs that store the same bodies cannot wait for each other.
        sorted(
            (
                {"sha256": sha, "size": len(page.body), "body": zlib.compress(page.body, 6)}
                for sha, page in dict(zip(hashes, pages, strict=True)).items()
            ),
            key=lambda row: str(row["sha256"]),
        ),
    )
    conn.execute(
        sa.insert(RAW_PAGES),
        [
            {
                "run_id": run_id,
                "resource": page.resource,
                "url": page.url,
                "status": page.status,
                "request_id": page.request_id,
                "fetched_at": page.fetched_at,
                "headers": {
                    k.lower(): v for k, v in page.headers.items() if k.lower() in KEPT_HEADERS
                },
                "items": page.items,
                "body_sha256": sha,
                "received_sha256": page.received_sha256 or sha,
                "rule": page.rule,
            }
            for sha, page in zip(hashes, pages, strict=True)
        ],
    )


def recall(conn: Connection, run_id: int, *, since: datetime) -> dict[str, RawPage]:
    """A run's answers by address, the newest of each, none older than since."""
    query = (
        sa.select(RAW_PAGES, RAW_BODIES.c.body)
        .join(RAW_BODIES, RAW_BODIES.c.sha256 == RAW_PAGES.c.body_sha256)
        .where(RAW_PAGES.c.run_id == run_id, RAW_PAGES.c.fetched_at >= since)
        .where(RAW_BODIES.c.body != EMPTIED)
        .order_by(RAW_PAGES.c.id)
    )
    return {row["url"]: _page(row) for row in conn.execute(query).mappings()}


def list_for(conn: Connection, run_id: int) -> list[dict[str, Any]]:
    """A run's answers without their bodies, in the order in which they came."""
    query = sa.select(RAW_PAGES).where(RAW_PAGES.c.run_id == run_id).order_by(RAW_PAGES.c.id)
    return [dict(row) for row in conn.execute(query).mappings()]


def body(conn: Connection, sha256: str) -> bytes | None:
    """A body by its hash; None when it is not known, or let go of."""
    row = conn.execute(sa.select(RAW_BODIES.c.body).where(RAW_BODIES.c.sha256 == sha256)).first()
    return None if row is None or row[0] == EMPTIED else zlib.decompress(row[0])


def _kept_or_filled_again(statement: Any) -> Any:
    return statement.on_conflict_do_update(
        index_elements=["sha256"],
        set_={"body": statement.excluded.body},
        where=RAW_BODIES.c.body == EMPTIED,
    )


def _page(row: Any) -> RawPage:
    return RawPage(
        row["resource"],
        row["url"],
        row["status"],
        row["request_id"],
        row["fetched_at"],
        row["headers"] or {},
        row["items"],
        zlib.decompress(row["body"]),
    )
