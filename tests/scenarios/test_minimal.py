"""Nothing that the product has no use for is stored, logged or told (SPEC 2), on both databases."""

import contextlib
import logging
import zlib

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

import cli
from okta_client.minimal import RULE
from tests.planted import PHONE, SECRET, plant
from tests.scenarios.conftest import ANA
from workflows import installation, sync


@pytest.fixture
def planted(tenant):
    """A tenant in whose answers a secret stands wherever Okta may send one."""
    plant(tenant)
    return tenant


def test_planted_secrets_are_in_no_column_log_or_document(
    inst, planted, connected, caplog, monkeypatch
):
    caplog.set_level(logging.DEBUG)
    connection_id = connected(access_reviews=True)
    run = sync.run_sync(inst, connection_id, actor=ANA)
    assert run.state == "published", run.error
    found = []
    with inst.database.read() as conn:
        for name in sa.inspect(inst.database.engine).get_table_names():
            for row in conn.execute(sa.text(f'SELECT * FROM "{name}"')):
                found += [name for value in row if holds(value)]
    assert found == []
    assert SECRET not in caplog.text
    monkeypatch.setattr(installation, "_opened", inst)
    for words in (["people"], ["evaluate", "--all"], ["sync", "show", str(run.id)]):
        said = CliRunner().invoke(cli.app, [*words, "--json"]).stdout
        assert said
        assert SECRET not in said
        assert PHONE not in said


def holds(value):
    raw = bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
    with contextlib.suppress(zlib.error):
        raw += zlib.decompress(raw)
    return SECRET.encode() in raw or PHONE.encode() in raw


def test_the_run_says_what_was_kept_and_by_which_rule(inst, planted, connected):
    connection_id = connected()
    run = sync.run_sync(inst, connection_id, actor=ANA)
    assert run.certificate["minimal"]["rule"] == RULE
    assert "costCenter" in run.certificate["minimal"]["profile_attributes"]
    with inst.database.read() as conn:
        pages = conn.execute(
            sa.text("SELECT resource, body_sha256, received_sha256, rule FROM raw_pages")
        ).fetchall()
    assert {page.rule for page in pages} == {RULE}
    blanked = {p.resource for p in pages if p.received_sha256 != p.body_sha256}
    assert {"users", "factors"} <= blanked
    assert "groups" not in blanked


def test_an_attribute_is_kept_when_the_setting_says_so(inst, planted, connected):
    object.__setattr__(
        inst, "settings", inst.settings.model_copy(update={"profile_attributes": ("login", "ssn")})
    )
    connection_id = connected()
    assert sync.run_sync(inst, connection_id, actor=ANA).state == "published"
    with inst.database.read() as conn:
        profiles = conn.execute(sa.text("SELECT profile FROM users")).scalars().all()
        titles = conn.execute(sa.text("SELECT title FROM users")).scalars().all()
    assert any(SECRET in profile for profile in profiles)
    assert set(titles) == {None}
