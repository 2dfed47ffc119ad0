"""Pictures of what is not seen every day: the first connection, a held sync, nobody found."""

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page

from demo_tenant.server import DemoTenant
from tests.browser.conftest import App, control
from tests.browser.tabs import Table, new_tab, settled, visit

Take = Callable[[Page, str], None]
DESK = {"width": 1440, "height": 900}


def first_connection(browser: Browser, data: Path, take: Take) -> None:
    """The form beside its five steps, and what a check of it says that cannot be saved."""
    app = App(data, allow_loopback="1")
    with DemoTenant(users=500, seed=7, rate_limit_scale=1000) as tenant:
        page = new_tab(browser, viewport=DESK)
        visit(page, app, "connection", "Connect Okta")
        take(page, "connection-form-light")
        for label, value in (
            ("Organization", tenant.url), ("API key", tenant.api_key),
            ("Group label", "All employees"),
        ):  # fmt: skip
            page.get_by_role("textbox", name=label, exact=True).fill(value)
        domains = page.get_by_role("combobox", name="E-mail domains")
        domains.fill("meridian.example")
        domains.press("Enter")
        # The list of offers hides the page from a reader while it is open.
        domains.press("Escape")
        settled(page)
        page.get_by_role("button", name="Check and save").click()
        page.get_by_role("heading", name="To do in Okta").wait_for()
        take(page, "connection-preflight-light")
        page.context.close()
    app.stop()


def rare_states(browser: Browser, app: App, take: Take) -> None:
    """Whole pages, selected people, a hostile name, nobody found; a sync that failed, and one held.

    The last two change the tenant: nothing is to be taken after them.
    """
    page = new_tab(browser, viewport={**DESK, "height": 1590})
    visit(page, app, "mfa_coverage", "MFA coverage")
    take(page, "mfa-coverage-full-light")
    page.set_viewport_size({**DESK, "height": 1195})
    visit(page, app, "controls?control=test-86", "MFA on Identity Provider")
    page.get_by_text("How this was computed").first.click()
    take(page, "control-how-light")
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    visit(page, app, "personnel", "Personnel")
    for number, row in enumerate((1, 2, 4), 1):
        said = page.get_by_text(re.compile(f"^{number} (person|people) selected"))
        Table(page, "People with").tick(row, lambda wait, s=said: s.wait_for(timeout=wait))  # type: ignore[misc]
    take(page, "personnel-selected-light")
    visit(page, app, "personnel?q=hostile.one&group=all", "Personnel")
    Table(page, "People with").open(0)
    take(page, "personnel-hostile-light")
    visit(page, app, "personnel?q=Nobody+is+called+so", "Personnel")
    take(page, "nobody-found-light")
    for path, change, wanted, name in (
        ("faults", {"kind": "dead_key", "times": 1}, "Failed", "sync-failed-light"),
        ("users", {"action": "deactivate", "count": 80}, "waits for your", "sync-held-light"),
    ):
        control(app, path, change)
        visit(page, app, "sync", "Sync")
        page.get_by_role("button", name="Sync now").click()
        page.get_by_text(wanted).first.wait_for(timeout=60_000)
        take(page, name)
    page.context.close()
