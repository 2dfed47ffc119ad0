"""A run's place in Okta's system log: noted before anything is read, and followed from the last.

The place is the next link of a polling read. It becomes the connection's only when the run that
noted it is published, because it is kept with the run: a failed, held or discarded run moves
nothing. Okta's lists lag a little behind its log, so events of the last minutes before a run are
kept with it, and mark once more what they name in the run that follows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from okta_client import client as okta
from okta_client.client import Request
from okta_client.crawl import Failure
from okta_client.errors import BadRequest, Cancelled, KeyInvalid, OktaError
from okta_client.log_events import Compact, compact, distinct
from workflows.sync_read import Reader

# How far back a place begins when there is none to go on from, and what is marked again.
OVERLAP = timedelta(minutes=5)
# A clock here that is further off than this is not used to say where a place begins.
CLOCKS_AGREE = timedelta(minutes=1)
MOST_RECENT = 5000


@dataclass
class Followed:
    """What a polling read brought. events: each once. told: how many Okta told, repeats too."""

    events: list[Compact] = field(default_factory=list)
    told: int = 0
    next_link: str | None = None
    read_at: datetime | None = None

    def as_kept(self) -> dict[str, Any] | None:
        """What is kept with the run; None when there is no place to go on from."""
        if self.next_link is None or self.read_at is None:
            return None
        newest = max((e["published"] for e in self.events), default=None)
        edge = (self.read_at - OVERLAP).strftime("%Y-%m-%dT%H:%M:%S")
        recent = [e for e in self.events if e["published"] >= edge]
        return {
            "next": self.next_link,
            "read_at": self.read_at.isoformat(),
            "published": newest,
            "events": len(self.events),
            "told": self.told,
            "recent": recent[-MOST_RECENT:],
        }


def note_place(reader: Reader, now: datetime) -> Followed:
    """Where the log stands, for a run that reads everything. Raises the OktaError that prevents it.

    now: our clock, which Okta's answer corrects.
    """
    found = _follow(reader, okta.log_since(now - OVERLAP))
    if found.read_at is not None and abs(found.read_at - now) > CLOCKS_AGREE:
        found = _follow(reader, okta.log_since(found.read_at - OVERLAP))
    return found


def read_on(reader: Reader, kept: Mapping[str, Any]) -> Followed:
    """All events since the place kept with a published run, and those of its last minutes again.

    Raises the OktaError that leaves them unknown.
    """
    recent = list(kept.get("recent") or [])
    try:
        found = _follow(reader, okta.log_from(kept["next"]))
    except BadRequest:
        # The place is no longer accepted: from the newest event known, with an overlap.
        since = _moment(kept.get("published")) or _moment(kept.get("read_at"))
        if since is None:
            raise
        found = _follow(reader, okta.log_since(since - OVERLAP))
    found.events = distinct([*recent, *found.events])
    return found


def _follow(reader: Reader, request: Request) -> Followed:
    """Read to the empty page that ends a polling read, and keep its next link."""
    found = Followed()
    error: OktaError | None = None
    reader.crawl.submit(request)
    for event in reader.crawl.pages():
        if isinstance(event, Failure):
            error = event.error
            continue
        reader.staging.take(event)
        found.told += len(event.records)
        found.events += [compact(record) for record in event.records]
        found.next_link = okta.next_of(event.request, event.answer, reader.crawl.transport.origin)
        found.read_at = _date(event.answer.headers.get("Date")) or event.answer.received_at
    reader.staging.flush()
    if error is not None:
        raise error
    found.events = distinct(found.events)
    return found


def must_end(error: OktaError) -> bool:
    """True for what ends a run wherever it happens; other errors only leave the log unknown."""
    return isinstance(error, KeyInvalid | Cancelled)


def _date(text: str | None) -> datetime | None:
    try:
        return parsedate_to_datetime(text or "").astimezone(UTC)
    except ValueError:
        return None


def _moment(text: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
