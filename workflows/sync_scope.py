"""What a run reads and what it brings: scope, outcome, and which resource fills which kind."""

from collections import Counter, defaultdict
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from workflows.sync_rows import PackedRows
from workflows.sync_rows import Row as Row


@dataclass(frozen=True)
class Scope:
    """What a run reads: fixed at its start, so that a resumed run reads the same."""

    group_id: str | None
    access_reviews: bool
    key_owner_id: str | None
    profile_attributes: tuple[str, ...] = ()
    accepted_lists: tuple[str, ...] = ()

    @property
    def group_only(self) -> bool:
        """True when only the connected group's members are kept (SPEC 2, group label)."""
        return self.group_id is not None and not self.access_reviews


@dataclass(frozen=True)
class Refusal:
    """Why one subject's details could not be read. code: the error's slug."""

    code: str
    reason: str


@dataclass
class Outcome:
    """What reading brought, beside the staged rows.

    not_read: lists that were refused, with the reason. refused: details that were, by resource and
    subject. otherwise: lists that were asked for in another form. gone, gone_groups, gone_apps: who
    and what Okta says is deleted. vanished: people whose details were not found; asked for by id.
    confirmed: people who were asked for by id, whatever the answer.
    named: people whom groups and the list of administrators name. group_gone: the connected group
    does not exist in Okta any more. lists_read: of which subjects a list came to its end.
    cleaned: answers with text that no database holds, by resource.
    """

    users: MutableMapping[str, Row] = field(default_factory=PackedRows)
    in_group: set[str] = field(default_factory=set)
    groups: dict[str, Row] = field(default_factory=dict)
    members_read: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    not_read: dict[str, str] = field(default_factory=dict)
    cleaned: Counter[str] = field(default_factory=Counter)
    set_aside: list[dict[str, str]] = field(default_factory=list)
    endpoints: dict[str, dict[str, Any]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    gone_groups: set[str] = field(default_factory=set)
    gone_apps: set[str] = field(default_factory=set)
    vanished: set[str] = field(default_factory=set)
    confirmed: set[str] = field(default_factory=set)
    named: set[str] = field(default_factory=set)
    group_gone: bool = False
    refused: dict[str, dict[str, Refusal]] = field(default_factory=lambda: defaultdict(dict))
    otherwise: set[str] = field(default_factory=set)
    lists_read: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    inactive_apps: set[str] = field(default_factory=set)
    app_labels: dict[str, str] = field(default_factory=dict)
    # Groups whose members an incremental run carried on, with how many; None where that says
    # nothing, because only some of them are kept.
    carried: dict[str, int | None] = field(default_factory=dict)
    server_started_at: datetime | None = None

    def unread(self, asked: Mapping[str, int]) -> list[dict[str, Any]]:
        """Each resource of which something could not be read, with why. asked: how many were.

        in_part: the rest of it was read.
        """
        found = dict(self.not_read)
        if self.inactive_apps:
            names = sorted(self.app_labels.get(app_id, app_id) for app_id in self.inactive_apps)
            found["inactive_apps"] = (
                f"{len(names):,} applications are inactive, and who has them was not read: "
                f"{', '.join(names[:10])}."
            )
        for resource, refusals in self.refused.items():
            if refusals:
                reasons = Counter(refusal.reason for refusal in refusals.values())
                of = f"{len(refusals):,} of {max(asked.get(resource, 0), len(refusals)):,}"
                said = " ".join(reason for reason, _ in reasons.most_common(5))
                found[resource] = f"{of} could not be read. {said}"
        return [
            {
                "resource": name,
                "reason": why,
                **({} if name in self.not_read else {"in_part": True}),
            }
            for name, why in sorted(found.items())
        ]


SETTINGS = {
    "policies": "policy",
    "policy_rules": "policy_rule",
    "authenticators": "authenticator",
    "api_tokens": "api_token",
    "user_schema": "user_schema",
    "org": "org",
}

LISTS = {"logs", "users", "groups", "admin_assignees", "group_rules", "apps"} | SETTINGS.keys() - {
    "policy_rules"
}

# Details of one subject, and the rows (kind, column) that stay as they were when it is refused.
DETAILS = {
    "memberships": ("memberships", "group_id"),
    "user_groups": ("memberships", "user_id"),
    "factors": ("factors", "user_id"),
    "user_roles": ("admin_roles", "principal_id"),
    "group_roles": ("admin_roles", "principal_id"),
    "app_users": ("app_users", "app_id"),
    "app_user": ("app_users", "app_id"),
    "user_apps": ("app_users", "user_id"),
    "app_groups": ("app_groups", "app_id"),
    "policy_rules": ("org_settings", "parent_id"),
}

KINDS = {
    "users": ("users",),
    "factors": ("factors", "factor_reads"),
    "groups": ("groups",),
    "memberships": ("memberships",),
    "group_rules": ("group_rules",),
    "user_roles": ("admin_roles",),
    "group_roles": ("admin_roles",),
    "admin_assignees": ("admin_roles",),
    "apps": ("apps",),
    "app_users": ("app_users",),
    "app_groups": ("app_groups",),
    **dict.fromkeys(SETTINGS, ("org_settings",)),
}

# What a run is reading, as progress names it, in this order.
LABELS = {
    "logs": "the system log",
    "users": "users",
    "user": "missing users",
    "factors": "factors",
    "groups": "groups",
    "memberships": "group members",
    "user_groups": "groups of new members",
    "group_rules": "group rules",
    "admin_assignees": "administrators",
    "user_roles": "admin roles of users",
    "group_roles": "admin roles of groups",
    "apps": "applications",
    "app_users": "application users",
    "app_user": "single application users",
    "user_apps": "applications of users",
    "app_groups": "application groups",
    "policies": "policies",
    "policy_rules": "policy rules",
    "authenticators": "authenticators",
    "api_tokens": "API tokens",
    "user_schema": "user attributes",
    "org": "the organization",
    "inactive_apps": "people of inactive applications",
}
