"""What of Okta's answers is kept: what the product has no use for goes before anything is stored.

SPEC 2, "Minimal by design". Gone are passwords, recovery questions and answers, texts of security
questions, secrets of applications and factors, phone numbers but for their last two digits, and
attributes of people outside the kept list. The raw page keeps the hash of the body as received.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from okta_client.transport import Answer

# Raised whenever what is blanked changes: a run says by which rule its pages were kept.
RULE = "1"
_QUESTIONS = ("question", "questionText", "answer")
_SECRETS = frozenset(
    {
        "password", "secretKey", "sharedSecret", "client_secret", "clientSecret", "privateKey",
    }
)  # fmt: skip
_EVENT = ("uuid", "eventType", "published", "version", "severity", "outcome")
_NAMED = ("id", "type")
Json = dict[str, Any]


@dataclass(frozen=True)
class Minimal:
    """The rule with its setting. attributes: of a person's profile, the ones that are kept."""

    attributes: frozenset[str]

    def of(self, resource: str, answer: Answer) -> Answer:
        """The answer as it may be stored; received_sha256 is the hash of what came."""
        received = hashlib.sha256(answer.body).hexdigest()
        blank = _BLANKS.get(resource, _other)
        records = answer.json if isinstance(answer.json, list) else [answer.json]
        kept = [blank(self, r) if isinstance(r, dict) else r for r in records]
        if kept == records:
            return replace(answer, received_sha256=received)
        found = kept if isinstance(answer.json, list) else kept[0]
        # Escaped as ASCII: what no database holds stays an escape, as Okta wrote it.
        body = json.dumps(found, separators=(",", ":")).encode()
        return replace(answer, body=body, json=found, received_sha256=received)

    def _profile(self, record: Mapping[str, Any]) -> Json:
        profile = record.get("profile")
        if not isinstance(profile, dict):
            return {}
        return {"profile": {k: v for k, v in profile.items() if k in self.attributes}}

    def person(self, user: Json) -> Json:
        """A user: of the credentials only where the account comes from."""
        given = user.get("credentials")
        provider = given.get("provider") if isinstance(given, dict) else None
        credentials = {"credentials": {"provider": provider}} if "credentials" in user else {}
        return {**_without(user, "_embedded"), **credentials, **self._profile(user)}

    def app_user(self, user: Json) -> Json:
        """An assignment: of the credentials only the name that the application knows."""
        given = user.get("credentials")
        name = given.get("userName") if isinstance(given, dict) else None
        credentials = {"credentials": {"userName": name}} if "credentials" in user else {}
        return {**_without(user, "_embedded"), **credentials, **self._profile(user)}

    def app(self, app: Json) -> Json:
        """An application, with the assignment that a list may embed."""
        kept = _other(self, app)
        if isinstance(kept.get("credentials"), dict):
            kept["credentials"] = _without(kept["credentials"], "password")
        embedded = app.get("_embedded")
        user = embedded.get("user") if isinstance(embedded, dict) else None
        if isinstance(user, dict):
            kept["_embedded"] = {**kept["_embedded"], "user": self.app_user(user)}
        return kept

    def factor(self, factor: Json) -> Json:
        """A factor: no question, no secret of an enrolment that is under way."""
        kept = _other(self, _without(factor, "_embedded"))
        profile = kept.get("profile")
        if isinstance(profile, dict):
            kept["profile"] = _without(profile, *_QUESTIONS)
        return kept

    def event(self, event: Json) -> Json:
        """An event of the system log: what happened, by and to which ids; no names or addresses."""
        kept = {name: event[name] for name in _EVENT if name in event}
        if isinstance(event.get("actor"), dict):
            kept["actor"] = {name: event["actor"].get(name) for name in _NAMED}
        if isinstance(event.get("target"), list):
            kept["target"] = [
                {name: target.get(name) for name in _NAMED} if isinstance(target, dict) else target
                for target in event["target"]
            ]
        return kept


def _other(_: Minimal, record: Json) -> Json:
    """Anything else, whole but for secrets and phone numbers, at whatever depth they stand."""
    return {name: _value(name, value) for name, value in record.items() if _may_stay(name, value)}


def _may_stay(name: str, value: Any) -> bool:
    # Settings have whole sections under such names: a password policy's “password”.
    return name not in _SECRETS or isinstance(value, dict)


def _value(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _value(k, v) for k, v in value.items() if _may_stay(k, v)}
    if isinstance(value, list):
        return [_value(name, v) for v in value]
    return _masked(value) if isinstance(value, str) and "phone" in name.casefold() else value


def _masked(phone: str) -> str:
    """A phone number but for its last two digits; what is no number stays as it is."""
    digits = sum(c.isdigit() for c in phone)
    if digits < 4:
        return phone
    masked, seen = [], 0
    for c in phone:
        seen += c.isdigit()
        masked.append("X" if c.isdigit() and seen <= digits - 2 else c)
    return "".join(masked)


def _without(record: Mapping[str, Any], *names: str) -> Json:
    return {name: value for name, value in record.items() if name not in names}


_BLANKS: dict[str, Callable[[Minimal, Json], Json]] = {
    "users": Minimal.person,
    "user": Minimal.person,
    "memberships": Minimal.person,
    "app_users": Minimal.app_user,
    "app_user": Minimal.app_user,
    "apps": Minimal.app,
    "app": Minimal.app,
    "user_apps": Minimal.app,
    "factors": Minimal.factor,
    "logs": Minimal.event,
}
