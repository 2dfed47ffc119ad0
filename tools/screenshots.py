"""Takes the pictures in docs/images from a fresh demo: `python tools/screenshots.py`.

Light and dark at 1440x900, and at 390x844, as the documents show them.
"""

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from playwright.sync_api import sync_playwright  # noqa: E402

from tests.browser.conftest import CHROMIUM, App, settled, visit  # noqa: E402

IMAGES = ROOT / "docs" / "images"
PAGES = (
    ("", "Overview"),
    ("personnel", "Personnel"),
    ("mfa_coverage", "MFA coverage"),
    ("controls", "Controls"),
    ("sync", "Sync"),
    ("connection", "Connection"),
)


def main() -> None:
    """Start the app, connect the demo, and photograph every page."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    app = App(Path(tempfile.mkdtemp()))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for number, (scheme, width, height, suffix) in enumerate(
            (
                ("light", 1440, 900, "light"),
                ("dark", 1440, 900, "dark"),
                ("light", 390, 844, "narrow"),
            )
        ):
            context = browser.new_context(
                viewport={"width": width, "height": height}, color_scheme=scheme
            )
            page = context.new_page()
            if number == 0:
                page.goto(app.url)
                start = page.get_by_role("button", name="Try it with the demo tenant")
                start.wait_for(timeout=30_000)
                page.screenshot(path=IMAGES / "first-look.png")
                start.click()
                page.get_by_role("heading", name="What needs doing").wait_for(timeout=60_000)
                for run in ("Run 2", "Run 3"):
                    # Two more days, so that pictures have a past.
                    visit(page, app, "connection", "Connection")
                    page.get_by_role("button", name="Let a day pass and sync").click()
                    page.get_by_text(run).first.wait_for(timeout=60_000)
                    settled(page)
            for path, heading in PAGES:
                visit(page, app, path, heading)
                page.wait_for_timeout(900)
                page.screenshot(path=IMAGES / f"{path or 'overview'}-{suffix}.png")
            if width > 1000:
                visit(page, app, "personnel?q=Viktor+Hansen", "Personnel")
                box = page.locator("[data-testid=stDataFrame] canvas").first.bounding_box()
                page.mouse.click(box["x"] + 15, box["y"] + 52)
                page.get_by_role("button", name="Details", exact=True).click()
                page.get_by_text("Identity in Okta").wait_for(timeout=20_000)
                page.wait_for_timeout(700)
                page.screenshot(path=IMAGES / f"person-{suffix}.png")
            context.close()
        browser.close()
    app.stop()


if __name__ == "__main__":
    main()
