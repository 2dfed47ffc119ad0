"""What a run could not read is part of a campaign as not reviewed, and never passed over."""

from dataclasses import replace

import pytest

from tests.scenarios.conftest import ANA, control
from tests.scenarios.reviewing import Company, form, synced
from workflows import review_close, review_decide, review_list, review_open
from workflows.errors import RuleRefused
from workflows.installation import Actor
from workflows.review_list import ItemFilter
from workflows.reviews import campaign

WHY = "Slack answers 403 until IT mends the key"


@pytest.fixture
def blind(inst, tenant, connected):
    """A company whose Slack assignments the key may not read."""
    connection_id = connected(access_reviews=True)
    company = Company(inst, tenant, connection_id)
    slack = company.app("slack")
    control(tenant, "faults", {"kind": "forbidden", "path": f"/api/v1/apps/{slack}/users"})
    synced(inst, connection_id)
    return company


def open_with(company, reason, template="quarterly"):
    asked = replace(form(company.inst, company.connection_id, template), unread_reason=reason)
    return review_open.open_campaign(company.inst, company.connection_id, asked, actor=ANA)


def test_opening_asks_and_names_what_was_not_read(blind):
    with pytest.raises(RuleRefused, match="Slack") as refused:
        open_with(blind, "")
    assert (refused.value.code, refused.value.field) == ("not_read", "unread_reason")
    preview = review_open.preview
    asked = replace(form(blind.inst, blind.connection_id), unread_reason=WHY)
    would = preview(blind.inst, blind.connection_id, asked, actor=ANA)
    assert [item.label for item in would.unread] == ["Slack"]


def test_it_is_part_of_the_campaign_as_not_reviewed_and_has_no_rows(blind):
    made = open_with(blind, WHY)
    [unread] = campaign(blind.inst, made.id, actor=ANA).record.unread
    assert (unread["kind"], unread["okta_id"]) == ("app", blind.app("slack"))
    assert made.record.unread_reason == WHY
    assert blind.items(made.id, resources=(blind.app("slack"),)) == []
    assert blind.items(made.id, resources=(blind.app("zoom"),))


def test_closing_needs_a_reason_even_when_every_row_is_decided(blind):
    made = open_with(blind, WHY)
    for who in {view.row["reviewer_id"] for view in blind.items(made.id)} - {None}:
        actor = Actor(who, who, "reviewer", okta_user_id=who)
        versions = review_list.item_ids(blind.inst, ItemFilter(made.id), actor=actor)
        review_decide.decide_many(
            blind.inst, made.id, versions, "KEEP", actor=actor, note="Needed", confirmed=True
        )
    left = campaign(blind.inst, made.id, actor=ANA).undecided
    rest = {"rest": "no_decision"} if left else {}
    with pytest.raises(RuleRefused, match="not reviewed"):
        review_close.close(blind.inst, made.id, actor=ANA, **rest)
    closed = review_close.close(
        blind.inst, made.id, actor=ANA, reason="Slack is reviewed next time", **rest
    )
    assert [item["label"] for item in closed.record.closing["not_reviewed"]] == ["Slack"]


def test_what_is_not_in_scope_may_be_unread(blind):
    made = open_with(blind, "", template="admin-roles")
    assert made.record.unread == []


def test_a_kind_of_which_nothing_was_read_leaves_nothing_to_review(inst, tenant, connected):
    connection_id = connected(access_reviews=True)
    control(tenant, "faults", {"kind": "forbidden", "path": "/api/v1/apps$"})
    synced(inst, connection_id)
    company = Company(inst, tenant, connection_id)
    with pytest.raises(RuleRefused, match="applications"):
        open_with(company, "")
    with pytest.raises(RuleRefused, match="Nobody in scope"):
        open_with(company, "The key may not read applications yet")
