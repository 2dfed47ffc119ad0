"""What Okta refuses or loses in mid sync is noted on the run: never an empty result or a guess."""

import pytest

from okta_client.payloads import group_behind
from storage import snapshots
from tests.scenarios.conftest import ANA, control, small_pages, state
from workflows import evaluate, sync

USERS = 120


@pytest.fixture
def published(inst, connected):
    """A connection with reviews on, synced once."""
    connection_id = connected(access_reviews=True)
    assert sync.run_sync(inst, connection_id, actor=ANA).state == "published"
    return connection_id


def synced(inst, connection_id):
    run = sync.run_sync(inst, connection_id, actor=ANA)
    assert run.state == "published", run.error
    return run


def fault(tenant, **said):
    control(tenant, "faults", said)


def reasons(run):
    return {item["resource"]: item["reason"] for item in run.not_read}


def ids(inst, connection_id, kind, column):
    return set(snapshots.frame(inst.database, connection_id, kind)[column])


def factors_of(inst, connection_id, user_id):
    return set(snapshots.of_user(inst.database, connection_id, "factors", user_id)["factor_id"])


def test_parts_of_the_api_that_an_organization_lacks_do_not_cost_the_run(inst, tenant, published):
    for path in ("iam/assignees", "groups/rules", "authenticators"):
        fault(tenant, kind="not_found", code="E0000008", path=path)
    before = ids(inst, published, "group_rules", "rule_id")
    run = synced(inst, published)
    assert set(reasons(run)) == {"admin_assignees", "group_rules", "authenticators"}
    assert all(reason.startswith("Not enabled. ") for reason in reasons(run).values())
    assert ids(inst, published, "group_rules", "rule_id") == before
    assert run.counts["users"] == state(tenant)["users"]


@pytest.mark.parametrize("kind", ["forbidden", "not_enabled", "not_found", "refused"])
def test_one_person_whose_factors_are_refused_is_unknown_and_keeps_them(
    inst, tenant, published, kind
):
    kofi = tenant.organization.by_key["kofi"]
    before = factors_of(inst, published, kofi)
    fault(tenant, kind=kind, path=f"/users/{kofi}/factors")
    run = synced(inst, published)
    assert reasons(run)["factors"].startswith("1 of 1")
    assert factors_of(inst, published, kofi) == before
    mfa = evaluate.latest_results(inst, published)[0]
    unknown = evaluate.findings(inst, mfa.result_id).query("outcome == 'UNKNOWN'")
    assert list(unknown["user_id"]) == [kofi]
    assert (mfa.outcome, mfa.unknown) == ("FAILED", 1)


def test_a_few_people_whose_factors_fail_do_not_cost_everybody_the_run(
    inst, tenant, published, fast_retries
):
    keys = tenant.organization.by_key
    several = "|".join(keys[name] for name in ("kofi", "elif", "hugo"))
    fault(tenant, kind="status", status=500, path=f"/users/({several})/factors")
    run = synced(inst, published)
    assert reasons(run)["factors"].startswith("3 of 1")
    fault(tenant, kind="status", status=500, path=f"/users/{keys['dora']}/factors")
    run = sync.run_sync(inst, published, actor=ANA)
    assert (run.state, run.error["code"]) == ("failed", "unavailable")


def test_applications_refused_in_the_middle_of_their_list_stay_as_they_were(
    inst, tenant, published, monkeypatch
):
    before = {
        kind: ids(inst, published, kind, "app_id") for kind in ("apps", "app_users", "app_groups")
    }
    assert len(before["apps"]) > 5
    monkeypatch.setattr("demo_tenant.resources.MOST_APPS", 5)
    fault(tenant, kind="not_enabled", path=r"/apps\?.*after")
    run = synced(inst, published)
    assert set(reasons(run)) == {"apps"}
    assert {kind: ids(inst, published, kind, "app_id") for kind in before} == before


def test_what_was_refused_whole_is_counted_as_unknown_and_not_as_none(inst, tenant, connected):
    connection_id = connected(access_reviews=True)
    fault(tenant, kind="forbidden", path="/(apps|iam|roles|factors)")
    counts = synced(inst, connection_id).counts
    assert counts["users"] == state(tenant)["users"]
    for name in ("apps", "app_assignments", "admin_roles", "factors"):
        assert counts[name] is None, name


def test_one_application_that_is_refused_keeps_its_people_and_the_others_go_on(
    inst, tenant, published
):
    org = tenant.organization
    google, slack = (
        next(i for i, a in org.apps.items() if a["_key"] == k) for k in ("google", "slack")
    )
    tom = org.by_key["tom"]
    for app_id in (google, slack):
        del org.app_users[app_id][tom]
    fault(tenant, kind="forbidden", path=f"/apps/{google}/users")
    run = synced(inst, published)
    assert reasons(run)["app_users"].startswith("1 of ")
    mine = snapshots.of_user(inst.database, published, "app_users", tom)["app_id"]
    assert google in set(mine)
    assert slack not in set(mine)


def test_a_group_whose_members_are_refused_keeps_them(inst, tenant, published):
    org = tenant.organization
    sales = org.group_ids["Sales"]
    fault(tenant, kind="forbidden", path=f"/groups/{sales}/users")
    run = synced(inst, published)
    assert reasons(run)["memberships"].startswith("1 of ")
    rows = snapshots.frame(inst.database, published, "memberships")
    assert set(rows.query("group_id == @sales")["user_id"]) == set(org.members[sales])


def test_a_kind_of_policy_that_the_organization_lacks_hides_no_other(inst, tenant, published):
    fault(tenant, kind="refused", path="policies.type=ACCESS_POLICY")
    run = synced(inst, published)
    assert list(reasons(run)) == ["policies (ACCESS_POLICY)"]
    settings = snapshots.frame(inst.database, published, "org_settings")
    bodies = " ".join(settings.query("category == 'policy'")["body"])
    assert "MFA_ENROLL" in bodies
    assert "ACCESS_POLICY" not in bodies


def test_policies_that_may_not_be_read_stay_with_their_rules(inst, tenant, published):
    before = snapshots.frame(inst.database, published, "org_settings")
    fault(tenant, kind="forbidden", path="policies")
    run = synced(inst, published)
    assert set(reasons(run)) == {"policies"}
    after = snapshots.frame(inst.database, published, "org_settings")
    assert set(after["setting_id"]) == set(before["setting_id"])


@pytest.mark.parametrize("asked", ["search=", "expand=stats"])
def test_a_list_that_is_refused_in_one_form_is_asked_for_in_another(inst, tenant, connected, asked):
    connection_id = connected()
    fault(tenant, kind="refused", code="E0000031", path=asked)
    run = synced(inst, connection_id)
    truth = state(tenant)
    for name in ("users", "groups", "memberships", "factors"):
        assert run.counts[name] == truth[name], name
    requests = control(tenant, "requests", method="GET")["requests"]
    # The list, the list otherwise, and the second query for what has changed.
    assert asked != "search=" or requests["GET /api/v1/users"] >= 3
    assert run.certificate["changed_while_reading"]["users"] is not None


def after_the_first_page_of_users(tenant, happens):
    """Let something happen once, when the users' second page is asked for."""
    answer, pending = tenant.faults.hitting, [happens]

    def hitting(path, query=""):
        if path == "/api/v1/users" and "after" in query and pending:
            pending.pop()()
        return answer(path, query)

    tenant.faults.hitting = hitting


def test_who_is_activated_again_while_the_list_is_read_has_their_factors_read(
    inst, tenant, connected, monkeypatch
):
    connection_id = connected()
    small_pages(monkeypatch)
    org = tenant.organization
    first = sorted(org.users.values(), key=lambda u: (u["created"], u["id"]))[:20]
    back = next(u["id"] for u in first if u["status"] == "DEPROVISIONED")

    def reactivate():
        org.now = inst.now()
        org.touch(org.users[back], status="ACTIVE")
        org.enrol(back, "webauthn")

    after_the_first_page_of_users(tenant, reactivate)
    synced(inst, connection_id)
    assert len(factors_of(inst, connection_id, back)) == 1


def test_somebody_whom_the_list_of_users_skips_is_found_through_their_groups(
    inst, tenant, connected
):
    org = tenant.organization
    tom = org.by_key["tom"]
    org.hidden = {tom}
    connection_id = connected()
    run = synced(inst, connection_id)
    assert tom in ids(inst, connection_id, "users", "user_id")
    assert run.counts["users"] == state(tenant)["users"]


def test_a_group_deleted_between_its_list_and_its_members_is_not_published(inst, tenant, connected):
    connection_id = connected(access_reviews=True)
    org = tenant.organization
    sales = org.group_ids["Sales"]
    fault(tenant, kind="not_found", path=f"/groups/{sales}")
    run = synced(inst, connection_id)
    assert run.not_read == []
    assert sales not in ids(inst, connection_id, "groups", "group_id")
    assert sales not in ids(inst, connection_id, "memberships", "group_id")
    assert run.counts["groups"] == len(org.groups) - 1


def test_a_group_that_only_seems_gone_is_asked_for_and_stays(inst, tenant, published):
    org = tenant.organization
    sales = org.group_ids["Sales"]
    fault(tenant, kind="not_found", path=f"/groups/{sales}/users")
    run = synced(inst, published)
    assert reasons(run)["memberships"].startswith("1 of ")
    assert sales in ids(inst, published, "groups", "group_id")
    assert sales in ids(inst, published, "memberships", "group_id")


def test_a_person_deleted_in_mid_sync_leaves_nothing_behind(inst, tenant, connected):
    connection_id = connected(access_reviews=True)
    ines = tenant.organization.by_key["ines"]
    fault(tenant, kind="not_found", path=f"/users/{ines}")
    run = synced(inst, connection_id)
    assert run.not_read == []
    assert run.counts["users"] == state(tenant)["users"] - 1
    for kind in ("memberships", "factors", "app_users"):
        assert ines not in ids(inst, connection_id, kind, "user_id"), kind
    assert ines not in ids(inst, connection_id, "admin_roles", "principal_id")


def test_a_connected_group_that_is_gone_is_held_in_words(inst, tenant, connected):
    connection_id = connected(group_label="Legal")
    fault(tenant, kind="not_found", path=f"/groups/{tenant.organization.group_ids['Legal']}")
    run = sync.run_sync(inst, connection_id, actor=ANA)
    assert (run.state, run.held["reason"]) == ("held", "group_gone")
    assert "does not exist in Okta any more" in run.held["sentence"]


def test_a_failed_run_tells_what_it_has_asked(inst, tenant, connected, fast_retries):
    connection_id = connected()
    fault(tenant, kind="status", status=503, path="/groups$")
    run = sync.run_sync(inst, connection_id, actor=ANA)
    assert run.state == "failed"
    assert run.requests > 5
    assert run.retries == 5


def test_stats_that_lag_behind_lose_neither_members_nor_roles(inst, tenant, connected, monkeypatch):
    org = tenant.organization
    admins = org.group_ids["Okta admins"]
    org.groups[admins]["lastMembershipUpdated"] = inst.now().strftime("%Y-%m-%dT%H:%M:%S.000Z")
    monkeypatch.setattr(org, "stale_stats", {admins}, raising=False)
    connection_id = connected()
    run = synced(inst, connection_id)
    truth = state(tenant)
    assert run.counts["memberships"] == truth["memberships"]
    assert run.counts["admin_roles"] == truth["admin_roles"]


@pytest.mark.parametrize(
    ("href", "group_id"),
    [("https://x/api/v1/groups/00g1", "00g1"), ("/api/v1/groups/a%20b/", "a b"),
     ("https://x/api/v1/users/00u1", None), ("00g1", None), (7, None), (None, None)],
)  # fmt: skip
def test_a_role_names_the_group_behind_it(href, group_id):
    assert group_behind({"_links": {"assignee": {"href": href}}}) == group_id
    assert group_behind([]) is None


def test_roles_that_stand_under_one_id_are_kept_apart(inst, tenant, connected):
    org = tenant.organization
    kofi = org.by_key["kofi"]
    one = org._role("APP_ADMIN", "USER", "users", kofi)
    custom = {**org._role("CUSTOM", "USER", "users", kofi), "id": one["id"]}
    elsewhere = {**custom, "resource-set": "iamelsewhere00000001"}
    org.user_roles[kofi] = [one, custom, elsewhere]
    org.version += 1
    connection_id = connected()
    run = synced(inst, connection_id)
    roles = snapshots.frame(inst.database, connection_id, "admin_roles")
    mine = roles[roles["principal_id"] == kofi]
    assert sorted(mine["role_type"]) == ["APP_ADMIN", "CUSTOM", "CUSTOM"]
    assert run.counts["admin_roles"] == state(tenant)["admin_roles"]
    org.user_roles[kofi].reverse()
    org.version += 1
    again = synced(inst, connection_id)
    assert (again.opened, again.closed) == (0, 0)


def test_administrators_beyond_the_first_page_are_read(inst, tenant, connected):
    """Okta gives the next page of this list in the body, not in a header."""
    org = tenant.organization
    for user_id in list(org.users):
        org.user_roles.setdefault(user_id, [org._role("HELP_DESK_ADMIN", "USER", "users", user_id)])
    org.version += 1
    connection_id = connected()
    before = tenant.requests["GET /api/v1/iam/assignees/users"]
    run = synced(inst, connection_id)
    assert tenant.requests["GET /api/v1/iam/assignees/users"] - before == 2
    assert run.counts["admin_roles"] == state(tenant)["admin_roles"]
    roles = snapshots.frame(inst.database, connection_id, "admin_roles")
    own = roles[roles["principal_type"] == "USER"]
    assert set(own["principal_id"]) == set(org.user_roles)
