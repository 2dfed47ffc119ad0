"""Test 86, MFA on Identity Provider: everybody who can sign in has a factor that is MFA."""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from controls.frameworks import iso27001, nist80053, pci, soc2
from controls.model import FAIL, FINDING_COLUMNS, PASS, UNKNOWN, Control, Snapshot

STRENGTHS = ("phishing_resistant", "strong", "weak", "none", "unknown")
CAN_SIGN_IN = ("ACTIVE", "PASSWORD_EXPIRED", "LOCKED_OUT", "RECOVERY")
# SPEC 4; what is in neither list is unrecognised, and never counts.
STRENGTH = {
    "webauthn": "phishing_resistant",
    "u2f": "phishing_resistant",
    "signed_nonce": "phishing_resistant",
    "push": "strong",
    "token:software:totp": "strong",
    "token:hardware": "strong",
    "token": "strong",
    "token:hotp": "strong",
    "web": "strong",
    "sms": "weak",
    "call": "weak",
}
NOT_MFA = ("email", "question", "password")
NAMES = {
    "webauthn": "passkey (FIDO2)",
    "u2f": "security key (U2F)",
    "signed_nonce": "Okta FastPass",
    "push": "Okta Verify push",
    "token:software:totp": "authenticator app code",
    "token:hardware": "hardware token",
    "token": "RSA or Symantec token",
    "token:hotp": "custom one-time password",
    "web": "Duo",
    "sms": "text message",
    "call": "phone call",
    "email": "e-mail",
    "question": "security question",
    "password": "password",
}


def factor_name(factor_type: str, provider: str | None = None) -> str:
    """What people call a factor; an unrecognised type by its own name."""
    if factor_type == "token:software:totp":
        return {"GOOGLE": "Google Authenticator", "OKTA": "Okta Verify code"}.get(
            provider or "", NAMES[factor_type]
        )
    if factor_type == "token:hardware" and provider == "YUBICO":
        return "YubiKey code"
    return NAMES.get(factor_type, f"unrecognised factor “{factor_type[:60]}”")


def strength_of(factor_type: object) -> str:
    """phishing_resistant, strong, weak, none (known, but not MFA) or unknown (unrecognised)."""
    if not isinstance(factor_type, str):
        return "unknown"
    return STRENGTH.get(factor_type, "none" if factor_type in NOT_MFA else "unknown")


def strengths(user_ids: pd.Series, factors: pd.DataFrame, factor_reads: pd.DataFrame) -> pd.Series:
    """Each user's best strength over ACTIVE factors; unknown where they could not be read."""
    active = factors[factors["status"] == "ACTIVE"]
    rank = active["factor_type"].map(strength_of).map({s: i for i, s in enumerate(STRENGTHS)})
    best = rank.where(rank < 3, 3).groupby(active["user_id"]).min()
    read = set(factor_reads.loc[factor_reads["state"] == "read", "user_id"])
    found = user_ids.map(best).fillna(3).astype(int)
    found = found.where(user_ids.isin(read), 4)
    return found.map(dict(enumerate(STRENGTHS))).astype(object)


def in_scope(people: pd.DataFrame) -> pd.DataFrame:
    """Current people who can sign in."""
    return people[people["current"] & people["okta_status"].isin(CAN_SIGN_IN)]


# An app that answers is renewed more often than this; a longer silence may be a phone that is gone.
PUSH_UNUSED_DAYS = 365


def silent_since(
    user_ids: pd.Series, factors: pd.DataFrame, as_of: datetime
) -> dict[str, datetime]:
    """Who has nothing that counts but push, none of it renewed for long -> when it last was."""
    active = factors[(factors["status"] == "ACTIVE") & factors["user_id"].isin(set(user_ids))]
    ours = active[active["factor_type"].map(strength_of).isin(STRENGTHS[:3])]
    only_push = (ours["factor_type"] == "push").groupby(ours["user_id"]).all()
    heard = ours["last_updated_at"].fillna(ours["created_at"]).groupby(ours["user_id"]).max()
    long_ago = heard[only_push & (heard < as_of - timedelta(days=PUSH_UNUSED_DAYS))]
    return {str(user_id): moment for user_id, moment in long_ago.items()}


def check(snapshot: Snapshot) -> pd.DataFrame:
    """A finding for everybody in scope."""
    people = in_scope(snapshot.people)
    strength = strengths(people["user_id"], snapshot.factors, snapshot.factor_reads)
    outcome = np.select([strength == "unknown", strength == "none"], [UNKNOWN, FAIL], PASS).astype(
        object
    )
    facts = _facts(people["user_id"], snapshot.factors)
    why = dict(zip(snapshot.factor_reads["user_id"], snapshot.factor_reads["reason"], strict=True))
    silent = silent_since(people["user_id"], snapshot.factors, snapshot.as_of)
    rows = [
        _sentence(name, level, *facts.get(user_id, _NOTHING), why.get(user_id), silent.get(user_id))
        for user_id, name, level in zip(people["user_id"], people["name"], strength, strict=True)
    ]
    return pd.DataFrame(
        {
            "user_id": people["user_id"].to_numpy(),
            "connection_id": people["connection_id"].to_numpy(),
            "label": people["name"].to_numpy(),
            "outcome": outcome,
            "reason": [row[0] for row in rows],
            "message": [row[1] for row in rows],
            "warning": [row[2] for row in rows],
            "strength": strength.to_numpy(),
        },
        columns=FINDING_COLUMNS,
    )


def summarise(snapshot: Snapshot, findings: pd.DataFrame) -> dict[str, Any]:
    """Counts by strength over everybody in scope, for the trend."""
    people = in_scope(snapshot.people)
    strength = strengths(people["user_id"], snapshot.factors, snapshot.factor_reads)
    count = strength.value_counts()
    return {"strength": {name: int(count.get(name, 0)) for name in STRENGTHS}}


_STATE = {"PENDING_ACTIVATION": "enrolment not finished"}
_NOTHING: tuple[list[str], list[str], list[str], list[str]] = ([], [], [], [])


def _facts(
    user_ids: pd.Series, factors: pd.DataFrame
) -> dict[str, tuple[list[str], list[str], list[str], list[str]]]:
    """For each user the names of counting, active but not MFA, begun, and unrecognised factors."""
    ours = factors[factors["user_id"].isin(set(user_ids))]
    facts: dict[str, tuple[list[str], list[str], list[str], list[str]]] = {}
    for user_id, kind, provider, status in zip(
        ours["user_id"], ours["factor_type"], ours["provider"], ours["status"], strict=True
    ):
        counting, other, begun, odd = facts.setdefault(user_id, ([], [], [], []))
        name = factor_name(kind or "without a type", provider)
        level = strength_of(kind)
        if level == "unknown":
            odd.append(name)
        elif status != "ACTIVE":
            if level != "none":
                begun.append(f"{name} ({_STATE.get(status, status or 'without a status')})")
        else:
            (other if level == "none" else counting).append(name)
    return facts


def _sentence(
    name: str,
    level: str,
    counting: list[str],
    other: list[str],
    begun: list[str],
    odd: list[str],
    unread: str | None,
    silent: datetime | None,
) -> tuple[str, str, str]:
    """Reason, message and warning of one finding."""
    tail = f" It does not count: {_list(odd)}." if odd else ""
    if level == "unknown":
        because = f" {unread}" if unread else " Nobody has read them."
        return "not_read", f"{name}'s factors could not be read.{because}{tail}", ""
    if counting:
        warning = "Only text message or phone call, which are weak." if level == "weak" else ""
        if silent is not None:
            warning = (
                f"Nothing but push, and Okta last heard of it on {silent.day} {silent:%B %Y}: "
                "the phone may be gone."
            )
        return level, f"{name} has MFA: {_list(counting)}.{tail}", warning
    if begun:
        return (
            "half_enrolled",
            f"{name} has no MFA: no factor is active, only {_list(begun)}.{tail}",
            "",
        )
    if other:
        verb = "are" if len(set(other)) > 1 else "is"
        return "not_mfa", f"{name} has no MFA: only {_list(other)} {verb} active.{tail}", ""
    if odd:
        verb = "do" if len(set(odd)) > 1 else "does"
        return "unrecognised", f"{name} has no MFA: only {_list(odd)}, which {verb} not count.", ""
    return "no_factor", f"{name} has no MFA: no factor is enrolled.", ""


def _list(names: list[str]) -> str:
    unique = list(dict.fromkeys(names))
    return " and ".join([", ".join(unique[:-1]), unique[-1]]) if len(unique) > 1 else unique[0]


TEST_86 = Control(
    id="test-86",
    test=86,
    title="MFA on Identity Provider",
    question="Does everybody who can sign in have multi-factor authentication?",
    failing="people can sign in to Okta without MFA",
    version="1.1.0",
    frameworks=(
        soc2("CC6.1", "Logical access security"),
        iso27001("A.8.5", "Secure authentication"),
        iso27001("A.5.17", "Authentication information"),
        nist80053("IA-2(1)", "Multi-factor authentication to privileged accounts"),
        nist80053("IA-2(2)", "Multi-factor authentication to non-privileged accounts"),
        pci("8.4.2", "MFA for all access into the cardholder data environment"),
        pci("8.5.1", "MFA systems are configured to prevent misuse"),
    ),
    parameters={
        "statuses": list(CAN_SIGN_IN),
        "phishing_resistant": [k for k, v in STRENGTH.items() if v == "phishing_resistant"],
        "strong": [k for k, v in STRENGTH.items() if v == "strong"],
        "weak": [k for k, v in STRENGTH.items() if v == "weak"],
        "not_mfa": list(NOT_MFA),
        "push_unused_days": PUSH_UNUSED_DAYS,
    },
    needs=("users", "factors"),
    how=(
        "**Who**: current employees and contractors whose Okta status lets them sign in "
        "(ACTIVE, PASSWORD_EXPIRED, LOCKED_OUT, RECOVERY). Suspended, deactivated and not yet "
        "activated accounts are out of scope, and so are people outside the connection's e-mail "
        "domains or group.\n\n"
        "**Pass**: at least one factor with status ACTIVE that is MFA. Phishing-resistant: passkey "
        "(FIDO2), U2F key, Okta FastPass. Strong: Okta Verify push, authenticator app, hardware "
        "or custom token, Duo. Weak: text message, phone call. Not MFA: e-mail, security question, "
        "password. A type that is not recognised never counts, and the finding names it.\n\n"
        "**Hints**, which decide nothing: only weak factors; only push that Okta has not heard of "
        f"for {PUSH_UNUSED_DAYS} days.\n\n"
        "**Unknown**: the factors could not be read. Unknown is never a pass.\n\n"
        "**Read from**: `GET /api/v1/users/{id}/factors` of each person, in the run named above."
    ),
    check=check,
    summarise=summarise,
)
