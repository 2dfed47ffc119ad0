"""Random changes of every kind, the same for the same seed: what a busy day brings."""

import random
from collections.abc import Callable
from datetime import timedelta

from demo_tenant import company
from demo_tenant.organization import Organization

Change = Callable[[Organization, random.Random], str | None]
DIRECT_ROLES = ("APP_ADMIN", "HELP_DESK_ADMIN", "READ_ONLY_ADMIN")


def change(org: Organization, *, seed: int, count: int) -> list[str]:
    """Make so many changes, a minute apart. Returns the name of each, in order."""
    draw = random.Random(f"changes-{org.seed}-{seed}")
    made: list[str] = []
    with org.lock:
        while len(made) < count:
            org.now += timedelta(minutes=1)
            name = draw.choice(tuple(CHANGES))
            if CHANGES[name](org, draw):
                made.append(name)
    return made


def _person(org: Organization, draw: random.Random, *statuses: str) -> str | None:
    """Somebody who may be changed: none of the story's leads, and not the key's owner."""
    fixed = set(org.by_key.values())
    ids = [i for i, u in org.users.items() if u["status"] in statuses and i not in fixed]
    return draw.choice(ids) if ids else None


def _group(org: Organization, draw: random.Random) -> str:
    kept = (company.WORKFORCE,)
    ids = [
        i
        for i, g in org.groups.items()
        if g["type"] == "OKTA_GROUP" and g["profile"]["name"] not in kept
    ]
    return draw.choice(ids)


def _app(org: Organization, draw: random.Random) -> str:
    return draw.choice(list(org.apps))


def _enrol(org: Organization, draw: random.Random) -> str | None:
    if who := _person(org, draw, "ACTIVE", "SUSPENDED"):
        org.enrol(who, draw.choice(("push", "webauthn", "sms", "signed_nonce", "web")))
    return who


def _reset(org: Organization, draw: random.Random) -> str | None:
    if who := _person(org, draw, "ACTIVE"):
        org.reset_factors(who)
    return who


def _deactivate(org: Organization, draw: random.Random) -> str | None:
    if who := _person(org, draw, "ACTIVE", "PROVISIONED"):
        org.deactivate(who)
    return who


def _reactivate(org: Organization, draw: random.Random) -> str | None:
    if who := _person(org, draw, "DEPROVISIONED"):
        org.reactivate(who)
    return who


def _come_and_go(org: Organization, draw: random.Random) -> str | None:
    """Deactivated and back between two looks: only the log tells what it cost them."""
    if who := _person(org, draw, "ACTIVE"):
        org.deactivate(who)
        org.reactivate(who)
    return who


def _delete(org: Organization, draw: random.Random) -> str | None:
    if who := _person(org, draw, "DEPROVISIONED"):
        org.delete(who)
    return who


def _join(org: Organization, draw: random.Random) -> str | None:
    first, last = draw.choice(company.FIRST_NAMES), draw.choice(company.LAST_NAMES)
    departments = [name for name in company.DEPARTMENTS if name in org.group_ids]
    return org.join(first, last, draw.choice(departments))


def _suspend(org: Organization, draw: random.Random) -> str | None:
    if who := _person(org, draw, "ACTIVE"):
        org.suspend(who)
    return who


def _unsuspend(org: Organization, draw: random.Random) -> str | None:
    if who := _person(org, draw, "SUSPENDED"):
        org.unsuspend(who)
    return who


def _edit(org: Organization, draw: random.Random) -> str | None:
    if who := _person(org, draw, "ACTIVE", "STAGED", "SUSPENDED"):
        org.edit_profile(who, title=f"Title {draw.randrange(1000)}")
    return who


def _rename(org: Organization, draw: random.Random) -> str | None:
    """Another login: it reaches the person's user names in applications."""
    if who := _person(org, draw, "ACTIVE"):
        login = f"renamed.{draw.randrange(10**9)}@{company.DOMAIN}"
        org.edit_profile(who, login=login, email=login)
        for assigned in org.app_users.values():
            if who in assigned:
                assigned[who]["credentials"] = {"userName": login}
    return who


def _sign_in(org: Organization, draw: random.Random) -> str | None:
    if who := _person(org, draw, "ACTIVE"):
        org.sign_in(who)
    return who


def _into_group(org: Organization, draw: random.Random) -> str | None:
    who, group = _person(org, draw, "ACTIVE", "SUSPENDED"), _group(org, draw)
    if who is None or who in org.members[group]:
        return None
    org.join_group(who, group)
    return who


def _out_of_group(org: Organization, draw: random.Random) -> str | None:
    group = _group(org, draw)
    fixed = set(org.by_key.values())
    inside = [i for i in org.members[group] if i not in fixed]
    if not inside:
        return None
    org.leave_group(who := draw.choice(inside), group)
    return who


def _new_group(org: Organization, draw: random.Random) -> str | None:
    group = org.create_group(f"Project {draw.randrange(10**6)}")
    for _ in range(draw.randrange(4)):
        if who := _person(org, draw, "ACTIVE"):
            org.join_group(who, group)
    return group


def _group_goes(org: Organization, draw: random.Random) -> str | None:
    mine = [i for i, g in org.groups.items() if g["profile"]["name"].startswith("Project ")]
    if not mine:
        return None
    org.delete_group(group := draw.choice(mine))
    return group


def _group_renamed(org: Organization, draw: random.Random) -> str | None:
    mine = [i for i, g in org.groups.items() if g["profile"]["name"].startswith("Project ")]
    if not mine:
        return None
    org.rename_group(group := draw.choice(mine), f"Project {draw.randrange(10**6)}")
    return group


def _rule(org: Organization, draw: random.Random) -> str | None:
    people = [_person(org, draw, "ACTIVE") for _ in range(draw.randrange(3))]
    expression = f'user.title=="Title {draw.randrange(1000)}"'
    org.change_rule(draw.randrange(100), expression, [who for who in people if who])
    return expression


def _grant(org: Organization, draw: random.Random) -> str | None:
    who, kind = _person(org, draw, "ACTIVE"), draw.choice(DIRECT_ROLES)
    if who is None or any(role["type"] == kind for role in org.user_roles.get(who, [])):
        return None
    org.grant_role(who, kind)
    return who


def _revoke(org: Organization, draw: random.Random) -> str | None:
    fixed = set(org.by_key.values())
    holders = [i for i in org.user_roles if i not in fixed]
    if not holders:
        return None
    org.revoke_roles(who := draw.choice(holders))
    return who


def _grant_group(org: Organization, draw: random.Random) -> str | None:
    group = _group(org, draw)
    if group in org.group_roles or len(org.members[group]) > 40:
        return None
    org.grant_group_role(group, "HELP_DESK_ADMIN")
    return group


def _revoke_group(org: Organization, draw: random.Random) -> str | None:
    if not org.group_roles:
        return None
    org.revoke_group_roles(group := draw.choice(list(org.group_roles)))
    return group


def _assign(org: Organization, draw: random.Random) -> str | None:
    if who := _person(org, draw, "ACTIVE"):
        org.assign_app(who, _app(org, draw))
    return who


def _unassign(org: Organization, draw: random.Random) -> str | None:
    app = _app(org, draw)
    direct = [i for i, a in org.app_users[app].items() if a["_group"] is None]
    if not direct:
        return None
    org.unassign_app(who := draw.choice(direct), app)
    return who


def _assign_group(org: Organization, draw: random.Random) -> str | None:
    group, app = _group(org, draw), _app(org, draw)
    if any(entry["id"] == group for entry in org.app_groups[app]):
        return None
    org.assign_group_app(group, app)
    return app


def _unassign_group(org: Organization, draw: random.Random) -> str | None:
    app = _app(org, draw)
    groups = [entry["id"] for entry in org.app_groups[app]]
    if len(groups) < 2:
        return None
    org.unassign_group_app(draw.choice(groups), app)
    return app


def _new_app(org: Organization, draw: random.Random) -> str | None:
    app = org.create_app(f"Tool {draw.randrange(10**6)}")
    if who := _person(org, draw, "ACTIVE"):
        org.assign_app(who, app)
    return app


def _app_off(org: Organization, draw: random.Random) -> str | None:
    mine = [i for i, a in org.apps.items() if a["label"].startswith("Tool ")]
    if not mine:
        return None
    org.deactivate_app(app := draw.choice(mine))
    return app


def _app_goes(org: Organization, draw: random.Random) -> str | None:
    mine = [i for i, a in org.apps.items() if a["label"].startswith("Tool ")]
    if not mine:
        return None
    org.delete_app(app := draw.choice(mine))
    return app


CHANGES: dict[str, Change] = {
    "enrol": _enrol,
    "reset": _reset,
    "deactivate": _deactivate,
    "reactivate": _reactivate,
    "come and go": _come_and_go,
    "delete": _delete,
    "join": _join,
    "suspend": _suspend,
    "unsuspend": _unsuspend,
    "profile edit": _edit,
    "rename": _rename,
    "sign in": _sign_in,
    "into group": _into_group,
    "out of group": _out_of_group,
    "new group": _new_group,
    "group deleted": _group_goes,
    "group renamed": _group_renamed,
    "rule change": _rule,
    "role grant": _grant,
    "role revoke": _revoke,
    "group role grant": _grant_group,
    "group role revoke": _revoke_group,
    "app assign": _assign,
    "app remove": _unassign,
    "group app assign": _assign_group,
    "group app remove": _unassign_group,
    "new app": _new_app,
    "app deactivated": _app_off,
    "app deleted": _app_goes,
}
