"""Sign in with Okta: whether it is on, the way to Okta, and the way back (SPEC 7)."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.engine import Connection

from okta_client import oidc
from okta_client.errors import OktaError, SignInRefused
from storage import audit_log, connections, roles, sessions
from storage.connections import ConnectionRecord
from storage.errors import StorageError
from workflows import turning_away
from workflows.connect import view_of
from workflows.guard import entry
from workflows.installation import Installation
from workflows.roles import analyst_is_known, give_first_analyst
from workflows.sessions import From, end_of_browser, open_session
from workflows.sign_in_readiness import missing
from workflows.turning_away import TurnedAway, turned_away
from workflows.who import normal, signs_in, standing_of

__all__ = ["TurnedAway"]

ATTEMPT_LASTS = timedelta(minutes=10)


@dataclass(frozen=True)
class Offer:
    """One Okta to sign in with. host: its address as people know it."""

    connection_id: int
    host: str


@dataclass(frozen=True)
class SignInState:
    """offers: empty while sign-in is off. why_off: a sentence, with what to do."""

    offers: tuple[Offer, ...]
    why_off: str = ""

    @property
    def on(self) -> bool:
        """True when people sign in; False when only this computer is answered."""
        return bool(self.offers)


@dataclass(frozen=True)
class Begun:
    """Where to send the browser, and the random value that its cookie must hold meanwhile."""

    url: str
    browser: str


@dataclass(frozen=True)
class Done:
    """A finished sign-in: the new session's random id, and where the person wanted to go."""

    token: str
    next: str


@entry
def sign_in_state(inst: Installation) -> SignInState:
    """Whether people sign in, and with which Okta. Read anew each time: no restart is needed."""
    with inst.database.read() as conn:
        records = [r for r in connections.list_all(conn) if not r.demo]
    offers = tuple(Offer(r.id, _host(r)) for r in records if signs_in(r))
    if offers:
        return SignInState(offers)
    waiting = next((r for r in records if r.client_id and r.client_secret_sealed), None)
    if waiting is None:
        return SignInState((), "No sign-in is set up.")
    why = missing(view_of(waiting).preflight) or ""
    return SignInState((), f"Sign in with Okta is not switched on. {why}".strip())


@entry
def begin(
    inst: Installation,
    *,
    base_url: str,
    next: str,
    browser: str | None,
    came: From,
    connection_id: int | None = None,
    iss: str | None = None,
) -> Begun:
    """The way to Okta. Raises TurnedAway.

    base_url: where the browser sees the app. next: a path of ours, checked by the caller.
    browser: what its cookie holds from an attempt in another tab. iss: the issuer that the Okta
    tile names, which must be the connection's organization or custom domain.
    """
    record = _chosen(inst, connection_id, iss, came)
    redirect_uri = f"{base_url}/callback"
    try:
        started = oidc.start(
            _provider(record), client_id=str(record.client_id), redirect_uri=redirect_uri
        )
    except OktaError as error:
        raise turning_away.by_failure(inst, came, error) from None
    browser = browser or secrets.token_urlsafe(32)
    now = inst.now()
    with inst.database.write() as conn:
        sessions.begin_attempt(
            conn,
            state=started.state,
            browser=browser,
            now=now,
            connection_id=record.id,
            nonce=started.nonce,
            verifier_sealed=inst.vault.seal(started.verifier),
            redirect_uri=redirect_uri,
            next=next,
            expires_at=now + ATTEMPT_LASTS,
        )
    return Begun(started.url, browser)


@entry
def complete(
    inst: Installation,
    *,
    state: str,
    code: str,
    error: str,
    iss: str | None,
    browser: str | None,
    old_token: str | None,
    came: From,
) -> Done:
    """The way back: check everything, and open a session under a new id. Raises TurnedAway.

    error: what Okta says instead of a code. old_token: the session that the browser had; it ends.
    """
    with inst.database.write() as conn:
        attempt, wrong = sessions.use_attempt(
            conn, state=state, browser=browser or "", now=inst.now()
        )
    if attempt is None:
        raise turning_away.by_attempt(inst, came, wrong)
    with inst.database.read() as conn:
        record = connections.get(conn, attempt.connection_id)
    if record is None or not signs_in(record):
        raise turned_away(inst, came, "off", "Sign-in was switched off meanwhile.")
    if error or not code:
        raise turning_away.by_okta(inst, came, error)
    try:
        at = _provider(record)
        if iss and iss != at.issuer:
            raise SignInRefused("It names another issuer.", reason="issuer")
        person = oidc.finish(
            at,
            client_id=str(record.client_id),
            client_secret=inst.vault.open(str(record.client_secret_sealed)),
            redirect_uri=attempt.redirect_uri,
            code=code,
            verifier=inst.vault.open(attempt.verifier_sealed),
            nonce=attempt.nonce,
        )
    except (OktaError, StorageError) as failed:
        raise turning_away.by_failure(inst, came, failed) from None
    token = _welcome(inst, record, person, old_token, came)
    return Done(token, attempt.next)


@entry
def note_turned_away(inst: Installation, reason: str, message: str, *, came: From) -> TurnedAway:
    """Write down a request that a door itself refuses, and the refusal to show."""
    return turned_away(inst, came, reason, message)


def _welcome(
    inst: Installation,
    record: ConnectionRecord,
    person: oidc.Person,
    old_token: str | None,
    came: From,
) -> str:
    """Open the session. The random id is always new: one that was planted opens nothing."""
    with inst.database.write() as conn:
        end_of_browser(inst, conn, old_token, "replaced")
        roles.lock(conn)
        if came.local and not analyst_is_known(inst, conn):
            give_first_analyst(inst, conn, person)
        token, number = open_session(
            inst,
            conn,
            kind="okta",
            came=came,
            connection_id=record.id,
            okta_user_id=person.okta_user_id,
            login=person.login,
            email=person.email,
            name=person.name,
            id_token_sealed=inst.vault.seal(person.id_token),
        )
        standing = standing_of(inst, conn, okta_user_id=person.okta_user_id, email=person.email)
        audit_log.append(
            conn,
            actor=person.login,
            action="sign_in.succeeded",
            subject=f"session:{number}",
            detail={
                "okta_user_id": person.okta_user_id,
                "email": person.email,
                "role": standing.role,
                "known_by": _known_by(conn, person),
                "through": _host(record),
                "from": came.address,
            },
            at=inst.now(),
        )
    return token


def _known_by(conn: Connection, person: oidc.Person) -> str:
    """How the directory knows the person: by Okta user id first, by e-mail second."""
    if roles.accounts(conn, okta_user_id=person.okta_user_id):
        return "okta_user_id"
    return "email" if roles.accounts(conn, email=normal(person.email)) else "nothing yet"


def _chosen(
    inst: Installation, connection_id: int | None, iss: str | None, came: From
) -> ConnectionRecord:
    with inst.database.read() as conn:
        known = [record for record in connections.list_all(conn) if signs_in(record)]
    if not known:
        raise turned_away(inst, came, "off", sign_in_state(inst).why_off, action="")
    if iss is not None:
        known = [record for record in known if iss.rstrip("/") in _issuers(record)]
        if not known:
            raise turned_away(
                inst, came, "foreign_issuer", "This sign-in was started for another Okta."
            )
    if connection_id is not None:
        known = [record for record in known if record.id == connection_id]
    if not known:
        raise turned_away(inst, came, "unknown_connection", "This Okta is not connected here.")
    return known[0]


def _issuers(record: ConnectionRecord) -> set[str]:
    return {record.organization, record.custom_domain or record.organization}


def _provider(record: ConnectionRecord) -> oidc.Provider:
    return oidc.provider(record.custom_domain or record.organization, issuers=_issuers(record))


def _host(record: ConnectionRecord) -> str:
    return (record.custom_domain or record.organization).partition("://")[2]
