"""The fields we read, as rows. Tolerant: unknown fields are kept, odd values become None.

Each reader returns a dict with exactly the columns of its directory kind, or raises Unreadable for
a record that cannot be told from another. JSON columns hold canonical JSON text.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

Row = dict[str, Any]

_PROFILE = {
    "login": "login",
    "email": "email",
    "secondEmail": "second_email",
    "firstName": "first_name",
    "lastName": "last_name",
    "displayName": "display_name",
    "userType": "user_type",
    "department": "department",
    "title": "title",
    "manager": "manager",
    "managerId": "manager_id",
    "employeeNumber": "employee_number",
    "division": "division",
    "drataStartDate": "drata_start_date",
}
# Numbers that reach people by phone and keys of their devices are nobody's evidence.
_UNWANTED = {"phoneNumber", "keys", "mobilePhone", "primaryPhone", "homePhone"}

_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")

# Okta's have 20 characters, a schema's is an address; ids stand in paths and indexes.
LONGEST_ID = 255


class Unreadable(ValueError):
    """One record that cannot become a row; the text says why and names nobody."""


def read_user(record: Any) -> Row:
    """A user. presence and deactivation are the sync's to say; here everybody is present."""
    user = _object(record, "user")
    profile = _mapping(user.get("profile"))
    provider = _mapping(_mapping(user.get("credentials")).get("provider"))
    row: Row = {
        "user_id": _id(user, "user"),
        "status": _text(user.get("status")),
        "transitioning_to": _text(user.get("transitioningToStatus")),
        "created_at": _time(user.get("created")),
        "activated_at": _time(user.get("activated")),
        "status_changed_at": _time(user.get("statusChanged")),
        "last_login_at": _time(user.get("lastLogin")),
        "last_updated_at": _time(user.get("lastUpdated")),
        "password_changed_at": _time(user.get("passwordChanged")),
        "user_type_id": _text(_mapping(user.get("type")).get("id")),
        "credential_provider": _text(provider.get("type")),
        "presence": "present",
        "absent_since": None,
        "deactivated_at": None,
    }
    for name, column in _PROFILE.items():
        row[column] = _text(profile.get(name))
    contractor = profile.get("drataContractor")
    row["drata_contractor"] = None if contractor is None else canonical(contractor)
    row["profile"] = canonical(
        {
            name: value
            for name, value in profile.items()
            if name not in _PROFILE and name != "drataContractor" and name not in _UNWANTED
        }
    )
    return row


def read_factor(user_id: str, record: Any) -> Row:
    """An enrolled factor of a user."""
    factor = _object(record, "factor")
    profile = {k: v for k, v in _mapping(factor.get("profile")).items() if k not in _UNWANTED}
    return {
        "user_id": user_id,
        "factor_id": _id(factor, "factor"),
        "factor_type": _text(factor.get("factorType")),
        "provider": _text(factor.get("provider")),
        "vendor": _text(factor.get("vendorName")),
        "status": _text(factor.get("status")),
        "created_at": _time(factor.get("created")),
        "last_updated_at": _time(factor.get("lastUpdated")),
        "detail": canonical(profile),
    }


def read_group(record: Any) -> Row:
    """A group. users_count, apps_count, has_admin_privilege are None where Okta gives no stats."""
    group = _object(record, "group")
    profile = _mapping(group.get("profile"))
    stats = _mapping(_mapping(group.get("_embedded")).get("stats"))
    privilege = stats.get("hasAdminPrivilege")
    return {
        "group_id": _id(group, "group"),
        "name": _text(profile.get("name")),
        "description": _text(profile.get("description")),
        "type": _text(group.get("type")),
        "created_at": _time(group.get("created")),
        "last_updated_at": _time(group.get("lastUpdated")),
        "last_membership_updated_at": _time(group.get("lastMembershipUpdated")),
        "users_count": _number(stats.get("usersCount")),
        "apps_count": _number(stats.get("appsCount")),
        "has_admin_privilege": privilege if isinstance(privilege, bool) else None,
        "source": canonical(_mapping(group.get("source"))),
    }


def read_membership(group_id: str, record: Any) -> Row:
    """A user's direct membership of a group."""
    return {"group_id": group_id, "user_id": _id(_object(record, "group member"), "group member")}


def read_group_rule(record: Any) -> Row:
    """A rule that puts people into groups."""
    rule = _object(record, "group rule")
    conditions = _mapping(rule.get("conditions"))
    people = _mapping(_mapping(conditions.get("people")).get("users"))
    assign = _mapping(_mapping(rule.get("actions")).get("assignUserToGroups"))
    return {
        "rule_id": _id(rule, "group rule"),
        "name": _text(rule.get("name")),
        "status": _text(rule.get("status")),
        "expression": _text(_mapping(conditions.get("expression")).get("value")),
        "group_ids": canonical(_ids(assign.get("groupIds"))),
        "excluded_user_ids": canonical(_ids(people.get("exclude"))),
    }


def read_role(principal_type: str, principal_id: str, record: Any) -> Row:
    """An admin role of a user or group. Its id is unique only together with the principal."""
    role = _object(record, "admin role")
    return {
        "principal_type": principal_type,
        "principal_id": principal_id,
        "assignment_id": _id(role, "admin role"),
        "role_type": _text(role.get("type")),
        "label": _text(role.get("label")),
        "status": _text(role.get("status")),
        "assignment_type": _text(role.get("assignmentType")),
        "resource_set": _text(role.get("resource-set")),
        "custom_role_id": _text(role.get("role")),
        "created_at": _time(role.get("created")),
        "last_updated_at": _time(role.get("lastUpdated")),
    }


def apart(roles: list[Row]) -> list[Row]:
    """The roles of one principal, each under an id of its own.

    Okta's ids of role assignments are not unique: those below the top are made from the type, and
    several may stand under one.
    """
    many = Counter(role["assignment_id"] for role in roles)
    found: dict[str, Row] = {}
    for role in roles:
        ident = role["assignment_id"]
        if many[ident] > 1:
            more = (role["role_type"], role["custom_role_id"], role["resource_set"])
            ident = ":".join([ident, *(part for part in more if part)])
        found.setdefault(ident, {**role, "assignment_id": ident})
    return list(found.values())


def group_behind(role: Any) -> str | None:
    """The group through which a user has a role, where the record tells."""
    links = _mapping(_mapping(role).get("_links"))
    href = _text(_mapping(links.get("assignee")).get("href")) or ""
    before, _, group_id = href.rstrip("/").rpartition("/")
    return unquote(group_id) or None if before.endswith("/groups") else None


def read_app(record: Any) -> Row:
    """An application."""
    app = _object(record, "application")
    features = app.get("features")
    return {
        "app_id": _id(app, "application"),
        "name": _text(app.get("name")),
        "label": _text(app.get("label")),
        "status": _text(app.get("status")),
        "sign_on_mode": _text(app.get("signOnMode")),
        "features": canonical(features if isinstance(features, list) else []),
        "created_at": _time(app.get("created")),
        "last_updated_at": _time(app.get("lastUpdated")),
    }


def read_app_user(app_id: str, record: Any) -> Row:
    """A user's assignment to an application, direct (USER) or through a group (GROUP)."""
    user = _object(record, "application user")
    links = _mapping(user.get("_links"))
    group = _text(_mapping(links.get("group")).get("href")) or ""
    return {
        "app_id": app_id,
        "user_id": _id(user, "application user"),
        "scope": _text(user.get("scope")),
        "status": _text(user.get("status")),
        "username": _text(_mapping(user.get("credentials")).get("userName")),
        "via_group_id": unquote(group.rstrip("/").rpartition("/")[2]) or None,
        "created_at": _time(user.get("created")),
        "last_updated_at": _time(user.get("lastUpdated")),
    }


def read_app_group(app_id: str, record: Any) -> Row:
    """A group's assignment to an application."""
    group = _object(record, "application group")
    return {
        "app_id": app_id,
        "group_id": _id(group, "application group"),
        "priority": _number(group.get("priority")),
        "last_updated_at": _time(group.get("lastUpdated")),
    }


def read_setting(category: str, record: Any, *, parent_id: str | None = None) -> Row:
    """A policy, rule, authenticator, token, schema or the organization itself, kept whole."""
    setting = _object(record, category)
    return {
        "category": category,
        "setting_id": _id(setting, category),
        "name": _text(setting.get("name") or setting.get("companyName")),
        "status": _text(setting.get("status")),
        "parent_id": parent_id,
        "body": canonical({k: v for k, v in setting.items() if k != "_links"}),
    }


def holds_unstorable(value: Any) -> bool:
    """True when JSON has text of which something is left out or replaced here (SPEC 2)."""
    text = json.dumps(value, ensure_ascii=False)
    return text != _clean(text) or _NUL.search(text) is not None


def canonical(value: Any) -> str:
    """JSON text that is the same for the same value: sorted keys, no blanks, no NUL."""
    return _clean(json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False))


def _object(record: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(record, dict):
        raise Unreadable(f"A {what} record is not an object.")
    return record


def _id(record: Mapping[str, Any], what: str) -> str:
    value = record.get("id")
    if not isinstance(value, str) or not value.strip(". "):
        raise Unreadable(f"A {what} record has no id.")
    if len(value) > LONGEST_ID:
        raise Unreadable(f"A {what} record's id is longer than any of Okta's.")
    return _clean(value)


def _ids(value: Any) -> list[str]:
    items = value if isinstance(value, list) else []
    return [item for item in items if isinstance(item, str)]


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str | None:
    """Text as it is; other values as JSON, so that a wrong type is seen rather than lost."""
    if value is None:
        return None
    return _clean(value) if isinstance(value, str) else canonical(value)


def _number(value: Any) -> int | None:
    # PostgreSQL's integers end at 2**31.
    good = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**31
    return value if good else None


def _time(value: Any) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _clean(text: str) -> str:
    """Without what a database or UTF-8 cannot hold: NUL characters and lone surrogates."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
