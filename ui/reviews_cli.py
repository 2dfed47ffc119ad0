"""`cli.py reviews …`: access reviews for scripts and tests, without a browser.

Exit code 1 and a sentence on standard error where a rule refuses.
"""

from dataclasses import replace
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.text import Text

from ui.door import Connection, Door, Json, day_option
from ui.owners_cli import owners_app
from ui.terminal import out, print_table
from workflows import due, removals, review_close, review_decide, review_list, review_open, reviews
from workflows.errors import RuleRefused
from workflows.review_basis import basis
from workflows.review_list import ItemFilter
from workflows.review_people import acting_as
from workflows.review_scope import TEMPLATES, fill_in

reviews_app = typer.Typer(
    help="Access reviews: campaigns, decisions, removals.", no_args_is_help=True
)
reviews_app.add_typer(owners_app, name="owners")

Template = StrEnum("Template", {name: name for name in TEMPLATES})  # type: ignore[misc]
Campaign = Annotated[int, typer.Option("--campaign", help="Campaign id.")]


class Decision(StrEnum):
    """What can be said about an item."""

    keep = "keep"
    revoke = "revoke"
    change = "change"
    not_mine = "not-mine"

    @property
    def code(self) -> str:
        """As the rules name it."""
        return self.value.replace("-", "_").upper()


class Rest(StrEnum):
    """What undecided items become."""

    revoke = "revoke"
    no_decision = "no-decision"


@reviews_app.command(name="open")
def open_command(
    template: Annotated[Template, typer.Option(help="Which usual campaign.")],
    due: Annotated[str, typer.Option(help="Due date, like 2026-12-31.")],
    fallback: Annotated[str, typer.Option(help="E-mail of who reviews what has no reviewer.")],
    app: Annotated[
        list[str] | None, typer.Option(help="Label of an application; repeat for several.")
    ] = None,
    reviewer: Annotated[
        list[str] | None,
        typer.Option(
            help="E-mail or Okta id of an owner (repeat for several), or of who reviews all."
        ),
    ] = None,
    name: Annotated[str, typer.Option(help="The campaign's name.")] = "",
    repeat_months: Annotated[
        int, typer.Option(min=0, max=24, help="Open again by itself after so many months.")
    ] = 0,
    with_unread: Annotated[
        bool, typer.Option(help="Open although something in scope could not be read.")
    ] = False,
    reason: Annotated[str, typer.Option(help="With --with-unread: why.")] = "",
    connection: Connection = None,
    as_json: Json = False,
) -> None:
    """Freeze who has what now, and let reviewers decide."""
    day = day_option(due, "--due")
    if with_unread and not reason.strip():
        raise typer.BadParameter("--with-unread needs a --reason.")
    with Door(as_json) as door:
        view = door.connection(connection)
        form = fill_in(
            template.value, basis=basis(door.inst, view.id), due_on=day, fallback=fallback,
            apps=tuple(app or ()), reviewers=tuple(reviewer or ()),
            name=name, repeat_months=repeat_months,
        )  # fmt: skip
        if with_unread:
            form = replace(form, unread_reason=reason)
        made = review_open.open_campaign(door.inst, view.id, form, actor=door.actor)
        shares = reviews.shares(door.inst, made.id, actor=door.actor)
        document = {
            "campaign": made.id,
            "state": made.record.state,
            "items": made.record.items,
            "reviewers": [{"email": share.email, "items": share.items} for share in shares],
            "run_id": made.record.run_id,
            "not_reviewed": made.record.unread or [],
        }
        door.done(
            document,
            f"Campaign {made.id} is open: {made.record.items:,} items for {len(shares):,} "
            f"reviewers, frozen from run {made.record.run_id}, due {made.record.due_on}.",
        )


@reviews_app.command(name="items")
def items_command(
    campaign: Campaign,
    reviewer: Annotated[str | None, typer.Option(help="Only this reviewer's, by e-mail.")] = None,
    as_json: Json = False,
) -> None:
    """List what is to decide or was decided."""
    with Door(as_json) as door:
        record = reviews.campaign(door.inst, campaign, actor=door.actor).record
        wanted = ItemFilter(campaign)
        if reviewer is not None:
            who = acting_as(door.inst, record.connection_id, reviewer, by=door.actor)
            wanted = ItemFilter(campaign, reviewer_id=who.okta_user_id)
        rows = [i.as_json() for i in review_list.all_items(door.inst, wanted, actor=door.actor)]
        door.done(rows, "")
        if not as_json:
            shown = [
                {"item": str(r["item"]), "person": r["person"]["email"], "access": r["sentence"],
                 "reviewer": r["reviewer"], "state": r["state"]}
                for r in rows
            ]  # fmt: skip
            print_table(shown, ("item", "person", "access", "reviewer", "state"))
            out.print(Text(f"{len(rows):,} items; --json lists all."))


@reviews_app.command(name="decide")
def decide_command(
    campaign: Campaign,
    item: Annotated[int, typer.Option(help="Item id.")],
    decision: Annotated[Decision, typer.Option(help="What becomes of the access.")],
    reviewer: Annotated[str, typer.Option("--as", help="E-mail of the reviewer who decides.")],
    note: Annotated[str, typer.Option(help="Why; required for all but an ordinary keep.")] = "",
    as_json: Json = False,
) -> None:
    """Decide on one item as its reviewer."""
    with Door(as_json) as door:
        record = reviews.campaign(door.inst, campaign, actor=door.actor).record
        actor = acting_as(door.inst, record.connection_id, reviewer, by=door.actor)
        seen = review_list.item(door.inst, item, actor=door.actor)
        if seen.row["campaign_id"] != campaign:
            raise RuleRefused(
                f"Item {item} is not one of campaign {campaign}.", code="other_campaign"
            )
        review_decide.decide(
            door.inst.on_behalf_of(actor),
            item,
            decision.code,
            note=note,
            actor=actor,
            version=seen.row["version"],
        )
        found = review_list.item(door.inst, item, actor=door.actor).as_json()
        door.done(found, f"Item {item}: {found['state']}. {found['sentence']}")


@reviews_app.command(name="close")
def close_command(
    campaign: Campaign,
    rest: Annotated[
        Rest | None, typer.Option(help="What becomes of items without a decision.")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why they were left without one.")] = "",
    as_json: Json = False,
) -> None:
    """End a campaign; its decisions are final then."""
    with Door(as_json) as door:
        what = rest.value.replace("-", "_") if rest else None
        view = review_close.close(door.inst, campaign, actor=door.actor, rest=what, reason=reason)
        closing = view.record.closing or {}
        document = {**_campaign(view), "left": closing.get("left", 0), "rest": closing.get("rest"),
                    "reason": closing.get("reason", "")}  # fmt: skip
        door.done(document, f"Campaign {campaign} is closed: {view.decided:,} decided.")


@reviews_app.command(name="cancel")
def cancel_command(
    campaign: Campaign,
    reason: Annotated[str, typer.Option(help="Who decided, and why.")] = "",
    revokes: Annotated[
        str, typer.Option(help="What becomes of revokes: stand (still expected), or withdraw.")
    ] = "stand",
    as_json: Json = False,
) -> None:
    """Give a campaign up. What was decided stays on record."""
    with Door(as_json) as door:
        view = review_close.cancel(
            door.inst, campaign, actor=door.actor, reason=reason, revokes=revokes
        )
        document = {**_campaign(view), **(view.record.closing or {})}
        door.done(document, f"Campaign {campaign} is cancelled: {view.decided:,} decided.")


@reviews_app.command(name="list")
def list_command(connection: Connection = None, as_json: Json = False) -> None:
    """List campaigns, newest first."""
    with Door(as_json) as door:
        view = door.connection(connection)
        rows = [_campaign(c) for c in reviews.list_campaigns(door.inst, view.id, actor=door.actor)]
        door.done(rows, "")
        if not as_json:
            print_table(
                [{k: str(v) for k, v in row.items()} for row in rows],
                ("campaign", "name", "state", "items", "decided", "due_on"),
            )


@reviews_app.command(name="removals")
def removals_command(
    campaign: Annotated[int | None, typer.Option(help="Only of this campaign.")] = None,
    connection: Connection = None,
    as_json: Json = False,
) -> None:
    """Say what became of each revoke, with the run that shows it."""
    with Door(as_json) as door:
        if campaign is not None:
            record = reviews.campaign(door.inst, campaign, actor=door.actor).record
            connection = record.connection_id
        view = door.connection(connection)
        found = removals.removals(
            door.inst, view.id, actor=door.actor, campaign_id=campaign
        )  # fmt: skip
        rows = [removals.as_json(row) for row in found.frame.to_dict("records")]
        door.done(rows, "")
        if not as_json:
            shown = [
                {"item": str(r["item"]), "person": r["person"]["email"],
                 "access": r["resource"]["label"], "state": r["state"], "run": str(r["run_id"])}
                for r in rows
            ]  # fmt: skip
            print_table(shown, ("item", "person", "access", "state", "run"))


@reviews_app.command(name="due")
def due_command(as_json: Json = False) -> None:
    """Do what is due: open campaigns that repeat, write reminders, send e-mail."""
    with Door(as_json) as door:
        done = due.run_due(door.inst)
        door.done(done.as_json(), done.sentence, failed=bool(done.problems))


def _campaign(view: reviews.CampaignView) -> dict[str, Any]:
    record = view.record
    return {
        "campaign": record.id,
        "name": record.name,
        "template": record.template,
        "state": record.state,
        "items": record.items,
        "decided": view.decided,
        "due_on": record.due_on.isoformat(),
        "opened_at": _iso(record.opened_at),
        "closed_at": _iso(record.closed_at),
        "run_id": record.run_id,
        "not_reviewed": record.unread or [],
    }


def _iso(moment: Any) -> str | None:
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")
