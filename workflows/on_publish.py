"""What becomes true together with a publish, in its transaction: all of it or nothing."""

from collections.abc import Callable

from storage.database import Database
from workflows.installation import Installation
from workflows.judge import judge_published
from workflows.review_leavers import hand_over_with_publish
from workflows.sessions import end_with_publish


def together_with(inst: Installation, run_id: int) -> Callable[[Database], None]:
    """For history.publish: what controls say about the run, and what leavers leave behind.

    Reviews come first: who decides locks a campaign, its items, the removals and the audit log, in
    this order, and so does a publish.
    """
    steps = (
        hand_over_with_publish(inst, run_id),
        judge_published(inst, run_id),
        end_with_publish(inst, run_id),
    )

    def take(publishing: Database) -> None:
        for step in steps:
            step(publishing)

    return take
