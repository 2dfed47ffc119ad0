"""The plan of an incremental run: the lists in full, and details only where they may differ.

It must end in exactly the rows that a full run would leave. So a detail is carried on only when
nothing speaks against it: no event of the log, and no difference in the lists, which tell of each
group how many members it has and when that last changed. What the lists show is believed before
the log, which may be late; what only the log shows is read as soon as it tells.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from okta_client import client as okta
from okta_client.client import Request
from okta_client.log_events import Dirty
from storage import history, snapshots
from storage.database import Database
from storage.history import Compared
from storage.runs import RunRecord
from workflows.sync_known import OF_PEOPLE, Known, differs
from workflows.sync_plan import Plan
from workflows.sync_read import Reader
from workflows.sync_scope import Outcome, Row, Scope

# People on a page of an application's list: that many at the price of one.
PAGE_OF_PEOPLE = 500
# Okta's times are whole seconds, and a group's time of change lags by some.
LAG = timedelta(minutes=1)


class Quick(Plan):
    """What may differ since the published run that it builds on."""

    def __init__(
        self,
        database: Database,
        run: RunRecord,
        scope: Scope,
        *,
        last: RunRecord,
        known: Known,
        dirty: Dirty,
    ):
        self.database, self.run, self.scope = database, run, scope
        self.known, self.dirty = known, dirty
        self._unread = {item["resource"] for item in last.not_read or []}
        self._began, self._ended = _window(last)
        self._factors: set[str] = set()
        self._members: set[str] = set()
        self._principals: set[tuple[str, str]] = set()
        self._assignees: set[str] = set()
        self._apps: set[str] = set()
        self._app_users: set[str] = set()
        self._app_groups: set[str] = set()
        self._assignments: set[tuple[str, str]] = set()

    def factors(self, user: Row) -> bool:
        """New people, those whom an event names, and those who could not be read before."""
        user_id = user["user_id"]
        wanted = user_id in self.dirty.factors or not self.known.factor_users.get(user_id, False)
        if wanted:
            self._factors.add(user_id)
        return wanted

    def members(self, group: Row) -> bool:
        """Groups that an event names, or whose count or time of change says something else."""
        group_id, count = group["group_id"], group["users_count"]
        changed_at: datetime | None = group["last_membership_updated_at"]
        wanted = (
            group_id == self.scope.group_id
            or group_id in self.dirty.members
            or count is None
            or changed_at is None
            or "memberships" in self._unread
            or self._began <= changed_at <= self._ended
            or differs(
                group,
                self.known.groups.get(group_id),
                "users_count",
                "last_membership_updated_at",
            )
            # With a group label only its members are kept, and the count tells nothing.
            or (not self.scope.group_only and count != self.known.member_counts.get(group_id, 0))
        )
        if wanted:
            self._members.add(group_id)
        return wanted

    def group_roles(self, group: Row) -> bool:
        """Groups that an event names, or whose privilege is not what is known of them."""
        group_id, said = group["group_id"], group["has_admin_privilege"]
        known = ("GROUP", group_id) in self.known.principals
        doubtful = self.dirty.all_roles or "group_roles" in self._unread
        wanted = (
            group_id in self.dirty.roles
            or said is None
            or bool(said) != known
            or (doubtful and known)
        )
        if wanted:
            self._principals.add(("GROUP", group_id))
        return wanted

    def group_gives(self, group_id: str) -> None:
        """Its roles are read, whatever was thought of it."""
        self._principals.add(("GROUP", group_id))

    def user_roles(self, user_id: str) -> bool:
        """Holders whom an event names, and those whose being one is not explained by before."""
        self._assignees.add(user_id)
        explained = (
            "USER",
            user_id,
        ) in self.known.principals or user_id in self.known.through_groups
        wanted = (
            self.dirty.all_roles
            or user_id in self.dirty.roles
            or bool(self._unread & {"user_roles", "admin_assignees"})
            or not explained
        )
        if wanted:
            self._principals.add(("USER", user_id))
        return wanted

    def app(self, app: Row) -> tuple[bool, bool]:
        """Applications that an event names, that are new, or that differ themselves."""
        app_id = app["app_id"]
        self._apps.add(app_id)
        whole = app_id in self.dirty.apps or differs(app, self.known.apps.get(app_id))
        unread = not self._unread.isdisjoint({"app_users", "app_user", "user_apps"})
        users = whole or unread or app_id in self.dirty.app_people
        groups = whole or "app_groups" in self._unread
        if users:
            self._app_users.add(app_id)
        if groups:
            self._app_groups.add(app_id)
        return users, groups

    def afterwards(self, reader: Reader) -> Iterable[Request]:
        """What moved with people and groups: factors that a policy decides on, and assignments."""
        outcome = reader.outcome
        moved = history.member_changes(
            self.database,
            self.run.id,
            self.run.connection_id,
            self._members | self._gone_groups(outcome),
        )
        # Out and in again leaves no trace in the groups, but what they give was given anew.
        moved |= self.dirty.moves
        requests = list(self._of_new_members(outcome))
        reader.read_also(requests)
        requests = list(
            self._factors_of(
                outcome,
                {
                    user_id
                    for group_id, user_id in moved
                    if self._decides_on_factors(outcome, group_id)
                },
            )
        )
        if self.scope.access_reviews and "apps" not in outcome.not_read:
            requests += self._assignments_of(outcome, moved)
        return requests

    def compared(self, reader: Reader) -> Compared:
        """What was read anew, and what has no place any more."""
        outcome, known = reader.outcome, self.known
        have_factors = {
            user_id
            for user_id, row in outcome.users.items()
            if user_id not in outcome.gone
            and row["status"] != "DEPROVISIONED"
            and self._in_scope(outcome, user_id)
        }
        people = self._factors | (known.factor_users.keys() - have_factors)
        holders = {
            (kind, ident)
            for kind, ident in known.principals
            if ident not in (self._assignees if kind == "USER" else outcome.groups)
            or ident in outcome.gone
        }
        apps = self._apps - outcome.gone_apps
        gone_apps = (known.apps.keys() | known.app_sizes.keys() | known.givers.keys()) - apps
        for group_id in outcome.groups.keys() - self._members:
            outcome.carried[group_id] = (
                None if self.scope.group_only else known.member_counts.get(group_id, 0)
            )
        return {
            "factors": _any(people),
            "factor_reads": _any(people),
            "memberships": _any(self._members | self._gone_groups(outcome))
            | self._memberships_of(outcome.gone | self._leavers(outcome)),
            "admin_roles": self._principals | holders,
            "app_users": _any(self._app_users | gone_apps) | self._assignments,
            "app_groups": _any(self._app_groups | gone_apps),
        }

    # With a group label only its members are kept

    def _of_new_members(self, outcome: Outcome) -> Iterator[Request]:
        """Whoever joined the connected group was never looked for in the others."""
        if self.scope.group_only:
            for user_id in sorted(outcome.in_group - self._former_members()):
                yield okta.user_groups(user_id)

    def _leavers(self, outcome: Outcome) -> set[str]:
        return self._former_members() - outcome.in_group if self.scope.group_only else set()

    def _memberships_of(self, user_ids: set[str]) -> set[tuple[str, str]]:
        return self._stored("memberships", ("group_id", "user_id"), "user_id", user_ids)

    def _former_members(self) -> set[str]:
        group = {self.scope.group_id or ""}
        rows = self._stored("memberships", ("group_id", "user_id"), "group_id", group)
        return {user_id for _, user_id in rows}

    # Factors

    def _factors_of(self, outcome: Outcome, user_ids: set[str]) -> Iterator[Request]:
        for user_id in sorted(user_ids - self._factors):
            row = outcome.users.get(user_id)
            if row and row["status"] != "DEPROVISIONED" and self._in_scope(outcome, user_id):
                self._factors.add(user_id)
                yield okta.factors(user_id)

    def _decides_on_factors(self, outcome: Outcome, group_id: str) -> bool:
        """Whether being in a group can change which factors Okta lists (enrolment policies)."""
        return "policies" in outcome.not_read or group_id in self._policy_groups()

    def _policy_groups(self) -> set[str]:
        if self.__dict__.get("_targets") is None:
            self._targets: set[str] = set()
            staged = history.staged(self.database, self.run.id, "org_settings")
            for body in staged.loc[staged["category"].isin(["policy", "policy_rule"]), "body"]:
                self._targets |= _groups_named(json.loads(body))
        return self._targets

    def _in_scope(self, outcome: Outcome, user_id: str) -> bool:
        return self.scope.group_id is None or user_id in outcome.in_group

    # Applications

    def _assignments_of(self, outcome: Outcome, moved: set[tuple[str, str]]) -> Iterator[Request]:
        known = self.known
        gone_groups = self._gone_groups(outcome)
        # Who has an inactive application stands as it was last read.
        active = self._apps - outcome.inactive_apps
        for app_id in sorted(active - self._app_groups):
            if known.givers.get(app_id, set()) & gone_groups:
                self._app_groups.add(app_id)
                yield okta.app_groups(app_id)
        given = _grouped((g, a) for a, groups in known.givers.items() for g in groups)
        doubtful = set(self.dirty.assignments)
        doubtful |= {(app_id, user) for group, user in moved for app_id in given.get(group, ())}
        columns = ("app_id", "user_id")
        doubtful |= self._stored("app_users", columns, "user_id", self._changed_people(outcome))
        # Who is gone has nothing any more: that need not be asked.
        gone = outcome.gone
        self._assignments |= self._stored("app_users", columns, "user_id", gone)
        doubtful = {
            (app_id, user_id)
            for app_id, user_id in doubtful
            if app_id in active - self._app_users and user_id not in gone
        }
        yield from self._fewest(doubtful)

    def _fewest(self, doubtful: set[tuple[str, str]]) -> Iterator[Request]:
        """The fewest requests that tell of these assignments: by application or by person."""
        by_app, by_person = _grouped(doubtful), _grouped((u, a) for a, u in doubtful)
        pages = {
            app_id: max(1, -(-self.known.app_sizes.get(app_id, 0) // PAGE_OF_PEOPLE))
            for app_id in by_app
        }
        if len(by_person) < sum(min(pages[a], len(people)) for a, people in by_app.items()):
            stored = self._stored("app_users", ("app_id", "user_id"), "user_id", set(by_person))
            self._assignments |= stored | doubtful
            for user_id in sorted(by_person):
                yield okta.apps_of_user(user_id)
            return
        for app_id, user_ids in sorted(by_app.items()):
            if len(user_ids) > pages[app_id]:
                self._app_users.add(app_id)
                yield okta.app_users(app_id)
                continue
            self._assignments |= {(app_id, user_id) for user_id in user_ids}
            for user_id in sorted(user_ids):
                yield okta.app_user(app_id, user_id)

    def assignments(self, user_id: str) -> Iterable[Request]:
        """A person's assignments that are known or doubtful, one by one."""
        for app_id, who in sorted(self._assignments):
            if who == user_id and app_id in self._apps:
                yield okta.app_user(app_id, who)

    def _changed_people(self, outcome: Outcome) -> set[str]:
        changed = {
            user_id
            for user_id, row in outcome.users.items()
            if user_id in self.known.users and differs(row, self.known.users[user_id], *OF_PEOPLE)
        }
        return changed | (self.dirty.people & outcome.users.keys())

    def _gone_groups(self, outcome: Outcome) -> set[str]:
        return (self.known.groups.keys() | self.known.member_counts.keys()) - outcome.groups.keys()

    def _stored(
        self, kind: str, columns: tuple[str, str], where: str, values: set[str]
    ) -> set[tuple[str, str]]:
        return snapshots.pairs(
            self.database, self.run.connection_id, kind, columns, where=where, values=values
        )


def _any(idents: Iterable[str]) -> set[tuple[str, str]]:
    return {(ident, "") for ident in idents}


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for first, second in pairs:
        found.setdefault(first, set()).add(second)
    return found


def _window(last: RunRecord) -> tuple[datetime, datetime]:
    """When the published run read, by Okta's clock, with what its times lack in precision."""
    read_at = datetime.fromisoformat((last.log or {})["read_at"])
    took = (last.published_at or last.started_at) - last.started_at
    return read_at - LAG, read_at + took + LAG


def _groups_named(policy: object) -> set[str]:
    """The groups that an enrolment policy or rule includes or leaves out."""
    found: object = policy
    for name in ("conditions", "people", "groups"):
        found = found.get(name) if isinstance(found, dict) else None
    if not isinstance(found, dict) or not isinstance(policy, dict):
        return set()
    if policy.get("type") != "MFA_ENROLL":
        return set()
    lists = (found.get("include"), found.get("exclude"))
    return {ident for part in lists if isinstance(part, list) for ident in part}
