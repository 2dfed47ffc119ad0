"""Real races: many at once on the same items, and nothing is lost or silently overwritten."""

import threading
from collections import Counter

import pytest
import sqlalchemy as sa
import time_machine

from controls.reviewing import Said, in_force
from storage import audit_log, review_items
from storage.database import Database
from storage.review_items import Filter
from storage.review_tables import DECISIONS, REMOVAL_EVENTS
from tests.scenarios.conftest import ANA
from tests.scenarios.reviewing import form, opened
from workflows import removals, review_close, review_decide, review_list, review_open, reviews, sync
from workflows.due import run_due
from workflows.errors import RuleRefused
from workflows.installation import Installation
from workflows.review_decide import DecidedMeanwhile
from workflows.review_list import ItemFilter


def at_once(inst, *tasks):
    """What each task says, or the refusal it meets; each with a store connection of its own."""
    barrier, answers = threading.Barrier(len(tasks)), [None] * len(tasks)
    stores = [Database(inst.database.engine.url.render_as_string(False)) for _ in tasks]

    def go(number, task):
        mine = Installation(inst.settings, stores[number], inst.vault)
        barrier.wait(20)
        try:
            answers[number] = task(mine)
        except Exception as error:
            answers[number] = error

    threads = [
        threading.Thread(target=go, args=(number, task)) for number, task in enumerate(tasks)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for store in stores:
        store.close()
    return answers


def consistent(company, campaign_id):
    """Every item stands exactly where its history says, and the audit log is whole."""
    with company.inst.database.read() as conn:
        rows = review_items.page(conn, Filter(campaign_id), limit=None)
        said, expected = {}, {}
        for row in conn.execute(sa.select(DECISIONS).order_by(DECISIONS.c.id)).mappings():
            one = Said(row["id"], row["decision"], row["takes_back"])
            said.setdefault(row["item_id"], []).append(one)
        for row in conn.execute(sa.select(REMOVAL_EVENTS).order_by(REMOVAL_EVENTS.c.id)).mappings():
            expected[row["item_id"]] = row["state"] != "WITHDRAWN"
        assert audit_log.verify(conn).ok
    for row in rows:
        last = in_force(said.get(row["id"], []))
        if row["decision_id"] is None:
            assert row["state"] == "PENDING"
        else:
            assert (row["state"], row["decision_id"]) == (last.decision, last.id)
        assert expected.get(row["id"], False) == (row["state"] == "REVOKE")


def test_of_two_who_decide_what_they_saw_undecided_the_second_sees_the_first(company):
    inst = company.inst
    view = opened(inst, company.connection_id, "app-owner", apps=("Salesforce",),
                  reviewers=(company.login("marcus"),))  # fmt: skip
    marcus = company.actor("marcus")
    mine = review_list.item_ids(inst, ItemFilter(view.id), actor=marcus)
    for item_id, version in list(mine.items())[:8]:

        def say(decision, item_id=item_id, version=version):
            return lambda store: review_decide.decide(
                store, item_id, decision, actor=marcus, note=decision, version=version
            )

        answers = at_once(inst, *(say(d) for d in ("KEEP", "REVOKE", "CHANGE", "KEEP")))
        lost = [answer for answer in answers if answer is not None]
        assert len(lost) == 3
        assert all(isinstance(answer, DecidedMeanwhile) for answer in lost), lost
        (decision,) = review_list.history(inst, item_id, actor=ANA).decisions
        done = {"KEEP": "kept", "REVOKE": "revoked", "CHANGE": "asked to change"}
        for answer in lost:
            assert f"Marcus Obi has meanwhile {done[decision['decision']]} it" in str(answer)
    consistent(company, view.id)


def test_of_many_who_decide_without_looking_every_word_is_kept_and_the_newest_counts(company):
    inst = company.inst
    view = opened(inst, company.connection_id, "app-owner", apps=("Salesforce",),
                  reviewers=(company.login("marcus"),))  # fmt: skip
    marcus = company.actor("marcus")
    item_id = next(iter(review_list.item_ids(inst, ItemFilter(view.id), actor=marcus)))
    said = ["KEEP", "REVOKE", "CHANGE"] * 3
    answers = at_once(
        inst,
        *(
            lambda store, d=d: review_decide.decide(store, item_id, d, actor=marcus, note="why")
            for d in said
        ),
    )
    assert answers == [None] * len(said)
    history = review_list.history(inst, item_id, actor=ANA).decisions
    assert Counter(d["decision"] for d in history) == Counter(said)
    assert review_list.item(inst, item_id, actor=ANA).row["version"] == len(said)
    consistent(company, view.id)


@pytest.mark.parametrize("rest", ["revoke", "no_decision"])
def test_a_close_during_decisions_loses_none_and_lets_none_in_afterwards(company, rest):
    inst = company.inst
    view = opened(inst, company.connection_id, "app-owner", apps=("Salesforce",),
                  reviewers=(company.login("marcus"),))  # fmt: skip
    marcus = company.actor("marcus")
    mine = list(review_list.item_ids(inst, ItemFilter(view.id), actor=marcus))

    def decide(item_id):
        return lambda store: review_decide.decide(store, item_id, "KEEP", actor=marcus)

    def close(store):
        return review_close.close(store, view.id, actor=ANA, rest=rest, reason="Time is up")

    answers = at_once(inst, *map(decide, mine[:4]), close, *map(decide, mine[4:8]))
    assert not isinstance(answers[4], Exception), answers[4]
    decided, left = 0, answers[4].record.closing["left"]
    for item_id, answer in zip(mine[:8], [*answers[:4], *answers[5:]], strict=True):
        found = review_list.item(inst, item_id, actor=ANA).row
        if answer is None:
            decided += 1
            assert (found["state"], found["decided_by_name"]) == ("KEEP", "Marcus Obi")
        else:
            assert isinstance(answer, RuleRefused), answer
            assert "closed" in str(answer)
            assert found["state"] == ("REVOKE" if rest == "revoke" else "PENDING")
    assert left == view.record.items - decided
    consistent(company, view.id)


def test_a_publish_during_a_review_judges_every_revoke_or_none_of_it(company):
    inst = company.inst
    view = opened(inst, company.connection_id)
    reviewers = {
        key: review_list.item_ids(inst, ItemFilter(view.id), actor=company.actor(key))
        for key in ("marcus", "ines", "yuki")
    }

    def decide_all(key):
        def go(store):
            actor = company.actor(key)
            for number, item_id in enumerate(list(reviewers[key])[:12]):
                decision = ("REVOKE", "KEEP", "CHANGE")[number % 3]
                review_decide.decide(store, item_id, decision, actor=actor, note="race")

        return go

    before = {item.id: item.paths for item in company.items(view.id)}
    answers = at_once(
        inst,
        *map(decide_all, reviewers),
        lambda store: sync.run_sync(store, company.connection_id, actor=ANA).state,
        lambda store: sync.run_sync(store, company.connection_id, actor=ANA).state,
    )
    assert answers == [None, None, None, "published", "published"]
    assert {item.id: item.paths for item in company.items(view.id)} == before
    consistent(company, view.id)
    found = removals.removals(inst, company.connection_id, actor=ANA)
    assert found.total == 12
    assert set(found.frame["state"]) <= {"OPEN", "STILL_PRESENT"}
    run = sync.run_sync(inst, company.connection_id, actor=ANA)
    found = removals.removals(inst, company.connection_id, actor=ANA)
    assert set(found.frame["state"]) == {"STILL_PRESENT"}
    assert set(found.frame["checked_run_id"]) == {run.id}


def test_an_item_that_is_handed_on_while_it_is_decided_ends_with_one_of_both(company):
    inst = company.inst
    view = opened(inst, company.connection_id)
    marcus = company.actor("marcus")
    mine = list(review_list.item_ids(inst, ItemFilter(view.id), actor=marcus))[:6]
    for item_id in mine:
        decided, handed_on = at_once(
            inst,
            lambda store, i=item_id: review_decide.decide(store, i, "KEEP", actor=marcus),
            lambda store, i=item_id: review_decide.reassign(
                store, view.id, [i], company.login("dmitri"), actor=ANA, note="Knows better"
            ),
        )
        found = review_list.item(inst, item_id, actor=ANA).row
        if decided is None:
            assert (found["state"], found["reviewer_id"]) == ("KEEP", company.id("marcus"))
            assert "decided already" in str(handed_on)
        else:
            assert (found["state"], found["reviewer_id"]) == ("PENDING", company.id("dmitri"))
            assert "another reviewer's" in str(decided)
    consistent(company, view.id)


def test_a_draft_is_opened_once_by_however_many(company):
    inst, wanted = company.inst, form(company.inst, company.connection_id, "admin-roles")
    draft = review_open.save_draft(inst, company.connection_id, wanted, actor=ANA)

    def go(store):
        return review_open.open_campaign(
            store, company.connection_id, wanted, actor=ANA, draft_id=draft.id
        ).id

    answers = at_once(inst, go, go, go)
    assert [a for a in answers if not isinstance(a, Exception)] == [draft.id]
    assert all(isinstance(a, RuleRefused | int) for a in answers), answers
    assert len(company.items(draft.id)) == reviews.campaign(inst, draft.id, actor=ANA).record.items


def test_a_campaign_that_repeats_is_opened_by_one_of_several_schedulers(company):
    inst = company.inst
    with time_machine.travel("2026-11-25T08:00:00Z", tick=True):
        opened(inst, company.connection_id, "admin-roles", repeat_months=1)
    with time_machine.travel("2026-12-25T08:00:00Z", tick=True):
        answers = at_once(inst, *[lambda store: run_due(store).opened] * 3)
    assert sorted(map(len, answers)) == [0, 0, 1], answers
    assert len(reviews.list_campaigns(inst, company.connection_id, actor=ANA)) == 2
