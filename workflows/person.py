"""Everything about one person at a moment, with where each value comes from."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from controls import mfa
from controls.personnel import FORMER
from controls.rehired import other_accounts
from storage import people as overrides_store
from storage import snapshots
from workflows.errors import NotFoundHere
from workflows.guard import entry
from workflows.installation import Installation
from workflows.person_history import history_of
from workflows.personnel import FIELD_LABELS, STATUS_LABELS, day_of
from workflows.snapshot import Moment, moment


@dataclass(frozen=True)
class Person:
    """One person at a moment, with where each value comes from. See docs/analyst.md.

    others: Okta user ids of accounts that seem to be the same person's, each with a sentence.
    """

    row: dict[str, object]
    user: dict[str, object]
    factors: pd.DataFrame
    factors_state: str
    groups: pd.DataFrame
    roles: pd.DataFrame
    overrides: pd.DataFrame
    override_history: pd.DataFrame
    history: pd.DataFrame
    sources: list[tuple[str, str, str]]
    others: list[tuple[str, str]]
    as_of: datetime
    run_id: int


@entry
def person(
    inst: Installation, connection_id: int, user_id: str, *, as_of: datetime | None = None
) -> Person:
    """One person. Raises NotFoundHere."""
    as_of = inst.not_after(as_of)
    found = moment(inst, connection_id, as_of=as_of)
    row, user = _row(found.snapshot.people, user_id), _row(found.snapshot.users, user_id)
    if row is None or user is None:
        raise NotFoundHere("This person")
    database = inst.database
    said = overrides_store.overrides(database, connection_id, as_of)
    said = said[said["user_id"] == user_id].reset_index(drop=True)
    reads = found.snapshot.factor_reads
    state = reads.loc[reads["user_id"] == user_id, "state"]
    return Person(
        row=row,
        user=user,
        factors=_factors(found, user_id),
        factors_state=str(state.iloc[0]) if len(state) else "not_asked",
        groups=_groups(inst, found, user_id),
        roles=_roles(inst, found, user_id),
        overrides=said,
        override_history=_by(
            inst, overrides_store.override_history(database, connection_id, user_id), "created_at"
        ),
        history=_by(inst, history_of(inst, connection_id, user_id), "at"),
        sources=_sources(row, user, said),
        others=_others(found, user_id),
        as_of=found.snapshot.as_of,
        run_id=found.run.id,
    )


def _others(found: Moment, user_id: str) -> list[tuple[str, str]]:
    people = found.snapshot.people
    ids = other_accounts(people, found.snapshot.users, user_id)
    said = []
    for row in people[people["user_id"].isin(ids)].to_dict("records"):
        if row["employment_status"] in FORMER:
            left = _shown(row["separation_date"])
            until = f" until {left}" if left else ""
            words = f"Was here before{until}, under another account. This one inherits nothing."
        else:
            words = "Is here again, under another account, which inherits nothing of this one."
        said.append((str(row["user_id"]), words))
    return said


def _by(inst: Installation, frame: pd.DataFrame, column: str) -> pd.DataFrame:
    """The rows that may be shown."""
    if inst.until is None:
        return frame
    return frame[frame[column] <= inst.until].reset_index(drop=True)


def _factors(found: Moment, user_id: str) -> pd.DataFrame:
    factors = found.snapshot.factors
    ours = factors[factors["user_id"] == user_id]
    strength = ours["factor_type"].map(mfa.strength_of)
    return pd.DataFrame(
        {
            "factor_type": ours["factor_type"],
            "label": [
                mfa.factor_name(kind or "without a type", provider)
                for kind, provider in zip(ours["factor_type"], ours["provider"], strict=True)
            ],
            "provider": ours["provider"],
            "strength": strength,
            "status": ours["status"],
            "enrolled_at": ours["created_at"],
            "counts": (ours["status"] == "ACTIVE") & ~strength.isin(["none", "unknown"]),
        }
    ).reset_index(drop=True)


def _groups(inst: Installation, found: Moment, user_id: str) -> pd.DataFrame:
    connection_id, at = found.run.connection_id, found.at
    mine = snapshots.of_user(inst.database, connection_id, "memberships", user_id, at)
    groups = snapshots.frame(inst.database, connection_id, "groups", at)
    rules = snapshots.frame(inst.database, connection_id, "group_rules", at)
    through: dict[str, list[str]] = {}
    for name, status, ids in zip(rules["name"], rules["status"], rules["group_ids"], strict=True):
        if status == "ACTIVE":
            for group_id in json.loads(ids):
                through.setdefault(group_id, []).append(name or "a rule without a name")
    ours = groups[groups["group_id"].isin(mine["group_id"])].sort_values("name")
    return pd.DataFrame(
        {
            "group_id": ours["group_id"],
            "name": ours["name"],
            "type": ours["type"],
            "through": [", ".join(through.get(group_id, [])) for group_id in ours["group_id"]],
        }
    ).reset_index(drop=True)


def _roles(inst: Installation, found: Moment, user_id: str) -> pd.DataFrame:
    connection_id, at = found.run.connection_id, found.at
    roles = snapshots.frame(inst.database, connection_id, "admin_roles", at)
    groups = _groups(inst, found, user_id).set_index("group_id")["name"]
    ours = roles[(roles["principal_id"] == user_id) | roles["principal_id"].isin(groups.index)]
    return pd.DataFrame(
        {
            "label": ours["label"].where(ours["label"].notna(), ours["role_type"]),
            "through": ours["principal_id"].map(groups).fillna("directly"),
        }
    ).reset_index(drop=True)


def _sources(
    row: Mapping[str, object], user: Mapping[str, object], said: pd.DataFrame
) -> list[tuple[str, str, str]]:
    """Label, value and a sentence on where it comes from, for each derived value."""
    who = {
        field: f"Override by {author} on {at:%Y-%m-%d}: {reason}"
        for field, author, at, reason in zip(
            said["field"], said["author"], said["created_at"], said["reason"], strict=True
        )
    }
    start = {
        "override": who.get("start_date", ""),
        "drataStartDate": f"From drataStartDate in Okta: {user['drata_start_date']}",
        "created": "From the day the account was created in Okta",
        "unknown": "Okta names no date",
    }
    end = {
        "override": who.get("separation_date", ""),
        "deactivated": "From the first deactivation seen in Okta",
        "first missing": "From the day the account was first missing",
        "": "",
    }
    contractor = {
        "override": who.get("contractor", ""),
        "drataContractor": f"From drataContractor in Okta: {user['drata_contractor']}",
        "default": "drataContractor is not set in Okta, so employee",
    }
    status = str(row["employment_status"])
    return [
        (
            FIELD_LABELS["status"],
            STATUS_LABELS.get(status, status),
            who.get("status") or _why_status(row),
        ),
        (
            FIELD_LABELS["start_date"],
            _shown(row["start_date"]),
            start[str(row["start_date_source"])],
        ),
        (
            FIELD_LABELS["separation_date"],
            _shown(row["separation_date"]),
            end[str(row["separation_date_source"])],
        ),
        (
            FIELD_LABELS["contractor"],
            "Yes" if row["contractor"] else "No",
            contractor[str(row["contractor_source"])],
        ),
    ]


def _why_status(row: Mapping[str, object]) -> str:
    status = row["employment_status"]
    if status == "OUTSIDE":
        return (
            "The e-mail domain is not one of the connection's"
            if row["outside"] == "domain"
            else "Not a member of the connected group"
        )
    if row["presence"] == "deleted":
        return "Deleted in Okta"
    if row["presence"] == "left_group":
        return "Left the connected group"
    if row["okta_status"] == "DEPROVISIONED":
        return "Deactivated in Okta"
    if status == "FUTURE_HIRE":
        return "The start date is still to come"
    if status == "SERVICE_ACCOUNT":
        return "A mailbox name, or a user type marked as service"
    return "The account is not deactivated in Okta, and no other rule fits"


def _shown(value: object) -> str:
    day = day_of(value)
    return "" if day is None else f"{day.day} {day:%b %Y}"


def _row(frame: pd.DataFrame, user_id: str) -> dict[str, object] | None:
    found = frame[frame["user_id"] == user_id]
    return None if found.empty else {str(k): v for k, v in found.iloc[0].to_dict().items()}
