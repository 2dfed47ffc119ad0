"""What has become of frozen items since: the same, gone, or given in more or other ways."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from controls.access import NO_GROUP, effective, path_sets
from controls.removing import Ways, drift
from storage import runs
from storage.database import Database
from workflows.review_basis import directory_of, unread


def frozen_ways(paths: str) -> Ways:
    """The paths of a frozen item as (via, group id)."""
    return {(path["via"], path["group_id"] or NO_GROUP) for path in json.loads(paths)}


def ways_now(
    database: Database, connection_id: int, rows: Sequence[Mapping[Any, Any]]
) -> dict[tuple[str, str, str], Ways]:
    """(user, kind, resource) -> the paths that there are now, for the people of these items."""
    users = {row["user_id"] for row in rows}
    kinds = {row["kind"] for row in rows}
    directory = directory_of(database, connection_id, users)
    return dict(path_sets(effective(directory, kinds)))


def drift_of(
    database: Database, connection_id: int, rows: Sequence[Mapping[Any, Any]]
) -> dict[int, str]:
    """item id -> how it has changed since the freeze, as of the newest published run.

    Items of a kind that this run could not read are left out: nothing is known about them.
    """
    run = runs.latest_published(database, connection_id)
    if run is None or not rows:
        return {}
    known = [row for row in rows if could_read(run, row["kind"])]
    now = ways_now(database, connection_id, known)
    return {
        row["id"]: drift(
            frozen_ways(row["paths"]),
            now.get((row["user_id"], row["kind"], row["resource_id"]), frozenset()),
        )
        for row in known
    }


def could_read(run: Any, kind: str) -> bool:
    """True when a run's word on this kind of access counts."""
    if kind == "app" and not run.scope.get("access_reviews"):
        return False
    return not unread(run, [kind])
