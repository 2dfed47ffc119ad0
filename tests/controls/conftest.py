"""People, factors and snapshots for the tests of the controls."""

from datetime import UTC, date, datetime, timedelta

import pandas as pd

from controls.model import Snapshot
from controls.personnel import derive

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
USER = {
    "connection_id": 1, "user_id": "u1", "login": None, "email": None, "second_email": None,
    "first_name": "Ada", "last_name": "Lovelace", "display_name": None, "status": "ACTIVE",
    "created_at": datetime(2024, 1, 2, 23, tzinfo=UTC), "user_type_id": "oty1", "user_type": None,
    "department": "Engineering", "title": None, "manager": None, "manager_id": None,
    "drata_start_date": None, "drata_contractor": None, "presence": "present",
    "absent_since": None, "deactivated_at": None, "last_login_at": None,
}  # fmt: skip
TIMES = ("created_at", "absent_since", "deactivated_at", "last_login_at")
OVERRIDE = ["user_id", "field", "value", "reason", "author", "created_at"]
EXCLUSION = ["control_id", "user_id", "reason", "author", "starts_on", "ends_on", "withdrawn"]


def users(*rows):
    filled = []
    for number, values in enumerate(rows, 1):
        user = {**USER, "user_id": f"u{number}", **values}
        if "login" not in values:
            user["login"] = f"{user['user_id']}@acme.com"
        if "email" not in values:
            user["email"] = user["login"]
        filled.append(user)
    frame = pd.DataFrame(filled, columns=list(USER), dtype=object)
    for column in TIMES:
        frame[column] = pd.to_datetime(frame[column], utc=True).astype("datetime64[us, UTC]")
    return frame


def overrides(*rows):
    return pd.DataFrame([(*row, "because", "ana", NOW) for row in rows], columns=OVERRIDE)


def people(frame, *said, as_of=NOW, domains=("acme.com",)):
    return derive(
        frame,
        overrides(*said),
        today=as_of.date(),
        email_domains=domains,
        mailbox_names=("support", "info", "noreply"),
        service_user_types=("Service", "otyService"),
    )


def factors(*rows):
    """(user, type[, status[, provider[, days since it was last updated]]])."""
    filled = []
    for row in rows:
        user_id, kind, status, provider, days = (*row, *("ACTIVE", "OKTA", 1)[len(row) - 2 :])
        filled.append((user_id, kind, status, provider, NOW - timedelta(days=days)))
    columns = ["user_id", "factor_type", "status", "provider", "last_updated_at"]
    frame = pd.DataFrame(filled, columns=columns, dtype=object)
    for column in ("last_updated_at", "created_at"):
        known = frame.get("last_updated_at")
        frame[column] = pd.to_datetime(known, utc=True).astype("datetime64[us, UTC]")
    return frame


def reads(*ids, **states):
    rows = [(i, "read", "") for i in ids] + [(i, s, "Not permitted.") for i, s in states.items()]
    return pd.DataFrame(rows, columns=["user_id", "state", "reason"], dtype=object)


def exclusions(*rows):
    """(control, user, start, end[, withdrawn])"""
    filled = [
        (r[0], r[1], "on leave", "ana", r[2], r[3], r[4] if len(r) > 4 else False) for r in rows
    ]
    return pd.DataFrame(filled, columns=EXCLUSION, dtype=object)


def snapshot(
    frame, *, factors=None, reads=None, exclusions=None, not_read=None, said=(), as_of=NOW
):
    empty = globals()
    return Snapshot(
        as_of=as_of,
        today=as_of.date(),
        run_id=7,
        people=people(frame, *said, as_of=as_of),
        users=frame,
        factors=empty["factors"]() if factors is None else factors,
        factor_reads=empty["reads"](*frame["user_id"]) if reads is None else reads,
        exclusions=empty["exclusions"]() if exclusions is None else exclusions,
        not_read=not_read or {},
    )


def day(text):
    return date.fromisoformat(text)
