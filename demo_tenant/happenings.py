"""What can happen to groups, applications and administrators, and what Okta would log of it."""

from demo_tenant import log
from demo_tenant.founding import Founding, Json, stamp

USER, GROUP, APP = "User", "UserGroup", "AppInstance"


class Happenings(Founding):
    """Changes of who is where. Each bumps version, and leaves the events that Okta would."""

    # Groups

    def create_group(self, name: str) -> str:
        """A new, empty group."""
        with self.lock:
            group_id = self._group(name)
            made = stamp(self.now)
            self.groups[group_id] |= {"created": made, "lastUpdated": made}
            self._group_touched(group_id)
            self._note("group.lifecycle.create", group_id=group_id)
            return group_id

    def rename_group(self, group_id: str, name: str) -> None:
        """Another name; membership does not move."""
        with self.lock:
            group = self.groups[group_id]
            group["profile"] = {**group["profile"], "name": name}
            group["lastUpdated"] = stamp(self.now)
            self._note("group.profile.update", group_id=group_id)

    def delete_group(self, group_id: str) -> None:
        """Gone, with its memberships, roles and what applications it gave."""
        with self.lock:
            self._note("group.lifecycle.delete", group_id=group_id)
            people = list(self.members.pop(group_id))
            self.group_roles.pop(group_id, None)
            self.groups.pop(group_id)
            self.group_ids = {n: i for n, i in self.group_ids.items() if i != group_id}
            for assigned in self.app_groups.values():
                assigned[:] = [entry for entry in assigned if entry["id"] != group_id]
            for rule in self.rules:
                if group_id in rule["actions"]["assignUserToGroups"]["groupIds"]:
                    rule["status"] = "INVALID"
            for user_id in people:
                self._settle_apps(user_id)

    def join_group(self, user_id: str, group_id: str) -> None:
        """Into a group, and to the applications that it gives."""
        with self.lock:
            self.members[group_id][user_id] = None
            self._group_touched(group_id)
            self._note("group.user_membership.add", user_id=user_id, group_id=group_id)
            self._settle_apps(user_id)

    def leave_group(self, user_id: str, group_id: str) -> None:
        """Out of a group, and of the apps that no other group gives."""
        with self.lock:
            self.members[group_id].pop(user_id, None)
            self._group_touched(group_id)
            self._note("group.user_membership.remove", user_id=user_id, group_id=group_id)
            self._settle_apps(user_id)

    def change_rule(self, number: int, expression: str, joining: list[str]) -> None:
        """Another expression of a rule; whom it now fits are put into its group."""
        with self.lock:
            rule = self.rules[number % len(self.rules)]
            rule["conditions"]["expression"]["value"] = expression
            rule["lastUpdated"] = stamp(self.now)
            self._note("group.user_membership.rule.evaluation")
            for group_id in rule["actions"]["assignUserToGroups"]["groupIds"]:
                for user_id in joining if group_id in self.groups else ():
                    self.join_group(user_id, group_id)

    # Administrators

    def grant_role(self, user_id: str, kind: str) -> None:
        """A role given to a person directly."""
        with self.lock:
            self.user_roles.setdefault(user_id, []).append(
                self._role(kind, "USER", "users", user_id)
            )
            self._note("user.account.privilege.grant", user_id=user_id)

    def revoke_roles(self, user_id: str) -> None:
        """All direct roles of a person taken away."""
        with self.lock:
            self.user_roles.pop(user_id, None)
            self._note("user.account.privilege.revoke", user_id=user_id)

    def grant_group_role(self, group_id: str, kind: str) -> None:
        """A role given to a group."""
        with self.lock:
            self.group_roles.setdefault(group_id, []).append(
                self._role(kind, "GROUP", "groups", group_id)
            )
            self._note("group.privilege.grant", group_id=group_id)

    def revoke_group_roles(self, group_id: str) -> None:
        """All roles of a group taken away."""
        with self.lock:
            self.group_roles.pop(group_id, None)
            self._note("group.privilege.revoke", group_id=group_id)

    # Applications

    def create_app(self, label: str) -> str:
        """A new application that nobody has."""
        with self.lock:
            app_id, made = self.new_id("0oa"), stamp(self.now)
            self.apps[app_id] = {
                "id": app_id, "name": "bookmark", "label": label, "status": "ACTIVE",
                "lastUpdated": made, "created": made, "signOnMode": "BOOKMARK", "features": [],
                "visibility": {"autoSubmitToolbar": False}, "credentials": {}, "settings": {},
                "_key": app_id,
            }  # fmt: skip
            self.app_users[app_id], self.app_groups[app_id] = {}, []
            self._note("application.lifecycle.create", app_id=app_id)
            return app_id

    def deactivate_app(self, app_id: str) -> None:
        """Out of use, with its assignments kept."""
        with self.lock:
            self.apps[app_id] |= {"status": "INACTIVE", "lastUpdated": stamp(self.now)}
            self._note("application.lifecycle.deactivate", app_id=app_id)

    def delete_app(self, app_id: str) -> None:
        """Gone, with its assignments."""
        with self.lock:
            self._note("application.lifecycle.delete", app_id=app_id)
            for held in (self.apps, self.app_users, self.app_groups):
                held.pop(app_id)

    def assign_app(self, user_id: str, app_id: str) -> None:
        """An application given to a person directly, also when a group gives it already."""
        with self.lock:
            self.app_users[app_id][user_id] = self._assigned_now(user_id, None)
            self._note("application.user_membership.add", user_id=user_id, app_id=app_id)

    def unassign_app(self, user_id: str, app_id: str) -> None:
        """The direct assignment taken away; what a group gives stays."""
        with self.lock:
            self.app_users[app_id].pop(user_id, None)
            self._note("application.user_membership.remove", user_id=user_id, app_id=app_id)
            self._settle_apps(user_id)

    def assign_group_app(self, group_id: str, app_id: str) -> None:
        """An application given to a group, and so to its members."""
        with self.lock:
            entries = self.app_groups[app_id]
            entries.append(
                {"id": group_id, "lastUpdated": stamp(self.now), "priority": len(entries),
                 "profile": {}}
            )  # fmt: skip
            self._note("group.application_assignment.add", group_id=group_id, app_id=app_id)
            for user_id in list(self.members[group_id]):
                self._settle_apps(user_id)

    def unassign_group_app(self, group_id: str, app_id: str) -> None:
        """An application taken from a group, and from members who have it no other way."""
        with self.lock:
            entries = self.app_groups[app_id]
            entries[:] = [entry for entry in entries if entry["id"] != group_id]
            self._note("group.application_assignment.remove", group_id=group_id, app_id=app_id)
            for user_id in list(self.members[group_id]):
                self._settle_apps(user_id)

    def change_policy(self) -> None:
        """A policy rule changes: Okta says so, and every list of factors may look different."""
        with self.lock:
            self.policy_changes += 1
            self._note("policy.rule.update")

    # How it hangs together

    def _settle_apps(self, user_id: str) -> None:
        """What a person's groups give them now: the group of the first priority, if any."""
        for app_id, entries in self.app_groups.items():
            assigned = self.app_users[app_id]
            own = assigned.get(user_id)
            if own is not None and own["_group"] is None:
                continue
            giving = next((e["id"] for e in entries if user_id in self.members[e["id"]]), None)
            if giving is None:
                assigned.pop(user_id, None)
            elif own is None:
                assigned[user_id] = self._assigned_now(user_id, giving)
            elif own["_group"] != giving:
                own |= {"_group": giving, "lastUpdated": stamp(self.now)}

    def _assigned_now(self, user_id: str, group_id: str | None) -> Json:
        made = stamp(self.now)
        return self._assignment(user_id, group_id) | {
            "created": made, "lastUpdated": made, "statusChanged": made,
        }  # fmt: skip

    def _group_touched(self, group_id: str) -> None:
        self.groups[group_id]["lastMembershipUpdated"] = stamp(self.now)

    def _note(
        self,
        kind: str,
        *,
        user_id: str | None = None,
        group_id: str | None = None,
        app_id: str | None = None,
        reason: str | None = None,
    ) -> None:
        """Write to the system log, and say that something has changed."""
        targets = []
        if user_id is not None:
            profile = self.users[user_id]["profile"]
            name = f"{profile['firstName']} {profile['lastName']}"
            targets.append(log.target(USER, user_id, name, profile["login"]))
        if group_id is not None:
            targets.append(log.target(GROUP, group_id, self.groups[group_id]["profile"]["name"]))
        if app_id is not None:
            label = self.apps[app_id]["label"]
            targets.insert(0, log.target(APP, app_id, label, label))
        self.log.write(kind, self.now, targets, reason=reason)
        self.version += 1
