"""The demo's switch in a real browser: look as the auditor, a manager, and oneself again."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import settled, visit


def be(tab, words, heading):
    """Choose somebody in the sidebar."""
    tab.get_by_role("combobox", name="Demo: look as").click()
    with tab.expect_navigation():
        tab.get_by_role("option", name=words).click()
    tab.get_by_role("heading", name=heading, exact=True).first.wait_for()
    expect(tab.get_by_role("combobox", name="Demo: look as")).to_have_value(words)
    settled(tab)


def test_each_persona_sees_what_its_role_may(app, demo):
    visit(demo, app, "personnel?q=Fischer", "Personnel")
    expect(demo.get_by_role("button", name="Override selected")).to_be_visible()
    be(demo, "Felix Moreau, auditor", "Personnel")
    expect(demo.get_by_role("button", name="Details", exact=True)).to_be_visible()
    assert demo.get_by_role("button", name="Override selected").count() == 0
    visit(demo, app, "sync", "Sync")
    expect(demo.get_by_role("heading", name=re.compile(r"^\d+ runs?$"))).to_be_visible()
    assert demo.get_by_role("button", name="Sync now").count() == 0

    demo.get_by_role("combobox", name="Demo: look as").click()
    demo.get_by_role("option", name="Marcus Obi, manager, Sales").click()
    expect(demo.get_by_text("You do not have access to this page.")).to_be_visible()
    # The switch is there on whatever page one is, or nobody would find the way back.
    be(demo, "Local analyst", "Sync")
    expect(demo.get_by_role("button", name="Sync now")).to_be_visible()


def test_a_persona_stays_after_a_reload_and_in_other_tabs(app, demo):
    be(demo, "Felix Moreau, auditor", "Overview")
    demo.reload()
    demo.get_by_role("heading", name="Overview", exact=True).wait_for()
    expect(demo.get_by_role("combobox", name="Demo: look as")).to_have_value(
        "Felix Moreau, auditor"
    )
    other = demo.context.new_page()
    visit(other, app, "personnel", "Personnel")
    expect(other.get_by_role("button", name="Details", exact=True)).to_be_visible()
    assert other.get_by_role("button", name="Override selected").count() == 0
    other.close()
    settled(demo)
    be(demo, "Local analyst", "Overview")
