"""Items that one transaction holds while it decides on them, and what a decision changes.

Deciding shares the campaign with other deciders and holds the items alone; closing takes the
campaign alone. So nothing is decided in a closed campaign, and no decision is overwritten unseen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.engine import Connection

from controls import reviewing
from controls.reviewing import NOT_MINE, PENDING, REVOKE, UNDO, Routing
from storage import audit_log, campaigns, removals, review_items, review_log, review_shares
from storage.campaigns import CampaignRecord
from storage.review_items import Row
from workflows.errors import NotFoundHere, RuleRefused
from workflows.installation import Actor, Installation
from workflows.review_people import Who, who_is_there
from workflows.review_rules import rules

# SPEC 4 asks for a term; a week is what most policies say.
REMOVAL_DAYS = 7


@dataclass
class Held:
    """Items that this transaction holds, and the campaign that it shares with other deciders."""

    conn: Connection
    inst: Installation
    campaign: CampaignRecord
    rows: list[Row]
    # Item id -> who shares it with its reviewer.
    sharers: dict[int, list[str]]
    actor: Actor
    now: datetime

    @classmethod
    def take(
        cls,
        conn: Connection,
        inst: Installation,
        campaign_id: int,
        item_ids: Sequence[int],
        actor: Actor,
    ) -> "Held":
        """Wait for whoever holds them, and read them as they are then. Refuses unless active."""
        record = campaigns.hold(conn, campaign_id, alone=False)
        if record is None:
            raise NotFoundHere(f"Campaign {campaign_id}")
        rows = review_items.hold(conn, item_ids)
        if len(rows) != len(set(item_ids)) or any(r["campaign_id"] != campaign_id for r in rows):
            raise NotFoundHere("One of these items")
        with rules():
            reviewing.check_open(record.state)
        sharers = review_shares.sharers(conn, [row["id"] for row in rows])
        return cls(conn, inst, record, rows, sharers, actor, inst.now())

    def reviewers(self, row: Row) -> set[str | None]:
        """With whom an item stands, and while it is undecided whoever shares it."""
        sharers = self.sharers.get(row["id"], ())
        return reviewing.reviewers_of(row["state"], row["reviewer_id"], sharers)

    def settled_by_another(self, row: Row) -> bool:
        """True when another of those who share an item has decided it: the first settles it."""
        me = self.actor.okta_user_id
        return me in self.sharers.get(row["id"], ()) and me not in self.reviewers(row)

    def check(self, decision: str, rows: Sequence[Row]) -> None:
        """Raises RuleRefused unless the actor may decide so on all of them."""
        with rules():
            for row in rows:
                reviewing.check_decision(
                    decision,
                    campaign_state=self.campaign.state,
                    subject=row["user_id"],
                    reviewers=self.reviewers(row),
                    actor=self.actor.okta_user_id,
                    fallback=self.campaign.fallback_id,
                )

    def note(self, decision: str, note: str, rows: Sequence[Row]) -> str:
        """The note, trimmed. Raises RuleRefused where one is required."""
        privileged = any(row["privileged"] for row in rows)
        with rules():
            return reviewing.checked_note(decision, note, privileged=privileged)

    def record(
        self,
        decision: str,
        note: str,
        rows: Sequence[Row],
        *,
        drifts: Mapping[int, str],
        bulk: str | None,
    ) -> None:
        """Append the decision and let it count."""
        said = [
            decision_row(
                row, decision, note, self.now, actor=self.actor.id, bulk=bulk,
                drift=drifts.get(row["id"], ""), by=self.actor.okta_user_id,
                by_name=self.actor.name,
            )
            for row in rows
        ]  # fmt: skip
        ids = review_log.add_decisions(self.conn, said)
        me = self.actor.okta_user_id or ""
        reviewers: dict[int, str | None] = dict.fromkeys((row["id"] for row in rows), me)
        if decision == NOT_MINE:
            who = who_is_there(self.inst, self.campaign.connection_id)
            reviewers = self._away_from(me, rows, who, why="not_mine", note=note)
        review_items.set_states(
            self.conn,
            [
                state_row(row, decision, decision_id, self.now, reviewer=reviewers[row["id"]])
                for row, decision_id in zip(rows, ids, strict=True)
            ],
        )
        self._expect(rows, decision)
        what = "review.decided_in_bulk" if bulk else "review.decided"
        detail = {"decision": decision, "items": [row["id"] for row in rows], "note": note}
        self._audit(what, detail)

    def take_back(self, row: Row) -> None:
        """Undo the newest decision, if it is the actor's."""
        history = review_log.decisions_of(self.conn, row["id"])
        said = [reviewing.Said(d["id"], d["decision"], d["takes_back"]) for d in history]
        last = reviewing.in_force(said)
        by_id = {d["id"]: d for d in history}
        me = self.actor.okta_user_id
        if last is None or row["decision_id"] != last.id or by_id[last.id]["decided_by"] != me:
            raise RuleRefused(
                "There is no decision of yours on this item to take back.", code="nothing_to_undo"
            )
        undone = decision_row(row, UNDO, "", self.now, actor=self.actor.id, bulk=None, drift="",
                           by=me, by_name=self.actor.name)  # fmt: skip
        (undo_id,) = review_log.add_decisions(self.conn, [{**undone, "takes_back": last.id}])
        before = reviewing.in_force([*said, reviewing.Said(undo_id, UNDO, last.id)])
        state = before.decision if before else PENDING
        reviewer = me if last.decision == NOT_MINE else row["reviewer_id"]
        if reviewer != row["reviewer_id"]:
            self._assigned([row], {row["id"]: reviewer}, "undone", "Taken back.")
        if last.decision == NOT_MINE and me is not None and self.sharers.get(row["id"]):
            review_shares.add(self.conn, row, me)
        at = by_id[before.id]["decided_at"] if before else None
        review_items.set_states(
            self.conn, [state_row(row, state, before.id if before else None, at, reviewer=reviewer)]
        )
        self._expect([row], state)
        self._audit("review.undone", {"item": row["id"], "decision": last.decision})

    def hand_on(self, reviewer: str, who: Who, note: str) -> int:
        """Give the undecided of these items to somebody. Returns how many."""
        rows = [row for row in self.rows if not reviewing.is_decided(row["state"])]
        if not rows:
            raise RuleRefused("All of them are decided already.", code="decided")
        with rules():
            reviewing.check_reviewer(reviewer, {row["user_id"] for row in rows}, who.can_review)
        self._know(reviewer, who)
        to = {row["id"]: reviewer for row in rows}
        review_shares.drop(self.conn, [*to])
        self._assigned(rows, to, "reassigned", note)
        review_items.set_states(
            self.conn, [state_row(row, PENDING, None, None, reviewer=reviewer) for row in rows]
        )
        detail = {"items": [row["id"] for row in rows], "to": reviewer, "note": note}
        self._audit("review.reassigned", detail)
        return len(rows)

    def without(self, reviewer: str, who: Who) -> None:
        """Let what a reviewer who has left had to decide go on without them, undecided as it is."""
        rows = [row for row in self.rows if not reviewing.is_decided(row["state"])]
        said = f"{who.names.get(reviewer, reviewer)} has left."
        to = self._away_from(reviewer, rows, who, why="left", note=said)
        review_items.set_states(
            self.conn,
            [
                state_row(row, row["state"], row["decision_id"], row["decided_at"],
                          reviewer=to[row["id"]])
                for row in rows
            ],
        )  # fmt: skip
        detail = {"reviewer": reviewer, "items": [row["id"] for row in rows]}
        self._audit("review.reviewer_left", detail)

    def _away_from(
        self, reviewer: str, rows: Sequence[Row], who: Who, *, why: str, note: str
    ) -> dict[int, str | None]:
        """With whom items stand that are not to be this reviewer's any more.

        With another who shares them, else with the fallback, else with the fallback's manager.
        """
        routing = Routing(
            strategy=self.campaign.strategy, fallback=self.campaign.fallback_id,
            can_review=who.can_review, managers=who.managers, names=who.names,
        )  # fmt: skip
        routes: dict[int, str | None] = {}
        for row in rows:
            sharing = [
                s for s in self.sharers.get(row["id"], ()) if s in who.can_review - {reviewer}
            ]
            if row["reviewer_id"] in sharing:
                routes[row["id"]] = row["reviewer_id"]
            elif sharing:
                routes[row["id"]] = sharing[0]
            else:
                routes[row["id"]] = routing.to_fallback(
                    row["user_id"], "", leaving_out={reviewer}
                ).reviewer
        review_shares.drop(self.conn, [*routes], reviewer)
        for other in sorted({r for r in routes.values() if r is not None}):
            self._know(other, who)
        self._assigned([r for r in rows if routes[r["id"]] != r["reviewer_id"]], routes, why, note)
        return routes

    def _know(self, reviewer: str, who: Who) -> None:
        known = {"name": who.names.get(reviewer, reviewer), "email": who.emails.get(reviewer)}
        row = {"campaign_id": self.campaign.id, "user_id": reviewer, **known}
        campaigns.add_reviewers(self.conn, [row])

    def _assigned(
        self, rows: Sequence[Row], to: Mapping[int, str | None], why: str, note: str
    ) -> None:
        review_log.add_assignments(
            self.conn,
            [
                {
                    "item_id": row["id"],
                    "campaign_id": self.campaign.id,
                    "from_id": row["reviewer_id"],
                    "to_id": to[row["id"]],
                    "why": why,
                    "note": note,
                    "assigned_by": self.actor.id,
                    "assigned_by_name": self.actor.name,
                    "assigned_at": self.now,
                }
                for row in rows
            ],
        )

    def _expect(self, rows: Sequence[Row], state: str) -> None:
        ids = [row["id"] for row in rows]
        if state != REVOKE:
            removals.withdraw(self.conn, ids, at=self.now)
            return
        removals.expect(
            self.conn, ids, campaign_id=self.campaign.id,
            connection_id=self.campaign.connection_id, at=self.now,
            due_on=self.inst.day(self.now) + timedelta(days=REMOVAL_DAYS),
        )  # fmt: skip

    def _audit(self, action: str, detail: dict[str, Any]) -> None:
        note_on(self.conn, self.actor, action, self.campaign.id, detail, self.now)


def decision_row(
    row: Row,
    decision: str,
    note: str,
    at: datetime,
    *,
    actor: str,
    by: str | None,
    by_name: str,
    bulk: str | None,
    drift: str,
) -> Row:
    """A decision about an item, as the store appends it. by None: no person decided."""
    return {
        "item_id": row["id"],
        "campaign_id": row["campaign_id"],
        "user_id": row["user_id"],
        "decision": decision,
        "note": note,
        "takes_back": None,
        "reviewer_id": row["reviewer_id"],
        "decided_by": by,
        "decided_by_name": by_name,
        "actor": actor,
        "decided_at": at,
        "bulk": bulk,
        "drift": drift,
    }


def state_row(
    row: Row, state: str, decision_id: int | None, at: datetime | None, *, reviewer: str | None
) -> Row:
    """Where an item stands now, as the store writes it."""
    return {
        "item_id": row["id"],
        "reviewer_id": reviewer,
        "state": state,
        "decision_id": decision_id,
        "decided_at": at,
    }


def note_on(
    conn: Connection, actor: Actor, action: str, campaign_id: int, detail: Any, at: datetime
) -> None:
    """Put what happened to a campaign into the audit log."""
    subject = f"campaign:{campaign_id}"
    audit_log.append(conn, actor=actor.id, action=action, subject=subject, detail=detail, at=at)
