"""Retention of raw pages: after so many days, as the operator has set, bodies are let go of."""

import logging
from datetime import timedelta

from storage import audit_log, retention
from workflows.installation import Installation

logger = logging.getLogger(__name__)


def let_go_of_pages(inst: Installation, *, actor: str) -> int:
    """Empty the bodies of raw pages that are old enough. Returns how many; 0 when none is due.

    Kept always: addresses, times, request ids and hashes, and every body that the newest published
    run stands on. COUNTERSIGN_RAW_PAGES_DAYS says after how many days; 0 means never.
    """
    days = inst.settings.raw_pages_days
    if not days:
        return 0
    now = inst.now()
    with inst.database.write() as conn:
        number, size = retention.empty_bodies(
            conn, before=now - timedelta(days=days), needed=retention.needed_runs(conn)
        )
        if number:
            audit_log.append(
                conn,
                actor=actor,
                action="retention.raw_pages",
                subject="raw_pages",
                detail={"older_than_days": days, "bodies": number, "bytes": size},
                at=now,
            )
    if number:
        logger.info("Let go of %s bodies of raw pages older than %s days.", number, days)
    return number
