"""Decide, one or many; take back; hand on; sign off (SPEC 5). The second sees the first's word."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from controls import reviewing
from storage import campaigns, review_items, review_log
from storage.campaigns import CampaignRecord
from storage.review_items import Filter, Row
from workflows.errors import NotFoundHere, RuleRefused
from workflows.guard import entry
from workflows.installation import Actor, Installation
from workflows.review_access import require_analyst
from workflows.review_drift import drift_of
from workflows.review_held import Held, note_on
from workflows.review_people import who_is_there
from workflows.review_rules import rules

LONGEST_STATEMENT = 2000


class DecidedMeanwhile(RuleRefused):
    """Somebody else has changed the item since it was shown. Nothing was overwritten."""


@dataclass(frozen=True)
class Bulk:
    """What became of a bulk decision. skipped: item id -> why, for what had changed meanwhile."""

    decided: int
    skipped: dict[int, str]


@entry
def decide(
    inst: Installation,
    item_id: int,
    decision: str,
    *,
    actor: Actor,
    note: str = "",
    version: int | None = None,
) -> None:
    """Say keep, revoke, change or not mine about one item.

    version: what the decider saw; None decides whatever was said before. Raises DecidedMeanwhile
    when it has changed since, RuleRefused when a rule says no.
    """
    row, campaign = _found(inst, item_id)
    drifts = drift_of(inst.database, campaign.connection_id, [row])
    with inst.database.write() as conn:
        held = Held.take(conn, inst, row["campaign_id"], [item_id], actor)
        current = held.rows[0]
        if held.settled_by_another(current):
            raise DecidedMeanwhile(_what_happened(conn, current), code="decided_meanwhile")
        held.check(decision, [current])
        if version is not None and current["version"] != version:
            raise DecidedMeanwhile(_what_happened(conn, current), code="decided_meanwhile")
        note = held.note(decision, note, [current])
        held.record(decision, note, [current], drifts=drifts, bulk=None)


@entry
def decide_many(
    inst: Installation,
    campaign_id: int,
    versions: Mapping[int, int | None],
    decision: str,
    *,
    actor: Actor,
    note: str = "",
    confirmed: bool = False,
) -> Bulk:
    """Say the same about many items at once, marked as bulk.

    versions: item id -> what the decider saw. Whatever somebody else changed meanwhile is skipped
    and named; where a rule says no to any, nothing is decided at all.
    """
    if not confirmed:
        raise RuleRefused(
            f"Confirm that {len(versions):,} items get the same decision.", code="unconfirmed"
        )
    if not versions:
        raise RuleRefused("Select items first.", code="nothing_selected")
    with inst.database.read() as conn:
        campaign = _campaign(conn, campaign_id)
        shown = review_items.some(conn, list(versions))
    drifts = drift_of(inst.database, campaign.connection_id, shown)
    with inst.database.write() as conn:
        held = Held.take(conn, inst, campaign_id, list(versions), actor)
        skipped, rows = {}, []
        for row in held.rows:
            seen = versions[row["id"]]
            settled = held.settled_by_another(row)
            if settled or (seen is not None and row["version"] != seen):
                ours = settled or actor.okta_user_id in held.reviewers(row)
                skipped[row["id"]] = _what_happened(conn, row) if ours else _NOT_OURS
            else:
                rows.append(row)
        held.check(decision, rows)
        if rows:
            note = held.note(decision, note, rows)
            held.record(decision, note, rows, drifts=drifts, bulk=uuid.uuid4().hex)
    return Bulk(len(rows), skipped)


@entry
def undo(inst: Installation, item_id: int, *, actor: Actor) -> None:
    """Take back one's own newest decision on an item; what stood before it counts again."""
    row, _ = _found(inst, item_id)
    with inst.database.write() as conn:
        held = Held.take(conn, inst, row["campaign_id"], [item_id], actor)
        held.take_back(held.rows[0])


@entry
def reassign(
    inst: Installation,
    campaign_id: int,
    item_ids: Sequence[int],
    to: str,
    *,
    actor: Actor,
    note: str,
) -> int:
    """Give undecided items to another reviewer, with a note. Returns how many.

    to: e-mail, login or id. Analysts may hand on anybody's, reviewers their own. All or none.
    """
    note = note.strip()
    if not note:
        raise RuleRefused("Say why these items go to somebody else.", code="note_required",
                          field="note")  # fmt: skip
    with inst.database.read() as conn:
        campaign = _campaign(conn, campaign_id)
    who = who_is_there(inst, campaign.connection_id)
    reviewer = who.person(to, field="reviewer")
    with inst.database.write() as conn:
        held = Held.take(conn, inst, campaign_id, list(item_ids), actor)
        if any(actor.okta_user_id not in held.reviewers(row) for row in held.rows):
            require_analyst(actor, "hand on somebody else's items")
        return held.hand_on(reviewer, who, note)


@entry
def sign_off(inst: Installation, campaign_id: int, *, actor: Actor, statement: str) -> None:
    """A reviewer's word that their part is done. Raises RuleRefused while items are undecided."""
    if not statement.strip():
        raise RuleRefused("Sign off with a statement.", code="no_statement", field="statement")
    now = inst.now()
    with inst.database.write() as conn:
        record = campaigns.hold(conn, campaign_id, alone=False)
        if record is None:
            raise NotFoundHere(f"Campaign {campaign_id}")
        me = actor.okta_user_id
        with rules():
            reviewing.check_open(record.state)
        total = review_items.count(conn, Filter(campaign_id, reviewer_id=me or ""))
        left = review_items.count(conn, Filter(campaign_id, reviewer_id=me or "", decided=False))
        if me is None or not total:
            raise RuleRefused("Nothing in this campaign is yours to decide.", code="not_a_reviewer")
        if left:
            raise RuleRefused(f"{left:,} of your items have no decision yet.", code="undecided")
        campaigns.add_sign_off(
            conn, campaign_id=campaign_id, reviewer_id=me, name=actor.name,
            statement=statement.strip()[:LONGEST_STATEMENT], counts={"items": total}, signed_at=now,
        )  # fmt: skip
        detail = {"items": total, "statement": statement.strip()[:LONGEST_STATEMENT]}
        note_on(conn, actor, "review.signed_off", campaign_id, detail, now)


def _found(inst: Installation, item_id: int) -> tuple[Row, CampaignRecord]:
    with inst.database.read() as conn:
        row = review_items.get(conn, item_id)
        if row is None:
            raise NotFoundHere(f"Review item {item_id}")
        return row, _campaign(conn, row["campaign_id"])


def _campaign(conn: Connection, campaign_id: int) -> CampaignRecord:
    record = campaigns.get(conn, campaign_id)
    if record is None:
        raise NotFoundHere(f"Campaign {campaign_id}")
    return record


def _what_happened(conn: Connection, row: Row) -> str:
    """What somebody else did to an item, in a sentence."""
    history = review_log.decisions_of(conn, row["id"])
    if not history:
        return f"{row['person']}, {row['resource']}: it was given to another reviewer meanwhile."
    last = history[-1]
    what = _DONE.get(last["decision"], last["decision"])
    note = f" ({last['note']})" if last["note"] else ""
    return (
        f"{row['person']}, {row['resource']}: {last['decided_by_name']} has meanwhile {what} it at "
        f"{last['decided_at']:%H:%M} UTC{note}. Your decision was not recorded; look again."
    )


_NOT_OURS = "It is another reviewer's by now."
_DONE = {
    "KEEP": "kept",
    "REVOKE": "revoked",
    "CHANGE": "asked to change",
    "NOT_MINE": "handed on",
    "UNDO": "taken back a decision on",
}
