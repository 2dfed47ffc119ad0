"""Secrets that Okta sends are on no page and in no file that a page gives away (SPEC 2)."""

import io
import zipfile

import pytest

from tests.pages.conftest import company_of_120
from tests.planted import PHONE, SECRET, plant
from ui import tables

PAGES = {
    "overview": {},
    "personnel": {"group": "all"},
    "mfa_coverage": {},
    "controls": {"control": "test-86", "outcome": "all"},
    "sync": {"run": "1"},
    "connection": {},
    "campaigns": {},
    "my_reviews": {},
    "removals": {},
    "access": {},
}


@pytest.fixture(scope="module")
def synced(tmp_path_factory):
    """A company in whose answers secrets stood."""
    return company_of_120(tmp_path_factory.mktemp("planted"), access_reviews=True, before=plant)


@pytest.fixture
def files(monkeypatch):
    """Every file that a page offers, made at once."""
    made = {}

    def csv(make, *, name, **_):
        made[name] = tables.csv(make())

    def workbook(make, *, name, **_):
        with zipfile.ZipFile(io.BytesIO(tables.workbook(make()))) as parts:
            made[name] = b"\n".join(parts.read(part) for part in parts.namelist())

    monkeypatch.setattr(tables, "download", csv)
    monkeypatch.setattr(tables, "download_workbook", workbook)
    return made


def shown(node):
    """All that was sent to the browser, tables as their bytes."""
    if getattr(node, "proto", None) is not None:
        yield node.proto.SerializeToString()
    for child in getattr(node, "children", {}).values():
        yield from shown(child)


@pytest.mark.parametrize("page", PAGES)
def test_planted_secrets_are_on_no_page_and_in_no_file(inst, visit, files, page):
    app = visit(page, **PAGES[page])
    sent = b"\n".join(shown(app._tree))
    assert len(sent) > 500
    for name, content in {"page": sent, **files}.items():
        assert SECRET.encode() not in content, name
        assert PHONE.encode() not in content, name


def test_the_list_of_people_can_be_exported_and_names_tom(inst, visit, files):
    sent = b"\n".join(shown(visit("personnel", group="all", q="Tom Fischer")._tree))
    assert b"Tom Fischer" in sent
    [content] = files.values()
    assert b"Tom Fischer" in content
