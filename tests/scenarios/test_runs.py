"""Held runs, missing users, one run at a time, cancel, and a process that dies in mid sync."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from storage import raw_pages, runs, snapshots
from storage.directory import KINDS
from tests.scenarios import killable
from tests.scenarios.conftest import ANA, control, state
from workflows import personnel, sync, sync_read
from workflows.audit import verify_audit
from workflows.errors import CountersignError

ROOT = Path(__file__).resolve().parents[2]
USERS = 120


def published(inst, connection_id):
    run = sync.run_sync(inst, connection_id, actor=ANA)
    assert run.state == "published", (run.state, run.error, run.held)
    return run


def statuses(inst, connection_id):
    people = personnel.people(inst, connection_id).everyone
    return dict(zip(people["user_id"], people["employment_status"], strict=True))


def test_many_leavers_wait_for_an_analyst_and_are_published_on_approval(inst, tenant, connected):
    connection_id = connected()
    published(inst, connection_id)
    before = statuses(inst, connection_id)
    gone = control(tenant, "users", {"action": "deactivate", "count": 15})["changed"]
    run = sync.run_sync(inst, connection_id, actor=ANA)
    assert (run.state, run.held["reason"]) == ("held", "leavers")
    assert {entry["user_id"] for entry in run.held["leavers"]} == set(gone)
    assert {entry["why"] for entry in run.held["leavers"]} == {"deactivated"}
    assert statuses(inst, connection_id) == before
    with pytest.raises(CountersignError):
        sync.approve_held(inst, run.id, actor=ANA, reason=" ")
    assert sync.approve_held(inst, run.id, actor=ANA, reason="layoff").state == "published"
    after = statuses(inst, connection_id)
    assert all(after[user_id].startswith("FORMER") for user_id in gone)
    with pytest.raises(CountersignError):
        sync.approve_held(inst, run.id, actor=ANA, reason="twice")


def test_a_discarded_run_leaves_everything_as_it_was(inst, tenant, connected):
    connection_id = connected()
    published(inst, connection_id)
    before = statuses(inst, connection_id)
    control(tenant, "users", {"action": "deactivate", "count": 15})
    run = sync.run_sync(inst, connection_id, actor=ANA)
    assert sync.discard_held(inst, run.id, actor=ANA, reason="a mistake").state == "cancelled"
    assert statuses(inst, connection_id) == before


def test_a_few_leavers_do_not_wait(inst, tenant, connected):
    connection_id = connected()
    published(inst, connection_id)
    gone = control(tenant, "users", {"action": "deactivate", "count": 5})["changed"]
    published(inst, connection_id)
    now = statuses(inst, connection_id)
    assert all(now[user_id].startswith("FORMER") for user_id in gone)


def test_a_deleted_user_is_confirmed_and_stays_known_with_a_separation_date(
    inst, tenant, connected
):
    connection_id = connected()
    published(inst, connection_id)
    gone = control(tenant, "users", {"action": "delete", "count": 2})["changed"]
    published(inst, connection_id)
    people = personnel.people(inst, connection_id).frame.set_index("user_id")
    for user_id in gone:
        assert people.loc[user_id, "presence"] == "deleted"
        assert people.loc[user_id, "separation_date"].date() == inst.now().date()
    asked = control(tenant, "requests", method="GET")["requests"]
    assert all(f"GET /api/v1/users/{user_id}" in asked for user_id in gone)
    again = published(inst, connection_id)
    assert (again.opened, again.closed) == (0, 0)


def test_a_user_whom_a_list_skips_is_asked_for_and_stays(inst, tenant, connected, monkeypatch):
    connection_id = connected()
    published(inst, connection_id)
    victim = tenant.organization.by_key["kofi"]
    before = snapshots.of_user(inst.database, connection_id, "factors", victim)
    read = sync_read.Reader._users

    def skipping(self, request, records):
        kept = [r for r in records if r.get("id") != victim or request.resource == "user"]
        read(self, request, kept)

    monkeypatch.setitem(
        sync.work.__globals__["Reader"].read.__globals__["HANDLERS"], "users", skipping
    )
    run = published(inst, connection_id)
    assert (run.opened, run.closed) == (0, 0)
    after = snapshots.of_user(inst.database, connection_id, "factors", victim)
    assert list(after["factor_id"]) == list(before["factor_id"])


def test_a_missing_user_whom_nobody_can_confirm_is_not_seen_and_keeps_everything(
    inst, tenant, connected
):
    connection_id = connected()
    published(inst, connection_id)
    victim = control(tenant, "users", {"action": "delete", "count": 1})["changed"][0]
    control(tenant, "faults", {"kind": "forbidden", "path": f"/users/{victim}$"})
    published(inst, connection_id)
    people = personnel.people(inst, connection_id).frame.set_index("user_id")
    assert people.loc[victim, "presence"] == "not_seen"
    assert people.loc[victim, "employment_status"].startswith("CURRENT")
    assert len(snapshots.of_user(inst.database, connection_id, "memberships", victim))


def test_two_syncs_at_once_are_one(inst, tenant, connected):
    connection_id = connected()
    control(tenant, "faults", {"kind": "latency", "ms": 30})
    views = []
    threads = [
        threading.Thread(target=lambda: views.append(sync.run_sync(inst, connection_id, actor=ANA)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({view.id for view in views}) == 1
    assert sorted(view.joined for view in views) == [False, True, True, True]
    assert {view.state for view in views} == {"published"}


def test_a_cancelled_sync_publishes_nothing(inst, tenant, connected):
    connection_id = connected()
    control(tenant, "faults", {"kind": "latency", "ms": 200})
    run = sync.start_sync(inst, connection_id, actor=ANA)
    while not sync.get_run(inst, run.id).progress.get("requests"):
        time.sleep(0.05)
    sync.cancel_sync(inst, run.id, actor=ANA)
    while sync.get_run(inst, run.id).running:
        time.sleep(0.05)
    assert sync.get_run(inst, run.id).state == "cancelled"
    assert sync.latest_published(inst, connection_id) is None


def environment(inst):
    return {
        **{k: v for k, v in os.environ.items() if not k.startswith("COUNTERSIGN_")},
        "COUNTERSIGN_DATA_DIR": str(inst.settings.data_dir),
        "COUNTERSIGN_DATABASE_URL": inst.settings.database_url,
        "COUNTERSIGN_ALLOW_LOOPBACK": "1",
    }


def start_by_cli(inst, *options):
    return subprocess.Popen(
        [sys.executable, str(ROOT / "cli.py"), "sync", "--json", *options],
        env=environment(inst),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def everything(inst, connection_id):
    return {kind: snapshots.count(inst.database, connection_id, kind) for kind in KINDS}


def test_killed_at_thirty_random_moments_there_is_never_half_a_state(inst, tenant, connected):
    """kill -9 in mid sync: what pages show is the old state or the new, and the run goes on.

    A moment is a number of answered requests, so that a slow machine is killed where a fast one
    is; every third kill comes some time later, which may be in the publish.
    """
    connection_id = connected()
    whole = -tenant.requests.total()
    published(inst, connection_id)
    whole += tenant.requests.total()
    control(tenant, "faults", {"kind": "latency", "ms": 5})
    draw = random.Random(86)
    killed = days = 0
    for number in range(30):
        before = everything(inst, connection_id)
        last = sync.latest_published(inst, connection_id).id
        # A run that goes on has read a part of the day before.
        if days < 3 and sync.running_run(inst, connection_id) is None:
            control(tenant, "next-day")
            days += 1
        # Less than half of it: a run that was killed has less left to ask when it goes on.
        moment = tenant.requests.total() + draw.randrange(whole // 2)
        process = killable.start(inst.settings, connection_id)
        while process.is_alive() and tenant.requests.total() < moment:
            time.sleep(0.005)
        if number % 3 == 0:
            process.join(draw.uniform(0, 0.8))
        killed += process.is_alive()
        process.kill()
        process.join()
        now = sync.latest_published(inst, connection_id).id
        if now == last:
            assert everything(inst, connection_id) == before
        else:
            assert everything(inst, connection_id)["memberships"] == state(tenant)["memberships"]
        assert verify_audit(inst).ok
    assert killed >= 10
    control(tenant, "faults", method="DELETE")
    run = sync.run_sync(inst, connection_id, actor=ANA)
    assert run.state == "published", run.error
    truth, found = state(tenant), everything(inst, connection_id)
    assert (found["factors"], found["memberships"]) == (truth["factors"], truth["memberships"])
    assert runs.running(inst.database) == []


def test_a_killed_run_is_resumed_from_its_raw_pages_without_being_asked_twice(
    inst, tenant, connected
):
    connection_id = connected()
    control(tenant, "faults", {"kind": "latency", "ms": 500})
    process = start_by_cli(inst)

    def kept():
        with inst.database.read() as conn:
            return len(raw_pages.list_for(conn, run.id))

    while (run := sync.running_run(inst, connection_id)) is None or kept() < 40:
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    had = kept()
    control(tenant, "faults", method="DELETE")
    before = sum(control(tenant, "requests", method="GET")["requests"].values())
    assert sync.resume_orphans(inst) == [run.id]
    while sync.get_run(inst, run.id).running:
        time.sleep(0.05)
    done = sync.get_run(inst, run.id)
    asked = sum(control(tenant, "requests", method="GET")["requests"].values()) - before
    assert done.state == "published", done.error
    assert done.counts["users"] == state(tenant)["users"]
    assert asked <= kept() - had


def test_the_command_line_says_it_all_in_one_document(inst, connected):
    connected()
    done = subprocess.run(
        [sys.executable, str(ROOT / "cli.py"), "sync", "--json"],
        env=environment(inst),
        capture_output=True,
        text=True,
        cwd="/",
    )
    document = json.loads(done.stdout)
    assert done.returncode == 0
    assert document["state"] == "published"
    assert set(document) == {
        "run_id", "mode", "state", "started_at", "finished_at", "seconds", "requests", "retries",
        "rate_limit_wait_seconds", "counts", "changes", "not_read", "error",
    }  # fmt: skip
    for command, status in (("evaluate", 1), ("people", 0)):
        done = subprocess.run(
            [sys.executable, str(ROOT / "cli.py"), command, "--json"],
            env=environment(inst),
            capture_output=True,
            text=True,
        )
        assert done.returncode == status, done.stderr
        assert isinstance(json.loads(done.stdout), list)
