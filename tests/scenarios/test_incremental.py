"""An incremental sync leaves exactly the rows that a full one would, for far fewer requests."""

import signal
import time
from datetime import timedelta

import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from demo_tenant.changes import change
from demo_tenant.server import DemoTenant
from storage import runs, snapshots
from storage.directory import KINDS
from storage.ledgers import RUNS
from tests.scenarios.conftest import ANA, TODAY, control
from tests.scenarios.test_runs import start_by_cli
from workflows import connect as connecting
from workflows import sync, sync_quick
from workflows.installation import open_installation
from workflows.settings import Settings

# When somebody was first missed depends on when a run looked, not on what it saw.
OWN_CLOCK = {"absent_since"}
REVIEWED = {"access_reviews": True}
LABELLED = {"group_label": "Workforce"}
SCOPES = [{}, REVIEWED, LABELLED, REVIEWED | LABELLED]
# Rules are made for a company of this size: what is read again is a question of shares.
USERS = 120


@pytest.fixture(autouse=True)
def small_pages_of_people(monkeypatch):
    """So that in a small company too it is a question whether to read one or all."""
    monkeypatch.setattr(sync_quick, "PAGE_OF_PEOPLE", 4)


@pytest.fixture
def beside(tmp_path, tenant):
    """A second installation on the same tenant, which always reads everything."""
    opened = []

    def go(**more):
        folder = tmp_path / f"beside-{len(opened)}"
        other = open_installation(Settings(data_dir=folder, allow_loopback=True))
        opened.append(other)
        return other, connect(other, tenant, **more)

    yield go
    for other in opened:
        other.database.close()


def connect(inst, tenant, **more):
    form = connecting.ConnectionForm(
        organization=tenant.url, api_key=tenant.api_key, email_domains=("meridian.example",), **more
    )
    return connecting.connect(inst, form, actor=ANA).id


def run(inst, connection_id, mode, expect=None):
    """A run that is published, held or not. Returns its view."""
    done = sync.run_sync(inst, connection_id, actor=ANA, mode=mode)
    if done.state == "held":
        done = sync.approve_held(inst, done.id, actor=ANA, reason="a test's random day")
    assert done.state == "published", done.error
    assert done.mode == (expect or mode), done.mode_reason
    return done


def rows(inst, connection_id):
    """Everything that is current, by kind, in an order of its own."""
    found = {}
    for kind, about in KINDS.items():
        frame = snapshots.frame(inst.database, connection_id, kind)
        for name in OWN_CLOCK & set(about.columns):
            frame[name] = frame[name].notna()
        frame = frame.drop(columns=["connection_id"]).astype(object)
        frame = frame.where(frame.notna(), None)
        found[kind] = frame.sort_values(list(about.key)).reset_index(drop=True)
    return found


def assert_same(one, other):
    for kind in KINDS:
        pd.testing.assert_frame_equal(one[kind], other[kind], obj=kind, check_dtype=False)


# What is read does not depend on the database, what becomes of it may: the widest on both.
@pytest.mark.parametrize(
    ("database_url", "scope"),
    [*(("sqlite", scope) for scope in SCOPES), ("postgresql", SCOPES[-1])],
    indirect=["database_url"],
    ids=lambda value: value if isinstance(value, str) else "-".join(value) or "plain",
)
def test_after_random_days_the_rows_are_those_of_a_full_sync(
    inst, tenant, connected, beside, scope
):
    connection_id = connected(**scope)
    other, other_id = beside(**scope)
    run(inst, connection_id, "full")
    run(other, other_id, "full")
    for day in range(3):
        control(tenant, "changes", {"seed": day, "count": 80})
        if day == 1:
            control(tenant, "next-day")
        quick = run(inst, connection_id, "incremental")
        full = run(other, other_id, "full")
        assert_same(rows(inst, connection_id), rows(other, other_id))
        assert quick.counts == full.counts
        assert quick.requests < full.requests


@settings(max_examples=3, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(days=st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 60)), min_size=1, max_size=4))
def test_whatever_the_days_bring(tmp_path_factory, days):
    folder = tmp_path_factory.mktemp("days")
    with DemoTenant(users=60, seed=3, rate_limit_scale=1000, today=TODAY) as tenant:
        stores = []
        for name in ("quick", "full"):
            inst = open_installation(Settings(data_dir=folder / name, allow_loopback=True))
            stores.append((inst, connect(inst, tenant, access_reviews=True)))
            run(*stores[-1], "full")
        for seed, count in days:
            change(tenant.organization, seed=seed, count=count)
            for store, mode in zip(stores, ("incremental", "full"), strict=True):
                run(*store, mode)
            assert_same(rows(*stores[0]), rows(*stores[1]))
        for inst, _ in stores:
            inst.database.close()


def test_nothing_new_costs_little_and_changes_nothing(inst, tenant, connected):
    connection_id = connected(**REVIEWED)
    full = run(inst, connection_id, "full")
    run(inst, connection_id, "incremental")
    quiet = run(inst, connection_id, "incremental")
    assert (quiet.opened, quiet.closed) == (0, 0)
    assert quiet.requests < full.requests * 0.2
    assert quiet.counts == full.counts
    assert quiet.certificate["based_on"] == quiet.id - 1


def test_a_late_log_is_caught_up_by_the_next_run(inst, tenant, connected, beside):
    connection_id = connected(**REVIEWED)
    other, other_id = beside(**REVIEWED)
    run(inst, connection_id, "full")
    run(other, other_id, "full")
    control(tenant, "faults", {"kind": "late_log", "seconds": 3600})
    control(tenant, "changes", {"seed": 1, "count": 40})
    run(inst, connection_id, "incremental")
    run(other, other_id, "full")
    control(tenant, "faults", method="DELETE")
    run(inst, connection_id, "incremental")
    run(other, other_id, "full")
    assert_same(rows(inst, connection_id), rows(other, other_id))


def test_an_event_that_only_the_late_log_tells_is_not_skipped(inst, tenant, connected):
    """The place in the log is that of keeping: what is kept later lies after it, however old."""
    connection_id = connected()
    org = tenant.organization
    tom = org.by_key["tom"]
    run(inst, connection_id, "full")
    org.log.late_seconds = 1.0
    while org.log._written % 2:
        org.sign_in(tom)
    org.enrol(tom, "webauthn")
    org.sign_in(tom)
    run(inst, connection_id, "incremental")
    assert not len(snapshots.of_user(inst.database, connection_id, "factors", tom))
    time.sleep(1.1)
    run(inst, connection_id, "incremental")
    assert len(snapshots.of_user(inst.database, connection_id, "factors", tom)) == 1


def test_events_that_are_told_twice_count_once(inst, tenant, connected, beside):
    connection_id = connected(**REVIEWED)
    other, other_id = beside(**REVIEWED)
    run(inst, connection_id, "full")
    run(other, other_id, "full")
    control(tenant, "faults", {"kind": "repeat_log"})
    control(tenant, "changes", {"seed": 2, "count": 30})
    quick = run(inst, connection_id, "incremental")
    assert quick.certificate["log"]["told"] == 2 * quick.certificate["log"]["events"] > 0
    run(other, other_id, "full")
    assert_same(rows(inst, connection_id), rows(other, other_id))


@pytest.mark.parametrize("refused", [1, 2], ids=["place", "place and time"])
def test_a_refused_place_is_replaced_by_a_time_or_by_a_full_sync(
    inst, tenant, connected, beside, refused
):
    connection_id = connected(**REVIEWED)
    other, other_id = beside(**REVIEWED)
    run(inst, connection_id, "full")
    run(other, other_id, "full")
    control(tenant, "changes", {"seed": 3, "count": 30})
    run(inst, connection_id, "incremental")
    run(other, other_id, "full")
    control(tenant, "changes", {"seed": 4, "count": 30})
    if refused == 1:
        control(tenant, "faults", {"kind": "stale_cursor", "path": "/logs$", "times": 1})
        run(inst, connection_id, "incremental")
    else:
        control(tenant, "faults", {"kind": "not_enabled", "path": "/logs$"})
        done = run(inst, connection_id, "incremental", expect="full")
        assert "log" in done.mode_reason
        assert [n["resource"] for n in done.not_read] == ["logs"]
        control(tenant, "faults", method="DELETE")
        again = run(inst, connection_id, "incremental", expect="full")
        assert "could not note its place" in again.mode_reason
    run(other, other_id, "full")
    assert_same(rows(inst, connection_id), rows(other, other_id))


def test_a_policy_change_is_a_reason_to_read_everything(inst, tenant, connected, beside):
    connection_id = connected()
    other, other_id = beside()
    run(inst, connection_id, "full")
    run(other, other_id, "full")
    tenant.organization.change_policy()
    done = run(inst, connection_id, "incremental", expect="full")
    assert "policy.rule.update" in done.mode_reason
    run(other, other_id, "full")
    assert_same(rows(inst, connection_id), rows(other, other_id))
    run(inst, connection_id, "incremental")


def test_a_gap_of_more_than_a_week_is_a_reason_to_read_everything(inst, tenant, connected):
    connection_id = connected()
    run(inst, connection_id, "full")
    run(inst, connection_id, "incremental")
    with inst.database.write() as conn:
        # A week and an hour pass.
        old = inst.now() - timedelta(days=7, hours=1)
        conn.execute(sa.update(RUNS).where(RUNS.c.mode == "incremental").values(started_at=old))
    done = run(inst, connection_id, "incremental", expect="full")
    assert "7 days ago" in done.mode_reason


def test_auto_reads_everything_once_a_week_and_else_what_changed(inst, tenant, connected):
    connection_id = connected()
    run(inst, connection_id, "auto", expect="full")
    assert run(inst, connection_id, "auto", expect="incremental").mode_reason is None
    with inst.database.write() as conn:
        old = inst.now() - timedelta(days=7, hours=1)
        conn.execute(sa.update(RUNS).where(RUNS.c.mode == "full").values(started_at=old))
    assert "read everything" in run(inst, connection_id, "auto", expect="full").mode_reason


def test_another_scope_or_key_is_a_reason_to_read_everything(inst, tenant, connected):
    connection_id = connected()
    run(inst, connection_id, "full")
    connected(**REVIEWED)
    done = run(inst, connection_id, "incremental", expect="full")
    assert "has been" in done.mode_reason
    assert run(inst, connection_id, "incremental").counts["apps"] == len(tenant.organization.apps)


def test_a_discarded_run_moves_no_place(inst, tenant, connected, beside):
    connection_id = connected(**REVIEWED)
    other, other_id = beside(**REVIEWED)
    run(inst, connection_id, "full")
    run(other, other_id, "full")
    tom = tenant.organization.by_key["tom"]
    tenant.organization.enrol(tom, "webauthn")
    control(tenant, "users", {"action": "deactivate", "count": 15})
    held = sync.run_sync(inst, connection_id, actor=ANA, mode="incremental")
    assert (held.state, held.mode) == ("held", "incremental")
    sync.discard_held(inst, held.id, actor=ANA, reason="to look again")
    run(inst, connection_id, "incremental")
    run(other, other_id, "full")
    assert len(snapshots.of_user(inst.database, connection_id, "factors", tom)) == 1
    assert_same(rows(inst, connection_id), rows(other, other_id))


def test_what_was_refused_before_is_read_when_it_is_permitted(inst, tenant, connected, beside):
    connection_id = connected(**REVIEWED)
    other, other_id = beside(**REVIEWED)
    for path in ("/roles$", "/iam/", "/factors$", "/apps/[^/]+/"):
        control(tenant, "faults", {"kind": "forbidden", "path": path})
    run(inst, connection_id, "full")
    run(inst, connection_id, "incremental")
    assert snapshots.count(inst.database, connection_id, "factors") == 0
    control(tenant, "faults", method="DELETE")
    run(inst, connection_id, "incremental")
    run(other, other_id, "full")
    assert_same(rows(inst, connection_id), rows(other, other_id))


def test_a_list_of_applications_that_is_refused_takes_no_assignment_away(inst, tenant, connected):
    connection_id = connected(**REVIEWED)
    run(inst, connection_id, "full")
    before = rows(inst, connection_id)
    control(tenant, "faults", {"kind": "forbidden", "path": "/apps$"})
    control(tenant, "faults", {"kind": "forbidden", "path": "/policies$"})
    for mode in ("full", "incremental"):
        run(inst, connection_id, mode)
        assert_same(rows(inst, connection_id), before)


def test_a_killed_run_goes_on_from_the_place_that_it_noted_first(inst, tenant, connected, beside):
    connection_id = connected(**REVIEWED)
    other, other_id = beside(**REVIEWED)
    run(inst, connection_id, "full")
    run(other, other_id, "full")
    control(tenant, "changes", {"seed": 5, "count": 40})
    control(tenant, "faults", {"kind": "latency", "ms": 300})
    process = start_by_cli(inst, "--mode", "incremental")
    while True:
        running = sync.running_run(inst, connection_id)
        if running is not None and running.progress.get("requests", 0) > 10:
            break
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    control(tenant, "faults", method="DELETE")
    place = runs.get(inst.database, running.id).log["next"]
    # What happens between the two attempts is not in the pages that are used again.
    control(tenant, "changes", {"seed": 6, "count": 20})
    assert sync.resume_orphans(inst) == [running.id]
    while sync.get_run(inst, running.id).running:
        time.sleep(0.05)
    done = sync.get_run(inst, running.id)
    if done.state == "held":
        done = sync.approve_held(inst, running.id, actor=ANA, reason="a test's random day")
    assert (done.state, done.mode) == ("published", "incremental"), done.error
    assert runs.get(inst.database, running.id).log["next"] == place
    run(inst, connection_id, "incremental")
    run(other, other_id, "full")
    assert_same(rows(inst, connection_id), rows(other, other_id))
