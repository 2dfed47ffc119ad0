"""What tests of several rooms share: a migrated store, on SQLite and on PostgreSQL."""

import functools
import gc
import os
import shutil
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings

from demo_tenant.server import DemoTenant
from storage.database import Database, migrate
from tests import stores
from workflows.connection_form import ConnectionForm

# Property tests share a migrated store between examples; the suite must be repeatable in CI.
settings.register_profile(
    "house",
    deadline=None,
    derandomize="CI" in os.environ,
    database=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("house")

ROOT = Path(__file__).resolve().parents[1]
POSTGRES = os.environ.get("COUNTERSIGN_TEST_POSTGRES_URL") or (
    "postgresql://postgres@127.0.0.1:5432/postgres"
)


def _postgres_answers() -> bool:
    if "COUNTERSIGN_TEST_POSTGRES_URL" in os.environ:
        return True
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", 5432)) == 0


def sign_in_form(tenant: DemoTenant) -> ConnectionForm:
    """What connects a demo tenant so that its people can sign in."""
    return ConnectionForm(
        organization=tenant.url,
        api_key=tenant.api_key,
        email_domains=("meridian.example",),
        client_id=tenant.client_id,
        client_secret=tenant.client_secret,
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what each test needs, by which the stages of `make test` take their part."""
    for item in items:
        call = getattr(item, "callspec", None)
        if ROOT / "tests" / "browser" in item.path.parents:
            item.add_marker("browser")
        elif ROOT / "tests" / "house" in item.path.parents:
            item.add_marker("house")
        else:
            on = {"sqlite", "postgresql"} & {
                value for value in (call.params.values() if call else ()) if isinstance(value, str)
            }
            item.add_marker(on.pop() if on else "unit")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI a test that was left out is a failure: what the README promises must have run."""
    terminal = session.config.pluginmanager.get_plugin("terminalreporter")
    if "CI" in os.environ and terminal is not None and terminal.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_collection_finish() -> None:
    """What is imported by now stays: no collection of garbage needs to look at it again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def the_same_main_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """A simulated page leaves its own, which a process that a later test starts would run."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture
def at_this_computer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A simulated page has no socket, by which the gate would know that it is opened from here."""
    monkeypatch.setattr("ui.access.from_this_computer", lambda: True)


@pytest.fixture(scope="session")
def postgres_server() -> str:
    """The URL of a PostgreSQL server for tests. In CI its absence is a failure."""
    if not _postgres_answers():
        if os.environ.get("CI"):
            pytest.fail("CI must test on PostgreSQL, and none answers on 127.0.0.1:5432.")
        pytest.skip("No PostgreSQL: set COUNTERSIGN_TEST_POSTGRES_URL to test on it too.")
    return POSTGRES


@pytest.fixture(scope="session", autouse=True)
def one_engine_for_postgres() -> Iterator[None]:
    """A test process has one PostgreSQL store: compile its statements once, not for each test."""
    make = sa.create_engine

    @functools.cache
    def once(process: int, url: sa.URL, **options: Any) -> sa.Engine:
        return make(url, **options)

    def engine(url: sa.URL, **options: Any) -> sa.Engine:
        # A fork must not speak through the connections of its parent.
        return (
            once(os.getpid(), url, **options)
            if "postgres" in url.drivername
            else make(url, **options)
        )

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("storage.database.sa.create_engine", engine)
        yield


@pytest.fixture(scope="session")
def postgres_store(postgres_server: str) -> Iterator[str]:
    """The URL of this test process's own database, migrated."""
    with stores.own_postgres(postgres_server) as url:
        store = Database(url)
        migrate(store)
        store.close()
        yield url


@pytest.fixture
def postgres_url(postgres_store: str) -> Iterator[str]:
    """The same for one test, which finds it empty."""
    yield postgres_store
    stores.empty(postgres_store)


@pytest.fixture(scope="session")
def sqlite_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated store for tests to copy."""
    return stores.migrated_sqlite(tmp_path_factory.mktemp("migrated") / "store.db")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a migrated store without rows, on each of the two databases."""
    if request.param == "sqlite":
        copied = shutil.copyfile(request.getfixturevalue("sqlite_store"), tmp_path / "store.db")
        return f"sqlite:///{copied}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def unmigrated_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database that holds nothing yet, no table either."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'unmigrated.db'}"
    else:
        with stores.own_postgres(request.getfixturevalue("postgres_server")) as url:
            yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A migrated store on each of the two databases."""
    opened = Database(database_url)
    yield opened
    opened.close()
