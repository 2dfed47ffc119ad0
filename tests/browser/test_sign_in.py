"""Signing in with Okta in a real browser, against the demo tenant's OpenID provider."""

import pytest
from playwright.sync_api import expect

from demo_tenant.server import DemoTenant
from storage import audit_log, roles
from tests.browser.conftest import OPERATOR, App, with_sign_in
from tests.browser.tabs import settled, sign_out, until
from tests.scenarios.conftest import control
from workflows import connect as connecting
from workflows import roles as role_giving
from workflows import sync
from workflows.installation import open_installation
from workflows.settings import Settings


class Office:
    """A tenant whose people sign in to an app of their own."""

    def __init__(self, tenant, app, inst, connection_id):
        self.tenant, self.app, self.inst, self.connection_id = tenant, app, inst, connection_id
        self.url = app.url

    def events(self, action):
        with self.inst.database.read() as conn:
            return audit_log.events(conn, limit=50, action=action)

    def sync(self):
        run = sync.run_sync(self.inst, self.connection_id, actor=OPERATOR)
        assert run.state == "published", run.error


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    data = tmp_path_factory.mktemp("office")
    with DemoTenant(users=80, seed=3, rate_limit_scale=1000) as tenant:
        inst, connection_id = with_sign_in(data, tenant)
        ana = "ana.petrova@meridian.example"
        role_giving.grant(inst, ana, "analyst", reason="She runs the reviews", actor=OPERATOR)
        app = App(data, allow_loopback="1", sign_in_attempts="1000")
        yield Office(tenant, app, inst, connection_id)
        app.stop()
        inst.database.close()


@pytest.fixture
def someone(office, windows):
    """Browsers of people, each with cookies of its own."""
    yield windows
    office.tenant.faults.clear()


def be(tab, name, heading):
    """At the provider: be this person. Then wait for a page of ours."""
    tab.get_by_role("button", name=name).click()
    tab.get_by_role("heading", name=heading, exact=True).first.wait_for()
    if tab.locator("[data-testid=stApp]").count():
        settled(tab)


def sign_in(office, tab, name="Ana Petrova", path="/sync", heading="Sync"):
    tab.goto(office.url + path)
    tab.get_by_role("link", name="Sign in with Okta").click()
    be(tab, name, heading)
    return tab


def test_from_our_button_a_deep_link_survives(office, someone):
    tab = someone()
    answer = tab.goto(f"{office.url}/personnel?q=Fischer")
    assert answer.status == 401
    assert "Fischer" not in tab.locator("main").inner_text()
    tab.get_by_role("link", name="Sign in with Okta").click()
    be(tab, "Ana Petrova", "Personnel")
    assert tab.url == f"{office.url}/personnel?q=Fischer"
    expect(tab.get_by_text("1 person, by name").first).to_be_visible()
    expect(tab.get_by_text("Analyst", exact=True).first).to_be_visible()
    assert office.events("sign_in.succeeded")[0]["detail"]["role"] == "analyst"


def test_from_the_okta_tile(office, someone):
    tab = someone()
    tab.goto(f"{office.url}/login/initiate?iss={office.tenant.url}")
    be(tab, "Ana Petrova", "Overview")
    assert tab.url == f"{office.url}/"
    other = someone()
    target = f"{office.url}/controls"
    start = f"{office.url}/login/initiate?iss={office.tenant.url}&target_link_uri={target}"
    other.goto(start)
    be(other, "Ana Petrova", "Controls")
    assert other.url == target


def test_signing_out_in_one_tab_locks_the_other(office, someone):
    tab = sign_in(office, someone())
    ended_at_okta = office.tenant.requests["GET /oauth2/v1/logout"]
    other = tab.context.new_page()
    other.goto(f"{office.url}/personnel")
    other.get_by_role("heading", name="Personnel", exact=True).wait_for()
    settled(other)
    sign_out(tab)
    tab.get_by_role("heading", name="You are signed out").wait_for()
    # Okta's own session was ended on the way.
    assert office.tenant.requests["GET /oauth2/v1/logout"] == ended_at_okta + 1
    assert {cookie["name"] for cookie in tab.context.cookies()} == {"_streamlit_xsrf"}
    other.get_by_role("radio", name="Former").click()
    expect(other.get_by_text("You signed out.")).to_be_visible()
    expect(other.locator("[data-testid=stDataFrame]")).to_have_count(0)
    # And the way back leads to the very place.
    other.get_by_role("button", name="Sign in with Okta", exact=True).click()
    be(other, "Ana Petrova", "Personnel")
    assert "/personnel" in other.url


def test_what_an_open_tab_still_tries_after_the_sign_out_is_not_done(office, someone):
    """A button's callback runs before the page is drawn again: the use case itself refuses."""
    tab = sign_in(office, someone(), path="/access", heading="Roles and sessions")
    tab.get_by_text("Give a role").click()
    tab.get_by_label("E-mail or Okta user id").fill("tom.fischer@meridian.example")
    tab.get_by_label("Reason").fill("to see what happens")
    tab.get_by_label("Reason").press("Tab")
    settled(tab)
    away = tab.context.new_page()
    away.goto(f"{office.url}/logout")
    away.get_by_role("heading", name="You are signed out").wait_for()
    tab.get_by_role("button", name="Give this role").click()
    expect(tab.get_by_text("You signed out.")).to_be_visible()
    with office.inst.database.read() as conn:
        assert "Tom Fischer" not in {g.name for g in roles.newest(conn)}


def test_a_reviewer_who_types_an_analysts_address_is_refused_and_it_is_written_down(
    office, someone
):
    tab = sign_in(office, someone(), "Marcus Obi", "/access", "Roles and sessions")
    assert tab.get_by_text("Roles", exact=True).count() == 0
    pages = ("personnel", "mfa_coverage", "controls", "sync", "connection", "campaigns", "removals")
    for path in ("personnel?q=Fischer", *pages[1:]):
        tab.goto(f"{office.url}/{path}")
        expect(tab.get_by_text("You do not have access to this page.")).to_be_visible()
        settled(tab)
        assert "Fischer" not in tab.locator("body").inner_text()
        assert tab.locator("[data-testid=stDataFrame]").count() == 0
    marcus = "marcus.obi@meridian.example"
    refused = {e["subject"] for e in office.events("access.refused") if e["actor"] == marcus}
    assert refused == {f"page:{name}" for name in pages}
    # The front page is where reviewers land among their own things.
    tab.goto(office.url)
    tab.get_by_role("heading", name="My reviews", exact=True).wait_for()


def test_a_deactivated_person_loses_access_after_the_next_publish(office, someone):
    tab = sign_in(office, someone(), "Yuki Tanaka", "/access", "Roles and sessions")
    yuki = office.tenant.organization.by_key["yuki"]
    control(office.tenant, "users", {"action": "deactivate", "ids": [yuki]})
    tab.reload()
    tab.get_by_role("heading", name="Where you are signed in").wait_for()
    office.sync()
    settled(tab)
    tab.get_by_role("button", name="Sign out everywhere").click()
    expect(tab.get_by_text("Okta says that this account cannot sign in")).to_be_visible()
    tab.goto(f"{office.url}/access")
    expect(tab.get_by_role("link", name="Sign in with Okta")).to_be_visible()
    tab.get_by_role("link", name="Sign in with Okta").click()
    tab.get_by_role("button", name="Yuki Tanaka").click()
    expect(tab.get_by_text("Okta did not let you in.")).to_be_visible()


def test_the_access_page_gives_a_role_and_takes_it_back(office, someone):
    tab = sign_in(office, someone(), path="/access", heading="Roles and sessions")
    tab.get_by_text("Give a role").click()
    tab.get_by_label("E-mail or Okta user id").fill("felix.moreau@meridian.example")
    tab.get_by_label("E-mail or Okta user id").press("Tab")
    settled(tab)
    tab.get_by_role("button", name="Give this role").click()
    expect(tab.get_by_text("Give a reason.")).to_be_visible()
    tab.get_by_label("Reason").fill("SOC 2 audit")
    tab.get_by_label("Reason").press("Tab")
    settled(tab)
    tab.get_by_role("button", name="Give this role").click()
    expect(tab.get_by_text("Felix Moreau is auditor now.")).to_be_visible()

    felix = sign_in(office, someone(), "Felix Moreau", "/personnel", "Personnel")
    expect(felix.get_by_text("Auditor", exact=True)).to_be_visible()
    for path, heading, button in (
        ("sync", "Sync", "Sync now"),
        ("controls", "Controls", "Run all now"),
        ("connection", "Connection", "Manage"),
        ("access", "Roles and sessions", "Give this role"),
    ):
        felix.goto(f"{office.url}/{path}")
        felix.get_by_role("heading", name=heading, exact=True).first.wait_for()
        settled(felix)
        assert felix.get_by_text("You do not have access").count() == 0, path
        assert felix.get_by_role("button", name=button).count() == 0, path

    tab.reload()
    tab.get_by_role("heading", name="Roles", exact=True).wait_for()
    settled(tab)
    tab.get_by_role("button", name="Withdraw", exact=True).first.click()
    box = tab.get_by_role("dialog")
    box.get_by_label("Reason").fill("The audit is over")
    box.get_by_label("Reason").press("Tab")
    box.get_by_role("button", name="Withdraw", exact=True).click()
    expect(tab.get_by_text("Felix Moreau is no longer auditor.")).to_be_visible()
    felix.goto(f"{office.url}/sync")
    expect(felix.get_by_text("You do not have access to this page.")).to_be_visible()
    # Nor can the last analyst go.
    tab.get_by_role("button", name="Withdraw", exact=True).first.click()
    box.get_by_label("Reason").fill("bye")
    box.get_by_label("Reason").press("Tab")
    box.get_by_role("button", name="Withdraw", exact=True).click()
    expect(box.get_by_text("is the last analyst")).to_be_visible()


@pytest.mark.parametrize(
    ("path", "says", "reason"),
    [
        ("/login/initiate?iss=https://evil.okta.com", "another Okta", "foreign_issuer"),
        ("/login/initiate", "another Okta", "foreign_issuer"),
        ("/login?next=https://evil.example/", "none of ours", "foreign_target"),
        ("/login?next=//evil.example/", "none of ours", "foreign_target"),
        ("/login?next=/%5Cevil.example", "none of ours", "foreign_target"),
        ("/callback?code=x&state=made-up", "not known here", "state_unknown"),
        ("/callback", "not known here", "state_unknown"),
    ],
)
def test_what_is_made_up_ends_on_a_plain_page_and_in_the_audit_log(
    office, someone, path, says, reason
):
    tab = someone()
    answer = tab.goto(office.url + path)
    assert answer.status == 400
    expect(tab.get_by_text(says)).to_be_visible()
    assert tab.url.startswith(office.url)
    assert "countersign" not in {cookie["name"] for cookie in tab.context.cookies()}
    assert office.events("sign_in.refused")[0]["detail"]["reason"] == reason


@pytest.mark.parametrize("wrong", ["issuer", "audience", "nonce", "expired", "unsigned"])
def test_a_forged_token_ends_on_a_plain_page(office, someone, wrong):
    tab = someone()
    tab.goto(f"{office.url}/login")
    office.tenant.faults.add({"kind": "id_token", "path": "^/oauth2/v1/token$", "wrong": wrong})
    be(tab, "Ana Petrova", "This did not work")
    expect(tab.get_by_text("cannot be trusted")).to_be_visible()
    assert "countersign" not in {cookie["name"] for cookie in tab.context.cookies()}
    assert office.events("sign_in.refused")[0]["detail"]["reason"] == f"token_{wrong}"


def test_a_cookie_of_another_installation_opens_nothing(office, someone):
    tab = someone()
    made_up = {"name": "countersign", "value": "x" * 43, "url": office.url}
    tab.context.add_cookies([made_up])
    assert tab.goto(f"{office.url}/personnel").status == 401
    expect(tab.get_by_text("Your session is not known here.")).to_be_visible()
    assert office.events("sign_in.refused")[0]["detail"]["reason"] == "unknown_session"
    # Signing in replaces it by an id that nobody could plant.
    tab.get_by_role("link", name="Sign in with Okta").click()
    be(tab, "Ana Petrova", "Personnel")
    [cookie] = [c for c in tab.context.cookies() if c["name"] == "countersign"]
    assert cookie["value"] != made_up["value"]
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["secure"]) == (True, "Lax", False)


def test_another_site_cannot_sign_somebody_out(office, someone):
    tab = sign_in(office, someone())
    # The tenant is another site to the browser's eyes once it has another name.
    evil = tab.context.new_page()
    evil.goto(office.tenant.url.replace("127.0.0.1", "localhost") + "/oauth2/v1/logout")
    evil.evaluate("url => { window.location.href = url }", f"{office.url}/logout")
    expect(evil.get_by_role("heading", name="Sign out?")).to_be_visible()
    tab.goto(f"{office.url}/sync")
    tab.get_by_role("heading", name="Sync", exact=True).first.wait_for()


def client_secret(tab):
    """The field, with what hides it opened; it may stand open from before."""
    inner = tab.get_by_text("Custom domain and sign-in with Okta")
    field = tab.get_by_label("Application client secret")

    def opened():
        inner.wait_for()
        settled(tab)
        if not field.is_visible():
            inner.click()

    until(opened, lambda patience: expect(field).to_be_visible(timeout=patience))
    return field


def test_who_sets_up_sign_in_on_this_computer_signs_in_as_the_analyst(windows, tmp_path):
    """From the local analyst to the first analyst, without a restart."""
    with DemoTenant(users=80, seed=3, rate_limit_scale=1000) as tenant:
        inst = open_installation(Settings(data_dir=tmp_path, allow_loopback=True))
        form = connecting.ConnectionForm(
            organization=tenant.url, api_key=tenant.api_key, email_domains=("meridian.example",)
        )
        connecting.connect(inst, form, actor=OPERATOR)
        app = App(tmp_path, allow_loopback="1")
        try:
            tab = windows()
            tab.goto(f"{app.url}/connection?show=form")
            secret = client_secret(tab)
            tab.get_by_label("Application client ID").fill(tenant.client_id)
            secret.fill("not it")
            tab.get_by_role("button", name="Check and save").click()
            expect(
                tab.get_by_text("does not accept the application's client").first
            ).to_be_visible()
            settled(tab)
            # A wrong secret keeps nobody out: sign-in stays off.
            expect(tab.get_by_text("Sign in with Okta is off.")).to_be_visible()
            tab.goto(f"{app.url}/connection?show=form")
            client_secret(tab).fill(tenant.client_secret)
            tab.get_by_role("button", name="Check and save").click()
            expect(tab.get_by_text("Sign-in is on for this installation.")).to_be_visible()
            tab.get_by_role("button", name="Sign in with Okta", exact=True).click()
            be(tab, "Ana Petrova", "Connection")
            expect(tab.get_by_text("Sign in with Okta is on.")).to_be_visible()
            expect(tab.get_by_text("Analyst", exact=True).first).to_be_visible()
            tab.get_by_role("button", name="Switch sign-in off…").click()
            tab.get_by_role("dialog").get_by_role("button", name="Switch it off").click()
            expect(tab.get_by_text("Sign in with Okta is off.")).to_be_visible()
            expect(tab.get_by_text("Local analyst")).to_be_visible()
        finally:
            app.stop()
            inst.database.close()
