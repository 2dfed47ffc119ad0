"""What reading means: who is personnel, who has gone and how we know, and whether to ask first.

Runs between reading and publishing. Nobody is called deleted because a list did not show them.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from controls import personnel
from okta_client.errors import UnexpectedAnswer
from okta_client.minimal import RULE
from storage.history import Keep
from storage.runs import RunRecord
from workflows.sync_known import plain_rows
from workflows.sync_read import Reader
from workflows.sync_rows import PackedRows
from workflows.sync_scope import DETAILS, KINDS, LABELS, SETTINGS, Outcome, Row, Scope

# Confirmations cost a request each. Beyond this a run is held anyway, or has read no real list.
MOST_CONFIRMED = 1000
COMPARED = ["user_id", "status", "presence", "absent_since", "deactivated_at"]
# A publish that makes more people leavers than this waits for an analyst (SPEC 2).
FEW_LEAVERS, SHARE_OF_LEAVERS = 5, 0.10


@dataclass(frozen=True)
class Reconciled:
    """What to publish. rows: users, everybody ever known included. held: None, or why to ask.

    factor_reads: of people whose factors could not be read.
    """

    rows: Collection[Row]
    factor_reads: list[Row]
    kinds: list[str]
    keep: list[Keep]
    held: dict[str, Any] | None
    unconfirmed: int


def confirm_missing(reader: Reader, previous: pd.DataFrame) -> None:
    """Ask Okta for each user who should be in a list and was not listed now, once."""
    outcome, scope = reader.outcome, reader.scope
    if outcome.users:
        asked = _missing(previous, outcome, scope) | outcome.vanished | _unlisted(outcome, scope)
        asked = set(sorted(asked - outcome.confirmed)[:MOST_CONFIRMED])
        outcome.confirmed |= asked
        reader.confirm(sorted(asked))


def _missing(previous: pd.DataFrame, outcome: Outcome, scope: Scope) -> set[str]:
    doubtful = ["present", "not_seen"]
    if not scope.group_only:
        doubtful += ["outside", "left_group"]
    return set(previous.loc[previous["presence"].isin(doubtful), "user_id"]) - outcome.users.keys()


def settle(
    reader: Reader,
    *,
    previous: pd.DataFrame,
    previous_scope: Mapping[str, Any] | None,
    current_before: set[str],
    started_at: datetime,
) -> Reconciled:
    """Compare what was read with what was known, asking Okta for each missing user.

    previous: the users rows in force. previous_scope: the scope of the last published run.
    current_before: who counts as current people now.
    """
    confirm_missing(reader, previous)
    outcome, scope = reader.outcome, reader.scope
    # Of everybody only what is compared here: whole rows of 50,000 people are a burden.
    known = {row["user_id"]: row for row in plain_rows(previous[COMPARED])}
    same_group = previous_scope is None or previous_scope.get("group_id") == scope.group_id
    missing = _missing(previous, outcome, scope)
    members = set(outcome.in_group)
    rows = PackedRows()
    for user_id, row in outcome.users.items():
        before = known.get(user_id)
        row["deactivated_at"] = deactivated_at(row, before, started_at)
        if user_id in outcome.gone:
            row |= {"presence": "deleted", "absent_since": started_at}
        elif scope.group_id is not None and user_id not in members:
            row |= _not_a_member(before, started_at, same_group=same_group)
        rows[user_id] = row
    unconfirmed = 0
    unlisted = plain_rows(previous[~previous["user_id"].isin(rows.keys())])
    for row in unlisted:
        row.pop("connection_id", None)
        user_id = row["user_id"]
        if user_id in outcome.gone:
            row |= {"presence": "deleted", "absent_since": row["absent_since"] or started_at}
        elif user_id in missing:
            if scope.group_only and outcome.group_gone:
                row |= _not_a_member(row, started_at, same_group=same_group)
            elif same_group or not scope.group_only:
                unconfirmed += 1
                row |= {"presence": "not_seen", "absent_since": row["absent_since"] or started_at}
            else:
                row |= {"presence": "outside", "absent_since": None}
        rows[user_id] = row
    not_seen = {user_id for user_id, row in rows.items() if row["presence"] == "not_seen"}
    kinds, keep = _what_was_read(outcome, scope, not_seen)
    return Reconciled(
        rows=rows.values(),
        factor_reads=[
            {"user_id": user_id, "state": refusal.code, "reason": refusal.reason}
            for user_id, refusal in outcome.refused["factors"].items()
        ],
        kinds=kinds,
        keep=keep,
        held=_held(rows, known, current_before, outcome, scope),
        unconfirmed=unconfirmed,
    )


def _unlisted(outcome: Outcome, scope: Scope) -> set[str]:
    """Whom groups or administrators name and the list of users has skipped."""
    unlisted = set() if scope.group_only else outcome.named - outcome.users.keys()
    if outcome.users and len(unlisted) > MOST_CONFIRMED:
        raise UnexpectedAnswer(
            f"Okta's list of users lacks {len(unlisted):,} people whom its groups name.",
            endpoint="/api/v1/users",
        )
    return unlisted


def deactivated_at(row: Row, before: Row | None, now: datetime) -> datetime | None:
    """The first deactivation seen; a reactivated person's later one counts anew (SPEC 3)."""
    if row["status"] != "DEPROVISIONED":
        return None
    moment: datetime = row["status_changed_at"] or now
    if before is None or before["deactivated_at"] is None:
        return moment
    first: datetime = before["deactivated_at"]
    again = row["activated_at"] is not None and row["activated_at"] > first
    return moment if again else first


def _not_a_member(before: Row | None, now: datetime, *, same_group: bool) -> Row:
    """Somebody listed who is not in the connected group: did they leave it, or never belong?"""
    was = before["presence"] if before is not None and same_group else "outside"
    if before is None or was not in {"present", "left_group", "not_seen"}:
        return {"presence": "outside", "absent_since": None}
    since = before["absent_since"] if was == "left_group" else None
    return {"presence": "left_group", "absent_since": since or now}


def _what_was_read(
    outcome: Outcome, scope: Scope, not_seen: set[str]
) -> tuple[list[str], list[Keep]]:
    """Kinds to publish, and rows of them to leave alone because nobody could read them."""
    unread = outcome.not_read.keys()
    kinds = {"users"}
    for resource, filled in KINDS.items():
        # Without the list of applications nobody was asked who has them.
        of_apps = filled[0] in {"apps", "app_users", "app_groups"}
        if of_apps and (not scope.access_reviews or "apps" in unread):
            continue
        if resource not in unread:
            kinds |= set(filled)
    keep = [
        Keep(kind, "user_id", not_seen)
        for kind in ("factors", "factor_reads", "memberships", "app_users")
    ]
    keep.append(Keep("admin_roles", "principal_id", not_seen))
    for resource, refused in outcome.refused.items():
        keep.append(Keep(*DETAILS[resource], refused.keys()))
    for resource in ("app_users", "app_groups"):
        keep.append(Keep(*DETAILS[resource], outcome.inactive_apps))
    if "admin_assignees" in unread:
        keep.append(Keep("admin_roles", "principal_type", {"USER"}))
    settings = {category for name, category in SETTINGS.items() if name in unread}
    if "policy" in settings:
        settings.add("policy_rule")
    keep.append(Keep("org_settings", "category", settings))
    return sorted(kinds), [k for k in keep if k.values]


def _held(
    rows: Mapping[str, Row],
    known: Mapping[str, Row],
    current_before: set[str],
    outcome: Outcome,
    scope: Scope,
) -> dict[str, Any] | None:
    """Why a person must look first, with who would leave and why; None to go on."""
    leavers: list[dict[str, str]] = []
    others: list[dict[str, str]] = []
    for user_id in sorted(current_before):
        row, before = rows[user_id], known[user_id]
        why = _why_gone(row)
        if why == "suspended" and before["status"] == "SUSPENDED":
            continue
        if why is not None:
            (others if why in {"suspended", "not seen"} else leavers).append(_entry(row, why))
    limit = max(FEW_LEAVERS, SHARE_OF_LEAVERS * len(current_before))
    if outcome.group_gone:
        reason = "group_gone"
        sentence = (
            f"The connected group ({scope.group_id}) does not exist in Okta any more, so all of "
            "its people would leave."
        )
    elif not outcome.users:
        reason = "empty"
        sentence = "Okta's list of users is empty, as it is for a key that may not read it."
    elif not scope.group_only and scope.key_owner_id not in outcome.users:
        reason = "owner_missing"
        sentence = "The API key's owner is not in Okta's list, so the list is not whole."
    elif len(leavers) > limit:
        reason = "leavers"
        sentence = (
            f"{len(leavers):,} of {len(current_before):,} current people would become leavers."
        )
    else:
        return None
    return {
        "reason": reason,
        "sentence": sentence,
        "current": len(current_before),
        "leavers": leavers + others,
    }


def _why_gone(row: Row) -> str | None:
    if row["presence"] in {"deleted", "left_group", "not_seen"}:
        return {"deleted": "deleted", "left_group": "left the group", "not_seen": "not seen"}[
            row["presence"]
        ]
    return {"DEPROVISIONED": "deactivated", "SUSPENDED": "suspended"}.get(row["status"] or "")


def _entry(row: Row, why: str) -> dict[str, str]:
    name = personnel.display_name(pd.DataFrame([row]))[0]
    return {"user_id": row["user_id"], "name": name, "email": row["email"] or "", "why": why}


def certificate(
    reader: Reader,
    run: RunRecord,
    *,
    finished_at: datetime,
    unconfirmed: int,
    lists_not_read: list[dict[str, Any]],
    group_label: str | None,
) -> dict[str, Any]:
    """What was asked, what came, how it agrees with a second telling, what could not be read."""
    outcome, stats = reader.outcome, reader.crawl.stats
    since = (outcome.server_started_at or run.started_at) - timedelta(seconds=5)
    log = run.log or {}
    return {
        "mode": run.mode,
        "mode_reason": run.mode_reason,
        # What an incremental run did not read stands as this run, and those before it, read it.
        "based_on": run.based_on,
        "log": {name: log.get(name) for name in ("read_at", "published", "events", "told")},
        "started_at": run.started_at.isoformat(),
        "finished_at": finished_at.isoformat(),
        # What was blanked at receipt, and by which version of the rule.
        "minimal": {"rule": RULE, "profile_attributes": sorted(reader.scope.profile_attributes)},
        "endpoints": [
            {"resource": name, **json.loads(json.dumps(about))}
            for name, about in sorted(outcome.endpoints.items())
        ],
        "requests": stats.requests,
        "retries": stats.retries,
        "rate_limit_wait_seconds": round(stats.rate_limit_wait_seconds, 3),
        "refused_for_rate_limit": stats.too_many,
        "changed_while_reading": {
            "since": since.isoformat(),
            "users": outcome.counts["caught_up"],
        },
        "reconciled": _agreements(outcome, reader.scope),
        "unconfirmed": unconfirmed,
        "not_read": outcome.unread(stats.asked),
        "lists_not_read": lists_not_read,
        "lists_accepted": list(reader.scope.accepted_lists),
        "warnings": _warnings(outcome, reader.scope, group_label),
        "set_aside": outcome.set_aside[:1000],
    }


def _warnings(outcome: Outcome, scope: Scope, group_label: str | None) -> list[str]:
    """What does not change the run and somebody should know: odd texts, the group's name.

    The connection follows the group's id, whatever it is called (SPEC 1).
    """
    found = []
    if outcome.cleaned:
        about = ", ".join(LABELS.get(name, name) for name in sorted(outcome.cleaned))
        found.append(
            f"Okta's answers about {about} had text that no database holds (NUL or half a "
            f"character), in {outcome.cleaned.total():,} of them. It was left out, or replaced by "
            "“?”; the raw pages keep it as it came."
        )
    ours = outcome.groups.get(scope.group_id or "")
    if ours is not None and group_label and ours["name"] != group_label:
        found.append(
            f"The connected group is called “{ours['name']}” in Okta now, and was “{group_label}” "
            "when it was connected. It is still the same group."
        )
    same = sum(1 for group in outcome.groups.values() if ours and group["name"] == ours["name"])
    if ours is not None and same > 1:
        found.append(
            f"{same:,} groups are called “{ours['name']}”. The one whose id is "
            f"{ours['group_id']} is connected."
        )
    return found


def _agreements(outcome: Outcome, scope: Scope) -> list[dict[str, Any]]:
    """Counts read against counts that Okta gives elsewhere."""
    found = []
    everyone = next(
        (
            group
            for group in outcome.groups.values()
            if group["type"] == "BUILT_IN" and group["name"] == "Everyone"
        ),
        None,
    )
    alive = sum(row["status"] != "DEPROVISIONED" for row in outcome.users.values())
    if everyone is not None and everyone["users_count"] is not None and not scope.group_only:
        found.append(_agreement("Users that are not deactivated", alive, everyone["users_count"]))
    agreeing = 0
    for group_id, group in outcome.groups.items():
        said, read = group["users_count"], outcome.members_read[group_id]
        carried = outcome.carried.get(group_id, read)
        if said is None or carried is None or carried == said:
            # Carried on with only some members kept: its count and time of change have not moved.
            agreeing += said is not None
            continue
        found.append(_agreement(f"Members of {group['name']}", carried, said))
    found.append(_agreement("Groups whose members are all known", agreeing, len(outcome.groups)))
    return found


def _agreement(what: str, read: int, said: int) -> dict[str, Any]:
    return {"what": what, "read": read, "okta_says": said, "agrees": read == said}
