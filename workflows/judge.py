"""Let every control look at a published run, and keep what they say."""

from dataclasses import replace

from controls.model import Snapshot, evaluate
from controls.registry import CONTROLS
from storage import results
from storage.runs import RunRecord
from workflows.installation import Installation
from workflows.removals import check_published, note_checked
from workflows.review_facts import facts
from workflows.snapshot import moment


def judge_newest(inst: Installation, connection_id: int) -> None:
    """Say it again about a connection's newest published run: people or exclusions have changed.

    Only the newest run is judged: results of earlier ones stand as they were said.
    """
    _judge(inst, connection_id, moment(inst, connection_id).snapshot)


def judge_published(inst: Installation, run: RunRecord, snapshot: Snapshot) -> None:
    """Say what controls make of a run that is being published. inst: with the store as it will be.

    Whether revoked access has gone comes first: a control asks for it.
    """
    at = run.published_at or inst.now()
    told = check_published(inst, run, at)
    _judge(inst, run.connection_id, snapshot)
    note_checked(inst, run, told, at)


def _judge(inst: Installation, connection_id: int, snapshot: Snapshot) -> None:
    known = facts(inst, connection_id, run_id=snapshot.run_id, as_of=inst.now())
    snapshot = replace(snapshot, reviews=known)
    with inst.database.write() as conn:
        for control in CONTROLS:
            said = evaluate(control, snapshot)
            results.add_result(
                conn,
                connection_id=connection_id,
                run_id=snapshot.run_id,
                control_id=control.id,
                version=control.version,
                as_of=said.as_of,
                evaluated_at=inst.now(),
                outcome=said.outcome,
                reason=said.reason,
                in_scope=said.in_scope,
                passed=said.passed,
                failed=said.failed,
                excluded=said.excluded,
                unknown=said.unknown,
                parameters=dict(control.parameters),
                summary=said.summary,
                findings=said.findings,
            )
