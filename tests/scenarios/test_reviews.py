"""Access reviews on a pretend Okta: what is frozen equals the tenant, and each rule holds."""

from datetime import timedelta

import pytest

from storage import audit_log, sessions
from tests.scenarios.conftest import ANA
from tests.scenarios.reviewing import form, opened, synced
from workflows import (
    review_close,
    review_decide,
    review_list,
    review_open,
    review_report,
    reviews,
)
from workflows.errors import CountersignError, NotAllowed, NotFoundHere, RuleRefused
from workflows.installation import Actor
from workflows.review_list import ItemFilter
from workflows.review_scope import TEMPLATES

AUDITOR = Actor("felix", "Felix", "auditor")


def test_opening_freezes_every_assignment_of_the_tenant_with_its_paths(company):
    view = opened(company.inst, company.connection_id)
    org = company.org
    items = company.items(view.id)
    assert len(items) == view.record.items == sum(map(len, org.app_users.values()))
    for item in items:
        user, app = item.row["user_id"], item.row["resource_id"]
        assigned = org.app_users[app][user]
        groups = {g["id"] for g in org.app_groups[app] if user in org.members[g["id"]]}
        said = {(path.via, path.group_id) for path in item.paths}
        direct = {("direct", None)} if assigned["scope"] == "USER" else set()
        assert said == direct | {("group", group) for group in groups}
    with company.inst.database.read() as conn:
        assert audit_log.verify(conn).ok


def test_everything_goes_to_the_manager_or_says_why_not(company):
    view = opened(company.inst, company.connection_id)
    logins = {u["profile"]["login"]: i for i, u in company.org.users.items()}
    for item in company.items(view.id):
        boss = company.org.users[item.row["user_id"]]["profile"].get("managerId")
        if boss:
            assert (item.row["reviewer_id"], item.row["routed_by"]) == (logins[boss], "manager")
        else:
            assert item.row["reviewer_id"] == company.id("ana")
            assert "Okta names no manager" in item.row["routed_why"]


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("fallback", ["nora", "marcus"])
def test_nobody_gets_their_own_access_whoever_is_fallback_or_owner(company, template, fallback):
    more = {"apps": ("Salesforce",), "reviewers": (company.login("marcus"),)}
    view = opened(
        company.inst, company.connection_id, template, fallback=company.login(fallback),
        **(more if template == "app-owner" else {}),
    )  # fmt: skip
    items = company.items(view.id)
    assert items
    assert all(item.row["reviewer_id"] != item.row["user_id"] for item in items)
    nobody = [item for item in items if item.row["reviewer_id"] is None]
    # Nora leads the company: as the fallback she leaves nobody above her for what is hers.
    assert {item.row["user_id"] for item in nobody} <= {company.id("nora")}


def test_the_preview_says_what_opening_then_does(company):
    wanted = form(company.inst, company.connection_id)
    before = review_open.preview(company.inst, company.connection_id, wanted, actor=ANA)
    view = review_open.open_campaign(company.inst, company.connection_id, wanted, actor=ANA)
    assert view.record.items == before.items
    after = reviews.shares(company.inst, view.id, actor=ANA)
    assert {(s.user_id, s.items) for s in before.reviewers} == {(s.user_id, s.items) for s in after}


def test_contractors_are_all_that_their_template_asks_about(company):
    view = opened(company.inst, company.connection_id, "contractors")
    asked = {item.row["user_id"] for item in company.items(view.id)}
    contractors = {
        i for i, u in company.org.users.items() if u["profile"].get("drataContractor") is True
    }
    assert asked
    assert asked <= contractors


def test_a_rule_that_gives_access_is_told_in_the_sentence(company):
    view = opened(company.inst, company.connection_id)
    item = company.item(view.id, "tom", "salesforce")
    assert item.sentence == (
        "Has Salesforce through the group Sales, which a rule gives to everyone in Sales."
    )
    assert "The rule “Sales department” would put them back" in " ".join(item.ending)
    assert company.item(view.id, "tom", "aws").sentence == "Has AWS production directly."
    slack = company.item(view.id, "tom", "slack")
    assert "also takes away Countersign, Google Workspace and Zoom" in " ".join(slack.ending)


def test_without_reviews_nothing_opens_and_the_refusal_says_how_to_turn_them_on(
    inst, tenant, connected
):
    connection_id = connected()
    synced(inst, connection_id)
    with pytest.raises(RuleRefused, match="Turn it on"):
        form(inst, connection_id)
    connected(access_reviews=True)
    with pytest.raises(RuleRefused, match="Sync once more"):
        form(inst, connection_id)
    synced(inst, connection_id)
    assert opened(inst, connection_id).record.items > 0


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"fallback": "nobody@meridian.example"}, "fallback"),
        ({"fallback": ""}, "fallback"),
        ({"fallback": "kurt.vogel@meridian.example"}, "fallback"),
        ({"fallback": "marcus.obi@meridian.example", "days": -1}, "due_on"),
        ({"template": "app-owner"}, "app"),
        ({"template": "app-owner", "apps": ("No such app",)}, "app"),
        ({"reviewers": ("kurt.vogel@meridian.example",)}, "reviewer"),
        ({"name": "x" * 200}, None),
    ],
)
def test_a_wrong_form_is_answered_at_its_field_and_opens_nothing(company, changes, field):
    if field is None:
        assert len(opened(company.inst, company.connection_id, **changes).record.name) <= 120
        return
    with pytest.raises(RuleRefused) as caught:
        opened(company.inst, company.connection_id, **changes)
    assert caught.value.field == field
    assert reviews.list_campaigns(company.inst, company.connection_id, actor=ANA) == []


def test_decisions_need_their_notes_and_their_reviewer(company):
    view = opened(company.inst, company.connection_id)
    inst, item = company.inst, company.item(view.id, "tom", "salesforce")
    marcus, ines = company.actor("marcus"), company.actor("ines")
    for decision in ("REVOKE", "CHANGE", "NOT_MINE"):
        with pytest.raises(RuleRefused, match="a note is required"):
            review_decide.decide(inst, item.id, decision, actor=marcus, note=" ")
    with pytest.raises(RuleRefused, match="another reviewer's"):
        review_decide.decide(inst, item.id, "KEEP", actor=ines)
    with pytest.raises(RuleRefused, match="Only a person whom Okta knows"):
        review_decide.decide(inst, item.id, "KEEP", actor=ANA)
    own = company.item(view.id, "marcus", "salesforce")
    with pytest.raises(RuleRefused, match="own access"):
        review_decide.decide(inst, own.id, "KEEP", actor=marcus)
    with pytest.raises(RuleRefused, match="no decision"):
        review_decide.decide(inst, item.id, "MAYBE", actor=marcus)
    with pytest.raises(NotFoundHere):
        review_decide.decide(inst, 999_999, "KEEP", actor=marcus)
    assert review_list.history(inst, item.id, actor=ANA).decisions == []
    review_decide.decide(inst, item.id, "KEEP", actor=marcus)
    assert company.item(view.id, "tom", "salesforce").row["state"] == "KEEP"


def test_privileged_access_is_kept_only_with_a_reason(company):
    view = opened(company.inst, company.connection_id, "admin-roles")
    item = next(i for i in company.items(view.id) if i.row["user_id"] == company.id("gita"))
    assert item.row["privileged"]
    assert item.sentence.startswith("Holds the admin role ")
    with pytest.raises(RuleRefused, match="privileged access"):
        review_decide.decide(company.inst, item.id, "KEEP", actor=company.actor("ines"))
    review_decide.decide(company.inst, item.id, "KEEP", actor=company.actor("ines"), note="On call")


def test_not_mine_goes_to_the_fallback_and_can_be_taken_back_until_they_decide(company):
    view = opened(company.inst, company.connection_id)
    inst, item = company.inst, company.item(view.id, "tom", "salesforce")
    marcus, ana = company.actor("marcus"), company.actor("ana")
    review_decide.decide(inst, item.id, "NOT_MINE", actor=marcus, note="Ask IT")
    moved = company.item(view.id, "tom", "salesforce")
    assert (moved.row["state"], moved.row["reviewer_id"]) == ("NOT_MINE", company.id("ana"))
    with pytest.raises(RuleRefused, match="You are the fallback"):
        review_decide.decide(inst, item.id, "NOT_MINE", actor=ana, note="Neither")
    review_decide.undo(inst, item.id, actor=marcus)
    back = company.item(view.id, "tom", "salesforce")
    assert (back.row["state"], back.row["reviewer_id"]) == ("PENDING", company.id("marcus"))
    review_decide.decide(inst, item.id, "NOT_MINE", actor=marcus, note="Ask IT")
    review_decide.decide(inst, item.id, "REVOKE", actor=ana, note="Not needed")
    with pytest.raises(RuleRefused, match="no decision of yours"):
        review_decide.undo(inst, item.id, actor=marcus)
    told = review_list.history(inst, item.id, actor=ANA)
    assert [d["decision"] for d in told.decisions] == ["NOT_MINE", "UNDO", "NOT_MINE", "REVOKE"]
    assert [a["why"] for a in told.assignments] == ["not_mine", "undone", "not_mine"]


def test_what_is_undone_stands_as_before(company):
    view = opened(company.inst, company.connection_id)
    inst, item = company.inst, company.item(view.id, "tom", "aws")
    marcus = company.actor("marcus")
    review_decide.decide(inst, item.id, "KEEP", actor=marcus)
    review_decide.decide(inst, item.id, "REVOKE", actor=marcus, note="Left the project")
    review_decide.undo(inst, item.id, actor=marcus)
    found = company.item(view.id, "tom", "aws")
    assert (found.row["state"], found.row["note"]) == ("KEEP", "")
    review_decide.undo(inst, item.id, actor=marcus)
    assert company.item(view.id, "tom", "aws").row["state"] == "PENDING"
    with pytest.raises(RuleRefused, match="no decision of yours"):
        review_decide.undo(inst, item.id, actor=marcus)


def test_reassigning_needs_a_note_a_right_and_somebody_else_than_the_person(company):
    view = opened(company.inst, company.connection_id)
    inst, tom = company.inst, company.item(view.id, "tom", "aws")
    other = company.item(view.id, "lena", "salesforce")
    marcus, login = company.actor("marcus"), company.login

    def hand_on(ids, to, actor=marcus, note="On leave"):
        return review_decide.reassign(inst, view.id, ids, to, actor=actor, note=note)

    with pytest.raises(RuleRefused, match="Say why"):
        hand_on([tom.id], login("dmitri"), note="")
    with pytest.raises(RuleRefused, match="own access"):
        hand_on([tom.id, other.id], login("lena"))
    with pytest.raises(RuleRefused, match="cannot sign in"):
        hand_on([tom.id], login("kurt"))
    with pytest.raises(RuleRefused, match="Nobody here has"):
        hand_on([tom.id], "who@meridian.example")
    with pytest.raises(NotAllowed):
        hand_on([tom.id], login("dmitri"), actor=company.actor("ines"))
    assert company.item(view.id, "tom", "aws").row["reviewer_id"] == company.id("marcus")
    assert hand_on([tom.id, other.id], login("dmitri")) == 2
    dmitri = company.actor("dmitri")
    review_decide.decide(inst, tom.id, "KEEP", actor=dmitri)
    with pytest.raises(RuleRefused, match="decided already"):
        hand_on([tom.id], login("ines"), actor=ANA)
    assert hand_on([tom.id, other.id], login("ines"), actor=ANA) == 1
    (moved, again) = review_list.history(inst, other.id, actor=ANA).assignments
    assert (moved["note"], moved["to_id"]) == ("On leave", company.id("dmitri"))
    assert again["assigned_by"] == ANA.id


def test_a_bulk_decision_is_confirmed_marked_and_all_or_nothing(company):
    view = opened(company.inst, company.connection_id)
    inst, marcus = company.inst, company.actor("marcus")
    mine = review_list.item_ids(inst, ItemFilter(view.id), actor=marcus)
    with pytest.raises(RuleRefused, match="Confirm"):
        review_decide.decide_many(inst, view.id, mine, "KEEP", actor=marcus)
    stranger = company.item(view.id, "gita", "aws")
    for ids, match in (
        ({**mine, stranger.id: 0}, "another reviewer's"),
        ({**mine, 999_999: 0}, "does not exist"),
        ({}, "Select items"),
    ):
        with pytest.raises(CountersignError, match=match):
            review_decide.decide_many(
                inst, view.id, ids, "KEEP", actor=marcus, confirmed=True
            )  # fmt: skip
    assert all(i.row["state"] == "PENDING" for i in company.items(view.id))
    done = review_decide.decide_many(inst, view.id, mine, "KEEP", actor=marcus, confirmed=True)
    assert (done.decided, done.skipped) == (len(mine), {})
    items = company.items(view.id, reviewer_id=company.id("marcus"))
    assert {item.row["state"] for item in items} == {"KEEP"}
    assert len({item.row["bulk"] for item in items}) == 1


def test_a_bulk_decision_passes_over_what_was_decided_meanwhile_and_names_it(company):
    view = opened(company.inst, company.connection_id)
    inst, marcus = company.inst, company.actor("marcus")
    mine = review_list.item_ids(inst, ItemFilter(view.id), actor=marcus)
    first, second, *_ = mine
    review_decide.decide(inst, first, "REVOKE", actor=marcus, note="Project ended")
    review_decide.reassign(
        inst, view.id, [second], company.login("dmitri"), actor=ANA, note="Dmitri knows"
    )
    done = review_decide.decide_many(inst, view.id, mine, "KEEP", actor=marcus, confirmed=True)
    assert done.decided == len(mine) - 2
    assert "has meanwhile revoked it" in done.skipped[first]
    assert "Project ended" in done.skipped[first]
    assert done.skipped[second] == "It is another reviewer's by now."
    states = {i.id: i.row["state"] for i in company.items(view.id)}
    assert (states[first], states[second]) == ("REVOKE", "PENDING")


def test_reviewers_sign_off_when_done_and_a_later_change_makes_it_stale(company):
    view = opened(company.inst, company.connection_id)
    inst, marcus = company.inst, company.actor("marcus")
    with pytest.raises(RuleRefused, match="have no decision"):
        review_decide.sign_off(inst, view.id, actor=marcus, statement="Done")
    mine = review_list.item_ids(inst, ItemFilter(view.id), actor=marcus)
    review_decide.decide_many(inst, view.id, mine, "KEEP", actor=marcus, confirmed=True)
    with pytest.raises(RuleRefused, match="statement"):
        review_decide.sign_off(inst, view.id, actor=marcus, statement=" ")
    with pytest.raises(RuleRefused, match="Nothing in this campaign"):
        review_decide.sign_off(inst, view.id, actor=ANA, statement="Done")
    review_decide.sign_off(inst, view.id, actor=marcus, statement="I have looked at each.")

    def part():
        return next(
            p
            for p in review_report.parts(inst, view.id, actor=AUDITOR)
            if p.user_id == company.id("marcus")
        )

    assert part().signed_at is not None
    assert not part().stale
    assert part().quality.bulk == len(mine)
    assert any("All" in remark for remark in part().quality.remarks)
    review_decide.decide(inst, next(iter(mine)), "REVOKE", actor=marcus, note="Second thoughts")
    assert part().stale


def test_an_analyst_sees_of_whom_signals_are_left_and_when_each_was_last_there(company):
    view = opened(company.inst, company.connection_id)
    inst, marcus, ines = company.inst, company.actor("marcus"), company.actor("ines")

    def part(of):
        told = review_report.parts(inst, view.id, actor=AUDITOR)
        return next(p for p in told if p.user_id == of.okta_user_id)

    mine = {i.id: i for i in company.items(view.id)
            if i.row["reviewer_id"] == marcus.okta_user_id}  # fmt: skip
    signalled = [item_id for item_id, item in mine.items() if item.signals]
    assert (part(marcus).signals_left, part(marcus).seen_at) == (len(signalled), None)
    assert part(marcus).team == "Sales"
    review_decide.decide(inst, signalled[0], "REVOKE", actor=marcus, note="Left the team")
    [decision] = review_list.history(inst, signalled[0], actor=ANA).decisions
    assert part(marcus).signals_left == len(signalled) - 1
    assert part(marcus).seen_at == decision["decided_at"]
    # Who has signed in has been there, though nothing is decided yet.
    later = decision["decided_at"] + timedelta(hours=1)
    with inst.database.write() as conn:
        for who, at in ((ines, later), (marcus, view.record.opened_at - timedelta(days=1))):
            sessions.start(
                conn, token=who.okta_user_id, now=at, kind="okta", login="x", email="x", name="x",
                connection_id=company.connection_id, okta_user_id=who.okta_user_id, address="x",
                browser="x", expires_at=later + timedelta(hours=1),
            )  # fmt: skip
    assert part(ines).seen_at == later
    assert part(marcus).seen_at == decision["decided_at"]


def test_a_campaign_closes_when_all_is_decided_or_with_a_reason(company):
    inst = company.inst
    view = opened(inst, company.connection_id, "app-owner", apps=("Salesforce",),
                  reviewers=(company.login("marcus"),))  # fmt: skip
    with pytest.raises(RuleRefused, match="have no decision"):
        review_close.close(inst, view.id, actor=ANA)
    with pytest.raises(RuleRefused, match="reason"):
        review_close.close(inst, view.id, actor=ANA, rest="revoke")
    marcus = company.actor("marcus")
    kept = company.item(view.id, "tom", "salesforce")
    review_decide.decide(inst, kept.id, "KEEP", actor=marcus)
    closed = review_close.close(inst, view.id, actor=ANA, rest="revoke", reason="No answer")
    assert closed.record.state == "CLOSED"
    assert closed.record.closing["left"] == view.record.items - 1
    items = company.items(view.id)
    assert {i.row["state"] for i in items} == {"KEEP", "REVOKE"}
    revoked = next(i for i in items if i.row["state"] == "REVOKE")
    assert (revoked.row["note"], revoked.row["bulk"]) == ("No answer", "closing")
    for act in (
        lambda: review_decide.decide(inst, kept.id, "REVOKE", actor=marcus, note="Late"),
        lambda: review_decide.undo(inst, kept.id, actor=marcus),
        lambda: review_decide.sign_off(inst, view.id, actor=marcus, statement="Late"),
        lambda: review_close.close(inst, view.id, actor=ANA),
        lambda: review_close.cancel(inst, view.id, actor=ANA, reason="Late"),
    ):
        with pytest.raises(RuleRefused, match="closed"):
            act()


def test_left_without_decision_stays_so_and_says_why(company):
    inst = company.inst
    view = opened(inst, company.connection_id)
    closed = review_close.close(
        inst, view.id, actor=ANA, rest="no_decision", reason="Moved to next quarter"
    )
    assert closed.record.closing == {
        "left": view.record.items,
        "rest": "no_decision",
        "reason": "Moved to next quarter",
        "not_reviewed": [],
    }
    assert {i.row["state"] for i in company.items(view.id)} == {"PENDING"}


def test_who_may_do_what(company):
    inst, connection_id = company.inst, company.connection_id
    wanted = form(inst, connection_id)
    view = review_open.open_campaign(inst, connection_id, wanted, actor=ANA)
    marcus = company.actor("marcus")
    for actor in (marcus, AUDITOR):
        for act in (
            lambda a: review_open.preview(inst, connection_id, wanted, actor=a),
            lambda a: review_open.open_campaign(inst, connection_id, wanted, actor=a),
            lambda a: review_close.close(inst, view.id, actor=a),
            lambda a: review_close.cancel(inst, view.id, actor=a, reason="x"),
            lambda a: review_close.stop_repeating(inst, view.id, actor=a),
        ):
            with pytest.raises(NotAllowed):
                act(actor)
    for act in (
        lambda a: reviews.campaign(inst, view.id, actor=a),
        lambda a: reviews.list_campaigns(inst, connection_id, actor=a),
        lambda a: reviews.shares(inst, view.id, actor=a),
        lambda a: review_report.parts(inst, view.id, actor=a),
        lambda a: review_report.compare(inst, view.id, actor=a),
        lambda a: review_report.drift_counts(inst, view.id, actor=a),
    ):
        act(AUDITOR)
        with pytest.raises(NotAllowed):
            act(marcus)


def test_reviewers_see_their_own_items_only_whatever_they_ask(company):
    inst = company.inst
    view = opened(inst, company.connection_id)
    marcus = company.actor("marcus")
    for wanted in (
        ItemFilter(view.id),
        ItemFilter(view.id, reviewer_id=company.id("ines")),
        ItemFilter(view.id, unassigned=True),
    ):
        page = review_list.items(inst, wanted, actor=marcus, limit=1000)
        assert page.total == len(page.items) > 0
        assert {i.row["reviewer_id"] for i in page.items} == {company.id("marcus")}
    stranger = company.item(view.id, "gita", "aws")
    own = company.item(view.id, "marcus", "salesforce")
    with pytest.raises(NotAllowed, match="another reviewer's"):
        review_list.item(inst, stranger.id, actor=marcus)
    with pytest.raises(NotAllowed, match="your own access to Salesforce"):
        review_list.history(inst, own.id, actor=marcus)
    with pytest.raises(NotAllowed):
        review_list.items(inst, ItemFilter(view.id), actor=Actor("x", "X", "reviewer"))
