"""Telling reviewers what waits for them: one digest a person, each occasion once (SPEC 5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from urllib.parse import urlencode

from sqlalchemy.engine import Connection

from controls import mfa
from controls.reviewing import ACTIVE
from storage import audit_log, campaigns, mails, review_items
from storage.campaigns import CampaignRecord
from workflows.connect import get_connection
from workflows.errors import RuleRefused
from workflows.guard import entry
from workflows.installation import Actor, Installation
from workflows.mail import Letter, one_line, row_of
from workflows.review_access import require_analyst
from workflows.snapshot import moment

SCHEDULE = Actor(id="system:schedule", name="Countersign", role="system")
# After the first word on the day after, once a week.
# Where the app is while no public address is set.
HERE = "http://127.0.0.1:8501"
OVERDUE_EVERY = timedelta(days=7)


@dataclass(frozen=True)
class Part:
    """One campaign in a digest: what is left of a reviewer's items, and on which occasion."""

    campaign: CampaignRecord
    occasion: str
    items: int
    left: int


@dataclass(frozen=True)
class Reminded:
    """How many mails are new, and whether a mail server will send them."""

    queued: int
    sends: bool


def occasions(campaign: CampaignRecord, opened: date, today: date) -> list[str]:
    """What has come to be said about a campaign by a day, mildest first."""
    found = ["assigned"]
    lasts = campaign.due_on - opened
    # Short campaigns have no middle worth a mail.
    if lasts >= timedelta(days=4) and today >= opened + lasts / 2:
        found.append("half_way")
    if today >= campaign.due_on - timedelta(days=1) and lasts >= timedelta(days=2):
        found.append("due_tomorrow")
    if today > campaign.due_on:
        found.append(f"overdue:{(today - campaign.due_on).days // OVERDUE_EVERY.days}")
    return found


def remind(inst: Installation) -> int:
    """Queue a digest for everybody to whom something new is to be said. Returns how many.

    Several may do so at once: an occasion is noted by one of them, who then writes the mail.
    """
    today = inst.today()
    with inst.database.read() as conn:
        active = campaigns.active(conn)
    queued = 0
    for connection_id in sorted({record.connection_id for record in active}):
        ours = [record for record in active if record.connection_id == connection_id]
        queued += _remind(inst, connection_id, ours, today)
    return queued


@entry
def ask_for_mfa(
    inst: Installation, connection_id: int, user_ids: Sequence[str], *, actor: Actor
) -> Reminded:
    """Queue a mail that asks people to set up MFA; once a day each.

    Raises RuleRefused unless they all can sign in.
    """
    require_analyst(actor, "send e-mail")
    connection = get_connection(inst, connection_id)
    people = mfa.in_scope(moment(inst, connection_id).snapshot.people)
    chosen = people[people["user_id"].isin(set(user_ids))]
    if chosen.empty or len(chosen) != len(set(user_ids)):
        raise RuleRefused("Select people who can sign in.", code="nothing_selected")
    today = inst.today()
    letters = [
        Letter(
            key=f"mfa:{connection_id}:{user_id}:{today}",
            to_id=user_id,
            to_name=name,
            to_email=email,
            subject=MFA_SUBJECT,
            body=mfa_text(connection.organization, name),
        )
        for user_id, name, email in zip(
            chosen["user_id"], chosen["name"], chosen["email"], strict=True
        )
    ]
    with inst.database.write() as conn:
        return _queued(inst, conn, letters, connection_id, actor=actor, action="mail.mfa_asked",
                       subject=f"connection:{connection_id}")  # fmt: skip


def mfa_text(organization: str, name: str) -> str:
    """What somebody who needs MFA is told."""
    return _MFA.format(name=one_line(name), url=f"{organization}/enduser/settings")


@entry
def remind_now(inst: Installation, campaign_id: int, *, actor: Actor) -> Reminded:
    """Queue a digest for whoever has something left in one campaign; once a day each.

    Raises RuleRefused when nobody has anything left.
    """
    require_analyst(actor, "send e-mail")
    today = inst.today()
    with inst.database.write() as conn:
        record = campaigns.get(conn, campaign_id)
        if record is None or record.state != ACTIVE:
            raise RuleRefused("Only an open campaign has reviewers to remind.", code="not_active")
        known = campaigns.reviewers(conn, campaign_id)
        letters = []
        for row in review_items.progress(conn, campaign_id, by="reviewer").to_dict("records"):
            left, who = int(row["items"]) - int(row["decided"]), known.get(row["id"])
            if not left or who is None:
                continue
            part = Part(record, "asked", int(row["items"]), left)
            subject, body = digest(inst, who["name"], [part], today)
            letters.append(
                Letter(
                    key=f"asked:{campaign_id}:{row['id']}:{today}", to_id=row["id"],
                    to_name=who["name"], to_email=who["email"], subject=subject, body=body,
                    campaign_id=campaign_id,
                )
            )  # fmt: skip
        if not letters:
            raise RuleRefused("Nobody has anything left to decide.", code="nothing_left")
        return _queued(inst, conn, letters, record.connection_id, actor=actor,
                       action="mail.reminded", subject=f"campaign:{campaign_id}")  # fmt: skip


def _queued(
    inst: Installation,
    conn: Connection,
    letters: Sequence[Letter],
    connection_id: int,
    *,
    actor: Actor,
    action: str,
    subject: str,
) -> Reminded:
    """Queue what somebody asked for, and note it."""
    rows = [row_of(inst, letter, connection_id, by=actor.name) for letter in letters]
    done = Reminded(mails.queue(conn, rows), inst.settings.sends_mail)
    audit_log.append(
        conn, actor=actor.id, action=action, subject=subject,
        detail={"to": [letter.to_id for letter in letters], "queued": done.queued,
                "sent": done.sends},
        at=inst.now(),
    )  # fmt: skip
    return done


def digest(inst: Installation, name: str, parts: Sequence[Part], today: date) -> tuple[str, str]:
    """Subject and body of a reviewer's digest."""
    left = sum(part.left for part in parts)
    soonest = min(part.campaign.due_on for part in parts)
    late = any(part.occasion.startswith("overdue") for part in parts)
    when = "overdue" if late else f"due {_day(soonest)}"
    items = f"{left:,} item{'' if left == 1 else 's'}"
    lines = [
        f"Hello {one_line(name)},",
        "",
        f"{items} of access {'waits' if left == 1 else 'wait'} for your decision.",
    ]
    for part in sorted(parts, key=lambda part: part.campaign.due_on):
        url = f"{(inst.settings.public_url or HERE).rstrip('/')}/my_reviews"
        lines += [
            "",
            one_line(part.campaign.name),
            f"  {part.left:,} of {part.items:,} left to decide, due {_day(part.campaign.due_on)}"
            f"{_how_soon(part, today)}.",
            f"  {url}?{urlencode({'campaign': part.campaign.id})}",
        ]
    lines += [
        "",
        "Nobody else decides on these in your place. What is not yours to decide you can hand on.",
        "",
        "Countersign",
    ]
    return f"Access review: {items} to decide, {when}", "\n".join(lines)


MFA_SUBJECT = "Please set up multi-factor authentication"
_MFA = """Hello {name},

You sign in to Okta without a second factor that counts. Please set one up, for example
Okta Verify or a passkey; it takes a few minutes:

  {url}

Choose "Set up" beside a security method there. Text messages and phone calls are weak; a passkey
or Okta FastPass is best.

Countersign
"""


def _remind(
    inst: Installation, connection_id: int, active: Sequence[CampaignRecord], today: date
) -> int:
    now = inst.now()
    with inst.database.write() as conn:
        told = [
            told
            for campaign in active
            for told in _untold(
                conn, campaign, inst.day(campaign.opened_at or campaign.created_at), today
            )
        ]
        told.sort(key=lambda told: (told.part.campaign.id, told.reviewer))
        ours = mails.remember(
            conn,
            [
                {"campaign_id": t.part.campaign.id, "reviewer_id": t.reviewer,
                 "occasion": occasion, "at": now}
                for t in told
                for occasion in t.occasions
            ],
        )  # fmt: skip
        # What another scheduler noted first is another scheduler's mail.
        mine: dict[str, list[_Untold]] = {}
        for t in told:
            if (t.part.campaign.id, t.reviewer, t.part.occasion) in ours:
                mine.setdefault(t.reviewer, []).append(t)
        letters = [_letter(inst, reviewer, said, today) for reviewer, said in mine.items()]
        rows = [row_of(inst, letter, connection_id, by=SCHEDULE.name) for letter in letters]
        queued = mails.queue(conn, rows)
        if queued:
            audit_log.append(
                conn, actor=SCHEDULE.id, action="mail.reminders_queued",
                subject=f"connection:{connection_id}",
                detail={"reviewers": [letter.to_id for letter in letters]}, at=now,
            )  # fmt: skip
    return queued


@dataclass(frozen=True)
class _Untold:
    """What a reviewer has not been told about a campaign. part: on the most urgent occasion."""

    reviewer: str
    name: str
    email: str | None
    occasions: list[str]
    part: Part


def _untold(conn: Connection, campaign: CampaignRecord, opened: date, today: date) -> list[_Untold]:
    """Who has something left to decide in a campaign, and was not told on some occasion."""
    known = mails.reminded(conn, campaign.id)
    reviewers = campaigns.reviewers(conn, campaign.id)
    said = occasions(campaign, opened, today)
    found = []
    for row in review_items.progress(conn, campaign.id, by="reviewer").to_dict("records"):
        reviewer, left = row["id"], int(row["items"]) - int(row["decided"])
        untold = [occasion for occasion in said if (reviewer, occasion) not in known]
        if left and untold and reviewer in reviewers:
            who = reviewers[reviewer]
            part = Part(campaign, untold[-1], int(row["items"]), left)
            found.append(_Untold(reviewer, who["name"], who["email"], untold, part))
    return found


def _letter(inst: Installation, reviewer: str, told: Sequence[_Untold], today: date) -> Letter:
    parts = [t.part for t in told]
    subject, body = digest(inst, told[0].name, parts, today)
    said = ",".join(f"{part.campaign.id}:{part.occasion}" for part in parts)
    return Letter(
        key=f"digest:{reviewer}:{sha256(said.encode()).hexdigest()[:16]}",
        to_id=reviewer,
        to_name=told[0].name,
        to_email=told[0].email,
        subject=subject,
        body=body,
        campaign_id=parts[0].campaign.id,
    )


def _how_soon(part: Part, today: date) -> str:
    days = (part.campaign.due_on - today).days
    if days < 0:
        return f", {-days} day{'' if days == -1 else 's'} ago"
    return {0: ", today", 1: ", tomorrow"}.get(days, "")


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
