"""A newcomer's way from nothing to tested personnel, and back, in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import App
from tests.browser.tabs import settled, visit

ONE_MINUTE = 60_000


@pytest.fixture
def app(tmp_path):
    """An app that knows nothing yet, for each test."""
    running = App(tmp_path)
    yield running
    running.stop()


def test_wrong_input_is_answered_at_its_field_and_saves_nothing(app, page):
    visit(page, app, "connection", "Connect Okta")
    organization = page.get_by_role("textbox", name="Organization", exact=True)
    organization.fill("acme.example.com")
    page.get_by_role("textbox", name="API key", exact=True).fill("00secretsecret")
    page.get_by_role("button", name="Check and save").click()
    expect(page.get_by_text("is not an Okta address")).to_be_visible()
    organization.fill("127.0.0.1:9")
    page.get_by_role("button", name="Check and save").click()
    expect(page.get_by_text("only for the demo tenant")).to_be_visible()
    expect(page.get_by_text("is not an Okta address")).to_have_count(0)
    # What was typed stays in the password field, for another try, and is shown nowhere.
    assert "00secretsecret" not in page.locator("body").inner_text()
    assert "00secretsecret" not in app.log.read_text()


def test_one_click_connects_syncs_and_tests_the_demo_tenant_within_a_minute(app, page):
    page.goto(app.url)
    page.get_by_role("button", name="Start the demo").click()
    # The promise is sixty seconds for three clicks; this is the whole way.
    page.get_by_role("heading", name="What needs doing").wait_for(timeout=ONE_MINUTE)
    expect(page.get_by_text("MFA on Identity Provider").first).to_be_visible()
    expect(page.get_by_text(re.compile(r"24 of 448 people can sign in")).first).to_be_visible()
    expect(page.get_by_text(re.compile(r"3 of 455 people have no e-mail")).first).to_be_visible()


def test_disconnecting_needs_a_reason_and_leads_back_to_the_form(app, demo):
    visit(demo, app, "connection", "Connection")
    demo.get_by_role("button", name="Manage").click()
    demo.get_by_role("menuitem", name="Disconnect…").click()
    dialog = demo.get_by_role("dialog")
    leave = dialog.get_by_role("button", name=re.compile("^Disconnect 127"))
    leave.click()
    expect(dialog.get_by_text("Give a reason.")).to_be_visible()
    dialog.get_by_role("textbox", name="Reason").fill("The demo is over")
    dialog.get_by_role("textbox", name="Reason").press("Tab")
    settled(demo)
    leave.click()
    expect(demo.get_by_role("heading", name="Connect Okta")).to_be_visible()
    app.has_demo = False
