"""Who somebody is and what they may do now: a session and the roles in force, read on each use.

Nothing of it is kept from one use to the next, so that a sign-out, a withdrawal or the end of a
grant shows at the next click in every tab.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day

from sqlalchemy.engine import Connection

from storage import connections, roles, sessions
from storage.connections import ConnectionRecord
from storage.roles import GrantRecord
from storage.sessions import SessionRecord
from workflows.errors import SignedOut
from workflows.installation import Actor, Installation
from workflows.personas import role_of_persona
from workflows.settings import Settings

# How long it is believed whether an e-mail tells people apart; only a publish changes that.
_BELIEVED_SECONDS = 60.0
_others: dict[tuple[str, str, str], tuple[float, bool]] = {}

ENDED = {
    "signed_out": "You signed out.",
    "elsewhere": "It was ended from another session of yours.",
    "analyst": "An analyst ended it.",
    "deactivated": "Okta says that this account cannot sign in any more.",
    "replaced": "Somebody signed in anew in this browser.",
    "idle": "Nobody used it for a while.",
    "expired": "It has lasted its longest time.",
    "off": "Sign-in through this connection was switched off.",
}


@dataclass(frozen=True)
class Standing:
    """What a person may do now. until: the newest moment that an auditor may see, if limited."""

    role: str
    until: datetime | None = None


def normal(email: str) -> str:
    """An e-mail as it is compared."""
    return email.strip().casefold()


def signs_in(record: ConnectionRecord) -> bool:
    """Whether people sign in through a connection."""
    usable = record.client_id and record.client_secret_sealed and record.state == "connected"
    return bool(record.sign_in and usable and not record.demo)


def why_ended(settings: Settings, record: SessionRecord, now: datetime) -> str | None:
    """The slug of why a session is over; None while it stands."""
    if record.ended_because is not None:
        return record.ended_because
    if record.expires_at <= now:
        return "expired"
    if now - record.seen_at >= timedelta(minutes=settings.session_idle_minutes):
        return "idle"
    return None


def seat_of(inst: Installation, conn: Connection, record: SessionRecord) -> tuple[Actor, Standing]:
    """The person of a session and what they may do. Raises SignedOut when the session is over."""
    reason = why_ended(inst.settings, record, inst.now())
    if reason is None and not _way_is_open(conn, record):
        reason = "off"
    if reason is not None:
        raise SignedOut(f"Your session has ended. {ENDED.get(reason, '')}".strip(), reason=reason)
    standing = (
        Standing(role_of_persona(record.login))
        if record.kind == "persona"
        else standing_of(inst, conn, okta_user_id=record.okta_user_id, email=record.email)
    )
    actor = Actor(
        id=record.login,
        name=record.name,
        role=standing.role,
        okta_user_id=record.okta_user_id,
        email=record.email,
        session_id=record.id,
    )
    return actor, standing


def seat_by_id(inst: Installation, conn: Connection, session_id: int) -> tuple[Actor, Standing]:
    """The same by the session's number. Raises SignedOut."""
    record = sessions.get(conn, session_id)
    if record is None:
        raise SignedOut("Your session has ended.", reason="expired")
    return seat_of(inst, conn, record)


def local_standing(conn: Connection) -> Standing:
    """What the local analyst may do: everything, until people sign in. Raises SignedOut."""
    if any(signs_in(record) for record in connections.list_all(conn)):
        raise SignedOut("Sign-in is on now.", reason="on")
    return Standing("analyst")


def standing_of(inst: Installation, conn: Connection, *, okta_user_id: str, email: str) -> Standing:
    """The strongest role in force: by Okta user id first, by e-mail second, never by name.

    The e-mail counts only where no other living account carries it.
    """
    email = normal(email)
    named = {entry if "@" not in entry else normal(entry) for entry in inst.settings.analysts}
    if okta_user_id in named:
        return Standing("analyst")
    said = [
        grant
        for grant in roles.newest_of(conn, okta_user_id=okta_user_id, email=email)
        if grant.in_force(inst.today())
    ]
    by_email = email in named or any(grant.okta_user_id is None for grant in said)
    if by_email and not email_is_theirs(inst, conn, okta_user_id=okta_user_id, email=email):
        said = [grant for grant in said if grant.okta_user_id is not None]
    elif email in named:
        return Standing("analyst")
    return _strongest(said, inst.now())


def email_is_theirs(inst: Installation, conn: Connection, *, okta_user_id: str, email: str) -> bool:
    """Whether the e-mail tells this account from all others that were synced."""
    if not email:
        return False
    key = (inst.database.shown_url, okta_user_id, email)
    known = _others.get(key)
    if known is None or time.monotonic() - known[0] > _BELIEVED_SECONDS:
        if len(_others) > 1000:
            _others.clear()
        found = roles.accounts(conn, email=email)
        others = any(account.okta_user_id != okta_user_id for account in found)
        known = _others[key] = (time.monotonic(), others)
    return not known[1]


def _way_is_open(conn: Connection, record: SessionRecord) -> bool:
    """Whether one can still sign in the way that this session came."""
    through = connections.get(conn, record.connection_id)
    if through is None or through.state != "connected":
        return False
    return through.demo if record.kind == "persona" else signs_in(through)


def _strongest(said: list[GrantRecord], now: datetime) -> Standing:
    given = {grant.role: grant for grant in said}
    if "analyst" in given:
        return Standing("analyst")
    if "auditor" not in given:
        return Standing("reviewer")
    limits = [g.as_of_limit for g in said if g.role == "auditor"]
    known = [limit for limit in limits if limit is not None]
    if len(known) < len(limits):
        return Standing("auditor")
    until = datetime.combine(max(known), time_of_day.max, tzinfo=UTC)
    return Standing("auditor", until if until < now else None)
