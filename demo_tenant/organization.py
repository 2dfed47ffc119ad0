"""What can happen to the organization's people, and what Okta would write to its system log."""

from typing import Any

from demo_tenant import company
from demo_tenant.founding import (
    API_KEY,
    CLIENT_ID,
    CLIENT_SECRET,
    ORG_ID,
    Json,
    address,
    stamp,
)
from demo_tenant.happenings import Happenings

__all__ = ["API_KEY", "CLIENT_ID", "CLIENT_SECRET", "ORG_ID", "Json", "Organization", "stamp"]


class Organization(Happenings):
    """The company with its changes. version counts them, for who caches lists."""

    def touch(self, user: Json, *, status: str | None = None) -> None:
        """A profile or status change: the only things that move lastUpdated."""
        user["lastUpdated"] = stamp(self.now)
        if status is not None:
            user["status"] = status
            user["statusChanged"] = stamp(self.now)
        self.version += 1

    def deactivate(self, user_id: str) -> None:
        """A leaver: deactivated, out of every group and app, without factors.

        Okta tells of the deactivation, and not of each thing that goes with it.
        """
        with self.lock:
            self.touch(self.users[user_id], status="DEPROVISIONED")
            self.factors[user_id] = []
            self.user_roles.pop(user_id, None)
            for group_id, members in self.members.items():
                if members.pop(user_id, 0) is None:
                    self._group_touched(group_id)
            for assigned in self.app_users.values():
                assigned.pop(user_id, None)
            self._note("user.lifecycle.deactivate", user_id=user_id)

    def reactivate(self, user_id: str) -> None:
        """Back from deactivation: in Everyone and the department's groups, without factors."""
        with self.lock:
            user = self.users[user_id]
            self.touch(user, status="PROVISIONED")
            user["activated"] = stamp(self.now)
            self._note("user.lifecycle.reactivate", user_id=user_id)
            names = ["Everyone"]
            if user["profile"].get("department") in self.group_ids:
                names += [company.WORKFORCE, user["profile"]["department"]]
            for name in names:
                self.join_group(user_id, self.group_ids[name])

    def delete(self, user_id: str) -> None:
        """Gone for good: no list and no GET knows the id any more."""
        with self.lock:
            if self.users[user_id]["status"] != "DEPROVISIONED":
                self.deactivate(user_id)
            self._note("user.lifecycle.delete.initiated", user_id=user_id)
            self.users.pop(user_id)
            self.factors.pop(user_id)

    def suspend(self, user_id: str) -> None:
        """Blocked, groups and apps kept."""
        with self.lock:
            self.touch(self.users[user_id], status="SUSPENDED")
            self._note("user.lifecycle.suspend", user_id=user_id)

    def unsuspend(self, user_id: str) -> None:
        """No longer blocked."""
        with self.lock:
            self.touch(self.users[user_id], status="ACTIVE")
            self._note("user.lifecycle.unsuspend", user_id=user_id)

    def edit_profile(self, user_id: str, **profile: Any) -> None:
        """Some attributes get other values."""
        with self.lock:
            self.users[user_id]["profile"] |= profile
            self.touch(self.users[user_id])
            self._note("user.account.update_profile", user_id=user_id)

    def sign_in(self, user_id: str) -> None:
        """A sign-in: lastLogin moves, lastUpdated does not."""
        with self.lock:
            self.users[user_id]["lastLogin"] = stamp(self.now)
            self._note("user.session.start", user_id=user_id)

    def enrol(self, user_id: str, kind: str) -> None:
        """A new active factor. lastUpdated does not move."""
        with self.lock:
            self._factor(user_id, kind, "ACTIVE", 0)
            reason = f"User set up {kind} factor"
            self._note("user.mfa.factor.activate", user_id=user_id, reason=reason)

    def reset_factors(self, user_id: str) -> None:
        """All factors removed. lastUpdated does not move."""
        with self.lock:
            self.factors[user_id] = []
            self._note("user.mfa.factor.reset_all", user_id=user_id)

    def join(self, first: str, last: str, department: str) -> str:
        """A new person, put into groups as the rules say, without factors yet.

        Their start date is the tenant's first day: its days run ahead of the calendar's.
        """
        with self.lock:
            login = address(first, last)
            while login in self._logins:
                last += "x"
                login = address(first, last)
            user_id = self._user(
                first, last, login, email=login, status="ACTIVE", days=0, last_login=None,
                profile={"department": department, "title": "New hire",
                         "drataStartDate": self.founded_on.isoformat()},
            )  # fmt: skip
            self.users[user_id]["created"] = self.users[user_id]["lastUpdated"] = stamp(self.now)
            self._note("user.lifecycle.create", user_id=user_id)
            self._note("user.lifecycle.activate", user_id=user_id)
            for group_id in [i for i, members in self.members.items() if user_id in members]:
                self._group_touched(group_id)
                if self.groups[group_id]["type"] != "BUILT_IN":
                    self._note("group.user_membership.add", user_id=user_id, group_id=group_id)
            self._settle_apps(user_id)
            return user_id
