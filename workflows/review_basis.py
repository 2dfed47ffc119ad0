"""What a review looks at: one published moment of the directory, and its people."""

import threading
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property

import pandas as pd

from controls import access
from controls.access import Directory
from controls.personnel import parse_dates
from controls.review_signals import contract_ends
from storage import people as overrides_store
from storage import runs, snapshots
from storage.database import Database
from storage.runs import RunRecord
from workflows.connect import record_of
from workflows.errors import RuleRefused
from workflows.guard import entry
from workflows.installation import Installation
from workflows.review_people import Who
from workflows.snapshot import load

# By which users' rows of a kind are found; the others are small and read whole.
_BY_USER = ("users", "memberships", "app_users")


@dataclass(frozen=True)
class Basis:
    """A published moment and its day. who: its people, with strength and contract_end."""

    run: RunRecord
    at: datetime
    today: date
    directory: Directory
    who: Who

    @cached_property
    def resources(self) -> pd.DataFrame:
        """What can be reviewed."""
        return access.resources(self.directory)

    @cached_property
    def paths(self) -> pd.DataFrame:
        """Every path by which anybody has anything."""
        return access.effective(self.directory)


_cache: dict[tuple[object, ...], Basis] = {}
_lock = threading.Lock()
# Each holds the directory whole; two let an analyst's preview and a freeze work side by side.
_MOST_KEPT = 2


@entry
def basis(inst: Installation, connection_id: int) -> Basis:
    """The newest published run, with everything as of it. Cached until something changes.

    Raises RuleRefused when reviews are off or applications were not read.
    """
    run = reviewed_run(inst, connection_id)
    version = overrides_store.newest_override_id(inst.database, connection_id)
    key = (inst.database.shown_url, connection_id, run.id, version)
    with _lock:
        if key in _cache:
            return _cache[key]
    made = _load(inst, connection_id)
    with _lock:
        while len(_cache) >= _MOST_KEPT:
            _cache.pop(next(iter(_cache)))
        # Under the run that it is of: a newer one may have been published meanwhile.
        _cache[(*key[:2], made.run.id, version)] = made
    return made


def reviewed_run(inst: Installation, connection_id: int) -> RunRecord:
    """The newest published run, if it can be reviewed. Raises RuleRefused saying why not."""
    if not record_of(inst, connection_id).access_reviews:
        raise RuleRefused(
            "User Access Review is off for this connection, so nobody's access is read.",
            code="reviews_off",
            action="Turn it on under “Change this connection” on the Connection page, and sync.",
        )
    run = runs.latest_published(inst.database, connection_id)
    if run is None:
        raise RuleRefused(
            "Nothing has been synced yet.",
            code="nothing_published",
            action="Start a sync on the Sync page.",
        )
    if not run.scope.get("access_reviews"):
        raise RuleRefused(
            f"Run {run.id} was read while User Access Review was off.",
            code="reviews_not_read",
            action="Sync once more.",
        )
    return run


def directory_of(
    database: Database, connection_id: int, user_ids: Collection[str] | None = None
) -> Directory:
    """The directory as it is now, of all or of some users."""
    frames = {
        kind: snapshots.of_users(database, connection_id, kind, user_ids)
        if user_ids is not None and kind in _BY_USER
        else snapshots.frame(database, connection_id, kind)
        for kind in access.DIRECTORY_KINDS
    }
    return Directory(**frames)


def _load(inst: Installation, connection_id: int) -> Basis:
    # One transaction sees one moment, whatever is published meanwhile.
    with inst.database.read() as conn:
        inside = replace(inst, database=inst.database.within(conn))
        run = reviewed_run(inside, connection_id)
        people = load(inside, run).snapshot.people
        directory = directory_of(inside.database, connection_id)
        said = overrides_store.overrides(inside.database, connection_id)
    ends = contract_ends(directory.users, said)
    known = pd.Series(parse_dates(ends).to_numpy(), index=directory.users["user_id"])
    people = people.assign(contract_end=people["user_id"].map(known))
    who = Who(people, directory.users)
    at = run.published_at or run.started_at
    return Basis(run, at, inst.day(at), directory, who)
