"""Which events make what doubtful, and which ask for a full sync."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okta_client.log_events import TABLE, Dirty, compact, distinct, marks, touched_by

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)


def event(kind, *targets, actor="00uadmin", uuid="1"):
    return {
        "uuid": uuid,
        "eventType": kind,
        "published": "2026-11-24T07:00:00.000Z",
        "actor": {"id": actor, "type": "User", "displayName": "Secret name"},
        "target": [{"id": i, "type": t, "displayName": "Secret name"} for t, i in targets] or None,
    }


def dirty(*events):
    return marks(compact(e) for e in events)


USER, GROUP, APP = ("User", "00u1"), ("UserGroup", "00g1"), ("AppInstance", "0oa1")


@pytest.mark.parametrize(
    ("kind", "targets", "expected"),
    [
        ("user.mfa.factor.activate", [USER], Dirty(factors={"00u1"})),
        ("user.mfa.factor.reset_all", [USER], Dirty(factors={"00u1"})),
        ("user.mfa.factor.update", [], Dirty(factors={"00uadmin"})),
        ("device.enrollment.create", [("Device", "guo1")], Dirty(factors={"00uadmin"})),
        ("user.lifecycle.suspend", [USER], Dirty(people={"00u1"})),
        (
            "user.lifecycle.deactivate",
            [USER],
            Dirty(people={"00u1"}, factors={"00u1"}, roles={"00u1"}),
        ),
        ("user.account.update_profile", [USER], Dirty(people={"00u1"})),
        ("user.account.privilege.grant", [USER], Dirty(roles={"00u1"})),
        ("group.privilege.revoke", [GROUP], Dirty(roles={"00g1"})),
        ("iam.resourceset.bindings.add", [], Dirty(all_roles=True)),
        (
            "group.user_membership.add",
            [USER, GROUP],
            Dirty(members={"00g1"}, moves={("00g1", "00u1")}),
        ),
        ("group.lifecycle.delete", [GROUP], Dirty(members={"00g1"})),
        ("group.application_assignment.add", [GROUP, APP], Dirty(apps={"0oa1"})),
        ("application.lifecycle.deactivate", [APP], Dirty(apps={"0oa1"})),
        (
            "application.user_membership.add",
            [("AppUser", "0ua1"), APP, USER],
            Dirty(assignments={("0oa1", "00u1")}),
        ),
        ("application.user_membership.add", [APP], Dirty(app_people={"0oa1"})),
        ("system.import.user.complete", [APP], Dirty(app_people={"0oa1"})),
        ("user.session.start", [USER], Dirty()),
        ("policy.evaluate_sign_on", [("PolicyEntity", "00p1")], Dirty()),
        ("system.email.delivery", [], Dirty()),
    ],
)
def test_an_event_marks_what_it_names(kind, targets, expected):
    assert dirty(event(kind, *targets)) == expected


@pytest.mark.parametrize(
    "kind",
    [
        "policy.lifecycle.update",
        "policy.rule.add",
        "security.authenticator.lifecycle.deactivate",
        "system.mfa.factor.deactivate",
        "directory.mapping.update",
        "application.policy.sign_on.update",
        "zone.update",
    ],
)
def test_what_decides_for_everybody_asks_for_everything(kind):
    found = dirty(event(kind, USER)).everything
    assert found is not None
    assert kind in found
    assert "everybody" in found


def test_a_family_that_nobody_knows_asks_for_everything():
    assert "does not know" in dirty(event("quantum.state.collapse", USER)).everything
    assert "does not know" in dirty(event("", USER)).everything


@pytest.mark.parametrize(
    "kind", ["user.lifecycle.create", "group.user_membership.add", "device.lifecycle.delete"]
)
def test_a_mark_without_a_name_asks_for_everything(kind):
    assert "without saying" in dirty(event(kind)).everything


def test_the_longest_beginning_counts():
    assert touched_by("user.account.privilege.grant") != touched_by("user.account.update_profile")
    assert touched_by("group.user_membership.rule.evaluation") == (TABLE["user.session."])


def test_an_event_told_twice_is_one():
    twice = [compact(event("user.mfa.factor.activate", USER, uuid=u)) for u in ("a", "b", "a")]
    assert [e["uuid"] for e in distinct(twice)] == ["a", "b"]


def test_no_name_or_address_is_kept():
    assert "Secret" not in str(compact(event("user.session.start", USER)))


@given(JSON)
def test_no_shape_of_an_event_is_too_odd(record):
    found = dirty(record)
    # Whatever cannot be understood is a reason to read everything, never to read nothing.
    if not isinstance(record, dict) or not isinstance(record.get("eventType"), str):
        assert found.everything


@given(
    st.lists(
        st.tuples(
            st.sampled_from(sorted(TABLE)),
            st.lists(
                st.tuples(
                    st.sampled_from(["User", "UserGroup", "AppInstance", "AppUser", "Odd"]),
                    st.sampled_from(["a", "b", "c"]),
                ),
                max_size=3,
            ),
        ),
        max_size=8,
    )
)
def test_more_events_never_make_less_doubtful(events):
    made = [compact(event(kind, *targets)) for kind, targets in events]
    part, whole = marks(made[: len(made) // 2]), marks(made)
    for name in ("factors", "people", "members", "moves", "roles", "apps", "assignments"):
        assert getattr(part, name) <= getattr(whole, name)
    assert bool(part.everything) <= bool(whole.everything)
