"""An installation whose people sign in with the demo tenant's Okta, and a browser's part in it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from demo_tenant.server import DemoTenant
from storage import audit_log
from tests.conftest import sign_in_form
from workflows import connect as connecting
from workflows import sessions, sign_in
from workflows.installation import Actor, Installation, open_installation
from workflows.sessions import From
from workflows.settings import Settings

OPERATOR = Actor("cli:operator", "Operator", "analyst")
HERE = From("127.0.0.1", "Chromium", local=True)
AFAR = From("203.0.113.9", "Chromium")
BASE = "http://127.0.0.1:8501"


@pytest.fixture
def tenant() -> Iterator[DemoTenant]:
    """A company of 80."""
    today = date(2026, 11, 24)
    with DemoTenant(users=80, seed=3, rate_limit_scale=1000, today=today) as running:
        yield running


@pytest.fixture
def settings() -> dict[str, Any]:
    """Settings of the installation, for a test to change before it opens."""
    return {}


@pytest.fixture
def inst(database_url: str, tmp_path: Any, settings: dict[str, Any]) -> Iterator[Installation]:
    """An installation with a store of its own, on each of the two databases."""
    opened = open_installation(
        Settings(
            data_dir=tmp_path / "data", database_url=database_url, allow_loopback=True, **settings
        )
    )
    yield opened
    opened.database.close()


@pytest.fixture
def connection(inst: Installation, tenant: DemoTenant) -> connecting.ConnectionView:
    """The tenant, connected with an application: sign-in is on."""
    view = connecting.connect(inst, sign_in_form(tenant), actor=OPERATOR)
    assert view.sign_in, view.preflight
    return view


@dataclass
class Browser:
    """What a person's browser does: it follows redirects, and keeps two cookies."""

    inst: Installation
    tenant: DemoTenant
    came: From = HERE
    attempt: str | None = None
    token: str | None = None

    def begin(self, **more: Any) -> sign_in.Begun:
        said = {"base_url": BASE, "next": "/personnel?q=x", "browser": self.attempt}
        begun = sign_in.begin(self.inst, came=self.came, **said | more)
        self.attempt = begun.browser
        return begun

    def pick(self, begun: sign_in.Begun, who: str) -> dict[str, str]:
        """The way back from Okta, as query parameters."""
        query = {k: v[0] for k, v in parse_qs(urlsplit(begun.url).query).items()}
        query["pick"] = self.tenant.organization.by_key[who]
        at = begun.url.partition("?")[0]
        answer = requests.get(at, params=query, allow_redirects=False)
        back = urlsplit(answer.headers["Location"])
        return {k: v[0] for k, v in parse_qs(back.query).items()}

    def come_back(self, back: dict[str, str], **more: Any) -> sign_in.Done:
        said = {
            "state": back.get("state", ""), "code": back.get("code", ""),
            "error": back.get("error", ""), "iss": back.get("iss"), "browser": self.attempt,
            "old_token": self.token,
        }  # fmt: skip
        done = sign_in.complete(self.inst, came=self.came, **said | more)
        self.token = done.token
        return done

    def sign_in(self, who: str, **more: Any) -> sign_in.Done:
        return self.come_back(self.pick(self.begin(), who), **more)

    def visitor(self) -> sessions.Visitor:
        return sessions.visitor(self.inst, self.token)

    @property
    def actor(self) -> Actor:
        found = self.visitor().actor
        assert found is not None
        return found


@pytest.fixture
def browser(
    inst: Installation, tenant: DemoTenant, connection: connecting.ConnectionView
) -> Callable[..., Browser]:
    """Browsers of people who come to this installation."""
    return lambda **more: Browser(inst, tenant, **more)


@pytest.fixture
def events(inst: Installation) -> Callable[..., list[dict[str, Any]]]:
    """The audit log's newest events, of one action."""

    def go(action: str) -> list[dict[str, Any]]:
        with inst.database.read() as conn:
            return audit_log.events(conn, limit=50, action=action)

    return go
