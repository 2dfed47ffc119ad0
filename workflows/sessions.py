"""Sessions: who a browser belongs to, the list of one's own, and their many ends (SPEC 7)."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from okta_client import oidc
from okta_client.errors import OktaError
from storage import audit_log, connections, sessions
from storage.database import Database
from storage.errors import StorageError
from storage.runs import RunRecord
from storage.sessions import SESSIONS, SessionRecord
from workflows.errors import NotFoundHere, SignedOut
from workflows.guard import entry
from workflows.installation import Actor, Installation
from workflows.who import seat_of, why_ended

# Writing on each click would make every reader a writer; a quarter of the idle limit at most.
SEEN_EVERY = timedelta(seconds=60)
_writer = ThreadPoolExecutor(1, thread_name_prefix="countersign-seen")


@dataclass(frozen=True)
class Visitor:
    """Who came. actor None: nobody who is signed in, and why: "anonymous", "unknown" (a cookie
    that is not ours), or how the session ended; sentence says it to the person."""

    actor: Actor | None
    reason: str = ""
    sentence: str = ""


@dataclass(frozen=True)
class SessionView:
    """A session that stands. current: the one that asks."""

    id: int
    okta_user_id: str
    name: str
    login: str
    browser: str
    address: str
    started_at: datetime
    seen_at: datetime
    current: bool


@dataclass(frozen=True)
class From:
    """Where a request came from, as far as it is known. local: straight from this computer."""

    address: str
    browser: str
    local: bool = False


@entry
def visitor(inst: Installation, token: str | None, *, at_the_screen: bool = False) -> Visitor:
    """Whose session a browser's cookie opens.

    at_the_screen: a person did something, which puts the idle limit off.
    """
    if not token:
        return Visitor(None, "anonymous")
    with inst.database.read() as conn:
        record = sessions.by_token(conn, token)
        if record is None:
            return Visitor(None, "unknown", "Your session is not known here.")
        try:
            actor, _ = seat_of(inst, conn, record)
        except SignedOut as over:
            return Visitor(None, over.reason, over.message)
    every = min(SEEN_EVERY, timedelta(minutes=inst.settings.session_idle_minutes) / 4)
    now = inst.now()
    if at_the_screen and now - record.seen_at > every:
        # Beside the page: while a sync publishes, the store may make writers wait.
        _writer.submit(_seen, inst.database, record.id, now)
    return Visitor(actor)


def open_session(
    inst: Installation, conn: Connection, *, kind: str, came: From, **person: object
) -> tuple[str, int]:
    """A new session with a new random id, in the caller's transaction. Returns id and number."""
    token = secrets.token_urlsafe(32)
    now = inst.now()
    number = sessions.start(
        conn,
        token=token,
        now=now,
        kind=kind,
        address=came.address[:100],
        browser=came.browser[:200],
        expires_at=now + timedelta(hours=inst.settings.session_hours),
        **person,
    )
    return token, number


def end_of_browser(inst: Installation, conn: Connection, token: str | None, because: str) -> None:
    """End whatever session a browser had, in the caller's transaction."""
    if token:
        ours = SESSIONS.c.token_hash == sessions.hashed(token)
        for ended in sessions.end(conn, ours, because=because, now=inst.now()):
            _note(inst, conn, [ended], by=ended.login)


@entry
def sign_out(inst: Installation, token: str | None, *, base_url: str) -> str | None:
    """End the browser's session in every tab. Returns where Okta's session is ended, if it can be.

    base_url: where people open the app, to come back to.
    """
    with inst.database.write() as conn:
        record = sessions.by_token(conn, token) if token else None
        if record is None or record.ended_at is not None:
            return None
        end_of_browser(inst, conn, token, "signed_out")
        through = connections.get(conn, record.connection_id)
    if through is None or record.id_token_sealed is None or not through.client_id:
        return None
    try:
        return oidc.end_session_url(
            oidc.provider(
                through.custom_domain or through.organization,
                issuers={through.organization, through.custom_domain or ""},
            ),
            id_token_hint=inst.vault.open(record.id_token_sealed),
            back_to=f"{base_url}/signed-out",
        )
    except (OktaError, StorageError):
        # Ours has ended; that Okta's cannot be named now must not keep anybody signed in.
        return None


@entry
def own_sessions(inst: Installation, *, actor: Actor) -> list[SessionView]:
    """The asker's sessions that stand, newest first."""
    if actor.okta_user_id is None:
        return []
    with inst.database.read() as conn:
        found = sessions.standing(conn, okta_user_id=actor.okta_user_id)
    return _views(inst, found, actor)


@entry
def open_sessions(inst: Installation, *, actor: Actor) -> list[SessionView]:
    """Everybody's sessions that stand, newest first."""
    with inst.database.read() as conn:
        found = sessions.standing(conn)
    return _views(inst, found, actor)


@entry
def end_session(inst: Installation, session_id: int, *, actor: Actor) -> None:
    """End one of one's own sessions. Raises NotFoundHere for anybody else's."""
    ours = (SESSIONS.c.id == session_id) & (SESSIONS.c.okta_user_id == (actor.okta_user_id or ""))
    with inst.database.write() as conn:
        ended = sessions.end(conn, ours, because="elsewhere", now=inst.now())
        _note(inst, conn, ended, by=actor.id)
    if not ended:
        raise NotFoundHere("This session")


@entry
def end_everywhere(inst: Installation, *, actor: Actor) -> int:
    """Sign out everywhere, here too. Returns how many sessions that ended."""
    return _end_all(inst, actor.okta_user_id or "", because="elsewhere", actor=actor)


@entry
def end_sessions_of(inst: Installation, okta_user_id: str, *, actor: Actor) -> int:
    """End every session of another person. Returns how many that were."""
    return _end_all(inst, okta_user_id, because="analyst", actor=actor)


def _end_all(inst: Installation, okta_user_id: str, *, because: str, actor: Actor) -> int:
    with inst.database.write() as conn:
        theirs = SESSIONS.c.okta_user_id == okta_user_id
        ended = sessions.end(conn, theirs, because=because, now=inst.now())
        _note(inst, conn, ended, by=actor.id)
    return len(ended)


def end_of_leavers(inst: Installation, run: RunRecord) -> None:
    """Whom a run that is being published shows as gone loses the session together with it.

    inst: with the store as it will be.
    """
    with inst.database.write() as conn:
        gone = sessions.end_of_leavers(
            conn, run.connection_id, because="deactivated", now=inst.now()
        )
        _note(inst, conn, gone, by="system", run=run.id)


def _views(inst: Installation, found: list[SessionRecord], actor: Actor) -> list[SessionView]:
    now = inst.now()
    return [
        SessionView(
            s.id, s.okta_user_id, s.name, s.login, s.browser, s.address, s.started_at, s.seen_at,
            current=s.id == actor.session_id,
        )
        for s in found
        if why_ended(inst.settings, s, now) is None
    ]  # fmt: skip


def _note(
    inst: Installation,
    conn: Connection,
    ended: list[SessionRecord],
    *,
    by: str,
    **more: object,
) -> None:
    for record in ended:
        audit_log.append(
            conn,
            actor=by,
            action="session.ended",
            subject=f"session:{record.id}",
            detail={"of": record.login, "because": record.ended_because, **more},
            at=inst.now(),
        )


def _seen(database: Database, session_id: int, now: datetime) -> None:
    try:
        with database.write() as conn:
            sessions.seen(conn, session_id, now=now)
    except (StorageError, sa.exc.SQLAlchemyError):
        # The next click tries again.
        return
