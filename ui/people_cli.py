"""`cli.py overrides …` and `cli.py exclusions …`: what pages let an analyst say about people."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Any

import typer

from ui.door import Connection, Door, Json, day_option
from ui.terminal import print_table
from workflows import evaluate, personnel

overrides_app = typer.Typer(help="Values that stand in Okta's place.", no_args_is_help=True)
exclusions_app = typer.Typer(help="People whom a control leaves out.", no_args_is_help=True)

Person = Annotated[
    list[str], typer.Option("--person", help="Okta id, e-mail or login; repeat for several.")
]
Reason = Annotated[str, typer.Option(help="Who decided, and why.")]
Control = Annotated[str, typer.Option("--control", help="The control's id, like test-86.")]
Field = StrEnum("Field", {name: name for name in personnel.FIELD_LABELS})  # type: ignore[misc]


@overrides_app.command(name="set")
def set_command(
    person: Person,
    reason: Reason,
    status: Annotated[str, typer.Option(help="Like FORMER_EMPLOYEE or OUT_OF_SCOPE.")] = "",
    start_date: Annotated[str, typer.Option(help="Like 2026-03-31.")] = "",
    separation_date: Annotated[str, typer.Option(help="Like 2026-03-31.")] = "",
    contractor: Annotated[str, typer.Option(help="true or false.")] = "",
    connection: Connection = None,
    as_json: Json = False,
) -> None:
    """Put values in Okta's place for some people, for all of them or none."""
    with Door(as_json) as door:
        view_id, ids = _whom(door, connection, person)
        changes = {"status": status, "start_date": start_date,
                   "separation_date": separation_date, "contractor": contractor}  # fmt: skip
        done = personnel.set_overrides(
            door.inst, view_id, ids, changes=changes, reason=reason, actor=door.actor
        )
        door.done({"people": done, "okta_user_ids": ids}, f"Overridden for {done:,} people.")


@overrides_app.command(name="withdraw")
def withdraw_command(
    person: Person,
    field: Annotated[Field, typer.Option(help="Which value is Okta's again.")],
    reason: Reason,
    connection: Connection = None,
    as_json: Json = False,
) -> None:
    """Use Okta's value again."""
    with Door(as_json) as door:
        view_id, ids = _whom(door, connection, person)
        done = personnel.withdraw_override(
            door.inst, view_id, ids, field.value, reason=reason, actor=door.actor
        )
        door.done({"people": done, "okta_user_ids": ids}, f"Okta's value again for {done:,}.")


@overrides_app.command(name="list")
def list_overrides(connection: Connection = None, as_json: Json = False) -> None:
    """List the overrides in force."""
    with Door(as_json) as door:
        said = personnel.overrides(door.inst, door.connection(connection).id)
        rows = [
            {
                "okta_user_id": row["user_id"],
                "name": row["name"],
                "field": row["field"],
                "value": row["value"],
                "reason": row["reason"],
                "author": row["author"],
                "created_at": row["created_at"].isoformat(),
            }
            for row in said.to_dict("records")
        ]
        door.done(rows, "")
        if not as_json:
            print_table(rows, ("name", "field", "value", "reason", "author"))


@exclusions_app.command(name="add")
def add_command(
    control: Control,
    person: Person,
    reason: Reason,
    start: Annotated[str, typer.Option(help="First day; today when left out.")] = "",
    end: Annotated[str, typer.Option(help="Last day; open when left out.")] = "",
    connection: Connection = None,
    as_json: Json = False,
) -> None:
    """Take people out of a control for a time."""
    starts, ends = day_option(start, "--start"), day_option(end, "--end")
    with Door(as_json) as door:
        view_id, ids = _whom(door, connection, person)
        done = evaluate.exclude(
            door.inst, view_id, control, ids, reason=reason, actor=door.actor,
            starts_on=starts or door.inst.today(), ends_on=ends,
        )  # fmt: skip
        document = {"control": control, "people": done, "subjects": ids}
        door.done(document, f"{done:,} excluded from {control}.")


@exclusions_app.command(name="end")
def end_command(
    control: Control,
    person: Person,
    reason: Reason,
    connection: Connection = None,
    as_json: Json = False,
) -> None:
    """End exclusions now."""
    with Door(as_json) as door:
        view_id, ids = _whom(door, connection, person)
        for user_id in ids:
            evaluate.withdraw_exclusion(
                door.inst, view_id, control, user_id, reason=reason, actor=door.actor
            )
        document = {"control": control, "people": len(ids), "subjects": ids}
        door.done(document, f"{len(ids):,} count again for {control}.")


@exclusions_app.command(name="list")
def list_exclusions(
    control: Annotated[str | None, typer.Option(help="Only of this control.")] = None,
    connection: Connection = None,
    as_json: Json = False,
) -> None:
    """List the newest word on each excluded person, control by control."""
    with Door(as_json) as door:
        view = door.connection(connection)
        known = [r.control_id for r in evaluate.latest_results(door.inst, view.id)]
        rows: list[dict[str, Any]] = []
        for name in [control] if control else known:
            said = evaluate.exclusions(door.inst, view.id, name).to_dict("records")
            rows += [{"control": name, **_exclusion(row)} for row in said]
        door.done(rows, "")
        if not as_json:
            print_table(rows, ("control", "label", "state", "starts_on", "ends_on", "reason"))


def _whom(door: Door, connection: int | None, person: list[str]) -> tuple[int, list[str]]:
    """The connection's id, and the people's, who were named by id, e-mail or login."""
    view = door.connection(connection)
    return view.id, [personnel.person_id(door.inst, view.id, who) for who in person]


def _exclusion(row: dict[Any, Any]) -> dict[str, Any]:
    def day(value: date | None) -> str | None:
        return value.isoformat() if isinstance(value, date) else None

    return {
        "subject": row["user_id"],
        "label": row["label"],
        "state": row["state"],
        "starts_on": day(row["starts_on"]),
        "ends_on": day(row["ends_on"]),
        "reason": row["reason"],
        "author": row["author"],
    }
