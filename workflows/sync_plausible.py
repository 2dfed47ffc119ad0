"""Lists that came whole and cannot be believed, and those that were not read: what stands of them.

SPEC 2: an application that falls from ten or more assignments to none, and a group whose list is
empty against its own count, are not read; who is inactive is not asked. The earlier rows stay as
they were last read, until a whole list says so, or an analyst with a reason.
"""

from collections.abc import Collection
from typing import Any

from storage import history, snapshots
from storage.database import Database
from storage.runs import RunRecord
from workflows.errors import CountersignError
from workflows.sync_scope import Outcome, Refusal, Scope

FEWEST_TO_DOUBT = 10
# Lists of one subject: of which kind it is, and where its rows stand.
LISTS_OF = {
    "memberships": ("group", "memberships", "group_id"),
    "app_users": ("app", "app_users", "app_id"),
    "app_groups": ("app", "app_groups", "app_id"),
}


def accepted_lists(named: Collection[str], last: RunRecord | None) -> list[str]:
    """Lists ("app:ID", "group:ID") that an analyst takes as they are, each of which the last
    published run did not read. Raises CountersignError otherwise."""
    unread = {f"{item['kind']}:{item['id']}" for item in lists_not_read(last)}
    for name in named:
        if name not in unread:
            known = ", ".join(sorted(unread)[:10]) or "none"
            raise CountersignError(
                f"“{name[:80]}” is no list that the last published run left unread.",
                code="nothing_to_accept",
                field="accept_list",
                action=f"Write it like app:0oa1 or group:00g1. There are: {known}.",
            )
    return sorted(set(named))


def lists_not_read(run: RunRecord | None) -> list[dict[str, Any]]:
    """What a run's certificate says of lists of one group or application that it did not read."""
    found = (run.certificate or {}).get("lists_not_read", []) if run is not None else []
    return list(found)


def doubt(database: Database, run: RunRecord, outcome: Outcome, scope: Scope) -> None:
    """Refuse the lists that cannot be believed; forget what was refused of accepted ones.

    What was staged of lists that broke off is taken back.
    """
    had = snapshots.count_by(database, run.connection_id, "app_users", "app_id")
    for app_id in outcome.lists_read["app_users"]:
        before = had.get(app_id, 0)
        if before >= FEWEST_TO_DOUBT and not outcome.counts[f"app_users:{app_id}"]:
            _refuse(
                outcome, "app_users", app_id,
                f"Okta's list of who has {outcome.app_labels.get(app_id, app_id)} is empty, and "
                f"{before:,} had it.",
            )  # fmt: skip
    for group_id in outcome.lists_read["memberships"]:
        group = outcome.groups.get(group_id)
        said = group["users_count"] if group else None
        if said and not outcome.members_read[group_id] and group_id != scope.group_id:
            name = group["name"] if group else group_id
            _refuse(
                outcome, "memberships", group_id,
                f"Okta's list of members of {name} is empty, and Okta counts {said:,}.",
            )  # fmt: skip
    for name in scope.accepted_lists:
        kind, _, subject = name.partition(":")
        for resource, (whose, _, _) in LISTS_OF.items():
            if whose == kind:
                outcome.refused[resource].pop(subject, None)
                outcome.inactive_apps.discard(subject)
    with database.write() as conn:
        for resource, (_, rows, column) in LISTS_OF.items():
            history.unstage(conn, run.id, rows, column, outcome.refused[resource].keys())


def told(
    database: Database, run: RunRecord, outcome: Outcome, last: RunRecord | None
) -> list[dict[str, Any]]:
    """For the certificate: each list that was not read, why, and what stands of it since when."""
    before = {(item["resource"], item["id"]): item for item in lists_not_read(last)}
    counted = {
        kind: snapshots.count_by(database, run.connection_id, kind, column)
        for _, kind, column in LISTS_OF.values()
    }
    found = []
    for resource, subject, refusal in _unread(outcome):
        kind, rows, _ = LISTS_OF[resource]
        standing = counted[rows].get(subject, 0)
        known = before.get((resource, subject))
        group = outcome.groups.get(subject)
        label = group["name"] if group else outcome.app_labels.get(subject)
        found.append(
            {
                "resource": resource,
                "kind": kind,
                "id": subject,
                "label": label or subject,
                "code": refusal.code,
                "reason": refusal.reason,
                "rows": standing,
                "last_read": known["last_read"] if known else _read_by(last),
            }
        )
    return found


def standing(database: Database, run: RunRecord, app_ids: Collection[str]) -> int:
    """How many assignments of these applications are known from before."""
    had = snapshots.count_by(database, run.connection_id, "app_users", "app_id")
    return sum(had.get(app_id, 0) for app_id in app_ids)


def _unread(outcome: Outcome) -> list[tuple[str, str, Refusal]]:
    found = [
        (resource, subject, refusal)
        for resource in LISTS_OF
        for subject, refusal in sorted(outcome.refused[resource].items())
    ]
    inactive = Refusal("inactive", "The application is inactive.")
    found += [("app_users", app_id, inactive) for app_id in sorted(outcome.inactive_apps)]
    return found


def _read_by(run: RunRecord | None) -> dict[str, Any] | None:
    if run is None or run.published_at is None:
        return None
    return {"run_id": run.id, "at": run.published_at.isoformat()}


def _refuse(outcome: Outcome, resource: str, subject: str, sentence: str) -> None:
    outcome.refused[resource][subject] = Refusal(
        "implausible", f"{sentence} What was read before stays."
    )
