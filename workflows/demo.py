"""The bundled demo tenant: started beside the app, connected in one step, with a tomorrow."""

import contextlib
import json
import logging
import os
import subprocess
import sys
import threading
import urllib.request
from typing import Any

from storage import audit_log, roles
from workflows.connect import (
    ConnectionForm,
    ConnectionView,
    OnCheck,
    connect,
    current_connection,
    get_connection,
    list_connections,
)
from workflows.errors import CountersignError, NotFoundHere
from workflows.guard import entry
from workflows.installation import Actor, Installation
from workflows.personas import PERSONAS
from workflows.sessions import From, end_of_browser, open_session
from workflows.settings import PROJECT

logger = logging.getLogger(__name__)

USERS, SEED = 500, 7
# A demo that waits for a rate limit after the second click is no demo.
RATE_LIMIT_SCALE = 20
START_SECONDS = 20.0
_process: subprocess.Popen[str] | None = None
_lock = threading.Lock()


@entry
def demo_available(inst: Installation) -> bool:
    """True while no real organization is connected (SPEC 7)."""
    return all(connection.demo for connection in list_connections(inst))


@entry
def connect_demo(
    inst: Installation, *, actor: Actor, on_check: OnCheck | None = None
) -> ConnectionView:
    """Start the tenant, fill in what a person would type, and connect."""
    if not demo_available(inst):
        raise CountersignError(
            "The demo tenant is not available beside a real connection.",
            code="demo_beside_real",
            action="Disconnect the real connection first, or use another data directory.",
        )
    tenant = _tenant(inst)
    form = ConnectionForm(
        organization=tenant["url"],
        api_key=tenant["api_key"],
        email_domains=tuple(tenant["email_domains"]),
        client_id=tenant["client_id"],
        client_secret=tenant["client_secret"],
        access_reviews=True,
    )
    return connect(inst, form, actor=actor, on_check=on_check, demo=True)


@entry
def ensure_demo_running(inst: Installation) -> None:
    """Start the tenant again at its old address when it is connected: for the app's start."""
    if any(connection.demo for connection in list_connections(inst)):
        _tenant(inst)


@entry
def play_persona(inst: Installation, key: str, *, old_token: str | None, came: From) -> str | None:
    """Become one of the demo's people in this browser; "" goes back to the local analyst.

    Returns the new session's random id. Only ever in the demo, and only on this computer.
    """
    connection = current_connection(inst)
    if connection is None or not connection.demo or not came.local:
        raise CountersignError(
            "Personas are there for the demo tenant only.", code="not_demo", action=""
        )
    with inst.database.write() as conn:
        end_of_browser(inst, conn, old_token, "replaced")
        if not key:
            return None
        persona = next((p for p in PERSONAS if p.key == key), None)
        account = next(iter(roles.accounts(conn, email=persona.login)), None) if persona else None
        if persona is None or account is None:
            raise NotFoundHere("This person", action="Sync the demo tenant first.")
        token, number = open_session(
            inst,
            conn,
            kind="persona",
            came=came,
            connection_id=connection.id,
            okta_user_id=account.okta_user_id,
            login=persona.login,
            email=account.email,
            name=persona.name,
            id_token_sealed=None,
        )
        audit_log.append(
            conn,
            actor=persona.login,
            action="persona.played",
            subject=f"session:{number}",
            detail={"role": persona.role},
            at=inst.now(),
        )
    return token


@entry
def next_day(inst: Installation, connection_id: int, *, actor: Actor) -> list[str]:
    """Let a day pass in the demo tenant. Returns what happened, a sentence each."""
    connection = get_connection(inst, connection_id)
    if not connection.demo:
        raise CountersignError("Only the demo tenant's days can be let pass.", code="not_demo")
    tenant = _tenant(inst)
    url = f"{tenant['url']}/demo/next-day"
    request = urllib.request.Request(url, method="POST", data=b"")  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - loopback, ours
            happened = json.load(answer)
    except OSError:
        raise CountersignError(
            "The demo tenant does not answer.", code="demo_gone", action="Connect it again."
        ) from None
    state = _state_file(inst)
    kept = json.loads(state.read_text())
    state.write_text(json.dumps({**kept, "days": kept.get("days", 0) + 1}))
    return [str(line) for line in happened["happened"]]


def _state_file(inst: Installation) -> Any:
    return inst.settings.data_dir / "demo.json"


def _tenant(inst: Installation) -> dict[str, Any]:
    """The running tenant's address and key, starting it when it does not run."""
    global _process
    with _lock:
        state = _state_file(inst)
        known: dict[str, Any] = {}
        with contextlib.suppress(FileNotFoundError, ValueError):
            known = json.loads(state.read_text())
        if known and _answers(known["url"]):
            return known
        port = int(known["url"].rpartition(":")[2]) if known else 0
        _process = _start(port, known.get("days", 0), known.get("today"))
        line = _first_line(_process)
        tenant = {**json.loads(line), "days": known.get("days", 0)}
        state.write_text(json.dumps(tenant))
        return tenant


def _start(port: int, days: int, today: str | None) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "demo_tenant", "--port", str(port), "--users", str(USERS)]
    command += ["--seed", str(SEED), "--announce-json", "--until-stdin-closes", "--days", str(days)]
    command += ["--rate-limit-scale", str(RATE_LIMIT_SCALE)]
    if today:
        command += ["--today", today]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("COUNTERSIGN_")}
    return subprocess.Popen(
        command,
        cwd=PROJECT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def _first_line(process: "subprocess.Popen[str]") -> str:
    """What the tenant announces. Raises CountersignError when it does not start in time."""
    lines: list[str] = []
    reader = threading.Thread(
        target=lambda: lines.append(process.stdout.readline() if process.stdout else ""),
        daemon=True,
    )
    reader.start()
    reader.join(START_SECONDS)
    if not lines or not lines[0].strip():
        process.kill()
        raise CountersignError(
            "The demo tenant did not start.",
            code="demo_start",
            action="Try again; `python cli.py demo-tenant` shows what it says.",
        )
    return lines[0]


def _answers(url: str) -> bool:
    try:
        address = f"{url}/.well-known/okta-organization"
        with urllib.request.urlopen(address, timeout=3) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except OSError:
        return False
