"""Proof of removal: every publish says what became of each revoke, and nothing is said unread."""

import pytest
import time_machine

from storage import connections
from tests.scenarios.conftest import ANA, control
from tests.scenarios.reviewing import Company, founded, opened, synced
from workflows import removals, review_close, review_decide, review_list, review_report
from workflows.due import run_due
from workflows.errors import NotAllowed, RuleRefused
from workflows.removals import STATE_WORDS, removal_events, set_ticket


@pytest.fixture
def moving(inst, tenant, tmp_path):
    """A company of its own, in which things happen."""
    settings = inst.settings
    connection_id = founded(tenant, settings.data_dir, settings.database_url)
    company = Company(inst, tenant, connection_id)
    company.tenant = tenant
    return company


def revoke(company, campaign_id, who, app):
    item = company.item(campaign_id, who, app)
    reviewer = next(
        key for key, user_id in company.org.by_key.items() if user_id == item.row["reviewer_id"]
    )
    review_decide.decide(
        company.inst, item.id, "REVOKE", actor=company.actor(reviewer), note="Not needed"
    )
    return item.id


def said(company, **wanted):
    frame = removals.removals(company.inst, company.connection_id, actor=ANA, **wanted).frame
    rows = [removals.as_json(row) for row in frame.to_dict("records")]
    return {row["item"]: (row["state"], row["run_id"]) for row in rows}


def test_each_publish_says_what_became_of_each_revoke_and_which_run_shows_it(moving):
    org, inst = moving.org, moving.inst
    sales, aws = org.group_ids["Sales"], moving.app("aws")
    # Tom has AWS directly, and it is about to come through Sales too.
    org._assign_group(aws, sales, 0)
    synced(inst, moving.connection_id)
    view = opened(inst, moving.connection_id)
    gone = revoke(moving, view.id, "kofi", "aws")
    effective = revoke(moving, view.id, "tom", "aws")
    present = revoke(moving, view.id, "lena", "salesforce")
    leaver = revoke(moving, view.id, "jack", "slack")
    assert set(said(moving).values()) == {("OPEN", None)}

    del org.app_users[aws][moving.id("kofi")]
    org.app_users[aws][moving.id("tom")] |= {"scope": "GROUP", "_group": sales}
    org.deactivate(moving.id("jack"))
    org.version += 1
    first = synced(inst, moving.connection_id).id
    assert said(moving) == {
        gone: ("VERIFIED_GONE", first),
        effective: ("STILL_EFFECTIVE", first),
        present: ("STILL_PRESENT", first),
        leaver: ("VERIFIED_GONE", first),
    }

    org.app_users[aws][moving.id("kofi")] = org._assignment(moving.id("kofi"), None)
    org.leave_group(moving.id("lena"), sales)
    second = synced(inst, moving.connection_id).id
    found = said(moving)
    assert found[gone] == ("CAME_BACK", second)
    assert found[present] == ("VERIFIED_GONE", second)
    assert found[effective] == ("STILL_EFFECTIVE", first)

    del org.app_users[aws][moving.id("kofi")]
    third = synced(inst, moving.connection_id).id
    assert said(moving)[gone] == ("VERIFIED_GONE", third)
    told = removal_events(inst, gone, actor=ANA)
    assert [(e["state"], e["run_id"]) for e in told] == [
        ("OPEN", None),
        ("VERIFIED_GONE", first),
        ("CAME_BACK", second),
        ("VERIFIED_GONE", third),
    ]


def test_what_a_run_could_not_read_proves_no_removal(moving):
    view = opened(moving.inst, moving.connection_id)
    item = revoke(moving, view.id, "kofi", "aws")
    control(moving.tenant, "faults", {"kind": "forbidden", "path": "/api/v1/apps$"})
    blind = synced(moving.inst, moving.connection_id)
    assert said(moving)[item] == ("COULD_NOT_TELL", blind.id)
    synced(moving.inst, moving.connection_id)
    assert said(moving)[item] == ("COULD_NOT_TELL", blind.id)
    control(moving.tenant, "faults", method="DELETE")
    run = synced(moving.inst, moving.connection_id)
    assert said(moving)[item] == ("STILL_PRESENT", run.id)


def test_a_list_that_was_not_read_leaves_only_its_own_removals_untold(moving):
    view = opened(moving.inst, moving.connection_id)
    aws, zoom = moving.app("aws"), moving.app("zoom")
    unread, read = revoke(moving, view.id, "kofi", "aws"), revoke(moving, view.id, "kofi", "zoom")
    proven = revoke(moving, view.id, "tom", "aws")
    del moving.org.app_users[aws][moving.id("tom")]
    moving.org.version += 1
    first = synced(moving.inst, moving.connection_id)
    assert said(moving)[proven] == ("VERIFIED_GONE", first.id)
    moving.org.app_users[zoom].pop(moving.id("kofi"))
    control(moving.tenant, "faults", {"kind": "forbidden", "path": f"/api/v1/apps/{aws}/users"})
    blind = synced(moving.inst, moving.connection_id)
    assert said(moving) == {
        unread: ("COULD_NOT_TELL", blind.id),
        read: ("VERIFIED_GONE", blind.id),
        # A proof stands: it is of the run that gave it.
        proven: ("VERIFIED_GONE", first.id),
    }
    # Nothing that this run says of the access in it counts as drift either.
    kofi = review_list.item(moving.inst, unread, actor=ANA)
    assert kofi.drift == ""


def test_a_revoke_that_is_taken_back_expects_nothing_any_more(moving):
    view = opened(moving.inst, moving.connection_id)
    item = revoke(moving, view.id, "kofi", "aws")
    review_decide.undo(moving.inst, item, actor=moving.actor("ines"))
    assert said(moving) == {}
    item = revoke(moving, view.id, "kofi", "aws")
    review_decide.decide(moving.inst, item, "KEEP", actor=moving.actor("ines"))
    assert said(moving) == {}


def test_a_campaign_that_is_given_up_asks_what_becomes_of_its_revokes(moving):
    view = opened(moving.inst, moving.connection_id)
    item = revoke(moving, view.id, "kofi", "aws")
    with pytest.raises(RuleRefused, match="1 revoke was made"):
        review_close.cancel(moving.inst, view.id, actor=ANA, reason="Wrong scope")
    review_close.cancel(moving.inst, view.id, actor=ANA, reason="Wrong scope", revokes="stand")
    run = synced(moving.inst, moving.connection_id)
    assert said(moving) == {item: ("STILL_PRESENT", run.id)}
    other = opened(moving.inst, moving.connection_id)
    revoke(moving, other.id, "elif", "aws")
    review_close.cancel(moving.inst, other.id, actor=ANA, reason="Wrong scope", revokes="withdraw")
    assert set(said(moving)) == {item}
    assert [d["decision"] for d in review_list.history(
        moving.inst, item, actor=ANA).decisions] == ["REVOKE"]  # fmt: skip


def test_what_changes_after_the_freeze_is_told_and_recorded_and_changes_no_frozen_item(moving):
    org, inst = moving.org, moving.inst
    view = opened(inst, moving.connection_id)
    before = moving.item(view.id, "kofi", "aws")
    del org.app_users[moving.app("aws")][moving.id("kofi")]
    org._assign_group(moving.app("aws"), org.group_ids["Sales"], 0)
    synced(inst, moving.connection_id)
    gone = review_list.item(inst, before.id, actor=moving.actor("ines"))
    assert gone.drift == "Since the review was opened this access has gone."
    assert gone.paths == before.paths
    tom = review_list.item(inst, moving.item(view.id, "tom", "aws").id, actor=ANA)
    assert tom.drift == "Since the review was opened another way to it was added."
    counted = review_report.drift_counts(inst, view.id, actor=ANA)
    # Viktor is in Sales too, and has AWS directly as well.
    assert (counted["gone"], counted["more"]) == (1, 2)
    review_decide.decide(inst, before.id, "REVOKE", actor=moving.actor("ines"), note="Gone")
    (decision,) = review_list.history(inst, before.id, actor=ANA).decisions
    assert decision["drift"] == "gone"


def test_the_next_campaign_knows_what_is_new_what_was_decided_and_what_came_back(moving):
    org, inst = moving.org, moving.inst
    first = opened(inst, moving.connection_id)
    item = revoke(moving, first.id, "kofi", "aws")
    kept = moving.item(first.id, "elif", "aws")
    review_decide.decide(inst, kept.id, "KEEP", actor=moving.actor("ines"), note="On call")
    del org.app_users[moving.app("aws")][moving.id("kofi")]
    synced(inst, moving.connection_id)
    assert said(moving)[item][0] == "VERIFIED_GONE"
    review_close.close(inst, first.id, actor=ANA, rest="no_decision", reason="Trial")
    org.app_users[moving.app("aws")][moving.id("kofi")] = org._assignment(moving.id("kofi"), None)
    org.app_users[moving.app("aws")][moving.id("lena")] = org._assignment(moving.id("lena"), None)
    org.app_users[moving.app("aws")].pop(moving.id("gita"))
    synced(inst, moving.connection_id)

    second = opened(inst, moving.connection_id)
    assert second.record.previous_id == first.id
    back = moving.item(second.id, "kofi", "aws")
    assert "came_back" in back.as_json()["signals"]
    assert (back.past["decision"], back.past["by"]) == ("REVOKE", "Inês Carvalho")
    known = moving.item(second.id, "elif", "aws")
    assert (known.past["decision"], known.past["note"]) == ("KEEP", "On call")
    assert (known.row["is_new"], moving.item(second.id, "lena", "aws").row["is_new"]) == (
        False,
        True,
    )
    compared = review_report.compare(inst, second.id, actor=ANA)
    assert list(compared.new["resource"]) == ["AWS production"]
    assert list(compared.gone["person"]) == ["Gita Rao"]
    assert compared.unchanged == second.record.items - 1
    assert review_report.compare(inst, first.id, actor=ANA) is None


def test_tickets_and_files(moving):
    view = opened(moving.inst, moving.connection_id)
    item = revoke(moving, view.id, "kofi", "aws")
    inst, connection_id = moving.inst, moving.connection_id
    for ids, ticket in (([item], " "), ([item], "x" * 300), ([], "IT-1"), ([item, 99], "IT-1")):
        with pytest.raises(RuleRefused):
            set_ticket(inst, connection_id, ids, ticket, actor=ANA)
    with pytest.raises(NotAllowed):
        set_ticket(inst, connection_id, [item], "IT-1", actor=moving.actor("ines"))
    assert set_ticket(inst, connection_id, [item], "IT-7", actor=ANA) == 1
    found = removals.removals(inst, connection_id, actor=ANA, search="it-7")
    (row,) = removals.export(found).to_dict("records")
    assert (row["Ticket"], row["State"], row["Note"]) == ("IT-7", "Open", "Not needed")
    assert row["Revoked by"] == "Inês Carvalho"
    with pytest.raises(NotAllowed):
        removals.removals(inst, connection_id, actor=moving.actor("ines"))
    assert set(STATE_WORDS) == set(removals.STATES)


def test_what_is_overdue_comes_first_and_is_counted(moving):
    view = opened(moving.inst, moving.connection_id)
    item = revoke(moving, view.id, "kofi", "aws")
    found = removals.removals(moving.inst, moving.connection_id, actor=ANA)
    assert found.overdue == 0
    with time_machine.travel(moving.inst.now().replace(year=2030)):
        found = removals.removals(moving.inst, moving.connection_id, actor=ANA, overdue=True)
        assert (found.overdue, found.frame["item_id"].tolist()) == (1, [item])
        assert found.frame["overdue"].tolist() == [True]


def test_a_campaign_that_repeats_opens_by_itself_once_and_says_why_it_cannot(company):
    inst = company.inst
    with time_machine.travel("2026-11-30T08:00:00Z", tick=True):
        first = opened(inst, company.connection_id, repeat_months=3)
        assert run_due(inst).opened == []
    with time_machine.travel("2027-02-27T08:00:00Z", tick=True):
        assert run_due(inst).opened == []
    with time_machine.travel("2027-02-28T08:00:00Z", tick=True):
        (second,) = run_due(inst).opened
        assert run_due(inst).opened == []
        made = review_list.items(inst, review_list.ItemFilter(second), actor=ANA).campaign
    assert (made.previous_id, made.number, made.series_id) == (first.id, 2, first.id)
    assert made.opened_by == "Countersign"
    assert (made.due_on - made.opened_at.date()).days == 14
    assert made.name.endswith(", February 2027")
    review_close.stop_repeating(inst, second, actor=ANA)
    with time_machine.travel("2027-09-01T08:00:00Z", tick=True):
        assert run_due(inst).opened == []


def test_a_repetition_that_cannot_open_is_told_on_the_campaign(company):
    inst = company.inst
    with time_machine.travel("2026-11-30T08:00:00Z", tick=True):
        first = opened(inst, company.connection_id, repeat_months=1)
        with inst.database.write() as conn:
            connections.update(conn, company.connection_id, access_reviews=False)
    with time_machine.travel("2027-01-02T08:00:00Z", tick=True):
        done = run_due(inst)
    assert done.opened == []
    assert "did not open: User Access Review is off" in done.problems[0]
    kept = review_list.items(inst, review_list.ItemFilter(first.id), actor=ANA).campaign
    assert "Turn it on" in kept.repeat_problem
