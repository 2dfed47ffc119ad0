"""From a connection to tested personnel: what we say equals what the tenant holds."""

from collections import Counter

import pytest

from storage import snapshots
from tests.scenarios.conftest import ANA, control, state
from workflows import connect as connecting
from workflows import evaluate, personnel, sync
from workflows.changes import run_changes, run_summary
from workflows.errors import CountersignError
from workflows.person import person


def synced(inst, connection_id):
    run = sync.run_sync(inst, connection_id, actor=ANA)
    assert run.state == "published", run.error
    return run


def test_counts_statuses_findings_and_duplicates_equal_the_tenants(inst, tenant, connected):
    connection_id = connected(access_reviews=True)
    run = synced(inst, connection_id)
    truth = state(tenant)
    counts = run.as_json()["counts"]
    for name in ("users", "groups", "memberships", "factors", "apps", "app_assignments"):
        assert counts[name] == truth[name], name
    assert counts["admin_roles"] == truth["admin_roles"]
    users = snapshots.frame(inst.database, connection_id, "users")
    assert Counter(users["status"]) == truth["by_status"]

    mfa, unique, *_ = evaluate.latest_results(inst, connection_id)
    people = personnel.people(inst, connection_id).frame
    current = set(people.loc[people["current"], "user_id"])
    failing = evaluate.findings(inst, mfa.result_id).query("outcome == 'FAIL'")
    assert set(failing["user_id"]) == set(truth["without_mfa"]) & current
    shared = evaluate.findings(inst, unique.result_id).query("reason == 'shared'")
    assert {message.split("e-mail ")[1].split(" ")[0] for message in shared["message"]} == set(
        truth["shared_emails"]
    )
    statuses = control(tenant, "requests", method="GET")["statuses"]
    assert "429" not in statuses
    assert run.certificate["reconciled"][0]["agrees"]


def test_without_reviews_no_application_is_asked_for(inst, tenant, connected):
    connection_id = connected()
    before = control(tenant, "requests", method="GET")["requests"]
    counts = synced(inst, connection_id).as_json()["counts"]
    after = control(tenant, "requests", method="GET")["requests"]
    asked = Counter(after) - Counter(before)
    assert (counts["apps"], counts["app_assignments"]) == (None, None)
    assert not [path for path in asked if "/apps" in path]


def test_a_full_sync_makes_the_fewest_requests(inst, tenant, connected):
    connection_id = connected()
    run = synced(inst, connection_id)
    org = tenant.organization
    alive = sum(u["status"] != "DEPROVISIONED" for u in org.users.values())
    with_members = sum(bool(m) for m in org.members.values())
    # Lists of one page each: users, groups, assignees, rules, schema, authenticators, tokens,
    # org, four policy types and their five rules, and the second query for what has changed.
    # And the place in the log.
    lists = 4 + 4 + 4 + 5 + 1 + 1
    roles = len(set(org.user_roles) | {u for g in org.group_roles for u in org.members[g]})
    assert run.requests == lists + alive + with_members + roles + len(org.group_roles)


def test_a_second_sync_of_the_same_tenant_changes_nothing(inst, connected):
    connection_id = connected(access_reviews=True)
    synced(inst, connection_id)
    again = synced(inst, connection_id)
    assert (again.opened, again.closed) == (0, 0)
    assert run_changes(inst, again.id).empty


def test_a_day_later_the_changes_are_told_in_words(inst, tenant, connected):
    connection_id = connected()
    synced(inst, connection_id)
    control(tenant, "next-day")
    told = run_summary(run_changes(inst, synced(inst, connection_id).id))
    assert {"joined", "left", "enrolled", "lost MFA factor"} <= set(told)


def test_with_a_group_label_its_direct_members_are_the_personnel(inst, tenant, connected):
    connection_id = connected(group_label="Legal")
    run = synced(inst, connection_id)
    org = tenant.organization
    members = set(org.members[org.group_ids["Legal"]])
    found = personnel.people(inst, connection_id)
    assert set(found.everyone["user_id"]) == members
    assert run.counts["users"] == len(members)
    rows = snapshots.frame(inst.database, connection_id, "memberships")
    assert set(rows["user_id"]) == members
    reads = snapshots.frame(inst.database, connection_id, "factor_reads")
    assert set(reads["user_id"]) <= members


def test_with_a_group_label_and_reviews_others_are_identities_outside(inst, tenant, connected):
    connection_id = connected(group_label="Legal", access_reviews=True)
    synced(inst, connection_id)
    org = tenant.organization
    members = set(org.members[org.group_ids["Legal"]])
    found = personnel.people(inst, connection_id)
    assert len(found.everyone) == len(org.users)
    assert found.outside_group == len(org.users) - len(members)
    reads = snapshots.frame(inst.database, connection_id, "factor_reads")
    assert set(reads["user_id"]) <= members


@pytest.mark.parametrize("reviews", [False, True])
def test_who_leaves_the_connected_group_becomes_a_leaver(inst, tenant, connected, reviews):
    connection_id = connected(group_label="Legal", access_reviews=reviews)
    synced(inst, connection_id)
    org = tenant.organization
    group = org.group_ids["Legal"]
    leaver = org.by_key["noah"]
    org.leave_group(leaver, group)
    for _ in range(2):
        synced(inst, connection_id)
        people = personnel.people(inst, connection_id).frame.set_index("user_id")
        assert people.loc[leaver, "employment_status"] == "FORMER_EMPLOYEE"
        assert people.loc[leaver, "presence"] == "left_group"


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"organization": "acme.example.com"}, "organization"),
        ({"api_key": ""}, "api_key"),
        ({"api_key": "with blank"}, "api_key"),
        ({"email_domains": ()}, "email_domains"),
        ({"email_domains": ("a b",)}, "email_domains"),
        ({"client_secret": "x"}, "client_id"),
        ({"client_id": "x"}, "client_secret"),
        ({"custom_domain": "https://x/y"}, "custom_domain"),
    ],
)
def test_wrong_input_is_answered_at_its_field(inst, tenant, form, field):
    good = {
        "organization": tenant.url,
        "api_key": tenant.api_key,
        "email_domains": ("meridian.example",),
    }
    with pytest.raises(CountersignError) as caught:
        connecting.connect(inst, connecting.ConnectionForm(**{**good, **form}), actor=ANA)
    assert caught.value.field == field
    assert connecting.list_connections(inst) == []


def test_a_wrong_key_blocks_and_saves_nothing(inst, tenant):
    form = connecting.ConnectionForm(
        organization=tenant.url, api_key="00wrong", email_domains=("x.y",)
    )
    with pytest.raises(connecting.Blocked) as caught:
        connecting.connect(inst, form, actor=ANA)
    states = {c.id: c.state for c in caught.value.checks}
    assert (states["organization"], states["api_key"]) == ("pass", "fail")
    assert set(list(states.values())[2:]) == {"unknown"}
    assert connecting.list_connections(inst) == []


def test_connecting_a_known_organization_updates_it(inst, connected):
    first = connected()
    assert connected(group_label="Legal", access_reviews=True) == first
    view = connecting.get_connection(inst, first)
    assert (view.group_label, view.access_reviews) == ("Legal", True)


def test_disconnecting_forgets_the_key_and_keeps_the_history(inst, connected):
    connection_id = connected()
    synced(inst, connection_id)
    connecting.disconnect(inst, connection_id, actor=ANA, reason="moved")
    assert connecting.record_of(inst, connection_id).api_key_sealed is None
    assert len(personnel.people(inst, connection_id).frame)
    with pytest.raises(CountersignError, match="disconnected"):
        sync.start_sync(inst, connection_id, actor=ANA)


def test_overrides_count_at_once_and_are_taken_back(inst, tenant, connected):
    connection_id = connected()
    synced(inst, connection_id)
    tom = tenant.organization.by_key["tom"]

    def failing():
        result = evaluate.latest_results(inst, connection_id)[0]
        return set(evaluate.findings(inst, result.result_id).query("outcome == 'FAIL'")["user_id"])

    assert tom in failing()
    personnel.set_overrides(
        inst, connection_id, [tom], changes={"status": "OUT_OF_SCOPE"}, reason="test", actor=ANA
    )
    assert tom not in failing()
    told = person(inst, connection_id, tom)
    assert told.sources[0][1] == "Out of scope"
    assert "Ana" in told.sources[0][2]
    personnel.withdraw_override(inst, connection_id, [tom], "status", reason="undo", actor=ANA)
    assert tom in failing()
    assert len(person(inst, connection_id, tom).override_history) == 2


def test_bulk_overrides_are_all_or_none(inst, tenant, connected):
    connection_id = connected()
    synced(inst, connection_id)
    keys = tenant.organization.by_key
    with pytest.raises(CountersignError):
        personnel.set_overrides(
            inst,
            connection_id,
            [keys["tom"], "00unobody"],
            changes={"status": "OUT_OF_SCOPE"},
            reason="r",
            actor=ANA,
        )
    with pytest.raises(CountersignError) as caught:
        personnel.set_overrides(
            inst,
            connection_id,
            [keys["tom"]],
            changes={"status": "FORMER_EMPLOYEE"},
            reason="r",
            actor=ANA,
        )
    assert caught.value.field == "separation_date"
    assert not personnel.people(inst, connection_id).frame["overridden"].map(bool).any()
