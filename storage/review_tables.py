"""The tables of access reviews: what was frozen, what was said about it, what became of revokes.

Frozen items, decisions, reassignments, sign-offs and verdicts are append-only, and the database
refuses anything else. review_states and review_removals hold what follows from them, for fast
pages; a person's own access has no place in either as theirs to decide.
"""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from storage.directory import Base, time
from storage.ledgers import json_column, table_of

_BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _id() -> Any:
    return Field(default=None, primary_key=True, sa_type=_BIG)


class Campaign(Base, table=True):
    """A review campaign: its rules, and how far it is."""

    __tablename__ = "review_campaigns"
    id: int | None = Field(default=None, primary_key=True)
    connection_id: int = Field(foreign_key="connections.id", index=True)
    name: str
    template: str
    state: str
    scope: Any = json_column()
    strategy: str
    owners: Any = json_column()
    named_id: str | None
    fallback_id: str
    due_on: date
    rest: str
    repeat_months: int | None
    repeat_problem: str | None
    series_id: int | None
    number: int
    previous_id: int | None
    run_id: int | None = Field(default=None, foreign_key="sync_runs.id")
    frozen_at: datetime | None = time()
    items: int
    created_by: str
    created_at: datetime = time(null=False)
    opened_by: str | None
    opened_at: datetime | None = time()
    closed_by: str | None
    closed_at: datetime | None = time()
    closing: Any = json_column()
    unread: Any = json_column()
    unread_reason: str | None


class Item(Base, table=True):
    """One person's access to one resource as it was frozen. Append-only.

    paths, also_lost, past: JSON as text. signals: codes joined by commas.
    """

    __tablename__ = "review_items"
    id: int | None = _id()
    campaign_id: int = Field(foreign_key="review_campaigns.id")
    user_id: str
    person: str
    email: str | None
    department: str | None
    title: str | None
    employment_status: str
    okta_status: str | None
    last_login_at: datetime | None = time()
    strength: str
    kind: str
    resource_id: str
    resource: str
    privileged: bool
    paths: str
    also_lost: str
    signals: str
    peers_have: int
    peers_total: int
    is_new: bool
    past: str | None
    reviewer_id: str | None
    routed_by: str
    routed_why: str


class Reviewer(Base, table=True):
    """Who has, or had, items of a campaign to decide, by the name they had then."""

    __tablename__ = "review_reviewers"
    campaign_id: int = Field(primary_key=True, foreign_key="review_campaigns.id")
    user_id: str = Field(primary_key=True)
    name: str
    email: str | None


class State(Base, table=True):
    """Where an item stands: whose it is and which decision counts. version counts changes."""

    __tablename__ = "review_states"
    item_id: int = Field(primary_key=True, sa_type=_BIG, foreign_key="review_items.id")
    campaign_id: int
    user_id: str
    reviewer_id: str | None
    state: str
    decision_id: int | None = Field(default=None, sa_type=_BIG)
    decided_at: datetime | None = time()
    version: int


class Share(Base, table=True):
    """That one more than its reviewer may decide an item while it is undecided."""

    __tablename__ = "review_shares"
    item_id: int = Field(primary_key=True, sa_type=_BIG, foreign_key="review_items.id")
    reviewer_id: str = Field(primary_key=True)
    campaign_id: int
    user_id: str


class Owner(Base, table=True):
    """Who owns an application, group or admin role. Append-only; the newest counts.

    owners: Okta user ids.
    """

    __tablename__ = "resource_owners"
    id: int | None = Field(default=None, primary_key=True)
    connection_id: int = Field(foreign_key="connections.id")
    kind: str
    resource_id: str
    owners: Any = json_column()
    set_by: str
    set_at: datetime = time(null=False)


class Decision(Base, table=True):
    """A decision, or the taking back of one. Append-only; the newest that stands counts."""

    __tablename__ = "review_decisions"
    id: int | None = _id()
    item_id: int = Field(sa_type=_BIG, foreign_key="review_items.id", index=True)
    campaign_id: int = Field(index=True)
    user_id: str
    decision: str
    note: str
    takes_back: int | None = Field(default=None, sa_type=_BIG)
    reviewer_id: str | None
    decided_by: str | None
    decided_by_name: str
    actor: str
    decided_at: datetime = time(null=False)
    bulk: str | None
    drift: str


class Assignment(Base, table=True):
    """An item that went from one reviewer to another after the opening. Append-only."""

    __tablename__ = "review_assignments"
    id: int | None = _id()
    item_id: int = Field(sa_type=_BIG, foreign_key="review_items.id", index=True)
    campaign_id: int = Field(index=True)
    from_id: str | None
    to_id: str | None
    why: str
    note: str
    assigned_by: str
    assigned_by_name: str
    assigned_at: datetime = time(null=False)


class SignOff(Base, table=True):
    """A reviewer's statement about their part. Append-only."""

    __tablename__ = "review_sign_offs"
    id: int | None = _id()
    campaign_id: int = Field(foreign_key="review_campaigns.id", index=True)
    reviewer_id: str
    name: str
    statement: str
    counts: Any = json_column()
    signed_at: datetime = time(null=False)


class Removal(Base, table=True):
    """What a revoke expects, and what the newest published run says of it.

    run_id: the run that first showed the state; checked_run_id: the newest that was asked.
    """

    __tablename__ = "review_removals"
    item_id: int = Field(primary_key=True, sa_type=_BIG, foreign_key="review_items.id")
    campaign_id: int = Field(index=True)
    connection_id: int
    state: str
    requested_at: datetime = time(null=False)
    due_on: date
    run_id: int | None
    checked_run_id: int | None
    since: datetime = time(null=False)
    ticket: str


class RemovalEvent(Base, table=True):
    """Each change of a removal's state, with the run that shows it. Append-only."""

    __tablename__ = "review_removal_events"
    id: int | None = _id()
    item_id: int = Field(sa_type=_BIG, foreign_key="review_items.id", index=True)
    state: str
    run_id: int | None
    at: datetime = time(null=False)
    paths: str


class Mail(Base, table=True):
    """An e-mail to send. key: what makes it the same mail, so that it is sent once."""

    __tablename__ = "mails"
    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    connection_id: int = Field(index=True)
    campaign_id: int | None = Field(default=None, index=True)
    to_id: str
    to_name: str
    to_email: str
    subject: str
    body: str
    state: str
    attempts: int
    error: str
    created_by: str
    created_at: datetime = time(null=False)
    claimed_at: datetime | None = time()
    next_try_at: datetime | None = time()
    sent_at: datetime | None = time()


class Reminder(Base, table=True):
    """That a reviewer was, or is being, told something about a campaign: once each."""

    __tablename__ = "review_reminders"
    campaign_id: int = Field(primary_key=True, foreign_key="review_campaigns.id")
    reviewer_id: str = Field(primary_key=True)
    occasion: str = Field(primary_key=True)
    at: datetime = time(null=False)


CAMPAIGNS = table_of(Campaign)
ITEMS = table_of(Item)
REVIEWERS = table_of(Reviewer)
STATES = table_of(State)
SHARES = table_of(Share)
OWNERS = table_of(Owner)
DECISIONS = table_of(Decision)
ASSIGNMENTS = table_of(Assignment)
SIGN_OFFS = table_of(SignOff)
REMOVALS = table_of(Removal)
REMOVAL_EVENTS = table_of(RemovalEvent)
MAILS = table_of(Mail)
REMINDERS = table_of(Reminder)
APPEND_ONLY = (ITEMS, DECISIONS, ASSIGNMENTS, SIGN_OFFS, REMOVAL_EVENTS, OWNERS)

sa.Index(
    "ux_review_items_access",
    *(ITEMS.c[name] for name in ("campaign_id", "user_id", "kind", "resource_id")),
    unique=True,
)
sa.Index("ix_review_items_key", ITEMS.c.user_id, ITEMS.c.kind, ITEMS.c.resource_id)
sa.Index("ix_review_items_person", ITEMS.c.campaign_id, ITEMS.c.person)
sa.Index("ix_review_states_part", STATES.c.campaign_id, STATES.c.reviewer_id, STATES.c.state)
sa.Index("ix_review_shares_part", SHARES.c.campaign_id, SHARES.c.reviewer_id)
sa.Index("ix_resource_owners_resource", OWNERS.c.connection_id, OWNERS.c.kind, OWNERS.c.resource_id)
sa.Index("ix_review_removals_state", REMOVALS.c.connection_id, REMOVALS.c.state)
sa.Index("ix_mails_state", MAILS.c.state, MAILS.c.next_try_at)
# A campaign that repeats opens once, however many schedulers there are.
sa.Index("ux_review_campaigns_series", CAMPAIGNS.c.series_id, CAMPAIGNS.c.number, unique=True)
# The rule "nobody decides on their own access" also holds where no program of ours looks.
STATES.append_constraint(sa.CheckConstraint("reviewer_id <> user_id", name="ck_not_own_item"))
SHARES.append_constraint(sa.CheckConstraint("reviewer_id <> user_id", name="ck_not_own_share"))
DECISIONS.append_constraint(sa.CheckConstraint("decided_by <> user_id", name="ck_not_own_access"))
