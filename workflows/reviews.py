"""Review campaigns: what there are, and how far each is (SPEC 5)."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.engine import Connection

from controls.reviewing import ACTIVE, CANCELLED, CLOSED, DRAFT
from storage import campaigns, review_items
from storage.campaigns import CampaignRecord
from storage.review_items import Filter
from workflows.errors import NotFoundHere, RuleRefused
from workflows.guard import entry
from workflows.installation import Actor, Installation
from workflows.review_access import require_reader

STATES = (DRAFT, ACTIVE, CLOSED, CANCELLED)


@dataclass(frozen=True)
class ReviewerShare:
    """How many items go to one reviewer, and by which rules. user_id None: nobody may decide."""

    user_id: str | None
    name: str
    email: str | None
    items: int
    rules: dict[str, int]
    examples: list[str]


@dataclass(frozen=True)
class CampaignView:
    """A campaign as pages and commands see it. undecided: what is left to do."""

    record: CampaignRecord
    decided: int
    fallback_name: str
    today: date

    @property
    def id(self) -> int:
        """The campaign's id."""
        return self.record.id

    @property
    def undecided(self) -> int:
        """Items without a decision."""
        return self.record.items - self.decided

    @property
    def discarded(self) -> bool:
        """A draft that was given up: it never was a campaign to look at."""
        return self.record.state == CANCELLED and self.record.opened_at is None

    @property
    def overdue(self) -> bool:
        """Active after its due date."""
        return self.record.state == ACTIVE and self.record.due_on < self.today


@entry
def campaign(inst: Installation, campaign_id: int, *, actor: Actor) -> CampaignView:
    """One campaign. Raises NotFoundHere."""
    require_reader(actor, "campaigns")
    with inst.database.read() as conn:
        return _view(inst, conn, found(conn, campaign_id))


@entry
def list_campaigns(inst: Installation, connection_id: int, *, actor: Actor) -> list[CampaignView]:
    """A connection's campaigns, newest first."""
    require_reader(actor, "campaigns")
    with inst.database.read() as conn:
        return [_view(inst, conn, record) for record in campaigns.list_for(conn, connection_id)]


@entry
def shares(inst: Installation, campaign_id: int, *, actor: Actor) -> list[ReviewerShare]:
    """Who has how many items of an opened campaign now."""
    require_reader(actor, "campaigns")
    with inst.database.read() as conn:
        known = campaigns.reviewers(conn, campaign_id)
        counted = review_items.progress(conn, campaign_id, by="reviewer")
    found = []
    for user_id, items in zip(counted["id"], counted["items"], strict=True):
        who = known.get(user_id, {"name": "Nobody yet", "email": None})
        found.append(ReviewerShare(user_id, who["name"], who["email"], int(items), {}, []))
    return found


def found(conn: Connection, campaign_id: int) -> CampaignRecord:
    """One campaign's row. Raises NotFoundHere."""
    record = campaigns.get(conn, campaign_id)
    if record is None:
        raise NotFoundHere(f"Campaign {campaign_id}")
    return record


def check_draft(record: CampaignRecord) -> None:
    """Raises RuleRefused for what has been opened."""
    if record.state != DRAFT:
        raise RuleRefused("Only a draft can be changed or discarded.", code="not_draft")


def held(conn: Connection, campaign_id: int) -> CampaignRecord:
    """The same, with nobody deciding in it until this transaction ends."""
    record = campaigns.hold(conn, campaign_id, alone=True)
    if record is None:
        raise NotFoundHere(f"Campaign {campaign_id}")
    return record


def _view(inst: Installation, conn: Connection, record: CampaignRecord) -> CampaignView:
    decided = 0
    if record.state != DRAFT:
        decided = record.items - review_items.count(conn, Filter(record.id, decided=False))
    reviewers = campaigns.reviewers(conn, record.id)
    fallback = reviewers.get(record.fallback_id, {}).get("name", record.fallback_id)
    return CampaignView(record, decided, fallback, inst.today())
