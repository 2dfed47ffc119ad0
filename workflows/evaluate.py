"""Controls: what they say, about whom, over time; and exclusions (SPEC 4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pandas as pd

from controls import registry
from controls.model import Control
from storage import audit_log, results
from workflows.connect import required_reason
from workflows.errors import CountersignError, NotFoundHere
from workflows.guard import entry
from workflows.installation import Actor, Installation
from workflows.judge import judge_newest
from workflows.snapshot import moment
from workflows.sync import run_sync


@dataclass(frozen=True)
class ControlResult:
    """A control and what it said last. outcome: PASSED, FAILED, ERROR, or NOT_RUN.

    subject: what findings are about: "person", "application" or "removal".
    """

    result_id: int | None
    control_id: str
    test: int | None
    subject: str
    title: str
    question: str
    version: str
    frameworks: list[tuple[str, str, str]]
    parameters: dict[str, Any]
    how: str
    outcome: str
    reason: str
    as_of: datetime | None
    run_id: int | None
    evaluated_at: datetime | None
    in_scope: int
    passed: int
    failed: int
    excluded: int
    unknown: int
    summary: dict[str, Any]

    def named(self, between: str = ": ") -> str:
        """Test 86: MFA on Identity Provider; controls without such a number by their title."""
        return f"Test {self.test}{between}{self.title}" if self.test else self.title

    @property
    def needs_work(self) -> bool:
        """True when somebody should look: it fails, or it could not tell what there is to judge."""
        return self.outcome == "FAILED" or (
            self.outcome == "ERROR" and not self.summary.get("idle")
        )


@entry
def latest_results(inst: Installation, connection_id: int) -> list[ControlResult]:
    """Every control with its newest result."""
    return [
        _result(control, results.latest(inst.database, connection_id, control.id, until=inst.until))
        for control in registry.CONTROLS
    ]


@entry
def result(
    inst: Installation, result_id: int, *, connection_id: int | None = None
) -> ControlResult:
    """One result, of a connection if one is named. Raises NotFoundHere."""
    row = results.get(inst.database, result_id)
    control = registry.by_id(row["control_id"]) if row else None
    elsewhere = row is not None and connection_id not in (None, row["connection_id"])
    if row is None or control is None or elsewhere or _too_new(inst, row["evaluated_at"]):
        raise NotFoundHere(f"Result {result_id}")
    return _result(control, row)


@entry
def findings(inst: Installation, result_id: int) -> pd.DataFrame:
    """A result's findings: user_id, connection_id, label, outcome, reason, message, warning."""
    result(inst, result_id)
    return results.findings(inst.database, result_id)


@entry
def result_history(inst: Installation, connection_id: int, control_id: str) -> pd.DataFrame:
    """What a control said about each run, oldest first."""
    columns = [
        "result_id",
        "run_id",
        "as_of",
        "evaluated_at",
        "outcome",
        "in_scope",
        "passed",
        "failed",
        "excluded",
        "unknown",
    ]
    rows = results.history(inst.database, connection_id, control_id, until=inst.until)
    return pd.DataFrame([{**row, "result_id": row["id"]} for row in rows], columns=columns)


@entry
def run_controls(
    inst: Installation, connection_id: int, *, actor: Actor, sync_first: bool = True
) -> list[ControlResult]:
    """Evaluate every control, after a sync unless told not to.

    Raises CountersignError when the sync does not publish, or nothing was ever published.
    """
    if sync_first:
        run = run_sync(inst, connection_id, actor=actor)
        if run.state != "published":
            said = run.error["message"] if run.error else "It waits for a decision."
            raise CountersignError(
                f"The sync did not publish ({run.state}). {said}",
                code=f"sync_{run.state}",
                action="See the Sync page.",
            )
    judge_newest(inst, connection_id)
    return latest_results(inst, connection_id)


@entry
def exclude(
    inst: Installation,
    connection_id: int,
    control_id: str,
    user_ids: Sequence[str],
    *,
    reason: str,
    starts_on: date,
    ends_on: date | None,
    actor: Actor,
) -> int:
    """Take people out of a control for a time. Returns how many."""
    if ends_on is not None and ends_on < starts_on:
        raise CountersignError(
            "The exclusion ends before it starts.", code="bad_dates", field="ends_on"
        )
    return _say(
        inst,
        connection_id,
        control_id,
        user_ids,
        reason=reason,
        actor=actor,
        starts_on=starts_on,
        ends_on=ends_on,
        withdrawn=False,
    )


@entry
def withdraw_exclusion(
    inst: Installation,
    connection_id: int,
    control_id: str,
    user_id: str,
    *,
    reason: str,
    actor: Actor,
) -> None:
    """End an exclusion now."""
    _say(
        inst,
        connection_id,
        control_id,
        [user_id],
        reason=reason,
        actor=actor,
        starts_on=inst.today(),
        ends_on=None,
        withdrawn=True,
    )


@entry
def exclusions(inst: Installation, connection_id: int, control_id: str) -> pd.DataFrame:
    """The newest word on each excluded person: state is active, future, ended or withdrawn."""
    said = results.exclusions(inst.database, connection_id, control_id=control_id, at=inst.until)
    newest = said.drop_duplicates("user_id").reset_index(drop=True)
    today = inst.today()
    newest["label"] = newest["user_id"].map(_subjects(inst, connection_id, control_id))
    newest["label"] = newest["label"].fillna(newest["user_id"])
    newest["state"] = [
        _state(*row, today=today)
        for row in zip(newest["withdrawn"], newest["starts_on"], newest["ends_on"], strict=True)
    ]
    return newest


def _too_new(inst: Installation, moment: datetime) -> bool:
    return inst.until is not None and moment > inst.until


def _say(
    inst: Installation,
    connection_id: int,
    control_id: str,
    user_ids: Sequence[str],
    *,
    reason: str,
    actor: Actor,
    starts_on: date,
    ends_on: date | None,
    withdrawn: bool,
) -> int:
    if registry.by_id(control_id) is None:
        raise NotFoundHere(f"Control “{control_id[:40]}”")
    reason = required_reason(reason)
    ids = list(dict.fromkeys(user_ids))
    if not ids or not set(_subjects(inst, connection_id, control_id)).issuperset(ids):
        raise CountersignError(
            "Choose somebody who is known here.", code="unknown_people", field="user_ids"
        )
    now = inst.now()
    with inst.database.write() as conn:
        results.add_exclusions(
            conn,
            [
                {
                    "connection_id": connection_id,
                    "control_id": control_id,
                    "user_id": user_id,
                    "reason": reason,
                    "author": actor.name,
                    "starts_on": starts_on,
                    "ends_on": ends_on,
                    "withdrawn": withdrawn,
                    "created_at": now,
                }
                for user_id in ids
            ],
        )
        audit_log.append(
            conn,
            actor=actor.id,
            action="exclusion.withdrawn" if withdrawn else "exclusion.added",
            subject=f"connection:{connection_id}",
            detail={"control": control_id, "user_ids": ids, "reason": reason},
            at=now,
        )
    judge_newest(inst, connection_id)
    return len(ids)


def _subjects(inst: Installation, connection_id: int, control_id: str) -> dict[str, str]:
    """Whom or what a control can be told to leave out, by name."""
    control = registry.by_id(control_id)
    if control is not None and control.subject != "person":
        last = results.latest(inst.database, connection_id, control_id)
        known = results.findings(inst.database, last["id"]) if last else pd.DataFrame()
        return dict(zip(known["user_id"], known["label"], strict=True)) if len(known) else {}
    people = moment(inst, connection_id).snapshot.people
    return dict(zip(people["user_id"], people["name"], strict=True))


def _state(withdrawn: bool, starts_on: date, ends_on: date | None, *, today: date) -> str:
    if withdrawn:
        return "withdrawn"
    if starts_on > today:
        return "future"
    return "ended" if ends_on is not None and ends_on < today else "active"


def _result(control: Control, row: dict[str, Any] | None) -> ControlResult:
    row = row or {"outcome": "NOT_RUN", "reason": "Nothing has been synced yet."}
    return ControlResult(
        result_id=row.get("id"),
        control_id=control.id,
        test=control.test,
        subject=control.subject,
        title=control.title,
        question=control.question,
        version=row.get("version", control.version),
        frameworks=[(r.framework, r.number, r.title) for r in control.frameworks],
        parameters=row.get("parameters") or dict(control.parameters),
        how=control.how,
        outcome=row["outcome"],
        reason=row["reason"],
        as_of=row.get("as_of"),
        run_id=row.get("run_id"),
        evaluated_at=row.get("evaluated_at"),
        in_scope=row.get("in_scope", 0),
        passed=row.get("passed", 0),
        failed=row.get("failed", 0),
        excluded=row.get("excluded", 0),
        unknown=row.get("unknown", 0),
        summary=row.get("summary") or {},
    )
