"""What each path answers: users, groups, roles, apps, settings, log. Shapes as Okta's."""

import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import unquote

from demo_tenant import settings
from demo_tenant.errors import Answer, not_found
from demo_tenant.log_reading import logs
from demo_tenant.organization import CLIENT_ID, ORG_ID, Json, stamp
from demo_tenant.search import parse
from demo_tenant.shapes import (
    Call,
    app_shape,
    assigned_shape,
    group_shape,
    role_shape,
    user_shape,
)

# A page of each list at most, as Okta documents.
MOST_APPS = 200


def users(call: Call) -> Answer:
    """The list: without DEPROVISIONED when plain, with them when searched or filtered."""
    org, query = call.org, call.query
    key = repr(sorted((k, v) for k, v in query.items() if k not in {"after", "limit"}))
    version, found = org.listed.get(key, (-1, []))
    if version != org.version:
        with org.lock:
            everybody = [u for i, u in org.users.items() if i not in org.hidden]
        if "search" in query:
            found = (
                [u for u in everybody if parse(query["search"])(u)]
                if (query["search"] != "status pr")
                else everybody
            )
            by = query.get("sortBy")
            if by:
                found = sorted(found, key=lambda u: (str(_get(u, by) or ""), u["id"]))
                if query.get("sortOrder", "").lower().startswith("desc"):
                    found.reverse()
        elif "filter" in query:
            test = parse(query["filter"], filtering=True)
            found = [u for u in everybody if test(u)]
        else:
            found = [u for u in everybody if u["status"] != "DEPROVISIONED"]
            if "q" in query:
                start = query["q"].lower()
                names = ("firstName", "lastName", "email")
                found = [
                    u for u in found if any(
                        str(u["profile"].get(n) or "").lower().startswith(start) for n in names
                    )
                ]  # fmt: skip
        if len(org.listed) > 20:
            org.listed.clear()
        org.listed[key] = (org.version, found)
    page = call.paged(
        found, lambda u: user_shape(org, u), most=200, default=10 if "q" in query else 200,
        bad_cursor=("E0000031", "Invalid search criteria."),
    )  # fmt: skip
    return 200, page


def user(call: Call, who: str) -> Answer:
    """One user by id, login or "me"."""
    org = call.org
    name = unquote(who)
    found = org.users.get(call.me if name == "me" else name)
    if found is None:
        for candidate in org.users.values():
            login = candidate["profile"]["login"]
            if name.lower() in {login.lower(), login.lower().partition("@")[0]}:
                found = candidate
                break
    if found is None:
        return not_found(name, "User")
    return 200, user_shape(org, found, single=True)


def factors(call: Call, user_id: str) -> Answer:
    """Enrolled factors."""
    org = call.org
    if user_id not in org.users:
        return not_found(user_id, "User")
    base = f"{org.origin}/api/v1/users/{user_id}"
    # Which factors Okta lists is for the enrolment policy to say: each change of it turns text
    # messages off or on, for everybody.
    hidden = "sms" if org.policy_changes % 2 else None
    return 200, [
        {**f, "_links": {
            "self": {"href": f"{base}/factors/{f['id']}", "hints": {"allow": ["GET", "DELETE"]}},
            "user": {"href": base, "hints": {"allow": ["GET"]}},
        }}
        for f in org.factors[user_id]
        if f["factorType"] != hidden
    ]  # fmt: skip


def user_groups(call: Call, user_id: str) -> Answer:
    """A user's groups."""
    org = call.org
    if user_id not in org.users:
        return not_found(user_id, "User")
    mine = [g for i, g in org.groups.items() if user_id in org.members[i]]
    return 200, call.paged(mine, lambda g: group_shape(call, g), most=200, default=200)


def user_roles(call: Call, user_id: str) -> Answer:
    """Direct roles and those through groups."""
    org = call.org
    if user_id not in org.users:
        return not_found(user_id, "User")
    own = list(org.user_roles.get(user_id, []))
    for group_id, roles in org.group_roles.items():
        if user_id in org.members[group_id]:
            own += roles
    return 200, [role_shape(org, role) for role in own]


def group_roles(call: Call, group_id: str) -> Answer:
    """A group's roles."""
    if group_id not in call.org.groups:
        return not_found(group_id, "UserGroup")
    return 200, [role_shape(call.org, role) for role in call.org.group_roles.get(group_id, [])]


def assignees(call: Call) -> Answer:
    """Users with roles: paged in the body, not in a header."""
    org = call.org
    ids = set(org.user_roles)
    for group_id in org.group_roles:
        ids |= set(org.members[group_id])
    records = [{"id": i} for i in sorted(ids)]
    page = call.paged(records, lambda r: r, most=100, default=100)
    body: Json = {
        "value": [
            {
                "id": r["id"],
                "orn": f"orn:okta:directory:{ORG_ID}:users:{r['id']}",
                "_links": {
                    "self": {"href": f"{org.origin}/api/v1/users/{r['id']}"},
                    "roles": {"href": f"{org.origin}/api/v1/users/{r['id']}/roles"},
                },
            }
            for r in page
        ]
    }
    if "next" in call.links:
        body["_links"] = {"next": {"href": call.links["next"]}}
    call.links.clear()
    return 200, body


def groups(call: Call) -> Answer:
    """All groups, with stats when expanded."""
    found: Iterable[Json] = call.org.groups.values()
    if "search" in call.query:
        found = filter(parse(call.query["search"]), found)
    elif "filter" in call.query:
        found = filter(parse(call.query["filter"]), found)
    elif "q" in call.query:
        start = call.query["q"].lower()
        found = (g for g in found if g["profile"]["name"].lower().startswith(start))
    return 200, call.paged(list(found), lambda g: group_shape(call, g), most=10_000, default=200)


def group(call: Call, group_id: str) -> Answer:
    """One group."""
    found = call.org.groups.get(group_id)
    return (200, group_shape(call, found)) if found else not_found(group_id, "UserGroup")


def group_users(call: Call, group_id: str) -> Answer:
    """A group's direct members."""
    org = call.org
    if group_id not in org.groups:
        return not_found(group_id, "UserGroup")
    with org.lock:
        members = [org.users[i] for i in org.members[group_id]]
    return 200, call.paged(members, lambda u: user_shape(org, u), most=1000, default=1000)


def group_apps(call: Call, group_id: str) -> Answer:
    """The applications that a group has."""
    org = call.org
    mine = [a for i, a in org.apps.items() if any(g["id"] == group_id for g in org.app_groups[i])]
    return 200, call.paged(mine, lambda a: app_shape(org, a), most=200, default=20)


def group_rules(call: Call) -> Answer:
    """Group rules."""
    return 200, call.paged(call.org.rules, lambda r: r, most=200, default=50)


def apps(call: Call) -> Answer:
    """Applications."""
    found: Iterable[Json] = call.org.apps.values()
    mine = re.fullmatch(r'user\.id eq "([^"]+)"', call.query.get("filter", ""))
    if mine:
        # With expand=user/{id} the assignment comes along; Okta takes expand with this filter only.
        who, org = mine.group(1), call.org
        wanted = call.query.get("expand") == f"user/{who}"

        def shape(record: Json) -> Json:
            given = assigned_shape(org, record["id"], org.app_users[record["id"]][who])
            return app_shape(org, record) | ({"_embedded": {"user": given}} if wanted else {})

        having = [a for i, a in org.apps.items() if who in org.app_users[i]]
        return 200, call.paged(having, shape, most=200, default=20)
    if "filter" in call.query:
        found = filter(parse(call.query["filter"]), found)
    elif "q" in call.query:
        start = call.query["q"].lower()
        found = (a for a in found if a["label"].lower().startswith(start))
    return 200, call.paged(
        list(found), lambda a: app_shape(call.org, a), most=MOST_APPS, default=20
    )


def app(call: Call, app_id: str) -> Answer:
    """One application."""
    found = call.org.apps.get(app_id)
    return (200, app_shape(call.org, found)) if found else not_found(app_id, "AppInstance")


def app_users(call: Call, app_id: str) -> Answer:
    """Who has an application, directly or through a group."""
    org = call.org
    if app_id not in org.apps:
        return not_found(app_id, "AppInstance")
    with org.lock:
        assigned = list(org.app_users[app_id].values())
    return 200, call.paged(assigned, lambda a: assigned_shape(org, app_id, a), most=500, default=50)


def app_user(call: Call, app_id: str, user_id: str) -> Answer:
    """One person's assignment to an application."""
    org = call.org
    if app_id not in org.apps:
        return not_found(app_id, "AppInstance")
    found = org.app_users[app_id].get(user_id)
    return (200, assigned_shape(org, app_id, found)) if found else not_found(user_id, "AppUser")


def app_groups(call: Call, app_id: str) -> Answer:
    """Which groups have an application."""
    org = call.org
    if app_id not in org.apps:
        return not_found(app_id, "AppInstance")
    return 200, call.paged(
        org.app_groups[app_id],
        lambda g: {**g, "_links": {
            "app": {"href": f"{org.origin}/api/v1/apps/{app_id}"},
            "group": {"href": f"{org.origin}/api/v1/groups/{g['id']}"},
        }},
        most=200, default=20,
    )  # fmt: skip


def app_grants(call: Call, app_id: str) -> Answer:
    """Okta API scopes granted to an application."""
    if app_id not in call.org.apps:
        return not_found(app_id, "AppInstance")
    if app_id != CLIENT_ID:
        return 200, []
    made = stamp(call.org.now)
    return 200, [
        {
            "id": "oagdemoreadself0001d", "status": "ACTIVE", "created": made,
            "lastUpdated": made, "issuer": call.org.origin, "clientId": CLIENT_ID,
            "scopeId": "okta.users.read.self", "source": "ADMIN",
        }
    ]  # fmt: skip


def _get(record: Json, name: str) -> Any:
    found: Any = record
    for part in name.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found


_ID = r"([^/]+)"
ROUTES: tuple[tuple[re.Pattern[str], Callable[..., Answer]], ...] = tuple(
    (re.compile(f"^/api/v1{pattern}$"), handler)
    for pattern, handler in (
        ("/users", users),
        (f"/users/{_ID}", user),
        (f"/users/{_ID}/factors", factors),
        (f"/users/{_ID}/groups", user_groups),
        (f"/users/{_ID}/roles", user_roles),
        ("/iam/assignees/users", assignees),
        ("/groups", groups),
        ("/groups/rules", group_rules),
        (f"/groups/{_ID}", group),
        (f"/groups/{_ID}/users", group_users),
        (f"/groups/{_ID}/roles", group_roles),
        (f"/groups/{_ID}/apps", group_apps),
        ("/apps", apps),
        (f"/apps/{_ID}", app),
        (f"/apps/{_ID}/users", app_users),
        (f"/apps/{_ID}/users/{_ID}", app_user),
        (f"/apps/{_ID}/groups", app_groups),
        (f"/apps/{_ID}/grants", app_grants),
        ("/logs", logs),
        (f"/meta/schemas/user/{_ID}", settings.user_schema),
        ("/policies", settings.policies),
        (f"/policies/{_ID}/rules", settings.policy_rules),
        ("/authenticators", settings.authenticators),
        ("/api-tokens", settings.api_tokens),
        ("/org", settings.org),
        ("/domains", settings.domains),
    )
)
