"""How the company comes to be: its state and its founding, the same for the same seed and day."""

import base64
import itertools
import random
import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any

from demo_tenant import company
from demo_tenant.company import APPS, DEPARTMENTS, DOMAIN, FACTORS, OWNER, STORY, Planted
from demo_tenant.log import Log

Json = dict[str, Any]
API_KEY = "00DemoTenantKeyThatOpensNothingButThePretend"[:42]
CLIENT_ID, CLIENT_SECRET = "0oademocountersign5d7", "demo-client-secret-of-the-pretend-organization"
ORG_ID, EVERYONE_DESCRIPTION = "00odemomeridian001d7", "All users in your organization"


def stamp(moment: datetime) -> str:
    """Okta's times: whole seconds, with .000Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


class Founding:
    """Everything that the pretend Okta knows, made at the start. lock guards changes."""

    def __init__(self, *, users: int, seed: int, today: date, origin: str = ""):
        self.random = random.Random(seed)
        self.seed = seed
        self.origin = origin
        self.founded_on = today
        self.now = datetime.combine(today, datetime.min.time(), tzinfo=UTC) + timedelta(hours=7)
        self.version = 0
        self.lock = threading.RLock()
        self.users: dict[str, Json] = {}
        self.factors: dict[str, list[Json]] = {}
        self.groups: dict[str, Json] = {}
        self.members: dict[str, dict[str, None]] = {}
        self.rules: list[Json] = []
        self.user_roles: dict[str, list[Json]] = {}
        self.group_roles: dict[str, list[Json]] = {}
        self.apps: dict[str, Json] = {}
        self.app_users: dict[str, dict[str, Json]] = {}
        self.app_groups: dict[str, list[Json]] = {}
        self.log = Log()
        self.policy_changes = 0
        self.days = 0
        # Lists of users by query, with the version they were made of.
        self.listed: dict[str, tuple[int, list[Json]]] = {}
        # For tests: people whom the list of users skips, and groups whose stats lag behind.
        self.hidden: set[str] = set()
        self.stale_stats: set[str] = set()
        self.by_key: dict[str, str] = {}
        self.group_ids: dict[str, str] = {}
        self._numbers = itertools.count(1)
        self._logins: set[str] = set()
        self._make_groups()
        for planted in (OWNER, *STORY):
            self._plant(planted)
        self._fill(max(0, users - len(self.users)))
        self._make_apps()
        self._make_rules()

    def new_id(self, prefix: str) -> str:
        """A 20-character id with Okta's prefix, the same for the same seed."""
        alphabet = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
        number = (next(self._numbers) * 2654435761 + self.seed * 97) % 62**8
        text = ""
        for _ in range(20 - len(prefix) - 3):
            number, digit = divmod(number, 62)
            text = alphabet[digit] + text
        return f"{prefix}{text}5d7"

    # Making the company

    def _make_groups(self) -> None:
        self._group("Everyone", "BUILT_IN", EVERYONE_DESCRIPTION)
        for name in (company.WORKFORCE, company.ADMINS, company.VPN, company.REVIEWERS):
            self._group(name)
        for name in (*DEPARTMENTS, "Managers", "Contractors", "Empty project"):
            self._group(name)
        self._group("Domain Users", "APP_GROUP", "corp.meridian.local/Users/Domain Users")
        admins = self.group_ids[company.ADMINS]
        self.group_roles[admins] = [self._role("GROUP_MEMBERSHIP_ADMIN", "GROUP", "groups", admins)]

    def _group(self, name: str, kind: str = "OKTA_GROUP", description: str | None = None) -> str:
        group_id = self.new_id("00g")
        made = stamp(self.now - timedelta(days=2600))
        self.groups[group_id] = {
            "id": group_id,
            "created": made,
            "lastUpdated": made,
            "lastMembershipUpdated": stamp(self.now - timedelta(days=3)),
            "objectClass": [
                "okta:windows_security_principal" if kind == "APP_GROUP" else "okta:user_group"
            ],
            "type": kind,
            "profile": {"name": name, "description": description},
        }
        if kind == "APP_GROUP":
            self.groups[group_id]["source"] = {"id": "0oademoactivedirect1"}
        self.members[group_id] = {}
        self.group_ids[name] = group_id
        return group_id

    def _plant(self, planted: Planted) -> None:
        login = planted.login or planted.email or address(planted.first, planted.last)
        profile: Json = {"department": planted.department, "title": planted.title}
        for name, value in planted.profile.items():
            if name == "drataStartDate" and str(value).startswith("+"):
                value = (self.now + timedelta(days=int(value))).date().isoformat()
            profile[name] = value
        if planted.manager:
            boss = self.users[self.by_key[planted.manager]]["profile"]
            profile |= {
                "manager": f"{boss['firstName']} {boss['lastName']}",
                "managerId": boss["login"],
            }
        user_id = self._user(
            planted.first,
            planted.last,
            login,
            email=planted.email or login,
            status=planted.status,
            days=planted.days,
            last_login=planted.last_login,
            gone=planted.gone,
            user_type=planted.user_type,
            profile={k: v for k, v in profile.items() if v is not None},
        )
        self.by_key[planted.key] = user_id
        for kind in planted.factors:
            self._factor(user_id, kind, "ACTIVE", planted.days - 5, silent=planted.silent)
        for kind in planted.pending:
            self._factor(user_id, kind, "PENDING_ACTIVATION", 1)
        for role in planted.roles:
            entry = self._role(role, "USER", "users", user_id)
            self.user_roles.setdefault(user_id, []).append(entry)
        for name in planted.groups:
            self.members[self.group_ids[name]][user_id] = None
        if planted.key in {"gita", "pavel", "ben"}:
            self.members[self.group_ids[company.ADMINS]][user_id] = None

    def _fill(self, count: int) -> None:
        names = list(DEPARTMENTS)
        weights = [DEPARTMENTS[name][1] for name in names]
        heads = {name: self.users[self.by_key[DEPARTMENTS[name][0]]]["profile"] for name in names}
        # How many in a hundred: push; authenticator app; passkey and FastPass; text message only.
        choices: tuple[tuple[str, ...], ...] = (
            ("push", "token:software:totp"), ("push",), ("token:software:totp",),
            ("webauthn", "push"), ("signed_nonce", "push"), ("sms",), ("sms", "email"), (),
        )  # fmt: skip
        shares = (34, 20, 12, 12, 14, 3, 2, 3)
        for number in range(count):
            draw = self.random
            department = draw.choices(names, weights)[0]
            first, last = draw.choice(FIRST), draw.choice(LAST)
            login = address(first, last)
            if login in self._logins:
                login = address(first, f"{last}{number}")
            status = draw.choices(
                ("ACTIVE", "DEPROVISIONED", "SUSPENDED", "PASSWORD_EXPIRED"), (90, 7, 1, 2)
            )[0]
            days = draw.randint(20, 2500)
            gone = draw.randint(1, min(days, 700)) if status == "DEPROVISIONED" else None
            contractor = draw.random() < 0.07
            profile: Json = {
                "department": department,
                "title": "Contractor" if contractor else draw.choice(TITLES),
                "manager": f"{heads[department]['firstName']} {heads[department]['lastName']}",
                "managerId": heads[department]["login"],
                "employeeNumber": str(10_000 + number),
            }
            if contractor:
                profile["drataContractor"] = True
            if draw.random() < 0.6:
                started = (self.now - timedelta(days=days - draw.randint(0, 20))).date()
                profile["drataStartDate"] = started.isoformat()
            user_id = self._user(
                first, last, login, email=login, status=status, days=days,
                last_login=draw.randint(0, 30), gone=gone, profile=profile,
            )  # fmt: skip
            if status != "DEPROVISIONED":
                for kind in draw.choices(choices, shares)[0]:
                    self._factor(user_id, kind, "ACTIVE", max(1, days - 3))

    def _user(
        self, first: str, last: str, login: str, *, email: str, status: str, days: int,
        last_login: int | None, gone: int | None = None, user_type: str = "default",
        profile: Json | None = None,
    ) -> str:  # fmt: skip
        user_id = self.new_id("00u")
        self._logins.add(login)
        created = self.now - timedelta(days=days, minutes=len(self.users) % 1400)
        changed = self.now - timedelta(days=gone) if gone is not None else created
        seen = None if last_login is None else self.now - timedelta(days=last_login, hours=1)
        own = profile or {}
        self.users[user_id] = {
            "id": user_id,
            "status": status,
            "created": stamp(created),
            "activated": None if status == "STAGED" else stamp(created),
            "statusChanged": None if status == "STAGED" else stamp(changed),
            "lastLogin": stamp(seen) if seen else None,
            "lastUpdated": stamp(changed),
            "passwordChanged": stamp(created) if seen else None,
            "type": {"id": "otydemoservice0001d7" if user_type == "service" else TYPE_ID},
            "profile": {
                "firstName": first, "lastName": last, "mobilePhone": None, "secondEmail": None,
                "login": login, "email": email,
                **({"userType": "Service"} if user_type == "service" else {}), **own,
            },
            "credentials": {"provider": {"type": "OKTA", "name": "OKTA"}},
        }  # fmt: skip
        self.factors[user_id] = []
        if status == "DEPROVISIONED":
            return user_id
        wanted = ["Everyone"]
        department = own.get("department")
        if user_type == "default" and email.endswith(f"@{DOMAIN}") and department:
            wanted += [company.WORKFORCE, department]
        if own.get("drataContractor") is True:
            wanted.append("Contractors")
        for name in wanted:
            self.members[self.group_ids[name]][user_id] = None
        return user_id

    def _factor(
        self, user_id: str, kind: str, status: str, days: int, *, silent: bool = False
    ) -> Json:
        prefix, provider, vendor = FACTORS[kind]
        login = self.users[user_id]["profile"]["login"]
        made = stamp(self.now - timedelta(days=max(0, days)))
        # An app that is in use renews its factor; one on a phone that is gone does not.
        heard = min(days, 20) if kind == "push" and not silent else days
        phone = {"phoneNumber": "+1 555 01" + user_id[-6:-3]}
        profile = phone if kind in {"sms", "call"} else {"credentialId": login}
        factor = {
            "id": self.new_id(prefix), "factorType": kind, "provider": provider,
            "vendorName": vendor, "status": status, "created": made,
            "lastUpdated": stamp(self.now - timedelta(days=max(0, heard))), "profile": profile,
        }  # fmt: skip
        self.factors[user_id].append(factor)
        return factor

    def _role(self, kind: str, assignment: str, where: str, principal: str) -> Json:
        made = stamp(self.now - timedelta(days=300))
        # Standard roles below the top carry the base32 of their type: the same for everybody.
        plain = base64.b32encode(kind.encode()).decode().rstrip("=")
        prefix = {"CUSTOM": "irb"}.get(kind, "ra1" if where == "users" else "gra")
        own = kind in {"SUPER_ADMIN", "ORG_ADMIN", "READ_ONLY_ADMIN", "CUSTOM"}
        role: Json = {
            "id": self.new_id(prefix) if own else plain,
            "label": company.ROLE_LABELS[kind], "type": kind, "status": "ACTIVE", "created": made,
            "lastUpdated": made, "assignmentType": assignment,
            "_principal": (where, principal),
        }  # fmt: skip
        if kind == "CUSTOM":
            role |= {"role": "cr0demoreviewreader1", "resource-set": "iamdemoeverything001"}
        return role

    def _make_apps(self) -> None:
        made = stamp(self.now - timedelta(days=1500))
        for key, name, label, mode, groups in APPS:
            app_id = self.new_id("0oa")
            self.apps[app_id] = {
                "id": app_id, "name": name, "label": label, "status": "ACTIVE",
                "lastUpdated": made, "created": made, "signOnMode": mode, "features": [],
                "visibility": {"autoSubmitToolbar": False}, "credentials": {}, "settings": {},
                "_key": key,
            }  # fmt: skip
            self.app_users[app_id] = {}
            self.app_groups[app_id] = []
            for priority, group in enumerate(groups):
                self._assign_group(app_id, self.group_ids[group], priority)
        app_id = CLIENT_ID
        self.apps[app_id] = {
            "id": app_id, "name": "oidc_client", "label": "Countersign", "status": "ACTIVE",
            "lastUpdated": made, "created": made, "signOnMode": "OPENID_CONNECT", "features": [],
            "credentials": {"oauthClient": {"client_id": CLIENT_ID,
                                            "token_endpoint_auth_method": "client_secret_basic"}},
            "settings": {"oauthClient": {
                "redirect_uris": ["http://127.0.0.1:8501/callback"],
                "post_logout_redirect_uris": ["http://127.0.0.1:8501/signed-out"],
                "initiate_login_uri": "http://127.0.0.1:8501/login/initiate",
                "response_types": ["code"], "grant_types": ["authorization_code"],
            }},
            "_key": "countersign",
        }  # fmt: skip
        self.app_users[app_id], self.app_groups[app_id] = {}, []
        self._assign_group(app_id, self.group_ids[company.WORKFORCE], 0)
        aws = next(i for i, a in self.apps.items() if a["_key"] == "aws")
        for key in ("ines", "kofi", "elif", "gita", "pavel", "tom", "viktor"):
            self.app_users[aws][self.by_key[key]] = self._assignment(self.by_key[key], None)

    def _assign_group(self, app_id: str, group_id: str, priority: int) -> None:
        made = stamp(self.now - timedelta(days=700))
        self.app_groups[app_id].append(
            {"id": group_id, "lastUpdated": made, "priority": priority, "profile": {}}
        )
        for user_id in self.members[group_id]:
            self.app_users[app_id].setdefault(user_id, self._assignment(user_id, group_id))

    def _assignment(self, user_id: str, group_id: str | None) -> Json:
        made = stamp(self.now - timedelta(days=100))
        return {
            "id": user_id, "externalId": None, "created": made, "lastUpdated": made,
            "scope": "GROUP" if group_id else "USER", "status": "ACTIVE", "statusChanged": made,
            "syncState": "DISABLED",
            "credentials": {"userName": self.users[user_id]["profile"]["login"]}, "profile": {},
            "_group": group_id,
        }  # fmt: skip

    def _make_rules(self) -> None:
        rules = (
            ("Sales people get VPN", 'user.division=="Offboarding" OR user.department=="Security"',
             company.VPN),
            ("Contractors", "user.drataContractor==true", "Contractors"),
            *((f"{name} department", f'user.department=="{name}"', name) for name in DEPARTMENTS),
        )  # fmt: skip
        made = stamp(self.now - timedelta(days=900))
        for name, expression, group in rules:
            self.rules.append(
                {
                    "type": "group_rule", "id": self.new_id("0pr"), "status": "ACTIVE",
                    "name": name, "created": made, "lastUpdated": made,
                    "conditions": {
                        "people": {"users": {"exclude": []}, "groups": {"exclude": []}},
                        "expression": {"value": expression, "type": "urn:okta:expression:1.0"},
                    },
                    "actions": {"assignUserToGroups": {"groupIds": [self.group_ids[group]]}},
                    "allGroupsValid": True,
                }
            )  # fmt: skip


def address(first: str, last: str) -> str:
    """The company's address for a name."""
    plain = f"{first}.{last}".lower().replace(" ", "").replace("'", "")
    table = str.maketrans("áéíóúãõçëüöäåøñêôâıłš", "aeiouaoceuoaaoneoails")
    return f"{plain.translate(table)}@{DOMAIN}"


FIRST, LAST = company.FIRST_NAMES, company.LAST_NAMES
TITLES = ("Associate", "Specialist", "Senior Specialist", "Lead", "Manager", "Principal")
TYPE_ID = "otydemodefault0001d7"
