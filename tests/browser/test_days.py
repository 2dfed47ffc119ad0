"""What changes in the tenant reaches the pages: a day passes, many leave at once, it goes away."""

import re
from datetime import timedelta

from playwright.sync_api import expect

from tests.browser.conftest import OPERATOR, control
from tests.browser.tabs import Table, settled, visit
from tests.browser.test_every_page import DESK, PHONE, look
from tests.browser.test_personas import choose
from workflows import review_open
from workflows.installation import open_installation
from workflows.review_basis import basis
from workflows.review_scope import fill_in
from workflows.settings import Settings

# Okta's own limits of its base profile, in signs that run the other way or would do something.
LONGEST = {
    "firstName": "\u05d0" * 50, "lastName": "W" * 50, "displayName": "", "title": "T" * 100,
    "department": "<b>" + "D" * 97,
}  # fmt: skip
NOTHING = {
    "firstName": None, "lastName": "", "displayName": None, "title": None, "department": None,
}  # fmt: skip


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


def test_the_longest_names_and_none_at_all_fit_on_every_page(app, demo):
    run = last_run(demo, app)
    for login, profile in (("hostile.three", LONGEST), ("hostile.two", NOTHING)):
        control(app, "users", {"action": "profile", "logins": [login], "profile": profile})
    demo.get_by_role("button", name="Sync now").click()
    expect(demo.get_by_role("heading", name=f"Published Run {run + 1}")).to_be_visible()
    open_a_campaign(app)
    pages = (
        ("personnel?group=all&q=hostile", "Personnel"), ("sync", "Sync"),
        ("mfa_coverage", "MFA coverage"), ("controls?control=test-86", "MFA on Identity Provider"),
        ("campaigns?campaign=1&show=rows&q=hostile", "Quarterly"),
    )  # fmt: skip
    for path, heading in pages:
        visit(demo, app, path, heading)
        fits(demo, path)
    for who in ("hostile.two", "hostile.three"):
        visit(demo, app, f"personnel?group=all&q={who}", "Personnel")
        drawer = Table(demo, "People with MFA, Okta status").open(0)
        for tab in ("MFA", "Access", "History", "Profile"):
            drawer.get_by_role("tab", name=tab).click()
            settled(demo)
        fits(demo, who)
    visit(demo, app, "sync", "Sync")
    choose(demo, "Yuki Tanaka, manager, Customer Success")
    for by in ("person", "one"):
        visit(demo, app, f"my_reviews?q=hostile&view={by}", "Your access review")
        fits(demo, by)


def fits(tab, where):
    """The page holds together on a phone and on a desk."""
    for size in (PHONE, DESK):
        tab.set_viewport_size(size)
        settled(tab)
        look(tab, where, "light", size)


def open_a_campaign(app):
    """A quarterly one named “Quarterly”, by who manages whom."""
    inst = open_installation(Settings(data_dir=app.data, allow_loopback=True))
    form = fill_in(
        "quarterly", basis=basis(inst, 1), due_on=inst.today() + timedelta(days=9),
        fallback="ines.carvalho@meridian.example", name="Quarterly",
    )  # fmt: skip
    review_open.open_campaign(inst, 1, form, actor=OPERATOR)
    inst.database.close()
