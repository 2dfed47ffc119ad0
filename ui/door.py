"""How a command comes in: opens the installation, and turns refusals into exit codes (SPEC 8)."""

import getpass
import json
from datetime import date
from typing import Annotated, Any, NoReturn

import typer
from rich.text import Text

from ui.terminal import err, out
from workflows import connect as connecting
from workflows.errors import CountersignError, NotAllowed, RuleRefused, shown
from workflows.installation import Actor, open_installation

FAILED, BAD_USE = 1, 2
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Connection = Annotated[
    int | None, typer.Option("--connection", help="Connection id, when there are several.")
]


class Door:
    """Opens the installation, and turns refusals into one message and an exit code."""

    def __init__(self, as_json: bool):
        self.as_json = as_json
        self.exit_code = 0

    def __enter__(self) -> "Door":
        name = _user_name()
        self.actor = Actor(id=f"cli:{name}", name=name, role="analyst")
        try:
            self.inst = open_installation().on_behalf_of(self.actor)
        except CountersignError as error:
            self.fail(error)
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is not None and (said := shown(error)):
            self.fail(said)
        if error is None and self.exit_code:
            raise SystemExit(self.exit_code)

    def connection(self, connection_id: int | None) -> connecting.ConnectionView:
        """The connection asked for, or the only one."""
        if connection_id is not None:
            return connecting.get_connection(self.inst, connection_id)
        view = connecting.current_connection(self.inst)
        if view is None:
            raise CountersignError(
                "No organization is connected.",
                code="not_connected",
                action="Run `python cli.py connect` first.",
            )
        return view

    def done(self, document: Any, text: str, *, failed: bool = False) -> None:
        """Print the outcome, and leave with 1 when what was asked for failed."""
        if self.as_json:
            print(json.dumps(document, ensure_ascii=False))
        elif text:
            out.print(Text(text))
        if failed:
            self.exit_code = FAILED

    def fail(self, error: CountersignError, **more: Any) -> NoReturn:
        """Print a refusal and leave: 1 when a check or a rule says no, 2 for wrong use."""
        refused = isinstance(error, RuleRefused | NotAllowed)
        if self.as_json:
            said = {"code": error.code, "message": str(error), "field": error.field}
            print(json.dumps({"error": said, **more}, ensure_ascii=False))
        if refused or not self.as_json:
            err.print(Text(str(error), style="red"))
        raise SystemExit(FAILED if refused or isinstance(error, connecting.Blocked) else BAD_USE)


def day_option(text: str, option: str) -> date | None:
    """A day as an option has it; None where it was left out. Bad use when it is none."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            f"“{text[:40]}” is not a date; write it like 2026-12-31.", param_hint=option
        ) from None


def _user_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
