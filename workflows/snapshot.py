"""A published moment as the controls and pages want it: people, factors, exclusions."""

import threading
from dataclasses import dataclass
from datetime import UTC, datetime, time

import pandas as pd

from controls import mfa, personnel
from controls.model import Snapshot
from storage import people as overrides_store
from storage import results, runs, snapshots
from storage.runs import RunRecord
from workflows.connect import record_of
from workflows.errors import CountersignError
from workflows.installation import Installation


@dataclass(frozen=True)
class Moment:
    """A snapshot with the run that published it; at None is the present."""

    run: RunRecord
    at: datetime | None
    snapshot: Snapshot


_cache: dict[tuple[object, ...], Moment] = {}
_lock = threading.Lock()
# A handful of moments of 10,000 people each: some tens of megabytes.
_MOST_KEPT = 4


def moment(inst: Installation, connection_id: int, *, as_of: datetime | None = None) -> Moment:
    """The directory as published at a moment, with the overrides and exclusions of that moment.

    as_of None: the newest published run, with the overrides of now; for who may see no newer
    moment than Installation.until, that one. Cached until something changes. Raises
    CountersignError when nothing was published yet.
    """
    as_of = inst.not_after(as_of)
    run = runs.latest_published(inst.database, connection_id, as_of)
    if run is None:
        raise CountersignError(
            "Nothing has been synced yet." if as_of is None else "Nothing was published by then.",
            code="nothing_published",
            action="Start a sync on the Sync page." if as_of is None else "Choose a later day.",
        )
    version = overrides_store.newest_override_id(inst.database, connection_id)
    excluded = results.newest_exclusion_id(inst.database, connection_id)
    key = (inst.database.shown_url, connection_id, run.id, as_of, version, excluded)
    with _lock:
        if key in _cache:
            return _cache[key]
    made = load(inst, run, as_of)
    with _lock:
        while len(_cache) >= _MOST_KEPT:
            _cache.pop(next(iter(_cache)))
        _cache[key] = made
    return made


def end_of_day(day: "datetime | None") -> datetime | None:
    """The last moment of a UTC day."""
    return None if day is None else datetime.combine(day, time.max, tzinfo=UTC)


def load(inst: Installation, run: RunRecord, as_of: datetime | None = None) -> Moment:
    """The same, read from the store now."""
    connection_id, database = run.connection_id, inst.database
    record = record_of(inst, connection_id)
    # Of the newest run the present is shown: what is current, which that run published.
    shown = as_of or run.published_at or run.started_at
    users = snapshots.frame(database, connection_id, "users", as_of)
    derived = personnel.derive(
        users,
        overrides_store.overrides(database, connection_id, as_of),
        today=inst.day(shown),
        email_domains=run.scope.get("email_domains") or record.email_domains,
        mailbox_names=inst.settings.mailbox_names,
        service_user_types=inst.settings.service_user_types,
    )
    factors = snapshots.frame(database, connection_id, "factors", as_of)
    reads = snapshots.frame(database, connection_id, "factor_reads", as_of)
    derived["strength"] = mfa.strengths(derived["user_id"], factors, reads)
    derived["factor_types"] = _factor_names(derived["user_id"], factors)
    derived["factors"] = derived["factor_types"].map(", ".join)
    return Moment(
        run,
        as_of,
        Snapshot(
            as_of=shown,
            today=inst.day(shown),
            run_id=run.id,
            people=derived,
            users=users,
            factors=factors,
            factor_reads=reads,
            exclusions=results.exclusions(database, connection_id, at=as_of),
            not_read={item["resource"]: item["reason"] for item in run.not_read or []},
        ),
    )


def _factor_names(user_ids: pd.Series, factors: pd.DataFrame) -> pd.Series:
    active = factors[factors["status"] == "ACTIVE"]
    # A dictionary by hand: groupby calls Python for each of 50,000 groups, at ten times the cost.
    names: dict[str, set[str]] = {}
    for user_id, kind, provider in zip(
        active["user_id"], active["factor_type"], active["provider"], strict=True
    ):
        names.setdefault(user_id, set()).add(mfa.factor_name(kind or "without a type", provider))
    own = {user_id: tuple(sorted(kinds)) for user_id, kinds in names.items()}
    return pd.Series([own.get(user_id, ()) for user_id in user_ids], user_ids.index, dtype=object)
