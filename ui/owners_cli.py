"""`cli.py reviews owners …`: who owns which application, group or admin role."""

from typing import Annotated

import typer

from ui.door import Connection, Door, Json
from ui.terminal import print_table
from workflows import review_owners
from workflows.errors import RuleRefused
from workflows.naming import resource_named
from workflows.review_basis import basis

owners_app = typer.Typer(help="Owners, for reviews that they decide.", no_args_is_help=True)


@owners_app.command(name="list")
def list_command(connection: Connection = None, as_json: Json = False) -> None:
    """List what has owners."""
    with Door(as_json) as door:
        view = door.connection(connection)
        found = review_owners.owners(door.inst, view.id, actor=door.actor)
        door.done([one.as_json() for one in found], "")
        if not as_json:
            rows = [
                {"resource": one.label, "kind": one.kind, "owners": ", ".join(one.owners.values())}
                for one in found
            ]
            print_table(rows, ("resource", "kind", "owners"))


@owners_app.command(name="set")
def set_command(
    app: Annotated[str | None, typer.Option(help="An application, by label or Okta id.")] = None,
    group: Annotated[str | None, typer.Option(help="A group, by name or Okta id.")] = None,
    role: Annotated[str | None, typer.Option(help="An admin role, by label or type.")] = None,
    owner: Annotated[
        list[str] | None, typer.Option(help="E-mail or Okta id; repeat for several owners.")
    ] = None,
    nobody: Annotated[bool, typer.Option("--nobody", help="It has no owner any more.")] = False,
    connection: Connection = None,
    as_json: Json = False,
) -> None:
    """Say who owns something. Of several owners the first to decide settles a review's item."""
    said = {"app": app, "group": group, "admin_role": role}
    chosen = [(kind, text) for kind, text in said.items() if text]
    if len(chosen) != 1:
        raise typer.BadParameter("Name one of --app, --group and --role.")
    if bool(owner) == nobody:
        raise typer.BadParameter("Name an --owner, or say --nobody.")
    with Door(as_json) as door:
        view = door.connection(connection)
        ((kind, text),) = chosen
        resources = basis(door.inst, view.id).resources
        resource_id = resource_named(resources, kind, text, refusal=RuleRefused)
        ids = review_owners.set_owners(
            door.inst, view.id, kind, resource_id, owner or (), actor=door.actor
        )
        document = {"kind": kind, "okta_id": resource_id, "owners": ids}
        door.done(document, f"“{text}” has {len(ids)} owner{'' if len(ids) == 1 else 's'} now.")
