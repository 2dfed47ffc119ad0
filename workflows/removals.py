"""What became of revokes: checked at every publish, with the run that proves each (SPEC 5)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pandas as pd

from controls.removing import STATES, VERIFIED_GONE, verdict
from storage import audit_log
from storage import removals as store
from storage.database import dumps
from storage.removals import RemovalFilter
from storage.runs import RunRecord
from workflows.errors import RuleRefused
from workflows.guard import entry
from workflows.installation import Actor, Installation
from workflows.review_access import require_analyst, require_reader
from workflows.review_drift import frozen_ways, known_ways

__all__ = ["STATES", "Removals"]
STATE_WORDS = {
    "OPEN": "Open",
    "VERIFIED_GONE": "Verified gone",
    "STILL_PRESENT": "Still present",
    "STILL_EFFECTIVE": "Still effective",
    "CAME_BACK": "Came back",
    "COULD_NOT_TELL": "Could not tell",
}
LONGEST_TICKET = 200


@dataclass(frozen=True)
class Removals:
    """A page of removals. counts: by state, over all that fit but for the chosen states."""

    frame: pd.DataFrame
    total: int
    counts: dict[str, int]
    overdue: int


def check_published(inst: Installation, run: RunRecord, at: datetime) -> dict[str, list[int]]:
    """Say of every revoke whether its access has gone, as this run shows.

    inst: as the publishing transaction sees it. A list that the run did not read whole proves
    nothing, whatever stands of it from before. Returns the items that changed, by state.
    """
    with inst.database.write() as conn:
        rows = store.to_check(conn, run.connection_id)
        if not rows:
            return {}
        changes: list[dict[str, Any]] = []
        told: list[int] = []
        for row, ways in zip(rows, known_ways(inst.database, run, rows), strict=True):
            state = verdict(row["state"], frozen_ways(row["paths"]), ways)
            if ways is not None:
                told.append(row["item_id"])
            if state != row["state"]:
                changed = {"item_id": row["item_id"], "state": state, "run_id": run.id}
                changes.append({**changed, "paths": dumps(sorted(ways or ()))})
        store.settle(conn, changes, at=at)
        store.checked(conn, told, run.id)
    by_state = {s: [c["item_id"] for c in changes if c["state"] == s] for s in STATES}
    return {state: ids for state, ids in by_state.items() if ids}


def note_checked(
    inst: Installation, run: RunRecord, told: dict[str, list[int]], at: datetime
) -> None:
    """Put into the audit log what a run showed of revokes.

    Last of all that a publish does: whoever else writes to the log waits from then on.
    """
    if told:
        with inst.database.write() as conn:
            audit_log.append(
                conn, actor="system:sync", action="review.removals_checked",
                subject=f"run:{run.id}", detail=told, at=at,
            )  # fmt: skip


@entry
def removals(
    inst: Installation,
    connection_id: int,
    *,
    actor: Actor,
    campaign_id: int | None = None,
    item_ids: Collection[int] | None = None,
    states: Collection[str] = (),
    overdue: bool = False,
    search: str = "",
    limit: int | None = None,
    offset: int = 0,
) -> Removals:
    """Revokes and what became of them; what is wrong longest comes first."""
    require_reader(actor, "removals")
    today = inst.today()
    wanted = RemovalFilter(
        connection_id, campaign_id=campaign_id, states=tuple(states), search=search,
        late_on=today if overdue else None,
        item_ids=None if item_ids is None else tuple(item_ids),
    )  # fmt: skip
    everything = RemovalFilter(connection_id, campaign_id=campaign_id)
    late = RemovalFilter(connection_id, campaign_id=campaign_id, late_on=today)
    with inst.database.read() as conn:
        found = store.page(conn, wanted, limit=limit, offset=offset)
        counts = store.counts(conn, everything)
        return Removals(
            frame=_with_lateness(found, today),
            total=sum(store.counts(conn, wanted).values()),
            counts={state: counts.get(state, 0) for state in STATES},
            overdue=sum(store.counts(conn, late).values()),
        )


@entry
def removal_events(inst: Installation, item_id: int, *, actor: Actor) -> list[dict[str, Any]]:
    """What became of one revoke, oldest first, each with the run that shows it."""
    require_reader(actor, "removals")
    with inst.database.read() as conn:
        return store.events(conn, item_id)


@entry
def set_ticket(
    inst: Installation, connection_id: int, item_ids: Sequence[int], ticket: str, *, actor: Actor
) -> int:
    """Note a ticket on removals. Returns how many."""
    require_analyst(actor, "note a ticket")
    ticket = ticket.strip()
    if not ticket or len(ticket) > LONGEST_TICKET:
        raise RuleRefused(
            f"Give a ticket reference of at most {LONGEST_TICKET} characters.",
            code="bad_ticket",
            field="ticket",
        )
    now = inst.now()
    with inst.database.write() as conn:
        ours = RemovalFilter(connection_id, item_ids=tuple(item_ids))
        ids = [int(i) for i in store.page(conn, ours)["item_id"]]
        if not ids or len(ids) != len(set(item_ids)):
            raise RuleRefused("Select removals that are in the list.", code="nothing_selected")
        store.set_ticket(conn, ids, ticket)
        audit_log.append(
            conn, actor=actor.id, action="review.ticket_noted",
            subject=f"connection:{connection_id}", detail={"items": ids, "ticket": ticket}, at=now,
        )  # fmt: skip
    return len(ids)


def as_json(row: dict[str, Any]) -> dict[str, Any]:
    """The document that `cli.py reviews removals --json` lists."""

    def number(value: Any) -> int | None:
        return None if pd.isna(value) else int(value)

    return {
        "item": int(row["item_id"]),
        "campaign": int(row["campaign_id"]),
        "person": {"okta_user_id": row["user_id"], "email": row["email"], "name": row["person"]},
        "resource": {
            "kind": row["kind"], "okta_id": row["resource_id"], "label": row["resource"],
        },
        "state": row["state"],
        "run_id": number(row["run_id"]),
        "checked_run_id": number(row["checked_run_id"]),
        "due_on": str(row["due_on"]),
        "overdue": bool(row["overdue"]),
        "ticket": row["ticket"],
    }  # fmt: skip


def export(found: Removals) -> pd.DataFrame:
    """Removals as a file has them: words and days, no ids of ours but the item's."""
    frame = found.frame
    return pd.DataFrame(
        {
            "Item": frame["item_id"],
            "Person": frame["person"],
            "E-mail": frame["email"],
            "Okta user id": frame["user_id"],
            "Kind": frame["kind"],
            "Access": frame["resource"],
            "Okta id": frame["resource_id"],
            "State": frame["state"].map(STATE_WORDS),
            "Shown by run": frame["run_id"].astype("Int64"),
            "Since": frame["since"].dt.strftime("%Y-%m-%d %H:%M UTC"),
            "Last checked by run": frame["checked_run_id"].astype("Int64"),
            "Requested": frame["requested_at"].dt.strftime("%Y-%m-%d %H:%M UTC"),
            "Due": frame["due_on"].astype(str),
            "Overdue": frame["overdue"].map({True: "yes", False: "no"}),
            "Ticket": frame["ticket"],
            "Campaign": frame["campaign"],
            "Revoked by": frame["decided_by_name"],
            "Note": frame["note"],
        }
    )


def _with_lateness(frame: pd.DataFrame, today: date) -> pd.DataFrame:
    late = pd.Series([day < today for day in frame["due_on"]], index=frame.index, dtype=bool)
    return frame.assign(overdue=late & (frame["state"] != VERIFIED_GONE))
