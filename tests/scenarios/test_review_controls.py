"""What reviews do to controls: closing one counts at once, removals at the next publish."""

import pytest

from tests.scenarios.conftest import ANA
from tests.scenarios.reviewing import opened, synced
from workflows import evaluate, review_close, review_decide, review_list
from workflows.errors import CountersignError
from workflows.review_list import ItemFilter


def result(inst, connection_id, control_id):
    return next(
        r for r in evaluate.latest_results(inst, connection_id) if r.control_id == control_id
    )


def decide_all(company, view, decision="KEEP"):
    for user_id in {item.row["reviewer_id"] for item in company.items(view.id)}:
        key = next(k for k, i in company.org.by_key.items() if i == user_id)
        actor = company.actor(key)
        ids = review_list.item_ids(company.inst, ItemFilter(view.id), actor=actor)
        review_decide.decide_many(
            company.inst, view.id, ids, decision, note="All", actor=actor, confirmed=True
        )


def test_where_reviews_are_off_both_controls_have_nothing_to_judge(inst, connected):
    connection_id = connected()
    synced(inst, connection_id)
    for control_id in ("access-reviewed", "access-removed"):
        found = result(inst, connection_id, control_id)
        assert found.outcome == "ERROR"
        assert not found.needs_work
    assert evaluate.findings(inst, found.result_id).empty


def test_a_closed_campaign_counts_at_once_and_an_open_one_does_not(company):
    inst, connection_id = company.inst, company.connection_id
    before = result(inst, connection_id, "access-reviewed")
    apps = {app for app, users in company.org.app_users.items() if users}
    assert (before.outcome, before.failed, before.subject) == ("FAILED", len(apps), "application")
    part = opened(inst, connection_id, "contractors")
    decide_all(company, part)
    review_close.close(inst, part.id, actor=ANA)
    assert result(inst, connection_id, "access-reviewed").failed == len(apps)
    view = opened(inst, connection_id)
    decide_all(company, view)
    evaluate.run_controls(inst, connection_id, actor=ANA, sync_first=False)
    assert result(inst, connection_id, "access-reviewed").failed == len(apps)
    review_close.close(inst, view.id, actor=ANA)
    found = result(inst, connection_id, "access-reviewed")
    assert (found.outcome, found.passed) == ("PASSED", len(apps))


def test_an_application_can_be_left_out_with_a_reason(company):
    inst, connection_id = company.inst, company.connection_id
    wiki = company.app("slack")
    today = inst.now().date()
    exclude = {"reason": "Public", "starts_on": today, "ends_on": None, "actor": ANA}
    with pytest.raises(CountersignError):
        evaluate.exclude(inst, connection_id, "access-reviewed", [company.id("tom")], **exclude)
    evaluate.exclude(inst, connection_id, "access-reviewed", [wiki], **exclude)
    assert result(inst, connection_id, "access-reviewed").excluded == 1
    listed = evaluate.exclusions(inst, connection_id, "access-reviewed")
    assert list(listed["label"]) == ["Slack"]


def test_a_revoke_is_judged_from_the_next_publish_on(company):
    inst, connection_id = company.inst, company.connection_id
    assert result(inst, connection_id, "access-removed").outcome == "ERROR"
    view = opened(inst, connection_id)
    item = company.item(view.id, "tom", "aws")
    review_decide.decide(inst, item.id, "REVOKE", note="Moved", actor=company.actor("marcus"))
    synced(inst, connection_id)
    found = result(inst, connection_id, "access-removed")
    assert (found.outcome, found.in_scope) == ("PASSED", 1)
    (finding,) = evaluate.findings(inst, found.result_id).to_dict("records")
    assert "Tom Fischer's access to AWS production" in finding["message"]
