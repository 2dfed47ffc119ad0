"""What every use case stands on: settings, database and vault, opened once a process."""

import logging
import os
import socket
import threading
import uuid
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from storage.database import Database, migrate
from storage.errors import StorageError
from storage.vault import Vault
from workflows.errors import CountersignError
from workflows.redaction import configure_logging
from workflows.settings import Settings, load_settings

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Actor:
    """Who asks. role: "analyst", "auditor", "reviewer" or "system" (SPEC 7).

    id: what the audit log keeps; of signed-in people their Okta login. okta_user_id and email are
    there for who signed in (or plays a persona), and session_id says in which session.
    """

    id: str
    name: str
    role: str
    okta_user_id: str | None = None
    email: str | None = None
    session_id: int | None = None


# Who sits at the computer itself, while nobody has to sign in.
LOCAL_ANALYST = Actor(id="local-analyst", name="Local analyst", role="analyst")


@dataclass(frozen=True)
class Installation:
    """An opened installation. owner names this process in run rows: host:pid:random.

    actor: for whom a door uses it, whom workflows/guard.py checks at every entry; None behind the
    guard, where the program itself works. until: the newest moment that may be shown, to an
    auditor with such a limit; every reading entry heeds it.
    """

    settings: Settings
    database: Database
    vault: Vault
    owner: str = field(
        default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
    )
    actor: Actor | None = None
    until: datetime | None = None

    def on_behalf_of(self, actor: Actor) -> "Installation":
        """The same installation as this person may use it."""
        return replace(self, actor=actor)

    def not_after(self, moment: datetime | None) -> datetime | None:
        """The moment that may be shown in place of this one. None is the present."""
        if self.until is None:
            return moment
        return self.until if moment is None else min(moment, self.until)

    def now(self) -> datetime:
        """The present, aware, UTC. One place, so that tests can travel."""
        return datetime.now(UTC)

    def day(self, moment: datetime) -> date:
        """The day that a moment falls on in the installation's time zone (SPEC 3)."""
        return moment.astimezone(ZoneInfo(self.settings.time_zone)).date()

    def today(self) -> date:
        """The present day in the installation's time zone."""
        return self.day(self.now())


_opened: Installation | None = None
_lock = threading.Lock()


def open_installation(settings: Settings | None = None) -> Installation:
    """Open and migrate the store. Cached for the process unless settings are given.

    Raises CountersignError when the data directory or the database cannot be used.
    """
    if settings is not None:
        return _open(settings)
    global _opened
    with _lock:
        if _opened is None:
            _opened = _open(load_settings())
        return _opened


def _open(settings: Settings) -> Installation:
    configure_logging(settings.log_level)
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CountersignError(
            f"The data directory {settings.data_dir} cannot be made: {error.strerror}.",
            code="data_dir",
            action="Set COUNTERSIGN_DATA_DIR to a folder that this user may write.",
        ) from None
    try:
        database = Database(settings.url)
        migrate(database)
        vault = Vault.from_setting(
            settings.secret_key.get_secret_value() or None, settings.data_dir / "secret.key"
        )
    except StorageError as error:
        raise CountersignError(str(error), code="store") from None
    logger.info("Opened the store (%s).", database.dialect)
    return Installation(settings, database, vault)
