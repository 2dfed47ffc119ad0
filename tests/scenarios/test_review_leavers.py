"""Reviewers who leave: what they had left goes to the fallback with the publish that shows it."""

import pytest

from controls.reviewing import is_decided
from tests.scenarios.conftest import ANA
from tests.scenarios.reviewing import FALLBACK, Company, opened, synced
from tests.scenarios.test_review_races import at_once, consistent
from workflows import my_reviews, review_decide, review_list, sync
from workflows.audit import audit_events
from workflows.errors import RuleRefused
from workflows.personnel import set_overrides, withdraw_override


@pytest.fixture
def company(inst, tenant, connected):
    """A tenant of this test's own, read with access reviews on."""
    connection_id = connected(access_reviews=True)
    synced(inst, connection_id)
    return Company(inst, tenant, connection_id)


def of(company, campaign_id, key):
    """Item id -> row of what is somebody's."""
    found = company.items(campaign_id, reviewer_id=company.id(key))
    return {item.id: item.row for item in found}


def test_what_a_leaver_had_left_goes_to_the_fallback_and_what_was_decided_stands(company):
    inst, org = company.inst, company.org
    view = opened(inst, company.connection_id)
    marcus, fallback = company.actor("marcus"), company.id("ana")
    mine = of(company, view.id, "marcus")
    kept, *left = mine
    review_decide.decide(inst, kept, "KEEP", actor=marcus, note="Needed")
    before = {item.id: item.row for item in company.items(view.id)}

    org.deactivate(company.id("marcus"))
    run = synced(inst, company.connection_id)
    rows = {item.id: item.row for item in company.items(view.id)}
    assert (rows[kept]["state"], rows[kept]["reviewer_id"]) == ("KEEP", marcus.okta_user_id)
    for item_id in left:
        assert (rows[item_id]["state"], rows[item_id]["reviewer_id"]) == ("PENDING", fallback)
        (moved,) = review_list.history(inst, item_id, actor=ANA).assignments
        assert (moved["why"], moved["note"]) == ("left", "Marcus Obi has left.")
        assert (moved["from_id"], moved["to_id"]) == (marcus.okta_user_id, fallback)
    # Nobody else's moved, and what moved can be decided where it is now.
    assert {i: rows[i] for i in rows if i not in left} == {
        i: before[i] for i in before if i not in left
    }
    (part,) = my_reviews.my_reviews(inst, company.connection_id, actor=company.actor("ana"))
    assert part.left >= len(left)
    with pytest.raises(RuleRefused, match="another reviewer's"):
        review_decide.decide(inst, left[0], "KEEP", actor=marcus, note="Still here")
    events = audit_events(inst, limit=50)
    (said,) = events[events["action"] == "review.reviewer_left"].to_dict("records")
    assert said["actor"] == "system:publish"
    consistent(company, view.id)

    # Somebody who is there again gets nothing back, and no later sync moves anything.
    org.reactivate(company.id("marcus"))
    assert synced(inst, company.connection_id).id > run.id
    assert {item.id: item.row for item in company.items(view.id)} == rows


def test_a_fallback_who_leaves_is_followed_by_their_manager_and_then_by_nobody(company):
    inst, org = company.inst, company.org
    view = opened(inst, company.connection_id, "admin-roles", fallback=company.login("marcus"))
    theirs = [*of(company, view.id, "marcus")]
    boss = org.users[company.id("marcus")]["profile"]["managerId"]
    (boss_id,) = [i for i, u in org.users.items() if u["profile"]["login"] == boss]
    assert theirs
    org.deactivate(company.id("marcus"))
    synced(inst, company.connection_id)
    now = {item.id: item.row["reviewer_id"] for item in company.items(view.id)}
    own = {item.id for item in company.items(view.id) if item.row["user_id"] == boss_id}
    assert {now[i] for i in set(theirs) - own} == {boss_id}
    assert {now[i] for i in set(theirs) & own} <= {None}
    org.deactivate(boss_id)
    synced(inst, company.connection_id)
    now = {item.id: item.row["reviewer_id"] for item in company.items(view.id)}
    assert {now[i] for i in theirs} == {None}
    # Until somebody is named.
    review_decide.reassign(inst, view.id, theirs, FALLBACK, actor=ANA, note="Nobody is left")
    assert {*theirs} <= {*of(company, view.id, "ana")}


def test_who_is_suspended_or_away_for_a_held_sync_keeps_what_is_theirs(company):
    inst, org = company.inst, company.org
    view = opened(inst, company.connection_id)
    theirs = of(company, view.id, "marcus")
    org.suspend(company.id("marcus"))
    synced(inst, company.connection_id)
    assert of(company, view.id, "marcus") == theirs
    org.unsuspend(company.id("marcus"))

    for user_id in [u for u, user in org.users.items() if user["status"] == "ACTIVE"][2:]:
        org.deactivate(user_id)
    run = sync.run_sync(inst, company.connection_id, actor=ANA)
    assert run.state == "held"
    assert of(company, view.id, "marcus") == theirs
    # It becomes true with the publish, whoever lets that happen.
    sync.approve_held(inst, run.id, actor=ANA, reason="The company was sold")
    assert of(company, view.id, "marcus") == {}


def test_who_is_former_by_an_override_has_left_from_the_next_publish_on(company):
    inst = company.inst
    view = opened(inst, company.connection_id)
    theirs = of(company, view.id, "marcus")
    left = {"status": "FORMER_EMPLOYEE", "separation_date": str(inst.today())}
    marcus = company.id("marcus")
    set_overrides(inst, company.connection_id, [marcus], changes=left, reason="Left", actor=ANA)
    synced(inst, company.connection_id)
    assert of(company, view.id, "marcus") == {}
    withdraw_override(inst, company.connection_id, [marcus], "status", reason="No", actor=ANA)
    synced(inst, company.connection_id)
    assert of(company, view.id, "marcus") == {}
    assert theirs


def test_what_a_leaver_decides_during_the_publish_stands_or_goes_to_the_fallback(company):
    inst = company.inst
    view = opened(inst, company.connection_id)
    marcus = company.actor("marcus")
    mine = [*of(company, view.id, "marcus")]
    company.org.deactivate(company.id("marcus"))

    def decide_all(store):
        for item_id in mine:
            review_decide.decide(store, item_id, "REVOKE", actor=marcus, note="On my way out")

    refused, state = at_once(
        inst,
        decide_all,
        lambda store: sync.run_sync(store, company.connection_id, actor=ANA).state,
    )
    assert state == "published"
    assert refused is None or "another reviewer's" in str(refused)
    for item in company.items(view.id):
        if item.id in mine:
            owner = company.id("marcus" if is_decided(item.row["state"]) else "ana")
            assert item.row["reviewer_id"] == owner
    consistent(company, view.id)
