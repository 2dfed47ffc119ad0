"""Reads a tenant into the staging rows of a run: four lists at once, details as pages arrive.

The fewest requests that know the truth: factors only of people who can have any, members only of
groups that have some, roles only of groups and people that hold any. Every page is kept verbatim
before its rows are staged, so that a killed run resumes from what it has.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from okta_client import client as okta
from okta_client import payloads
from okta_client.client import Request
from okta_client.crawl import Crawl, Failure, Page
from okta_client.errors import BadRequest
from okta_client.transport import Answer
from storage.database import Database
from workflows.sync_plan import Plan
from workflows.sync_refusals import weigh
from workflows.sync_scope import DETAILS, SETTINGS, Outcome, Row, Scope
from workflows.sync_staging import Staging

POLICY_TYPES = ("OKTA_SIGN_ON", "ACCESS_POLICY", "MFA_ENROLL", "PASSWORD")
# Okta counts members now and then: a group that changed this lately may have some it counts not.
LATELY = timedelta(hours=1)


class Reader:
    """One reading of one tenant. read() blocks; crawl.stop() from another thread ends it."""

    def __init__(
        self,
        database: Database,
        run_id: int,
        crawl: Crawl,
        scope: Scope,
    ):
        self.plan = Plan()
        self.crawl = crawl
        self.scope = scope
        self.outcome = Outcome()
        self.staging = Staging(database, run_id, self.outcome)
        self._catching_up = False
        self._asked: set[tuple[str, ...]] = set()
        self._members: dict[str, set[str]] = defaultdict(set)
        self._members_waiting: list[Row] = []

    def read(self) -> Outcome:
        """Read everything in scope. Raises the OktaError that makes the run fail."""
        outcome = self.outcome
        self._read(self._first())
        # With a group label only its members are kept, and who they are is known by now.
        kept = [row for row in self._members_waiting if row["user_id"] in outcome.in_group]
        self.staging.rows["memberships"].extend(kept)
        self.staging.flush()
        return outcome

    def confirm(self, user_ids: Iterable[str]) -> None:
        """Ask for users one by one: who is found is read as if listed; gone says who is not."""
        self.read_also(okta.user(user_id) for user_id in user_ids)

    def read_also(self, requests: Iterable[Request]) -> None:
        """Read these too, and what follows from them."""
        self._read(requests)
        self.staging.flush()
        self.staging.forget_the_gone()

    def catch_up(self, since: datetime) -> int:
        """Read again who changed since a moment. Returns how many Okta named."""
        before = self.outcome.counts["caught_up"]
        self._catching_up = True
        by_filter = "users" in self.outcome.otherwise
        self._read([okta.users_updated_since(since, by_filter=by_filter)])
        self._catching_up = False
        self.staging.flush()
        return self.outcome.counts["caught_up"] - before

    def _read(self, requests: Iterable[Request]) -> None:
        for request in requests:
            self._ask(request)
        for event in self.crawl.pages():
            if isinstance(event, Failure):
                self._failed(event)
            else:
                self._page(event)
            self.staging.flush_when_due()

    def _first(self) -> Iterable[Request]:
        if self.scope.group_only and self.scope.group_id:
            yield okta.group_members(self.scope.group_id)
        else:
            yield okta.users_of_all_statuses()
            if self.scope.group_id:
                yield okta.group_members(self.scope.group_id)
        yield okta.groups()
        yield okta.admin_assignees()
        yield okta.group_rules()
        if self.scope.access_reviews:
            yield okta.apps()
        yield okta.user_schema()
        yield okta.authenticators()
        yield okta.api_tokens()
        yield okta.org()
        for kind in POLICY_TYPES:
            yield okta.policies(kind)

    def _ask(self, request: Request) -> None:
        """Ask, but for one subject's details only once, however often a list names it."""
        if request.resource in DETAILS:
            key = (request.resource, *request.subject)
            if key in self._asked:
                return
            self._asked.add(key)
        self.crawl.submit(request)

    # What arrives

    def _page(self, page: Page) -> None:
        request, answer = page.request, page.answer
        self.staging.take(page)
        if self.outcome.server_started_at is None:
            self.outcome.server_started_at = _server_time(answer) or answer.received_at
        HANDLERS[request.resource](self, request, page.records)
        if page.last and request.subject:
            self.outcome.lists_read[request.resource].add(request.subject[0])
        if page.last and request.resource == "memberships":
            # People who move between pages are named twice.
            group_id = request.subject[0]
            self.outcome.members_read[group_id] = len(self._members.pop(group_id, ()))

    def _failed(self, failure: Failure) -> None:
        instead = weigh(
            failure,
            self.outcome,
            self.scope,
            asked=self.crawl.stats.asked[failure.request.resource],
            catching_up=self._catching_up,
        )
        if instead is not None:
            self._ask(instead)
        elif failure.request.resource == "user_apps" and isinstance(failure.error, BadRequest):
            # An organization that cannot be asked so: each assignment by itself.
            for request in self.plan.assignments(failure.request.subject[0]):
                self._ask(request)

    def _users(self, request: Request, records: list[Any]) -> None:
        for row, _ in self.staging.each("users", records, payloads.read_user):
            if self._catching_up:
                self.outcome.counts["caught_up"] += 1
                if self.scope.group_only and row["user_id"] not in self.outcome.users:
                    continue
            self._user(row)

    def _user(self, row: Row) -> None:
        user_id = row["user_id"]
        self.outcome.users[user_id] = row
        if self.scope.group_id is None or user_id in self.outcome.in_group:
            self._ask_factors(row)

    def _ask_factors(self, row: Row) -> None:
        # Deactivated people have no factors: Okta removes them with the account.
        if row["status"] != "DEPROVISIONED" and self.plan.factors(row):
            self._ask(okta.factors(row["user_id"]))

    def _group_members(self, request: Request, records: list[Any]) -> None:
        group_id = request.subject[0]
        for row, record in self.staging.each(
            "memberships", records, lambda j: payloads.read_membership(group_id, j)
        ):
            user_id = row["user_id"]
            waiting = (
                self._members_waiting if self.scope.group_only else self.staging.rows["memberships"]
            )
            waiting.append(row)
            self._members[group_id].add(user_id)
            self.outcome.named.add(user_id)
            if group_id != self.scope.group_id or user_id in self.outcome.in_group:
                continue
            self.outcome.in_group.add(user_id)
            known = self.outcome.users.get(user_id)
            if known is not None:
                self._ask_factors(known)
            elif self.scope.group_only:
                for user, _ in self.staging.each("users", [record], payloads.read_user):
                    self._user(user)

    def _groups(self, request: Request, records: list[Any]) -> None:
        for row, _ in self.staging.each("groups", records, payloads.read_group):
            group_id = row["group_id"]
            if group_id in self.outcome.groups:
                continue
            self.outcome.groups[group_id] = row
            self.staging.rows["groups"].append(row)
            # Without stats nothing is known, and unknown is read rather than skipped.
            members = row["users_count"] != 0 or self._changed_lately(row)
            if self.plan.members(row) and members:
                self._ask(okta.group_members(group_id))
            if self.plan.group_roles(row):
                self._ask(okta.group_roles(group_id))

    def _changed_lately(self, group: Row) -> bool:
        changed, now = group["last_membership_updated_at"], self.outcome.server_started_at
        return changed is not None and now is not None and changed > now - LATELY

    def _assignees(self, request: Request, records: list[Any]) -> None:
        for record in records:
            user_id = record.get("id") if isinstance(record, dict) else None
            if isinstance(user_id, str) and user_id.strip(". "):
                self.outcome.named.add(user_id)
                if self.plan.user_roles(user_id):
                    self._ask(okta.user_roles(user_id))

    def _user_roles(self, request: Request, records: list[Any]) -> None:
        user_id, own = request.subject[0], []
        for row, record in self.staging.each(
            "user_roles", records, lambda j: payloads.read_role("USER", user_id, j)
        ):
            # Roles through a group are that group's rows; here they would count twice.
            if row["assignment_type"] != "GROUP":
                own.append(row)
            elif group_id := payloads.group_behind(record):
                # Whatever its stats said, it gives a role.
                self.plan.group_gives(group_id)
                self._ask(okta.group_roles(group_id))
        self.staging.rows["admin_roles"] += payloads.apart(own)

    def _group_roles(self, request: Request, records: list[Any]) -> None:
        group_id = request.subject[0]
        read = self.staging.each(
            "group_roles", records, lambda j: payloads.read_role("GROUP", group_id, j)
        )
        self.staging.rows["admin_roles"] += payloads.apart([row for row, _ in read])

    def _factors(self, request: Request, records: list[Any]) -> None:
        user_id = request.subject[0]
        self.staging.rows["factor_reads"].append(
            {"user_id": user_id, "state": "read", "reason": ""}
        )
        for row, _ in self.staging.each(
            "factors", records, lambda j: payloads.read_factor(user_id, j)
        ):
            self.staging.rows["factors"].append(row)

    def _rules(self, request: Request, records: list[Any]) -> None:
        for row, _ in self.staging.each("group_rules", records, payloads.read_group_rule):
            self.staging.rows["group_rules"].append(row)

    def _apps(self, request: Request, records: list[Any]) -> None:
        for row, _ in self.staging.each("apps", records, payloads.read_app):
            self.staging.rows["apps"].append(row)
            self.outcome.app_labels[row["app_id"]] = row["label"] or row["app_id"]
            users, groups = self.plan.app(row)
            if row["status"] == "INACTIVE":
                # Okta answers nothing that could be believed of who has it.
                self.outcome.inactive_apps.add(row["app_id"])
                continue
            if users:
                self._ask(okta.app_users(row["app_id"]))
            if groups:
                self._ask(okta.app_groups(row["app_id"]))

    def _groups_of_user(self, request: Request, records: list[Any]) -> None:
        user = {"id": request.subject[0]}
        for row, _ in self.staging.each("user_groups", records, payloads.read_group):
            self.staging.rows["memberships"].append(payloads.read_membership(row["group_id"], user))

    def _app_users(self, request: Request, records: list[Any]) -> None:
        app_id = request.subject[0]
        for row, _ in self.staging.each(
            "app_users", records, lambda j: payloads.read_app_user(app_id, j)
        ):
            self.outcome.counts[f"app_users:{app_id}"] += 1
            self.staging.rows["app_users"].append(row)

    def _apps_of_user(self, request: Request, records: list[Any]) -> None:
        user_id = request.subject[0]
        for app, record in self.staging.each("user_apps", records, payloads.read_app):
            if app["app_id"] in self.outcome.inactive_apps:
                continue
            embedded = record.get("_embedded")
            given = embedded.get("user") if isinstance(embedded, dict) else None
            if isinstance(given, dict) and given.get("id") == user_id:
                row = payloads.read_app_user(app["app_id"], given)
                self.staging.rows["app_users"].append(row)
            else:
                self._ask(okta.app_user(app["app_id"], user_id))

    def _app_groups(self, request: Request, records: list[Any]) -> None:
        app_id = request.subject[0]
        for row, _ in self.staging.each(
            "app_groups", records, lambda j: payloads.read_app_group(app_id, j)
        ):
            self.staging.rows["app_groups"].append(row)

    def _setting(self, request: Request, records: list[Any]) -> None:
        category = SETTINGS[request.resource]
        parent = request.subject[0] if request.resource == "policy_rules" else None
        for row, _ in self.staging.each(
            request.resource,
            records,
            lambda j: payloads.read_setting(category, j, parent_id=parent),
        ):
            self.staging.rows["org_settings"].append(row)
            if category == "policy":
                self._ask(okta.policy_rules(row["setting_id"]))

    def _nothing_new(self, request: Request, records: list[Any]) -> None:
        """A subject that is there; the list has told the rest."""


def _server_time(answer: Answer) -> datetime | None:
    """Okta's clock, which its lastUpdated is written by."""
    try:
        return parsedate_to_datetime(answer.headers.get("Date") or "")
    except ValueError:
        return None


HANDLERS: dict[str, Callable[[Reader, Request, list[Any]], None]] = {
    "users": Reader._users,
    "user": Reader._users,
    "memberships": Reader._group_members,
    "groups": Reader._groups,
    "admin_assignees": Reader._assignees,
    "user_roles": Reader._user_roles,
    "group_roles": Reader._group_roles,
    "factors": Reader._factors,
    "group_rules": Reader._rules,
    "apps": Reader._apps,
    "app_users": Reader._app_users,
    "app_user": Reader._app_users,
    "user_apps": Reader._apps_of_user,
    "user_groups": Reader._groups_of_user,
    "app_groups": Reader._app_groups,
    # Asked for by id because their details were not found: they are there.
    "group": Reader._nothing_new,
    "app": Reader._nothing_new,
    **dict.fromkeys(SETTINGS, Reader._setting),
}
