"""A store that is locked, full or gone: words, no traceback, nothing half written."""

import json
import subprocess
import sys

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet

from storage.errors import StorageError
from tests.scenarios.test_runs import ROOT, environment, published
from workflows import sync
from workflows.errors import CountersignError, shown


def command(inst, *words, **more):
    return subprocess.run(
        [sys.executable, str(ROOT / "cli.py"), *words],
        env={**environment(inst), **more},
        capture_output=True,
        text=True,
    )


def test_a_secret_that_another_key_sealed_is_said_in_words(inst, connected):
    connected()
    other = Fernet.generate_key().decode()
    done = command(inst, "preflight", COUNTERSIGN_SECRET_KEY=other)
    assert done.returncode == 2
    assert "encrypted with another key" in done.stderr
    assert "Traceback" not in done.stderr
    done = command(inst, "preflight", "--json", COUNTERSIGN_SECRET_KEY=other)
    assert json.loads(done.stdout)["error"]["code"] == "store"


def test_a_database_that_does_not_answer_is_said_in_words_and_without_its_password(inst):
    gone = "postgresql://countersign:hunter2@127.0.0.1:9/store"
    done = command(inst, "people", "--json", COUNTERSIGN_DATABASE_URL=gone)
    assert done.returncode == 2
    said = json.loads(done.stdout)["error"]
    assert "cannot be opened" in said["message"]
    assert "hunter2" not in done.stdout + done.stderr


def test_a_connection_that_breaks_in_the_middle_keeps_nothing_and_is_said(inst, connected):
    connection_id = connected()
    other = "Somebody else's organization"
    update = sa.text("UPDATE connections SET organization = :name").bindparams(name=other)
    if inst.database.dialect == "postgresql":
        fatal = "SELECT pg_terminate_backend(pg_backend_pid())"
    else:
        # The smallest limit is what the file has: the next page is one too many.
        fatal = "CREATE TABLE too_much AS SELECT randomblob(10000000)"
    with pytest.raises(StorageError) as error, inst.database.write() as conn:
        conn.execute(update)
        if inst.database.dialect == "sqlite":
            conn.exec_driver_sql("PRAGMA max_page_count = 1")
        conn.exec_driver_sql(fatal)
    assert shown(error.value).code == "store"
    inst.database.close()
    with inst.database.read() as conn:
        assert other not in conn.execute(sa.text("SELECT organization FROM connections")).scalar()
    published(inst, connection_id)


def test_what_is_a_mistake_of_ours_is_not_shown_as_it_is():
    assert shown(ValueError("secret")) is None
    assert shown(CountersignError("Plain words.", code="x")).message == "Plain words."


def test_a_sync_without_its_key_ends_in_words_and_changes_nothing(inst, connected, monkeypatch):
    connection_id = connected()
    run = published(inst, connection_id)
    with inst.database.write() as conn:
        conn.execute(sa.text("UPDATE connections SET api_key_sealed = 'not sealed by anybody'"))
    again = command(inst, "sync", "--json")
    assert again.returncode == 1
    assert json.loads(again.stdout)["error"]["code"] == "store"
    assert sync.latest_published(inst, connection_id).id == run.id
