"""A pretend Okta over real HTTP, and an installation connected to it, on both databases."""

import functools
import json
import shutil
import urllib.request
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from demo_tenant.server import DemoTenant
from okta_client import client, transport
from tests import stores
from tests.scenarios.reviewing import ANA, Company, founded
from workflows import connect as connecting
from workflows.installation import Installation, open_installation
from workflows.settings import Settings

TODAY = date(2026, 11, 24)


@pytest.fixture
def tenant(request: Any) -> Iterator[DemoTenant]:
    """A company of 60, or of a module's USERS, without rate limits that would make tests slow."""
    users = getattr(request.module, "USERS", 60)
    with DemoTenant(users=users, seed=3, rate_limit_scale=1000, today=TODAY) as running:
        yield running


@pytest.fixture
def inst(database_url: str, tmp_path: Any) -> Iterator[Installation]:
    """An installation with a store of its own."""
    opened = open_installation(
        Settings(data_dir=tmp_path / "data", database_url=database_url, allow_loopback=True)
    )
    yield opened
    opened.database.close()


@pytest.fixture
def connected(inst: Installation, tenant: DemoTenant) -> Callable[..., int]:
    """Connect the tenant; returns the connection's id."""

    def go(**more: Any) -> int:
        form = connecting.ConnectionForm(
            organization=tenant.url,
            api_key=tenant.api_key,
            email_domains=("meridian.example",),
            **more,
        )
        return connecting.connect(inst, form, actor=ANA).id

    return go


def control(tenant: DemoTenant, path: str, body: Any = None, method: str = "POST") -> Any:
    """Use the tenant's control path."""
    request = urllib.request.Request(
        f"{tenant.url}/demo/{path}",
        method=method,
        data=json.dumps(body).encode() if body is not None else None,
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def state(tenant: DemoTenant) -> dict[str, Any]:
    """What the tenant holds."""
    return control(tenant, "state", method="GET")


@pytest.fixture
def fast_retries(monkeypatch):
    monkeypatch.setattr(transport, "backoff", lambda attempt: 0.02)
    monkeypatch.setattr("okta_client.crawl.backoff", lambda attempt: 0.02)


def small_pages(monkeypatch):
    """Lists of many pages, so that a fault can hit the second."""
    make = client._request

    def smaller(resource, path, *subject, **params):
        if "limit" in params:
            params["limit"] = 20
        return make(resource, path, *subject, **params)

    monkeypatch.setattr(client, "_request", smaller)


@pytest.fixture(scope="session")
def quiet_tenant() -> Iterator[DemoTenant]:
    """A company in which nothing happens: tests of reviews share it, and change nothing in it."""
    with DemoTenant(users=120, seed=3, rate_limit_scale=1000, today=TODAY) as running:
        yield running


@pytest.fixture(scope="session")
def read_once(
    quiet_tenant: DemoTenant, tmp_path_factory: pytest.TempPathFactory, request: Any
) -> Callable[[str], tuple[Path, int]]:
    """On each of the two databases, what reading the quiet tenant leaves: data, connection id."""

    @functools.cache
    def go(dialect: str) -> tuple[Path, int]:
        data, url = tmp_path_factory.mktemp("read"), ""
        if dialect == "postgresql":
            url = request.getfixturevalue("postgres_store")
        connection_id = founded(quiet_tenant, data, url)
        if url:
            stores.keep(url)
        return data, connection_id

    return go


@pytest.fixture(params=["sqlite", "postgresql"])
def company(
    request: Any, read_once: Any, quiet_tenant: DemoTenant, tmp_path: Path
) -> Iterator[Company]:
    """The quiet tenant, read with access reviews on, in a store of this test's own."""
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else ""
    kept, connection_id = read_once(request.param)
    data = tmp_path / "company"
    shutil.copytree(kept, data)
    if url:
        stores.restore(url)
    opened = open_installation(Settings(data_dir=data, database_url=url, allow_loopback=True))
    yield Company(opened, quiet_tenant, connection_id)
    opened.database.close()
