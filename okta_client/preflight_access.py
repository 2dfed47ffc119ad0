"""Preflight: the organization, its key, and what the key may read (checks 1-4 and 10-13)."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from okta_client import client as okta
from okta_client.errors import NotAnOktaOrg, NotPermitted, OktaError
from okta_client.preflight_types import ADMINS, Said

if TYPE_CHECKING:
    from okta_client.preflight import Preflight

MUCH_TOO_MIGHTY = {"SUPER_ADMIN", "ORG_ADMIN"}


def organization(p: "Preflight") -> Said:
    """1. The organization answers as an Okta org; no key is sent."""
    try:
        answer = p.public.get(f"{p.origin}/.well-known/okta-organization")
    except OktaError as error:
        action = error.action or NotAnOktaOrg.action
        return ("fail", error.message, action)
    org_id = answer.json.get("id") if isinstance(answer.json, dict) else None
    if not isinstance(org_id, str) or not org_id.startswith("00o"):
        return ("fail", "This address does not answer as an Okta org.", NotAnOktaOrg.action)
    p.facts.org_id = org_id
    engine = {"idx": "Identity Engine", "v1": "Classic Engine"}.get(
        str(answer.json.get("pipeline")), "Okta"
    )
    return ("pass", f"{_host(p)} answers as an Okta organization ({engine}).", "")


def key(p: "Preflight") -> Said:
    """2. The API key works, and whose it is."""
    try:
        me = p.okta.one(okta.user("me"))
    except OktaError as error:
        return ("fail", error.message, error.action)
    p.facts.key_owner_id = str(me.get("id"))
    login = (me.get("profile") or {}).get("login")
    p.facts.key_owner_login = str(login) if login else None
    return ("pass", f"The API key works and belongs to {login}.", "")


def least_privilege(p: "Preflight") -> Said:
    """3. The key's owner can read and no more."""
    owner = p.facts.key_owner_id or "me"
    roles = list(p.okta.records(okta.user_roles(owner)))
    kinds = {str(role.get("type")) for role in roles}
    labels = ", ".join(sorted(str(role.get("label") or role.get("type")) for role in roles))
    mighty = kinds & MUCH_TOO_MIGHTY
    where = f"{ADMINS}: give the service account Read-only Administrator and the review role."
    if mighty:
        return ("warn", f"The key's owner can do far more than read: {labels}.", where)
    if not kinds:
        return ("warn", "The key's owner has no admin role that could be read.", where)
    if "READ_ONLY_ADMIN" not in kinds:
        return (
            "warn",
            f"The key's owner is not a Read-only Administrator but: {labels}.",
            where,
        )
    login = p.facts.key_owner_login or ""
    if not any(word in login for word in ("svc", "service", "api", "sync", "drata", "bot")):
        return (
            "warn",
            f"{login} looks like a person's own account; the key dies with that account.",
            "Directory > People: create a service account, and the token as that account.",
        )
    return ("pass", f"The key's owner has only reading roles: {labels}.", "")


def key_age(p: "Preflight") -> Said:
    """4. When the key expires, and from where it works."""
    tokens = [
        token
        for token in p.okta.records(okta.api_tokens())
        if isinstance(token, dict) and token.get("userId") == p.facts.key_owner_id
    ]
    where = "Security > API > Tokens"
    if len(tokens) != 1:
        return (
            "unknown",
            f"Could not tell which token this is: its owner has {len(tokens)}.",
            f"{where}: look for its expiry and network yourp.",
        )
    token = tokens[0]
    network = (token.get("network") or {}).get("connection")
    expires = str(token.get("expiresAt") or "")[:10]
    idle = f" It expires on {expires} unless it is used before." if expires else ""
    if network == "ANYWHERE":
        return (
            "warn",
            f"The token works from anywhere.{idle}",
            f"{where}: restrict it to the network zone of this server.",
        )
    return ("pass", f"The token is restricted to a network zone.{idle}", "")


def factors(p: "Preflight") -> Said:
    """10. Factors are readable."""
    user_id = p.facts.a_user_id or p.facts.key_owner_id or "me"
    p.okta.transport.get(okta.factors(user_id).url(p.origin))
    return ("pass", "Factors can be read.", "")


def roles(p: "Preflight") -> Said:
    """11. Admin roles are readable."""
    try:
        next(iter(p.okta.records(okta.admin_assignees(), limit=1)), None)
    except NotPermitted:
        return (
            "warn",
            "Admin roles cannot be read; pages will say so, and never “no roles”.",
            f"{ADMINS} > Roles: create a role with “View roles, resources, and admin "
            "assignments” (okta.iam.read), and assign it with the resource set “All Identity "
            "and Access Management resources”.",
        )
    return ("pass", "Admin roles can be read.", "")


def log(p: "Preflight") -> Said:
    """12. The System Log is readable."""
    now = datetime.now(UTC)
    request = okta.log(now.replace(hour=0, minute=0, second=0), now, limit=1)
    p.okta.transport.get(request.url(p.origin))
    return ("pass", "The System Log can be read.", "")


def apps(p: "Preflight") -> Said:
    """13. Applications and assignments are readable."""
    if not p.question.access_reviews:
        return ("not_needed", "Access reviews are off, so applications are not read.", "")
    first = next(iter(p.okta.records(okta.apps(), limit=1)), None)
    if isinstance(first, dict):
        p.okta.transport.get(okta.app_users(str(first["id"])).url(p.origin))
    return ("pass", "Applications and who has them can be read.", "")


def _host(p: "Preflight") -> str:
    return p.origin.partition("//")[2]
