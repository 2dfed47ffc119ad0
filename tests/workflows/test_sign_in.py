"""Signing in, over real HTTP against the demo tenant's provider, on both databases."""

from dataclasses import replace

import pytest
import responses

from okta_client import oidc
from storage import connections as store_connections
from storage import sessions as store
from tests.conftest import sign_in_form
from tests.workflows.conftest import AFAR, OPERATOR
from workflows import connect as connecting
from workflows import sessions, sign_in, sign_in_switch
from workflows.errors import CountersignError
from workflows.sign_in import TurnedAway


def discovery(origin, *, issuer):
    endpoints = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    return {"issuer": issuer, **{name: f"{origin}/oauth2/v1/{name}" for name in endpoints}}


@pytest.fixture(autouse=True)
def nothing_is_known_of_providers(monkeypatch):
    monkeypatch.setattr(oidc, "_known", {})


def test_the_first_to_sign_in_on_this_computer_becomes_the_analyst(browser, events):
    ana = browser()
    done = ana.sign_in("ana")
    assert done.next == "/personnel?q=x"
    assert (ana.actor.role, ana.actor.email) == ("analyst", "ana.petrova@meridian.example")
    assert ana.actor.okta_user_id == ana.tenant.organization.by_key["ana"]
    [granted] = events("role.granted")
    assert granted["detail"]["role"] == "analyst"
    tom = browser()
    tom.sign_in("tom")
    assert tom.actor.role == "reviewer"
    assert len(events("role.granted")) == 1


def test_the_first_to_sign_in_from_elsewhere_does_not(browser, events):
    ana = browser(came=AFAR)
    ana.sign_in("ana")
    assert ana.actor.role == "reviewer"
    assert events("role.granted") == []


def test_every_sign_in_is_in_the_audit_log_with_whom_and_whence(browser, events):
    ana = browser(came=AFAR)
    ana.sign_in("ana")
    [event] = events("sign_in.succeeded")
    assert event["actor"] == "ana.petrova@meridian.example"
    assert event["detail"]["okta_user_id"] == ana.actor.okta_user_id
    assert event["detail"]["from"] == "203.0.113.9"


def test_a_session_gets_a_new_id_at_each_sign_in_and_the_old_one_ends(browser, events):
    """Session fixation: an id that was planted in the browser opens nothing, before or after."""
    planted = "an-id-that-an-attacker-knows-and-planted-in-the-browser"
    ana = browser(token=planted)
    ana.sign_in("ana")
    first = ana.token
    assert first != planted
    assert sessions.visitor(ana.inst, planted).reason == "unknown"
    ana.sign_in("tom")
    assert ana.token not in {first, planted}
    assert sessions.visitor(ana.inst, first).reason == "replaced"
    assert events("session.ended")[0]["detail"]["because"] == "replaced"


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ("issuer", "token_issuer"),
        ("audience", "token_audience"),
        ("nonce", "token_nonce"),
        ("expired", "token_expired"),
        ("unsigned", "token_unsigned"),
        ("signature", "token_signature"),
        ("subject", "token_person"),
    ],
)
def test_a_forged_token_is_refused_and_noted(browser, events, wrong, reason):
    eve = browser()
    eve.tenant.faults.add({"kind": "id_token", "path": "^/oauth2/v1/token$", "wrong": wrong})
    with pytest.raises(TurnedAway, match="cannot be trusted"):
        eve.sign_in("tom")
    [event] = events("sign_in.refused")
    assert event["detail"]["reason"] == reason
    assert events("sign_in.succeeded") == []


def test_an_answer_that_nobody_waits_for_is_refused(browser, events):
    eve = browser()
    back = eve.pick(eve.begin(), "tom")
    with pytest.raises(TurnedAway):
        eve.come_back({**back, "state": "made-up"})
    assert events("sign_in.refused")[0]["detail"]["reason"] == "state_unknown"


def test_an_answer_is_taken_only_by_the_browser_that_asked(browser, events):
    """Login CSRF: a victim's browser does not finish what an attacker's began."""
    eve, victim = browser(), browser()
    back = eve.pick(eve.begin(), "tom")
    victim.begin()
    for stranger in (victim, browser()):
        with pytest.raises(TurnedAway):
            stranger.come_back(back)
        assert events("sign_in.refused")[0]["detail"]["reason"] == "state_other_browser"
        assert stranger.token is None
    # Nobody's try has used it up for who may.
    assert eve.come_back(back).token


def test_a_code_and_its_state_are_used_once(browser, events):
    tom = browser()
    back = tom.pick(tom.begin(), "tom")
    tom.come_back(back)
    with pytest.raises(TurnedAway):
        tom.come_back(back)
    assert events("sign_in.refused")[0]["detail"]["reason"] == "state_used"
    # With a fresh state the code is still the provider's to refuse.
    tom.begin()
    fresh = tom.pick(tom.begin(), "tom")
    with pytest.raises(TurnedAway):
        tom.come_back({**fresh, "code": back["code"]})
    assert events("sign_in.refused")[0]["detail"]["reason"] == "token_code"


def test_two_tabs_may_sign_in_at_once(browser):
    tom = browser()
    first, second = tom.begin(), tom.begin()
    assert tom.come_back(tom.pick(first, "tom")).token
    assert tom.come_back(tom.pick(second, "tom")).token


def test_an_answer_of_another_issuer_is_refused(browser, events):
    tom = browser()
    back = tom.pick(tom.begin(), "tom")
    with pytest.raises(TurnedAway):
        tom.come_back({**back, "iss": "https://evil.okta.com"})
    assert events("sign_in.refused")[0]["detail"]["reason"] == "token_issuer"


def test_a_tile_of_another_okta_starts_nothing(browser, events):
    with pytest.raises(TurnedAway):
        browser().begin(iss="https://evil.okta.com")
    assert events("sign_in.refused")[0]["detail"]["reason"] == "foreign_issuer"
    own = browser()
    assert own.begin(iss=own.tenant.url).url.startswith(own.tenant.url)
    assert own.begin(iss=f"{own.tenant.url}/").url.startswith(own.tenant.url)


@pytest.mark.parametrize(
    ("error", "says"),
    [
        ("access_denied", "did not let you in"),
        ("invalid_scope", "okta.users.read.self"),
        ("<script>alert(1)</script>", "answered with an error"),
    ],
)
def test_what_okta_refuses_is_said_in_words(browser, error, says):
    tom = browser()
    back = tom.pick(tom.begin(), "tom")
    with pytest.raises(TurnedAway) as turned:
        tom.come_back({"state": back["state"], "error": error})
    assert says in turned.value.message
    assert "script" not in str(turned.value)


def test_a_person_whom_okta_does_not_let_in_gets_no_session(browser, tenant):
    kurt = browser()
    back = kurt.pick(kurt.begin(), "kurt")
    assert back["error"] == "access_denied"
    with pytest.raises(TurnedAway):
        kurt.come_back(back)


def test_no_token_is_kept_in_clear_and_the_access_token_not_at_all(browser, inst):
    ana = browser()
    ana.sign_in("ana")
    with inst.database.read() as conn:
        record = store.by_token(conn, ana.token)
        text = str(conn.exec_driver_sql("SELECT * FROM sessions").all())
    assert "eyJ" not in text
    assert ana.token not in text
    assert inst.vault.open(record.id_token_sealed).startswith("eyJ")


def test_signing_out_ends_the_session_and_leads_on_to_okta(browser, inst, events):
    ana = browser()
    ana.sign_in("ana")
    url = sessions.sign_out(inst, ana.token, base_url="http://127.0.0.1:8501")
    assert url.startswith(f"{ana.tenant.url}/oauth2/v1/logout?id_token_hint=eyJ")
    assert "post_logout_redirect_uri=http%3A%2F%2F127.0.0.1%3A8501%2Fsigned-out" in url
    assert (ana.visitor().actor, ana.visitor().reason) == (None, "signed_out")
    assert events("session.ended")[0]["detail"]["because"] == "signed_out"
    assert sessions.sign_out(inst, ana.token, base_url="http://127.0.0.1:8501") is None
    assert sessions.sign_out(inst, "unknown", base_url="x") is None


def test_signing_out_works_when_okta_does_not(browser, inst, tenant, monkeypatch):
    ana = browser()
    ana.sign_in("ana")
    monkeypatch.setattr("okta_client.oidc.KEPT_SECONDS", -1.0)
    tenant.faults.add({"kind": "status", "path": "well-known"})
    tenant.faults.add({"kind": "html", "path": "well-known"})
    assert sessions.sign_out(inst, ana.token, base_url="x") is None
    assert ana.visitor().reason == "signed_out"


def test_new_credentials_take_effect_at_once(browser, inst, connection, tenant):
    """They come from the connection, each time: no restart."""
    assert browser().sign_in("ana").token
    sign_in_switch.switch_sign_in(inst, connection.id, on=False, actor=OPERATOR)
    assert not sign_in.sign_in_state(inst).on
    with pytest.raises(TurnedAway, match="not switched on"):
        browser().begin()
    sign_in_switch.switch_sign_in(inst, connection.id, on=True, actor=OPERATOR)
    assert sign_in.sign_in_state(inst).on


def test_switching_off_ends_what_was_open_through_it(browser, inst, connection):
    ana = browser()
    ana.sign_in("ana")
    sign_in_switch.switch_sign_in(inst, connection.id, on=False, actor=OPERATOR)
    assert ana.visitor().reason == "off"


def test_a_secret_that_okta_does_not_accept_keeps_nobody_out(inst, connection, tenant):
    form = replace(sign_in_form(tenant), api_key="", client_secret="wrong")
    with pytest.raises(CountersignError) as refused:
        connecting.connect(inst, form, actor=OPERATOR)
    assert (refused.value.code, refused.value.field) == ("would_lock_out", "client_secret")
    assert sign_in.sign_in_state(inst).on


def test_with_a_wrong_secret_sign_in_is_never_switched_on(inst, tenant):
    form = replace(sign_in_form(tenant), client_secret="wrong")
    view = connecting.connect(inst, form, actor=OPERATOR)
    assert not view.sign_in
    state = sign_in.sign_in_state(inst)
    assert not state.on
    assert "does not accept" in state.why_off
    with pytest.raises(CountersignError, match="stays off"):
        sign_in_switch.switch_sign_in(inst, view.id, on=True, actor=OPERATOR)


def test_an_older_sign_in_must_be_disconnected_first(inst, tenant, tmp_path, monkeypatch):
    secrets = tmp_path / ".streamlit" / "secrets.toml"
    secrets.parent.mkdir()
    secrets.write_text('[auth]\nclient_id = "old"\n')
    monkeypatch.chdir(tmp_path)
    view = connecting.connect(inst, sign_in_form(tenant), actor=OPERATOR)
    assert not view.sign_in
    why = sign_in.sign_in_state(inst).why_off
    assert "secrets.toml" in why
    assert "remove the [auth] section" in why
    secrets.write_text('[other]\nkey = "value"\n')
    assert sign_in_switch.switch_sign_in(inst, view.id, on=True, actor=OPERATOR).sign_in


def test_disconnecting_switches_sign_in_off(browser, inst, connection):
    ana = browser()
    ana.sign_in("ana")
    connecting.disconnect(inst, connection.id, actor=ana.actor, reason="moving on")
    assert not sign_in.sign_in_state(inst).on
    assert ana.visitor().actor is None


def test_of_several_okta_each_is_offered_and_starts_its_own_sign_in(browser, inst, connection):
    with inst.database.write() as conn:
        other = store_connections.add(
            conn, organization="https://acme.okta.com", host="acme.okta.com", state="connected",
            custom_domain="https://login.acme.com", email_domains=("acme.com",), demo=False,
            access_reviews=False, created_at=inst.now(), client_id="0oa9",
            client_secret_sealed=inst.vault.seal("s"), sign_in=True,
        )  # fmt: skip
    offers = sign_in.sign_in_state(inst).offers
    assert [offer.host for offer in offers] == [connection.host, "login.acme.com"]
    ana = browser()
    assert ana.begin(connection_id=connection.id).url.startswith(ana.tenant.url)
    with pytest.raises(TurnedAway, match="not connected here"):
        ana.begin(connection_id=other + 1)
    with responses.RequestsMock() as okta:
        # A custom domain is where people sign in, and where its tokens are from.
        okta.get(
            "https://login.acme.com/.well-known/openid-configuration",
            json=discovery("https://login.acme.com", issuer="https://login.acme.com"),
        )
        for iss in ("https://login.acme.com", "https://acme.okta.com"):
            url = ana.begin(iss=iss).url
            assert url.startswith("https://login.acme.com/oauth2/v1/authorization_endpoint?")


def test_an_issuer_that_is_neither_address_is_refused(browser, inst, connection, events):
    with inst.database.write() as conn:
        store_connections.update(conn, connection.id, organization="https://acme.okta.com")
    with responses.RequestsMock() as okta:
        okta.get(
            "https://acme.okta.com/.well-known/openid-configuration",
            json=discovery("https://acme.okta.com", issuer="https://evil.okta.com"),
        )
        with pytest.raises(TurnedAway):
            browser().begin()
    assert events("sign_in.refused")[0]["detail"]["reason"] == "token_issuer"
