"""Which hosts may get the key: an organization's own address and nothing else (SPEC 1)."""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

SUFFIXES = ("okta.com", "oktapreview.com", "okta-emea.com", "okta-gov.com", "okta.mil")
_LABEL = re.compile(r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")


class AddressError(ValueError):
    """An address that cannot be used; the text says what to type."""


@dataclass(frozen=True)
class Address:
    """origin: scheme and host ("https://acme.okta.com"). note: what was corrected, to be shown."""

    origin: str
    host: str
    note: str | None = None


def parse_organization(text: str, *, allow_loopback: bool = False) -> Address:
    """The organization's origin from what a person typed. Raises AddressError."""
    example = "Type the organization like acme.okta.com."
    scheme, host, port = _parts(text, example)
    if is_loopback(host):
        return _loopback(scheme, host, port, allow_loopback)
    if scheme == "http":
        raise AddressError(f"The organization is reached over https, not http. {example}")
    if port is not None:
        raise AddressError(f"An organization's address has no port. {example}")
    suffix = next((s for s in SUFFIXES if host.endswith("." + s)), None)
    if suffix is None:
        raise AddressError(
            f"“{host[:100]}” is not an Okta address. It must end in {', '.join(SUFFIXES)}; "
            "an own domain belongs under Custom URL Domain."
        )
    name = host[: -len(suffix) - 1]
    if not _LABEL.match(name):
        raise AddressError(f"“{host[:100]}” is not an organization's address. {example}")
    note = None
    if name.endswith("-admin"):
        name = name.removesuffix("-admin")
        note = f"{host} is the admin console; {name}.{suffix} is used."
        host = f"{name}.{suffix}"
        if not _LABEL.match(name):
            raise AddressError(f"“{host[:100]}” is not an organization's address. {example}")
    return Address(f"https://{host}", host, note)


def parse_custom_domain(text: str, *, allow_loopback: bool = False) -> Address:
    """The custom URL domain's origin. It never gets the API key. Raises AddressError."""
    example = "Type the custom URL domain like login.acme.com."
    scheme, host, port = _parts(text, example)
    if is_loopback(host):
        return _loopback(scheme, host, port, allow_loopback)
    if scheme == "http":
        raise AddressError(f"The custom URL domain is reached over https, not http. {example}")
    if port is not None:
        raise AddressError(f"A custom URL domain has no port. {example}")
    labels = host.split(".")
    if len(labels) < 2 or not all(_LABEL.match(label) for label in labels):
        raise AddressError(f"“{host[:100]}” is not a domain. {example}")
    return Address(f"https://{host}", host)


def same_origin(url: str, origin: str) -> bool:
    """True when scheme, host and port agree, and the URL names no user."""
    try:
        return _origin(url) == _origin(origin) and urlsplit(url).username is None
    except ValueError:
        return False


def is_loopback(host: str) -> bool:
    """True for this machine's own addresses."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"https": 443, "http": 80}.get(parts.scheme)


def _parts(text: str, example: str) -> tuple[str, str, int | None]:
    typed = text.strip()
    if not typed:
        raise AddressError(f"An address is missing. {example}")
    if not typed.isascii() or any(c.isspace() or not c.isprintable() for c in typed):
        raise AddressError(f"The address holds characters that no host name has. {example}")
    if "\\" in typed or len(typed) > 300:
        raise AddressError(f"This is not a host name. {example}")
    url = typed if "://" in typed else f"https://{typed}"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise AddressError(f"This is not a host name. {example}") from None
    if parts.scheme.lower() not in {"https", "http"}:
        raise AddressError(f"The address begins with https:// or with the host name. {example}")
    if parts.username is not None or parts.password is not None or "@" in parts.netloc:
        raise AddressError(f"The address must not hold a user name. {example}")
    if parts.path.strip("/") or parts.query or parts.fragment or "?" in url or "#" in url:
        raise AddressError(f"Only the host is needed, without a path. {example}")
    host = (parts.hostname or "").lower()
    if not host:
        raise AddressError(f"The host name is missing. {example}")
    if not is_loopback(host):
        try:
            ipaddress.ip_address(host)
        except ValueError:
            pass
        else:
            raise AddressError(f"An IP address cannot be used. {example}")
    # Nothing on this machine has a certificate: without a scheme, http is meant.
    scheme = "http" if "://" not in typed and is_loopback(host) else parts.scheme.lower()
    return scheme, host, port


def _loopback(scheme: str, host: str, port: int | None, allowed: bool) -> Address:
    if not allowed:
        raise AddressError(
            "An address on this machine is only for the demo tenant. "
            "Type the organization like acme.okta.com."
        )
    shown = f"[{host}]" if ":" in host else host
    netloc = shown if port is None else f"{shown}:{port}"
    return Address(f"{scheme}://{netloc}", netloc)
