"""What revokes expect, what each published run showed of them, and the tickets noted on them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage.bulk import upsert_rows
from storage.frames import to_frame
from storage.review_tables import CAMPAIGNS, DECISIONS, ITEMS, REMOVAL_EVENTS, REMOVALS, STATES

IN_FORCE = REMOVALS.c.state != "WITHDRAWN"


def expect(
    conn: Connection,
    item_ids: Sequence[int],
    *,
    campaign_id: int,
    connection_id: int,
    at: datetime,
    due_on: date,
) -> None:
    """Expect the access of revoked items to go. What is expected already keeps its clock."""
    held = _states(conn, item_ids)
    new = [i for i in item_ids if held.get(i, "WITHDRAWN") == "WITHDRAWN"]
    rows = [
        {
            "item_id": item_id, "campaign_id": campaign_id, "connection_id": connection_id,
            "state": "OPEN", "requested_at": at, "due_on": due_on, "run_id": None,
            "checked_run_id": None, "since": at, "ticket": "",
        }
        for item_id in new
    ]  # fmt: skip
    upsert_rows(conn, REMOVALS, rows, ("item_id",))
    _note(conn, [{"item_id": i, "state": "OPEN", "run_id": None, "paths": "[]"} for i in new], at)


def withdraw(conn: Connection, item_ids: Sequence[int], *, at: datetime) -> None:
    """Expect nothing any more of items that are no longer revoked."""
    held = _states(conn, item_ids)
    gone = [i for i in item_ids if held.get(i, "WITHDRAWN") != "WITHDRAWN"]
    settle(
        conn,
        [{"item_id": i, "state": "WITHDRAWN", "run_id": None, "paths": "[]"} for i in gone],
        at=at,
    )


def to_check(conn: Connection, connection_id: int) -> list[dict[str, Any]]:
    """What a publish must look at: every removal in force, with what was frozen."""
    query = (
        sa.select(
            REMOVALS.c.item_id, REMOVALS.c.state, ITEMS.c.user_id, ITEMS.c.kind,
            ITEMS.c.resource_id, ITEMS.c.paths,
        )
        .join(ITEMS, ITEMS.c.id == REMOVALS.c.item_id)
        .where(REMOVALS.c.connection_id == connection_id, IN_FORCE)
        .order_by(REMOVALS.c.item_id)
    )  # fmt: skip
    return [dict(row) for row in conn.execute(query).mappings()]


def settle(conn: Connection, changes: Sequence[Mapping[str, Any]], *, at: datetime) -> None:
    """Write new states, each with the run that shows it: item_id, state, run_id, paths."""
    if not changes:
        return
    query = sa.update(REMOVALS).where(REMOVALS.c.item_id == sa.bindparam("this_item"))
    conn.execute(
        query.values(
            state=sa.bindparam("new_state"), run_id=sa.bindparam("new_run"), since=at
        ),
        [
            {"this_item": c["item_id"], "new_state": c["state"], "new_run": c["run_id"]}
            for c in changes
        ],
    )  # fmt: skip
    _note(conn, changes, at)


def checked(conn: Connection, item_ids: Sequence[int], run_id: int) -> None:
    """Note which run was asked last, also about what it left as it was."""
    query = sa.update(REMOVALS).where(REMOVALS.c.item_id == sa.bindparam("this_item"))
    if item_ids:
        conn.execute(query.values(checked_run_id=run_id), [{"this_item": i} for i in item_ids])


def set_ticket(conn: Connection, item_ids: Sequence[int], ticket: str) -> None:
    """Note a ticket on removals."""
    query = sa.update(REMOVALS).where(REMOVALS.c.item_id == sa.bindparam("this_item"))
    conn.execute(query.values(ticket=ticket), [{"this_item": i} for i in item_ids])


@dataclass(frozen=True)
class RemovalFilter:
    """Which removals. late_on: only those due before that day and not gone."""

    connection_id: int
    campaign_id: int | None = None
    states: tuple[str, ...] = ()
    item_ids: tuple[int, ...] | None = None
    late_on: date | None = None
    search: str = ""

    def condition(self) -> sa.ColumnElement[bool]:
        """The filter as SQL."""
        said = [REMOVALS.c.connection_id == self.connection_id, IN_FORCE]
        if self.campaign_id is not None:
            said.append(REMOVALS.c.campaign_id == self.campaign_id)
        if self.states:
            said.append(REMOVALS.c.state.in_(self.states))
        if self.item_ids is not None:
            said.append(REMOVALS.c.item_id.in_(self.item_ids))
        if self.late_on is not None:
            said += [REMOVALS.c.due_on < self.late_on, REMOVALS.c.state != "VERIFIED_GONE"]
        if self.search:
            columns = (ITEMS.c.person, ITEMS.c.email, ITEMS.c.resource, REMOVALS.c.ticket)
            said.append(sa.or_(*(c.icontains(self.search, autoescape=True) for c in columns)))
        return sa.and_(*said)


_FROM = (
    REMOVALS.join(ITEMS, ITEMS.c.id == REMOVALS.c.item_id)
    .join(CAMPAIGNS, CAMPAIGNS.c.id == REMOVALS.c.campaign_id)
    .join(STATES, STATES.c.item_id == REMOVALS.c.item_id)
    .outerjoin(DECISIONS, DECISIONS.c.id == STATES.c.decision_id)
)


def page(
    conn: Connection, wanted: RemovalFilter, *, limit: int | None = None, offset: int = 0
) -> pd.DataFrame:
    """Removals with whom and what they are about; what is wrong longest comes first."""
    items = ("user_id", "person", "email", "department", "kind", "resource_id", "resource", "paths")
    query = (
        sa.select(
            *REMOVALS.columns,
            *(ITEMS.c[name] for name in items),
            CAMPAIGNS.c.name.label("campaign"),
            CAMPAIGNS.c.state.label("campaign_state"),
            DECISIONS.c.note,
            DECISIONS.c.decided_by_name,
        )
        .select_from(_FROM)
        .where(wanted.condition())
        .order_by(
            sa.case((REMOVALS.c.state == "VERIFIED_GONE", 1), else_=0),
            REMOVALS.c.due_on,
            REMOVALS.c.item_id,
        )
        .limit(limit)
        .offset(offset)
    )
    return to_frame(conn, query)


def counts(conn: Connection, wanted: RemovalFilter) -> dict[str, int]:
    """How many removals in which state."""
    query = sa.select(REMOVALS.c.state, sa.func.count()).select_from(_FROM)
    rows = conn.execute(query.where(wanted.condition()).group_by(REMOVALS.c.state))
    return {state: int(number) for state, number in rows}


def events(conn: Connection, item_id: int) -> list[dict[str, Any]]:
    """What became of one revoke, oldest first."""
    query = sa.select(REMOVAL_EVENTS).where(REMOVAL_EVENTS.c.item_id == item_id)
    return [dict(row) for row in conn.execute(query.order_by(REMOVAL_EVENTS.c.id)).mappings()]


def as_of(conn: Connection, connection_id: int, at: datetime | None) -> pd.DataFrame:
    """Every removal in force at a moment, with the state it had then and since when.

    Columns: item_id, user_id, person, kind, resource_id, resource, campaign, requested_at, state,
    since, run_id.
    """
    newest = sa.select(sa.func.max(REMOVAL_EVENTS.c.id).label("id")).group_by(
        REMOVAL_EVENTS.c.item_id
    )
    begun = sa.select(
        REMOVAL_EVENTS.c.item_id,
        sa.func.max(REMOVAL_EVENTS.c.at, type_=REMOVAL_EVENTS.c.at.type).label("requested_at"),
    ).where(REMOVAL_EVENTS.c.state == "OPEN")
    if at is not None:
        newest = newest.where(REMOVAL_EVENTS.c.at <= at)
        begun = begun.where(REMOVAL_EVENTS.c.at <= at)
    last, first = newest.subquery(), begun.group_by(REMOVAL_EVENTS.c.item_id).subquery()
    names = ("user_id", "person", "kind", "resource_id", "resource")
    query = (
        sa.select(
            REMOVAL_EVENTS.c.item_id,
            *(ITEMS.c[name] for name in names),
            CAMPAIGNS.c.name.label("campaign"),
            first.c.requested_at,
            REMOVAL_EVENTS.c.state,
            REMOVAL_EVENTS.c.at.label("since"),
            REMOVAL_EVENTS.c.run_id,
        )
        .join(last, last.c.id == REMOVAL_EVENTS.c.id)
        .join(first, first.c.item_id == REMOVAL_EVENTS.c.item_id)
        .join(ITEMS, ITEMS.c.id == REMOVAL_EVENTS.c.item_id)
        .join(CAMPAIGNS, CAMPAIGNS.c.id == ITEMS.c.campaign_id)
        .where(CAMPAIGNS.c.connection_id == connection_id, REMOVAL_EVENTS.c.state != "WITHDRAWN")
        .order_by(REMOVAL_EVENTS.c.item_id)
    )
    return to_frame(conn, query)


def seen_gone(conn: Connection, connection_id: int) -> pd.DataFrame:
    """Each access that a run once showed to have gone after a revoke: user_id, kind, resource_id.

    Where it is there again, it has come back.
    """
    names = ("user_id", "kind", "resource_id")
    query = (
        sa.select(*(ITEMS.c[name] for name in names))
        .join(REMOVALS, REMOVALS.c.item_id == ITEMS.c.id)
        .join(REMOVAL_EVENTS, REMOVAL_EVENTS.c.item_id == ITEMS.c.id)
        .where(
            REMOVALS.c.connection_id == connection_id,
            IN_FORCE,
            REMOVAL_EVENTS.c.state == "VERIFIED_GONE",
        )
        .distinct()
    )
    return to_frame(conn, query)


def _states(conn: Connection, item_ids: Sequence[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for start in range(0, len(item_ids), 5_000):
        part = list(item_ids[start : start + 5_000])
        query = sa.select(REMOVALS.c.item_id, REMOVALS.c.state)
        for row in conn.execute(query.where(REMOVALS.c.item_id.in_(part))):
            found[row.item_id] = row.state
    return found


def _note(conn: Connection, changes: Sequence[Mapping[str, Any]], at: datetime) -> None:
    names = ("item_id", "state", "run_id", "paths")
    if changes:
        rows = [{**{name: change[name] for name in names}, "at": at} for change in changes]
        conn.execute(sa.insert(REMOVAL_EVENTS), rows)
