"""Pages in a simulated browser, over an installation that a demo tenant was synced into."""

import re
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from demo_tenant.server import DemoTenant
from workflows import connect as connecting
from workflows import installation, sync
from workflows.installation import Actor, Installation, open_installation
from workflows.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
ANA = Actor("local-analyst", "Local analyst", "analyst")


@pytest.fixture(scope="session")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with one published run of a company of 120."""
    return company_of_120(tmp_path_factory.mktemp("synced"))


def company_of_120(
    data: Path,
    *,
    access_reviews: bool = False,
    before: Callable[[DemoTenant], None] = lambda tenant: None,
) -> Path:
    """Sync a company of 120 into a data directory, once. before: what to change in it first."""
    today = date(2026, 11, 24)
    with DemoTenant(users=120, seed=3, rate_limit_scale=1000, today=today) as tenant:
        before(tenant)
        inst = open_installation(Settings(data_dir=data, allow_loopback=True))
        form = connecting.ConnectionForm(
            organization=tenant.url, api_key=tenant.api_key, email_domains=("meridian.example",),
            access_reviews=access_reviews,
        )  # fmt: skip
        made = connecting.connect(inst, form, actor=ANA)
        assert sync.run_sync(inst, made.id, actor=ANA).state == "published"
        inst.database.close()
    return data


@pytest.fixture
def inst(synced: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    """A copy of it for one test, which the pages open too."""
    shutil.copytree(synced, tmp_path / "data")
    opened = open_installation(Settings(data_dir=tmp_path / "data", allow_loopback=True))
    monkeypatch.setattr(installation, "_opened", opened)
    yield opened
    opened.database.close()


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    """An installation with nothing connected."""
    opened = open_installation(Settings(data_dir=tmp_path / "data"))
    monkeypatch.setattr(installation, "_opened", opened)
    yield opened
    opened.database.close()


@pytest.fixture(autouse=True)
def local(at_this_computer: None) -> None:
    """Pages are opened on this computer."""


@pytest.fixture
def visit() -> Callable[..., AppTest]:
    """Open a page inside its frame, with query parameters, as the local analyst."""

    def go(page: str, /, **query: Any) -> AppTest:
        app = AppTest.from_file(str(ROOT / "ui" / "frame.py"), default_timeout=120)
        app.switch_page(f"../pages/{page}.py")
        for name, value in query.items():
            app.query_params[name] = value
        app.run()
        assert not app.exception
        return app

    return go


@pytest.fixture
def words() -> Callable[[AppTest], str]:
    """All that a page says in texts, captions, alerts and headings."""

    def said(app: AppTest) -> str:
        kinds = (
            app.title,
            app.header,
            app.markdown,
            app.caption,
            app.error,
            app.warning,
            app.info,
            app.text,
        )
        return "\n".join(str(element.value) for kind in kinds for element in kind)

    return said


@pytest.fixture
def total(words: Callable[[AppTest], str]) -> Callable[[AppTest], int]:
    """How many a list says it has: "1–50 of 118, by name", or "7 findings"."""

    def said(app: AppTest) -> int:
        found = re.findall(
            r"^:small\[:gray\[(?:[\d,]+–[\d,]+ of )?([\d,]+)"
            r"(?: (?:people|person|findings?|changes?))?(?:, by \w+)?\]\]$",
            words(app),
            re.M,
        )
        assert found, "No list says how many it has."
        return int(found[-1].replace(",", ""))

    return said


@pytest.fixture
def press() -> Callable[[AppTest, str], AppTest]:
    """Press the button with this label."""

    def go(app: AppTest, label: str) -> AppTest:
        found = [button for button in app.button if button.label == label]
        assert found, f"No button “{label}” among {[b.label for b in app.button]}"
        return found[-1].click().run()

    return go


@pytest.fixture
def choose() -> Callable[..., AppTest]:
    """Tick rows of a table that can be selected, as a browser would say it."""

    def go(app: AppTest, *rows: Any, table: int = -1) -> AppTest:
        key = selectable(app)[table][0]
        app.session_state[key] = {"selection": {"rows": [*rows], "columns": [], "cells": []}}
        return app.run()

    return go


@pytest.fixture
def tables() -> Callable[[AppTest], list[tuple[str, Any]]]:
    """Key and contents of each table whose rows can be selected."""
    return selectable


def selectable(app: AppTest) -> list[tuple[str, Any]]:
    """Key and contents of each table whose rows can be selected."""
    return [
        (table.proto.id.split("-", 2)[2], table.value)
        for table in app.dataframe
        if table.proto.id and table.proto.selection_mode
    ]
