"""The audit log, to read and to verify (SPEC 6)."""

import pandas as pd

from storage import audit_log
from storage.audit_log import Verification
from workflows.guard import entry
from workflows.installation import Installation


@entry
def audit_events(inst: Installation, *, limit: int, before: int | None = None) -> pd.DataFrame:
    """The newest events first: seq, at, actor, action, subject, detail, hash."""
    with inst.database.read() as conn:
        return pd.DataFrame(audit_log.events(conn, limit=limit, before=before, until=inst.until))


@entry
def verify_audit(inst: Installation) -> Verification:
    """Walk the whole chain; names the first event altered, removed or inserted."""
    with inst.database.read() as conn:
        return audit_log.verify(conn)
