"""A list counts as read only when it was read whole and can be believed (SPEC 2)."""

import pytest

from storage import audit_log, snapshots
from tests.scenarios.conftest import ANA, control, small_pages, state
from workflows import sync
from workflows.errors import CountersignError

USERS = 120


@pytest.fixture
def published(inst, connected):
    """A connection with reviews on, synced once."""
    connection_id = connected(access_reviews=True)
    assert sync.run_sync(inst, connection_id, actor=ANA).state == "published"
    return connection_id


def synced(inst, connection_id, **more):
    run = sync.run_sync(inst, connection_id, actor=ANA, **more)
    assert run.state == "published", run.error
    return run


def rows(inst, connection_id, kind, column, value):
    found = snapshots.frame(inst.database, connection_id, kind)
    return set(found.loc[found[column] == value, "user_id"])


def app_of(tenant, key):
    return next(i for i, a in tenant.organization.apps.items() if a["_key"] == key)


def unread(run):
    return {f"{item['kind']}:{item['id']}": item for item in run.certificate["lists_not_read"]}


def test_an_application_that_falls_to_none_is_not_believed_until_an_analyst_says_so(
    inst, tenant, published
):
    app_id = app_of(tenant, "slack")
    before = rows(inst, published, "app_users", "app_id", app_id)
    assert len(before) >= 10
    control(tenant, "faults", {"kind": "empty_list", "path": f"/apps/{app_id}/users"})
    first = sync.latest_published(inst, published)
    for _ in range(2):
        run = synced(inst, published)
        said = unread(run)[f"app:{app_id}"]
        assert f"{len(before):,} had it" in said["reason"]
        assert (said["rows"], said["last_read"]["run_id"]) == (len(before), first.id)
        assert any(item["resource"] == "app_users" for item in run.not_read)
        assert rows(inst, published, "app_users", "app_id", app_id) == before
    with pytest.raises(CountersignError, match="reason"):
        synced(inst, published, accept_lists=[f"app:{app_id}"])
    with pytest.raises(CountersignError, match="no list"):
        synced(inst, published, accept_lists=["app:nobody"], reason="x")
    run = synced(inst, published, accept_lists=[f"app:{app_id}"], reason="Slack is over")
    assert rows(inst, published, "app_users", "app_id", app_id) == set()
    assert f"app:{app_id}" not in unread(run)
    with inst.database.read() as conn:
        (started,) = audit_log.events(conn, limit=1, action="sync.started")
    assert started["detail"]["reason"] == "Slack is over"
    # And from now on the empty list is what is known.
    assert f"app:{app_id}" not in unread(synced(inst, published))


def test_a_few_assignments_may_become_none(inst, tenant, published):
    app_id = next(i for i, p in tenant.organization.app_users.items() if 0 < len(p) < 10)
    control(tenant, "faults", {"kind": "empty_list", "path": f"/apps/{app_id}/users"})
    assert unread(synced(inst, published)) == {}
    assert rows(inst, published, "app_users", "app_id", app_id) == set()


def test_a_group_that_is_empty_against_its_own_count_keeps_its_members(inst, tenant, published):
    group_id = tenant.organization.group_ids["Engineering"]
    before = rows(inst, published, "memberships", "group_id", group_id)
    control(tenant, "faults", {"kind": "empty_list", "path": f"/groups/{group_id}/users"})
    run = synced(inst, published)
    assert f"Okta counts {len(before)}" in unread(run)[f"group:{group_id}"]["reason"]
    assert rows(inst, published, "memberships", "group_id", group_id) == before
    # Okta agrees with itself again, and the list is believed.
    control(tenant, "faults", method="DELETE")
    for user_id in before:
        tenant.organization.leave_group(user_id, group_id)
    assert f"group:{group_id}" not in unread(synced(inst, published))
    assert rows(inst, published, "memberships", "group_id", group_id) == set()


def test_an_inactive_application_counts_and_who_has_it_stands_as_last_read(inst, tenant, published):
    app_id = app_of(tenant, "slack")
    before = rows(inst, published, "app_users", "app_id", app_id)
    truth = state(tenant)
    tenant.organization.deactivate_app(app_id)
    for mode in ("full", "incremental"):
        run = synced(inst, published, mode=mode)
        assert run.counts["apps"] == truth["apps"]
        assert run.counts["app_assignments"] == truth["app_assignments"] - len(before), mode
        assert unread(run)[f"app:{app_id}"]["code"] == "inactive"
        assert rows(inst, published, "app_users", "app_id", app_id) == before
    asked = control(tenant, "requests", method="GET")["requests"]
    assert asked[f"GET /api/v1/apps/{app_id}/users"] == 1


def test_a_list_that_breaks_off_at_the_same_page_each_time_keeps_what_was_known(
    inst, tenant, published, monkeypatch, fast_retries
):
    app_id = app_of(tenant, "slack")
    group_id = tenant.organization.group_ids["Engineering"]
    apps = rows(inst, published, "app_users", "app_id", app_id)
    members = rows(inst, published, "memberships", "group_id", group_id)
    small_pages(monkeypatch)
    for path in (f"/apps/{app_id}/users.*after", f"/groups/{group_id}/users.*after"):
        control(tenant, "faults", {"kind": "status", "status": 500, "path": path})
    assert min(len(apps), len(members)) > 20
    gone = sorted(members)[0]
    tenant.organization.leave_group(gone, group_id)
    run = synced(inst, published)
    assert set(unread(run)) == {f"app:{app_id}", f"group:{group_id}"}
    assert rows(inst, published, "app_users", "app_id", app_id) == apps
    assert rows(inst, published, "memberships", "group_id", group_id) == members
