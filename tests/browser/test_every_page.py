"""What a machine can check on every page, light and dark, on a desk and on a phone (look.md 5)."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.tabs import settled, visit, watched

PAGES = (
    ("", "Overview"),
    ("personnel", "Personnel"),
    ("mfa_coverage", "MFA coverage"),
    ("controls", "Controls"),
    ("controls?control=test-86&tab=history", "MFA on Identity Provider"),
    ("sync", "Sync"),
    ("connection", "Connection"),
    ("campaigns", "Campaigns"),
    ("my_reviews", "My reviews"),
    ("removals", "Removals"),
    ("access", "Roles and sessions"),
)
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
# The last is what the next page is opened with.
LOOKS = (("light", PHONE), ("light", DESK), ("dark", DESK), ("dark", PHONE))
DATED = ("", "personnel", "mfa_coverage", "controls", "removals")

# Whatever can be operated must say its name to who cannot see it; pictures too.
NAMELESS = """() => [...document.querySelectorAll(
    'button, a[href], input, textarea, [role=combobox], [role=figure], [role=region], img, table'
)].filter(e => e.offsetParent !== null && e.type !== 'hidden' && !e.closest('[aria-hidden=true]'))
  .filter(e => !(e.getAttribute('aria-label') || e.getAttribute('aria-labelledby') || e.title
    || e.alt || e.textContent.trim() || e.labels?.length || e.closest('label')
    || e.querySelector('img[alt]') || e.placeholder))
  .map(e => e.outerHTML.slice(0, 200))"""
PRIMARY = "[data-testid=stMain] button[kind=primary]:visible"
# Names that would do something if they were read as markup, and what such reading leaves behind.
HARM = "img[src='x'], a[href^='javascript'], .katex"
# Values that code leaves where a person expects a word; "None" alone is a strength of MFA.
LEFTOVER = re.compile(
    r"\b(nan|NaT|undefined|null)\b|\[object Object\]|\*\*\w|:material/|:\w+-badge\["
)


@pytest.fixture(scope="module")
def app(shared_app):
    """Here nothing is changed that another test would see."""
    return shared_app


def test_every_page_fits_says_what_it_is_and_shows_nothing_raw(app, windows, demo):
    tab = windows(viewport=PHONE, color_scheme="light")
    with watched(app, tab):
        for path, heading in PAGES:
            visit(tab, app, path, heading)
            for scheme, size in LOOKS:
                tab.emulate_media(color_scheme=scheme)
                tab.set_viewport_size(size)
                expect(tab.locator("[data-testid=stApp]")).to_have_css("color-scheme", scheme)
                settled(tab)
                look(tab, path, scheme, size)
            if path in DATED:
                moment = re.compile(r"As of today \d\d:\d\d UTC, from sync run \d+")
                expect(tab.get_by_text(moment).first).to_be_visible()


def look(tab, path, scheme, size):
    """Check what stands on a page, in a window of this size."""
    where = path, scheme, size["width"]
    assert tab.evaluate("document.documentElement.scrollWidth") <= size["width"], where
    assert tab.evaluate(NAMELESS) == [], where
    assert tab.locator(PRIMARY).count() <= 1, where
    assert tab.locator(HARM).count() == 0, where
    assert tab.get_by_role("heading", level=1).count() == 1, where
    text = tab.get_by_test_id("stMain").inner_text()
    assert "Something went wrong" not in text, where
    assert not LEFTOVER.search(text), (where, LEFTOVER.search(text))
