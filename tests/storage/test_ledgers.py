"""Runs, audit log, vault, raw pages, overrides and results."""

import threading
from datetime import timedelta

import pandas as pd
import pytest
import sqlalchemy as sa

from storage import audit_log, people, raw_pages, results, runs
from storage.database import Database, is_current, migrate
from storage.errors import Conflict, StorageError, VaultLocked
from storage.ledgers import AUDIT_EVENTS, OVERRIDES
from storage.raw_pages import RawPage
from storage.vault import Vault
from tests.storage.conftest import NOON


def start(database, connection_id, owner="me"):
    return runs.start(
        database, connection_id=connection_id, mode="full", scope={"a": 1}, started_by="t",
        owner=owner, now=NOON,
    )  # fmt: skip


def test_of_many_starts_at_once_one_runs_and_the_others_join(database, connection_id):
    outcomes = []
    barrier = threading.Barrier(8)

    def go(number):
        barrier.wait()
        outcomes.append(start(database, connection_id, f"owner{number}"))

    threads = [threading.Thread(target=go, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(created for _, created in outcomes) == 1
    assert len({run.id for run, _ in outcomes}) == 1


def test_a_held_run_gives_way_to_a_new_one(database, connection_id):
    first, _ = start(database, connection_id)
    with database.write() as conn:
        runs.finish(conn, first.id, owner="me", state="held", held={"reason": "leavers"})
    second, created = start(database, connection_id)
    assert created
    old = runs.get(database, first.id)
    assert (old.state, old.error["code"]) == ("cancelled", "superseded")
    assert second.id != first.id


def test_only_one_process_takes_over_a_dead_run(database, connection_id):
    run, _ = start(database, connection_id, "dead")
    wins = [
        runs.take_over(database, run.id, owner=o, seen_owner="dead", now=NOON) for o in ("a", "b")
    ]
    assert wins == [True, False]
    assert runs.beat(database, run.id, owner="dead", progress={}, now=NOON) == "lost"
    assert runs.beat(database, run.id, owner="a", progress={"x": 1}, now=NOON) == "go"
    with database.write() as conn:
        assert runs.request_cancel(conn, run.id)
    assert runs.beat(database, run.id, owner="a", progress={}, now=NOON) == "cancel"
    with database.write() as conn, pytest.raises(Conflict):
        runs.finish(conn, run.id, owner="dead", state="failed")


def fill_audit_log(database):
    with database.write() as conn:
        for number in range(4):
            audit_log.append(
                conn, actor="a", action="x", subject=f"s{number}", detail={"n": number}, at=NOON
            )


@pytest.mark.parametrize(
    ("tamper", "bad"),
    [
        (sa.update(AUDIT_EVENTS).where(AUDIT_EVENTS.c.seq == 2).values(actor="evil"), 2),
        (sa.delete(AUDIT_EVENTS).where(AUDIT_EVENTS.c.seq == 2), 2),
        (sa.delete(AUDIT_EVENTS).where(AUDIT_EVENTS.c.seq == 4), 4),
        (sa.delete(AUDIT_EVENTS), 1),
        (
            sa.insert(AUDIT_EVENTS).values(
                seq=5, at=NOON, actor="e", action="x", subject="s", detail="{}",
                previous_hash="0", hash="0",
            ),
            5,
        ),
    ],
)  # fmt: skip
def test_the_audit_log_names_the_first_event_tampered_with(database, tamper, bad):
    fill_audit_log(database)
    with database.read() as conn:
        assert audit_log.verify(conn).ok
    with database.write() as conn:
        # What an attacker with the database's own rights would do first.
        if database.dialect == "postgresql":
            conn.execute(sa.text("SET LOCAL session_replication_role = replica"))
        else:
            conn.execute(sa.text("DROP TRIGGER audit_events_no_update"))
            conn.execute(sa.text("DROP TRIGGER audit_events_no_delete"))
        conn.execute(tamper)
    with database.read() as conn:
        found = audit_log.verify(conn)
    assert (found.ok, found.first_bad) == (False, bad)


def test_appended_rows_cannot_be_changed(database, connection_id):
    fill_audit_log(database)
    for change in (sa.update(AUDIT_EVENTS).values(actor="e"), sa.delete(AUDIT_EVENTS)):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), database.write() as conn:
            conn.execute(change)


def test_the_audit_chain_survives_concurrent_writers(database):
    threads = [threading.Thread(target=fill_audit_log, args=(database,)) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as conn:
        verified = audit_log.verify(conn)
    assert (verified.ok, verified.events) == (True, 20)


def test_the_newest_override_counts_and_null_takes_it_back(database, connection_id):
    def say(value, minutes):
        with database.write() as conn:
            people.add_overrides(
                conn,
                [
                    {
                        "connection_id": connection_id, "user_id": "u", "field": "status",
                        "value": value, "reason": "r", "author": "a",
                        "created_at": NOON + timedelta(minutes=minutes),
                    }
                ],
            )  # fmt: skip

    say("OUT_OF_SCOPE", 0)
    say("CURRENT_EMPLOYEE", 1)
    assert list(people.overrides(database, connection_id)["value"]) == ["CURRENT_EMPLOYEE"]
    assert list(people.overrides(database, connection_id, NOON)["value"]) == ["OUT_OF_SCOPE"]
    say(None, 2)
    assert people.overrides(database, connection_id).empty
    assert len(people.override_history(database, connection_id, "u")) == 3
    with pytest.raises(sa.exc.DBAPIError), database.write() as conn:
        conn.execute(sa.delete(OVERRIDES))


def test_raw_bodies_are_stored_once_and_recalled_by_address(database, connection_id):
    run, _ = start(database, connection_id)
    pages = [
        RawPage("users", f"https://x/{n}", 200, "rid", NOON, {"Link": "l", "Set-Cookie": "s"}, 1, b)
        for n, b in enumerate([b"[]", b"[]", b"[1]"])
    ]
    with database.write() as conn:
        raw_pages.add_many(conn, run.id, pages)
        raw_pages.add_many(conn, run.id, pages[:1])
    with database.read() as conn:
        kept = raw_pages.recall(conn, run.id, since=NOON)
        assert raw_pages.recall(conn, run.id, since=NOON + timedelta(seconds=1)) == {}
    assert kept["https://x/2"].body == b"[1]"
    assert kept["https://x/0"].headers == {"link": "l"}


def test_results_keep_all_findings_and_the_newest_of_a_run(database, connection_id):
    run, _ = start(database, connection_id)
    findings = pd.DataFrame([{"user_id": "u", "message": "No MFA: <b>\x00"}])
    values = {
        "connection_id": connection_id, "run_id": run.id, "control_id": "test-86", "version": "1",
        "as_of": NOON, "evaluated_at": NOON, "reason": "", "in_scope": 1, "passed": 0,
        "failed": 1, "excluded": 0, "unknown": 0, "parameters": {}, "summary": {"weak": 1},
    }  # fmt: skip
    with database.write() as conn:
        results.add_result(conn, findings=findings, outcome="FAILED", **values)
        newest = results.add_result(conn, findings=findings, outcome="PASSED", **values)
    assert results.latest(database, connection_id, "test-86")["id"] == newest
    assert [r["outcome"] for r in results.history(database, connection_id, "test-86")] == ["PASSED"]
    assert results.findings(database, newest).equals(findings.astype(object))


def test_the_vault_opens_with_any_key_and_seals_with_the_first(tmp_path):
    from cryptography.fernet import Fernet

    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    sealed = Vault([old]).seal("secret")
    both = Vault.from_setting(f"{new},{old}", tmp_path / "unused")
    assert both.open(sealed) == "secret"
    assert Vault([new]).open(both.rotate(sealed)) == "secret"
    with pytest.raises(VaultLocked):
        Vault([new]).open(sealed)
    with pytest.raises(StorageError) as caught:
        Vault(["nonsense"])
    assert "nonsense" not in str(caught.value)


def test_the_key_file_is_made_once_and_only_ours_to_read(tmp_path):
    path = tmp_path / "secret.key"
    sealed = Vault.from_setting(None, path).seal("secret")
    assert path.stat().st_mode & 0o077 == 0
    path.chmod(0o644)
    assert Vault.from_setting(None, path).open(sealed) == "secret"
    assert path.stat().st_mode & 0o077 == 0


def test_several_processes_may_migrate_at_once(unmigrated_url):
    databases = [Database(unmigrated_url) for _ in range(4)]
    errors = []

    def go(database):
        try:
            migrate(database)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=go, args=(d,)) for d in databases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert is_current(databases[0])
    for database in databases:
        database.close()


def test_a_newer_store_is_refused_in_words(unmigrated_url):
    database = Database(unmigrated_url)
    migrate(database)
    with database.write() as conn:
        conn.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StorageError, match="newer Countersign"):
        migrate(database)
    database.close()


def test_an_unusable_url_is_refused_without_its_password():
    with pytest.raises(StorageError) as caught:
        migrate(Database("postgresql://me:hunter2@127.0.0.1:1/x"))
    assert "hunter2" not in str(caught.value)
    with pytest.raises(StorageError):
        Database("mysql://x")
