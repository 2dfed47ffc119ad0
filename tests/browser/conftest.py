"""The real app in a real Chromium. Without a Chromium the tests are left out; in CI that fails."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, expect, sync_playwright

from demo_tenant.server import DemoTenant
from tests.browser.tabs import CHROMIUM, FLAGS, PATIENCE, new_tab, settled, watched
from tests.conftest import sign_in_form
from workflows import connect as connecting
from workflows import sync
from workflows.installation import Actor, Installation, open_installation
from workflows.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "test-results"
FAILED = pytest.StashKey[bool]()
OPERATOR = Actor("cli:operator", "Operator", "analyst")


class App:
    """The app as a process group of its own, ended with everything that it started.

    settings: its COUNTERSIGN_ variables, without the prefix. Without a port it takes a free one,
    and another one when somebody was quicker.
    """

    started: ClassVar[list["App"]] = []
    has_demo = False

    def __init__(self, data: Path, *options: str, port: int | None = None, **settings: str):
        self.data, self.log = data, data / "app.log"
        environment = {k: v for k, v in os.environ.items() if not k.startswith("COUNTERSIGN_")}
        environment |= {f"COUNTERSIGN_{name.upper()}": said for name, said in settings.items()}
        environment["COUNTERSIGN_DATA_DIR"] = str(data)
        for _ in range(1 if port else 3):
            self.port = port or free_port()
            self.url = f"http://127.0.0.1:{self.port}"
            self.process = subprocess.Popen(
                [sys.executable, "-m", "streamlit", "run", str(ROOT / "streamlit_app.py"),
                 "--server.port", str(self.port), *options],
                cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=self.log.open("w"),
                stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
            self.started.append(self)
            if self._answers():
                return
            self.stop()
        pytest.fail(f"The app did not start:\n{self.log.read_text()}")

    def _answers(self) -> bool:
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline and self.process.poll() is None:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{self.url}/readyz"):
                return True
            time.sleep(0.1)
        return False

    def kill_the_demo_tenant(self) -> None:
        """End the tenant that this app started, and no other."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        known = children.read_text().split()
        for pid in known:
            if b"demo_tenant" in Path(f"/proc/{pid}/cmdline").read_bytes():
                os.kill(int(pid), signal.SIGKILL)

    def stop(self) -> None:
        """End it as an operator would; by force when that takes too long."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=20)
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=20)


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        try:
            running = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        except Exception as error:
            if os.environ.get("CI"):
                pytest.fail(f"CI must test in a browser: {error}")
            pytest.skip("No Chromium: the browser tests are left out.")
        yield running
        running.close()


class Windows:
    """Browser windows of one test, each with cookies of its own, and what their consoles said.

    spare: windows of earlier tests by their options. They are emptied and used again, because a
    new one fetches and compiles all of Streamlit anew, which takes longer than most tests.
    """

    def __init__(self, browser: Browser, spare: dict[str, list[Page]]):
        self.browser, self.spare = browser, spare
        self.opened, self.said = list[tuple[str, Page]](), list[str]()

    def __call__(self, **options: Any) -> Page:
        """A new window with one tab; further tabs are tab.context.new_page()."""
        options = {"viewport": {"width": 1280, "height": 900}} | options
        kind = json.dumps(options, sort_keys=True)
        if spare := self.spare.setdefault(kind, []):
            tab = spare.pop()
            tab.set_viewport_size(options["viewport"])
            tab.emulate_media(color_scheme=options.get("color_scheme", "light"))
        else:
            tab = new_tab(self.browser, **options)
        tab.context.on("console", self._note)
        self.opened.append((kind, tab))
        return tab

    def _note(self, message: ConsoleMessage) -> None:
        self.said.append(f"{message.type}: {message.text}")

    def keep(self, name: str) -> None:
        """Leave what they show, what they said and what the servers logged in test-results."""
        RESULTS.mkdir(exist_ok=True)
        tabs = [tab for _, first in self.opened for tab in first.context.pages]
        for number, tab in enumerate(tabs, 1):
            with contextlib.suppress(Error):
                tab.screenshot(path=RESULTS / f"{name}-{number}.png", timeout=10_000)
                self.said.append(f"tab {number} at {tab.url}")
        logs = [f"== {app.url}\n{app.log.read_text(errors='replace')}" for app in App.started]
        text = "\n".join(["== console", *self.said, *logs])
        (RESULTS / f"{name}.log").write_text(text, encoding="utf-8", errors="replace")

    def close(self) -> None:
        """Give them back as nobody's."""
        for kind, tab in self.opened:
            try:
                tab.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
                for other in tab.context.pages:
                    if other != tab:
                        other.close()
                tab.goto("about:blank")
                tab.context.clear_cookies()
                tab.context.remove_listener("console", self._note)
                self.spare[kind].append(tab)
            except Error:
                tab.context.close()


@pytest.fixture(scope="session")
def spare() -> dict[str, list[Page]]:
    """The windows that no test uses at the moment."""
    return {}


@pytest.fixture
def windows(
    browser: Browser, spare: dict[str, list[Page]], request: pytest.FixtureRequest
) -> Iterator[Windows]:
    """Opens browser windows; when the test fails, keeps what a person would have seen."""
    opened = Windows(browser, spare)
    yield opened
    if request.node.stash.get(FAILED, False):
        opened.keep(re.sub(r"[^\w-]+", "-", request.node.name)[:120])
    opened.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, Any]:
    """Tell the fixtures whether their test failed."""
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    running = App(tmp_path_factory.mktemp("app"))
    yield running
    running.stop()


@pytest.fixture(scope="session")
def shared_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """An app for files that only look: nothing in them depends on what the others did."""
    running = App(tmp_path_factory.mktemp("shared"))
    yield running
    running.stop()


@pytest.fixture
def page(windows: Windows, app: App) -> Iterator[Page]:
    """A tab in which only this app is asked, and nothing breaks."""
    tab = windows(viewport={"width": 1440, "height": 900})
    with watched(app, tab):
        yield tab


@pytest.fixture
def demo(app: App, page: Page) -> Page:
    """A new tab of an app with the demo tenant connected and synced; who comes first does it."""
    start_demo(app, page)
    return page


def start_demo(app: App, tab: Page) -> None:
    """Connect the demo tenant unless it is, and wait for its first published run."""
    if app.has_demo:
        return
    tab.goto(app.url)
    ready = tab.get_by_role("heading", name="What needs doing")
    start = tab.get_by_role("button", name="Start the demo")
    expect(ready.or_(start).first).to_be_visible()
    if start.count():
        start.click()
    ready.wait_for(timeout=PATIENCE)
    settled(tab)
    app.has_demo = True


def control(app: App, path: str, body: Any = None) -> Any:
    """Use the demo tenant's control path."""
    tenant = json.loads((app.data / "demo.json").read_text())["url"]
    data = json.dumps(body or {}).encode()
    request = urllib.request.Request(f"{tenant}/demo/{path}", method="POST", data=data)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def with_sign_in(data: Path, tenant: DemoTenant) -> tuple[Installation, int]:
    """A data directory whose people sign in with the tenant's Okta, synced; its connection's id."""
    inst = open_installation(Settings(data_dir=data, allow_loopback=True))
    view = connecting.connect(inst, sign_in_form(tenant), actor=OPERATOR)
    assert view.sign_in
    assert sync.run_sync(inst, view.id, actor=OPERATOR).state == "published"
    return inst, view.id
