"""What becomes true together with a publish, in its transaction: all of it or nothing."""

from collections.abc import Callable
from dataclasses import replace

from storage import runs
from storage.database import Database
from workflows.errors import NotFoundHere
from workflows.installation import Installation
from workflows.judge import judge_published
from workflows.review_leavers import hand_over
from workflows.sessions import end_of_leavers
from workflows.snapshot import load


def together_with(inst: Installation, run_id: int) -> Callable[[Database], None]:
    """For history.publish: what controls say about the run, and what leavers leave behind.

    Reviews come first: who decides locks a campaign, its items, the removals and the audit log, in
    this order, and so does a publish.
    """

    def take(publishing: Database) -> None:
        inside = replace(inst, database=publishing)
        run = runs.get(publishing, run_id)
        if run is None:
            raise NotFoundHere(f"Sync run {run_id}")
        # Read past the cache: this transaction may yet be rolled back.
        snapshot = load(inside, run).snapshot
        hand_over(inside, run, snapshot)
        judge_published(inside, run, snapshot)
        end_of_leavers(inside, run)

    return take
