"""What an Okta group rule means: whom its expression takes in, and that in plain words.

Okta's expression language is larger than what is read here. What is not understood is never
guessed: such a rule matches "perhaps" (None), and is called by its name.
"""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

# Okta's attribute names, as expressions have them, and the columns in which the store keeps them.
COLUMNS = {
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
    "drataContractor": "drata_contractor",
}
_TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    |(?P<op>==|!=|&&|\|\||!|\(|\)|,)
    |(?P<word>[A-Za-z_][\w.]*))""",
    re.VERBOSE,
)
# Deeper nesting than any console lets one write; it bounds the recursion.
_DEEPEST = 50


# An attribute of which nothing is kept: it may have any value in Okta.
_NOT_KEPT: Any = object()


class _NotUnderstood(Exception):
    """More than is read here."""


@dataclass(frozen=True)
class Condition:
    """One node: kind is eq, starts, contains, member, and, or, not."""

    kind: str
    attribute: str = ""
    value: str | bool = ""
    parts: tuple["Condition", ...] = ()
    groups: tuple[str, ...] = ()


def read(expression: str | None) -> Condition | None:
    """The expression as conditions; None when it says more than is understood here."""
    try:
        tokens = _tokens(expression or "")
        found, rest = _either(tokens, 0)
    except _NotUnderstood:
        return None
    return found if not rest else None


def matches(
    condition: Condition | None, user: Mapping[str, Any], groups: Collection[str] = ()
) -> bool | None:
    """Does the rule take this user in? None: it cannot be told.

    user: a row of the directory's users. groups: ids of the groups that the user is in.
    """
    if condition is None:
        return None
    if condition.kind in {"and", "or"}:
        said = [matches(part, user, groups) for part in condition.parts]
        decisive = condition.kind == "or"
        if decisive in said:
            return decisive
        return None if None in said else not decisive
    if condition.kind == "not":
        inner = matches(condition.parts[0], user, groups)
        return None if inner is None else not inner
    if condition.kind == "member":
        return any(group in groups for group in condition.groups)
    value = _value(user, condition.attribute)
    return None if value is _NOT_KEPT else _compare(condition, value)


def words(condition: Condition | None) -> str | None:
    """Whom the rule takes in, like "everyone in Sales"; None when words would be guessed."""
    if condition is None:
        return None
    if condition.kind == "eq" and condition.attribute == "department":
        return f"everyone in {condition.value}"
    if condition == Condition("eq", "drataContractor", True):
        return "every contractor"
    said = _clause(condition)
    return None if said is None else f"everyone whose {said}"


def _clause(condition: Condition) -> str | None:
    if condition.kind in {"and", "or"}:
        parts = [_clause(part) for part in condition.parts]
        known = [part for part in parts if part is not None]
        if len(known) < len(parts) or any(p.kind in {"and", "or"} for p in condition.parts):
            return None
        return f" {condition.kind} ".join(known)
    verb = {"eq": "is", "starts": "starts with", "contains": "contains"}.get(condition.kind)
    if verb is None:
        return None
    value = condition.value
    shown = str(value).lower() if isinstance(value, bool) else value
    return f"{_plain_name(condition.attribute)} {verb} {shown}"


def _plain_name(attribute: str) -> str:
    """employeeNumber as "employee number"."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", attribute).lower()


def _compare(condition: Condition, value: Any) -> bool | None:
    if isinstance(condition.value, bool):
        known = {"true": True, "false": False}.get(str(value).lower())
        return value is not None and known is condition.value
    if value is None:
        return False
    text, wanted = str(value), condition.value
    if condition.kind == "eq":
        same, nearly = text == wanted, text.casefold() == wanted.casefold()
    elif condition.kind == "starts":
        same = text.startswith(wanted)
        nearly = text.casefold().startswith(wanted.casefold())
    else:
        same, nearly = wanted in text, wanted.casefold() in text.casefold()
    # Whether letter case counts depends on the function and the kind of organization.
    return True if same else None if nearly else False


def _value(user: Mapping[str, Any], attribute: str) -> Any:
    if attribute in COLUMNS:
        value = user.get(COLUMNS[attribute])
    else:
        try:
            value = json.loads(user.get("profile") or "{}").get(attribute, _NOT_KEPT)
        except (ValueError, AttributeError):
            value = _NOT_KEPT
    return None if value is None or value != value else value


def _tokens(expression: str) -> list[str]:
    tokens, at = [], 0
    while at < len(expression.rstrip()):
        found = _TOKEN.match(expression, at)
        if found is None:
            raise _NotUnderstood
        tokens.append(found.group().strip())
        at = found.end()
    return tokens


def _either(tokens: list[str], depth: int) -> tuple[Condition, list[str]]:
    return _chain(tokens, depth, "or", ("OR", "or", "||"), _both)


def _both(tokens: list[str], depth: int) -> tuple[Condition, list[str]]:
    return _chain(tokens, depth, "and", ("AND", "and", "&&"), _one)


def _chain(
    tokens: list[str], depth: int, kind: str, signs: tuple[str, ...], inner: Any
) -> tuple[Condition, list[str]]:
    first, rest = inner(tokens, depth)
    parts = [first]
    while rest and rest[0] in signs:
        part, rest = inner(rest[1:], depth)
        parts.append(part)
    return (first if len(parts) == 1 else Condition(kind, parts=tuple(parts))), rest


def _one(tokens: list[str], depth: int) -> tuple[Condition, list[str]]:
    if not tokens or depth > _DEEPEST:
        raise _NotUnderstood
    head, rest = tokens[0], tokens[1:]
    if head in {"!", "NOT", "not"}:
        inner, rest = _one(rest, depth + 1)
        return Condition("not", parts=(inner,)), rest
    if head == "(":
        inner, rest = _either(rest, depth + 1)
        return inner, _after(rest, ")")
    if rest[:1] == ["("]:
        return _call(head, rest[1:])
    return _equality(head, rest)


def _equality(head: str, rest: list[str]) -> tuple[Condition, list[str]]:
    attribute = _attribute(head)
    if len(rest) < 2 or rest[0] not in {"==", "!=", "eq", "ne"}:
        raise _NotUnderstood
    sign, value = rest[0], rest[1]
    wanted: str | bool = value == "true" if value in {"true", "false"} else _text(value)
    same = Condition("eq", attribute, wanted)
    return (same if sign in {"==", "eq"} else Condition("not", parts=(same,))), rest[2:]


def _call(name: str, rest: list[str]) -> tuple[Condition, list[str]]:
    arguments: list[str] = []
    while rest and rest[0] != ")":
        arguments.append(rest[0])
        rest = rest[2:] if rest[1:2] == [","] else rest[1:]
    rest = _after(rest, ")")
    if name in {"isMemberOfGroup", "isMemberOfAnyGroup"} and arguments:
        return Condition("member", groups=tuple(map(_text, arguments))), rest
    kind = {"String.startsWith": "starts", "String.stringContains": "contains"}.get(name)
    if kind is None or len(arguments) != 2:
        raise _NotUnderstood
    return Condition(kind, _attribute(arguments[0]), _text(arguments[1])), rest


def _attribute(token: str) -> str:
    if not token.startswith("user.") or token.count(".") != 1:
        raise _NotUnderstood
    return token.removeprefix("user.")


def _text(token: str) -> str:
    if token[:1] not in {'"', "'"}:
        raise _NotUnderstood
    return re.sub(r"\\(.)", r"\1", token[1:-1])


def _after(tokens: list[str], sign: str) -> list[str]:
    if tokens[:1] != [sign]:
        raise _NotUnderstood
    return tokens[1:]
