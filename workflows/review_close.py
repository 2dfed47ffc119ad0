"""Close or cancel a review campaign, or let it repeat no more (SPEC 5)."""

from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from controls import reviewing
from controls.reviewing import CANCELLED, CLOSED, REVOKE
from storage import campaigns, removals, review_items, review_log
from storage.campaigns import CampaignRecord
from storage.review_items import Filter
from workflows.connect import required_reason
from workflows.guard import entry
from workflows.installation import Actor, Installation
from workflows.judge import judge_newest
from workflows.review_access import require_analyst
from workflows.review_held import REMOVAL_DAYS, decision_row, note_on, state_row
from workflows.review_rules import rules
from workflows.reviews import CampaignView, campaign, held


@entry
def close(
    inst: Installation,
    campaign_id: int,
    *,
    actor: Actor,
    rest: str | None = None,
    reason: str = "",
) -> CampaignView:
    """End a campaign; its decisions are final then.

    rest: what undecided items become, "revoke" or "no_decision", with the reason; without it every
    item must be decided. What could not be read needs a reason too. Raises RuleRefused otherwise.
    """
    require_analyst(actor, "close a campaign")
    now = inst.now()
    with inst.database.write() as conn:
        record = held(conn, campaign_id)
        left = review_items.count(conn, Filter(campaign_id, decided=False))
        with rules():
            reviewing.check_transition(record.state, CLOSED)
            reviewing.check_closing(left, rest, reason, unread=len(record.unread or []))
        if left and rest == "revoke":
            _revoke_rest(inst, conn, record, by=actor, reason=reason.strip(), at=now)
        closing = {"left": left, "rest": rest if left else None, "reason": reason.strip(),
                   "not_reviewed": record.unread or []}  # fmt: skip
        campaigns.update(
            conn, campaign_id, state=CLOSED, closed_by=actor.name, closed_at=now, closing=closing
        )
        note_on(conn, actor, "review.closed", campaign_id, closing, now)
    judge_newest(inst, record.connection_id)
    return campaign(inst, campaign_id, actor=actor)


@entry
def cancel(
    inst: Installation,
    campaign_id: int,
    *,
    actor: Actor,
    reason: str,
    revokes: str | None = None,
) -> CampaignView:
    """Give a campaign up. Every decision stays on record.

    revokes: what becomes of those that were made: they "stand", and syncs go on showing whether
    the access has gone; or "withdraw", and nothing is expected of them any more. Raises RuleRefused
    where there are some and it is not said.
    """
    require_analyst(actor, "cancel a campaign")
    reason = required_reason(reason)
    now = inst.now()
    with inst.database.write() as conn:
        record = held(conn, campaign_id)
        revoked = review_items.ids(conn, Filter(campaign_id, states=(reviewing.REVOKE,)))
        with rules():
            reviewing.check_transition(record.state, CANCELLED)
            reviewing.check_cancelling(len(revoked), revokes)
        if revokes == "withdraw":
            removals.withdraw(conn, revoked, at=now)
        closing = {"reason": reason, "revoked": len(revoked),
                   "revokes": revokes if revoked else None}  # fmt: skip
        campaigns.update(
            conn, campaign_id, state=CANCELLED, closed_by=actor.name, closed_at=now,
            closing=closing,
        )  # fmt: skip
        note_on(conn, actor, "review.cancelled", campaign_id, closing, now)
    judge_newest(inst, record.connection_id)
    return campaign(inst, campaign_id, actor=actor)


@entry
def stop_repeating(inst: Installation, campaign_id: int, *, actor: Actor) -> None:
    """Let no campaign follow this one by itself."""
    require_analyst(actor, "change a campaign")
    with inst.database.write() as conn:
        held(conn, campaign_id)
        campaigns.update(conn, campaign_id, repeat_months=None, repeat_problem=None)
        note_on(conn, actor, "review.repeat_stopped", campaign_id, {}, inst.now())


def _revoke_rest(
    inst: Installation,
    conn: Connection,
    record: CampaignRecord,
    *,
    by: Actor,
    reason: str,
    at: datetime,
) -> None:
    """At the closing: what is undecided becomes revoked, by the campaign and not by a reviewer."""
    left = review_items.ids(conn, Filter(record.id, decided=False))
    rows = review_items.hold(conn, left)
    said = [
        decision_row(row, REVOKE, reason, at, actor=by.id, bulk="closing", drift="", by=None,
                  by_name=f"Closing of the campaign by {by.name}")
        for row in rows
    ]  # fmt: skip
    ids = review_log.add_decisions(conn, said)
    review_items.set_states(
        conn,
        [
            state_row(row, REVOKE, decision_id, at, reviewer=row["reviewer_id"])
            for row, decision_id in zip(rows, ids, strict=True)
        ],
    )
    removals.expect(
        conn, left, campaign_id=record.id, connection_id=record.connection_id, at=at,
        due_on=inst.day(at) + timedelta(days=REMOVAL_DAYS),
    )  # fmt: skip
