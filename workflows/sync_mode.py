"""Full or incremental: what a run may build on, and the sentence that says why it may not."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from storage.runs import RunRecord

MODES = ("full", "incremental", "auto")
# The log is believed over a gap of this much (SPEC 2), and carried on no longer without a look
# at everything where the run may choose: imports can leave nothing but a summary in the log.
LONGEST_GAP = timedelta(days=7)
LONGEST_CHAIN = timedelta(days=7)
# Raise it when a sync begins to read more, or reads it otherwise: rows that an earlier version
# left must not be carried on.
READING = 2


def scope_of(record: Any, profile_attributes: Collection[str]) -> dict[str, Any]:
    """What a connection's run reads, fixed at its start."""
    return {
        "group_id": record.group_id,
        "group_label": record.group_label,
        "email_domains": list(record.email_domains),
        "access_reviews": record.access_reviews,
        "key_owner_id": record.key_owner_id,
        "key_set_at": record.key_set_at.isoformat() if record.key_set_at else None,
        "profile_attributes": sorted(profile_attributes),
        "reading": READING,
    }


def why_full(
    asked: str,
    *,
    scope: dict[str, Any],
    last: RunRecord | None,
    last_full: RunRecord | None,
    now: datetime,
) -> str | None:
    """Why a run that was asked to be incremental reads everything; None when it need not.

    last, last_full: the newest published run, and the newest that read everything.
    """
    if last is None or last_full is None:
        return "Nothing has been published yet that it could build on."
    if last.log is None:
        return "The last published sync could not note its place in Okta's system log."
    if now - last.started_at > LONGEST_GAP:
        return "The last published sync began more than 7 days ago."
    before = last.scope or {}
    if before.get("reading") != scope["reading"]:
        return "The last published sync was made by a version of Countersign that reads otherwise."
    read = ("group_id", "access_reviews", "profile_attributes")
    if any(before.get(name) != scope[name] for name in read):
        return "What the connection reads has been changed since the last published sync."
    if any(before.get(name) != scope[name] for name in ("key_owner_id", "key_set_at")):
        return "The API key has been replaced since the last published sync."
    if asked == "auto" and now - last_full.started_at > LONGEST_CHAIN:
        return "The last sync that read everything began more than 7 days ago."
    return None
