"""Takes the pictures in docs/images from a fresh demo: `python tools/screenshots.py`.

Each page at 1440x900 in light and in dark, and at 390x844, as the documents show them.
"""

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402

from tests.browser.conftest import CHROMIUM, App, Table, settled, visit  # noqa: E402

IMAGES = ROOT / "docs" / "images"
DAYS = 4
PAGES = (
    ("", "Overview", "overview"),
    ("personnel", "Personnel", "personnel"),
    ("mfa_coverage", "MFA coverage", "mfa-coverage"),
    ("controls", "Controls", "controls"),
    ("controls?control=test-86", "MFA on Identity Provider", "control"),
    ("sync", "Sync", "sync"),
    ("connection", "Connection", "connection"),
)
VIEWS = (("light", 1440, 900, "light"), ("dark", 1440, 900, "dark"), ("light", 390, 844, "phone"))


def take(page: Page, name: str) -> None:
    """A picture of a page at rest; charts come in by moving."""
    settled(page)
    page.wait_for_timeout(900)
    page.screenshot(path=IMAGES / f"{name}.png")


def first_days(browser: Browser, app: App) -> None:
    """Start the demo, and let days pass, so that pictures have a past."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.goto(app.url)
    start = page.get_by_role("button", name="Start the demo")
    start.wait_for(timeout=30_000)
    take(page, "first-start-light")
    start.click()
    page.get_by_role("heading", name="What needs doing").wait_for(timeout=90_000)
    for run in range(2, DAYS + 2):
        visit(page, app, "", "Overview")
        page.get_by_role("button", name="Let a day pass").click()
        page.get_by_text(f"the last published run: {run},").first.wait_for(timeout=90_000)
    page.context.close()


def main() -> None:
    """Start the app, connect the demo, and photograph every page."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    for old in IMAGES.glob("*.png"):
        old.unlink()
    app = App(Path(tempfile.mkdtemp()))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        first_days(browser, app)
        for scheme, width, height, suffix in VIEWS:
            context = browser.new_context(
                viewport={"width": width, "height": height}, color_scheme=scheme
            )
            page = context.new_page()
            for path, heading, name in PAGES:
                visit(page, app, path, heading)
                take(page, f"{name}-{suffix}")
            visit(page, app, "personnel?q=Viktor+Hansen", "Personnel")
            Table(page, "People with").open(0)
            take(page, f"person-{suffix}")
            visit(page, app, "sync?certificate=1", "Sync")
            page.get_by_role("dialog").wait_for()
            take(page, f"certificate-{suffix}")
            context.close()
        browser.close()
    app.stop()


if __name__ == "__main__":
    main()
