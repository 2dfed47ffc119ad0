"""Okta's search and filter expressions: eq, sw, gt, ge, lt, le, pr, co, and, or, parentheses."""

import re
from collections.abc import Callable
from typing import Any

from demo_tenant.errors import Refused, error

Test = Callable[[dict[str, Any]], bool]
_TOKEN = re.compile(r'\s*(?:(\()|(\))|"((?:[^"\\]|\\.)*)"|([^\s()"]+))')
_FILTERABLE = {
    "status", "lastUpdated", "id", "profile.login", "profile.email", "profile.firstName",
    "profile.lastName",
}  # fmt: skip
_CONTAINABLE = {"profile.firstName", "profile.lastName", "profile.email", "profile.login"}


def parse(expression: str, *, filtering: bool = False) -> Test:
    """The expression as a test of a record. Refused with 400 as Okta refuses it.

    filtering: the rules of `filter` (few attributes, eq only) instead of those of `search`.
    """
    tokens = _tokens(expression)
    test, rest = _either(tokens, filtering)
    if rest:
        raise _bad(expression)
    return test


def _tokens(expression: str) -> list[tuple[str, str]]:
    tokens, position = [], 0
    text = expression.strip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise _bad(expression)
        position = match.end()
        opening, closing, quoted, word = match.groups()
        if opening or closing:
            tokens.append(("bracket", opening or closing))
        elif quoted is not None:
            tokens.append(("text", re.sub(r"\\(.)", r"\1", quoted)))
        else:
            tokens.append(("word", word))
    return tokens


Tokens = list[tuple[str, str]]


def _either(tokens: Tokens, filtering: bool) -> tuple[Test, Tokens]:
    first, tokens = _both(tokens, filtering)
    tests = [first]
    while tokens and tokens[0] == ("word", "or"):
        following, tokens = _both(tokens[1:], filtering)
        tests.append(following)
    return (lambda record: any(test(record) for test in tests)), tokens


def _both(tokens: Tokens, filtering: bool) -> tuple[Test, Tokens]:
    first, tokens = _one(tokens, filtering)
    tests = [first]
    while tokens and tokens[0] == ("word", "and"):
        following, tokens = _one(tokens[1:], filtering)
        tests.append(following)
    return (lambda record: all(test(record) for test in tests)), tokens


def _one(tokens: Tokens, filtering: bool) -> tuple[Test, Tokens]:
    if tokens and tokens[0] == ("bracket", "("):
        test, tokens = _either(tokens[1:], filtering)
        if not tokens or tokens[0] != ("bracket", ")"):
            raise _bad("unbalanced")
        return test, tokens[1:]
    if len(tokens) < 2 or tokens[0][0] != "word" or tokens[1][0] != "word":
        raise _bad("expression")
    name, operator = tokens[0][1], tokens[1][1].lower()
    if filtering and name not in _FILTERABLE:
        raise _bad(f"Attribute '{name}' cannot be filtered")
    if operator == "pr":
        return (lambda record: _value(record, name) not in (None, "")), tokens[2:]
    if len(tokens) < 3 or tokens[2][0] == "bracket":
        raise _bad("operand")
    kind, operand = tokens[2]
    if kind == "word" and operand not in {"true", "false"} and not _number(operand):
        raise _bad(f"{operand} must be quoted")
    ordered = operator in {"gt", "ge", "lt", "le"}
    if operator not in {"eq", "sw", "co"} and not ordered:
        raise _bad(f"operator {operator}")
    if filtering and not (operator == "eq" or (ordered and name == "lastUpdated")):
        raise _bad(f"operator {operator}")
    if operator == "co" and name not in _CONTAINABLE:
        raise _bad(f"co on {name}")
    return _comparison(name, operator, operand, filtering), tokens[3:]


def _comparison(name: str, operator: str, operand: str, filtering: bool) -> Test:
    wanted = operand if filtering else operand.lower()

    def test(record: dict[str, Any]) -> bool:
        found = _value(record, name)
        if found is None:
            return False
        for item in found if isinstance(found, list) else [found]:
            text = str(item).lower() if isinstance(item, bool) else str(item)
            text = text if filtering else text.lower()
            hit = {
                "eq": text == wanted,
                "sw": text.startswith(wanted),
                "co": wanted in text,
                "gt": text > wanted,
                "ge": text >= wanted,
                "lt": text < wanted,
                "le": text <= wanted,
            }[operator]
            if hit:
                return True
        return False

    return test


def _value(record: dict[str, Any], name: str) -> Any:
    found: Any = record
    for part in name.split("."):
        if not isinstance(found, dict):
            return None
        found = found.get(part)
    return found


def _number(text: str) -> bool:
    return text.lstrip("-").replace(".", "", 1).isdigit()


def _bad(why: str) -> Refused:
    return Refused(error(400, "E0000031", "Invalid search criteria.", why[:200]))
