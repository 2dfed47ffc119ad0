"""What the store knows before an incremental run: enough to say what need not be read again."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from storage import snapshots
from storage.database import Database
from workflows.sync_scope import Row

# What says that a person's assignments may have changed with them.
OF_PEOPLE = ("status", "last_updated_at", "login")


@dataclass(frozen=True)
class Known:
    """The rows in force, as the newest published run left them. Ids are keys throughout.

    factor_users: whether their factors could be read. principals: (type, id) of whoever has an
    admin role directly. through_groups: who is in a group that has one. app_sizes: people of an
    application. givers: the groups of an application.
    """

    users: dict[str, Row]
    groups: dict[str, Row]
    member_counts: dict[str, int]
    factor_users: dict[str, bool]
    principals: set[tuple[str, str]]
    through_groups: set[str]
    apps: dict[str, Row]
    app_sizes: dict[str, int]
    givers: dict[str, set[str]]


def known(database: Database, connection_id: int) -> Known:
    """Read what is needed, and nothing that grows with memberships or assignments."""

    def rows(kind: str, *columns: str) -> list[Row]:
        return plain_rows(snapshots.frame(database, connection_id, kind, columns=columns))

    principals = {(r["principal_type"], r["principal_id"]) for r in rows("admin_roles")}
    groups = {ident for kind, ident in principals if kind == "GROUP"}
    members = snapshots.pairs(
        database,
        connection_id,
        "memberships",
        ("group_id", "user_id"),
        where="group_id",
        values=groups,
    )
    givers: dict[str, set[str]] = {}
    for row in rows("app_groups"):
        givers.setdefault(row["app_id"], set()).add(row["group_id"])
    return Known(
        users={r["user_id"]: r for r in rows("users", "user_id", *OF_PEOPLE)},
        groups={r["group_id"]: r for r in rows("groups")},
        member_counts=snapshots.count_by(database, connection_id, "memberships", "group_id"),
        factor_users={r["user_id"]: r["state"] == "read" for r in rows("factor_reads")},
        principals=principals,
        through_groups={user_id for _, user_id in members},
        apps={r["app_id"]: r for r in rows("apps")},
        app_sizes=snapshots.count_by(database, connection_id, "app_users", "app_id"),
        givers=givers,
    )


def plain_rows(frame: pd.DataFrame) -> list[Row]:
    """Rows as the store had them: None for what is missing, datetimes in UTC."""
    plain = frame.astype(object).where(frame.notna(), None)
    rows: list[Row] = [{str(k): v for k, v in r.items()} for r in plain.to_dict("records")]
    for row in rows:
        for name, value in row.items():
            if isinstance(value, pd.Timestamp):
                row[name] = value.to_pydatetime()
    return rows


def differs(now: Row, before: Row | None, *names: str) -> bool:
    """True when somebody or something is new, or one of these columns has another value."""
    if before is None:
        return True
    values: list[Any] = list(names) or list(now)
    return any(now[name] != before[name] for name in values)
