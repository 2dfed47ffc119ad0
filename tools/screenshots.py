"""Takes the pictures in docs/images from a fresh demo: `python tools/screenshots.py`.

Each page at 1440x900 in light and in dark, and at 390x844, as the documents show them.
"""

import sys
import tempfile
from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402

from tests.browser.conftest import App  # noqa: E402
from tests.browser.tabs import CHROMIUM, FLAGS, Table, new_tab, settled, visit  # noqa: E402
from tools.picture_states import first_connection, rare_states  # noqa: E402
from workflows import review_open  # noqa: E402
from workflows.installation import Actor, open_installation  # noqa: E402
from workflows.review_basis import basis  # noqa: E402
from workflows.review_decide import decide  # noqa: E402
from workflows.review_list import ItemFilter, items  # noqa: E402
from workflows.review_report import parts  # noqa: E402
from workflows.review_scope import fill_in  # noqa: E402
from workflows.settings import Settings  # noqa: E402

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
    ("campaigns", "Campaigns", "campaigns"),
    ("campaigns?new=quarterly", "New campaign", "campaign-new"),
    ("removals", "Removals", "removals"),
)
ANALYST = Actor("local-analyst", "Local analyst", "analyst")
# Whose access to AWS production is revoked; the demo's next days show what becomes of it.
REVOKED = ("Kofi Mensah", "Elif Yılmaz", "Tom Fischer")
VIEWS = (("light", 1440, 900, "light"), ("dark", 1440, 900, "dark"), ("light", 390, 844, "phone"))


def take(page: Page, name: str) -> None:
    """A picture of a page at rest; charts come in by moving."""
    # What the mouse rests on shows more than the page.
    page.mouse.move((page.viewport_size or {"width": 0})["width"] - 2, 2)
    settled(page)
    page.wait_for_timeout(900)
    page.screenshot(path=IMAGES / f"{name}.png")


def first_days(browser: Browser, app: App) -> None:
    """Start the demo, and let days pass, so that pictures have a past."""
    page = new_tab(browser, viewport={"width": 1440, "height": 900})
    page.goto(app.url)
    start = page.get_by_role("button", name="Start the demo")
    start.wait_for(timeout=30_000)
    take(page, "first-start-light")
    phone = new_tab(browser, viewport={"width": 390, "height": 844})
    phone.goto(app.url)
    phone.get_by_role("button", name="Start the demo").wait_for(timeout=30_000)
    take(phone, "first-start-phone")
    phone.context.close()
    start.click()
    page.get_by_role("heading", name="What needs doing").wait_for(timeout=90_000)
    review(app)
    for run in range(2, DAYS + 2):
        visit(page, app, "", "Overview")
        page.get_by_role("button", name="Let a day pass").click()
        page.get_by_text(f"the last published run: {run},").first.wait_for(timeout=90_000)
    page.context.close()


def review(app: App) -> None:
    """Open a campaign, and let the first reviewers decide a part of their rows."""
    inst = open_installation(Settings(data_dir=app.data, allow_loopback=True))
    form = fill_in(
        "quarterly", basis=basis(inst, 1), due_on=inst.today() + timedelta(days=10),
        fallback="helena.brandt@meridian.example",
    )  # fmt: skip
    campaign = review_open.open_campaign(inst, 1, form, actor=ANALYST)
    reviewers = {
        part.user_id: Actor(part.user_id, part.name, "reviewer", okta_user_id=part.user_id)
        for part in parts(inst, campaign.id, actor=ANALYST)
        if part.user_id
    }
    for name in REVOKED:
        for view in items(inst, ItemFilter(campaign.id, search=name), actor=ANALYST).items:
            revoked = view.row["resource"] == "AWS production"
            decide(
                inst, view.id, "REVOKE" if revoked else "KEEP", note="Moved to another team",
                actor=reviewers[view.row["reviewer_id"]],
            )  # fmt: skip
    for reviewer in [*reviewers.values()][:5]:
        wanted = ItemFilter(campaign.id, reviewer_id=reviewer.okta_user_id, decided=False)
        for view in items(inst, wanted, actor=reviewer, limit=25).items:
            decide(inst, view.id, "KEEP", note="Needed for the work", actor=reviewer)
    inst.database.close()


def my_reviews(page: Page, app: App, suffix: str) -> None:
    """As Marcus, who has rows to decide on: his list, and one row at a time."""
    visit(page, app, "sync", "Sync")
    if suffix == "phone":
        page.get_by_test_id("stExpandSidebarButton").click()
    page.locator("[data-testid=stSidebar] [data-testid=stMenuButton] button").first.click()
    with page.expect_navigation():
        page.get_by_role("menuitem", name="Look as Marcus Obi").click()
    if suffix == "phone":
        page.get_by_test_id("stSidebarCollapseButton").get_by_role("button").click()
    for query, name in (("", "my-reviews"), ("?view=one", "my-reviews-one")):
        visit(page, app, f"my_reviews{query}", "Your access review")
        take(page, f"{name}-{suffix}")


def main() -> None:
    """Start the app, connect the demo, and photograph every page."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    for old in IMAGES.glob("*.png"):
        old.unlink()
    app = App(Path(tempfile.mkdtemp()))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        first_connection(browser, Path(tempfile.mkdtemp()), take)
        first_days(browser, app)
        for scheme, width, height, suffix in VIEWS:
            page = new_tab(
                browser, viewport={"width": width, "height": height}, color_scheme=scheme
            )
            for path, heading, name in PAGES:
                visit(page, app, path, heading)
                take(page, f"{name}-{suffix}")
            visit(page, app, "personnel?q=Viktor+Hansen", "Personnel")
            Table(page, "People with").open(0)
            take(page, f"person-{suffix}")
            visit(page, app, "sync?certificate=1", "Sync")
            page.get_by_role("dialog").wait_for()
            take(page, f"certificate-{suffix}")
            my_reviews(page, app, suffix)
            page.context.close()
        rare_states(browser, app, take)
        browser.close()
    app.stop()


if __name__ == "__main__":
    main()
