"""Connect an organization, check the connection, change it, disconnect it (SPEC 1)."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any

from okta_client.errors import OktaError
from okta_client.preflight import Check, Preflight
from storage import audit_log, connections
from storage.connections import ConnectionRecord
from workflows.connection_form import (
    ConnectionForm,
    corrected_organization,
    form_of,
    question_of,
)
from workflows.errors import CountersignError, NotFoundHere
from workflows.guard import entry
from workflows.installation import Actor, Installation
from workflows.sign_in_readiness import missing

__all__ = ["Blocked", "Check", "ConnectionForm", "ConnectionView", "corrected_organization"]

OnCheck = Callable[[Check], None]


@dataclass(frozen=True)
class ConnectionView:
    """A connection as pages and commands see it: everything but the secrets."""

    id: int
    organization: str
    host: str
    org_id: str | None
    custom_domain: str | None
    group_label: str | None
    group_id: str | None
    email_domains: tuple[str, ...]
    client_id: str | None
    has_client_secret: bool
    sign_in: bool
    access_reviews: bool
    demo: bool
    state: str
    created_at: datetime
    key_owner_login: str | None
    key_set_at: datetime | None
    preflight: list[Check]
    preflight_at: datetime | None


class Blocked(CountersignError):
    """A check that must pass failed, and nothing was saved. checks: all of them."""

    def __init__(self, checks: list[Check]):
        failed = [c for c in checks if c.blocking and c.state == "fail"]
        super().__init__(
            " ".join(c.message for c in failed),
            code="preflight_failed",
            action=" ".join(c.action for c in failed if c.action),
        )
        self.checks = checks


@entry
def list_connections(inst: Installation) -> list[ConnectionView]:
    """The connections in force, oldest first."""
    with inst.database.read() as conn:
        return [view_of(record) for record in connections.list_all(conn)]


@entry
def current_connection(inst: Installation) -> ConnectionView | None:
    """The connection that pages show: the newest one in force."""
    known = list_connections(inst)
    return known[-1] if known else None


@entry
def get_connection(inst: Installation, connection_id: int) -> ConnectionView:
    """One connection. Raises NotFoundHere."""
    return view_of(record_of(inst, connection_id))


def record_of(inst: Installation, connection_id: int) -> ConnectionRecord:
    """The stored row, with its sealed secrets, for other workflows only."""
    with inst.database.read() as conn:
        record = connections.get(conn, connection_id)
    if record is None:
        raise NotFoundHere(f"Connection {connection_id}")
    return record


@entry
def offer_email_domains(inst: Installation, form: ConnectionForm) -> dict[str, int]:
    """Domains that the organization's users have, with how many users each (SPEC 1).

    Raises CountersignError with the field that is wrong.
    """
    question, _ = question_of(inst, form, domains_needed=False)
    try:
        return Preflight(question).domain_counts()
    except OktaError as error:
        raise from_okta(error) from None


@entry
def connect(
    inst: Installation,
    form: ConnectionForm,
    *,
    actor: Actor,
    on_check: OnCheck | None = None,
    demo: bool = False,
) -> ConnectionView:
    """Check everything, then save. An organization that is known already is updated.

    Raises Blocked when a check that must pass fails, CountersignError with .field on bad input.
    """
    question, known = question_of(inst, form, loopback=demo)
    _refuse_mixing_with_demo(inst, demo=demo, known=known)
    preflight = Preflight(question)
    checks = _run(preflight, on_check)
    if any(c.blocking and c.state == "fail" for c in checks):
        raise Blocked(checks)
    sign_in = bool(question.client_id) and not demo and missing(checks) is None
    if question.client_id and known is not None and known.sign_in:
        sign_in = True
        _refuse_to_lock_out(checks)
    now = inst.now()
    facts = preflight.facts
    if question.group_label.strip() and facts.group is None:
        # Saving without it would make everybody personnel.
        raise CountersignError(
            "It could not be told which group the group label names, so nothing was saved.",
            code="group_unknown",
            action=next((c.message for c in checks if c.id == "group_label"), ""),
            field="group_label",
        )
    group_id, group_label = facts.group or (None, None)
    saved: dict[str, Any] = {
        "organization": preflight.origin,
        "host": preflight.origin.partition("//")[2],
        "org_id": facts.org_id,
        "custom_domain": preflight.custom_origin,
        "group_label": group_label,
        "group_id": group_id,
        "email_domains": tuple(question.email_domains),
        "client_id": question.client_id or None,
        "client_secret_sealed": (
            inst.vault.seal(question.client_secret) if question.client_secret else None
        ),
        "sign_in": sign_in,
        "access_reviews": form.access_reviews,
        "demo": demo,
        "state": "connected",
        "key_owner_id": facts.key_owner_id,
        "key_owner_login": facts.key_owner_login,
    }
    if form.api_key.strip() or known is None:
        saved |= {"api_key_sealed": inst.vault.seal(question.api_key), "key_set_at": now}
    with inst.database.write() as conn:
        if known is None:
            connection_id = connections.add(conn, created_at=now, **saved)
        else:
            connection_id = known.id
            connections.update(conn, connection_id, **saved)
        connections.set_preflight(conn, connection_id, [asdict(c) for c in checks], at=now)
        audit_log.append(
            conn,
            actor=actor.id,
            action="connection.updated" if known else "connection.created",
            subject=f"connection:{connection_id}",
            detail={
                "organization": preflight.origin,
                "custom_domain": preflight.custom_origin,
                "group_label": group_label,
                "email_domains": list(question.email_domains),
                "client_id": question.client_id or None,
                "sign_in": sign_in,
                "access_reviews": form.access_reviews,
                "key_replaced": "api_key_sealed" in saved,
            },
            at=now,
        )
    return get_connection(inst, connection_id)


@entry
def check_form(
    inst: Installation, form: ConnectionForm, *, actor: Actor, on_check: OnCheck | None = None
) -> list[Check]:
    """Every check of what a person typed, without saving anything. Raises CountersignError with
    .field on bad input."""
    question, _ = question_of(inst, form)
    return _run(Preflight(question), on_check)


@entry
def run_preflight(
    inst: Installation, connection_id: int, *, actor: Actor, on_check: OnCheck | None = None
) -> list[Check]:
    """Run every check again on a stored connection and keep what they say."""
    record = record_of(inst, connection_id)
    question, _ = question_of(inst, form_of(record), loopback=record.demo)
    checks = _run(Preflight(question), on_check)
    now = inst.now()
    with inst.database.write() as conn:
        connections.set_preflight(conn, connection_id, [asdict(c) for c in checks], at=now)
        audit_log.append(
            conn,
            actor=actor.id,
            action="connection.checked",
            subject=f"connection:{connection_id}",
            detail={state: sum(c.state == state for c in checks) for state in ("fail", "warn")},
            at=now,
        )
    return checks


@entry
def replace_key(
    inst: Installation,
    connection_id: int,
    api_key: str,
    *,
    actor: Actor,
    on_check: OnCheck | None = None,
) -> ConnectionView:
    """Put another API key in the place of the stored one, once it has passed the checks."""
    if not api_key.strip():
        raise CountersignError("Enter the new API key.", code="missing", field="api_key")
    record = record_of(inst, connection_id)
    form = replace(form_of(record), api_key=api_key)
    return connect(inst, form, actor=actor, on_check=on_check, demo=record.demo)


@entry
def disconnect(inst: Installation, connection_id: int, *, actor: Actor, reason: str) -> None:
    """Forget the secrets and stop syncing. History, results and evidence stay."""
    reason = required_reason(reason)
    record = record_of(inst, connection_id)
    with inst.database.write() as conn:
        connections.disconnect(conn, connection_id)
        audit_log.append(
            conn,
            actor=actor.id,
            action="connection.disconnected",
            subject=f"connection:{connection_id}",
            detail={"organization": record.organization, "reason": reason},
            at=inst.now(),
        )


def api_key_of(inst: Installation, record: ConnectionRecord) -> str:
    """The key in clear, for the one transport that may send it."""
    if record.state != "connected" or not record.api_key_sealed:
        raise CountersignError(
            f"{record.host} is disconnected.",
            code="disconnected",
            action="Connect it again on the Connection page.",
        )
    return inst.vault.open(record.api_key_sealed)


def from_okta(error: OktaError) -> CountersignError:
    """An Okta error as one that a person can act on."""
    return CountersignError(
        error.message, code=error.code, action=error.action, field=_FIELD.get(error.code)
    )


def required_reason(reason: str) -> str:
    """The reason, trimmed. Raises CountersignError when there is none."""
    reason = reason.strip()
    if not reason:
        raise CountersignError("Give a reason.", code="missing_reason", field="reason")
    if len(reason) > 2000:
        raise CountersignError(
            "The reason is longer than 2,000 characters.", code="too_long", field="reason"
        )
    return reason


_FIELD = {"not_an_okta_org": "organization", "key_invalid": "api_key"}


def _run(preflight: Preflight, on_check: OnCheck | None) -> list[Check]:
    checks = []
    for check in preflight.run():
        checks.append(check)
        if on_check is not None:
            on_check(check)
    return checks


def _refuse_to_lock_out(checks: list[Check]) -> None:
    """While sign-in is on, a client that Okta does not accept would keep everybody out."""
    for check in checks:
        if check.id == "client" and check.state == "fail":
            raise CountersignError(
                f"{check.message} Sign-in is on and nobody could sign in, so nothing was saved.",
                code="would_lock_out",
                action=check.action,
                field="client_secret",
            )


def _refuse_mixing_with_demo(
    inst: Installation, *, demo: bool, known: ConnectionRecord | None
) -> None:
    """SPEC 7: the demo is never available beside a real connection."""
    others = [c for c in list_connections(inst) if known is None or c.id != known.id]
    if demo and any(not c.demo for c in others):
        raise CountersignError(
            "The demo tenant is not available beside a real connection.",
            code="demo_beside_real",
            action="Disconnect the real connection first, or use another data directory.",
        )
    if not demo and any(c.demo for c in others):
        raise CountersignError(
            "The demo tenant is connected, and a real organization cannot stand beside it.",
            code="real_beside_demo",
            action="Disconnect the demo tenant first.",
            field="organization",
        )


def view_of(record: ConnectionRecord) -> ConnectionView:
    """The record as pages and commands see it."""
    shown = {f.name: getattr(record, f.name, None) for f in fields(ConnectionView)}
    shown["email_domains"] = tuple(record.email_domains)
    shown["has_client_secret"] = bool(record.client_secret_sealed)
    shown["preflight"] = [Check(**c) for c in record.preflight or []]
    return ConnectionView(**shown)  # type: ignore[arg-type]
