"""How fast pages answer with 10,000 people: `python benchmarks/pages.py`.

Publishes a company of 10,000 into a store of its own, and asks for each page several times, as
somebody does who filters and turns pages; the first time fills the caches and does not count.
"server" is the time and the processor time of the page's script, "browser" the time until
Chromium has drawn what came. The limit is a second on the server.
"""

import contextlib
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Browser, sync_playwright  # noqa: E402
from streamlit.testing.v1 import AppTest  # noqa: E402

from demo_tenant.server import DemoTenant  # noqa: E402
from tests.browser.conftest import App  # noqa: E402
from tests.browser.tabs import CHROMIUM, FLAGS, QUIET_SECONDS, new_tab, settled  # noqa: E402
from ui import access  # noqa: E402
from workflows import connect, installation, sync  # noqa: E402
from workflows.installation import Actor, Installation, open_installation  # noqa: E402
from workflows.review_basis import basis  # noqa: E402
from workflows.review_decide import decide  # noqa: E402
from workflows.review_list import ItemFilter, item_ids  # noqa: E402
from workflows.review_open import open_campaign  # noqa: E402
from workflows.review_people import acting_as  # noqa: E402
from workflows.review_scope import fill_in  # noqa: E402
from workflows.settings import Settings  # noqa: E402

PEOPLE, LIMIT_SECONDS, TIMES = 10_000, 1.0, 5
ASKED = (
    "overview",
    "personnel",
    "personnel?q=adam",
    "personnel?order=start&page=7",
    "mfa_coverage",
    "mfa_coverage?who=covered",
    "controls",
    "controls?outcome=all",
    "controls?tab=history",
    "sync",
    "connection",
    "campaigns",
    "campaigns?campaign=1&show=rows",
    "campaigns?new=quarterly",
    "my_reviews",
    "removals?which=all",
)


def main() -> None:
    """Prepare the store, then time the pages."""
    data = Path(tempfile.mkdtemp())
    actor = Actor("benchmark", "Benchmark", "analyst")
    inst = open_installation(Settings(data_dir=data, allow_loopback=True, log_level="WARNING"))
    with contextlib.ExitStack() as ending:
        tenant = ending.enter_context(DemoTenant(users=PEOPLE, rate_limit_scale=10_000))
        form = connect.ConnectionForm(
            organization=tenant.url,
            api_key=tenant.api_key,
            email_domains=("meridian.example",),
            access_reviews=True,
        )
        connection = connect.connect(inst, form, actor=actor)
        run = sync.run_sync(inst, connection.id, actor=actor)
        open_reviews(inst, connection.id, actor)
        print(f"sync of {PEOPLE:,}: {run.seconds:.1f} s, {run.requests:,} requests, {run.state}")
        installation._opened = inst
        # A simulated page has no socket, by which the gate would know that it is opened from here.
        access.from_this_computer = lambda: True
        app = App(data)
        ending.callback(app.stop)
        print(f"{'page':<32}{'server':>8}{'of limit':>10}{'processor':>11}{'browser':>9}")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            for asked in ASKED:
                took, busy = on_the_server(asked)
                seen = in_the_browser(browser, app, asked)
                print(
                    f"/{asked:<31}{took:>6.2f} s{took / LIMIT_SECONDS:>9.0%}{busy:>9.2f} s"
                    f"{seen:>7.2f} s"
                )
            browser.close()


def open_reviews(inst: Installation, connection_id: int, actor: Actor) -> None:
    """A campaign of everything, and a few revokes, so that the review pages have rows."""
    form = fill_in(
        "quarterly", basis=basis(inst, connection_id),
        due_on=inst.today() + timedelta(days=14), fallback="ines.carvalho@meridian.example",
    )  # fmt: skip
    view = open_campaign(inst, connection_id, form, actor=actor)
    boss = acting_as(inst, connection_id, "ines.carvalho@meridian.example", by=actor)
    for item_id in list(item_ids(inst, ItemFilter(view.id), actor=boss))[:50]:
        decide(inst, item_id, "REVOKE", note="Benchmark", actor=boss)


def on_the_server(asked: str) -> tuple[float, float]:
    """The middle of several runs of a page's script: seconds, and seconds of processor."""
    page, _, query = asked.partition("?")
    app = AppTest.from_file(str(ROOT / "ui" / "frame.py"), default_timeout=120)
    app.run()
    app.switch_page(f"../pages/{page}.py")
    for name, values in parse_qs(query).items():
        app.query_params[name] = values
    app.run()
    # An empty page is fast and says nothing.
    assert not app.exception
    assert len(app.main), asked
    runs = []
    for _ in range(TIMES):
        began, busy = time.perf_counter(), time.process_time()
        app.run()
        runs.append((time.perf_counter() - began, time.process_time() - busy))
    return sorted(runs)[TIMES // 2]


def in_the_browser(browser: Browser, app: App, asked: str) -> float:
    """The middle of several loads of a page, from asking for it to its last element."""
    tab = new_tab(browser, viewport={"width": 1440, "height": 900})
    runs = []
    for _ in range(1 + TIMES):
        began = time.perf_counter()
        tab.goto(f"{app.url}/{asked}")
        tab.get_by_role("heading", level=1).first.wait_for()
        settled(tab)
        # Nothing moves for so long: that is when the page was ready, seen from behind.
        runs.append(time.perf_counter() - began - QUIET_SECONDS)
    tab.context.close()
    return sorted(runs[1:])[TIMES // 2]


if __name__ == "__main__":
    main()
