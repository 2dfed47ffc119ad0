"""The eighteen checks against a real HTTP tenant: what each says when something is wrong."""

from datetime import date

import pytest
import requests

from demo_tenant.server import DemoTenant
from okta_client.preflight import CHECKS, Preflight, Question


@pytest.fixture(scope="module")
def running():
    with DemoTenant(users=120, rate_limit_scale=1000, today=date(2026, 11, 24)) as tenant:
        yield tenant


@pytest.fixture
def tenant(running):
    running.faults.clear()
    yield running
    running.faults.clear()


def ask(tenant, **more):
    question = {
        "organization": tenant.url, "api_key": tenant.api_key,
        "email_domains": ("meridian.example",), "client_id": tenant.client_id,
        "client_secret": tenant.client_secret, "access_reviews": True, "allow_loopback": True,
        "redirect_uri": "http://127.0.0.1:8501/callback",
        "initiate_login_uri": "http://127.0.0.1:8501/login/initiate",
        "post_logout_redirect_uri": "http://127.0.0.1:8501/signed-out", **more,
    }  # fmt: skip
    preflight = Preflight(Question(**question))
    return {check.id: check for check in preflight.run()}, preflight


def fault(tenant, **said):
    assert requests.post(f"{tenant.url}/demo/faults", json=said).ok


def test_a_well_made_connection_passes_all_eighteen_in_their_order(tenant):
    checks, preflight = ask(tenant, group_label="Workforce")
    assert [c.number for c in checks.values()] == list(range(1, 19))
    assert [c.state for c in checks.values()] == ["pass"] * 18
    assert [c.number for c in checks.values() if c.blocking] == [1, 2, 5, 6, 9]
    assert preflight.facts.group[1] == "Workforce"
    assert preflight.facts.key_owner_login == "countersign-sync@meridian.example"
    assert len(CHECKS) == 18


def test_no_key_is_sent_before_the_organization_has_answered_as_okta(tenant):
    fault(tenant, kind="html", path="okta-organization")
    before = dict(tenant.requests)
    checks, _ = ask(tenant)
    assert checks["organization"].state == "fail"
    assert {c.state for c in list(checks.values())[1:]} == {"unknown"}
    asked = {k for k, v in tenant.requests.items() if v != before.get(k, 0)}
    assert asked == {"GET /.well-known/okta-organization"}


def test_a_wrong_key_fails_without_being_named(tenant):
    checks, _ = ask(tenant, api_key="00thisisnotthekey")
    assert checks["api_key"].state == "fail"
    assert all("00thisisnotthekey" not in c.message + c.action for c in checks.values())


@pytest.mark.parametrize(
    ("more", "check", "state", "says"),
    [
        ({"group_label": "Nothing"}, "group_label", "fail", "no group called Nothing"),
        ({"group_label": "Work"}, "group_label", "fail", "Similar: Workforce"),
        ({"group_label": "Sales, Legal"}, "group_label", "fail", "one Okta group at a time"),
        ({"group_label": "Sales\nLegal"}, "group_label", "fail", "one Okta group at a time"),
        ({"group_label": 'x" or profile.name pr or "'}, "group_label", "fail", "no group called"),
        ({"group_label": ""}, "group_label", "not_needed", "everybody"),
        ({"group_label": "Domain Users"}, "group_label", "pass", "flattens"),
        ({"email_domains": ("else.com",)}, "email_domains", "warn", "meridian.example"),
        ({"access_reviews": False}, "apps", "not_needed", "off"),
        ({"client_id": "", "client_secret": ""}, "client", "not_needed", "not set up"),
        ({"client_secret": "wrong"}, "client", "fail", "does not accept"),
        ({"client_id": "0oaother"}, "self_scope", "unknown", "not found"),
        ({"redirect_uri": "https://x/callback"}, "app_assigned", "warn", "not registered"),
        (
            {"post_logout_redirect_uri": "https://x/signed-out"},
            "app_assigned",
            "warn",
            "sign-out redirect URI",
        ),
        (
            {"older_sign_in": "a generic OpenID provider in secrets.toml"},
            "older_sign_in",
            "warn",
            "older sign-in connection",
        ),
        ({"older_sign_in": "Google"}, "older_sign_in", "warn", "Google"),
    ],
)
def test_what_is_asked_wrongly_is_answered_in_words(tenant, more, check, state, says):
    checks, _ = ask(tenant, **more)
    assert checks[check].state == state
    assert says in checks[check].message


@pytest.mark.parametrize(
    ("path", "check", "state"),
    [
        ("/roles$", "least_privilege", "unknown"),
        ("api-tokens", "key_age", "unknown"),
        ("meta/schemas", "email_attribute", "unknown"),
        ("meta/schemas", "drata_attributes", "unknown"),
        ("/factors$", "factors", "unknown"),
        ("iam/assignees", "admin_roles", "warn"),
        ("/logs", "system_log", "unknown"),
        ("/apps", "apps", "unknown"),
    ],
)
def test_what_may_not_be_read_is_never_a_pass(tenant, path, check, state):
    fault(tenant, kind="forbidden", path=path)
    checks, _ = ask(tenant)
    assert checks[check].state == state
    assert "may not" in checks[check].message or "cannot be read" in checks[check].message


def test_an_empty_population_blocks(tenant):
    fault(tenant, kind="empty_users")
    checks, _ = ask(tenant)
    assert (checks["population"].state, checks["population"].blocking) == ("fail", True)


def test_a_failing_endpoint_leaves_the_others_to_be_checked(tenant, monkeypatch):
    monkeypatch.setattr("okta_client.transport.backoff", lambda attempt: 0.01)
    fault(tenant, kind="status", status=500, path="/logs")
    checks, _ = ask(tenant)
    assert checks["system_log"].state == "unknown"
    assert checks["apps"].state == "pass"


def test_domains_are_offered_with_how_many_users_have_them(tenant):
    _, preflight = ask(tenant)
    counts = preflight.domain_counts()
    assert next(iter(counts)) == "meridian.example"
    assert counts["partner.example"] == 2
