"""The organization's settings: schema, policies, authenticators, tokens, itself, domains."""

from datetime import timedelta
from typing import Any

from demo_tenant import company
from demo_tenant.errors import Answer, error, not_found
from demo_tenant.organization import ORG_ID, Json, stamp

_SELF = [{"principal": "SELF", "action": "READ_ONLY"}]
_POLICIES: dict[str, list[Json]] = {
    "OKTA_SIGN_ON": [{"id": "00pdemosession0001d7", "name": "Default Policy"}],
    "ACCESS_POLICY": [
        {"id": "rstdemoanytwo00001d7", "name": "Any two factors"},
        {"id": "rstdemopassonly001d7", "name": "Password only (old wiki)"},
    ],
    "MFA_ENROLL": [{"id": "00pdemoenrol00001d7x", "name": "Default Policy"}],
    "PASSWORD": [{"id": "00pdemopassword001d7", "name": "Default Policy"}],
}
_KNOWN_TYPES = {*_POLICIES, "IDP_DISCOVERY", "PROFILE_ENROLLMENT", "POST_AUTH_SESSION"}


def user_schema(call: Any, name: str) -> Answer:
    """The default user type's schema, with Drata's two attributes."""
    if name != "default":
        return not_found(name, "UserSchema")

    def attribute(title: str, kind: str = "string") -> Json:
        return {
            "title": title, "type": kind, "mutability": "READ_WRITE", "scope": "NONE",
            "permissions": _SELF, "master": {"type": "PROFILE_MASTER"},
        }  # fmt: skip

    base = {
        name: attribute(title)
        for name, title in (
            ("login", "Username"), ("email", "Primary email"), ("secondEmail", "Secondary email"),
            ("firstName", "First name"), ("lastName", "Last name"), ("department", "Department"),
            ("manager", "Manager"), ("managerId", "Manager Id"), ("userType", "User type"),
        )
    }  # fmt: skip
    custom = {
        "drataStartDate": attribute("Drata start date"),
        "drataContractor": attribute("Drata contractor", "boolean"),
    }
    return 200, {
        "id": f"{call.org.origin}/meta/schemas/user/default",
        "$schema": "http://json-schema.org/draft-04/schema#",
        "name": "user", "title": "User", "type": "object", "lastUpdated": stamp(call.org.now),
        "definitions": {
            "base": {"id": "#base", "type": "object", "properties": base,
                     "required": ["login", "firstName", "lastName", "email"]},
            "custom": {"id": "#custom", "type": "object", "properties": custom, "required": []},
        },
        "properties": {"profile": {"allOf": [{"$ref": "#/definitions/custom"},
                                             {"$ref": "#/definitions/base"}]}},
    }  # fmt: skip


def policies(call: Any) -> Answer:
    """Policies of one type; the type is required."""
    kind = call.query.get("type")
    if kind is None:
        return error(
            400, "E0000001", "Api validation failed: type", "type: The field cannot be left blank"
        )
    if kind not in _KNOWN_TYPES:
        return error(400, "E0000001", "Api validation failed: type", "type: Invalid policy type")
    made = stamp(call.org.now - timedelta(days=900))
    found = [
        {
            **policy, "type": kind, "status": "ACTIVE", "priority": number + 1,
            "system": policy["name"] == "Default Policy", "created": made, "lastUpdated": made,
            "conditions": None,
            "settings": _ENROL if kind == "MFA_ENROLL" else {},
        }
        for number, policy in enumerate(_POLICIES.get(kind, []))
    ]  # fmt: skip
    return 200, call.paged(found, lambda p: p, most=200, default=20)


def policy_rules(call: Any, policy_id: str) -> Answer:
    """A policy's rules."""
    known = {p["id"]: (kind, p["name"]) for kind, ps in _POLICIES.items() for p in ps}
    if policy_id not in known:
        return not_found(policy_id, "Policy")
    kind, name = known[policy_id]
    made = stamp(call.org.now - timedelta(days=900))
    mode = "1FA" if "Password only" in name else "2FA"
    actions: Json = {
        "ACCESS_POLICY": {"appSignOn": {"access": "ALLOW", "verificationMethod": {
            "factorMode": mode, "type": "ASSURANCE", "reauthenticateIn": "PT2H"}}},
        "OKTA_SIGN_ON": {"signon": {"access": "ALLOW", "requireFactor": False,
                                    "session": {"maxSessionIdleMinutes": 120,
                                                "maxSessionLifetimeMinutes": 720}}},
        "PASSWORD": {"passwordChange": {"access": "ALLOW"}},
    }.get(kind, {"enroll": {"self": "LOGIN"}})  # fmt: skip
    rule = {
        "id": "0pr" + policy_id[3:], "status": "ACTIVE", "name": "Default Rule", "priority": 1,
        "created": made, "lastUpdated": made, "system": True, "actions": actions,
        "conditions": {}, "type": {"OKTA_SIGN_ON": "SIGN_ON"}.get(kind, kind),
    }  # fmt: skip
    return 200, call.paged([rule], lambda r: r, most=200, default=20)


def authenticators(call: Any) -> Answer:
    """Authenticators of an Identity Engine organization."""
    made = stamp(call.org.now - timedelta(days=900))
    return 200, [
        {
            "type": kind, "id": f"autdemo{key:_<10.10}001"[:20], "key": key, "status": status,
            "name": name, "created": made, "lastUpdated": made, "settings": {},
        }
        for kind, key, name, status in (
            ("app", "okta_verify", "Okta Verify", "ACTIVE"),
            ("security_key", "webauthn", "Passkeys (FIDO2 WebAuthn)", "ACTIVE"),
            ("app", "google_otp", "Google Authenticator", "ACTIVE"),
            ("phone", "phone_number", "Phone", "ACTIVE"),
            ("email", "okta_email", "Email", "ACTIVE"),
            ("password", "okta_password", "Password", "ACTIVE"),
            ("app", "duo", "Duo Security", "INACTIVE"),
        )
    ]  # fmt: skip


def api_tokens(call: Any) -> Answer:
    """The organization's tokens; ours is the last one."""
    now = call.org.now
    return 200, [
        {
            "id": f"00Tdemotoken{number:05d}1d7", "name": name, "userId": owner,
            "clientName": "Okta API", "tokenWindow": "P30D", "network": {"connection": network},
            "created": stamp(now - timedelta(days=age)), "lastUpdated": stamp(now),
            "expiresAt": stamp(now + timedelta(days=30)),
        }
        for number, (name, owner, network, age) in enumerate(
            (
                ("HR import", call.org.by_key["gita"], "ANYWHERE", 700),
                ("Countersign", call.me, "ZONE", 120),
            )
        )
    ]  # fmt: skip


def org(call: Any) -> Answer:
    """The organization itself."""
    return 200, {
        "id": ORG_ID, "subdomain": "meridian-demo", "companyName": company.COMPANY,
        "status": "ACTIVE", "expiresAt": None, "website": f"https://{company.DOMAIN}",
        "created": stamp(call.org.now - timedelta(days=2700)),
        "lastUpdated": stamp(call.org.now - timedelta(days=100)),
    }  # fmt: skip


def domains(call: Any) -> Answer:
    """The organization's own host only."""
    return 200, {
        "domains": [
            {
                "id": "default", "domain": call.org.origin.partition("//")[2],
                "certificateSourceType": "OKTA_MANAGED", "validationStatus": "COMPLETED",
                "brandId": "bnddemomeridian001d7",
            }
        ]
    }  # fmt: skip


_ENROL = {
    "type": "AUTHENTICATORS",
    "authenticators": [
        {"key": "okta_verify", "enroll": {"self": "OPTIONAL"}},
        {"key": "webauthn", "enroll": {"self": "OPTIONAL"}},
        {"key": "okta_email", "enroll": {"self": "OPTIONAL"}},
    ],
}
