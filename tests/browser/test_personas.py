"""The demo's switch in a real browser: look as the auditor, a manager, and oneself again."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.tabs import settled, visit


@pytest.fixture(scope="module")
def app(shared_app):
    """Here nothing is changed that another test would see."""
    return shared_app


def choose(tab, words):
    """Choose somebody in the menu with one's name; the app is loaded anew as them."""
    tab.locator("[data-testid=stSidebar] [data-testid=stMenuButton] button").first.click()
    with tab.expect_navigation():
        tab.get_by_role("menuitem", name=f"Look as {words}").click()


def be(tab, words, name, heading):
    """Be somebody, and wait for the page."""
    choose(tab, words)
    tab.get_by_role("heading", name=heading, exact=True).first.wait_for()
    expect(tab.get_by_role("button", name=name)).to_be_visible()
    settled(tab)


def test_each_persona_sees_what_its_role_may(app, demo):
    visit(demo, app, "sync", "Sync")
    expect(demo.get_by_role("button", name="Sync now")).to_be_visible()
    be(demo, "Felix Moreau, auditor", "Felix Moreau", "Sync")
    expect(demo.get_by_text(re.compile(r"^\d+ runs?$"))).to_be_visible()
    assert demo.get_by_role("button", name="Sync now").count() == 0
    choose(demo, "Marcus Obi, manager, Sales")
    expect(demo.get_by_text("You do not have access to this page.")).to_be_visible()
    # The switch is there on whatever page one is, or nobody would find the way back.
    be(demo, "Local analyst", "This computer", "Sync")
    expect(demo.get_by_role("button", name="Sync now")).to_be_visible()


def test_a_persona_stays_after_a_reload_and_in_other_tabs(app, demo):
    visit(demo, app, "", "Overview")
    be(demo, "Felix Moreau, auditor", "Felix Moreau", "Overview")
    demo.reload()
    demo.get_by_role("heading", name="Overview", exact=True).wait_for()
    expect(demo.get_by_role("button", name="Felix Moreau")).to_be_visible()
    other = demo.context.new_page()
    visit(other, app, "controls", "Controls")
    assert other.get_by_role("button", name="Run all now").count() == 0
    other.close()
    settled(demo)
    be(demo, "Local analyst", "This computer", "Overview")
