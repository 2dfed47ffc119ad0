"""What access reviews have come to, as the controls that they feed look at it."""

from datetime import datetime, timedelta

from controls.access import ENDED, app_labels
from controls.model import Reviews
from controls.reviewing import CLOSED
from storage import campaigns, removals, review_items, runs, snapshots
from workflows.installation import Installation
from workflows.review_scope import Scope

# What closed longer ago than this no control looks at.
LOOK_BACK = timedelta(days=400)


def facts(
    inst: Installation, connection_id: int, *, run_id: int, as_of: datetime
) -> Reviews | None:
    """Applications, their reviews and what was revoked, by a moment. None where reviews are off."""
    run = runs.get(inst.database, run_id)
    if run is None or not run.scope.get("access_reviews"):
        return None
    given = snapshots.distinct(inst.database, connection_id, "app_users", ("app_id", "status"))
    given = given[~given["status"].isin(ENDED)]
    apps = app_labels(snapshots.frame(inst.database, connection_id, "apps"))
    with inst.database.read() as conn:
        closed = {
            record.id: record
            for record in campaigns.list_for(conn, connection_id)
            if record.state == CLOSED
            and record.closed_at is not None
            and as_of - LOOK_BACK <= record.closed_at <= as_of
            and Scope.from_json(record.scope).everybody
        }
        covered = review_items.coverage(conn, list(closed))
        expected = removals.as_of(conn, connection_id, as_of)
    covered["campaign"] = covered["campaign_id"].map({i: c.name for i, c in closed.items()})
    covered["closed_at"] = covered["campaign_id"].map({i: c.closed_at for i, c in closed.items()})
    return Reviews(
        apps=apps[apps["app_id"].isin(given["app_id"])].sort_values("label", ignore_index=True),
        reviewed=covered,
        removals=expected,
    )
