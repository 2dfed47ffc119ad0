"""Whether this installation can serve: the database, its schema, and the key to its secrets."""

import logging

from storage import connections
from storage.database import is_current
from storage.errors import StorageError
from workflows.guard import entry
from workflows.installation import Installation

logger = logging.getLogger(__name__)


@entry
def readiness(inst: Installation) -> str | None:
    """What is wrong, in a sentence; None when everything is there.

    The key is tried on what it must open: a key that merely exists may be the wrong one.
    """
    try:
        if not is_current(inst.database):
            return "The store was migrated by another version; restart the app."
        with inst.database.read() as conn:
            records = connections.list_all(conn)
        for record in records:
            for sealed in (record.api_key_sealed, record.client_secret_sealed):
                if sealed:
                    inst.vault.open(sealed)
    except StorageError as error:
        return str(error)
    except Exception:  # a probe must answer whatever the driver raises
        logger.exception("The store does not answer.")
        return "The store does not answer; the log says why."
    return None
