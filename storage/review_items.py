"""The items of a campaign: frozen once, listed a page at a time, with where each stands."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage.bulk import insert_rows
from storage.frames import to_frame
from storage.review_shares import BY_REVIEWER, MOST_IDS, REVIEWER, UNDECIDED, is_with
from storage.review_tables import CAMPAIGNS, DECISIONS, ITEMS, STATES

Row = dict[str, Any]
# Rows made at once, so that a freeze of any size stays small in memory.
CHUNK = 10_000
# "routed_to" is the reviewer of the freeze; "reviewer_id" whose it is now.
_SHOWN = [
    *(c.label("routed_to") if c.name == "reviewer_id" else c for c in ITEMS.columns),
    *(STATES.c[n] for n in ("reviewer_id", "state", "decision_id", "decided_at", "version")),
    DECISIONS.c.note,
    DECISIONS.c.decided_by_name,
    DECISIONS.c.bulk,
    DECISIONS.c.drift,
]
_FROM = ITEMS.join(STATES, STATES.c.item_id == ITEMS.c.id).outerjoin(
    DECISIONS, DECISIONS.c.id == STATES.c.decision_id
)


@dataclass(frozen=True)
class Filter:
    """Which items. None or empty means all. search: part of a name, address or resource.

    reviewer_id: whose they are to decide, alone or shared, or who decided them.
    """

    campaign_id: int
    reviewer_id: str | None = None
    unassigned: bool = False
    decided: bool | None = None
    states: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    signals: tuple[str, ...] = ()
    signalled: bool | None = None
    user_id: str | None = None
    new: bool = False
    privileged: bool = False
    search: str = ""

    def condition(self) -> sa.ColumnElement[bool]:
        """The filter as SQL."""
        said = [ITEMS.c.campaign_id == self.campaign_id, STATES.c.campaign_id == self.campaign_id]
        if self.reviewer_id is not None:
            said.append(is_with(self.campaign_id, self.reviewer_id))
        if self.unassigned:
            said.append(STATES.c.reviewer_id.is_(None))
        if self.decided is not None:
            inside = STATES.c.state.in_(UNDECIDED)
            said.append(~inside if self.decided else inside)
        for column, values in (
            (STATES.c.state, self.states),
            (ITEMS.c.kind, self.kinds),
            (ITEMS.c.resource_id, self.resources),
            (ITEMS.c.department, self.departments),
        ):
            if values:
                said.append(column.in_(values))
        if self.signals:
            joined = "," + ITEMS.c.signals + ","
            said.append(sa.or_(*(joined.contains(f",{s},", autoescape=True) for s in self.signals)))
        if self.signalled is not None:
            said.append((ITEMS.c.signals != "") == self.signalled)
        if self.user_id is not None:
            said.append(ITEMS.c.user_id == self.user_id)
        if self.new:
            said.append(ITEMS.c.is_new.is_(True))
        if self.privileged:
            said.append(ITEMS.c.privileged.is_(True))
        if self.search:
            columns = (ITEMS.c.person, ITEMS.c.email, ITEMS.c.resource)
            said.append(sa.or_(*(c.icontains(self.search, autoescape=True) for c in columns)))
        return sa.and_(*said)


ORDERS: dict[str, tuple[sa.ColumnElement[Any], ...]] = {
    "person": (ITEMS.c.person, ITEMS.c.user_id, ITEMS.c.kind, ITEMS.c.resource, ITEMS.c.id),
    "resource": (
        ITEMS.c.kind, ITEMS.c.resource, ITEMS.c.resource_id, ITEMS.c.person, ITEMS.c.id,
    ),
}  # fmt: skip


def freeze(conn: Connection, campaign_id: int, rows: Iterable[Mapping[str, Any]]) -> None:
    """Keep a campaign's items for ever, each pending with the reviewer it was routed to."""
    chunk: list[Mapping[str, Any]] = []
    for row in rows:
        chunk.append({"campaign_id": campaign_id, **row})
        if len(chunk) == CHUNK:
            insert_rows(conn, ITEMS, chunk)
            chunk = []
    insert_rows(conn, ITEMS, chunk)
    columns = ["item_id", "campaign_id", "user_id", "reviewer_id", "state", "version"]
    pending = sa.select(
        ITEMS.c.id, ITEMS.c.campaign_id, ITEMS.c.user_id, ITEMS.c.reviewer_id,
        sa.literal("PENDING"), sa.literal(0),
    ).where(ITEMS.c.campaign_id == campaign_id)  # fmt: skip
    conn.execute(sa.insert(STATES).from_select(columns, pending))


def page(
    conn: Connection, wanted: Filter, *, order: str = "person", limit: int | None, offset: int = 0
) -> list[Row]:
    """Items with where they stand. order: "person" or "resource"."""
    query = sa.select(*_SHOWN).select_from(_FROM).where(wanted.condition())
    query = query.order_by(*ORDERS[order]).limit(limit).offset(offset)
    return [dict(row) for row in conn.execute(query).mappings()]


def count(conn: Connection, wanted: Filter) -> int:
    """How many items."""
    query = sa.select(sa.func.count()).select_from(
        ITEMS.join(STATES, STATES.c.item_id == ITEMS.c.id)
    )
    return int(conn.execute(query.where(wanted.condition())).scalar_one())


def by_state(conn: Connection, campaign_id: int, reviewer_id: str | None = None) -> dict[str, int]:
    """How many items, of all or of one reviewer, stand where: state -> items."""
    query = sa.select(STATES.c.state, sa.func.count()).group_by(STATES.c.state)
    query = query.where(STATES.c.campaign_id == campaign_id)
    if reviewer_id is not None:
        query = query.where(is_with(campaign_id, reviewer_id))
    return {state: int(number) for state, number in conn.execute(query)}


def signals_left(conn: Connection, campaign_id: int) -> dict[str | None, int]:
    """How many undecided items with a signal each reviewer has; None: those of nobody."""
    wanted = Filter(campaign_id, decided=False, signalled=True)
    query = sa.select(REVIEWER, sa.func.count()).group_by(REVIEWER)
    query = query.select_from(BY_REVIEWER.join(ITEMS, STATES.c.item_id == ITEMS.c.id))
    rows = conn.execute(query.where(wanted.condition()))
    return {reviewer_id: int(number) for reviewer_id, number in rows}


def ids(conn: Connection, wanted: Filter) -> list[int]:
    """The ids of items."""
    return list(versions(conn, wanted))


def versions(conn: Connection, wanted: Filter) -> dict[int, int]:
    """id -> version of items, for what is done to all of them."""
    query = sa.select(ITEMS.c.id, STATES.c.version).select_from(
        ITEMS.join(STATES, STATES.c.item_id == ITEMS.c.id)
    )
    rows = conn.execute(query.where(wanted.condition()).order_by(ITEMS.c.id))
    return {row.id: row.version for row in rows}


def get(conn: Connection, item_id: int) -> Row | None:
    """One item with where it stands."""
    query = sa.select(*_SHOWN).select_from(_FROM).where(ITEMS.c.id == item_id)
    row = conn.execute(query).mappings().first()
    return None if row is None else dict(row)


def some(conn: Connection, item_ids: Sequence[int]) -> list[Row]:
    """Items by id, with where they stand; those that do not exist are left out."""
    wanted, found = sorted(set(item_ids)), []
    for start in range(0, len(wanted), MOST_IDS):
        query = sa.select(*_SHOWN).select_from(_FROM)
        query = query.where(ITEMS.c.id.in_(wanted[start : start + MOST_IDS])).order_by(ITEMS.c.id)
        found += [dict(row) for row in conn.execute(query).mappings()]
    return found


def hold(conn: Connection, item_ids: Sequence[int]) -> list[Row]:
    """Items with where they stand now, and nobody may change that until this transaction ends."""
    wanted = sorted(set(item_ids))
    if conn.dialect.name == "postgresql":
        for start in range(0, len(wanted), MOST_IDS):
            # Always in the order of their ids, so that two who hold many cannot block each other.
            part = STATES.c.item_id.in_(wanted[start : start + MOST_IDS])
            locking = sa.select(STATES.c.item_id).where(part).order_by(STATES.c.item_id)
            conn.execute(locking.with_for_update())
    return some(conn, wanted)


def set_states(conn: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write where held items stand: item_id, reviewer_id, state, decision_id, decided_at."""
    if not rows:
        return
    names = ("reviewer_id", "state", "decision_id", "decided_at")
    values: dict[str, Any] = {name: sa.bindparam(f"new_{name}") for name in names}
    query = sa.update(STATES).where(STATES.c.item_id == sa.bindparam("this_item"))
    conn.execute(
        query.values(**values, version=STATES.c.version + 1),
        [
            {"this_item": row["item_id"], **{f"new_{name}": row[name] for name in names}}
            for row in rows
        ],
    )


def progress(conn: Connection, campaign_id: int, *, by: str) -> pd.DataFrame:
    """Counts by "reviewer", "resource", "department" or "all": id, label, items, decided, ….

    Columns: id, label, items, decided, keep, revoke, change, not_mine. What several share counts
    for each of them.
    """
    columns: dict[str, tuple[sa.ColumnElement[Any], sa.ColumnElement[Any]]] = {
        "reviewer": (REVIEWER, REVIEWER),
        "resource": (ITEMS.c.kind + ":" + ITEMS.c.resource_id, ITEMS.c.resource),
        "department": (ITEMS.c.department, ITEMS.c.department),
        "all": (STATES.c.campaign_id, STATES.c.campaign_id),
    }
    key, label = columns[by]

    def counted(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[Any]:
        return sa.func.sum(sa.case((condition, 1), else_=0))

    query = (
        sa.select(
            key.label("id"),
            sa.func.max(label).label("label"),
            sa.func.count().label("items"),
            counted(~STATES.c.state.in_(UNDECIDED)).label("decided"),
            *(
                counted(STATES.c.state == state).label(state.lower())
                for state in ("KEEP", "REVOKE", "CHANGE", "NOT_MINE")
            ),
        )
        .where(STATES.c.campaign_id == campaign_id)
        .group_by(key)
    )
    if by == "reviewer":
        query = query.select_from(BY_REVIEWER)
    # Where an item stands is enough to count reviewers; the rest needs the items too.
    if by in {"resource", "department"}:
        query = query.select_from(ITEMS.join(STATES, STATES.c.item_id == ITEMS.c.id))
    with_counts = to_frame(conn, query)
    for name in ("items", "decided", "keep", "revoke", "change", "not_mine"):
        with_counts[name] = with_counts[name].astype(int)
    return with_counts.sort_values("items", ascending=False, ignore_index=True)


def keys(conn: Connection, campaign_id: int) -> pd.DataFrame:
    """What a campaign looked at: id, user_id, kind, resource_id, with names, paths and state."""
    names = ("id", "user_id", "kind", "resource_id", "person", "resource", "paths")
    query = (
        sa.select(*(ITEMS.c[name] for name in names), STATES.c.state)
        .join(STATES, STATES.c.item_id == ITEMS.c.id)
        .where(ITEMS.c.campaign_id == campaign_id)
    )
    return to_frame(conn, query)


def past_decisions(conn: Connection, connection_id: int) -> pd.DataFrame:
    """For each access that a closed campaign decided on, the newest decision and who made it."""
    newest = (
        sa.select(sa.func.max(ITEMS.c.id).label("id"))
        .join(STATES, STATES.c.item_id == ITEMS.c.id)
        .join(CAMPAIGNS, CAMPAIGNS.c.id == ITEMS.c.campaign_id)
        .where(
            CAMPAIGNS.c.connection_id == connection_id,
            CAMPAIGNS.c.state == "CLOSED",
            STATES.c.decision_id.is_not(None),
            ~STATES.c.state.in_(UNDECIDED),
        )
        .group_by(ITEMS.c.user_id, ITEMS.c.kind, ITEMS.c.resource_id)
        .subquery()
    )
    names = ("user_id", "kind", "resource_id", "campaign_id")
    query = (
        sa.select(
            *(ITEMS.c[name] for name in names),
            STATES.c.state,
            STATES.c.decided_at,
            DECISIONS.c.decided_by_name,
            DECISIONS.c.note,
            CAMPAIGNS.c.name.label("campaign"),
        )
        .select_from(_FROM.join(CAMPAIGNS, CAMPAIGNS.c.id == ITEMS.c.campaign_id))
        .join(newest, newest.c.id == ITEMS.c.id)
    )
    return to_frame(conn, query)


def coverage(conn: Connection, campaign_ids: Sequence[int]) -> pd.DataFrame:
    """What campaigns came to on each application: campaign_id, app_id, items, undecided."""
    undecided = sa.func.sum(sa.case((STATES.c.state.in_(UNDECIDED), 1), else_=0))
    query = (
        sa.select(
            ITEMS.c.campaign_id,
            ITEMS.c.resource_id.label("app_id"),
            sa.func.count().label("items"),
            undecided.label("undecided"),
        )
        .join(STATES, STATES.c.item_id == ITEMS.c.id)
        .where(ITEMS.c.campaign_id.in_(campaign_ids), ITEMS.c.kind == "app")
        .group_by(ITEMS.c.campaign_id, ITEMS.c.resource_id)
    )
    return to_frame(conn, query)


def choices(conn: Connection, wanted: Filter) -> pd.DataFrame:
    """What items can be filtered by: each kind, resource and department that there is."""
    names = ("kind", "resource_id", "resource", "department")
    query = (
        sa.select(*(ITEMS.c[name] for name in names))
        .join(STATES, STATES.c.item_id == ITEMS.c.id)
        .where(wanted.condition())
        .distinct()
    )
    return to_frame(conn, query)
