"""What has become of frozen items since: the same, gone, or given in more or other ways."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from controls.access import NO_GROUP, effective, path_sets
from controls.removing import Ways, drift
from storage import runs, snapshots
from storage.database import Database
from storage.runs import RunRecord
from workflows.review_basis import directory_of
from workflows.review_scope import ALL, Scope
from workflows.review_unread import unread_of

EVERYTHING = Scope(apps=ALL, groups=ALL, admin_roles=ALL)


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


def known_ways(
    database: Database, run: RunRecord, rows: Sequence[Mapping[Any, Any]]
) -> list[Ways | None]:
    """For each of these items the paths that there are now, None where the run cannot tell."""
    word = word_of(database, run)
    now = ways_now(database, run.connection_id, rows)
    return [
        now.get((row["user_id"], row["kind"], row["resource_id"]), frozenset())
        if word.tells(row["kind"], row["resource_id"])
        else None
        for row in rows
    ]


def drift_of(
    database: Database, connection_id: int, rows: Sequence[Mapping[Any, Any]]
) -> dict[int, str]:
    """item id -> how it has changed since the freeze, as of the newest published run.

    Items of which this run did not read the list whole are left out: nothing is known about them.
    """
    run = runs.latest_published(database, connection_id)
    if run is None or not rows:
        return {}
    return {
        row["id"]: drift(frozen_ways(row["paths"]), ways)
        for row, ways in zip(rows, known_ways(database, run, rows), strict=True)
        if ways is not None
    }


@dataclass(frozen=True)
class Word:
    """What a run has not read whole, so that its word on it does not count.

    kinds: those of which something is missing that nobody can name. lists: the single ones.
    """

    kinds: frozenset[str]
    lists: frozenset[tuple[str, str]]

    def tells(self, kind: str, resource_id: str) -> bool:
        """True when this run's word on who has a resource counts."""
        return kind not in self.kinds and (kind, resource_id) not in self.lists


def word_of(database: Database, run: RunRecord) -> Word:
    """What a published run's word counts for."""
    unread = unread_of(run, EVERYTHING)
    kinds = {item.kind for item in unread if item.id is None}
    lists = {(item.kind, item.id) for item in unread if item.id is not None}
    if not run.scope.get("access_reviews"):
        kinds.add("app")
    groups = {resource_id for kind, resource_id in lists if kind == "group"}
    if groups:
        # Whom a group makes an administrator is not known while its members are not.
        roles = snapshots.frame(database, run.connection_id, "admin_roles")
        if roles["principal_id"].isin(groups).any():
            kinds.add("admin_role")
    return Word(frozenset(kinds), frozenset(lists))
