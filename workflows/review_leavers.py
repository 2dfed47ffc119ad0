"""Reviewers who leave: with the publish that shows it, what they had left goes to the fallback.

What they decided stands, and nothing moves back by itself (SPEC 5).
"""

from collections.abc import Callable
from dataclasses import replace

from controls.reviewers import has_left
from storage import campaigns, review_items, runs
from storage.database import Database
from storage.review_items import Filter
from workflows.errors import NotFoundHere
from workflows.installation import Actor, Installation
from workflows.review_held import Held
from workflows.review_people import Who
from workflows.snapshot import load

PUBLISH = Actor(id="system:publish", name="Countersign", role="system")


def hand_over_with_publish(inst: Installation, run_id: int) -> Callable[[Database], None]:
    """For history.publish: whom the run shows as gone has nothing left to decide after it."""

    def hand_over(publishing: Database) -> None:
        inside = replace(inst, database=publishing)
        run = runs.get(publishing, run_id)
        if run is None:
            raise NotFoundHere(f"Sync run {run_id}")
        with publishing.write() as conn:
            waiting = {
                (record.id, part["id"])
                for record in campaigns.active(conn)
                if record.connection_id == run.connection_id
                for part in review_items.progress(conn, record.id, by="reviewer").to_dict("records")
                if isinstance(part["id"], str) and part["decided"] < part["items"]
            }
            if not waiting:
                return
            # Read past the cache: this transaction may yet be rolled back.
            found = load(inside, run).snapshot
            who, left = Who(found.people, found.users), has_left(found.people)
            for campaign_id, reviewer in sorted(waiting):
                if reviewer in left or reviewer not in who.names:
                    theirs = Filter(campaign_id, reviewer_id=reviewer, decided=False)
                    item_ids = review_items.ids(conn, theirs)
                    held = Held.take(conn, inside, campaign_id, item_ids, PUBLISH)
                    held.without(reviewer, who)

    return hand_over
