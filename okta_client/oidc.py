"""Sign in with Okta: discovery, the way there and the exchange on the way back (OIDC Core 1.0).

Authorization code with PKCE (S256), state and nonce, on the org authorization server or the
custom domain. Never has the API key, and keeps no access token.
"""

import secrets
import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc6749.errors import OAuth2Error
from requests import RequestException

from okta_client import id_token
from okta_client.addresses import same_origin
from okta_client.errors import OktaError, SignInRefused, Unavailable, UnexpectedAnswer
from okta_client.transport import SOMEBODY_WAITS, Transport, set_way_out

TIMEOUTS = (5.0, 15.0)
# Only the org authorization server grants the last: it lets people read their own profile.
SCOPES = "openid profile email okta.users.read.self"
KEPT_SECONDS = 300.0


@dataclass(frozen=True)
class Provider:
    """What the discovery document says. origin: the address that people sign in at."""

    origin: str
    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str | None


@dataclass(frozen=True)
class Started:
    """The address that a browser is sent to, and what must be remembered until it comes back."""

    url: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True)
class Person:
    """Who signed in: their own Okta profile, read with their own token."""

    okta_user_id: str
    login: str
    email: str
    name: str
    id_token: str


_known: dict[str, tuple[float, Provider]] = {}


def discover(origin: str) -> dict[str, Any]:
    """The provider's discovery document. Raises OktaError.

    Okta: only the org authorization server can grant okta.users.read.self.
    """
    public = Transport(origin, None, attempts=SOMEBODY_WAITS)
    answer = public.get(f"{origin}/.well-known/openid-configuration")
    if not isinstance(answer.json, dict) or not isinstance(answer.json.get("issuer"), str):
        raise UnexpectedAnswer(
            "The discovery document names no issuer.", endpoint="/.well-known/openid-configuration"
        )
    return answer.json


def provider(origin: str, *, issuers: Collection[str]) -> Provider:
    """The provider at an address, kept for five minutes. Raises SignInRefused when it is not ours.

    issuers: the addresses that may vouch for people. Every endpoint must be on the address asked:
    the client secret goes to no other.
    """
    found = _known.get(origin)
    if found is None or time.monotonic() - found[0] > KEPT_SECONDS:
        found = _known[origin] = (time.monotonic(), _provider(origin))
    at = found[1]
    if at.issuer not in issuers:
        raise SignInRefused(
            f"The sign-in address says that its issuer is {at.issuer[:200]}.", reason="issuer"
        )
    return at


def _provider(origin: str) -> Provider:
    said = discover(origin)
    found: dict[str, str | None] = {}
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri", "end_session_endpoint"):
        url = said.get(name)
        found[name] = url if isinstance(url, str) and same_origin(url, origin) else None
        if found[name] is None and name != "end_session_endpoint":
            raise SignInRefused(
                f"The discovery document's {name} is not on {origin}.", reason="discovery"
            )
    return Provider(origin, said["issuer"], **found)  # type: ignore[arg-type]


def start(at: Provider, *, client_id: str, redirect_uri: str) -> Started:
    """Begin a sign-in: fresh state, nonce and verifier, each used for this one only."""
    state, nonce, verifier = (secrets.token_urlsafe(48) for _ in range(3))
    session = OAuth2Session(
        client_id, redirect_uri=redirect_uri, scope=SCOPES, code_challenge_method="S256"
    )
    url, _ = session.create_authorization_url(
        at.authorization_endpoint, state=state, nonce=nonce, code_verifier=verifier
    )
    return Started(url, state, nonce, verifier)


def finish(
    at: Provider,
    *,
    client_id: str,
    client_secret: str,
    redirect_uri: str,
    code: str,
    verifier: str,
    nonce: str,
) -> Person:
    """Exchange the code, verify the ID token, and read who it is. Raises OktaError.

    The access token reads the person's own profile, which must say the same id and e-mail, and
    is forgotten.
    """
    tokens = _exchange(at, client_id, client_secret, redirect_uri, code, verifier)
    claims = id_token.verified(
        tokens["id_token"],
        issuer=at.issuer,
        client_id=client_id,
        nonce=nonce,
        access_token=tokens["access_token"],
        jwks_uri=at.jwks_uri,
    )
    own = Transport(at.origin, tokens["access_token"], scheme="Bearer", attempts=SOMEBODY_WAITS)
    me = own.get("/api/v1/users/me").json
    profile = me.get("profile") if isinstance(me, dict) else None
    if not isinstance(me, dict) or not isinstance(profile, dict):
        raise UnexpectedAnswer("Okta's profile has no known shape.", endpoint="/api/v1/users/me")
    if me.get("id") != claims["sub"]:
        raise SignInRefused("Okta's profile is another person's than the token.", reason="person")
    email = _text(profile.get("email"))
    claimed = _text(claims.get("email"))
    if claimed and claimed.casefold() != email.casefold():
        raise SignInRefused("Okta's profile has another e-mail than the token.", reason="email")
    name = " ".join(filter(None, (_text(profile.get(p)) for p in ("firstName", "lastName"))))
    login = _text(profile.get("login")) or email
    return Person(claims["sub"], login, email, name or login, tokens["id_token"])


def end_session_url(at: Provider, *, id_token_hint: str, back_to: str) -> str | None:
    """Where a browser ends its session at the provider. None where there is no such place.

    Okta answers 400 without the hint.
    """
    if at.end_session_endpoint is None:
        return None
    query = urlencode({"id_token_hint": id_token_hint, "post_logout_redirect_uri": back_to})
    joint = "&" if "?" in at.end_session_endpoint else "?"
    return f"{at.end_session_endpoint}{joint}{query}"


def client_is_known(origin: str, *, client_id: str, client_secret: str, redirect_uri: str) -> bool:
    """Whether the provider accepts client ID and secret: an impossible code must be the only fault.

    Raises OktaError when the answer does not tell.
    """
    with _session(origin, client_id, client_secret) as session:
        try:
            answer = session.post(
                f"{origin}/oauth2/v1/token",
                data={
                    "grant_type": "authorization_code",
                    "code": "countersign-impossible-code",
                    "redirect_uri": redirect_uri,
                    "code_verifier": "c" * 43,
                },
                auth=session.client_auth(session.token_endpoint_auth_method),
                timeout=TIMEOUTS,
                allow_redirects=False,
                withhold_token=True,
            )
            said = str(answer.json().get("error", ""))
        except (RequestException, ValueError, AttributeError):
            raise OktaError("The provider's token endpoint did not answer as one.") from None
    if said in {"invalid_client", "invalid_grant", "invalid_request", "unauthorized_client"}:
        return said == "invalid_grant"
    raise OktaError("The provider's answer does not tell whether the client is known.")


def _exchange(
    at: Provider, client_id: str, secret: str, redirect_uri: str, code: str, verifier: str
) -> dict[str, str]:
    refused = ""
    try:
        with _session(at.origin, client_id, secret) as session:
            tokens = session.fetch_token(
                at.token_endpoint,
                grant_type="authorization_code",
                code=code,
                redirect_uri=redirect_uri,
                code_verifier=verifier,
                timeout=TIMEOUTS,
                allow_redirects=False,
            )
    except (OAuthError, OAuth2Error) as error:
        refused = str(error.error)[:100]
    except (RequestException, ValueError, AttributeError, KeyError):
        refused = "unreachable"
    # Raised out here: inside the handlers it would carry the library's error along, whose request
    # holds the code and the secret.
    if refused == "unreachable":
        raise Unavailable("Okta's token endpoint did not answer as one.", endpoint="token")
    if refused:
        raise SignInRefused(f"Okta did not exchange the code ({refused}).", reason="code")
    found = {name: tokens.get(name) for name in ("access_token", "id_token")}
    if not all(isinstance(value, str) and value for value in found.values()):
        raise SignInRefused("Okta's answer to the code holds no ID token.", reason="code")
    return {name: str(value) for name, value in found.items()}


def _session(origin: str, client_id: str, secret: str) -> OAuth2Session:
    session = OAuth2Session(
        client_id,
        secret,
        token_endpoint_auth_method="client_secret_basic",  # noqa: S106
    )
    set_way_out(session, origin)
    return session


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""
