"""Start, watch, cancel and decide on sync runs (SPEC 2)."""

import os
import socket
import threading
import time
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.engine import Connection

from storage import audit_log, history, runs
from storage.errors import Conflict
from storage.runs import RunRecord
from workflows.connect import record_of, required_reason
from workflows.errors import CountersignError, NotFoundHere
from workflows.guard import entry
from workflows.installation import Actor, Installation
from workflows.on_publish import together_with
from workflows.runs import RunView, view
from workflows.sync_mode import MODES, scope_of
from workflows.sync_plausible import accepted_lists
from workflows.sync_work import work

# A heartbeat is written twice a second; this long without one, the owner is dead.
DEAD_AFTER = timedelta(seconds=30)


@entry
def start_sync(
    inst: Installation,
    connection_id: int,
    *,
    actor: Actor,
    mode: str = "full",
    accept_lists: Collection[str] = (),
    reason: str = "",
) -> RunView:
    """Start a sync in the background, or join the one that runs. Returns at once.

    accept_lists: lists ("app:ID", "group:ID") that the last published run did not believe and this
    one takes as they are, for a reason (SPEC 2).
    """
    run, created = _begin(
        inst, connection_id, actor=actor, mode=mode, accept_lists=accept_lists, reason=reason
    )
    if created:
        _in_background(inst, run)
    return view(run, joined=not created)


@entry
def run_sync(
    inst: Installation,
    connection_id: int,
    *,
    actor: Actor,
    mode: str = "full",
    accept_lists: Collection[str] = (),
    reason: str = "",
    on_progress: Callable[[RunView], None] | None = None,
) -> RunView:
    """Sync and wait for the end, in this process or in the one that runs it already."""
    run, created = _begin(
        inst, connection_id, actor=actor, mode=mode, accept_lists=accept_lists, reason=reason
    )
    if created:
        _in_background(inst, run)
    while True:
        now = get_run(inst, run.id)
        if on_progress is not None:
            on_progress(now)
        if not now.running:
            return view(_required(inst, run.id), joined=not created)
        if not created:
            # Whoever runs it may die while we wait.
            resume_orphans(inst)
        time.sleep(0.2)


@entry
def get_run(inst: Installation, run_id: int) -> RunView:
    """One run. Raises NotFoundHere."""
    run = _required(inst, run_id)
    if inst.until is not None and (run.finished_at is None or run.finished_at > inst.until):
        raise NotFoundHere(f"Sync run {run_id}")
    return view(run)


@entry
def list_runs(
    inst: Installation, connection_id: int, *, limit: int = 25, offset: int = 0
) -> list[RunView]:
    """A connection's runs, newest first."""
    found = runs.list_for(
        inst.database, connection_id, limit=limit, offset=offset, until=inst.until
    )
    return [view(run) for run in found]


@entry
def count_runs(inst: Installation, connection_id: int) -> int:
    """How many runs a connection has had."""
    return runs.count_for(inst.database, connection_id, until=inst.until)


@entry
def running_run(inst: Installation, connection_id: int) -> RunView | None:
    """The run that is under way."""
    run = runs.running_for(inst.database, connection_id)
    return view(run) if run and inst.until is None else None


@entry
def held_run(inst: Installation, connection_id: int) -> RunView | None:
    """The run that waits for a decision."""
    run = runs.held_for(inst.database, connection_id)
    return view(run) if run and inst.until is None else None


@entry
def latest_published(inst: Installation, connection_id: int) -> RunView | None:
    """The run whose data pages show."""
    run = runs.latest_published(inst.database, connection_id, inst.until)
    return view(run) if run else None


@entry
def cancel_sync(inst: Installation, run_id: int, *, actor: Actor) -> None:
    """Ask a running sync to stop. Nothing of it is published."""
    now = inst.now()
    with inst.database.write() as conn:
        if not runs.request_cancel(conn, run_id):
            raise CountersignError("This sync is not running any more.", code="not_running")
        _note(conn, actor, "sync.cancel_requested", run_id, {}, now)


@entry
def approve_held(inst: Installation, run_id: int, *, actor: Actor, reason: str) -> RunView:
    """Publish a held run."""
    reason = required_reason(reason)
    run = _required(inst, run_id)
    held = _still_held(run)
    try:
        history.publish(
            inst.database,
            run_id,
            owner=None,
            kinds=held["kinds"],
            clock=inst.now,
            run_fields={},
            audit={
                "actor": actor.id,
                "action": "sync.approved",
                "subject": f"run:{run_id}",
                "detail": {"reason": reason, "held_for": held["reason"]},
            },
            then=together_with(inst, run_id),
        )
    except Conflict as error:
        raise CountersignError(str(error), code="conflict") from None
    history.sweep(inst.database)
    return get_run(inst, run_id)


@entry
def discard_held(inst: Installation, run_id: int, *, actor: Actor, reason: str) -> RunView:
    """Throw a held run away; what was published before stays."""
    reason = required_reason(reason)
    _still_held(_required(inst, run_id))
    now = inst.now()
    try:
        with inst.database.write() as conn:
            runs.finish(
                conn,
                run_id,
                owner=None,
                state="cancelled",
                finished_at=now,
                error={"code": "discarded", "message": f"Discarded: {reason}"},
            )
            history.drop_staged(conn, run_id)
            _note(conn, actor, "sync.discarded", run_id, {"reason": reason}, now)
    except Conflict as error:
        raise CountersignError(str(error), code="conflict") from None
    return get_run(inst, run_id)


@entry
def resume_orphans(inst: Installation) -> list[int]:
    """Take over runs whose process has died, and bring them to their end in the background."""
    taken = []
    for run in runs.running(inst.database):
        if _owner_is_dead(inst, run) and runs.take_over(
            inst.database, run.id, owner=inst.owner, seen_owner=run.owner, now=inst.now()
        ):
            _in_background(inst, _required(inst, run.id))
            taken.append(run.id)
    return taken


def _begin(
    inst: Installation,
    connection_id: int,
    *,
    actor: Actor,
    mode: str,
    accept_lists: Collection[str],
    reason: str,
) -> tuple[RunRecord, bool]:
    if mode not in MODES:
        raise CountersignError(
            f"There is no sync mode “{mode[:40]}”.",
            code="bad_mode",
            field="mode",
            action=f"Choose one of: {', '.join(MODES)}.",
        )
    record = record_of(inst, connection_id)
    if record.state != "connected":
        raise CountersignError(
            f"{record.host} is disconnected.",
            code="disconnected",
            action="Connect it again on the Connection page.",
        )
    scope = scope_of(record, inst.settings.profile_attributes)
    if accept_lists:
        mode, reason = "full", required_reason(reason)
        last = runs.latest_published(inst.database, connection_id)
        scope["accepted_lists"] = accepted_lists(accept_lists, last)
    resume_orphans(inst)
    held = runs.held_for(inst.database, connection_id)
    now = inst.now()
    try:
        run, created = runs.start(
            inst.database,
            connection_id=connection_id,
            mode=mode,
            scope=scope,
            started_by=actor.id,
            owner=inst.owner,
            now=now,
        )
    except Conflict as error:
        raise CountersignError(str(error), code="conflict") from None
    if created:
        with inst.database.write() as conn:
            if held is not None:
                history.drop_staged(conn, held.id)
            detail = {"mode": mode, "accepted_lists": scope.get("accepted_lists"), "reason": reason}
            said = {name: value for name, value in detail.items() if value}
            _note(conn, actor, "sync.started", run.id, said, now)
    return run, created


def _in_background(inst: Installation, run: RunRecord) -> None:
    threading.Thread(target=work, args=(inst, run), name=f"sync-{run.id}", daemon=True).start()


def _owner_is_dead(inst: Installation, run: RunRecord) -> bool:
    host, pid = run.owner.split(":")[:2]
    if run.owner == inst.owner:
        return False
    if host == socket.gethostname():
        try:
            os.kill(int(pid), 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            return False
    return inst.now() - run.heartbeat_at > DEAD_AFTER


def _required(inst: Installation, run_id: int) -> RunRecord:
    run = runs.get(inst.database, run_id)
    if run is None:
        raise NotFoundHere(f"Sync run {run_id}")
    return run


def _still_held(run: RunRecord) -> dict[str, Any]:
    if run.state != "held" or run.held is None:
        raise CountersignError(
            f"Run {run.id} does not wait for a decision any more; it is {run.state}.",
            code="not_held",
        )
    return run.held


def _note(
    conn: Connection, actor: Actor, action: str, run_id: int, detail: dict[str, Any], now: datetime
) -> None:
    subject = f"run:{run_id}"
    audit_log.append(conn, actor=actor.id, action=action, subject=subject, detail=detail, at=now)
