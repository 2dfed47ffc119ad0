"""The OpenID provider: code flow with PKCE, client authentication, a token that tells who."""

import base64
import hashlib
from urllib.parse import parse_qs, urlsplit

import requests
from joserfc import jwt
from joserfc.jwk import KeySet

VERIFIER = "v" * 50
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=")
BACK = "http://127.0.0.1:8501/callback"


def authorize(ask, **more):
    query = {
        "client_id": ask.tenant.client_id, "redirect_uri": BACK, "response_type": "code",
        "scope": "openid email okta.users.read.self", "state": "s", "nonce": "n",
        "code_challenge": CHALLENGE.decode(), "code_challenge_method": "S256", **more,
    }  # fmt: skip
    return requests.get(
        f"{ask.tenant.url}/oauth2/v1/authorize", params=query, allow_redirects=False
    )


def exchange(ask, code, secret=None, verifier=VERIFIER):
    return requests.post(
        f"{ask.tenant.url}/oauth2/v1/token",
        data={"grant_type": "authorization_code", "code": code, "redirect_uri": BACK,
              "code_verifier": verifier},
        auth=(ask.tenant.client_id, secret or ask.tenant.client_secret),
    )  # fmt: skip


def test_a_person_is_picked_and_signed_in(ask):
    assert "Ana Petrova" in authorize(ask).text
    ana = ask.tenant.organization.by_key["ana"]
    back = authorize(ask, pick=ana)
    query = parse_qs(urlsplit(back.headers["Location"]).query)
    assert query["state"] == ["s"]
    tokens = exchange(ask, query["code"][0]).json()
    discovery = requests.get(f"{ask.tenant.url}/.well-known/openid-configuration").json()
    keys = KeySet.import_key_set(requests.get(discovery["jwks_uri"]).json())
    claims = jwt.decode(tokens["id_token"], keys, algorithms=["RS256"]).claims
    assert (claims["sub"], claims["nonce"], claims["iss"]) == (ana, "n", discovery["issuer"])
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert requests.get(f"{ask.tenant.url}/api/v1/users/me", headers=bearer).json()["id"] == ana
    assert requests.get(f"{ask.tenant.url}/api/v1/users", headers=bearer).status_code == 403
    assert exchange(ask, query["code"][0]).json()["error"] == "invalid_grant"


def test_wrong_secrets_codes_and_verifiers_are_refused(ask):
    ana = ask.tenant.organization.by_key["ana"]
    code = parse_qs(urlsplit(authorize(ask, pick=ana).headers["Location"]).query)["code"][0]
    assert exchange(ask, "impossible", secret="wrong").json()["error"] == "invalid_client"
    assert exchange(ask, "impossible").json()["error"] == "invalid_grant"
    assert exchange(ask, code, verifier="w" * 50).json()["error"] == "invalid_grant"
    assert authorize(ask, redirect_uri="http://evil.example/callback").status_code == 400
