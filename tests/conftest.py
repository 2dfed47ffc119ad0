"""What tests of several rooms share: a migrated store, on SQLite and on PostgreSQL."""

import contextlib
import os
import socket
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings

from demo_tenant.server import DemoTenant
from storage.database import Database, migrate
from workflows.connection_form import ConnectionForm

# Property tests share a migrated store between examples; the suite must be repeatable in CI.
settings.register_profile(
    "house",
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("house")

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


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The URL of a database that is made for one test."""
    with postgres_database(postgres_server) as url:
        yield url


@contextlib.contextmanager
def postgres_database(server_url: str, template: str = "template1") -> Iterator[str]:
    """The URL of a database that is made, as a copy of a template's, and dropped."""
    name = f"countersign_test_{uuid.uuid4().hex[:12]}"
    server = Database(server_url)
    with server.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(sa.text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    try:
        yield sa.engine.make_url(server_url).set(database=name).render_as_string(False)
    finally:
        with server.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            conn.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
        server.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty store on each of the two databases."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A migrated store on each of the two databases."""
    opened = Database(database_url)
    migrate(opened)
    yield opened
    opened.close()
