"""What an event of Okta's system log makes doubtful in what we know: a table, and its reading.

An event is only a mark: what it names is read again, and the reading decides. What can change the
answers for everybody, and what this table does not know, asks for a full sync. The families are
those of Okta's event type catalogue; the longest beginning that fits an event's type counts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

# An event as it is kept with a run: type, uuid, and [type, id] of each target.
Compact = dict[str, Any]


class Touches(Enum):
    """What is to be read again of the people, groups and applications that an event names."""

    NOTHING = auto()
    FACTORS = auto()  # the people's factors
    PERSON = auto()  # their assignments to applications: a name, a status reaches there too
    MEMBERS = auto()  # the groups' members
    ROLES = auto()  # the admin roles of the people and groups
    ALL_ROLES = auto()  # whoever has one
    ASSIGNMENT = auto()  # the people's assignment to the application
    APP = auto()  # the application's people and groups
    IMPORT = auto()  # the application's people; the lists tell the rest
    EVERYTHING = auto()


N, E = Touches.NOTHING, Touches.EVERYTHING
TABLE: Mapping[str, tuple[Touches, ...]] = {
    # People. Their list is read in full each time: profile and status need no mark.
    "user.account.": (Touches.PERSON,),
    "user.account.privilege.": (Touches.ROLES,),
    "user.account.access_super_user_app": (N,),
    "user.account.lock": (N,),
    "user.account.report_": (N,),
    "user.account.reset_password": (N,),
    "user.account.unlock": (N,),
    "user.account.update_password": (N,),
    "user.account.expire_password": (N,),
    "user.account.use_token": (N,),
    "user.authentication.": (N,),
    "user.behavior.": (N,),
    "user.credential.": (Touches.FACTORS,),
    "user.identity_verification.": (N,),
    "user.import.": (N,),
    "user.lifecycle.": (Touches.PERSON, Touches.FACTORS, Touches.ROLES),
    "user.lifecycle.jit.error.": (N,),
    "user.lifecycle.password_mass_expiry": (N,),
    "user.lifecycle.suspend": (Touches.PERSON,),
    "user.lifecycle.unsuspend": (Touches.PERSON,),
    "user.mfa.": (N,),
    "user.mfa.factor.": (Touches.FACTORS,),
    "user.realm.": (N,),
    "user.registration.": (N,),
    "user.risk.": (N,),
    "user.session.": (N,),
    "scheduled_action.user_suspension.": (N,),
    "credential.": (Touches.FACTORS,),
    "device.enrollment.": (Touches.FACTORS,),
    "device.user.": (Touches.FACTORS,),
    # A device that is put out of use takes factors of people along whom the event may not name.
    "device.lifecycle.": (Touches.FACTORS,),
    "device.signals.": (N,),
    "device.check.": (N,),
    # Groups. Rules and counts are in lists that are read in full.
    "group.lifecycle.": (Touches.MEMBERS,),
    "group.profile.": (N,),
    "group.user_membership.": (Touches.MEMBERS,),
    "group.user_membership.rule.": (N,),
    "group.privilege.": (Touches.ROLES,),
    "group.application_assignment.": (Touches.APP,),
    "group.application_assignment.skip_assignment_reconcile": (N,),
    # Administrators
    "iam.": (Touches.ALL_ROLES,),
    # Applications
    "application.user_membership.": (Touches.ASSIGNMENT,),
    "application.user_membership.change_password": (N,),
    "application.user_membership.restore_password": (N,),
    "application.user_membership.show_password": (N,),
    "application.lifecycle.": (Touches.APP,),
    "application.configuration.": (N,),
    "application.configuration.import_schema": (E,),
    "application.cache.": (N,),
    "application.integration.": (N,),
    "application.appuser.mapping.": (E,),
    "application.policy.": (E,),
    "application.policy.sign_on.deny_access": (N,),
    "application.provision.user.": (Touches.ASSIGNMENT,),
    "application.provision.user.import": (Touches.IMPORT,),
    "application.provision.user.verify_exists": (N,),
    "application.provision.group": (N,),
    "application.provision.group_membership.import": (Touches.IMPORT,),
    "application.provision.integration.": (N,),
    "application.provision.field_mapping_rule.": (E,),
    "application.registration_policy.": (N,),
    "app.access_request.": (N,),
    "app.generic.": (N,),
    "app.generic.import.": (Touches.IMPORT,),
    "app.generic.provision.": (Touches.ASSIGNMENT,),
    "app.inbound_del_auth.": (N,),
    "app.ldap.": (N,),
    "app.oauth2.": (N,),
    "app.radius.": (N,),
    "app.realtimesync.": (Touches.IMPORT,),
    "app.saml.": (N,),
    "app.user_management": (Touches.IMPORT,),
    "app.user_management.grouppush.": (N,),
    # Imports: lists, counts and times of change of groups show what they did, beside the app's own.
    "system.import.": (Touches.IMPORT,),
    "system.import.start": (N,),
    "system.import.download.": (N,),
    "system.import.group.": (N,),
    "system.import.roadblock": (N,),
    "system.import.custom_object.": (N,),
    "system.csv.": (Touches.IMPORT,),
    # What decides for everybody which factors count, and where profiles come from
    "policy.": (E,),
    "policy.auth_reevaluate.": (N,),
    "policy.continuous_access.evaluate": (N,),
    "policy.entity_risk.evaluate": (N,),
    "policy.evaluate_sign_on": (N,),
    "policy.execute.": (N,),
    "policy.rule.action.execute": (N,),
    "policy.scheduled.": (N,),
    "system.mfa.factor.": (E,),
    "system.feature.": (E,),
    "security.authenticator.": (E,),
    "security.zone.": (E,),
    "network_zone.": (E,),
    "zone.": (E,),
    "directory.": (E,),
    "directory.linked_object.": (N,),
    # What happens all day and touches nothing that a sync keeps
    "access.request.": (N,),
    "analytics.": (N,),
    "certification.": (N,),
    "core.": (N,),
    "event_hook.": (N,),
    "inline_hook.": (N,),
    "mim.": (N,),
    "oauth2.": (N,),
    "omm.": (N,),
    "org.not_configured_origin.": (N,),
    "pam.": (N,),
    "pki.": (N,),
    "plugin.": (N,),
    "rate_limit.": (N,),
    "security.attack.": (N,),
    "security.behavior.": (N,),
    "security.breached_credential.": (N,),
    "security.device.": (N,),
    "security.events.": (N,),
    "security.request.": (N,),
    "security.session.": (N,),
    "security.threat.": (N,),
    "security.trusted_origin.": (N,),
    "security.voice.": (N,),
    "self_service.": (N,),
    "support.": (N,),
    "system.agent.": (N,),
    "system.api_token.": (N,),
    "system.billing.": (N,),
    "system.brand.": (N,),
    "system.client.": (N,),
    "system.custom_error.": (N,),
    "system.custom_signin.": (N,),
    "system.directory.debugger.": (N,),
    "system.email.": (N,),
    "system.idp.": (N,),
    "system.iwa": (N,),
    "system.ldapi.": (N,),
    "system.log_stream.": (N,),
    "system.operation.": (N,),
    "system.org.": (N,),
    "system.push.": (N,),
    "system.rate_limit.": (N,),
    "system.sms.": (N,),
    "system.voice.": (N,),
    "task.": (N,),
    "workflows.": (N,),
}
# The kinds of target that a mark is of no use without.
_NEEDS = {
    Touches.FACTORS: ("User",),
    Touches.PERSON: ("User",),
    Touches.MEMBERS: ("UserGroup",),
    Touches.ROLES: ("User", "UserGroup"),
    Touches.ASSIGNMENT: ("AppInstance",),
    Touches.APP: ("AppInstance",),
    Touches.IMPORT: ("AppInstance",),
}
_OWN_ACTS = ("user.", "device.enrollment.")


@dataclass
class Dirty:
    """What must be read again. everything: why that is all, as a sentence; None when it is not.

    moves: (group, user) of who came or went, also when nothing shows it any more. assignments:
    (application, user).
    """

    factors: set[str] = field(default_factory=set)
    people: set[str] = field(default_factory=set)
    members: set[str] = field(default_factory=set)
    moves: set[tuple[str, str]] = field(default_factory=set)
    roles: set[str] = field(default_factory=set)
    all_roles: bool = False
    apps: set[str] = field(default_factory=set)
    app_people: set[str] = field(default_factory=set)
    assignments: set[tuple[str, str]] = field(default_factory=set)
    everything: str | None = None


def compact(event: Any) -> Compact:
    """What a mark needs of an event, without names and addresses. Odd shapes keep their oddity."""
    about = event if isinstance(event, dict) else {}
    targets = about.get("target")
    actor = about.get("actor")
    return {
        "uuid": _text(about.get("uuid")),
        "type": _text(about.get("eventType")),
        "published": _text(about.get("published")),
        "actor": _named([actor]),
        "target": _named(targets if isinstance(targets, list) else []),
    }


def distinct(events: Iterable[Compact]) -> list[Compact]:
    """Each event once, by its uuid, in order: Okta's polling may tell one again."""
    seen: set[str] = set()
    kept = []
    for event in events:
        if event["uuid"] and event["uuid"] in seen:
            continue
        seen.add(event["uuid"])
        kept.append(event)
    return kept


def marks(events: Iterable[Compact]) -> Dirty:
    """All that the events make doubtful."""
    dirty = Dirty()
    for event in events:
        for touches in touched_by(event["type"]):
            _mark(dirty, touches, event)
    return dirty


def touched_by(kind: str) -> tuple[Touches, ...]:
    """What an event of a type touches; EVERYTHING for a type that the table does not know."""
    end = len(kind)
    while end > 0:
        found = TABLE.get(kind[:end])
        if found is not None:
            return found
        end -= 1
    return (E,)


def _mark(dirty: Dirty, touches: Touches, event: Compact) -> None:
    named: dict[str, list[str]] = {}
    for kind, ident in event["target"]:
        named.setdefault(kind, []).append(ident)
    if touches is Touches.FACTORS and "User" not in named and event["type"].startswith(_OWN_ACTS):
        # Somebody who enrols a factor themselves may be named as the one who acted only.
        named["User"] = [ident for kind, ident in event["actor"] if kind == "User"]
    people, groups, apps = (named.get(kind, []) for kind in ("User", "UserGroup", "AppInstance"))
    needed = _NEEDS.get(touches, ())
    if needed and not any(named.get(kind) for kind in needed):
        dirty.everything = (
            f"The system log tells of “{event['type'][:100]}” without saying of whom or what."
        )
    elif touches is Touches.FACTORS:
        dirty.factors.update(people)
    elif touches is Touches.PERSON:
        dirty.people.update(people)
    elif touches is Touches.MEMBERS:
        dirty.members.update(groups)
        dirty.moves.update((group, user) for group in groups for user in people)
    elif touches is Touches.ROLES:
        dirty.roles.update(people, groups)
    elif touches is Touches.ALL_ROLES:
        dirty.all_roles = True
    elif touches is Touches.ASSIGNMENT and people:
        dirty.assignments.update((app, user) for app in apps for user in people)
    elif touches is Touches.APP:
        dirty.apps.update(apps)
    elif touches in {Touches.ASSIGNMENT, Touches.IMPORT}:
        dirty.app_people.update(apps)
    elif touches is Touches.EVERYTHING:
        known = any(event["type"].startswith(beginning) for beginning in TABLE)
        dirty.everything = f"The system log tells of “{event['type'][:100]}”, which " + (
            "can change what everybody has." if known else "Countersign does not know."
        )


def _named(records: list[Any]) -> list[list[str]]:
    return [
        [_text(record.get("type")), _text(record.get("id"))]
        for record in records
        if isinstance(record, dict) and isinstance(record.get("id"), str)
    ]


def _text(value: Any) -> str:
    return value[:300] if isinstance(value, str) else ""
