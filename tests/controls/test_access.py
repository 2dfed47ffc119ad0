"""Effective paths: every way in which somebody has something, and no other."""

from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from controls.access import effective, lost_with, path_sets, resources, rules_of
from tests.controls.reviewed import directory, people

CRM = ("u1", "app", "crm")


def ways(found, key=CRM):
    return path_sets(effective(found)).get(key, frozenset())


def test_a_direct_assignment_is_one_path():
    assert ways(directory(apps=[("crm",)], assigned=[("crm", "u1")])) == {("direct", "")}


def test_an_assignment_through_two_groups_has_two_paths():
    found = directory(
        groups=[("ga",), ("gb",), ("gc",)],
        members=[("ga", "u1"), ("gb", "u1"), ("gb", "u2")],
        apps=[("crm",)],
        given=[("crm", "ga"), ("crm", "gb"), ("crm", "gc")],
        assigned=[("crm", "u1", "GROUP", "ga"), ("crm", "u2", "GROUP", "gb")],
    )
    assert ways(found) == {("group", "ga"), ("group", "gb")}
    assert ways(found, ("u2", "app", "crm")) == {("group", "gb")}


def test_a_direct_assignment_beside_a_group_is_both():
    found = directory(
        groups=[("ga",)], members=[("ga", "u1")], apps=[("crm",)], given=[("crm", "ga")],
        assigned=[("crm", "u1", "USER")],
    )  # fmt: skip
    assert ways(found) == {("direct", ""), ("group", "ga")}


def test_the_group_that_okta_names_counts_although_its_assignment_could_not_be_read():
    found = directory(apps=[("crm",)], assigned=[("crm", "u1", "GROUP", "ga")])
    assert ways(found) == {("group", "ga")}


def test_a_group_assignment_that_nothing_explains_is_still_access():
    assert ways(directory(apps=[("crm",)], assigned=[("crm", "u1", "GROUP")])) == {("group", "")}


def test_membership_without_an_assignment_is_no_access_yet():
    found = directory(
        groups=[("ga",)], members=[("ga", "u1")], apps=[("crm",)], given=[("crm", "ga")]
    )
    assert ways(found) == frozenset()


@pytest.mark.parametrize(
    ("status", "there"),
    [("ACTIVE", True), ("SUSPENDED", True), ("NEW_ONE", True), (None, True), ("REVOKED", False)],
)
def test_only_an_ended_assignment_is_no_access(status, there):
    found = directory(apps=[("crm",)], assigned=[("crm", "u1", "USER", None, status)])
    assert bool(ways(found)) is there


def test_a_deactivated_application_gives_nothing():
    found = directory(apps=[("crm", "INACTIVE")], assigned=[("crm", "u1")])
    assert ways(found) == frozenset()
    assert resources(found).empty


def test_a_role_comes_directly_and_through_a_group_and_is_one_resource():
    found = directory(
        groups=[("ga",)], members=[("ga", "u1"), ("ga", "u2")],
        roles=[("USER", "u1", "SUPER_ADMIN"), ("GROUP", "ga", "SUPER_ADMIN")],
    )  # fmt: skip
    assert ways(found, ("u1", "admin_role", "SUPER_ADMIN")) == {("direct", ""), ("group", "ga")}
    assert ways(found, ("u2", "admin_role", "SUPER_ADMIN")) == {("group", "ga")}
    listed = resources(found).set_index("resource_id")
    assert listed.loc["SUPER_ADMIN", "label"] == "Super Admin"
    assert listed["privileged"].to_dict() == {"SUPER_ADMIN": True, "ga": True}


def test_a_role_that_only_looks_is_not_privileged_and_neither_is_its_group():
    found = directory(
        groups=[("looks",), ("both",), ("unread",), ("plain",)],
        roles=[
            ("USER", "u1", "READ_ONLY_ADMIN"), ("USER", "u1", "REPORT_ADMIN"),
            ("USER", "u1", "HELP_DESK_ADMIN"), ("USER", "u1", "ROLE_OF_TOMORROW"),
            ("GROUP", "looks", "REPORT_ADMIN"),
            ("GROUP", "both", "REPORT_ADMIN"), ("GROUP", "both", "APP_ADMIN"),
        ],
    )  # fmt: skip
    stats = found.groups.assign(has_admin_privilege=[True, True, True, False])
    listed = resources(replace(found, groups=stats)).set_index("resource_id")["privileged"]
    assert set(listed.index[listed]) == {
        "HELP_DESK_ADMIN", "ROLE_OF_TOMORROW", "APP_ADMIN", "both", "unread",
    }  # fmt: skip


def test_a_custom_role_is_privileged_whatever_it_is_called():
    found = directory(roles=[("USER", "u1", "READ_ONLY_ADMIN")])
    roles = found.admin_roles.assign(custom_role_id="cr0a", resource_set="iam1")
    assert resources(replace(found, admin_roles=roles))["privileged"].all()


def test_custom_roles_differ_by_role_and_resource_set():
    found = directory(roles=[("USER", "u1", "CUSTOM"), ("USER", "u2", "CUSTOM")])
    roles = found.admin_roles.assign(custom_role_id=["cr0a", "cr0a"], resource_set=["iam1", "iam2"])
    keys = path_sets(effective(replace(found, admin_roles=roles)))
    assert {key[2] for key in keys} == {"cr0a:iam1", "cr0a:iam2"}


def test_what_has_no_name_goes_by_its_id():
    found = directory(apps=[("crm",)], groups=[("ga",)])
    apps = found.apps.assign(label=None, name=None)
    groups = found.groups.assign(name="  ")
    listed = resources(replace(found, apps=apps, groups=groups))
    assert set(listed["label"]) == {"crm", "ga"}


def test_a_rule_explains_the_members_whom_it_takes_in_and_no_others():
    found = directory(
        users=people({"department": "Sales"}, {"department": "Legal"}, {"department": "SALES"}),
        groups=[("ga",)],
        members=[("ga", "u1"), ("ga", "u2"), ("ga", "u3")],
        rules=[
            ("off", 'user.department=="Legal"', ["ga"], "INACTIVE"),
            ("r1", 'user.department=="Sales"', ["ga", "gb"]),
        ],
    )
    rules = rules_of(found, {"ga"})
    assert set(rules) == {("ga", "u1"), ("ga", "u3")}
    assert (rules["ga", "u1"].sure, rules["ga", "u3"].sure) == (True, False)
    assert rules["ga", "u1"].who == "everyone in Sales"


def test_a_rule_that_is_sure_goes_before_one_that_may_be():
    found = directory(
        users=people({"department": "Sales"}),
        groups=[("ga",)],
        members=[("ga", "u1")],
        rules=[("r0", "a.strange(expression)", ["ga"]), ("r1", 'user.department=="Sales"', ["ga"])],
    )
    assert rules_of(found, {"ga"})["ga", "u1"].rule_id == "r1"


def test_whom_a_rule_leaves_out_it_does_not_put_there():
    found = directory(
        users=people({"department": "Sales"}), groups=[("ga",)], members=[("ga", "u1")],
        rules=[("r1", 'user.department=="Sales"', ["ga"])],
    )  # fmt: skip
    rules = found.group_rules.assign(excluded_user_ids='["u1"]')
    assert rules_of(replace(found, group_rules=rules), {"ga"}) == {}


GROUPS = st.sets(st.sampled_from(["ga", "gb", "gc"]))
OTHERS = st.dictionaries(
    st.tuples(st.just("app"), st.sampled_from("abcde")),
    st.frozensets(
        st.one_of(
            st.just(("direct", "")),
            st.tuples(st.just("group"), st.sampled_from(["ga", "gb", "gc", ""])),
        ),
        max_size=4,
    ),
)


@given(GROUPS, OTHERS)
def test_leaving_groups_takes_exactly_what_no_other_path_gives(left, others):
    lost = set(lost_with(left, others))
    for key, paths in others.items():
        remaining = {path for path in paths if path[0] == "direct" or path[1] not in left}
        assert (key in lost) == (bool(paths) and not remaining)


@given(
    st.sets(st.tuples(st.sampled_from("ab"), st.sampled_from(["u1", "u2"])), max_size=4),
    st.sets(st.tuples(st.sampled_from(["ga", "gb"]), st.sampled_from(["u1", "u2"])), max_size=4),
    st.sets(st.tuples(st.sampled_from("ab"), st.sampled_from(["ga", "gb"])), max_size=4),
    st.sampled_from(["USER", "GROUP"]),
)
def test_access_is_exactly_what_is_assigned_whatever_the_groups(assigned, members, given, scope):
    found = directory(
        groups=[("ga",), ("gb",)], members=members, apps=[("a",), ("b",)], given=given,
        assigned=[(app, user, scope) for app, user in assigned],
    )  # fmt: skip
    sets = path_sets(effective(found, ["app"]))
    assert {(user, app) for user, _, app in sets} == {(user, app) for app, user in assigned}
    for (user, _, app), paths in sets.items():
        groups = {group for via, group in paths if via == "group" and group}
        assert groups == {g for a, g in given if a == app and (g, user) in members}
        assert (("direct", "") in paths) == (scope == "USER")


def test_an_empty_directory_has_no_access():
    found = directory(users=people({}).head(0))
    assert isinstance(effective(found), pd.DataFrame)
    assert effective(found).empty
    assert resources(found).empty
