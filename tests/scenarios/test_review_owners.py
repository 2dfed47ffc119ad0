"""Owners of applications: set here, several of them, and the first to decide settles an item."""

import pytest

from tests.scenarios.conftest import ANA
from tests.scenarios.reviewing import Company, opened, synced
from tests.scenarios.test_review_races import at_once, consistent
from workflows import my_reviews, reminders, review_decide, review_list, review_owners, reviews
from workflows.audit import audit_events
from workflows.errors import NotAllowed, RuleRefused
from workflows.installation import Actor
from workflows.review_decide import DecidedMeanwhile

OWNERS = ("ines", "marcus", "yuki")


def shared(company, **more):
    """A campaign of one application that three own, and the ids of its items."""
    review_owners.set_owners(
        company.inst, company.connection_id, "app", company.app("salesforce"),
        [company.login(key) for key in OWNERS], actor=ANA,
    )  # fmt: skip
    view = opened(company.inst, company.connection_id, "app-owner", apps=("Salesforce",), **more)
    return view, [item.id for item in company.items(view.id)]


def of(company, campaign_id, key):
    return {i.id for i in company.items(campaign_id, reviewer_id=company.id(key))}


def decided_by(company, item_id):
    row = review_list.item(company.inst, item_id, actor=ANA).row
    return row["state"], row["reviewer_id"]


def test_each_owner_is_asked_about_everybody_but_themselves(company):
    view, ids = shared(company)
    inst = company.inst
    everything = {item.id: item for item in company.items(view.id)}
    for key in OWNERS:
        own = {i for i, item in everything.items() if item.row["user_id"] == company.id(key)}
        assert of(company, view.id, key) == set(ids) - own
        (mine,) = my_reviews.my_reviews(inst, company.connection_id, actor=company.actor(key))
        assert mine.left == len(set(ids) - own)
    item = next(i for i in everything.values() if len(i.also) == 2)
    assert item.row["routed_why"] == (
        "Inês Carvalho, Marcus Obi and Yuki Tanaka are the owners; the first to decide settles it."
    )
    assert {i["user_id"] for i in item.also} | {item.row["reviewer_id"]} == {
        company.id(key) for key in OWNERS
    }
    assert {share.email for share in reviews.shares(inst, view.id, actor=ANA)} == {
        company.login(key) for key in OWNERS
    }
    # All of them are told, each of what they may decide.
    assert reminders.remind(inst) == 3


def test_the_first_to_decide_settles_it_and_the_others_see_who(company):
    view, _ = shared(company)
    inst = company.inst
    item = next(i for i in company.items(view.id) if len(i.also) == 2)
    marcus, yuki = company.actor("marcus"), company.actor("yuki")
    seen = item.row["version"]
    review_decide.decide(inst, item.id, "KEEP", actor=yuki, version=seen)
    assert decided_by(company, item.id) == ("KEEP", yuki.okta_user_id)
    for version in (seen, None):
        with pytest.raises(DecidedMeanwhile, match="Yuki Tanaka has meanwhile kept it"):
            review_decide.decide(inst, item.id, "REVOKE", note="x", actor=marcus, version=version)
    done = review_decide.decide_many(
        inst, view.id, {item.id: None}, "REVOKE", note="x", actor=marcus, confirmed=True
    )
    assert (done.decided, "Yuki Tanaka" in done.skipped[item.id]) == (0, True)
    assert item.id not in of(company, view.id, "marcus")
    with pytest.raises(NotAllowed, match="the first settles it"):
        review_list.item(inst, item.id, actor=marcus)
    # Taken back, it is everybody's again.
    review_decide.undo(inst, item.id, actor=yuki)
    for key in OWNERS:
        assert item.id in of(company, view.id, key)
    review_decide.decide(inst, item.id, "REVOKE", note="Moved", actor=marcus)
    assert decided_by(company, item.id) == ("REVOKE", marcus.okta_user_id)
    assert review_list.some(inst, view.id, [item.id], actor=yuki) == []


def test_what_is_not_ones_own_stays_with_the_other_owners_and_goes_to_the_fallback_last(company):
    view, _ = shared(company)
    inst = company.inst
    item = next(i for i in company.items(view.id) if len(i.also) == 2)
    left = [*OWNERS]
    for key in OWNERS:
        actor = company.actor(key)
        review_decide.decide(inst, item.id, "NOT_MINE", note="Ask them", actor=actor)
        left.remove(key)
        assert item.id not in of(company, view.id, key)
        for other in left:
            assert item.id in of(company, view.id, other)
    assert decided_by(company, item.id) == ("NOT_MINE", company.id("ana"))
    with pytest.raises(RuleRefused, match="no decision of yours"):
        review_decide.undo(inst, item.id, actor=company.actor("ines"))
    review_decide.undo(inst, item.id, actor=company.actor("yuki"))
    assert item.id in of(company, view.id, "yuki")
    assert item.id not in of(company, view.id, "ana")


def test_what_an_analyst_hands_on_is_one_persons(company):
    view, _ = shared(company)
    item = next(i for i in company.items(view.id) if len(i.also) == 2)
    review_decide.reassign(
        company.inst, view.id, [item.id], company.login("dmitri"), actor=ANA, note="Knows it"
    )
    assert [key for key in (*OWNERS, "dmitri") if item.id in of(company, view.id, key)] == [
        "dmitri"
    ]
    # An owner hands on what they share, without asking an analyst.
    other = next(i for i in company.items(view.id) if len(i.also) == 2)
    review_decide.reassign(
        company.inst, view.id, [other.id], company.login("dmitri"),
        actor=company.actor("yuki"), note="Knows it",
    )  # fmt: skip
    assert decided_by(company, other.id) == ("PENDING", company.id("dmitri"))


def test_who_signs_off_has_nothing_left_however_it_was_decided(company):
    view, ids = shared(company)
    inst = company.inst
    ines, marcus = company.actor("ines"), company.actor("marcus")
    for item_id in of(company, view.id, "ines"):
        review_decide.decide(inst, item_id, "KEEP", actor=ines)
    review_decide.sign_off(inst, view.id, actor=ines, statement="Done")
    for item_id in of(company, view.id, "marcus"):
        review_decide.decide(inst, item_id, "KEEP", actor=marcus)
    assert reviews.campaign(inst, view.id, actor=ANA).decided == len(ids)
    assert {i["reviewer_id"] for i in (x.row for x in company.items(view.id))} <= {
        ines.okta_user_id, marcus.okta_user_id,
    }  # fmt: skip


def test_an_owner_who_leaves_leaves_it_to_the_others(inst, tenant, connected):
    connection_id = connected(access_reviews=True)
    synced(inst, connection_id)
    company = Company(inst, tenant, connection_id)
    view, ids = shared(company)
    item = next(i for i in company.items(view.id) if len(i.also) == 2)
    tenant.organization.deactivate(company.id("ines"))
    synced(inst, connection_id)
    assert of(company, view.id, "ines") == set()
    assert item.id in of(company, view.id, "marcus") & of(company, view.id, "yuki")
    assert decided_by(company, item.id) == ("PENDING", company.id("marcus"))
    for key in ("marcus", "yuki"):
        tenant.organization.deactivate(company.id(key))
    synced(inst, connection_id)
    assert {decided_by(company, i) for i in ids} == {("PENDING", company.id("ana"))}


def test_of_several_owners_at_once_one_settles_each_item(company):
    view, _ = shared(company)
    inst = company.inst

    def keep(item, key):
        actor, seen = company.actor(key), item.row["version"]
        return lambda store: review_decide.decide(store, item.id, "KEEP", actor=actor, version=seen)

    for item in [i for i in company.items(view.id) if len(i.also) == 2][:6]:
        answers = at_once(inst, *(keep(item, key) for key in OWNERS))
        assert answers.count(None) == 1
        assert all(a is None or isinstance(a, DecidedMeanwhile) for a in answers), answers
        assert decided_by(company, item.id) == ("KEEP", company.id(OWNERS[answers.index(None)]))
    consistent(company, view.id)


def test_owners_are_set_once_and_found_by_the_next_campaign(company):
    inst, connection_id = company.inst, company.connection_id
    app = company.app("salesforce")

    def said(*keys, actor=ANA, kind="app", resource_id=app):
        who = [company.login(key) for key in keys]
        return review_owners.set_owners(inst, connection_id, kind, resource_id, who, actor=actor)

    assert said("ines", "ines", "yuki") == [company.id("ines"), company.id("yuki")]
    assert said("ines", "yuki") == [company.id("ines"), company.id("yuki")]
    (one,) = review_owners.owners(inst, connection_id, actor=ANA)
    assert (one.label, [*one.owners.values()]) == ("Salesforce", ["Inês Carvalho", "Yuki Tanaka"])
    events = audit_events(inst, limit=50)
    assert list(events["action"]).count("review.owners_set") == 1
    with pytest.raises(RuleRefused, match="cannot sign in"):
        said("kurt")
    with pytest.raises(RuleRefused, match="not in Okta"):
        said("ines", resource_id="0oaNone")
    with pytest.raises(NotAllowed):
        said("ines", actor=Actor("r", "R", "reviewer"))
    assert said() == []
    assert review_owners.owners(inst, connection_id, actor=ANA) == []
    view = opened(inst, connection_id, "app-owner", apps=("Salesforce",))
    assert "no owner is set for it" in company.items(view.id)[0].row["routed_why"]
    # What an open campaign has frozen stays; the next one asks the owners of then.
    said("marcus")
    assert {i.row["reviewer_id"] for i in company.items(view.id)} <= {company.id("ana")}
    later = opened(inst, connection_id, "app-owner", apps=("Salesforce",))
    assert of(company, later.id, "marcus")


def test_who_is_named_for_one_campaign_decides_that_one(company):
    said = tuple(company.login(key) for key in ("dmitri", "nora"))
    view, ids = shared(company, reviewers=said)
    assert of(company, view.id, "dmitri") | of(company, view.id, "nora") == set(ids)
    assert of(company, view.id, "marcus") == set()
    with pytest.raises(RuleRefused, match="Name one reviewer"):
        opened(company.inst, company.connection_id, reviewers=said)
