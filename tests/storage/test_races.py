"""Races between processes, kills in the middle of a publish, and publishes of whole sets."""

import multiprocessing
import os
import signal
import threading
import time
from datetime import timedelta

import pytest
import sqlalchemy as sa

from storage import audit_log, history, runs, snapshots
from storage.database import Database, is_current, migrate
from storage.directory import KINDS
from storage.errors import StorageError
from storage.vault import Vault
from tests.storage.conftest import NOON, row

FORK = multiprocessing.get_context("fork")
AUDIT = {"actor": "t", "action": "sync.published", "subject": "run", "detail": {}}


def in_processes(number, task):
    """What task(n) says in each of several processes that begin at one moment."""
    barrier, said = FORK.Barrier(number), FORK.Queue()

    def go(n):
        barrier.wait(20)
        try:
            said.put(task(n))
        except BaseException as error:
            said.put(repr(error))

    processes = [FORK.Process(target=go, args=(n,)) for n in range(number)]
    for process in processes:
        process.start()
    answers = [said.get(timeout=40) for _ in processes]
    for process in processes:
        process.join(20)
    return answers


def start(database, connection_id, owner="me"):
    return runs.start(
        database, connection_id=connection_id, mode="full", scope={}, started_by="t",
        owner=owner, now=NOON,
    )  # fmt: skip


def publish(database, run, kinds, now=NOON):
    history.publish(
        database, run.id, owner="me", kinds=kinds, clock=lambda: now, run_fields={}, audit=AUDIT
    )


def test_of_many_processes_that_start_a_sync_one_runs_and_the_others_join(
    database, database_url, connection_id
):
    database.close()

    def task(n):
        run, created = start(Database(database_url), connection_id, f"owner{n}")
        return run.id, created

    answers = in_processes(6, task)
    assert sorted(created for _, created in answers) == [False] * 5 + [True]
    assert len({run_id for run_id, _ in answers}) == 1


def test_of_many_processes_one_takes_a_dead_run_over(database, database_url, connection_id):
    run, _ = start(database, connection_id, "dead")
    database.close()

    def task(n):
        mine = Database(database_url)
        return runs.take_over(mine, run.id, owner=f"o{n}", seen_owner="dead", now=NOON)

    assert sorted(in_processes(5, task)) == [False] * 4 + [True]


def test_processes_may_migrate_an_empty_store_at_once(unmigrated_url):
    assert in_processes(4, lambda _: migrate(Database(unmigrated_url))) == [None] * 4
    opened = Database(unmigrated_url)
    assert is_current(opened)
    opened.close()


def test_audit_events_of_several_processes_make_one_chain(database, database_url):
    database.close()

    def task(n):
        mine = Database(database_url)
        for _ in range(10):
            with mine.write() as conn:
                audit_log.append(conn, actor=str(n), action="x", subject="s", detail={}, at=NOON)

    assert in_processes(4, task) == [None] * 4
    with database.read() as conn:
        found = audit_log.verify(conn)
    assert (found.ok, found.events) == (True, 40)


def test_first_starts_at_once_agree_on_one_key(tmp_path):
    # Threads, because they share a process id, as two containers on one volume often do.
    for attempt in range(40):
        path = tmp_path / f"key{attempt}"
        barrier = threading.Barrier(4)

        sealed = []

        def seal(path=path, barrier=barrier, sealed=sealed):
            barrier.wait(20)
            sealed.append(Vault.from_setting(None, path).seal("secret"))

        threads = [threading.Thread(target=seal) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(sealed) == 4
        assert [Vault.from_setting(None, path).open(s) for s in sealed] == ["secret"] * 4
    assert len(list(tmp_path.iterdir())) == 40


def test_a_kill_in_a_publish_leaves_the_old_state_or_the_new(database, database_url, connection_id):
    def members(generation):
        return [row("memberships", group_id=f"g{generation}", user_id=str(n)) for n in range(3000)]

    for attempt in range(8):
        run, _ = start(database, connection_id)
        with database.write() as conn:
            history.stage(conn, run.id, "memberships", members(attempt))
        before = set(snapshots.frame(database, connection_id, "memberships")["group_id"])
        database.close()
        began = FORK.Event()

        def task(run=run, began=began):
            mine = Database(database_url)
            with mine.read():
                began.set()
            publish(mine, run, ["memberships"])

        process = FORK.Process(target=task)
        process.start()
        began.wait(20)
        time.sleep(attempt * 0.02)
        os.kill(process.pid, signal.SIGKILL)
        process.join(20)
        # PostgreSQL's own process may still be at it: this waits for its locks.
        with database.write() as conn:
            conn.execute(sa.update(KINDS["groups"].table).values(name="x"))
            audit_log.append(conn, actor="t", action="x", subject="s", detail={}, at=NOON)
        now = snapshots.frame(database, connection_id, "memberships")
        state = runs.get(database, run.id).state
        expected = {f"g{attempt}"} if state == "published" else before
        assert set(now["group_id"]) == expected
        assert len(now) == (3000 if expected else 0)
        if state == "running":
            publish(database, run, ["memberships"])
        assert snapshots.count(database, connection_id, "memberships") == 3000
    with database.read() as conn:
        assert audit_log.verify(conn).ok


@pytest.mark.timeout(240)
@pytest.mark.parametrize("kept", [False, True], ids=["staged again", "kept"])
def test_publishing_what_is_known_compares_sets_and_not_rows(database, connection_id, kept):
    # Row by row this took PostgreSQL minutes, past the time that a test has: it has no statistics
    # about rows just staged.
    people = [f"u{n:06}" for n in range(15_000)]
    rows = [row("factors", user_id=u, factor_id=f"f{u}{n}") for u in people for n in range(2)]
    for again in (False, True):
        run, _ = start(database, connection_id)
        with database.write() as conn:
            history.stage(conn, run.id, "factors", rows[:1] if again and kept else rows)
            if again and kept:
                history.keep(conn, run.id, [history.Keep("factors", "user_id", people)])
        publish(database, run, ["factors"], NOON + timedelta(hours=again))
    assert runs.get(database, run.id).changes == {
        "opened": {"factors": 0},
        "closed": {"factors": 0},
    }
    assert snapshots.count(database, connection_id, "factors") == len(rows)


def test_a_file_that_is_no_store_is_refused_in_words(tmp_path):
    path = tmp_path / "store.db"
    path.write_bytes(b"A letter, and no database. " * 100)
    with pytest.raises(StorageError, match="cannot be opened"):
        migrate(Database(f"sqlite:///{path}"))
