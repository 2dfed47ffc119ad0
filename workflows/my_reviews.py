"""What waits for one reviewer: their part of every open campaign, and what it will change."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from controls.review_signals import SIGNALS
from controls.reviewing import ACTIVE, CHANGE, NOT_MINE, PENDING, REVOKE
from storage import campaigns, review_items, review_log
from storage.campaigns import CampaignRecord
from storage.review_items import Filter
from workflows.guard import entry
from workflows.installation import Actor, Installation
from workflows.review_list import ItemView, items

__all__ = ["SIGNALS", "MyReview", "changing", "my_reviews"]
# What reviewers are asked about at their signature: more than this is a file, not a table.
MOST_CHANGING = 500


@dataclass(frozen=True)
class MyReview:
    """One reviewer's part of an open campaign, or the whole of it.

    states: state -> items. signals: undecided items with a signal. people: who they are about.
    signed_at: None until signed, and again when something has changed since.
    """

    record: CampaignRecord
    states: Mapping[str, int]
    signals: int
    signed_at: datetime | None
    today: date = field(compare=False)

    @property
    def items(self) -> int:
        """All that are the reviewer's."""
        return sum(self.states.values())

    @property
    def left(self) -> int:
        """What is left to decide."""
        return self.states.get(PENDING, 0) + self.states.get(NOT_MINE, 0)

    @property
    def decided(self) -> int:
        """What has a decision that counts."""
        return self.items - self.left

    @property
    def days_left(self) -> int:
        """Days until it is due, negative after that."""
        return (self.record.due_on - self.today).days


@entry
def my_reviews(inst: Installation, connection_id: int, *, actor: Actor) -> list[MyReview]:
    """The open campaigns in which something is the actor's to decide, soonest due first."""
    me = actor.okta_user_id
    if me is None:
        return []
    found = []
    with inst.database.read() as conn:
        for record in campaigns.active(conn):
            if record.connection_id != connection_id or record.state != ACTIVE:
                continue
            states = review_items.by_state(conn, record.id, me)
            if not states:
                continue
            signals = Filter(record.id, reviewer_id=me, decided=False, signalled=True)
            signed = next(
                (s for s in campaigns.sign_offs(conn, record.id) if s["reviewer_id"] == me), None
            )
            changed = review_log.newest_change(conn, record.id, me) if signed else None
            stands = signed and not (changed and changed > signed["signed_at"])
            found.append(
                MyReview(
                    record, states, review_items.count(conn, signals),
                    signed["signed_at"] if signed and stands else None, inst.today(),
                )
            )  # fmt: skip
    return sorted(found, key=lambda review: (review.record.due_on, review.record.id))


def soonest_due(inst: Installation, connection_id: int) -> MyReview | None:
    """The open campaign that is due first, as a whole; None where none is open."""
    with inst.database.read() as conn:
        records = [r for r in campaigns.active(conn) if r.connection_id == connection_id]
        if not records:
            return None
        record = min(records, key=lambda r: (r.due_on, r.id))
        states = review_items.by_state(conn, record.id)
        signals = review_items.count(conn, Filter(record.id, decided=False, signalled=True))
    return MyReview(record, states, signals, None, inst.today())


@entry
def changing(inst: Installation, campaign_id: int, *, actor: Actor) -> list[ItemView]:
    """What of the actor's part is not simply kept: what a signature is about."""
    wanted = Filter(campaign_id, reviewer_id=actor.okta_user_id or "", states=(REVOKE, CHANGE))
    return items(inst, wanted, actor=actor, limit=MOST_CHANGING).items
