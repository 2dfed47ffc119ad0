"""Who is personnel, everything about one person, and overrides (SPEC 3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd

from controls.personnel import CURRENT, FORMER, OVERRIDABLE, OverrideRefused, check_override
from storage import audit_log
from storage import people as overrides_store
from workflows.connect import ConnectionView, get_connection, required_reason
from workflows.errors import CountersignError
from workflows.guard import entry
from workflows.installation import Actor, Installation
from workflows.judge import judge_newest
from workflows.naming import person_named
from workflows.snapshot import moment

OVERRIDABLE_STATUSES, CURRENT_STATUSES = OVERRIDABLE, CURRENT
STATUS_LABELS = {
    "CURRENT_EMPLOYEE": "Current employee",
    "CURRENT_CONTRACTOR": "Current contractor",
    "FORMER_EMPLOYEE": "Former employee",
    "FORMER_CONTRACTOR": "Former contractor",
    "FUTURE_HIRE": "Future hire",
    "SERVICE_ACCOUNT": "Service account",
    "OUT_OF_SCOPE": "Out of scope",
    "OUTSIDE": "Outside",
}
# The four that a list is opened by: word, and the statuses in it.
STATUS_GROUPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "current": ("Current", CURRENT),
    "future": ("Future", ("FUTURE_HIRE",)),
    "former": ("Former", FORMER),
    "other": ("Other", ("SERVICE_ACCOUNT", "OUT_OF_SCOPE")),
}
FIELD_LABELS = {
    "status": "Employment status",
    "start_date": "Start date",
    "separation_date": "Separation date",
    "contractor": "Contractor",
}


@dataclass(frozen=True)
class People:
    """Everybody at a moment. frame: personnel only; everyone: identities outside too."""

    frame: pd.DataFrame
    everyone: pd.DataFrame
    as_of: datetime
    run_id: int
    outside_domain: int
    outside_group: int
    connection: ConnectionView


@entry
def people(inst: Installation, connection_id: int, *, as_of: datetime | None = None) -> People:
    """Everybody as published, now or at a moment. Raises CountersignError before the first sync."""
    found = moment(inst, connection_id, as_of=as_of)
    everyone = found.snapshot.people
    return People(
        frame=everyone[everyone["outside"].isna()].reset_index(drop=True),
        everyone=everyone,
        as_of=found.snapshot.as_of,
        run_id=found.run.id,
        outside_domain=int((everyone["outside"] == "domain").sum()),
        outside_group=int((everyone["outside"] == "group").sum()),
        connection=get_connection(inst, connection_id),
    )


@entry
def person_id(inst: Installation, connection_id: int, who: str) -> str:
    """The Okta id of whom an id, an e-mail or a login names.

    Raises CountersignError when nobody has it, or several, who are then listed with their ids.
    """
    return person_named(moment(inst, connection_id).snapshot.people, who)


@entry
def overrides(inst: Installation, connection_id: int) -> pd.DataFrame:
    """The overrides in force: user_id, field, value, reason, author, created_at, name."""
    found = moment(inst, connection_id)
    said = overrides_store.overrides(inst.database, connection_id, found.at)
    people = found.snapshot.people
    names = dict(zip(people["user_id"], people["name"], strict=True))
    return said.assign(name=[names.get(user_id, user_id) for user_id in said["user_id"]])


@entry
def set_overrides(
    inst: Installation,
    connection_id: int,
    user_ids: Sequence[str],
    *,
    changes: Mapping[str, str | None],
    reason: str,
    actor: Actor,
) -> int:
    """Put values in Okta's place for some people, all or none. Returns how many people.

    changes: status, start_date, separation_date, contractor ("true"/"false"). Raises
    CountersignError with the field that is wrong.
    """
    wanted = {field: (value or "").strip() for field, value in changes.items() if value}
    unknown = [field for field in wanted if field not in overrides_store.FIELDS]
    if unknown or not wanted:
        raise CountersignError("Choose what to change.", code="nothing_to_change", field="status")
    reason = required_reason(reason)
    rows = _chosen(inst, connection_id, user_ids)
    for row in rows:
        try:
            check_override(
                wanted,
                start_date=day_of(row["start_date"]),
                separation_date=day_of(row["separation_date"]),
            )
        except OverrideRefused as error:
            raise CountersignError(
                f"{row['name']}: {error}" if len(rows) > 1 else str(error),
                code="override_refused",
                field=error.field,
            ) from None
    _append(inst, connection_id, [str(r["user_id"]) for r in rows], wanted, reason, actor)
    return len(rows)


@entry
def withdraw_override(
    inst: Installation,
    connection_id: int,
    user_ids: Sequence[str],
    field: str,
    *,
    reason: str,
    actor: Actor,
) -> int:
    """Use Okta's value again for a field. Returns how many people had an override."""
    if field not in overrides_store.FIELDS:
        raise CountersignError("Choose what to take back.", code="bad_field", field="field")
    reason = required_reason(reason)
    rows = _chosen(inst, connection_id, user_ids)
    said = overrides_store.overrides(inst.database, connection_id)
    having = set(said.loc[said["field"] == field, "user_id"])
    ids = [str(row["user_id"]) for row in rows if row["user_id"] in having]
    if ids:
        _append(inst, connection_id, ids, {field: None}, reason, actor)
    return len(ids)


def _append(
    inst: Installation,
    connection_id: int,
    user_ids: list[str],
    values: Mapping[str, str | None],
    reason: str,
    actor: Actor,
) -> None:
    now = inst.now()
    with inst.database.write() as conn:
        overrides_store.add_overrides(
            conn,
            [
                {
                    "connection_id": connection_id,
                    "user_id": user_id,
                    "field": field,
                    "value": value,
                    "reason": reason,
                    "author": actor.name,
                    "created_at": now,
                }
                for user_id in user_ids
                for field, value in values.items()
            ],
        )
        audit_log.append(
            conn,
            actor=actor.id,
            action="person.overridden" if any(values.values()) else "person.override_withdrawn",
            subject=f"connection:{connection_id}",
            detail={"user_ids": user_ids, "values": dict(values), "reason": reason},
            at=now,
        )
    # What controls say follows from who is who: say it again about the same run.
    judge_newest(inst, connection_id)


def _chosen(
    inst: Installation, connection_id: int, user_ids: Sequence[str]
) -> list[dict[str, object]]:
    everyone = moment(inst, connection_id).snapshot.people
    ids = list(dict.fromkeys(user_ids))
    rows = everyone[everyone["user_id"].isin(ids)].to_dict("records")
    if not ids or len(rows) != len(ids):
        raise CountersignError(
            "Some of the chosen people are not known any more." if ids else "Choose somebody.",
            code="unknown_people",
            action="Reload the page and choose again.",
        )
    return [{str(k): v for k, v in row.items()} for row in rows]


def day_of(value: object) -> date | None:
    """A frame's date as a date; None where there is none."""
    return value.date() if isinstance(value, pd.Timestamp) else None
