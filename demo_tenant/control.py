"""The control path /demo/…: what Okta does not have, for demos and tests.

GET /demo/state: what the tenant holds, to compare with. GET /demo/requests: what was asked.
POST /demo/next-day. POST /demo/changes: {"seed", "count"} random changes of every kind.
POST /demo/rotate-keys. POST and DELETE /demo/faults.
POST /demo/users: {"action", "count" | "ids" | "logins"}, and for "profile" its attributes.
POST /demo/access: {"action", "login", "app" | "group"}, by label: what somebody in IT does.
"""

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from demo_tenant.changes import change
from demo_tenant.next_day import pass_day

if TYPE_CHECKING:
    from demo_tenant.server import DemoTenant

MFA = {
    "webauthn", "u2f", "signed_nonce", "push", "token:software:totp", "token:hardware", "token",
    "token:hotp", "web", "sms", "call",
}  # fmt: skip


def handle(tenant: "DemoTenant", method: str, path: str, body: bytes) -> tuple[int, Any]:
    """Answer a control request."""
    try:
        said = json.loads(body) if body else {}
    except ValueError:
        return 400, {"error": "The body is not JSON."}
    match method, path:
        case "GET", "/demo/state":
            return 200, state(tenant)
        case "GET", "/demo/requests":
            statuses = {str(k): v for k, v in tenant.statuses.items()}
            return 200, {"requests": dict(tenant.requests), "statuses": statuses}
        case "POST", "/demo/next-day":
            happened = pass_day(tenant.organization)
            return 200, {"happened": happened, "now": tenant.organization.now.isoformat()}
        case "POST", "/demo/rotate-keys":
            return 200, {"kid": tenant.provider.rotate_keys()}
        case "POST", "/demo/changes":
            seed, count = int(said.get("seed") or 0), int(said.get("count") or 0)
            return 200, {"changed": change(tenant.organization, seed=seed, count=count)}
        case "POST", "/demo/faults":
            wrong = tenant.faults.add(said)
            if said.get("kind") == "late_log" and not wrong:
                tenant.organization.log.late_seconds = float(said.get("seconds") or 60)
            return (400, {"error": wrong}) if wrong else (200, {"on": said})
        case "DELETE", "/demo/faults":
            tenant.faults.clear()
            tenant.organization.log.catch_up()
            return 200, {"on": None}
        case "POST", "/demo/users":
            return _change(tenant, said)
        case "POST", "/demo/access":
            return _access(tenant, said)
    return 404, {"error": "There is no such control."}


def state(tenant: "DemoTenant") -> dict[str, Any]:
    """Counts by status, and who lacks MFA, as the tenant knows them."""
    org = tenant.organization
    with org.lock:
        without = [
            i
            for i, u in org.users.items()
            if u["status"] in {"ACTIVE", "PASSWORD_EXPIRED", "LOCKED_OUT", "RECOVERY"}
            and not any(f["status"] == "ACTIVE" and f["factorType"] in MFA for f in org.factors[i])
        ]
        alive = [u for u in org.users.values() if u["status"] != "DEPROVISIONED"]
        emails = Counter(str(u["profile"].get("email") or "").strip().lower() for u in alive)
        return {
            "users": len(org.users),
            "by_status": dict(Counter(u["status"] for u in org.users.values())),
            "groups": len(org.groups),
            "memberships": sum(len(m) for m in org.members.values()),
            "factors": sum(len(f) for f in org.factors.values()),
            "apps": len(org.apps),
            "app_assignments": sum(len(a) for a in org.app_users.values()),
            "admin_roles": sum(len(r) for r in org.user_roles.values())
            + sum(len(r) for r in org.group_roles.values()),
            "without_mfa": without,
            "shared_emails": [e for e, n in emails.items() if n > 1],
            "now": org.now.isoformat(),
            "days": org.days,
        }


def _change(tenant: "DemoTenant", said: dict[str, Any]) -> tuple[int, Any]:
    """Change some people: by id, by login without its domain, or simply so many."""
    org = tenant.organization
    profile = said.get("profile") or {}
    actions = {
        "deactivate": org.deactivate,
        "suspend": org.suspend,
        "delete": org.delete,
        "reset_factors": org.reset_factors,
        "profile": lambda user_id: org.edit_profile(user_id, **profile),
    }
    action = actions.get(said.get("action", ""))
    if action is None:
        return 400, {"error": f"action must be one of {', '.join(actions)}"}
    known = {u["profile"]["login"].partition("@")[0]: i for i, u in org.users.items()}
    ids = (
        said.get("ids")
        or [known.get(login, login) for login in said.get("logins") or ()]
        or [
            i
            for i, u in org.users.items()
            if u["status"] == "ACTIVE" and u["profile"].get("employeeNumber")
        ][: int(said.get("count") or 0)]
    )
    unknown = [i for i in ids if i not in org.users]
    if unknown:
        return 404, {"error": f"No such users: {unknown}"}
    for user_id in ids:
        action(user_id)
    return 200, {"changed": ids}


def _access(tenant: "DemoTenant", said: dict[str, Any]) -> tuple[int, Any]:
    """Give or take an application directly, or a group."""
    org = tenant.organization
    actions = {
        "assign": (org.assign_app, org.apps, "label"),
        "unassign": (org.unassign_app, org.apps, "label"),
        "join": (org.join_group, org.groups, "name"),
        "leave": (org.leave_group, org.groups, "name"),
    }
    if said.get("action") not in actions:
        return 400, {"error": f"action must be one of {', '.join(actions)}"}
    act, known, column = actions[said["action"]]
    people = [i for i, u in org.users.items() if u["profile"]["login"] == said.get("login")]
    wanted = said.get("app") or said.get("group")
    things = [
        i for i, t in known.items()
        if wanted in (t.get(column), (t.get("profile") or {}).get(column))
    ]  # fmt: skip
    if len(people) != 1 or len(things) != 1:
        return 404, {"error": "Nobody, or nothing, is called so."}
    act(people[0], things[0])
    return 200, {"user": people[0], "changed": things[0]}
