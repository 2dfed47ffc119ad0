"""An analyst's work with the demo tenant; each test undoes what it does. In a real browser."""

import re

from playwright.sync_api import expect

from tests.browser.tabs import Table, pick, settled, visit

PEOPLE = "People with MFA, Okta status"


def test_hostile_names_are_shown_and_do_nothing(app, demo):
    for who in ("hostile.one", "hostile.two", "hostile.three"):
        visit(demo, app, f"personnel?group=all&q={who}", "Personnel")
        drawer = Table(demo, PEOPLE).open(0)
        expect(drawer.get_by_text("Where it comes from")).to_be_visible()
        for tab in ("MFA", "Access", "History", "Profile"):
            drawer.get_by_role("tab", name=tab).click()
            settled(demo)
        text = drawer.inner_text().replace("\u2060", "")
        if who == "hostile.one":
            assert "<img src=x onerror=alert(1)>" in text
            assert "=cmd()" in text
            assert "**bold** [link](javascript:alert(1))" in text
        if who == "hostile.two":
            assert "‹U+202E›evil" in text
            assert ":red[x]" in text
        assert demo.locator("img[src='x'], a[href^='javascript'], .katex").count() == 0


def test_an_override_needs_a_reason_counts_at_once_and_is_taken_back(app, demo):
    visit(demo, app, "personnel?group=all&q=Tom+Fischer", "Personnel")
    drawer = Table(demo, PEOPLE).open(0)
    drawer.get_by_text("Override a value").click()
    settled(demo)
    pick(demo, drawer.get_by_role("combobox", name="Employment status"), "Out of scope")
    drawer.get_by_role("button", name="Save override").click()
    expect(drawer.get_by_text("Give a reason.")).to_be_visible()
    drawer.get_by_role("textbox", name="Reason").fill("He is a test account")
    drawer.get_by_role("button", name="Save override").click()
    expect(drawer.get_by_text("Saved for 1 person")).to_be_visible()
    expect(drawer.get_by_text("He is a test account").first).to_be_visible()
    visit(demo, app, "", "Overview")
    expect(demo.get_by_text(re.compile(r"23 of 447 people can sign in")).first).to_be_visible()
    visit(demo, app, "personnel?group=all&q=Tom+Fischer", "Personnel")
    drawer = Table(demo, PEOPLE).open(0)
    drawer.get_by_role("button", name="Use Okta’s value").click()
    expect(drawer.get_by_text("Okta's value is used again.")).to_be_visible()
    visit(demo, app, "", "Overview")
    expect(demo.get_by_text(re.compile(r"24 of 448 people can sign in")).first).to_be_visible()


def test_people_are_excluded_from_a_control_with_a_reason(app, demo):
    visit(demo, app, "controls?control=test-96", "Employees Have Unique Email Accounts")
    findings = Table(demo, "Findings with outcome")
    button = demo.get_by_role("button", name="Exclude 1 selected…")
    findings.tick(0, lambda patience: expect(button).to_be_enabled(timeout=patience))
    button.click()
    dialog = demo.get_by_role("dialog")
    dialog.get_by_role("button", name="Exclude", exact=True).click()
    expect(dialog.get_by_text("Give a reason.")).to_be_visible()
    dialog.get_by_role("textbox", name="Reason").fill("A shared desk, until it is split")
    dialog.get_by_role("button", name="Exclude", exact=True).click()
    expect(demo.get_by_text("1 person excluded")).to_be_visible()
    expect(dialog).to_have_count(0)
    expect(demo.get_by_text("2 of 455 people have no e-mail").first).to_be_visible()
    demo.get_by_role("tab", name="Exclusions").click()
    expect(demo.get_by_text("A shared desk, until it is split")).to_be_visible()
    demo.get_by_role("button", name="End it").click()
    expect(demo.get_by_text("3 of 455 people have no e-mail").first).to_be_visible()


def test_who_lacks_mfa_can_be_asked_and_without_a_mail_server_the_text_is_there(app, demo):
    visit(demo, app, "mfa_coverage?who=none", "MFA coverage")
    ask = demo.get_by_role("button", name="Ask to set up MFA…")
    people = Table(demo, "People with their factors")
    people.tick(0, lambda patience: expect(ask).to_be_visible(timeout=patience))
    ask.click()
    dialog = demo.get_by_role("dialog", name="Ask to set up MFA")
    expect(dialog.get_by_text("Please set up multi-factor authentication")).to_be_visible()
    expect(dialog.get_by_text("@meridian.example")).to_be_visible()
    assert dialog.get_by_role("button", name="Send").count() == 0


def test_a_draft_is_kept_gone_on_with_and_discarded(app, demo):
    visit(demo, app, "campaigns?new=contractors", "New campaign")
    fallback = demo.get_by_role("combobox", name="Fallback")
    pick(demo, fallback, re.compile("^Helena Brandt"), typed="Helena Brandt")
    demo.get_by_role("button", name="Save as draft").click()
    expect(demo.get_by_text("Saved as a draft.")).to_be_visible()
    settled(demo)
    demo.get_by_role("button", name="Go on with it").click()
    demo.get_by_role("heading", name="Draft of a campaign").wait_for()
    settled(demo)
    expect(fallback).to_have_value(re.compile("^Helena Brandt"))
    expect(demo.get_by_text("Manager in Okta")).to_be_visible()
    visit(demo, app, "campaigns", "Campaigns")
    demo.get_by_role("button", name="Discard…").click()
    demo.get_by_role("dialog").get_by_role("button", name="Discard it").click()
    expect(demo.get_by_text("The draft is discarded.")).to_be_visible()
    expect(demo.get_by_text("No access review yet")).to_be_visible()
