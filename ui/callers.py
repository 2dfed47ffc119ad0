"""Who is asking, as far as the socket and trusted proxies tell, and whether that may be served.

Without sign-in only this computer is answered: straight, by its own name. With it, whoever comes
by an allowed name over https; X-Forwarded-For and -Proto are believed from trusted proxies only.
"""

import ipaddress
import os
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope

from workflows.settings import Settings

# What proxies add. A request that carries one is not this computer's own.
_FORWARDED = {"forwarded", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip", "via"}
_LOCAL_NAMES = {"127.0.0.1", "localhost", "[::1]"}
# Put by the gate on what came straight from this computer, for the script to see; nobody outside
# this process knows its value.
LOCAL_HEADER = "x-countersign-local"
LOCAL_MARK = secrets.token_urlsafe(32)
_KEY = "countersign.caller"


@dataclass(frozen=True)
class Caller:
    """address: the browser's. direct: no proxy in between. trusted: the proxy is one of ours."""

    address: str
    scheme: str
    host: str
    direct: bool
    trusted: bool
    origins: tuple[str, ...]

    @property
    def local(self) -> bool:
        """Straight from this computer, by its own name."""
        return self.direct and is_loopback(self.address) and self.name in _LOCAL_NAMES

    @property
    def name(self) -> str:
        """The host name that was asked for, without the port."""
        name = self.host.rpartition(":")[0] if re.search(r":[0-9]+$", self.host) else self.host
        return name.rstrip(".")

    @property
    def base_url(self) -> str:
        """Where the browser sees the app."""
        return f"{self.scheme}://{self.host}"

    @property
    def secure(self) -> bool:
        """Whether what the browser sent was encrypted on its way."""
        return self.scheme == "https"


def identify(scope: Scope, settings: Settings) -> Caller:
    """The caller of a request or websocket."""
    headers = Headers(scope=scope)
    peer = _peer(scope)
    direct = not any(h in _FORWARDED or h.startswith("x-forwarded") for h in headers)
    trusted = not direct and _within(peer, settings.trusted_proxies)
    address, scheme = peer, _scheme(str(scope.get("scheme", "http")))
    if trusted:
        address = _first_stranger(headers.getlist("x-forwarded-for"), settings) or peer
        scheme = _scheme(_parts(headers.getlist("x-forwarded-proto"))[-1:])
    hosts = headers.getlist("host")
    host = hosts[0].lower() if len(hosts) == 1 else ""
    origins = tuple(o.lower() for o in headers.getlist("origin"))
    return Caller(address, scheme, host, direct, trusted, origins)


def keep(scope: Scope, caller: Caller) -> None:
    """Remember the caller with the request."""
    scope[_KEY] = caller


def caller_of(scope: Scope) -> Caller:
    """The caller that the gate has let in."""
    found: Caller = scope[_KEY]
    return found


def refusal(caller: Caller, settings: Settings, *, sign_in: bool) -> str | None:
    """Why this caller may not be served, as a sentence; None when they may."""
    if not sign_in:
        return _refusal_without_sign_in(caller)
    if not caller.direct and not caller.trusted:
        return "It came through a proxy that COUNTERSIGN_TRUSTED_PROXIES does not name."
    allowed = {*settings.allowed_hosts, urlsplit(settings.public_url).hostname} - {None}
    if caller.name not in allowed and not caller.local:
        return (
            "It is addressed to a host name that neither COUNTERSIGN_PUBLIC_URL nor "
            "COUNTERSIGN_ALLOWED_HOSTS names."
        )
    if not caller.secure and not caller.local:
        return "It came over plain http; put a proxy with TLS in front, as docs/deploy.md shows."
    return _made_by_another_site(caller)


def _refusal_without_sign_in(caller: Caller) -> str | None:
    if not caller.direct:
        return "The request came through a proxy."
    if not is_loopback(caller.address):
        return "It was opened from another computer."
    if caller.name not in _LOCAL_NAMES:
        return "The request is addressed to another host name."
    return _made_by_another_site(caller)


def _made_by_another_site(caller: Caller) -> str | None:
    # Browsers name the page that a websocket or a form comes from; ours are all on this address.
    if any(origin != caller.base_url for origin in caller.origins):
        return "The request was made by another site."
    return None


def is_loopback(address: str) -> bool:
    """True for this computer's own addresses."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(ip, "ipv4_mapped", None)
    return bool((mapped or ip).is_loopback)


def _peer(scope: Scope) -> str:
    """Who opened the socket."""
    client = scope.get("client")
    if client is None:
        return ""
    if client[1] != 0:
        return str(client[0])
    # No socket has port 0: uvicorn has put the forwarded address in the peer's place, which it
    # does for peers on this computer, unless its own variable names others.
    return "" if os.environ.get("FORWARDED_ALLOW_IPS") else "127.0.0.1"


def _within(address: str, networks: Iterable[str]) -> bool:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(ip, "ipv4_mapped", None) or ip
    return any(mapped in ipaddress.ip_network(network) for network in networks)


def _first_stranger(values: list[str], settings: Settings) -> str | None:
    """The nearest address that is no proxy of ours: what stands before it anybody may invent."""
    for part in reversed(_parts(values)):
        if not _within(part, settings.trusted_proxies):
            return part if _is_address(part) else None
    return None


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _parts(values: list[str]) -> list[str]:
    return [part.strip() for value in values for part in value.split(",") if part.strip()]


def _scheme(said: str | list[str]) -> str:
    text = said if isinstance(said, str) else "".join(said)
    return "https" if text.lower() in {"https", "wss"} else "http"
