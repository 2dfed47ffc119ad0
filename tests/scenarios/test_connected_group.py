"""The connection keeps its group's id: renames, namesakes and deletion never switch it (SPEC 1)."""

import pytest

from tests.scenarios.conftest import ANA
from workflows import connect as connecting
from workflows import personnel, sync
from workflows.connect import Blocked


def group_check(inst, connection_id):
    checks = connecting.run_preflight(inst, connection_id, actor=ANA)
    return next(check for check in checks if check.id == "group_label")


def synced(inst, connection_id):
    run = sync.run_sync(inst, connection_id, actor=ANA)
    assert run.state == "published", (run.error, run.held)
    return set(personnel.people(inst, connection_id).frame["user_id"])


def test_a_renamed_group_stays_connected_with_a_warning(inst, tenant, connected):
    connection_id = connected(group_label="Legal")
    before = synced(inst, connection_id)
    group = tenant.organization.group_ids["Legal"]
    assert sync.latest_published(inst, connection_id).warnings == []
    tenant.organization.rename_group(group, "Legal and privacy")
    assert synced(inst, connection_id) == before
    [warning] = sync.latest_published(inst, connection_id).warnings
    assert "“Legal and privacy” in Okta now, and was “Legal”" in warning
    said = group_check(inst, connection_id)
    assert said.state == "warn"
    assert "Legal and privacy" in said.message
    # Connecting again under the old label or the new one keeps it.
    for label in ("Legal", "Legal and privacy"):
        assert connected(group_label=label) == connection_id
        assert connecting.get_connection(inst, connection_id).group_id == group


def test_a_namesake_is_a_warning_and_changes_nothing(inst, tenant, connected):
    connection_id = connected(group_label="Legal")
    before = synced(inst, connection_id)
    group = tenant.organization.group_ids["Legal"]
    other = tenant.organization.create_group("Legal")
    assert synced(inst, connection_id) == before
    [warning] = sync.latest_published(inst, connection_id).warnings
    assert "2 groups are called “Legal”" in warning
    assert group in warning
    said = group_check(inst, connection_id)
    assert (said.state, other in said.message) == ("warn", True)
    assert connected(group_label="Legal") == connection_id
    assert connecting.get_connection(inst, connection_id).group_id == group


def test_a_label_that_names_another_group_now_is_refused_until_it_is_confirmed(
    inst, tenant, connected
):
    org = tenant.organization
    connection_id = connected(group_label="Legal")
    old = org.group_ids["Legal"]
    org.rename_group(old, "Old legal")
    new = org.create_group("Legal")
    with pytest.raises(Blocked, match="--change-group"):
        connected(group_label="Finance")
    assert connecting.get_connection(inst, connection_id).group_id == old
    # Said again as before it still means the group that was connected.
    connected(group_label="Legal")
    assert connecting.get_connection(inst, connection_id).group_id == old
    connected(group_label="Legal", change_group=True)
    assert connecting.get_connection(inst, connection_id).group_id == new


@pytest.mark.parametrize("reviews", [False, True])
def test_a_deleted_group_holds_the_run(inst, tenant, connected, reviews):
    connection_id = connected(group_label="Legal", access_reviews=reviews)
    before = synced(inst, connection_id)
    assert before
    tenant.organization.delete_group(tenant.organization.group_ids["Legal"])
    run = sync.run_sync(inst, connection_id, actor=ANA)
    assert (run.state, run.held["reason"]) == ("held", "group_gone")
    assert {leaver["user_id"] for leaver in run.held["leavers"]} <= before
    assert set(personnel.people(inst, connection_id).frame["user_id"]) == before
    done = sync.approve_held(inst, run.id, actor=ANA, reason="the team is gone")
    assert done.state == "published"
    people = personnel.people(inst, connection_id).frame
    gone = people[people["user_id"].isin(before)]
    assert set(gone["employment_status"]) <= {"FORMER_EMPLOYEE", "FORMER_CONTRACTOR"}


@pytest.mark.parametrize("label", ['Say "hi"', "Back\\slash", "UPPER", " Legal"])
def test_the_match_is_exact(inst, tenant, connected, label):
    org = tenant.organization
    org.create_group(label.swapcase())
    wanted = org.create_group(label)
    connection_id = connected(group_label=label)
    assert connecting.get_connection(inst, connection_id).group_id == wanted
