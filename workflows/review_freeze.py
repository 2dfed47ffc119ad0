"""From a published moment to a campaign's items: who has what, by which path, for whom to decide.

Set operations, because a campaign may have 100,000 items; rows are made only as they are kept.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from controls.access import KEY, NO_GROUP, lost_with, path_sets, rules_of
from controls.access_words import Path
from controls.review_signals import peers, signals
from controls.reviewing import Route, Routing
from storage.database import dumps
from workflows.review_basis import Basis
from workflows.review_scope import CampaignForm
from workflows.review_unread import unread_of

# (kind, resource id) -> user ids, as set for all campaigns.
Owners = Mapping[tuple[str, str], Sequence[str]]
# More names than anybody reads in a sentence.
MOST_NAMED = 8
_MANAGED = {"BUILT_IN": "built_in", "APP_GROUP": "directory"}
_KEPT = [
    "user_id", "person", "email", "department", "title", "employment_status", "okta_status",
    "last_login_at", "strength", "kind", "resource_id", "resource", "privileged", "signals",
    "peers_have", "peers_total", "is_new", "past", "reviewer_id", "routed_by", "routed_why",
]  # fmt: skip


@dataclass(frozen=True)
class Before:
    """What earlier campaigns know: frames with user_id, kind, resource_id.

    previous: all that the campaign before looked at. past: the newest decision on each access.
    gone: what was once seen to have gone after a revoke.
    """

    previous: pd.DataFrame
    past: pd.DataFrame
    gone: pd.DataFrame


def routed(form: CampaignForm, basis: Basis, owners: Owners) -> pd.DataFrame:
    """The accesses in scope, each with who decides: KEY, resource, privileged, reviewer_id, …

    routed_by: manager, owner, named, fallback or nobody. routed_why: a sentence. shared: of several
    owners all who may decide.
    """
    chosen = basis.resources
    taken = [
        kind in form.scope.kinds and form.scope.takes_resource(kind, resource_id)
        for kind, resource_id in zip(chosen["kind"], chosen["resource_id"], strict=True)
    ]
    unread = unread_of(basis.run, form.scope)
    chosen = chosen[taken].rename(columns={"label": "resource"})
    # What was not read is not reviewed: its rows may be long out of date.
    named = zip(chosen["kind"], chosen["resource_id"], strict=True)
    read = [not any(item.takes(*resource) for item in unread) for resource in named]
    chosen = chosen[pd.Series(read, index=chosen.index, dtype=bool)]
    items = basis.paths[KEY].drop_duplicates().merge(chosen, on=["kind", "resource_id"])
    fits = form.scope.takes_people(basis.who.people)
    if not fits.all():
        items = items[items["user_id"].isin(basis.who.people.loc[fits, "user_id"])]
    items = items.reset_index(drop=True)
    routing = Routing(
        strategy=form.strategy,
        fallback=form.fallback_id,
        can_review=basis.who.can_review,
        managers=basis.who.managers,
        names=basis.who.names,
        owners=form.owner_map(chosen, owners),
        named=form.named_id,
    )
    # Who decides depends on the resource only where resources have owners.
    by_owner = form.strategy == "owner"
    known: dict[tuple[str, str, str], Route] = {}
    routes = []
    for user_id, kind, resource_id in zip(*(items[name] for name in KEY), strict=True):
        key = (user_id, kind, resource_id) if by_owner else (user_id, "", "")
        if key not in known:
            known[key] = routing.route(user_id, kind, resource_id)
        routes.append(known[key])
    items["reviewer_id"] = pd.Series([r.reviewer for r in routes], dtype=object)
    items["routed_by"] = pd.Series([r.rule for r in routes], dtype=object)
    items["routed_why"] = pd.Series([r.why for r in routes], dtype=object)
    items["shared"] = pd.Series([r.shared for r in routes], dtype=object)
    return items


def shared(items: pd.DataFrame) -> dict[tuple[str, str], set[str]]:
    """(kind, resource id) -> all who share any of these items, as routed() or frozen() gives them.

    Who shares an item of a resource shares them all, but for what is about themselves.
    """
    found: dict[tuple[str, str], set[str]] = {}
    several = items[items["shared"].map(bool)]
    columns = (several[name] for name in ("kind", "resource_id", "shared"))
    for kind, resource_id, owners in zip(*columns, strict=True):
        found.setdefault((kind, resource_id), set()).update(owners)
    return found


def frozen(form: CampaignForm, basis: Basis, before: Before, owners: Owners) -> pd.DataFrame:
    """The accesses in scope with all that a reviewer is shown beside them: _KEPT, and shared."""
    items = routed(form, basis, owners)
    people = basis.who.people.rename(columns={"name": "person"})
    shown = ["person", "email", "department", "title", "employment_status", "okta_status"]
    facts = ["strength", "contractor", "contract_end"]
    users = basis.directory.users[["user_id", "last_login_at", "created_at"]]
    items = items.merge(people[["user_id", *shown, *facts]], on="user_id", how="left")
    items = items.merge(users, on="user_id", how="left")
    # An account that Okta assigns something to and does not list: kept, under its id.
    items["person"] = items["person"].fillna(items["user_id"])
    items["employment_status"] = items["employment_status"].fillna("OUTSIDE")
    items["strength"] = items["strength"].fillna("unknown")
    items["contractor"] = items["contractor"].eq(True)
    items["privileged"] = items["privileged"].astype(bool) | (
        (items["kind"] == "app") & items["resource_id"].isin(form.scope.privileged_apps)
    )
    everything = basis.paths[KEY].drop_duplicates()
    with_peers = pd.concat([everything, peers(everything, basis.who.people)], axis=1)
    items = items.merge(with_peers, on=KEY, how="left")
    items["came_back"] = _among(items, before.gone)
    looked_at = items["resource_id"].isin(before.previous["resource_id"])
    items["is_new"] = looked_at & ~_among(items, before.previous)
    items["signals"] = signals(items, basis.at, basis.today)
    items["past"] = _past(items, before.past)
    return items[[*_KEPT, "shared"]]


def rows(items: pd.DataFrame, basis: Basis) -> Iterator[dict[str, Any]]:
    """Frozen items as the store keeps them, with their paths and what would go with them."""
    ways = _Ways(items, basis)
    plain = items[_KEPT].astype(object)
    plain = plain.where(plain.notna(), None)
    for values in zip(*(plain[name] for name in _KEPT), strict=True):
        row = dict(zip(_KEPT, values, strict=True))
        if row["last_login_at"] is not None:
            row["last_login_at"] = row["last_login_at"].to_pydatetime()
        yield row | ways.of(row["user_id"], row["kind"], row["resource_id"])


class _Ways:
    """The paths of items in words' raw form, and what else would go with them."""

    def __init__(self, items: pd.DataFrame, basis: Basis):
        ours = basis.paths[basis.paths["user_id"].isin(items["user_id"])]
        self.paths = path_sets(ours)
        self.owned: dict[str, dict[tuple[str, str], frozenset[tuple[str, str]]]] = {}
        for (user_id, kind, resource_id), ways in self.paths.items():
            if kind != "group":
                self.owned.setdefault(user_id, {})[kind, resource_id] = ways
        known = zip(*(basis.resources[c] for c in ("kind", "resource_id")), strict=True)
        self.labels = dict(zip(known, basis.resources["label"], strict=True))
        groups = basis.resources[basis.resources["kind"] == "group"]
        self.types = dict(zip(groups["resource_id"], groups["group_type"], strict=True))
        asked = set(items.loc[items["kind"] == "group", "resource_id"]) | set(ours["group_id"])
        self.rules = rules_of(basis.directory, asked - {NO_GROUP})

    def of(self, user_id: str, kind: str, resource_id: str) -> dict[str, str]:
        """paths and also_lost of an item, as JSON."""
        ways = sorted(self.paths.get((user_id, kind, resource_id), ()))
        if kind == "group":
            found = [self._path(user_id, "direct", resource_id, group=None)]
            left = {resource_id}
        else:
            found = [self._path(user_id, via, group_id, group=group_id) for via, group_id in ways]
            left = {group_id for _, group_id in ways}
        others: Mapping[tuple[str, str], frozenset[tuple[str, str]]] = {
            key: paths
            for key, paths in self.owned.get(user_id, {}).items()
            if key != (kind, resource_id)
        }
        lost = sorted(self.labels.get(key, key[1]) for key in lost_with(left, others))
        named = {"names": lost[:MOST_NAMED], "more": max(0, len(lost) - MOST_NAMED)}
        return {
            "paths": dumps([asdict(path) for path in found]),
            "also_lost": dumps(named),
        }

    def _path(self, user_id: str, via: str, through: str, *, group: str | None) -> Path:
        """A path; `through` is the group whose membership is at stake, if any."""
        rule = self.rules.get((through, user_id))
        return Path(
            via=via,
            group_id=group or None,
            group=self.labels.get(("group", group), group) if group else None,
            rule=rule.name if rule else None,
            rule_who=rule.who if rule else None,
            rule_sure=rule.sure if rule else False,
            managed=_MANAGED.get(self.types.get(through) or "", "okta"),
        )


def _among(items: pd.DataFrame, known: pd.DataFrame) -> pd.Series:
    index = pd.MultiIndex.from_frame(items[KEY])
    return pd.Series(index.isin(pd.MultiIndex.from_frame(known[KEY])), index=items.index)


def _past(items: pd.DataFrame, past: pd.DataFrame) -> pd.Series:
    """The newest decision of a closed campaign on the same access, as JSON."""
    told = {
        (row["user_id"], row["kind"], row["resource_id"]): dumps(
            {
                "decision": row["state"],
                "by": row["decided_by_name"],
                "at": row["decided_at"].isoformat() if row["decided_at"] is not None else None,
                "campaign": row["campaign"],
                "note": row["note"],
            }
        )
        for row in past.to_dict("records")
    }
    found = [told.get(key) for key in zip(*(items[name] for name in KEY), strict=True)]
    return pd.Series(found, index=items.index, dtype=object)
