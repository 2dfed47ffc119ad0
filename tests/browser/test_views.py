"""Views that can be sent to a colleague, by keyboard and on a phone: what only a browser shows."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.tabs import Table, pick, settled, until, visit

PEOPLE = "People with MFA, Okta status"
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def app(shared_app):
    """Here nothing is changed that another test would see."""
    return shared_app


@pytest.fixture
def phone(app, windows, demo):
    """A tab as narrow as a phone, touched with a finger."""
    return windows(viewport=PHONE, has_touch=True, is_mobile=True)


def listed(tab):
    """What a list says of how many it has."""
    words = re.compile(r"^([\d,]+–[\d,]+ of )?[\d,]+( p\w+)?, by name$")
    return tab.get_by_text(words).first.inner_text()


def test_a_filtered_view_can_be_sent_to_a_colleague(app, windows, demo):
    visit(demo, app, "personnel", "Personnel")
    demo.get_by_role("textbox", name="Search").or_(
        demo.get_by_role("searchbox", name="Search")
    ).first.fill("an")
    demo.get_by_role("radio", name=re.compile("Former")).click()
    expect(demo).to_have_url(re.compile(r"q=an.*group=former|group=former.*q=an"))
    settled(demo)
    said = listed(demo)
    colleague = windows()
    colleague.goto(demo.url)
    settled(colleague)
    expect(colleague.get_by_text(said)).to_be_visible()
    expect(colleague.get_by_role("searchbox", name="Search").first).to_have_value("an")


def test_figures_lead_to_their_people_on_every_page(app, demo):
    visit(demo, app, "", "Overview")
    demo.get_by_role("button", name="See people").first.click()
    demo.get_by_role("heading", name="Personnel", exact=True).wait_for()
    settled(demo)
    assert "of 455" in listed(demo)
    visit(demo, app, "mfa_coverage", "MFA coverage")
    demo.get_by_role("button", name="See people").nth(2).click()
    expect(demo).to_have_url(re.compile("who=weak"))


def test_a_later_page_is_in_the_address_and_going_back_works(app, demo):
    visit(demo, app, "personnel", "Personnel")
    first = listed(demo)
    demo.get_by_role("button", name="Page 2").click()
    expect(demo).to_have_url(re.compile("page=2"))
    expect(demo.get_by_text("51–100 of 455")).to_be_visible()
    demo.reload()
    settled(demo)
    expect(demo.get_by_text("51–100 of 455")).to_be_visible()
    demo.get_by_role("button", name="Page 1", exact=True).click()
    expect(demo.get_by_text(first)).to_be_visible()


def test_an_open_drawer_is_in_the_address_and_closing_takes_it_out(app, windows, demo):
    visit(demo, app, "personnel?group=all&q=Viktor+Hansen", "Personnel")
    drawer = Table(demo, PEOPLE).open(0)
    expect(drawer.get_by_role("heading", name="Viktor Hansen")).to_be_visible()
    expect(demo).to_have_url(re.compile("person="))
    colleague = windows()
    colleague.goto(demo.url)
    expect(colleague.get_by_role("dialog", name="Viktor Hansen")).to_be_visible()
    demo.keyboard.press("Escape")
    expect(drawer).to_have_count(0)
    expect(demo).not_to_have_url(re.compile("person="))
    assert listed(demo).startswith("1 person")


def test_a_moment_of_the_past_is_chosen_marked_and_left_again(app, demo):
    visit(demo, app, "personnel", "Personnel")
    demo.get_by_role("button", name="As of now").click()
    pick(demo, demo.get_by_role("combobox", name="Or right after a run"), re.compile("Run 1"))
    expect(demo).to_have_url(re.compile("as_of=20"))
    expect(demo.get_by_text("You are looking at")).to_be_visible()
    settled(demo)
    expect(demo.get_by_role("button", name="Sync now")).to_have_count(0)
    demo.get_by_role("button", name="Back to now").last.click()
    expect(demo.get_by_text("You are looking at")).to_have_count(0)
    expect(demo).not_to_have_url(re.compile("as_of"))


def test_a_day_before_the_first_sync_is_an_empty_page_with_a_way_back(app, demo):
    visit(demo, app, "mfa_coverage?as_of=2020-01-01", "MFA coverage")
    expect(demo.get_by_text("Nothing was published by then")).to_be_visible()
    demo.get_by_role("button", name="Back to now").last.click()
    expect(demo.get_by_role("figure").first).to_be_visible()


@pytest.mark.parametrize(
    ("chart", "mark", "address"),
    [
        ("People by type of factor", ".bars .point path", "factor="),
        ("People by the strength of their MFA", ".scatterlayer .point", "as_of=20"),
    ],
)
def test_every_mark_of_a_chart_leads_to_its_people(app, demo, chart, mark, address):
    visit(demo, app, "mfa_coverage", "MFA coverage")
    figure = demo.get_by_role("figure", name=re.compile(chart))

    def click():
        if not re.search(address, demo.url):
            target = figure.locator(mark).first
            target.scroll_into_view_if_needed()
            box = target.bounding_box()
            demo.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    until(click, lambda patience: expect(demo).to_have_url(re.compile(address), timeout=patience))
    expect(Table(demo, "People with their factors").region).to_be_visible()


def test_the_keyboard_alone_opens_a_person(app, demo):
    visit(demo, app, "personnel?group=all&q=Viktor+Hansen", "Personnel")
    details = demo.get_by_role("button", name="Details", exact=True)
    canvas = Table(demo, PEOPLE).region.locator("canvas").first

    def select():
        canvas.focus()
        demo.keyboard.press("ArrowDown")
        demo.keyboard.press("Shift+Space")

    until(select, lambda patience: expect(details).to_be_enabled(timeout=patience))
    details.focus()
    demo.keyboard.press("Enter")
    drawer = demo.get_by_role("dialog", name="Viktor Hansen")
    expect(drawer).to_be_visible()
    assert drawer.evaluate("e => e.contains(document.activeElement)")
    demo.keyboard.press("Escape")
    expect(drawer).to_have_count(0)


def test_what_needs_doing_is_reached_by_keyboard(app, demo):
    visit(demo, app, "", "Overview")
    way = demo.get_by_role("button", name=re.compile(r"^Review")).first
    assert way.evaluate("e => e.tabIndex") == 0
    way.focus()
    demo.keyboard.press("Enter")
    expect(demo).to_have_url(re.compile("control=test-86"))


def test_on_a_phone_the_drawer_and_its_form_fit(app, phone):
    visit(phone, app, "personnel?group=all&q=Viktor+Hansen", "Personnel")
    drawer = Table(phone, PEOPLE).open(0)
    for tab in ("MFA", "Access", "History", "Profile"):
        drawer.get_by_role("tab", name=tab).click()
        settled(phone)
        box = drawer.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= PHONE["width"]
        assert drawer.evaluate("e => e.scrollWidth <= e.clientWidth")
    drawer.get_by_text("Override a value").click()
    settled(phone)
    save = drawer.get_by_role("button", name="Save override")
    save.scroll_into_view_if_needed()
    expect(save).to_be_in_viewport()


def test_on_a_phone_the_menu_leads_to_every_page(app, phone):
    visit(phone, app, "", "Overview")
    phone.get_by_test_id("stExpandSidebarButton").click()
    phone.get_by_role("link", name="MFA coverage").click()
    phone.get_by_role("heading", name="MFA coverage", exact=True).wait_for()
    settled(phone)
    expect(phone.get_by_role("figure").first).to_be_visible()
