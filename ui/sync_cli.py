"""`cli.py sync`: read and publish, decide on a run that waits, and show a run's certificate."""

from typing import Annotated

import typer
from rich.text import Text

from ui.door import Connection, Door, Json
from ui.terminal import err, out, print_certificate, print_run, progress
from workflows import sync

sync_app = typer.Typer(invoke_without_command=True)


@sync_app.callback(invoke_without_command=True)
def sync_command(
    context: typer.Context,
    mode: Annotated[
        str,
        typer.Option(help="full, incremental, or auto: incremental, and full at least once a week"),
    ] = "full",
    approve: Annotated[int | None, typer.Option(help="Publish this run, which is held.")] = None,
    discard: Annotated[int | None, typer.Option(help="Throw this run away, which is held.")] = None,
    accept_list: Annotated[
        list[str] | None,
        typer.Option(help="app:ID or group:ID whose list is right as it is; repeat for several."),
    ] = None,
    reason: Annotated[str, typer.Option(help="Who decided, and why.")] = "",
    connection: Connection = None,
    as_json: Json = False,
) -> None:
    """Read the organization and publish what was read; or decide on a run that waits."""
    if context.invoked_subcommand is not None:
        return
    if approve is not None and discard is not None:
        raise typer.BadParameter("Approve a run or discard it, not both.", param_hint="--approve")
    with Door(as_json) as door:
        if approve is not None:
            run = sync.approve_held(door.inst, approve, actor=door.actor, reason=reason)
        elif discard is not None:
            run = sync.discard_held(door.inst, discard, actor=door.actor, reason=reason)
        else:
            view = door.connection(connection)
            with progress() as show:
                run = sync.run_sync(
                    door.inst, view.id, actor=door.actor, mode=mode, on_progress=show,
                    accept_lists=accept_list or (), reason=reason,
                )  # fmt: skip
        if run.mode_reason:
            err.print(Text(f"Read in full. {run.mode_reason}"))
        failed = run.state != "published" and discard is None
        door.done(run.as_json(), "", failed=failed)
        if not as_json:
            print_run(run)


@sync_app.command(name="show")
def show_command(
    run_id: Annotated[int, typer.Argument(metavar="RUN", help="The run's number.")],
    as_json: Json = False,
) -> None:
    """Show what a run read and how complete that is: its certificate."""
    with Door(as_json) as door:
        run = sync.get_run(door.inst, run_id)
        door.done({**run.as_json(), "held": run.held, "certificate": run.certificate}, "")
        if not as_json:
            print_run(run)
            if run.certificate is None:
                out.print("It has no certificate: it did not get as far as publishing.")
            else:
                print_certificate(run.certificate)
