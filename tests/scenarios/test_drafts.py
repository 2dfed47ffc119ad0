"""Drafts of campaigns: kept, changed, opened once, discarded."""

import pytest

from tests.scenarios.conftest import ANA
from tests.scenarios.reviewing import form
from workflows import review_choices, review_open, reviews
from workflows.audit import audit_events
from workflows.errors import NotAllowed, RuleRefused
from workflows.installation import Actor


def test_a_draft_is_kept_changed_and_opened_once(company):
    inst, connection_id = company.inst, company.connection_id
    wanted = form(inst, connection_id)
    draft = review_open.save_draft(inst, connection_id, wanted, actor=ANA)
    assert (draft.record.state, draft.record.items) == ("DRAFT", 0)
    with pytest.raises(NotAllowed):
        review_open.save_draft(inst, connection_id, wanted, actor=Actor("f", "F", "auditor"))
    view = review_open.open_campaign(inst, connection_id, wanted, actor=ANA, draft_id=draft.id)
    assert (view.id, view.record.state) == (draft.id, "ACTIVE")
    for act in (
        lambda: review_open.open_campaign(
            inst, connection_id, wanted, actor=ANA, draft_id=draft.id
        ),
        lambda: review_open.save_draft(
            inst, connection_id, wanted, actor=ANA, campaign_id=draft.id
        ),
    ):
        with pytest.raises(RuleRefused):
            act()


def test_a_draft_is_discarded_and_what_was_opened_never(company):
    inst, connection_id = company.inst, company.connection_id
    wanted = form(inst, connection_id)
    draft = review_open.save_draft(inst, connection_id, wanted, actor=ANA)
    with pytest.raises(NotAllowed):
        review_open.discard_draft(inst, draft.id, actor=Actor("f", "F", "auditor"))
    review_open.discard_draft(inst, draft.id, actor=ANA)
    gone = reviews.campaign(inst, draft.id, actor=ANA).record
    assert (gone.state, gone.opened_at, gone.items) == ("CANCELLED", None, 0)
    newest = audit_events(inst, limit=1).iloc[0]
    assert (newest["action"], newest["detail"]["name"]) == ("review.draft_discarded", wanted.name)
    active = review_open.open_campaign(inst, connection_id, wanted, actor=ANA)
    for act in (
        lambda: review_open.discard_draft(inst, active.id, actor=ANA),
        lambda: review_choices.answers_of(inst, active.id, actor=ANA),
    ):
        with pytest.raises(RuleRefused, match="Only a draft"):
            act()
    assert active.id != draft.id
    with pytest.raises(RuleRefused, match="Only a draft"):
        review_open.discard_draft(inst, draft.id, actor=ANA)


def test_a_name_means_whose_names_begin_like_it_and_nobody_else(company):
    inst, connection_id = company.inst, company.connection_id
    found = review_choices.choices(inst, connection_id, actor=ANA)
    for text in ("Yuki", "tanaka", "yuki tan", "Tanaka Y"):
        assert found.meant(text) == company.id("yuki"), text
    # Ana is no manager here, and part of Yuki Tanaka's name.
    for text in ("ana", "", "  ", "nobody", company.login("yuki"), company.id("yuki")):
        assert found.meant(text) == text
