"""Preflight: sign-in, its application and its scope (checks 14-18)."""

from typing import TYPE_CHECKING, Any

from okta_client import client as okta
from okta_client import oidc
from okta_client.preflight_types import Said
from okta_client.transport import SOMEBODY_WAITS, Transport

if TYPE_CHECKING:
    from okta_client.preflight import Preflight

PAGES_LOOKED_AT = 5
LATER: Said = ("not_needed", "No application client ID: sign-in is not set up yet.", "")
NO_APP: Said = (
    "unknown",
    "Could not tell: the application with this client ID was not found.",
    "Applications > your app > General",
)


def sign_in(p: "Preflight") -> Said:
    """14. Discovery answers, and the issuer is ours."""
    if not p.question.client_id and p.custom_origin is None:
        return LATER
    host = p.custom_origin or p.origin
    if p.custom_origin is not None:
        public = Transport(host, None, attempts=SOMEBODY_WAITS)
        answer = public.get(f"{host}/.well-known/okta-organization")
        other = answer.json.get("id") if isinstance(answer.json, dict) else None
        if other != p.facts.org_id:
            return (
                "fail",
                "The custom URL domain belongs to another Okta organization.",
                "Customizations > Brands > Domains",
            )
    issuer = str(oidc.discover(host)["issuer"])
    if issuer not in {p.origin, p.custom_origin}:
        return ("fail", f"The issuer is {issuer[:200]}, which is neither address.", "")
    return ("pass", f"Sign-in is offered by {issuer}.", "")


def client(p: "Preflight") -> Said:
    """15. Client ID and secret are accepted: an impossible code is the only fault."""
    question = p.question
    if not question.client_id:
        return LATER
    known = oidc.client_is_known(
        p.custom_origin or p.origin,
        client_id=question.client_id,
        client_secret=question.client_secret,
        redirect_uri=question.redirect_uri or "http://127.0.0.1:8501/callback",
    )
    if known:
        return ("pass", "Okta accepts the application's client ID and secret.", "")
    return (
        "fail",
        "Okta does not accept the application's client ID and secret.",
        "Applications > your app > General > Client Credentials",
    )


def grant(p: "Preflight") -> Said:
    """16. The self scope is granted to the application."""
    app = _app(p)
    if app is None:
        return LATER if not p.question.client_id else NO_APP
    granted = any(
        grant.get("scopeId") == "okta.users.read.self" and grant.get("status") == "ACTIVE"
        for grant in p.okta.records(okta.app_grants(str(app["id"])))
    )
    if granted:
        return ("pass", "okta.users.read.self is granted to the application.", "")
    return (
        "warn",
        "okta.users.read.self is not granted to the application.",
        "Applications > your app > Okta API Scopes: Grant okta.users.read.self, then reload "
        "that page to see that it stayed.",
    )


def assigned(p: "Preflight") -> Said:
    """17. The application has people, and our addresses are registered."""
    app = _app(p)
    if app is None:
        return LATER if not p.question.client_id else NO_APP
    client = ((app.get("settings") or {}).get("oauthClient")) or {}
    problems = []
    for request in (okta.app_groups(str(app["id"])), okta.app_users(str(app["id"]))):
        if any(p.okta.records(request, limit=1)):
            break
    else:
        problems.append("nobody is assigned to the application")
    wanted = p.question.redirect_uri
    if wanted and wanted not in (client.get("redirect_uris") or []):
        problems.append(f"the sign-in redirect URI {wanted} is not registered")
    after = p.question.post_logout_redirect_uri
    if after and after not in (client.get("post_logout_redirect_uris") or []):
        problems.append(f"the sign-out redirect URI {after} is not registered")
    start = p.question.initiate_login_uri
    if start and client.get("initiate_login_uri") != start:
        problems.append(f"the initiate login URI {start} is not registered")
    if problems:
        text = "; ".join(problems)
        return ("warn", text[0].upper() + text[1:] + ".", "Applications > your app")
    return ("pass", "The application is assigned, and its addresses are registered.", "")


def older_sign_in(p: "Preflight") -> Said:
    """18. No older sign-in connection is in the way."""
    older = p.question.older_sign_in
    if older:
        return (
            "warn",
            f"An older sign-in connection is configured: {older}.",
            "Disconnect it before “Sign in with Okta” is switched on: remove the [auth] section "
            "from that file, and run the checks again.",
        )
    return ("pass", "No other sign-in connection is configured.", "")


def _app(p: "Preflight") -> dict[str, Any] | None:
    """The application with our client id: by default it is the application's id."""
    client_id = p.question.client_id
    if not client_id:
        return None
    if p.facts.app is None:
        for app in p.okta.records(okta.apps(), limit=PAGES_LOOKED_AT):
            oauth = ((app.get("credentials") or {}).get("oauthClient")) or {}
            if client_id in {oauth.get("client_id"), app.get("id")}:
                p.facts.app = app
                break
    return p.facts.app
