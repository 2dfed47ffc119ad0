"""What a person typed about a connection, checked field by field before Okta is asked."""

from dataclasses import dataclass

from okta_client.addresses import AddressError, parse_custom_domain, parse_organization
from okta_client.preflight import Question
from storage import connections
from storage.connections import ConnectionRecord
from workflows.errors import CountersignError
from workflows.installation import Installation
from workflows.sign_in_readiness import older_sign_in


@dataclass(frozen=True)
class ConnectionForm:
    """The drawer's fields, as typed. Empty secrets keep what is stored.

    change_group: the label may name another group than the connected one.
    """

    organization: str
    api_key: str = ""
    custom_domain: str = ""
    group_label: str = ""
    change_group: bool = False
    email_domains: tuple[str, ...] = ()
    client_id: str = ""
    client_secret: str = ""
    access_reviews: bool = False


def question_of(
    inst: Installation,
    form: ConnectionForm,
    *,
    loopback: bool = False,
    domains_needed: bool = True,
) -> tuple[Question, ConnectionRecord | None]:
    """The form, checked field by field, with stored secrets where none was typed."""
    allow_loopback = loopback or inst.settings.allow_loopback
    try:
        address = parse_organization(form.organization, allow_loopback=allow_loopback)
    except AddressError as error:
        raise CountersignError(str(error), code="bad_address", field="organization") from None
    custom = form.custom_domain.strip()
    if custom:
        try:
            custom = parse_custom_domain(custom, allow_loopback=allow_loopback).origin
        except AddressError as error:
            raise CountersignError(str(error), code="bad_address", field="custom_domain") from None
    with inst.database.read() as conn:
        known = connections.by_host(conn, address.host)
    api_key = form.api_key.strip()
    if not api_key and known is not None and known.api_key_sealed:
        api_key = inst.vault.open(known.api_key_sealed)
    if not api_key:
        raise CountersignError("Enter the API key.", code="missing", field="api_key")
    if not api_key.isascii() or any(c.isspace() for c in api_key):
        raise CountersignError(
            "The API key holds characters that no Okta key has; copy it again.",
            code="bad_key",
            field="api_key",
        )
    client_id = form.client_id.strip()
    client_secret = form.client_secret.strip()
    if not client_secret and known is not None and known.client_secret_sealed:
        client_secret = inst.vault.open(known.client_secret_sealed) if client_id else ""
    if client_secret and not client_id:
        raise CountersignError(
            "A client secret needs its application client ID.", code="missing", field="client_id"
        )
    if client_id and not client_secret:
        raise CountersignError(
            "Enter the client secret that belongs to the application client ID.",
            code="missing",
            field="client_secret",
        )
    domains = tuple(dict.fromkeys(_domain(d) for d in form.email_domains if d.strip()))
    if domains_needed and not domains:
        raise CountersignError(
            "Choose at least one e-mail domain.", code="missing", field="email_domains"
        )
    public = inst.settings.public_url
    question = Question(
        organization=address.origin,
        api_key=api_key,
        custom_domain=custom,
        group_label=form.group_label,
        known_group=known_group(known),
        change_group=form.change_group,
        email_domains=domains,
        client_id=client_id,
        client_secret=client_secret,
        access_reviews=form.access_reviews,
        redirect_uri=f"{public}/callback" if public else "",
        initiate_login_uri=f"{public}/login/initiate" if public else "",
        post_logout_redirect_uri=f"{public}/signed-out" if public else "",
        older_sign_in=older_sign_in(),
        allow_loopback=allow_loopback,
    )
    return question, known


def corrected_organization(typed: str) -> tuple[str, str] | None:
    """The host that will be saved instead of what was typed, and why; None where it stays."""
    try:
        address = parse_organization(typed)
    except AddressError:
        return None
    return (address.host, "the address without -admin") if address.note else None


def known_group(known: ConnectionRecord | None) -> tuple[str, str] | None:
    """Id and label of the connected group."""
    if known is None or not known.group_id:
        return None
    return known.group_id, known.group_label or ""


def _domain(text: str) -> str:
    domain = text.strip().lstrip("@").rstrip(".").casefold()
    if not domain or any(c.isspace() or c in "@/:,;" for c in domain) or len(domain) > 253:
        raise CountersignError(
            f"“{text.strip()[:80]}” is not an e-mail domain; type it like example.com.",
            code="bad_domain",
            field="email_domains",
        )
    return domain


def form_of(record: ConnectionRecord) -> ConnectionForm:
    """What is stored, as a form; the secrets left empty."""
    return ConnectionForm(
        organization=record.organization,
        custom_domain=record.custom_domain or "",
        group_label=record.group_label or "",
        email_domains=tuple(record.email_domains),
        client_id=record.client_id or "",
        access_reviews=record.access_reviews,
    )
