"""What changes in the tenant reaches the pages: a day passes, many leave at once, it goes away."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import control
from tests.browser.tabs import Table, settled, visit


def last_run(tab, app):
    """The number of the last published run: tests before this one may have synced too."""
    visit(tab, app, "sync", "Sync")
    said = tab.get_by_text(re.compile("the last published run")).first.inner_text()
    return int(re.search(r"published run: (\d+)", said)[1])


def test_a_day_later_the_sync_shows_what_changed(app, demo):
    run = last_run(demo, app)
    visit(demo, app, "", "Overview")
    demo.get_by_role("button", name="Let a day pass").click()
    demo.get_by_role("heading", name="Sync", exact=True).wait_for()
    expect(demo.get_by_role("heading", name=f"Published Run {run + 1}")).to_be_visible()
    settled(demo)
    expect(demo.get_by_text("What happened that day")).to_be_visible()
    expect(demo.get_by_text(re.compile(r"Joined \(1\)")).first).to_be_visible()
    Table(demo, "People whom this run changed").open(0)
    demo.keyboard.press("Escape")
    settled(demo)
    demo.get_by_role("button", name="Completeness certificate").click()
    expect(demo.get_by_text("Everything that Okta has was read")).to_be_visible()


def test_a_held_run_shows_who_and_waits_for_a_reason(app, demo):
    control(app, "users", {"action": "deactivate", "count": 80})
    visit(demo, app, "sync", "Sync")
    demo.get_by_role("button", name="Sync now").click()
    expect(demo.get_by_text("waits for your decision").first).to_be_visible()
    settled(demo)
    publish = demo.get_by_role("button", name=re.compile("^Publish run"))
    demo.get_by_role("button", name="Publish anyway…").click()
    publish.click()
    expect(demo.get_by_text("Give a reason.")).to_be_visible()
    demo.get_by_role("textbox", name="Reason").fill("Checked with HR")
    demo.get_by_role("textbox", name="Reason").press("Enter")
    settled(demo)
    demo.get_by_role("button", name="Publish anyway…").click()
    publish.click()
    expect(demo.get_by_text("was published.")).to_be_visible()
    expect(demo.get_by_text("waits for your decision")).to_have_count(0)


def test_a_demo_tenant_that_was_stopped_is_started_by_the_next_sync(app, demo):
    run = last_run(demo, app)
    app.kill_the_demo_tenant()
    demo.get_by_role("button", name="Sync now").click()
    # It comes back as it was on its first day, which is a change where days have passed.
    expect(demo.get_by_role("heading", name=f"Published Run {run + 1}")).to_be_visible()
