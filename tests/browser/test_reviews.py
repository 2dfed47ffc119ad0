"""A campaign in a real browser, from its opening to the proof of what became of each revoke."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import start_demo
from tests.browser.tabs import Table, pick, settled, until, visit
from tests.browser.test_personas import choose
from workflows.audit import audit_events
from workflows.installation import Actor, open_installation
from workflows.review_list import ItemFilter, items
from workflows.settings import Settings

ANALYST = "Local analyst"
INES, MARCUS, YUKI = (
    "Inês Carvalho, manager, Engineering", "Marcus Obi, manager, Sales",
    "Yuki Tanaka, manager, Customer Success",
)  # fmt: skip
REVOKED = ("Kofi Mensah", "Elif Yılmaz", "Tom Fischer")
WATCHER = Actor("watcher", "Watcher", "system")


@pytest.fixture
def store(app):
    """The app's own store, to look up what the pages do not name."""
    opened = open_installation(Settings(data_dir=app.data, allow_loopback=True))
    yield opened
    opened.database.close()


def be(tab, app, who, heading="Your access review"):
    """Look as somebody, and open their reviews (or, as the analyst, the campaigns)."""
    choose(tab, who)
    visit(tab, app, "campaigns" if who == ANALYST else "my_reviews", heading)


def open_quarterly(tab, app):
    visit(tab, app, "campaigns", "Campaigns")
    tab.get_by_role("button", name="New campaign").click()
    tab.get_by_role("heading", name="New campaign").wait_for()
    fallback = tab.get_by_role("combobox", name="Fallback")
    pick(tab, fallback, re.compile("^Helena Brandt"), typed="Helena Brandt")
    expect(tab.get_by_text("Manager in Okta")).to_be_visible()
    tab.get_by_role("button", name="Open the campaign…").click()
    tab.get_by_role("dialog").get_by_role("button", name="Open it").click()
    expect(
        tab.get_by_text(re.compile("The campaign is open: [0-9,]+ rows to decide"))
    ).to_be_visible()


def revoke(tab, app, person, access, why):
    """Find one row, revoke it, and say why."""
    visit(tab, app, f"my_reviews?q={person.replace(' ', '+')}", "Your access review")
    row = tab.get_by_role("radiogroup", name=f"Decision on {access} of {person}").last
    row.get_by_text("Revoke").click()
    note = tab.get_by_role("textbox", name=f"Note on {access}")
    note.fill(why)
    note.press("Enter")
    expect(tab.get_by_text(why)).to_be_visible()
    settled(tab)


def let_a_day_pass(tab, app, run):
    """The tenant's next day, and the sync that shows it."""
    visit(tab, app, "", "Overview")
    tab.get_by_role("button", name="Let a day pass").click()
    expect(tab.get_by_text(f"the last published run: {run},")).to_be_visible()
    settled(tab)


def states(tab, app):
    """Person -> state, as the Removals page lists them."""
    visit(tab, app, "removals?which=all", "Removals")
    table = Table(tab, "Removals with their state").region
    rows = table.locator("tbody tr")
    # A table has its cells once it is drawn.
    expect(rows).to_have_count(len(REVOKED))
    found = {}
    for row in rows.all():
        cells = [
            cell.inner_text() for cell in row.get_by_role("gridcell", include_hidden=True).all()
        ]
        found[cells[1]] = next(c for c in cells if re.fullmatch(
            "Open|Still present|Still effective|Came back|Verified gone", c))  # fmt: skip
    return found


def test_from_a_campaign_to_the_proof_of_each_removal(app, page, store):
    tab = page
    start_demo(app, tab)
    open_quarterly(tab, app)

    be(tab, app, INES)
    revoke(tab, app, "Kofi Mensah", "AWS production", "No longer on the platform team")
    revoke(tab, app, "Elif Yılmaz", "AWS production", "Moved to design")

    # One hands a row on to somebody by name.
    visit(tab, app, "my_reviews?q=Gita+Rao", "Your access review")
    tab.get_by_role("button", name="More", exact=True).first.click()
    tab.get_by_role("menuitem", name="Give to somebody…").click()
    dialog = tab.get_by_role("dialog")
    dialog.get_by_role("textbox", name="To whom").fill("marcus.obi@meridian.example")
    dialog.get_by_role("textbox", name="Why").fill("Gita works for Sales now")
    dialog.get_by_role("button", name="Give it to them").click()
    expect(tab.get_by_text("1 row went to")).to_be_visible()

    # Nobody decides on their own: the address of one's own row is refused, and written down.
    own = next(
        view.id for view in items(store, ItemFilter(1, search="Inês Carvalho"), actor=WATCHER).items
    )
    tab.goto(f"{app.url}/my_reviews?row={own}")
    expect(tab.get_by_text("nobody decides on their own")).to_be_visible()
    events = audit_events(store, limit=50)
    refusals = events.loc[events["action"] == "access.refused", "subject"]
    assert f"review_item:{own}" in set(refusals)

    be(tab, app, MARCUS)
    revoke(tab, app, "Tom Fischer", "AWS production", "Sales needs no AWS")

    be(tab, app, YUKI)
    bulk = tab.get_by_role("button", name=re.compile(r"^Keep \d+ without signals$")).first
    many = bulk.inner_text().split()[-3]
    bulk.click()
    tab.get_by_role("dialog").get_by_role("button", name=re.compile(r"^Keep \d+$")).click()
    expect(tab.get_by_text(re.compile(rf"^{many} of [\d,]+ decided"))).to_be_visible()
    visit(tab, app, "my_reviews?view=one", "Your access review")
    tab.keyboard.press("k")
    expect(tab.get_by_text(re.compile(rf"^{int(many) + 1} of [\d,]+ decided"))).to_be_visible()
    settled(tab)

    be(tab, app, ANALYST, "Campaigns")
    let_a_day_pass(tab, app, 2)
    assert states(tab, app) == {
        "Kofi Mensah": "Verified gone", "Elif Yılmaz": "Verified gone",
        "Tom Fischer": "Still effective",
    }  # fmt: skip
    let_a_day_pass(tab, app, 3)
    assert states(tab, app) == {
        "Kofi Mensah": "Came back", "Elif Yılmaz": "Verified gone",
        "Tom Fischer": "Still effective",
    }  # fmt: skip

    # Each with the run that proves it.
    removals = Table(tab, "Removals with their state")
    drawer = removals.open(0)
    expect(drawer.get_by_text("Run 3").or_(drawer.get_by_text("Run 2")).first).to_be_visible()
    tab.keyboard.press("Escape")

    # Closing says what becomes of what is left, and why.
    visit(tab, app, "campaigns", "Campaigns")
    tab.get_by_role("button", name="Manage").click()
    tab.get_by_role("menuitem", name="Close…").click()
    dialog = tab.get_by_role("dialog")
    dialog.get_by_role("button", name="Close it").click()
    expect(dialog.get_by_text("Give the reason")).to_be_visible()
    dialog.get_by_role("textbox", name="Reason").fill("A demo ends here")
    dialog.get_by_role("button", name="Close it").click()
    expect(tab.get_by_text("The campaign is closed.")).to_be_visible()
    until(lambda: None, lambda patience: expect(
        tab.get_by_text("0 active, 1 ended")).to_be_visible(timeout=patience))  # fmt: skip
