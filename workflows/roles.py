"""Giving and withdrawing roles (SPEC 7). Whoever signs in without one is a reviewer."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.engine import Connection

from okta_client.oidc import Person
from storage import audit_log, connections, roles
from storage.roles import Account, GrantRecord
from workflows.connect import required_reason
from workflows.errors import CountersignError, NotFoundHere
from workflows.guard import entry
from workflows.installation import Actor, Installation
from workflows.permissions import ANALYST, AUDITOR
from workflows.who import normal, signs_in

# Not in the store: the operator's word, which only the operator takes back.
BY_SETTING = "COUNTERSIGN_ANALYSTS"


@dataclass(frozen=True)
class GrantView:
    """A role somebody has or had. subject: the Okta user id, else the e-mail. withdrawable: not
    by the operator's setting."""

    role: str
    subject: str
    name: str
    email: str
    given: bool
    ends_on: date | None
    as_of_limit: date | None
    reason: str
    author: str
    at: datetime | None
    withdrawable: bool


@entry
def list_grants(inst: Installation) -> list[GrantView]:
    """The roles in force: first those of the setting, then those given here, newest first."""
    today = inst.today()
    with inst.database.read() as conn:
        given = [g for g in roles.newest(conn) if g.in_force(today)]
    named = [
        GrantView(
            ANALYST, who, who, who if "@" in who else "", True, None, None,
            "Named by the operator", BY_SETTING, None, False,
        )
        for who in inst.settings.analysts
    ]  # fmt: skip
    return [*named, *map(_view, given)]


@entry
def role_history(inst: Installation, *, limit: int = 50) -> list[GrantView]:
    """Every role given or withdrawn, the newest first."""
    with inst.database.read() as conn:
        return [_view(g) for g in roles.history(conn, limit=limit)]


@entry
def grant(
    inst: Installation,
    who: str,
    role: str,
    *,
    reason: str,
    actor: Actor,
    ends_on: date | None = None,
    as_of_limit: date | None = None,
) -> GrantView:
    """Give a role to who has this e-mail or Okta user id. Raises CountersignError with the field.

    ends_on: an auditor's last day. as_of_limit: the newest day whose data the auditor sees.
    """
    reason = required_reason(reason)
    if role not in (ANALYST, AUDITOR):
        raise CountersignError(
            "Choose analyst or auditor; reviewers need no role.", code="bad_role", field="role"
        )
    if role == ANALYST and (ends_on or as_of_limit):
        raise CountersignError(
            "Only an auditor's access has an end or a limit.", code="bad_dates", field="ends_on"
        )
    if ends_on is not None and ends_on < inst.today():
        raise CountersignError("This last day has passed.", code="bad_dates", field="ends_on")
    with inst.database.write() as conn:
        roles.lock(conn)
        subject = _subject(conn, who)
        record = _add(
            inst, conn, role, subject, given=True, reason=reason, author=actor.id,
            ends_on=ends_on, as_of_limit=as_of_limit,
        )  # fmt: skip
    return _view(record)


@entry
def withdraw(inst: Installation, subject: str, role: str, *, reason: str, actor: Actor) -> None:
    """Take a role back. Raises CountersignError when nobody would be an analyst any more."""
    reason = required_reason(reason)
    today = inst.today()
    with inst.database.write() as conn:
        roles.lock(conn)
        in_force = [g for g in roles.newest(conn) if g.in_force(today)]
        mine = next((g for g in in_force if (g.subject, g.role) == (subject, role)), None)
        if mine is None:
            raise NotFoundHere("This role", action="Somebody else may have withdrawn it already.")
        others = [g for g in in_force if g.role == ANALYST and g is not mine]
        people_sign_in = any(signs_in(c) for c in connections.list_all(conn))
        if role == ANALYST and people_sign_in and not others and not inst.settings.analysts:
            raise CountersignError(
                f"{mine.name} is the last analyst, and nobody could give roles any more.",
                code="last_analyst",
                action="Make somebody else an analyst first.",
            )
        who = Account(mine.okta_user_id or "", mine.email or "", mine.email or "", mine.name)
        _add(inst, conn, role, who, given=False, reason=reason, author=actor.id)


def analyst_is_known(inst: Installation, conn: Connection) -> bool:
    """Whether anybody is an analyst, by setting or by grant."""
    today = inst.today()
    return bool(inst.settings.analysts) or any(
        g.role == ANALYST and g.in_force(today) for g in roles.newest(conn)
    )


def give_first_analyst(inst: Installation, conn: Connection, person: Person) -> None:
    """Make whoever signs in first, from this computer, the first analyst."""
    who = Account(person.okta_user_id, person.login, person.email, person.name)
    reason = "The first to sign in, on the computer that Countersign runs on"
    _add(inst, conn, ANALYST, who, given=True, reason=reason, author=person.login)


def _subject(conn: Connection, typed: str) -> Account:
    """Whom an e-mail or an Okta user id names. Who is not in the directory is named by e-mail."""
    typed = typed.strip()
    if not typed or len(typed) > 300 or any(c.isspace() for c in typed):
        raise CountersignError(
            "Type one e-mail address or Okta user id.", code="bad_person", field="who"
        )
    if "@" not in typed:
        found = roles.accounts(conn, okta_user_id=typed)
        if not found:
            raise NotFoundHere(
                f"An account with the Okta user id “{typed[:40]}”",
                action="Sync, or type the person's e-mail.",
            )
        return found[0]
    email = normal(typed)
    found = roles.accounts(conn, email=email)
    if len(found) > 1:
        ids = ", ".join(sorted(account.okta_user_id for account in found))
        raise CountersignError(
            f"{len(found)} accounts have this e-mail, so it names nobody.",
            code="shared_email",
            field="who",
            action=f"Type one of their Okta user ids: {ids}.",
        )
    return found[0] if found else Account("", email, email, email)


def _add(
    inst: Installation,
    conn: Connection,
    role: str,
    who: Account,
    *,
    given: bool,
    reason: str,
    author: str,
    ends_on: date | None = None,
    as_of_limit: date | None = None,
) -> GrantRecord:
    now = inst.now()
    record = GrantRecord(
        id=0,
        role=role,
        okta_user_id=who.okta_user_id or None,
        email=normal(who.email) or None,
        name=who.name or who.login,
        given=given,
        ends_on=ends_on,
        as_of_limit=as_of_limit,
        reason=reason,
        author=author,
        created_at=now,
    )
    values = {name: value for name, value in vars(record).items() if name != "id"}
    roles.add(conn, **values)
    audit_log.append(
        conn,
        actor=author,
        action="role.granted" if given else "role.withdrawn",
        subject=f"person:{record.subject}",
        detail={
            "role": role,
            "name": record.name,
            "email": record.email,
            "ends_on": ends_on.isoformat() if ends_on else None,
            "as_of_limit": as_of_limit.isoformat() if as_of_limit else None,
            "reason": reason,
        },
        at=now,
    )
    return record


def _view(record: GrantRecord) -> GrantView:
    return GrantView(
        record.role, record.subject, record.name, record.email or "", record.given,
        record.ends_on, record.as_of_limit, record.reason, record.author, record.created_at, True,
    )  # fmt: skip
