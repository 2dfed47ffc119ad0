"""What happened to one person, run by run, in words."""

import pandas as pd

from controls import mfa
from storage import snapshots
from workflows.installation import Installation

# Profile columns whose change people ask about; sign-ins would drown them.
WATCHED = {
    "status": "Okta status",
    "presence": "Presence",
    "email": "E-mail",
    "login": "Login",
    "department": "Department",
    "title": "Title",
    "manager": "Manager",
    "drata_start_date": "drataStartDate",
    "drata_contractor": "drataContractor",
    "user_type": "User type",
}


def history_of(inst: Installation, connection_id: int, user_id: str) -> pd.DataFrame:
    """at, what, before, after: newest first."""
    rows: list[tuple[pd.Timestamp, str, str, str]] = []
    users = snapshots.history_of_user(inst.database, connection_id, "users", user_id)
    for number in range(len(users)):
        after = users.iloc[number]
        if number == 0:
            rows.append((after["valid_from"], "First seen", "", str(after["status"] or "")))
            continue
        before = users.iloc[number - 1]
        for column, label in WATCHED.items():
            old, new = _text(before[column]), _text(after[column])
            if old != new:
                rows.append((after["valid_from"], label, old, new))
    factors = snapshots.history_of_user(inst.database, connection_id, "factors", user_id)
    for factor in factors.to_dict("records"):
        name = mfa.factor_name(factor["factor_type"] or "without a type", factor["provider"])
        rows.append((factor["valid_from"], f"Factor {name}", "", _text(factor["status"])))
        if not pd.isna(factor["valid_to"]):
            rows.append((factor["valid_to"], f"Factor {name}", _text(factor["status"]), ""))
    groups = snapshots.frame(inst.database, connection_id, "groups").set_index("group_id")["name"]
    member = snapshots.history_of_user(inst.database, connection_id, "memberships", user_id)
    for row in member.to_dict("records"):
        name = groups.get(row["group_id"], row["group_id"])
        rows.append((row["valid_from"], f"Group {name}", "", "member"))
        if not pd.isna(row["valid_to"]):
            rows.append((row["valid_to"], f"Group {name}", "member", ""))
    frame = pd.DataFrame(rows, columns=["at", "what", "before", "after"])
    return frame.sort_values("at", ascending=False, kind="stable").reset_index(drop=True)


def _text(value: object) -> str:
    return "" if value is None or pd.isna(value) else str(value)  # type: ignore[call-overload]
