"""Texts as odd as Okta lets them be: what no store can hold, the longest, none at all."""

from storage import snapshots
from tests.scenarios.conftest import ANA, control
from workflows import person, sync
from workflows.audit import verify_audit

# Okta's own limits of its base profile.
LONGEST = {
    "firstName": "\u05d0" * 50, "lastName": "W" * 50, "displayName": "\u202e" + "Ж" * 99,
    "title": "=T" * 50, "department": "<b>" + "D" * 97,
}  # fmt: skip
NOTHING = {"firstName": None, "lastName": "", "displayName": None, "title": None, "department": ""}
UNSTORABLE = {"firstName": "Nul\u0000la", "lastName": "Half\ud83d", "department": "\udc00"}


def test_what_no_store_can_hold_is_left_out_and_the_rest_is_read(inst, tenant, connected):
    connection_id = connected(access_reviews=True)
    ids = [u for u, user in tenant.organization.users.items() if user["status"] == "ACTIVE"][:3]
    before = tenant.organization.users[ids[1]]["profile"]["login"]
    for user_id, profile in zip(ids, (UNSTORABLE, NOTHING, LONGEST), strict=True):
        control(tenant, "users", {"action": "profile", "ids": [user_id], "profile": profile})
    group_id = next(iter(tenant.organization.groups))
    tenant.organization.rename_group(group_id, "Ops\u0000 \ud800" + "g" * 240)
    run = sync.run_sync(inst, connection_id, actor=ANA)
    assert run.state == "published", run.error
    assert run.not_read == []
    [warning] = run.warnings
    assert "about groups, group members, users had text that no database holds" in warning

    users = snapshots.frame(inst.database, connection_id, "users").set_index("user_id")
    groups = snapshots.frame(inst.database, connection_id, "groups").set_index("group_id")
    assert tuple(users.loc[ids[0], ["first_name", "last_name", "department"]]) == (
        "Nulla", "Half?", "?",
    )  # fmt: skip
    assert groups.loc[group_id, "name"] == "Ops ?" + "g" * 240
    assert users.loc[ids[2], "last_name"] == LONGEST["lastName"]
    # Who has no name goes by the login, on lists and in findings.
    assert person.person(inst, connection_id, ids[1]).row["name"] == before
    assert verify_audit(inst).ok

    # Nothing of this changes from run to run: what was left out is left out the same way.
    again = sync.run_sync(inst, connection_id, actor=ANA)
    assert (again.opened, again.closed) == (0, 0)
