"""One GET, its pages with opaque cursors, and the shapes that Okta gives its records."""

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from demo_tenant.errors import Refused, error
from demo_tenant.organization import Json, Organization

_PRIVATE = ("_key", "_group", "_principal")


@dataclass
class Call:
    """One GET: path, query, who asks; handlers add Link targets."""

    org: Organization
    path: str
    query: dict[str, str]
    me: str
    links: dict[str, str] = field(default_factory=dict)
    faults: dict[str, Any] = field(default_factory=dict)

    def paged(
        self, records: list[Json], shape: Callable[[Json], Json], *, most: int, default: int,
        bad_cursor: tuple[str, str] = ("E0000029", "Invalid paging request."),
    ) -> list[Json]:  # fmt: skip
        """One page of a list, with self and next links. Cursors are opaque and checked."""
        limit = self.limit(most, default)
        start = 0
        if "after" in self.query:
            start = _place(self.query["after"], records)
            if start < 0:
                code, text = bad_cursor
                raise Refused(error(400, code, text, "Invalid cursor."))
        page = records[start : start + limit]
        kept = {k: v for k, v in self.query.items() if k not in {"after", "limit"}}
        here = {"limit": str(limit), **kept}
        if "after" in self.query:
            here = {"after": self.query["after"], **here}
        self.links["self"] = self.url(here)
        if start + limit < len(records):
            self.links["next"] = self.url(
                {"after": _cursor(records[start + limit - 1]), "limit": str(limit), **kept}
            )
        return [shape(record) for record in page]

    def limit(self, most: int, default: int) -> int:
        try:
            wanted = int(self.query.get("limit", default))
        except ValueError:
            wanted = 0
        if wanted < 1:
            raise Refused(error(400, "E0000001", "Api validation failed: limit"))
        return min(wanted, most)

    def url(self, query: dict[str, str]) -> str:
        return f"{self.org.origin}{self.path}?{urlencode(sorted(query.items()))}"


def user_shape(org: Organization, user: Json, *, single: bool = False) -> Json:
    """A user; alone with the links that change it."""
    base = f"{org.origin}/api/v1/users/{user['id']}"
    links: Json = {"self": {"href": base}}
    if single:
        links["deactivate"] = {"href": f"{base}/lifecycle/deactivate", "method": "POST"}
        links["resetFactors"] = {"href": f"{base}/lifecycle/reset_factors", "method": "POST"}
    return {**user, "_links": links}


def group_shape(call: Call, group: Json) -> Json:
    """A group, with stats when expanded."""
    org, group_id = call.org, group["id"]
    base = f"{org.origin}/api/v1/groups/{group_id}"
    shaped = {**group, "_links": {"users": {"href": f"{base}/users"},
                                  "apps": {"href": f"{base}/apps"}}}  # fmt: skip
    if "stats" in call.query.get("expand", "").split(","):
        having = sum(any(g["id"] == group_id for g in gs) for gs in org.app_groups.values())
        stale = group_id in org.stale_stats
        shaped["_embedded"] = {
            "stats": {
                "usersCount": 0 if stale else len(org.members[group_id]),
                "appsCount": having,
                "groupPushMappingsCount": 0,
                "hasAdminPrivilege": bool(org.group_roles.get(group_id)) and not stale,
                "_links": {},
            }
        }
    return shaped


def role_shape(org: Organization, role: Json) -> Json:
    """An admin role with its assignee."""
    where, principal = role["_principal"]
    links: Json = {"assignee": {"href": f"{org.origin}/api/v1/{where}/{principal}"}}
    return {**_public(role), "_links": links}


def app_shape(org: Organization, app: Json) -> Json:
    """An application."""
    base = f"{org.origin}/api/v1/apps/{app['id']}"
    return {**_public(app), "_links": {"users": {"href": f"{base}/users"},
                                       "groups": {"href": f"{base}/groups"}}}  # fmt: skip


def assigned_shape(org: Organization, app_id: str, assigned: Json) -> Json:
    """A user of an application, with the group that gives it."""
    links: Json = {
        "app": {"href": f"{org.origin}/api/v1/apps/{app_id}"},
        "user": {"href": f"{org.origin}/api/v1/users/{assigned['id']}"},
    }
    if assigned["_group"]:
        links["group"] = {"href": f"{org.origin}/api/v1/groups/{assigned['_group']}"}
    return {**_public(assigned), "_links": links}


def _public(record: Json) -> Json:
    return {k: v for k, v in record.items() if k not in _PRIVATE}


def _cursor(record: Json) -> str:
    return base64.urlsafe_b64encode(f"after:{record['id']}".encode()).decode().rstrip("=")


def _place(cursor: str, records: list[Json]) -> int:
    """Where a page begins; -1 for a cursor that was never ours."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except ValueError:
        return -1
    if not text.startswith("after:"):
        return -1
    last = text.removeprefix("after:")
    return next((n + 1 for n, record in enumerate(records) if record["id"] == last), -1)
