"""What a person does at a browser's tab, and how to wait for what they would see."""

import contextlib
import re
import shutil
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from playwright.sync_api import Browser, Dialog, Error, Locator, Page, Request, expect

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)


# CI has two slow cores and tests beside these: what counts is that a thing comes, not how fast.
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
]  # fmt: skip


class Served(Protocol):
    """An app that answers at an address."""

    url: str


def new_tab(browser: Browser, **options: Any) -> Page:
    """A window of its own with one tab, in which `settled` works."""
    context = browser.new_context(**options)
    context.set_default_timeout(PATIENCE)
    context.add_init_script(_LISTEN)
    return context.new_page()


@contextlib.contextmanager
def watched(app: Served, tab: Page) -> Iterator[None]:
    """Fails when anything asks another host, alerts, or breaks in the browser."""
    strangers: list[str] = []

    def asked(sent: Request) -> None:
        if not sent.url.startswith((app.url, "data:", "blob:")):
            strangers.append(sent.url)

    def alerted(said: Dialog) -> None:
        strangers.append(f"dialog {said.message}")
        said.dismiss()

    def broke(error: Error) -> None:
        strangers.append(f"error {error}")

    tab.on("request", asked)
    tab.on("dialog", alerted)
    tab.on("pageerror", broke)
    yield
    tab.remove_listener("request", asked)
    tab.remove_listener("dialog", alerted)
    tab.remove_listener("pageerror", broke)
    assert strangers == []


def visit(tab: Page, app: Served, path: str, heading: str) -> None:
    """Open a page and wait until it has drawn itself."""
    tab.goto(f"{app.url}/{path}")
    tab.get_by_role("heading", name=heading, exact=True).first.wait_for(timeout=PATIENCE)
    settled(tab)


QUIET_SECONDS = 0.3
# Notes when the page last asked its server something, and when it last heard from it.
_LISTEN = """
window.WebSocket = class extends WebSocket {
    constructor(...how) {
        super(...how);
        this.addEventListener('message', () => { window.heardAt = performance.now(); });
    }
    send(what) { window.askedAt = performance.now(); super.send(what); }
};
"""
_QUIET = f"""() => {{
    const moves = document.getAnimations().some(
        a => a.playState === 'running' && Number.isFinite(a.effect.getComputedTiming().endTime));
    const app = document.querySelector('[data-testid=stApp]');
    const quiet = app
        && app.dataset.testConnectionState === 'CONNECTED'
        && app.dataset.testScriptState === 'notRunning'
        && window.heardAt > window.askedAt
        && !moves
        && !document.querySelector('[data-stale=true]');
    if (!quiet) {{ window.quietSince = 0; return false; }}
    window.quietSince ||= performance.now();
    return performance.now() - window.quietSince > {QUIET_SECONDS * 1000};
}}"""


def settled(tab: Page) -> None:
    """Wait until what was asked is answered, the script has ended, and nothing is old or moves."""
    tab.evaluate("window.quietSince = 0")
    tab.wait_for_function(_QUIET, timeout=PATIENCE, polling=50)


def until(act: Callable[[], None], fact: Callable[[int], None]) -> None:
    """Do it until it has worked: a canvas takes no click while it is being drawn anew.

    fact: an expectation that is given the time it may take, in milliseconds.
    """
    for _ in range(5):
        act()
        with contextlib.suppress(AssertionError):
            fact(5_000)
            return
    fact(PATIENCE)


def pick(tab: Page, field: Locator, option: str | re.Pattern[str], *, typed: str = "") -> None:
    """Choose in a selectbox, and wait until the choice stands and its list has gone.

    While the list is there, the next click anywhere does no more than close it.
    """
    choice = tab.get_by_role("option", name=option).first

    def unfold() -> None:
        if not choice.is_visible():
            field.click()
            if typed:
                field.fill(typed)

    until(unfold, lambda patience: expect(choice).to_be_visible(timeout=patience))
    choice.click()
    expect(tab.get_by_role("listbox")).to_have_count(0)
    expect(field).to_have_value(option)
    settled(tab)


def sign_out(tab: Page) -> None:
    """By the menu with one's name."""
    tab.locator("[data-testid=stSidebar] [data-testid=stMenuButton] button").first.click()
    tab.get_by_role("menuitem", name="Sign out").click()


class Table:
    """A table of Streamlit's: a canvas, with its cells for screen readers inside."""

    # A name is a button as wide as it is long: near its start, with row markers or without.
    HEADER, ROW, MARKER, NAME = 37, 33, 15, 62

    def __init__(self, tab: Page, alt: str):
        self.tab = tab
        # While a page is drawn anew, the one that goes stands above the one that comes.
        self.region = tab.get_by_role("region", name=re.compile(alt)).last

    def cells(self, text: str) -> Locator:
        """Cells with exactly this text."""
        return self.region.get_by_role("gridcell", name=text, exact=True, include_hidden=True)

    def click(self, row: int, x: int) -> None:
        """Click a row, so far from the left edge."""
        # Its cells are there once it is drawn.
        self.region.get_by_test_id(f"glide-cell-1-{row}").wait_for(state="attached")
        canvas = self.region.locator("canvas").first
        canvas.scroll_into_view_if_needed()
        box = canvas.bounding_box()
        assert box is not None
        self.tab.mouse.click(box["x"] + x, box["y"] + self.HEADER + self.ROW * (row + 0.5))

    def tick(self, row: int, fact: Callable[[int], None]) -> None:
        """Select a row by its box; fact says that it worked."""
        until(lambda: self.click(row, self.MARKER), fact)

    def open(self, row: int) -> Locator:
        """Click the name in a row, and wait for the drawer."""
        drawer = self.tab.get_by_role("dialog")
        until(
            lambda: self.click(row, self.NAME) if not drawer.count() else None,
            lambda patience: expect(drawer).to_be_visible(timeout=patience),
        )
        settled(self.tab)
        return drawer
