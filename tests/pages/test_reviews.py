"""Campaigns, My reviews and Removals: what each role sees, decides and proves."""

import re
import shutil
from datetime import timedelta

import pytest

from tests.pages.conftest import company_of_120
from ui import access
from workflows import (
    installation,
    my_reviews,
    review_close,
    review_decide,
    review_list,
    review_open,
    review_owners,
)
from workflows.connect import current_connection
from workflows.installation import Actor, open_installation
from workflows.personnel import person_id
from workflows.removals import removals
from workflows.review_basis import basis
from workflows.review_choices import choices
from workflows.review_list import ItemFilter
from workflows.review_report import parts
from workflows.review_scope import fill_in
from workflows.review_unread import Unread
from workflows.reviews import list_campaigns
from workflows.sessions import Visitor
from workflows.settings import Settings

ANA = Actor("local-analyst", "Local analyst", "analyst")


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory):
    """A data directory with one published run of a company of 120, access reviews on."""
    return company_of_120(tmp_path_factory.mktemp("reviewed"), access_reviews=True)


@pytest.fixture
def inst(reviewed, tmp_path, monkeypatch):
    shutil.copytree(reviewed, tmp_path / "data")
    opened = open_installation(Settings(data_dir=tmp_path / "data", allow_loopback=True))
    monkeypatch.setattr(installation, "_opened", opened)
    yield opened
    opened.database.close()


@pytest.fixture
def campaign(inst):
    """A quarterly campaign, open; Inês is the fallback."""
    form = fill_in(
        "quarterly", basis=basis(inst, 1), due_on=inst.today() + timedelta(days=10),
        fallback="ines.carvalho@meridian.example",
    )  # fmt: skip
    return review_open.open_campaign(inst, 1, form, actor=ANA)


@pytest.fixture
def manager(inst, campaign, monkeypatch):
    """The tab belongs to Marcus, who has people to decide on."""
    part = next(
        p for p in parts(inst, campaign.id, actor=ANA) if p.email == "marcus.obi@meridian.example"
    )
    actor = Actor("marcus", part.name, "reviewer", okta_user_id=part.user_id, email=part.email)
    monkeypatch.setattr(access, "visitor", lambda: Visitor(actor))
    return actor


def mine(inst, manager):
    [review] = my_reviews.my_reviews(inst, 1, actor=manager)
    return review


def controls_of(app):
    """The keep-or-revoke choices of the rows that are shown, in their order."""
    return [control for control in app.segmented_control if control.key.startswith("say-")]


def test_without_a_campaign_each_page_says_what_comes_and_offers_the_way(inst, visit, words):
    app = visit("campaigns")
    assert "No access review yet" in words(app)
    assert "New campaign" in [button.label for button in app.button]
    assert "No removals yet" in words(visit("removals"))
    assert "This account reviews nothing" in words(visit("my_reviews"))


def test_who_tries_another_kind_and_comes_back_is_still_at_the_new_campaign(inst, visit, words):
    app = visit("campaigns", new="quarterly")
    for kind in ("contractors", "quarterly"):
        app.segmented_control(key="new").set_value(kind).run()
        assert "Nothing is sent until you open it." in words(app)
        assert app.query_params["new"] == kind


def test_a_new_campaign_is_counted_before_it_opens_and_asks_for_a_fallback(inst, visit, words):
    app = visit("campaigns", new="quarterly")
    assert "Choose the fallback" in words(app)
    app.selectbox(key="new-fallback").set_value(someone(inst, "ines.carvalho")).run()
    assert not app.exception
    rows = {metric.label: metric.value for metric in app.metric}
    form = fill_in_quarterly(inst)
    assert rows["Rows"] == f"{review_open.preview(inst, 1, form, actor=ANA).items:,}"
    assert list_campaigns(inst, 1, actor=ANA) == []


def test_a_draft_is_gone_on_with_as_it_was_left(inst, visit, words, press):
    app = visit("campaigns", new="custom")
    labels = choices(inst, 1, actor=ANA).apps
    zoom = next(app_id for app_id, label in labels.items() if label == "Zoom")
    app.text_input(key="new-name-custom").set_value("Zoom and its people")
    app.multiselect(key="new-apps-custom").set_value([zoom])
    app.toggle(key="new-roles-custom").set_value(True)
    app.segmented_control(key="new-strategy-custom").set_value("named").run()
    app.selectbox(key="new-named").set_value(someone(inst, "marcus.obi"))
    app.selectbox(key="new-fallback").set_value(someone(inst, "ines.carvalho"))
    app.selectbox(key="new-repeat-custom").set_value(6).run()
    rows = [metric.value for metric in app.metric]
    press(app, "Save as draft")
    [draft] = list_campaigns(inst, 1, actor=ANA)

    app = press(visit("campaigns"), "Go on with it")
    assert (app.query_params["new"], app.query_params["draft"]) == ("custom", str(draft.id))
    assert [metric.value for metric in app.metric] == rows
    app.text_input(key=f"new-name-custom-{draft.id}").set_value("Zoom").run()
    press(app, "Save the draft")
    [kept] = list_campaigns(inst, 1, actor=ANA)
    assert (kept.id, kept.record.name) == (draft.id, "Zoom")
    same = ("scope", "strategy", "named_id", "fallback_id", "due_on", "rest", "repeat_months")
    for name in same:
        assert getattr(kept.record, name) == getattr(draft.record, name), name
    # Another kind begins anew, and the draft's own answers are still there on the way back.
    app = visit("campaigns", new="contractors", draft=str(draft.id))
    assert app.selectbox(key=f"new-fallback-{draft.id}").value == kept.record.fallback_id
    app.segmented_control(key="new").set_value("custom").run()
    assert app.text_input(key=f"new-name-custom-{draft.id}").value == "Zoom"
    review_open.discard_draft(inst, draft.id, actor=ANA)
    assert "Only a draft can be changed" in words(app.run())
    assert "Zoom" not in words(visit("campaigns"))


def test_the_reason_for_what_was_not_read_stays_until_it_opens(inst, visit, words, monkeypatch):
    blind = Unread("app", "0oa1", "Salesforce", "Okta refused it")
    monkeypatch.setattr(review_open, "unread_of", lambda run, scope: [blind])
    app = visit("campaigns", new="quarterly")
    app.selectbox(key="new-fallback").set_value(someone(inst, "ines.carvalho")).run()
    assert not app.metric
    app.text_input(key="new-unread").set_value("It is reviewed on paper").run()
    for _ in range(3):
        assert app.metric, "What was answered counts on."
        app.run()
    assert "Not reviewed] Salesforce" in words(app)


def someone(inst, login):
    return person_id(inst, 1, f"{login}@meridian.example")


def fill_in_quarterly(inst):
    return fill_in(
        "quarterly", basis=basis(inst, 1), due_on=inst.today() + timedelta(days=21),
        fallback="ines.carvalho@meridian.example",
    )  # fmt: skip


@pytest.mark.parametrize("template", ["admin-roles", "contractors", "app-owner", "custom"])
def test_each_kind_of_campaign_asks_for_what_it_needs(inst, visit, words, template):
    app = visit("campaigns", new=template)
    assert not app.exception
    app.selectbox(key="new-fallback").set_value(someone(inst, "ines.carvalho")).run()
    said = words(app)
    if template in ("admin-roles", "contractors"):
        assert app.metric
    else:
        assert "Choose" in said
    assert "Something went wrong" not in said


def owners_of(inst):
    return {one.label: [*one.owners] for one in review_owners.owners(inst, 1, actor=ANA)}


def test_owners_are_set_where_a_campaign_needs_them_and_kept(inst, visit, words):
    app = visit("campaigns", new="app-owner")
    assert "Choose what is reviewed first." in words(app)
    labels = choices(inst, 1, actor=ANA).apps
    zoom = next(app_id for app_id, label in labels.items() if label == "Zoom")
    app.selectbox(key="new-app-app-owner").set_value(zoom).run()
    app.selectbox(key="new-fallback").set_value(someone(inst, "ines.carvalho")).run()
    assert app.metric[2].value == app.metric[0].value
    owners = [someone(inst, "marcus.obi"), someone(inst, "yuki.tanaka")]
    app.multiselect(key=f"owners-app:{zoom}").set_value(owners).run()
    assert not app.exception
    assert owners_of(inst) == {"Zoom": owners}
    rows = {metric.label: metric.value for metric in app.metric}
    assert (rows["Reviewers"], rows["To the fallback"]) == ("2", "0")
    # The next campaign knows them; one of many resources is chosen to set more.
    app = visit("campaigns", new="quarterly")
    app.segmented_control(key="new-strategy-quarterly").set_value("owner").run()
    assert f"1 of {len(labels)} resources have owners" in words(app)
    chooser = app.selectbox(key="owners-of-quarterly")
    assert "Zoom" not in chooser.value
    chooser.set_value(("app", zoom)).run()
    field = app.multiselect(key=f"owners-app:{zoom}")
    assert field.value == owners
    field.set_value([]).run()
    assert owners_of(inst) == {}
    assert "None of these" not in words(app)


def test_what_is_chosen_from_tells_apps_of_one_label_apart(inst):
    found = choices(inst, 1, actor=ANA)
    assert len(set(found.apps.values())) == len(found.apps)
    assert "Marcus Obi" in found.reviewers.values()


def test_the_campaign_shows_how_far_each_reviewer_is(inst, campaign, visit, tables, words):
    app = visit("campaigns")
    table = next(t for _, t in tables(app) if "Reviewer" in t)
    told = parts(inst, campaign.id, actor=ANA)
    assert len(table) == len(told)
    assert sum(table["Signals left"]) == sum(part.signals_left for part in told) > 0
    assert set(table["Last seen"]) == {"Not yet"}
    assert table["Team"].astype(bool).all()
    assert f"**0 of {campaign.record.items:,} decided**" in [p.value for p in progress(app)]
    for by in ("resource", "department"):
        assert not visit("campaigns", by=by).exception


def progress(app):
    class Said:
        def __init__(self, value):
            self.value = value

    return [Said(e.proto.text) for e in app.get("progress")]


def test_a_manager_lands_on_their_rows_with_what_is_left(inst, manager, visit, words):
    app = visit("my_reviews")
    review = mine(inst, manager)
    assert f"**{review.items} rows** for you" in words(app)
    assert f"**{review.left} rows left**" in words(app)
    assert len(controls_of(app)) == min(40, review.items)
    assert all(control.value is None for control in controls_of(app)), "Nothing is preselected."


def test_keeping_is_one_press_and_the_row_stays_where_it_is(inst, manager, visit, words):
    app = visit("my_reviews")
    simple = next(c for c in controls_of(app) if not item_of(inst, c, manager).row["privileged"])
    before = [c.key.split("-")[1] for c in controls_of(app)]
    simple.set_value("KEEP").run()
    assert not app.exception
    assert [c.key.split("-")[1] for c in controls_of(app)] == before
    assert mine(inst, manager).states["KEEP"] == 1
    assert item_of(inst, simple, manager).row["state"] == "KEEP"


def item_of(inst, control, manager):
    return review_list.item(inst, int(control.key.split("-")[1]), actor=manager)


def test_a_revoke_is_saved_only_with_its_note(inst, manager, visit, words):
    app = visit("my_reviews")
    first = controls_of(app)[0]
    item_id = int(first.key.split("-")[1])
    first.set_value("REVOKE").run()
    assert "REVOKE" not in mine(inst, manager).states
    field = next(f for f in app.text_input if f.key.startswith(f"note-{item_id}-REVOKE"))
    field.set_value("Moved to another team").run()
    assert mine(inst, manager).states["REVOKE"] == 1
    assert "Moved to another team" in words(app)
    assert review_list.item(inst, item_id, actor=manager).row["note"] == "Moved to another team"


def test_pressing_the_same_again_takes_it_back_and_so_does_undo(inst, manager, visit, press):
    app = visit("my_reviews")
    simple = next(c for c in controls_of(app) if not item_of(inst, c, manager).row["privileged"])
    item_id = simple.key.split("-")[1]
    simple.set_value("KEEP").run()
    again = next(c for c in controls_of(app) if c.key.startswith(f"say-{item_id}-"))
    assert again.value == "KEEP"
    again.set_value(None).run()
    assert "KEEP" not in mine(inst, manager).states
    next(c for c in controls_of(app) if c.key.startswith(f"say-{item_id}-")).set_value("KEEP").run()
    app = press(app, "Undo")
    assert "KEEP" not in mine(inst, manager).states


def test_what_another_decided_meanwhile_is_told_and_not_overwritten(inst, manager, visit, words):
    app = visit("my_reviews")
    simple = next(c for c in controls_of(app) if not item_of(inst, c, manager).row["privileged"])
    item_id = int(simple.key.split("-")[1])
    review_decide.decide(inst, item_id, "REVOKE", actor=manager, note="By the other tab")
    simple.set_value("KEEP").run()
    assert "has meanwhile revoked it" in words(app)
    assert review_list.item(inst, item_id, actor=manager).row["state"] == "REVOKE"


def asked_about(app):
    """The person, and the access in bold, of the one row that is shown."""
    bold = [m.value for m in app.markdown if re.match(r"\*\*[^*]+\*\*[^*]*$", m.value)]
    return app.header[0].value, bold[0]


def test_one_at_a_time_goes_on_by_itself(inst, manager, visit, press, words):
    app = visit("my_reviews", view="one")
    first = asked_about(app)
    assert not controls_of(app)
    app = press(app, "Keep")
    left = mine(inst, manager)
    if left.decided == 0:
        # The first row is privileged: it asks why.
        field = next(f for f in app.text_input if f.key.startswith("note-"))
        app = field.set_value("Needed").run()
    assert mine(inst, manager).decided == 1
    assert asked_about(app) != first
    assert "Something went wrong" not in words(app)


def test_the_part_is_signed_off_when_everything_is_decided(inst, manager, visit, press, words):
    review = mine(inst, manager)
    versions = review_list.item_ids(inst, ItemFilter(1), actor=manager)
    review_decide.decide_many(inst, 1, versions, "REVOKE", actor=manager, note="Moved",
                              confirmed=True)  # fmt: skip
    app = press(visit("my_reviews"), "Sign off…")
    said = words(app)
    assert f"You decided {review.items} rows" in said
    sign = next(b for b in app.button if b.label == "Sign off")
    assert sign.disabled, "Only with the statement ticked."
    app.checkbox[0].check().run()
    app = press(app, "Sign off")
    assert mine(inst, manager).signed_at is not None
    assert "Signed off" in words(app)


def test_another_reviewers_rows_are_not_there(inst, campaign, manager, visit):
    app = visit("my_reviews", which="all")
    ids = [int(c.key.split("-")[1]) for c in controls_of(app)]
    assert ids
    assert {review_list.item(inst, i, actor=ANA).row["reviewer_id"] for i in ids} == {
        manager.okta_user_id
    }


def test_removals_say_what_the_next_sync_will_show(inst, campaign, manager, visit, monkeypatch,
                                                   tables, words):  # fmt: skip
    versions = review_list.item_ids(inst, ItemFilter(1), actor=manager)
    item_id = next(iter(versions))
    review_decide.decide(inst, item_id, "REVOKE", actor=manager, note="Moved")
    monkeypatch.setattr(access, "visitor", lambda: Visitor(ANA))
    app = visit("removals")
    table = next(t for _, t in tables(app) if "What the syncs show" in t)
    assert table["What the syncs show"].tolist() == ["The next sync shows"]
    assert removals(inst, 1, actor=ANA).counts["OPEN"] == 1
    drawer = visit("removals", item=str(item_id))
    assert "What has to go for it to end" in words(drawer)
    assert "“Moved”" in words(drawer)


def test_an_analyst_looks_at_the_rows_and_what_was_said(inst, campaign, manager, visit,
                                                        monkeypatch, tables, words):  # fmt: skip
    item_id = next(iter(review_list.item_ids(inst, ItemFilter(1), actor=manager)))
    review_decide.decide(inst, item_id, "REVOKE", actor=manager, note="Moved")
    monkeypatch.setattr(access, "visitor", lambda: Visitor(ANA))
    app = visit("campaigns", campaign="1", show="rows", state="REVOKE")
    table = next(t for _, t in tables(app) if "Access" in t)
    assert len(table) == 1
    drawer = visit("campaigns", campaign="1", show="rows", item=str(item_id))
    assert any("Moved" in str(t.value.to_numpy()) for t in drawer.table)


def test_reviewers_are_reminded_and_without_a_mail_server_the_text_can_be_copied(
    inst, campaign, visit, press, words
):
    label = next(b.label for b in visit("campaigns").button if b.label.startswith("Remind "))
    app = press(visit("campaigns"), label)
    assert "No mail server is set" in words(app)
    mails = visit("campaigns", campaign="1", show="mails")
    assert any("of access wait" in code.value for code in mails.code)
    app = press(visit("campaigns"), label)
    assert "reminded today already" in words(app)


def test_reviews_are_off_until_they_are_turned_on(inst, visit, words):
    from storage import connections

    with inst.database.write() as conn:
        connections.update(conn, 1, access_reviews=False)
    assert current_connection(inst) is not None
    assert "User Access Review is off" in words(visit("campaigns"))


def test_what_changed_since_the_freeze_and_since_the_campaign_before(
    inst, campaign, manager, visit, words, monkeypatch
):
    monkeypatch.setattr(access, "visitor", lambda: Visitor(ANA))
    app = visit("campaigns", campaign=str(campaign.id), show="changes")
    assert "No campaign with the same scope came before this one." in words(app)
    assert app.table[0].value["By the last sync"].tolist() == ["As it was frozen"]
    review_close.close(inst, campaign.id, actor=ANA, rest="no_decision", reason="too many")
    form = fill_in(
        "quarterly", basis=basis(inst, 1), due_on=inst.today() + timedelta(days=10),
        fallback="ines.carvalho@meridian.example",
    )  # fmt: skip
    again = review_open.open_campaign(inst, 1, form, actor=ANA)
    said = words(visit("campaigns", campaign=str(again.id), show="changes"))
    assert f"0 new, 0 gone, {again.record.items:,} rows unchanged" in said.replace("\\", "")
