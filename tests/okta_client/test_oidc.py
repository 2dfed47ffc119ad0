"""Sign in with Okta, over real HTTP against the demo tenant: who gets in, and what is refused."""

import time
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import responses

from demo_tenant.server import DemoTenant
from okta_client import id_token, oidc
from okta_client.errors import KeyInvalid, OktaError, SignInRefused, Unavailable

BACK = "http://127.0.0.1:8501/callback"


@pytest.fixture(scope="module")
def tenant():
    with DemoTenant(users=80, seed=3, rate_limit_scale=1000) as running:
        yield running


@pytest.fixture(autouse=True)
def no_faults(tenant):
    yield
    tenant.faults.clear()


def at(tenant):
    return oidc.provider(tenant.url, issuers={tenant.url})


def pick(started, who):
    """What a person does at the provider. Returns the code."""
    query = parse_qs(urlsplit(started.url).query)
    picked = {name: value[0] for name, value in query.items()} | {"pick": who}
    answer = requests.get(started.url.partition("?")[0], params=picked, allow_redirects=False)
    back = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert back["state"] == [started.state]
    return back["code"][0]


def sign_in(tenant, *, who="ana", fault=None, **more):
    started = oidc.start(at(tenant), client_id=tenant.client_id, redirect_uri=BACK)
    code = pick(started, tenant.organization.by_key[who])
    if fault:
        tenant.faults.add({"kind": "id_token", "path": "^/oauth2/v1/token$", "wrong": fault})
    said = {
        "client_id": tenant.client_id, "client_secret": tenant.client_secret,
        "redirect_uri": BACK, "code": code, "verifier": started.verifier, "nonce": started.nonce,
    }  # fmt: skip
    return oidc.finish(at(tenant), **said | more)


def test_the_way_there_carries_pkce_state_nonce_and_the_self_scope(tenant):
    started = oidc.start(at(tenant), client_id="0oa1", redirect_uri=BACK)
    query = {k: v[0] for k, v in parse_qs(urlsplit(started.url).query).items()}
    assert started.url.startswith(f"{tenant.url}/oauth2/v1/authorize?")
    assert query["code_challenge_method"] == "S256"
    assert query["response_type"] == "code"
    assert query["scope"] == "openid profile email okta.users.read.self"
    assert (query["state"], query["nonce"]) == (started.state, started.nonce)
    assert started.verifier not in started.url
    again = oidc.start(at(tenant), client_id="0oa1", redirect_uri=BACK)
    used = {started.state, started.nonce, started.verifier}
    assert used.isdisjoint({again.state, again.nonce, again.verifier})


def test_a_person_is_who_their_own_profile_says(tenant):
    person = sign_in(tenant)
    assert person.okta_user_id == tenant.organization.by_key["ana"]
    assert (person.email, person.name) == ("ana.petrova@meridian.example", "Ana Petrova")
    assert person.login == "ana.petrova@meridian.example"


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("issuer", "issuer"),
        ("audience", "audience"),
        ("several_audiences", "audience"),
        ("nonce", "nonce"),
        ("no_nonce", "nonce"),
        ("expired", "expired"),
        ("future", "token"),
        ("unsigned", "unsigned"),
        ("symmetric", "unsigned"),
        ("signature", "signature"),
        ("at_hash", "token"),
        ("subject", "person"),
        ("email", "email"),
    ],
)
def test_a_token_that_is_not_right_is_refused(tenant, fault, reason):
    with pytest.raises(SignInRefused) as refused:
        sign_in(tenant, fault=fault)
    assert refused.value.reason == reason
    assert "eyJ" not in str(refused.value)


@pytest.mark.parametrize(
    "more",
    [
        {"verifier": "w" * 50},
        {"code": "impossible"},
        {"client_secret": "wrong"},
        {"redirect_uri": "http://127.0.0.1:1/callback"},
    ],
)
def test_a_code_is_exchanged_only_by_who_began(tenant, more):
    with pytest.raises(SignInRefused) as refused:
        sign_in(tenant, **more)
    assert refused.value.reason == "code"
    assert tenant.client_secret not in str(refused.value)
    # Nothing of the request, which holds code and secret, hangs on the error.
    assert (refused.value.__cause__, refused.value.__context__) == (None, None)


def test_a_code_is_exchanged_once(tenant):
    started = oidc.start(at(tenant), client_id=tenant.client_id, redirect_uri=BACK)
    said = {
        "client_id": tenant.client_id, "client_secret": tenant.client_secret,
        "redirect_uri": BACK, "code": pick(started, tenant.organization.by_key["tom"]),
        "verifier": started.verifier, "nonce": started.nonce,
    }  # fmt: skip
    oidc.finish(at(tenant), **said)
    with pytest.raises(SignInRefused):
        oidc.finish(at(tenant), **said)


def test_keys_are_kept_and_looked_up_anew_when_the_provider_rotates(tenant):
    sign_in(tenant)
    before = tenant.requests["GET /oauth2/v1/keys"]
    sign_in(tenant)
    assert tenant.requests["GET /oauth2/v1/keys"] == before
    tenant.provider.rotate_keys()
    assert sign_in(tenant).name == "Ana Petrova"
    assert tenant.requests["GET /oauth2/v1/keys"] == before + 1


def test_a_retired_key_is_forgotten_after_an_hour(tenant, monkeypatch):
    sign_in(tenant)
    before = tenant.requests["GET /oauth2/v1/keys"]
    later = time.monotonic() + id_token.KEYS_SECONDS
    monkeypatch.setattr(id_token.time, "monotonic", lambda: later)
    sign_in(tenant)
    assert tenant.requests["GET /oauth2/v1/keys"] == before + 1


def test_a_person_without_the_self_scope_is_not_confirmed(tenant, monkeypatch):
    monkeypatch.setattr(oidc, "SCOPES", "openid profile email")
    with pytest.raises(OktaError) as refused:
        sign_in(tenant)
    assert refused.value.code == "not_permitted"


def test_another_issuer_is_refused_before_anybody_is_sent_there(tenant):
    with pytest.raises(SignInRefused) as refused:
        oidc.provider(tenant.url, issuers={"https://acme.okta.com"})
    assert refused.value.reason == "issuer"


@responses.activate
@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
def test_the_client_secret_goes_to_no_other_host(name):
    origin = "https://acme.okta.com"
    said = dict.fromkeys(
        ("authorization_endpoint", "token_endpoint", "jwks_uri"), f"{origin}/oauth2/v1/x"
    )
    document = {"issuer": origin, **said, name: "https://evil.example/x"}
    responses.get(f"{origin}/.well-known/openid-configuration", json=document)
    with pytest.raises(SignInRefused) as refused:
        oidc.provider(origin, issuers={origin})
    assert refused.value.reason == "discovery"


def test_the_way_out_names_the_session_that_ends(tenant):
    person = sign_in(tenant)
    back = "http://127.0.0.1:8501/signed-out"
    url = oidc.end_session_url(at(tenant), id_token_hint=person.id_token, back_to=back)
    answer = requests.get(url, allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (302, back)
    assert requests.get(url.partition("?")[0], allow_redirects=False).status_code == 400


def test_a_provider_without_a_way_out_has_none(tenant):
    found = at(tenant)
    bare = oidc.Provider(**{**vars(found), "end_session_endpoint": None})
    assert oidc.end_session_url(bare, id_token_hint="x", back_to="y") is None


@pytest.mark.parametrize("kind", ["html", "drop"])
def test_a_provider_that_fails_is_told_from_a_refusal(tenant, kind):
    tenant.faults.add({"kind": kind, "path": "^/oauth2/v1/token$"})
    with pytest.raises(Unavailable):
        sign_in(tenant)


def test_an_access_token_goes_to_its_own_origin_only(tenant):
    own = oidc.Transport(tenant.url, "token", scheme="Bearer")
    with pytest.raises(OktaError, match="one organization only"):
        own.get("http://127.0.0.1:9/api/v1/users/me")
    with pytest.raises(KeyInvalid):
        own.get("/api/v1/users/me")
