"""Changing the key that encrypts stored secrets."""

from storage import audit_log, sealed
from storage.errors import StorageError
from workflows.errors import CountersignError
from workflows.guard import entry
from workflows.installation import Actor, Installation


@entry
def reseal(inst: Installation, *, actor: Actor) -> int:
    """Encrypt every stored secret with the newest key, so that older ones can be thrown away.

    All of them or none. Returns how many. Raises CountersignError when one cannot be opened.
    """
    try:
        with inst.database.write() as conn:
            count = sealed.rewrite(conn, inst.vault.rotate)
            audit_log.append(
                conn,
                actor=actor.id,
                action="keys.rotated",
                subject="vault",
                detail={"secrets": count},
                at=inst.now(),
            )
    except StorageError as error:
        raise CountersignError(
            f"{error} Nothing was changed.",
            code="vault_locked",
            action="Keep the older keys in COUNTERSIGN_SECRET_KEY until this has succeeded.",
        ) from None
    return count
