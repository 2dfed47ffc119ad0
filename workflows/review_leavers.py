"""Reviewers who leave: with the publish that shows it, what they had left goes to the fallback.

What they decided stands, and nothing moves back by itself (SPEC 5).
"""

from controls.model import Snapshot
from controls.reviewers import has_left
from storage import campaigns, review_items
from storage.review_items import Filter
from storage.runs import RunRecord
from workflows.installation import Actor, Installation
from workflows.review_held import Held
from workflows.review_people import Who

PUBLISH = Actor(id="system:publish", name="Countersign", role="system")


def hand_over(inst: Installation, run: RunRecord, snapshot: Snapshot) -> None:
    """Leave nothing to decide with whom a run that is being published shows as gone.

    inst: with the store as it will be.
    """
    who, left = Who(snapshot.people, snapshot.users), has_left(snapshot.people)
    with inst.database.write() as conn:
        for record in campaigns.active(conn):
            if record.connection_id != run.connection_id:
                continue
            for part in review_items.progress(conn, record.id, by="reviewer").to_dict("records"):
                reviewer, waits = part["id"], part["decided"] < part["items"]
                if not waits or not isinstance(reviewer, str):
                    continue
                if reviewer in left or reviewer not in who.names:
                    theirs = Filter(record.id, reviewer_id=reviewer, decided=False)
                    item_ids = review_items.ids(conn, theirs)
                    Held.take(conn, inst, record.id, item_ids, PUBLISH).without(reviewer, who)
