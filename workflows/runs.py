"""What a sync run looks like to a person: one view of the run row for pages and commands."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from storage.runs import RunRecord

STATES = ("running", "held", "published", "failed", "cancelled")


@dataclass(frozen=True)
class RunView:
    """One sync run (SPEC 2).

    mode: how it reads, and mode_reason why in full when it was asked not to. seconds: wall time
    so far. counts: rows read by name, None where not asked for.
    changes: {"opened": {kind: rows}, "closed": {kind: rows}}. progress while running:
    {"stage", "sentence", "resources": [{"resource", "label", "done", "total"}], "requests",
    "retries", "wait_seconds", "seconds_left"}. held: {"reason", "sentence", "current",
    "leavers": [{"user_id", "name", "email", "why"}]}. certificate: see workflows/sync_reconcile.py.
    """

    id: int
    connection_id: int
    mode: str
    mode_reason: str | None
    state: str
    started_by: str
    started_at: datetime
    finished_at: datetime | None
    published_at: datetime | None
    seconds: float
    requests: int
    retries: int
    rate_limit_wait_seconds: float
    counts: dict[str, int | None]
    changes: dict[str, dict[str, int]]
    not_read: list[dict[str, str]]
    set_aside: list[dict[str, str]]
    progress: dict[str, Any]
    held: dict[str, Any] | None
    certificate: dict[str, Any] | None
    error: dict[str, str] | None
    joined: bool = False

    @property
    def running(self) -> bool:
        """True while a process reads or publishes."""
        return self.state == "running"

    @property
    def warnings(self) -> list[str]:
        """What does not change the run and somebody should know."""
        return list((self.certificate or {}).get("warnings", []))

    @property
    def opened(self) -> int:
        """Rows that this run opened."""
        return sum(self.changes.get("opened", {}).values())

    @property
    def closed(self) -> int:
        """Rows that this run closed."""
        return sum(self.changes.get("closed", {}).values())

    def as_json(self) -> dict[str, Any]:
        """The document that `cli.py sync --json` prints."""
        return {
            "run_id": self.id,
            "mode": self.mode,
            "state": self.state,
            "started_at": _iso(self.started_at),
            "finished_at": _iso(self.finished_at),
            "seconds": round(self.seconds, 3),
            "requests": self.requests,
            "retries": self.retries,
            "rate_limit_wait_seconds": round(self.rate_limit_wait_seconds, 3),
            "counts": {name: self.counts.get(name) for name in COUNTED},
            "changes": {"opened": self.opened, "closed": self.closed},
            "not_read": self.not_read,
            "error": self.error,
        }


COUNTED = (
    "users",
    "groups",
    "memberships",
    "factors",
    "apps",
    "app_assignments",
    "admin_roles",
)


def view(record: RunRecord, *, joined: bool = False) -> RunView:
    """The run as pages and commands see it."""
    end = record.finished_at or datetime.now(UTC)
    # A run that did not reach its end says what it had done by its last progress.
    last = record.progress or {}
    return RunView(
        id=record.id,
        connection_id=record.connection_id,
        mode=record.mode,
        mode_reason=record.mode_reason,
        state=record.state,
        started_by=record.started_by,
        started_at=record.started_at,
        finished_at=record.finished_at,
        published_at=record.published_at,
        seconds=max(0.0, (end - record.started_at).total_seconds()),
        requests=record.requests or last.get("requests", 0),
        retries=record.retries or last.get("retries", 0),
        rate_limit_wait_seconds=record.rate_limit_wait_seconds or last.get("wait_seconds", 0.0),
        counts=record.counts or {},
        changes=record.changes or {},
        not_read=record.not_read or [],
        set_aside=record.set_aside or [],
        progress=last,
        held=record.held,
        certificate=record.certificate,
        error=record.error,
        joined=joined,
    )


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
