"""What operators rely on: settings that say what is wrong, readiness, and a change of the key."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet
from pydantic import SecretStr

from storage import sealed
from storage.directory import METADATA
from storage.vault import Vault
from tests.workflows.conftest import OPERATOR
from workflows import connect, keys, sign_in
from workflows.errors import CountersignError
from workflows.installation import open_installation
from workflows.readiness import readiness
from workflows.settings import Settings, load_settings

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PUBLIC_URL", "countersign.acme.com"),
        ("PUBLIC_URL", "http://countersign.acme.com"),
        ("PUBLIC_URL", "https://countersign.acme.com/app"),
        ("PUBLIC_URL", "https://user@countersign.acme.com"),
        ("TRUSTED_PROXIES", "nginx"),
        ("TRUSTED_PROXIES", "10.0.0.0/33"),
        ("ALLOWED_HOSTS", "*"),
        ("ALLOWED_HOSTS", "https://a.example"),
        ("ALLOWED_HOSTS", "a.example:8501"),
        ("SESSION_IDLE_MINUTES", "0"),
        ("SESSION_HOURS", "13"),
        ("SESSION_HOURS", "0"),
        ("SIGN_IN_ATTEMPTS", "0"),
    ],
)
def test_a_setting_that_cannot_be_is_named(monkeypatch, name, value):
    monkeypatch.setenv(f"COUNTERSIGN_{name}", value)
    with pytest.raises(CountersignError, match=f"COUNTERSIGN_{name}"):
        load_settings()


def test_settings_are_read_as_people_write_them(monkeypatch):
    for name, value in {
        "PUBLIC_URL": "https://Countersign.acme.com/",
        "ALLOWED_HOSTS": "Audit.acme.com , b.example",
        "TRUSTED_PROXIES": "10.0.0.7, 192.168.0.0/16, ::1",
        "ANALYSTS": " Ana@acme.com ,00uAbC",
        "SESSION_HOURS": "8",
    }.items():
        monkeypatch.setenv(f"COUNTERSIGN_{name}", value)
    found = load_settings()
    assert found.public_url == "https://countersign.acme.com"
    assert found.allowed_hosts == ("audit.acme.com", "b.example")
    assert found.trusted_proxies == ("10.0.0.7/32", "192.168.0.0/16", "::1/128")
    assert found.analysts == ("Ana@acme.com", "00uAbC")
    assert (found.session_hours, found.session_idle_minutes) == (8.0, 30)


def test_ready_means_that_the_key_opens_what_is_stored(inst, connection):
    assert readiness(inst) is None
    object.__setattr__(inst, "vault", Vault([Fernet.generate_key().decode()]))
    assert "encrypted with another key" in readiness(inst)


@pytest.fixture
def spoiled(unmigrated_url, tmp_path):
    """An installation whose database no other test will use."""
    opened = open_installation(Settings(data_dir=tmp_path / "own", database_url=unmigrated_url))
    yield opened
    opened.database.close()


def test_a_schema_of_another_version_is_not_ready(spoiled):
    with spoiled.database.write() as conn:
        conn.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    assert "another version" in readiness(spoiled)


def test_a_store_that_is_gone_is_not_ready(spoiled):
    with spoiled.database.write() as conn:
        conn.exec_driver_sql("DROP TABLE alembic_version")
    assert readiness(spoiled) is not None


def test_every_sealed_column_is_known_to_whoever_changes_the_key():
    there = {
        column
        for table in METADATA.tables.values()
        for column in table.columns
        if column.name.endswith("_sealed")
    }
    assert there == set(sealed.COLUMNS)


def test_the_key_is_changed_without_losing_anything(inst, connection, browser):
    """The documented way: a new key before the old, rotate, then the new key alone."""
    ana = browser()
    ana.sign_in("ana")
    ana.begin()
    old = (inst.settings.data_dir / "secret.key").read_text().strip()
    new = Fernet.generate_key().decode()
    with_both = open_installation(
        inst.settings.model_copy(update={"secret_key": SecretStr(f"{new},{old}")})
    )
    assert keys.reseal(with_both, actor=OPERATOR) == 4
    alone = open_installation(inst.settings.model_copy(update={"secret_key": SecretStr(new)}))
    assert readiness(alone) is None
    record = connect.record_of(alone, connection.id)
    assert alone.vault.open(record.api_key_sealed) == ana.tenant.api_key
    for opened in (with_both, alone):
        opened.database.close()


def test_a_key_that_does_not_open_everything_changes_nothing(inst, connection):
    before = connect.record_of(inst, connection.id)
    stranger = open_installation(
        inst.settings.model_copy(update={"secret_key": SecretStr(Fernet.generate_key().decode())})
    )
    with pytest.raises(CountersignError, match="Nothing was changed"):
        keys.reseal(stranger, actor=OPERATOR)
    stranger.database.close()
    assert connect.record_of(inst, connection.id) == before
    with inst.database.read() as conn:
        query = sa.text("SELECT count(*) FROM audit_events WHERE action = 'keys.rotated'")
        assert conn.execute(query).scalar() == 0


def command(inst, *arguments):
    """What a command prints as JSON, and its exit code."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "cli.py"), *arguments, "--json"],
        capture_output=True,
        text=True,
        env={
            **os.environ,
            "COUNTERSIGN_DATA_DIR": str(inst.settings.data_dir),
            "COUNTERSIGN_DATABASE_URL": inst.settings.database_url,
            "COUNTERSIGN_ALLOW_LOOPBACK": "1",
        },
        check=False,
    )
    return json.loads(done.stdout), done.returncode


def test_the_locked_out_switch_sign_in_off_and_on_again_by_command(inst, connection):
    assert command(inst, "sign-in")[0]["sign_in"] is True
    said, code = command(inst, "sign-in", "--off")
    assert (said["sign_in"], code) == (False, 0)
    assert "not switched on" in said["why_off"]
    assert not sign_in.sign_in_state(inst).on
    assert command(inst, "sign-in", "--on")[0]["why_off"] is None
    assert sign_in.sign_in_state(inst).on


def test_the_key_is_changed_by_command(inst, connection):
    assert command(inst, "rotate-key") == ({"secrets": 2}, 0)
