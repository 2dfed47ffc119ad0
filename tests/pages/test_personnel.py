"""The Personnel page: who is listed, who is selected, and what an override needs."""

from datetime import date

import pytest

from ui.as_of import stamp
from ui.texts import plain, sort_key
from workflows import evaluate, mfa_coverage
from workflows.installation import Actor
from workflows.person import person
from workflows.personnel import STATUS_GROUPS, people, set_overrides, withdraw_override

ANA = Actor("ana", "Ana", "analyst")


@pytest.fixture
def everybody(inst):
    """The people of the only connection."""
    return people(inst, 1).frame


def tabled(app):
    """What the tables of the drawer say."""
    return "\n".join(str(value) for t in app.table for row in t.value.to_numpy() for value in row)


def fill(app, ids, **values):
    """Fill in the override form of one person or of many."""
    key = f"one-{ids[0]}" if len(ids) == 1 else "bulk"
    for field, value in values.items():
        kind = app.selectbox if field in ("status", "contractor") else app.text_input
        kind = app.date_input if field.endswith("_date") else kind
        kind(key=f"{key}-{field}").set_value(value)
    return app


def test_only_one_page_of_rows_goes_to_the_browser(inst, visit, tables, words, everybody):
    app = visit("personnel")
    (_, shown), *_ = tables(app)
    current = int(everybody["current"].sum())
    assert len(shown) == 50 < current
    assert f"1–50 of {current}, by name" in words(app)
    assert "user_id" not in shown.columns


def test_a_selection_on_a_later_page_is_the_person_seen_there(inst, visit, tables, choose, press):
    app = visit("personnel", page="2")
    seen = tables(app)[0][1].iloc[3]
    choose(app, 3)
    press(app, "Details")
    assert "Okta user id" in tabled(app)
    user_id = app.query_params["person"]
    user_id = user_id[0] if isinstance(user_id, list) else user_id
    assert person(inst, 1, user_id).row["email"] == seen["E-mail"]


@pytest.mark.parametrize(("wanted", "first"), [("2", 51), ("99", 1), ("-1", 1), ("x", 1), ("", 1)])
def test_the_page_is_in_the_address(inst, visit, words, wanted, first):
    assert f"[{first}–" in words(visit("personnel", page=wanted))


def test_another_filter_begins_at_its_first_page(inst, visit, words):
    app = visit("personnel", page="2")
    app.multiselect(key="status").set_value(["CURRENT_EMPLOYEE"]).run()
    assert "page" not in app.query_params
    assert "[1–50 of " in words(app)


@pytest.mark.parametrize("row", [50, 999, -1])
def test_a_row_that_is_not_on_the_page_selects_nobody(inst, visit, choose, row):
    app = choose(visit("personnel"), row)
    assert not any(b.label == "Details" for b in app.button)


def test_a_selection_does_not_outlive_a_new_filter(inst, visit, choose, words):
    app = choose(visit("personnel"), 0, 1)
    assert "**2 people selected**" in words(app)
    app.text_input(key="q").set_value("ad").run()
    assert "**2 people selected**" not in words(app)


def test_a_search_finds_by_part_of_the_name_whatever_the_case(inst, visit, tables, everybody):
    name = everybody["name"].iloc[7]
    app = visit("personnel", q=name[:-1].upper())
    assert name in set(tables(app)[0][1]["Person"])


@pytest.mark.parametrize(
    "statuses", [["CURRENT_EMPLOYEE"], ["FORMER_EMPLOYEE", "FORMER_CONTRACTOR"]]
)
def test_a_link_to_a_status_lists_exactly_its_people(inst, visit, total, everybody, statuses):
    expected = everybody["employment_status"].isin(statuses).sum()
    assert 0 < expected < len(everybody)
    assert total(visit("personnel", status=statuses)) == expected


@pytest.mark.parametrize("group", [*STATUS_GROUPS])
def test_each_group_lists_exactly_its_people_and_says_how_many(
    inst, visit, total, everybody, group
):
    word, statuses = STATUS_GROUPS[group]
    expected = int(everybody["employment_status"].isin(statuses).sum())
    app = visit("personnel", group=group)
    assert f"{word} {expected}" in app.segmented_control(key="group").options
    assert total(app) == expected


def test_names_stand_in_order_whatever_their_accents_and_signs(inst, visit, tables, everybody):
    shown = tables(visit("personnel", group="all"))[0][1]["Person"].tolist()
    ordered = sorted(everybody["name"], key=sort_key)[:50]
    assert shown == [plain(name, limit=1000) for name in ordered]


def test_the_newest_come_first_when_asked_for(inst, visit, tables, everybody):
    shown = tables(visit("personnel", order="start"))[0][1]["E-mail"].iloc[0]
    newest = everybody.sort_values("start_date", ascending=False)["email"].iloc[0]
    assert shown == newest


def test_nobody_found_has_a_way_out(inst, visit, press, total, everybody):
    app = press(visit("personnel", q="zzzz-nobody"), "Clear the filters")
    assert total(app) == int(everybody["current"].sum())


def test_a_selection_never_applies_to_people_who_come_in_their_place(
    inst, visit, choose, everybody, words
):
    first, second = everybody.sort_values("name")["user_id"].iloc[[0, 1]]
    reason = {"reason": "Test", "actor": ANA}
    set_overrides(inst, 1, [first], changes={"contractor": "true"}, **reason)
    app = choose(visit("personnel", overridden="true"), 0)
    assert "**1 person selected**" in words(app)
    withdraw_override(inst, 1, [first], "contractor", **reason)
    set_overrides(inst, 1, [second], changes={"contractor": "true"}, **reason)
    app.run()
    assert "**1 person selected**" not in words(app)


@pytest.mark.parametrize("search", [".*", "a(b", "\\", "%", "zzzz-nobody", "' OR 1=1 --"])
def test_a_search_is_text_and_nobody_is_an_empty_state(inst, visit, tables, words, search):
    app = visit("personnel", q=search)
    assert tables(app) == []
    assert "No one fits these filters" in words(app)


def test_who_is_quicker_than_the_address_loses_no_filter(inst, visit, words):
    """A browser sends the address that it knows: here that of before the search."""
    app = visit("personnel")
    app.text_input(key="q").set_value("an").run()
    app.query_params.clear()
    app.segmented_control(key="group").set_value("former").run()
    said = words(app)
    assert {"q": "an", "group": "former"}.items() <= dict(app.query_params).items()
    assert app.text_input(key="q").value == "an"
    app.query_params.clear()
    app.selectbox(key="department").set_value("Sales").run()
    assert app.segmented_control(key="group").value == "former"
    assert words(app) != said


@pytest.mark.parametrize(
    "query",
    [
        {"status": "BOSS"},
        {"status": ["current employee", "<script>"]},
        {"strength": "very"},
        {"department": "No such"},
        {"as_of": "yesterday"},
        {"as_of": "9999-99-99"},
        {"as_of": "2999-01-01"},
        {"warnings": "perhaps"},
        {"outside": "1; drop table"},
    ],
)
def test_what_the_address_says_wrongly_is_ignored(inst, visit, words, tables, query):
    app = visit("personnel", **query)
    assert not app.error
    assert "Something went wrong" not in words(app)
    assert tables(app)


def test_an_address_that_names_nobody_says_so(inst, visit, words):
    app = visit("personnel", person="../../etc/passwd")
    assert "This person does not exist here" in words(app)


def test_a_person_in_the_address_is_opened(inst, visit, everybody):
    app = visit("personnel", person=everybody["user_id"].iloc[0])
    assert "Okta user id" in tabled(app)


@pytest.mark.parametrize("who", ["hostile.one", "hostile.two"])
def test_hostile_names_are_text_in_the_drawer(inst, visit, who):
    everyone = people(inst, 1).everyone
    user_id = everyone.loc[everyone["login"].str.startswith(who), "user_id"].iloc[0]
    app = visit("personnel", person=user_id)
    for element in (*app.markdown, *app.caption, *app.text):
        if "Hostile" in str(element.value) or who in str(element.value):
            assert "<img" not in element.value.replace("\\<", "")
    texts = "\n".join(str(e.value) for e in (*app.markdown, *app.caption))
    assert "](javascript" not in texts
    assert ":red[x]" not in texts
    assert "\u202e" not in texts
    assert not any(e.allow_html for e in app.markdown)


def test_an_override_without_a_reason_changes_nothing(inst, visit, press, everybody):
    user_id = everybody["user_id"].iloc[0]
    app = visit("personnel", person=user_id)
    press(fill(app, [user_id], status="OUT_OF_SCOPE"), "Save override")
    assert app.session_state[f"one-{user_id}-problem"] == ("reason", "Give a reason.")
    assert person(inst, 1, user_id).overrides.empty


def test_a_former_person_without_an_end_is_refused_at_that_field(inst, visit, press, everybody):
    user_id = everybody.loc[everybody["separation_date"].isna(), "user_id"].iloc[0]
    app = visit("personnel", person=user_id)
    press(fill(app, [user_id], status="FORMER_EMPLOYEE", reason="Left"), "Save override")
    field, said = app.session_state[f"one-{user_id}-problem"]
    assert field == "separation_date"
    assert "separation date" in said
    assert person(inst, 1, user_id).overrides.empty


def test_an_override_counts_at_once_and_is_taken_back(inst, visit, press, words):
    user_id = mfa_coverage.mfa_coverage(inst, 1).people["user_id"].iloc[0]
    before = evaluate.latest_results(inst, 1)[0].in_scope
    app = visit("personnel", person=user_id)
    press(fill(app, [user_id], status="OUT_OF_SCOPE", reason="Not *ours*"), "Save override")
    said = person(inst, 1, user_id).overrides.iloc[0]
    assert (said["value"], said["reason"], said["author"]) == (
        "OUT_OF_SCOPE",
        "Not *ours*",
        "Local analyst",
    )
    assert evaluate.latest_results(inst, 1)[0].in_scope == before - 1
    app = visit("personnel", person=user_id)
    assert "Not \\*ours\\*" in words(app)
    press(app, "Use Okta’s value")
    assert person(inst, 1, user_id).overrides.empty
    assert evaluate.latest_results(inst, 1)[0].in_scope == before
    assert len(person(inst, 1, user_id).override_history) == 2


def test_a_bulk_override_changes_exactly_the_selected(inst, visit, choose, press, tables):
    app = visit("personnel", q="e")
    emails = set(tables(app)[0][1]["E-mail"].iloc[[0, 2, 5]])
    choose(app, 0, 2, 5)
    press(app, "Set status…")
    fill(app, [1, 2, 3], status="OUT_OF_SCOPE", reason="Moved to the sister company")
    press(app, "Save for 3 people")
    frame = people(inst, 1).frame
    changed = frame[frame["overridden"].map(bool)]
    assert set(changed["email"]) == emails
    assert set(changed["employment_status"]) == {"OUT_OF_SCOPE"}


def test_a_bulk_override_is_all_or_nothing(inst, visit, choose, press):
    app = choose(visit("personnel"), 0, 1)
    press(app, "Set status…")
    fill(app, [1, 2], separation_date=date(1901, 1, 1), reason="Wrong")
    press(app, "Save for 2 people")
    assert app.session_state["bulk-problem"][0] == "separation_date"
    assert not people(inst, 1).frame["overridden"].map(bool).any()


def test_who_was_rehired_is_linked_both_ways_and_inherits_nothing(
    inst, visit, words, press, everybody
):
    """The two accounts of one address, of which one has left."""
    shared = everybody[everybody["email"].str.casefold().duplicated(keep=False)]
    before, again = shared["user_id"].iloc[:2]
    left = {"status": "FORMER_EMPLOYEE", "separation_date": "2026-01-02"}
    set_overrides(inst, 1, [before], changes=left, reason="Left", actor=ANA)
    assert "Is here again, under another account" in words(visit("personnel", person=before))
    app = visit("personnel", person=again)
    assert "Was here before until" in words(app)
    assert person(inst, 1, again).overrides.empty
    assert press(app, "Open it").query_params["person"] == before


def test_the_past_is_marked_and_cannot_be_changed(inst, visit, words, choose, everybody):
    published = people(inst, 1).as_of
    app = visit("personnel", as_of=stamp(published))
    assert "You are looking at" in words(app)
    choose(app, 0)
    assert not any(b.label == "Set status…" for b in app.button)
    app = visit("personnel", as_of=stamp(published), person=everybody["user_id"].iloc[0])
    assert "Okta user id" in tabled(app)
    assert not any(b.label in ("Save override", "Use Okta’s value") for b in app.button)


def test_the_past_shows_the_overrides_of_then(inst, visit, tables, everybody):
    published = people(inst, 1).as_of
    user_id = everybody["user_id"].iloc[0]
    set_overrides(inst, 1, [user_id], changes={"status": "OUT_OF_SCOPE"}, reason="Now", actor=ANA)
    email = everybody["email"].iloc[0]
    now = tables(visit("personnel", q=email, group="all"))[0][1]["Employment"].iloc[0]
    then = tables(visit("personnel", q=email, group="all", as_of=stamp(published)))[0][1][
        "Employment"
    ].iloc[0]
    assert now == "Out of scope" != then


def test_from_the_past_there_is_a_way_back(inst, visit, press, words):
    app = press(visit("personnel", as_of=stamp(people(inst, 1).as_of)), "Back to now")
    assert "as_of" not in app.query_params
    assert "You are looking at" not in words(app)


def test_a_moment_can_be_chosen_by_its_run(inst, visit, words):
    app = visit("personnel")
    app.selectbox(key="as-of-run").select_index(0).run()
    assert "You are looking at" in words(app)


def test_a_day_before_the_first_sync_says_that_there_is_nothing(inst, visit, words):
    app = visit("personnel", as_of="2020-01-01")
    assert "Nothing was published by then" in words(app).replace("\\", "")


def test_identities_outside_are_shown_only_when_asked_for(inst, visit, total):
    found = people(inst, 1)
    assert found.outside_domain > 0
    assert total(visit("personnel", outside="true")) == len(found.everyone)
    assert total(visit("personnel", group="all")) == len(found.frame)


def test_overridden_people_can_be_listed(inst, visit, tables, everybody):
    chosen = everybody["user_id"].iloc[[1, 4]].tolist()
    changes = {"start_date": "2020-02-03"}
    set_overrides(inst, 1, chosen, changes=changes, reason="HR says so", actor=ANA)
    shown = tables(visit("personnel", overridden="true"))[0][1]
    assert set(shown["Person"]) == set(everybody["name"].iloc[[1, 4]])
    assert set(shown["Started"]) == {"3 Feb 2020"}
