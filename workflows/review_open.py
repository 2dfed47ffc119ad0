"""Preview, keep or discard as a draft, open, and repeat a review campaign (SPEC 5).

The freeze is computed outside the writing transaction, from one published moment, so that neither
a sync nor a reviewer waits for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import pandas as pd
from sqlalchemy.engine import Connection

from controls import reviewing
from controls.reviewing import ACTIVE, CANCELLED, CLOSED, DRAFT
from storage import campaigns, removals, review_items, review_shares
from storage.campaigns import CampaignRecord
from workflows import review_freeze
from workflows.connect import get_connection
from workflows.errors import RuleRefused
from workflows.guard import entry
from workflows.installation import Actor, Installation
from workflows.review_access import require_analyst
from workflows.review_basis import Basis, basis
from workflows.review_held import note_on
from workflows.review_owners import known_owners
from workflows.review_people import Who
from workflows.review_rules import rules
from workflows.review_scope import CampaignForm, check_form, form_of
from workflows.review_unread import Unread, require_word, unread_of
from workflows.reviews import CampaignView, ReviewerShare, campaign, check_draft, held


@dataclass(frozen=True)
class Preview:
    """What opening would freeze: the figures, and who gets what and why.

    rules: how many items each rule of routing gave. What several owners share counts once here, and
    for each of them among the reviewers.
    """

    items: int
    people: int
    resources: int
    rules: dict[str, int]
    reviewers: list[ReviewerShare]
    run_id: int
    as_of: datetime
    unread: list[Unread]

    @property
    def unassigned(self) -> int:
        """Items that nobody may decide."""
        return self.rules.get("nobody", 0)


@entry
def preview(inst: Installation, connection_id: int, form: CampaignForm, *, actor: Actor) -> Preview:
    """What opening this campaign now would freeze. Raises CountersignError with the wrong field."""
    require_analyst(actor, "prepare a campaign")
    found = _checked(inst, connection_id, form)
    items = review_freeze.routed(form, found, known_owners(inst, connection_id))
    return Preview(
        items=len(items),
        people=items["user_id"].nunique(),
        resources=len(items[["kind", "resource_id"]].drop_duplicates()),
        rules=_counted(items["routed_by"]),
        reviewers=_shares(items, found),
        run_id=found.run.id,
        as_of=found.at,
        unread=unread_of(found.run, form.scope),
    )


@entry
def save_draft(
    inst: Installation,
    connection_id: int,
    form: CampaignForm,
    *,
    actor: Actor,
    campaign_id: int | None = None,
) -> CampaignView:
    """Keep a form for later. Nothing is frozen."""
    require_analyst(actor, "prepare a campaign")
    _checked(inst, connection_id, form)
    now = inst.now()
    with inst.database.write() as conn:
        if campaign_id is None:
            campaign_id = campaigns.add(
                conn, connection_id=connection_id, state=DRAFT, created_by=actor.name,
                created_at=now, **_stored(form),
            )  # fmt: skip
        else:
            check_draft(held(conn, campaign_id))
            campaigns.update(conn, campaign_id, **_stored(form))
        note_on(conn, actor, "review.drafted", campaign_id, {"name": form.name}, now)
    return campaign(inst, campaign_id, actor=actor)


@entry
def discard_draft(inst: Installation, campaign_id: int, *, actor: Actor) -> None:
    """Give a draft up: a campaign cancelled before it opened. Raises RuleRefused for others.

    Its row stays, so that its number never comes to mean another campaign.
    """
    require_analyst(actor, "discard a draft")
    now = inst.now()
    with inst.database.write() as conn:
        record = held(conn, campaign_id)
        check_draft(record)
        campaigns.update(conn, campaign_id, state=CANCELLED, closed_by=actor.name, closed_at=now)
        note_on(conn, actor, "review.draft_discarded", campaign_id, {"name": record.name}, now)


@entry
def open_campaign(
    inst: Installation,
    connection_id: int,
    form: CampaignForm,
    *,
    actor: Actor,
    draft_id: int | None = None,
) -> CampaignView:
    """Freeze the items of the newest published run, and let reviewers decide.

    draft_id: the draft that this opens. Raises CountersignError and changes nothing when reviews
    are off, nothing is in scope, or the form is wrong.
    """
    require_analyst(actor, "open a campaign")
    return _open(inst, connection_id, form, actor=actor, draft_id=draft_id)


def due_to_repeat(inst: Installation) -> list[CampaignRecord]:
    """Campaigns whose next one should be open by now."""
    today = inst.today()
    with inst.database.read() as conn:
        return [
            record
            for record in campaigns.last_of_series(conn)
            if record.state in {ACTIVE, CLOSED} and next_opening(inst, record) <= today
        ]


def repeat(inst: Installation, record: CampaignRecord, *, actor: Actor) -> CampaignView | None:
    """Open the campaign that follows one. None when another scheduler has done so already.

    Raises CountersignError when it cannot be opened; the reason is kept for the Campaigns page.
    """
    lasted = record.due_on - inst.day(record.opened_at or record.created_at)
    form = form_of(record)
    form = replace(form, due_on=next_opening(inst, record) + lasted, name=_next_name(inst, record))
    today = inst.today()
    # A server that was off for long does not open a campaign that is overdue at once.
    form = replace(form, due_on=max(form.due_on, today + lasted))
    try:
        return _open(inst, record.connection_id, form, actor=actor, follows=record)
    except _OpenedAlready:
        return None


def note_problem(inst: Installation, campaign_id: int, problem: str) -> None:
    """Keep why the next campaign did not open by itself."""
    with inst.database.write() as conn:
        campaigns.update(conn, campaign_id, repeat_problem=problem)


def next_opening(inst: Installation, record: CampaignRecord) -> date:
    """The day on which the campaign after this one opens."""
    opened = inst.day(record.opened_at or record.created_at)
    month = opened.month - 1 + (record.repeat_months or 0)
    year, month = opened.year + month // 12, month % 12 + 1
    for day in (opened.day, 30, 29, 28):
        try:
            return date(year, month, day)
        except ValueError:
            continue
    raise AssertionError("Every month has a 28th.")


class _OpenedAlready(Exception):
    """The next campaign of a series exists."""


def _open(
    inst: Installation,
    connection_id: int,
    form: CampaignForm,
    *,
    actor: Actor,
    draft_id: int | None = None,
    follows: CampaignRecord | None = None,
) -> CampaignView:
    found = _checked(inst, connection_id, form)
    before, previous_id = _before(inst, connection_id, form, follows)
    owners = known_owners(inst, connection_id)
    items = review_freeze.frozen(form, found, before, owners)
    if items.empty:
        raise RuleRefused(
            "Nobody in scope has anything that is in scope.", code="nothing_to_review",
            action="Widen the scope, or sync if this is a surprise.",
        )  # fmt: skip
    now = inst.now()
    opened: dict[str, Any] = {
        "state": ACTIVE, "opened_by": actor.name, "opened_at": now, "run_id": found.run.id,
        "frozen_at": found.at, "items": len(items), "previous_id": previous_id,
        "unread": [item.as_json() for item in unread_of(found.run, form.scope)],
        **_stored(form),
    }  # fmt: skip
    with inst.database.write() as conn:
        campaign_id = _begin(conn, connection_id, opened, actor, now, draft_id, follows)
        shared = review_freeze.shared(items)
        reviewers = sorted(
            {form.fallback_id, *items["reviewer_id"].dropna()}.union(*shared.values())
        )
        campaigns.add_reviewers(conn, _reviewer_rows(found.who, campaign_id, reviewers))
        review_items.freeze(conn, campaign_id, review_freeze.rows(items, found))
        review_shares.freeze(conn, campaign_id, shared)
        detail = {"name": form.name, "items": len(items), "run": found.run.id}
        if opened["unread"]:
            detail |= {"unread": opened["unread"], "unread_reason": form.unread_reason.strip()}
        note_on(conn, actor, "review.opened", campaign_id, detail, now)
    return campaign(inst, campaign_id, actor=actor)


def _begin(
    conn: Connection,
    connection_id: int,
    opened: dict[str, Any],
    actor: Actor,
    now: datetime,
    draft_id: int | None,
    follows: CampaignRecord | None,
) -> int:
    """Make the campaign's row active: a new one, a draft's, or the next of a series."""
    if draft_id is not None:
        draft = held(conn, draft_id)
        with rules():
            reviewing.check_transition(draft.state, ACTIVE)
        campaigns.update(conn, draft_id, **opened)
        campaign_id = draft_id
    else:
        if follows is not None:
            last = held(conn, follows.id)
            if any(
                other.series_id == last.series_id and other.number > last.number
                for other in campaigns.list_for(conn, connection_id)
            ):
                raise _OpenedAlready
            opened |= {"series_id": last.series_id, "number": last.number + 1}
            campaigns.update(conn, follows.id, repeat_problem=None)
        campaign_id = campaigns.add(
            conn, connection_id=connection_id, created_by=actor.name, created_at=now, **opened
        )
    if follows is None and opened["repeat_months"]:
        campaigns.update(conn, campaign_id, series_id=campaign_id)
    return campaign_id


def _reviewer_rows(who: Who, campaign_id: int, user_ids: Sequence[str]) -> list[dict[str, Any]]:
    """Reviewers by the names that they have now."""
    return [
        {
            "campaign_id": campaign_id,
            "user_id": user_id,
            "name": who.names.get(user_id, user_id),
            "email": who.emails.get(user_id),
        }
        for user_id in user_ids
    ]


def _before(
    inst: Installation, connection_id: int, form: CampaignForm, follows: CampaignRecord | None
) -> tuple[review_freeze.Before, int | None]:
    """What earlier campaigns know, and the one that this is compared with."""
    with inst.database.read() as conn:
        earlier = follows or next(
            (
                record
                for record in campaigns.list_for(conn, connection_id)
                if record.template == form.template and record.state in {ACTIVE, CLOSED}
            ),
            None,
        )
        empty = pd.DataFrame(columns=["user_id", "kind", "resource_id"], dtype=object)
        known = review_freeze.Before(
            previous=empty if earlier is None else review_items.keys(conn, earlier.id),
            past=review_items.past_decisions(conn, connection_id),
            gone=removals.seen_gone(conn, connection_id),
        )
    return known, None if earlier is None else earlier.id


def _checked(inst: Installation, connection_id: int, form: CampaignForm) -> Basis:
    get_connection(inst, connection_id)
    found = basis(inst, connection_id)
    check_form(form, found, today=inst.today())
    require_word(unread_of(found.run, form.scope), form.unread_reason, found.run)
    return found


def _stored(form: CampaignForm) -> dict[str, Any]:
    return {
        "name": form.name.strip(), "template": form.template, "scope": form.scope.as_json(),
        "strategy": form.strategy, "named_id": form.named_id,
        "owners": {key: list(owners) for key, owners in form.owners.items()},
        "fallback_id": form.fallback_id, "due_on": form.due_on, "rest": form.rest,
        "repeat_months": form.repeat_months or None,
        "unread_reason": form.unread_reason.strip() or None,
    }  # fmt: skip


def _counted(rules: pd.Series) -> dict[str, int]:
    return {str(rule): int(n) for rule, n in rules.value_counts().items()}


def _shares(items: pd.DataFrame, found: Basis) -> list[ReviewerShare]:
    """Who gets how many, by which rule, with a few reasons. What several share, each gets."""
    shares = []
    # Without anybody who shares it, an item is its reviewer's alone.
    alone = items["reviewer_id"].fillna("").map(lambda who: (who,))
    each = items.assign(each=items["shared"].where(items["shared"].map(bool), alone))
    for user_id, part in each.explode("each").groupby("each", sort=False):
        reasons = part.loc[part["routed_by"].isin(["fallback", "nobody"]), "routed_why"]
        shares.append(
            ReviewerShare(
                user_id=str(user_id) or None,
                name=found.who.names.get(str(user_id), "Nobody yet"),
                email=found.who.emails.get(str(user_id)),
                items=len(part),
                rules=_counted(part["routed_by"]),
                examples=[str(reason) for reason in reasons.unique()[:5]],
            )
        )
    return sorted(shares, key=lambda share: -share.items)


def _next_name(inst: Installation, record: CampaignRecord) -> str:
    opens = next_opening(inst, record)
    base = record.name.rpartition(", ")[0] or record.name
    return f"{base}, {opens:%B %Y}"
