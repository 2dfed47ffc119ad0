"""An OpenID provider on the organization's own authorization server: code flow with PKCE."""

import base64
import hashlib
import hmac
import html
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

from demo_tenant.organization import CLIENT_ID, CLIENT_SECRET, Json, Organization

PERSONAS = ("ana", "felix", "ines", "marcus", "yuki", "tom", "viktor")
CODE_SECONDS, TOKEN_SECONDS = 60, 3600
# On this machine an application may be anywhere; elsewhere only where it is registered.
LOCAL = tuple(
    f"{scheme}://{host}:" for scheme in ("http", "https") for host in ("127.0.0.1", "localhost")
)


@dataclass(frozen=True)
class Reply:
    """An answer that is not one of the API's: a page, a redirect or a token."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


class Provider:
    """Codes and tokens, in memory."""

    def __init__(self, org: Organization):
        self.org = org
        self._codes: dict[str, Json] = {}
        self._tokens: dict[str, Json] = {}
        self._key: RSAKey | None = None
        self._rotations = 0

    def discovery(self) -> Json:
        """The discovery document."""
        at = f"{self.org.origin}/oauth2/v1"
        return {
            "issuer": self.org.origin,
            "authorization_endpoint": f"{at}/authorize",
            "token_endpoint": f"{at}/token",
            "userinfo_endpoint": f"{at}/userinfo",
            "jwks_uri": f"{at}/keys",
            "end_session_endpoint": f"{at}/logout",
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid", "email", "profile", "okta.users.read.self"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "code_challenge_methods_supported": ["S256"],
        }

    def rotate_keys(self) -> str:
        """Sign with a new key from now on; the old one is published no more. Returns its id."""
        self._key = None
        self._rotations += 1
        return str(self._signing_key().kid)

    def keys(self) -> Json:
        """The public signing key."""
        public = self._signing_key().as_dict(private=False)
        return {"keys": [{**public, "alg": "RS256", "use": "sig"}]}

    def authorize(self, query: dict[str, str]) -> Reply:
        """A page to pick who signs in; with a pick, the way back with a code."""
        registered = self.org.apps[CLIENT_ID]["settings"]["oauthClient"]["redirect_uris"]
        target = query.get("redirect_uri", "")
        if query.get("client_id") != CLIENT_ID:
            return _page(400, "<h1>400</h1><p>The client is not known.</p>")
        if target not in registered and not _is_ours(target, "/callback"):
            return _page(400, "<h1>400</h1><p>The redirect_uri is not registered.</p>")
        state = {"state": query["state"]} if "state" in query else {}
        if query.get("response_type") != "code" or query.get("code_challenge_method") != "S256":
            wrong = {"error": "invalid_request", "error_description": "PKCE S256 is required."}
            return _redirect(target, {**wrong, **state})
        if "openid" not in query.get("scope", "").split():
            return _redirect(target, {"error": "invalid_scope", **state})
        picked = query.get("pick") or self._by_login(query.get("login_hint", ""))
        user = self.org.users.get(picked or "")
        if user is None:
            return _page(200, self._picker(query))
        if user["status"] not in {"ACTIVE", "PASSWORD_EXPIRED"}:
            wrong = {"error": "access_denied", "error_description": "The user cannot sign in."}
            return _redirect(target, {**wrong, **state})
        code = secrets.token_urlsafe(24)
        self._codes[code] = {**query, "sub": picked, "expires": time.time() + CODE_SECONDS}
        return _redirect(target, {"code": code, **state})

    def token(self, form: dict[str, str], authorization: str, wrong: str = "") -> tuple[int, Json]:
        """Exchange a code. Client authentication by header or form. wrong: see _id_token."""
        if authorization.lower().startswith("basic "):
            try:
                pair = base64.b64decode(authorization[6:]).decode()
            except ValueError:
                pair = ""
            client, _, secret = pair.partition(":")
            client, secret = unquote(client), unquote(secret)
        else:
            client, secret = form.get("client_id", ""), form.get("client_secret", "")
        good = secrets.compare_digest(secret.encode(), CLIENT_SECRET.encode())
        if client != CLIENT_ID or not good:
            return 401, _oauth("invalid_client", "The client secret supplied is invalid.")
        if form.get("grant_type") != "authorization_code":
            return 400, _oauth("unsupported_grant_type", "The grant type is not supported.")
        asked = self._codes.pop(form.get("code", ""), None)
        challenge = _base64(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if (
            asked is None
            or asked["expires"] < time.time()
            or asked["redirect_uri"] != form.get("redirect_uri")
            or asked["code_challenge"] != challenge
        ):
            return 400, _oauth("invalid_grant", "The authorization code is invalid or has expired.")
        access = secrets.token_urlsafe(32)
        self._tokens[access] = {"sub": asked["sub"], "scope": asked["scope"].split()}
        return 200, {
            "token_type": "Bearer",
            "expires_in": TOKEN_SECONDS,
            "access_token": access,
            "scope": asked["scope"],
            "id_token": self._id_token(asked, access, wrong),
        }

    def bearer(self, token: str) -> Json | None:
        """Whom an access token speaks for, and its scopes."""
        return self._tokens.get(token)

    def userinfo(self, token: str) -> tuple[int, Json]:
        """Claims about the token's person."""
        known = self.bearer(token)
        if known is None:
            return 401, _oauth("invalid_token", "The access token is invalid.")
        return 200, self._claims(known["sub"])

    def logout(self, query: dict[str, str]) -> Reply:
        """End the session, and go where the client asked. Okta needs the hint and a known way."""
        if not query.get("id_token_hint"):
            return _page(400, "<h1>400</h1><p>The 'id_token_hint' parameter is required.</p>")
        target = query.get("post_logout_redirect_uri", "")
        if not target:
            return _page(200, "<h1>You are signed out.</h1>")
        registered = self.org.apps[CLIENT_ID]["settings"]["oauthClient"]
        known = registered["post_logout_redirect_uris"]
        if target not in known and not _is_ours(target, "/signed-out"):
            return _page(400, "<h1>400</h1><p>The post_logout_redirect_uri is not registered.</p>")
        return _redirect(target, {"state": query["state"]} if "state" in query else {})

    def _claims(self, user_id: str) -> Json:
        profile = self.org.users[user_id]["profile"]
        return {
            "sub": user_id,
            "name": f"{profile['firstName']} {profile['lastName']}",
            "email": profile["email"],
            "email_verified": True,
            "preferred_username": profile["login"],
        }

    def _id_token(self, asked: Json, access: str, wrong: str) -> str:
        """The signed claims. wrong: what is not right about them, for tests of clients."""
        now = int(time.time())
        claims = {
            **self._claims(asked["sub"]), "iss": self.org.origin, "aud": CLIENT_ID, "iat": now,
            "exp": now + TOKEN_SECONDS, "auth_time": now, "amr": ["pwd", "mfa"],
            "jti": "ID." + secrets.token_urlsafe(16), "ver": 1, "at_hash": _half_hash(access),
        }  # fmt: skip
        if "nonce" in asked:
            claims["nonce"] = asked["nonce"]
        claims |= {
            "issuer": {"iss": "https://other.okta.com"},
            "audience": {"aud": "0oaanotherapplication"},
            "several_audiences": {"aud": [CLIENT_ID, "0oaother"], "azp": "0oaother"},
            "nonce": {"nonce": "of-another-sign-in"},
            "expired": {"iat": now - 7200, "exp": now - 3600},
            "future": {"iat": now + 3600, "exp": now + 7200},
            "at_hash": {"at_hash": _half_hash("another access token")},
            "subject": {"sub": self.org.by_key["nora"]},
            "email": {"email": "another@meridian.example"},
        }.get(wrong, {})
        if wrong == "no_nonce":
            claims.pop("nonce", None)
        key = self._signing_key()
        if wrong == "unsigned":
            parts = ({"alg": "none", "kid": key.kid}, claims)
            return ".".join(_base64(json.dumps(part).encode()) for part in parts) + "."
        if wrong == "signature":
            key = RSAKey.generate_key(2048, {"kid": key.kid}, private=True)
        if wrong == "symmetric":
            # The oldest trick: the public key taken for a shared secret.
            parts = ({"alg": "HS256", "kid": key.kid}, claims)
            signed = ".".join(_base64(json.dumps(part).encode()) for part in parts)
            shared = key.as_pem(private=False)
            return f"{signed}.{_base64(hmac.digest(shared, signed.encode(), 'sha256'))}"
        return jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key)

    def _signing_key(self) -> RSAKey:
        if self._key is None:
            # Unlike any other provider's that stood at this port before.
            kid = f"demo-key-{self._rotations + 1}-{secrets.token_hex(8)}"
            self._key = RSAKey.generate_key(2048, {"kid": kid}, private=True)
        return self._key

    def _by_login(self, login: str) -> str | None:
        for user_id, user in self.org.users.items():
            if login and user["profile"]["login"].lower() == login.lower():
                return user_id
        return None

    def _picker(self, query: dict[str, str]) -> str:
        hidden = "".join(
            f'<input type="hidden" name="{html.escape(k)}" value="{html.escape(v)}">'
            for k, v in query.items()
        )
        buttons = "".join(
            f'<p><button name="pick" value="{i}">{html.escape(self._label(i))}</button></p>'
            for i in (self.org.by_key[key] for key in PERSONAS)
            if i in self.org.users
        )
        return (
            "<h1>Meridian Robotics (pretend Okta)</h1><p>Sign in as:</p>"
            f'<form method="get" action="/oauth2/v1/authorize">{hidden}{buttons}</form>'
        )

    def _label(self, user_id: str) -> str:
        profile = self.org.users[user_id]["profile"]
        return f"{profile['firstName']} {profile['lastName']}, {profile.get('title', '')}"


def form_of(body: bytes) -> dict[str, str]:
    """A form's fields, the first value of each."""
    return {k: v[0] for k, v in parse_qs(body.decode("utf-8", "replace")).items()}


def _is_ours(url: str, path: str) -> bool:
    """Whether it is this path of an application on this machine."""
    return url.startswith(LOCAL) and urlsplit(url).path == path


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _half_hash(token: str) -> str:
    return _base64(hashlib.sha256(token.encode()).digest()[:16])


def _oauth(code: str, text: str) -> Json:
    return {"error": code, "error_description": text}


def _redirect(target: str, query: dict[str, Any]) -> Reply:
    joint = "&" if "?" in target else "?"
    target = f"{target}{joint}{urlencode(query)}" if query else target
    return Reply(302, b"", headers={"Location": target})


def _page(status: int, body: str) -> Reply:
    document = f'<!doctype html><meta charset="utf-8"><title>Sign in</title>{body}'
    return Reply(status, document.encode(), "text/html; charset=utf-8")
