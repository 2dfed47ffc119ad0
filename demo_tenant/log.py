"""The system log: events as Okta writes them, in the order in which they were kept.

Polling reads follow the order of keeping, which is not that of happening: an event may be late.
"""

import time
import uuid
from datetime import datetime
from typing import Any

Json = dict[str, Any]
NAMES = {
    "user.lifecycle.create": "Create okta user",
    "user.lifecycle.activate": "Activate Okta user",
    "user.lifecycle.reactivate": "Reactivate Okta user",
    "user.lifecycle.deactivate": "Deactivate Okta user",
    "user.lifecycle.delete.initiated": "Delete Okta user",
    "user.lifecycle.suspend": "Suspend Okta user",
    "user.lifecycle.unsuspend": "Unsuspend Okta user",
    "user.account.update_profile": "Update user profile for Okta",
    "user.account.privilege.grant": "Grant user privilege",
    "user.account.privilege.revoke": "Revoke all user privilege",
    "user.mfa.factor.activate": "Activate factor or authenticator enrollment method for user",
    "user.mfa.factor.reset_all": "Reset all factors for user",
    "user.mfa.factor.deactivate": "Reset factor for user",
    "user.session.start": "User login to Okta",
    "group.user_membership.add": "Add user to group membership",
    "group.user_membership.remove": "Remove user from group membership",
    "group.lifecycle.create": "Create okta group",
    "group.lifecycle.delete": "Delete okta group",
    "group.profile.update": "Update okta group",
    "group.privilege.grant": "Grant group privilege",
    "group.privilege.revoke": "Revoke group privilege",
    "group.application_assignment.add": "Add assigned application to group",
    "group.application_assignment.remove": "Remove assigned application from group",
    "application.user_membership.add": "Add user to application membership",
    "application.user_membership.remove": "Remove user's application membership",
    "application.lifecycle.create": "Create application",
    "application.lifecycle.deactivate": "Deactivate application",
    "policy.rule.update": "Update policy rule",
}


class Log:
    """What happened, as far as it has been kept. late_seconds: how much later than it happened."""

    def __init__(self) -> None:
        self.late_seconds = 0.0
        self._kept: list[Json] = []
        self._waiting: list[tuple[float, Json]] = []
        self._written = 0

    def write(
        self, kind: str, at: datetime, targets: list[Json], *, reason: str | None = None
    ) -> None:
        """Something happened. When events are late, each second one is."""
        event = _event(kind, at, self._written, targets, reason)
        self._written += 1
        if self.late_seconds and self._written % 2:
            self._waiting.append((time.monotonic() + self.late_seconds, event))
        else:
            self._kept.append(event)

    def kept(self) -> list[Json]:
        """Every event that can be read by now, in a place that it keeps."""
        now = time.monotonic()
        self._kept += [event for due, event in self._waiting if due <= now]
        self._waiting = [(due, event) for due, event in self._waiting if due > now]
        return list(self._kept)

    def forget(self) -> None:
        """Nothing has happened yet."""
        self._kept, self._waiting = [], []

    def catch_up(self) -> None:
        """Nothing is late any more."""
        self.late_seconds = 0.0
        self._waiting = [(0.0, event) for _, event in self._waiting]


def target(kind: str, ident: str, name: str, alternate: str = "unknown") -> Json:
    """Somebody or something that an event is about."""
    return {
        "id": ident, "type": kind, "alternateId": alternate, "displayName": name,
        "detailEntry": None,
    }  # fmt: skip


def _event(kind: str, at: datetime, number: int, targets: list[Json], reason: str | None) -> Json:
    return {
        "actor": target("User", "00udemoadministrator", "IT automation", "it@meridian.example"),
        "client": {"userAgent": None, "zone": "null", "device": None, "id": None,
                   "ipAddress": None, "geographicalContext": None},
        "displayMessage": NAMES.get(kind, kind), "eventType": kind,
        "outcome": {"result": "SUCCESS", "reason": reason},
        "published": at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{number % 1000:03d}Z",
        "severity": "INFO", "debugContext": {"debugData": {}}, "legacyEventType": None,
        "transaction": {"type": "JOB", "id": uuid.uuid5(uuid.NAMESPACE_OID, str(number)).hex,
                        "detail": {}},
        "uuid": str(uuid.uuid5(uuid.NAMESPACE_URL, f"demo-event-{number}")), "version": "0",
        "request": {"ipChain": []}, "target": targets or None,
        "authenticationContext": {}, "securityContext": {},
    }  # fmt: skip
