"""How a run reads, decided once at its beginning and kept with it: full, or what the log marks."""

from dataclasses import replace

from okta_client.errors import OktaError
from okta_client.log_events import Dirty, marks
from storage import runs
from storage.runs import RunRecord
from workflows.installation import Installation
from workflows.sync_known import known
from workflows.sync_log import Followed, must_end, note_place, read_on
from workflows.sync_mode import why_full
from workflows.sync_plan import Plan
from workflows.sync_quick import Quick
from workflows.sync_read import Reader


def choose(inst: Installation, run: RunRecord, reader: Reader) -> tuple[RunRecord, Plan]:
    """Read the log, say how the run goes on, and give it the plan for that.

    Comes before anything else is read: what happens from here on is the next run's to find. A
    resumed run keeps the place that it noted first, since pages from then are used again.
    Raises the OktaError that must end the run.
    """
    asked, reason = run.asked_mode or run.mode, None
    last = runs.latest_published(inst.database, run.connection_id)
    followed, dirty = None, Dirty()
    resumed_in_full = run.log is not None and run.mode == "full"
    if asked != "full" and resumed_in_full:
        reason = run.mode_reason
    elif asked != "full":
        reason = why_full(
            asked,
            scope=run.scope,
            last=last,
            last_full=runs.latest_full(inst.database, run.connection_id),
            now=inst.now(),
        )
        if reason is None and last is not None:
            followed, dirty, reason = _since(reader, last)
    full = asked == "full" or reason is not None
    if followed is None and run.log is None:
        followed = _place(inst, reader)
    run = replace(
        run,
        mode="full" if full else "incremental",
        mode_reason=reason,
        based_on=None if full or last is None else last.id,
        log=run.log or (followed.as_kept() if followed else None),
    )
    runs.reading(
        inst.database,
        run.id,
        owner=inst.owner,
        mode=run.mode,
        reason=run.mode_reason,
        based_on=run.based_on,
        log=run.log,
    )
    if full or last is None:
        return run, Plan()
    plan = Quick(
        inst.database,
        run,
        reader.scope,
        last=last,
        known=known(inst.database, run.connection_id),
        dirty=dirty,
    )
    return run, plan


def _since(reader: Reader, last: RunRecord) -> tuple[Followed | None, Dirty, str | None]:
    """What the log tells since the last published run, or why that is not enough."""
    try:
        followed = read_on(reader, last.log or {})
    except OktaError as error:
        if must_end(error):
            raise
        return None, Dirty(), f"Okta's system log could not be followed. {error.message}"
    dirty = marks(followed.events)
    return followed, dirty, dirty.everything


def _place(inst: Installation, reader: Reader) -> Followed | None:
    """Where the log stands now; None, and noted as not read, where it cannot be read."""
    try:
        return note_place(reader, inst.now())
    except OktaError as error:
        if must_end(error):
            raise
        reader.outcome.not_read["logs"] = error.message
        return None
