"""Items as people read them: a page at a time, with the sentence, the context and the history."""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from controls import access_words, removing
from controls.access_words import Path
from controls.review_signals import explain
from controls.reviewing import is_decided, reviewers_of
from storage import campaigns, removals, review_items, review_log, review_shares
from storage.campaigns import CampaignRecord
from storage.review_items import Filter, Row
from workflows.errors import NotAllowed, NotFoundHere
from workflows.guard import entry, refused
from workflows.installation import Actor, Installation
from workflows.review_access import may_see_all
from workflows.review_drift import drift_of
from workflows.reviews import found

# Which items: for pages and commands, which do not know the store.
ItemFilter = Filter
KIND_WORDS = {"app": "Application", "group": "Group", "admin_role": "Admin role"}
DECISION_WORDS = {
    "PENDING": "To decide",
    "KEEP": "Keep",
    "REVOKE": "Revoke",
    "CHANGE": "Change",
    "NOT_MINE": "Not mine",
    "UNDO": "Taken back",
}
# Why an item went to somebody else after the opening.
HANDED_ON_WORDS = {
    "reassigned": "Reassigned",
    "not_mine": "Not theirs",
    "undone": "Taken back",
    "left": "Reviewer left",
}
# Rows fetched at once when all of a campaign are listed.
AT_ONCE = 5_000


@dataclass(frozen=True)
class ItemView:
    """One item. row: as stored, with where it stands. drift: a sentence, or nothing.

    also: of several owners the others who may decide it while it is undecided, by user_id, name and
    email.
    """

    row: Row
    paths: list[Path]
    sentence: str
    ending: list[str]
    signals: list[dict[str, str]]
    past: dict[str, Any] | None
    reviewer_name: str | None
    reviewer_email: str | None
    drift: str = ""
    also: list[dict[str, Any]] = field(default_factory=list)

    @property
    def id(self) -> int:
        """The item's id."""
        return int(self.row["id"])

    @property
    def decided(self) -> bool:
        """True when nobody has to decide any more."""
        return is_decided(self.row["state"])

    def as_json(self) -> dict[str, Any]:
        """The document that `cli.py reviews items --json` lists."""
        row = self.row
        return {
            "item": self.id,
            "person": {"okta_user_id": row["user_id"], "email": row["email"],
                       "name": row["person"]},
            "resource": {"kind": row["kind"], "okta_id": row["resource_id"],
                         "label": row["resource"]},
            "paths": [
                {"via": p.via, "group_id": p.group_id, "rule": p.rule, "group": p.group}
                for p in self.paths
            ],
            "reviewer": self.reviewer_email or self.row["reviewer_id"],
            "also": [who["email"] or who["user_id"] for who in self.also],
            "state": row["state"],
            "signals": [signal["signal"] for signal in self.signals],
            "sentence": self.sentence,
            "why_this_reviewer": row["routed_why"],
            "privileged": bool(row["privileged"]),
            "new": bool(row["is_new"]),
            "note": row["note"] or "",
            "decided_by": row["decided_by_name"],
        }  # fmt: skip


@dataclass(frozen=True)
class ItemPage:
    """Some items of a campaign. counts: by state, of all that are the viewer's."""

    campaign: CampaignRecord
    items: list[ItemView]
    total: int


@dataclass(frozen=True)
class History:
    """What was said and done about an item, oldest first."""

    decisions: list[dict[str, Any]] = field(default_factory=list)
    assignments: list[dict[str, Any]] = field(default_factory=list)
    removal: list[dict[str, Any]] = field(default_factory=list)


@entry
def items(
    inst: Installation,
    wanted: Filter,
    *,
    actor: Actor,
    order: str = "person",
    limit: int = 25,
    offset: int = 0,
) -> ItemPage:
    """A page of items, with drift since the freeze. Reviewers get their own, whatever they ask."""
    wanted = _allowed(wanted, actor)
    with inst.database.read() as conn:
        record = found(conn, wanted.campaign_id)
        rows = review_items.page(conn, wanted, order=order, limit=limit, offset=offset)
        total = review_items.count(conn, wanted)
        known = _Known.of(conn, record.id, rows)
    drifts = drift_of(inst.database, record.connection_id, rows)
    return ItemPage(record, [_view(row, known, drifts) for row in rows], total)


@entry
def all_items(inst: Installation, wanted: Filter, *, actor: Actor) -> Iterator[ItemView]:
    """Every item that fits, without drift: for commands and files."""
    wanted = _allowed(wanted, actor)
    with inst.database.read() as conn:
        found(conn, wanted.campaign_id)
        offset = 0
        while rows := review_items.page(conn, wanted, limit=AT_ONCE, offset=offset):
            known = _Known.of(conn, wanted.campaign_id, rows)
            yield from (_view(row, known, {}) for row in rows)
            offset += len(rows)


@entry
def item(inst: Installation, item_id: int, *, actor: Actor) -> ItemView:
    """One item. Raises NotAllowed when it is not the reviewer's, NotFoundHere when there is none.

    One's own access is refused too, in words that say who decides instead.
    """
    with inst.database.read() as conn:
        row = review_items.get(conn, item_id)
        if row is None:
            raise NotFoundHere(f"Review item {item_id}")
        record = found(conn, row["campaign_id"])
        known = _Known.of(conn, record.id, [row])
        handed_on = review_log.assignments_of(conn, item_id)
    if not may_see_all(actor) and actor.okta_user_id not in known.whose(row):
        raise refused(inst, actor, f"review_item:{item_id}", _why_not(row, known, actor, handed_on))
    drifts = drift_of(inst.database, record.connection_id, [row])
    return _view(row, known, drifts)


@entry
def some(
    inst: Installation, campaign_id: int, item_ids: Sequence[int], *, actor: Actor
) -> list[ItemView]:
    """These items as they are now, in this order; what is not the reviewer's any more is left out.

    For a page whose rows stay where they are while they are decided.
    """
    own = None if may_see_all(actor) else actor.okta_user_id or ""
    with inst.database.read() as conn:
        record = found(conn, campaign_id)
        shown = review_items.some(conn, item_ids)
        known = _Known.of(conn, campaign_id, shown)
        rows = {
            row["id"]: row
            for row in shown
            if row["campaign_id"] == campaign_id and own in {None, *known.whose(row)}
        }
    drifts = drift_of(inst.database, record.connection_id, list(rows.values()))
    return [_view(rows[i], known, drifts) for i in item_ids if i in rows]


@entry
def history(inst: Installation, item_id: int, *, actor: Actor) -> History:
    """What was said and done about an item. As item() allows."""
    item(inst, item_id, actor=actor)
    with inst.database.read() as conn:
        return History(
            decisions=review_log.decisions_of(conn, item_id),
            assignments=review_log.assignments_of(conn, item_id),
            removal=removals.events(conn, item_id),
        )


@entry
def item_ids(inst: Installation, wanted: Filter, *, actor: Actor) -> dict[int, int]:
    """id -> version of every item that fits: what a bulk decision is about."""
    with inst.database.read() as conn:
        return review_items.versions(conn, _allowed(wanted, actor))


def peers_sentence(row: Row) -> str:
    """12 of 20 others in Sales have it."""
    if not row["peers_total"]:
        return "Nobody else is known in the same department."
    return f"{row['peers_have']:,} of {row['peers_total']:,} others in {row['department']} have it."


@dataclass(frozen=True)
class _Known:
    """Who reviews in a campaign, by user id; and who shares these items."""

    reviewers: dict[str, dict[str, Any]]
    sharers: dict[int, list[str]]

    @classmethod
    def of(cls, conn: Connection, campaign_id: int, rows: Sequence[Row]) -> "_Known":
        ids = [row["id"] for row in rows]
        return cls(campaigns.reviewers(conn, campaign_id), review_shares.sharers(conn, ids))

    def whose(self, row: Row) -> set[str | None]:
        """Whose an item is now."""
        sharers = self.sharers.get(row["id"], ())
        return reviewers_of(row["state"], row["reviewer_id"], sharers)

    def name(self, user_id: str | None) -> str:
        return str(self.reviewers.get(user_id or "", {}).get("name", "nobody yet"))


def _allowed(wanted: Filter, actor: Actor) -> Filter:
    if may_see_all(actor):
        return wanted
    if actor.okta_user_id is None:
        raise NotAllowed("This account reviews nothing: Okta knows no such person.")
    return Filter(**{**wanted.__dict__, "reviewer_id": actor.okta_user_id, "unassigned": False})


def _why_not(row: Row, known: _Known, actor: Actor, handed_on: Collection[Any]) -> str:
    reviewer = known.name(row["reviewer_id"])
    if row["user_id"] == actor.okta_user_id:
        return (
            f"This is your own access to {row['resource']}, and nobody decides on their own. "
            f"It is for {reviewer} to decide."
        )
    if actor.okta_user_id in known.sharers.get(row["id"], ()):
        return f"{reviewer} has decided this item; of several owners the first settles it."
    if any(row_["from_id"] == actor.okta_user_id for row_ in handed_on):
        return f"This item has gone to {reviewer}."
    return "This item is another reviewer's to decide."


def _view(row: Row, known: _Known, drifts: dict[int, str]) -> ItemView:
    paths = [Path(**path) for path in json.loads(row["paths"])]
    lost = json.loads(row["also_lost"])
    reviewer = known.reviewers.get(row["reviewer_id"] or "", {})
    others = sorted(who for who in known.whose(row) - {row["reviewer_id"]} if who)
    past = json.loads(row["past"]) if row["past"] else None
    if past and past["at"]:
        past["at"] = datetime.fromisoformat(past["at"])
    return ItemView(
        row=row,
        paths=paths,
        sentence=access_words.sentence(row["kind"], row["resource"], paths),
        ending=access_words.ending(
            row["kind"], row["resource"], paths, lost["names"], lost["more"]
        ),
        signals=[dict(signal) for signal in explain(row["signals"])],
        past=past,
        reviewer_name=reviewer.get("name"),
        reviewer_email=reviewer.get("email"),
        drift=removing.DRIFT_WORDS.get(drifts.get(row["id"], "same"), ""),
        also=[known.reviewers.get(u, {"user_id": u, "name": u, "email": None}) for u in others],
    )
