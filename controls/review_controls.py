"""Two controls fed by access reviews: applications reviewed in time, revokes removed in time."""

from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from controls.frameworks import iso27001, nist80053, pci, soc2
from controls.model import FAIL, FINDING_COLUMNS, PASS, UNKNOWN, Control, Reviews, Snapshot
from controls.removing import CAME_BACK, COULD_NOT_TELL, VERIFIED_GONE

# A quarter, and a week to finish.
REVIEW_DAYS = 99
REMOVAL_DAYS = 7
# Revokes older than this are history, and in the evidence of their own time.
LOOK_BACK_DAYS = 365

_NONE = Reviews(
    apps=pd.DataFrame(columns=["app_id", "label"]),
    reviewed=pd.DataFrame(columns=["app_id", "campaign", "closed_at", "items", "undecided"]),
    removals=pd.DataFrame(columns=["requested_at"]),
)
_OFF = (
    "User Access Review was off when this run was read, so no application was. Turn it on under "
    "“Change this connection” on the Connection page."
)


def reviewed(snapshot: Snapshot) -> pd.DataFrame:
    """A finding for each application that somebody has."""
    reviews = snapshot.reviews or _NONE
    known = reviews.reviewed.sort_values("closed_at")
    whole = known[known["undecided"] == 0].drop_duplicates("app_id", keep="last")
    newest = known.drop_duplicates("app_id", keep="last")
    complete, last = (frame.set_index("app_id").to_dict("index") for frame in (whole, newest))
    earliest = snapshot.as_of - timedelta(days=REVIEW_DAYS)
    rows = [
        (app_id, label, *_reviewed(label, complete.get(app_id), last.get(app_id), earliest))
        for app_id, label in zip(reviews.apps["app_id"], reviews.apps["label"], strict=True)
    ]
    return _findings(snapshot, rows)


def removed(snapshot: Snapshot) -> pd.DataFrame:
    """A finding for each revoke of the last year."""
    rows = []
    for row in _recent(snapshot).to_dict("records"):
        outcome, reason, message = _removed(row, snapshot.as_of)
        label = f"{row['person']}: {row['resource']}"
        rows.append((f"item:{row['item_id']}", label, outcome, reason, message))
    return _findings(snapshot, rows)


def _reviewed(label: str, whole: Any, last: Any, earliest: datetime) -> tuple[str, str, str]:
    if whole is not None and whole["closed_at"] >= earliest:
        day = _day(whole["closed_at"])
        return PASS, "reviewed", f"{label} was reviewed in “{whole['campaign']}”, closed {day}."
    if last is not None and last["undecided"] and last["closed_at"] >= earliest:
        left = f"{last['undecided']:,} of {last['items']:,}"
        return (
            FAIL,
            "in_part",
            f"{label} was reviewed only in part: “{last['campaign']}” was closed with {left} "
            "without a decision.",
        )
    if whole is not None:
        day = _day(whole["closed_at"])
        return FAIL, "too_long_ago", f"{label} was last reviewed in full on {day}."
    return FAIL, "never", f"No closed campaign has looked at everybody who has {label}."


def _removed(row: Any, as_of: datetime) -> tuple[str, str, str]:
    what = f"{row['person']}'s access to {row['resource']}, revoked {_day(row['requested_at'])},"
    limit = row["requested_at"] + timedelta(days=REMOVAL_DAYS)
    state = row["state"]
    if state == VERIFIED_GONE:
        took = max(0, (row["since"] - row["requested_at"]).days)
        days = "the same day" if took == 0 else f"after {took} day{'' if took == 1 else 's'}"
        said = f"{what} was gone {days}, as run {int(row['run_id'])} shows."
        return (PASS, "gone", said) if row["since"] <= limit else (FAIL, "gone_late", said)
    if state == CAME_BACK:
        return FAIL, "came_back", f"{what} had gone and is there again."
    if as_of <= limit:
        return PASS, "in_time", f"{what} has until {_day(limit)} to go."
    if state == COULD_NOT_TELL:
        since = f"since run {int(row['run_id'])} the list was not read whole"
        return UNKNOWN, "unread", f"{what} should have gone by {_day(limit)}; {since}."
    still = "still comes another way" if state == "STILL_EFFECTIVE" else "is still there"
    return FAIL, "late", f"{what} {still}; it should have gone by {_day(limit)}."


def _recent(snapshot: Snapshot) -> pd.DataFrame:
    known = (snapshot.reviews or _NONE).removals
    return known[known["requested_at"] >= snapshot.as_of - timedelta(days=LOOK_BACK_DAYS)]


def _reviews_idle(snapshot: Snapshot) -> str | None:
    return _OFF if snapshot.reviews is None else None


def _removals_idle(snapshot: Snapshot) -> str | None:
    if snapshot.reviews is None:
        return _OFF
    if _recent(snapshot).empty:
        return "No review has revoked anything in the last year, so nothing had to be removed."
    return None


def _findings(snapshot: Snapshot, rows: list[tuple[str, str, str, str, str]]) -> pd.DataFrame:
    connection_id = snapshot.users["connection_id"].iloc[0] if len(snapshot.users) else None
    filled = [(key, connection_id, *rest, "", None) for key, *rest in rows]
    return pd.DataFrame(filled, columns=FINDING_COLUMNS, dtype=object)


def _summarise(snapshot: Snapshot, findings: pd.DataFrame) -> dict[str, Any]:
    return {"reasons": {str(k): int(n) for k, n in findings["reason"].value_counts().items()}}


def _day(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y}"


ACCESS_REVIEWED = Control(
    id="access-reviewed",
    test=None,
    title="Access Review Performed",
    question=f"Was every application's access reviewed in the last {REVIEW_DAYS} days?",
    failing=f"applications were not reviewed in the last {REVIEW_DAYS} days",
    version="1.0.0",
    frameworks=(
        soc2("CC6.2", "Registration and authorisation of users"),
        soc2("CC6.3", "Access is changed and removed by role"),
        iso27001("A.5.15", "Access control"),
        iso27001("A.5.18", "Access rights"),
        nist80053("AC-2", "Account management (j, review of accounts)"),
        nist80053("AC-6(7)", "Review of user privileges"),
        pci("7.2.4", "User accounts and access privileges are reviewed"),
    ),
    parameters={"days": REVIEW_DAYS},
    needs=("apps", "app_users"),
    how=(
        "**Who**: every active application that anybody has, by direct assignment or through a "
        "group.\n\n"
        f"**Pass**: a campaign closed in the last {REVIEW_DAYS} days looked at everybody who had "
        "it, and decided on all of it. Campaigns that look only at some people, such as "
        "contractors, do not count.\n\n"
        "**Fail**: never reviewed, too long ago, or closed with items left without a decision.\n\n"
        "**Read from**: the campaigns kept here, and `GET /api/v1/apps` and its users, in the run "
        "named above. Where User Access Review is off there is nothing to judge."
    ),
    check=reviewed,
    summarise=_summarise,
    subject="application",
    idle=_reviews_idle,
)

ACCESS_REMOVED = Control(
    id="access-removed",
    test=None,
    title="Revoked Access Removed",
    question=f"Is access that a review revoked gone within {REMOVAL_DAYS} days?",
    failing=f"revoked accesses were not gone within {REMOVAL_DAYS} days, or came back",
    version="1.1.0",
    frameworks=(
        soc2("CC6.3", "Access is changed and removed by role"),
        iso27001("A.5.18", "Access rights"),
        nist80053("AC-2", "Account management (h, i: access no longer required)"),
        nist80053("AC-6(7)", "Review of user privileges"),
        pci("7.2.4", "Inappropriate access is addressed"),
    ),
    parameters={"days": REMOVAL_DAYS, "look_back_days": LOOK_BACK_DAYS},
    needs=("apps", "app_users", "memberships"),
    how=(
        f"**Who**: every access that a reviewer revoked in the last {LOOK_BACK_DAYS} days, but for "
        "revokes that were taken back.\n\n"
        f"**Pass**: a published run shows that it has gone, at most {REMOVAL_DAYS} days after the "
        "decision; or those days have not passed yet.\n\n"
        "**Fail**: still there or still effective another way after that, gone too late, or gone "
        "and come back.\n\n"
        "**Unknown**: the days have passed, and Okta's list of it could not be read whole.\n\n"
        "**Read from**: the runs that prove each state, named on the Removals page. Without any "
        "revoke there is nothing to judge."
    ),
    check=removed,
    summarise=_summarise,
    subject="removal",
    idle=_removals_idle,
)
