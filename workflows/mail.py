"""E-mail over SMTP: queued in the store, sent once, retried, and shown to the analyst.

Without a mail server nothing is sent, and the pages offer each text to copy.
"""

import logging
import smtplib
import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from hashlib import sha256
from typing import Any

from controls.emails import is_email, normalise_email
from storage import audit_log
from storage import mails as store
from workflows.errors import CountersignError, NotAllowed
from workflows.guard import entry
from workflows.installation import Actor, Installation
from workflows.review_access import require_analyst, require_reader

logger = logging.getLogger(__name__)

STATE_WORDS = {
    "TO_COPY": "To copy",
    "PENDING": "Waiting",
    "SENDING": "Being sent",
    "SENT": "Sent",
    "FAILED": "Failed",
}
# How long to wait before each further try; then it is failed until somebody says so.
PAUSES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=3))
LOST_AFTER = timedelta(minutes=10)
TIMEOUT_SECONDS = 20.0
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_LOST = "The program ended while sending, so it is not known whether it went out."


@dataclass(frozen=True)
class Letter:
    """One mail. key: what makes it this mail and no other; it is sent once."""

    key: str
    to_id: str
    to_name: str
    to_email: str | None
    subject: str
    body: str
    campaign_id: int | None = None


@dataclass(frozen=True)
class Sent:
    """What one round of sending did. problems: a sentence each, for who watches."""

    sent: int
    failed: int
    problems: list[str]


def row_of(inst: Installation, letter: Letter, connection_id: int, *, by: str) -> dict[str, Any]:
    """A letter as the store queues it: to send, to copy, or failed for want of an address."""
    address = normalise_email(letter.to_email or "")
    state, error = (store.PENDING, "") if inst.settings.sends_mail else (store.TO_COPY, "")
    if not is_email(address):
        state, error = store.FAILED, "Okta has no usable e-mail address of this person."
    return {
        "key": letter.key,
        "connection_id": connection_id,
        "campaign_id": letter.campaign_id,
        "to_id": letter.to_id,
        "to_name": letter.to_name,
        "to_email": address,
        "subject": letter.subject,
        "body": letter.body,
        "state": state,
        "attempts": 0,
        "error": error,
        "created_by": by,
        "created_at": inst.now(),
        "claimed_at": None,
        "next_try_at": None,
        "sent_at": None,
    }


def send_due(inst: Installation) -> Sent:
    """Send what is due, each mail by one sender only, however many run."""
    sent = failed = 0
    problems: list[str] = []
    with inst.database.write() as conn:
        store.give_up_lost(conn, claimed_before=inst.now() - LOST_AFTER, error=_LOST)
    if not inst.settings.sends_mail:
        return Sent(0, 0, [])
    # A server that is down is asked once a round, not once a mail.
    while not problems:
        with inst.database.write() as conn:
            mail = store.claim(conn, now=inst.now())
        if mail is None:
            break
        problem = _send(inst, mail)
        _settle(inst, mail, problem)
        if problem is None:
            sent += 1
            continue
        failed += 1
        if problem.server:
            problems.append(problem.text)
    return Sent(sent, failed, problems)


@entry
def mails(
    inst: Installation, connection_id: int, *, actor: Actor, campaign_id: int | None = None
) -> list[dict[str, Any]]:
    """Mails and what became of them, newest first."""
    require_reader(actor, "e-mail that was sent")
    with inst.database.read() as conn:
        return store.list_for(conn, connection_id, campaign_id=campaign_id)


@entry
def retry(inst: Installation, connection_id: int, mail_id: int, *, actor: Actor) -> None:
    """Send a failed mail once more, in the next round."""
    require_analyst(actor, "send e-mail")
    with inst.database.write() as conn:
        if not store.retry(conn, connection_id, mail_id):
            raise CountersignError("This e-mail has not failed.", code="not_failed")
        audit_log.append(
            conn, actor=actor.id, action="mail.retried", subject=f"mail:{mail_id}", detail={},
            at=inst.now(),
        )  # fmt: skip


def one_line(text: str) -> str:
    """A name from Okta inside a mail: one line, nothing that turns or hides what follows."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


@dataclass(frozen=True)
class _Problem:
    """Why a mail did not go out. again: worth another try. server: not this mail's own fault."""

    text: str
    again: bool
    server: bool


def _send(inst: Installation, mail: dict[str, Any]) -> _Problem | None:
    settings = inst.settings
    try:
        with _server(inst) as server:
            server.send_message(_message(inst, mail))
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        return _Problem(f"The address was refused: {_said(said)}", again=code < 500, server=False)
    except smtplib.SMTPAuthenticationError:
        text = (
            "The mail server does not accept COUNTERSIGN_SMTP_USER and COUNTERSIGN_SMTP_PASSWORD."
        )
        return _Problem(text, again=True, server=True)
    except smtplib.SMTPResponseException as error:
        text = f"The mail server {settings.smtp_host} refused: {_said(error.smtp_error)}"
        return _Problem(text, again=error.smtp_code < 500, server=error.smtp_code < 500)
    except NotAllowed as error:
        return _Problem(str(error), again=True, server=True)
    except (OSError, smtplib.SMTPException) as error:
        kind = type(error).__name__
        text = (
            f"The mail server {settings.smtp_host}:{settings.smtp_port} does not answer ({kind})."
        )
        return _Problem(text, again=True, server=True)
    except ValueError:
        return _Problem("The address or the subject cannot be sent.", again=False, server=False)
    return None


def _server(inst: Installation) -> smtplib.SMTP:
    settings = inst.settings
    context = ssl.create_default_context()
    where = (settings.smtp_host, settings.smtp_port)
    server: smtplib.SMTP
    if settings.smtp_security == "tls":
        server = smtplib.SMTP_SSL(*where, timeout=TIMEOUT_SECONDS, context=context)
    else:
        server = smtplib.SMTP(*where, timeout=TIMEOUT_SECONDS)
        if settings.smtp_security == "starttls":
            server.starttls(context=context)
    if settings.smtp_user:
        if settings.smtp_security == "none" and settings.smtp_host not in _LOOPBACK:
            server.close()
            raise NotAllowed(
                "The mail server's password is not sent over a connection without encryption.",
                action="Set COUNTERSIGN_SMTP_SECURITY to starttls or tls.",
            )
        server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
    return server


def _message(inst: Installation, mail: dict[str, Any]) -> EmailMessage:
    message = EmailMessage()
    message["From"] = inst.settings.mail_from
    message["To"] = Address(one_line(mail["to_name"]), addr_spec=mail["to_email"])
    message["Subject"] = one_line(mail["subject"])
    message["Date"] = format_datetime(inst.now())
    # The same mail has the same id, so that a mailbox knows a second copy.
    domain = inst.settings.mail_from.rpartition("@")[2].rstrip(">") or "localhost"
    message["Message-ID"] = f"<{sha256(mail['key'].encode()).hexdigest()[:32]}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail["body"])
    return message


def _settle(inst: Installation, mail: dict[str, Any], problem: _Problem | None) -> None:
    now = inst.now()
    with inst.database.write() as conn:
        if problem is None:
            store.settle(conn, mail["id"], state=store.SENT, sent_at=now, error="")
        elif problem.again and mail["attempts"] <= len(PAUSES):
            pause = PAUSES[mail["attempts"] - 1]
            store.settle(
                conn, mail["id"], state=store.PENDING, next_try_at=now + pause, error=problem.text
            )
        else:
            store.settle(conn, mail["id"], state=store.FAILED, error=problem.text)
    _log(mail, problem, now)


def _log(mail: dict[str, Any], problem: _Problem | None, now: datetime) -> None:
    if problem is None:
        logger.info("Mail %s was sent.", mail["id"])
    else:
        logger.warning("Mail %s was not sent: %s", mail["id"], problem.text)


def _said(answer: Any) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else str(answer)
    return one_line(text)[:200]
