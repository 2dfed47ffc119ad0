"""Finds a Chromium for the browser tests, or tries to get one, or says what is left out."""

import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome")


def found() -> bool:
    """Whether a browser is there: installed, or Playwright's own."""
    if any(shutil.which(name) for name in NAMES):
        return True
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        try:
            playwright.chromium.launch().close()
        except Exception:
            return False
    return True


if not found():
    print("No Chromium found; trying `playwright install chromium`.", file=sys.stderr)
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    if not found():
        print("Still none: the browser tests are left out.", file=sys.stderr)
