"""Verifying an ID token: signature by the provider's keys, issuer, audience, nonce, times.

The rules of OIDC Core 3.1.3.7. Keys are kept for an hour; a key id that is not among them is
looked up anew once, because providers rotate.
"""

import threading
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import (
    BadSignatureError,
    ClaimError,
    ExpiredTokenError,
    InvalidKeyIdError,
    JoseError,
    UnsupportedAlgorithmError,
)
from joserfc.jwk import KeySet

from okta_client.errors import SignInRefused, UnexpectedAnswer
from okta_client.transport import SOMEBODY_WAITS, Transport

# Okta signs with nothing else. What the token's own header says is never trusted.
ALGORITHMS = ["RS256"]
SKEW_SECONDS = 60
KEYS_SECONDS = 3600.0


@dataclass(frozen=True)
class _Keys:
    keys: KeySet
    read_at: float


_cache: dict[str, _Keys] = {}
_lock = threading.Lock()


def verified(
    token: str, *, issuer: str, client_id: str, nonce: str, access_token: str, jwks_uri: str
) -> dict[str, Any]:
    """The token's claims, once everything about it is right.

    Raises SignInRefused with a reason: "signature", "unsigned", "issuer", "audience", "nonce",
    "expired" or "token".
    """
    decoded = _decode(token, jwks_uri)
    claims = CodeIDToken(
        decoded.claims,
        decoded.header,
        options={
            "iss": {"essential": True, "value": issuer},
            "aud": {"essential": True, "value": client_id},
        },
        params={"nonce": nonce, "client_id": client_id, "access_token": access_token},
    )
    try:
        claims.validate(leeway=SKEW_SECONDS)
    except ExpiredTokenError:
        raise SignInRefused("The ID token has expired.", reason="expired") from None
    except ClaimError as error:
        reason = {"iss": "issuer", "aud": "audience", "azp": "audience", "nonce": "nonce"}
        raise SignInRefused(
            f"The ID token's {error.claim} is not what it must be.",
            reason=reason.get(str(error.claim), "token"),
        ) from None
    if not isinstance(claims["sub"], str) or not claims["sub"]:
        raise SignInRefused("The ID token names nobody.", reason="token")
    return dict(claims)


def _decode(token: str, jwks_uri: str) -> jwt.Token:
    try:
        keys = _keys(jwks_uri)
        try:
            return jwt.decode(token, keys, algorithms=ALGORITHMS)
        except InvalidKeyIdError:
            return jwt.decode(token, _keys(jwks_uri, anew=True), algorithms=ALGORITHMS)
    except UnsupportedAlgorithmError:
        raise SignInRefused(
            "The ID token is not signed as Okta signs.", reason="unsigned"
        ) from None
    except (BadSignatureError, InvalidKeyIdError):
        raise SignInRefused("The ID token's signature is not Okta's.", reason="signature") from None
    except (JoseError, ValueError, KeyError, TypeError):
        raise SignInRefused("The ID token cannot be read.", reason="token") from None


def _keys(jwks_uri: str, *, anew: bool = False) -> KeySet:
    with _lock:
        known = _cache.get(jwks_uri)
    if known is not None and not anew and time.monotonic() - known.read_at < KEYS_SECONDS:
        return known.keys
    answer = Transport(_origin(jwks_uri), None, attempts=SOMEBODY_WAITS).get(jwks_uri)
    try:
        keys = KeySet.import_key_set(answer.json)
    except (JoseError, ValueError, KeyError, TypeError, AttributeError):
        raise UnexpectedAnswer(
            "Okta's signing keys cannot be read.", endpoint=urlsplit(jwks_uri).path
        ) from None
    with _lock:
        _cache[jwks_uri] = _Keys(keys, time.monotonic())
    return keys


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
