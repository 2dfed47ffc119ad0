"""The Controls page: outcomes with denominators, findings, exclusions with reason and dates."""

from datetime import timedelta

import pytest

from ui import charts
from workflows.evaluate import exclude, exclusions, findings, latest_results
from workflows.installation import Actor

ANA = Actor("ana", "Ana", "analyst")


@pytest.fixture
def mfa(inst):
    """Test 86 as it stands."""
    return latest_results(inst, 1)[0]


@pytest.fixture
def failing(inst, mfa):
    """Who fails it."""
    found = findings(inst, mfa.result_id)
    return found[found["outcome"] == "FAIL"]


def test_the_outcome_stands_with_its_numbers_and_frameworks(inst, visit, words, mfa):
    said = words(visit("controls"))
    assert ":red-badge[:material/cancel: Failed] Test 86" in said
    assert f"Of {mfa.in_scope} in scope in run 1: {mfa.passed} pass, {mfa.failed} fail" in said
    plain = said.replace("\\", "").replace("\u2060", "")
    for framework, number, _ in mfa.frameworks:
        assert f"[{framework} {number}]" in plain


def test_how_it_was_computed_names_rule_frameworks_and_version(inst, visit, words, mfa):
    plain = words(visit("controls", tab="how")).replace("\\", "").replace("\u2060", "")
    assert mfa.how in words(visit("controls", tab="how"))
    for framework, number, title in mfa.frameworks:
        assert f"{framework} **{number}**: {title}" in plain
    assert f"Version {mfa.version}" in plain


def test_all_controls_are_listed_with_their_denominators(inst, visit, tables):
    shown = tables(visit("controls"))[0][1]
    results = latest_results(inst, 1)
    assert list(shown["Pass"]) == [f"{r.passed} of {r.in_scope}" for r in results]
    assert [row[0] for row in shown["Outcome"]] == [
        "? Could not tell" if r.outcome == "ERROR" else "✗ Failed" for r in results
    ]


def test_a_control_is_chosen_in_the_list(inst, visit, choose, words):
    app = choose(visit("controls", outcome="PASS"), 1, table=0)
    assert app.query_params["control"] in ("test-96", ["test-96"])
    assert "outcome" not in app.query_params
    assert "Test 96: Employees Have Unique" in words(app)


def test_findings_open_on_what_fails(inst, visit, tables, failing):
    shown = tables(visit("controls"))[-1][1]
    assert sorted(shown["Person"]) == sorted(failing["label"])
    assert set(shown["Finding"]) == set(failing["message"])


@pytest.mark.parametrize(
    ("outcome", "expected"), [("PASS", "passed"), ("all", "in_scope"), ("FAIL", "failed")]
)
def test_the_outcome_in_the_address_filters_the_findings(
    inst, visit, total, mfa, outcome, expected
):
    assert total(visit("controls", outcome=outcome)) == getattr(mfa, expected)


def test_no_findings_are_an_empty_state_with_a_way_out(inst, visit, words, press, total, mfa):
    app = visit("controls", q="zzzz-nobody")
    assert "No findings fit" in "".join(i.value for i in app.info)
    assert total(press(app, "Show all findings")) == mfa.in_scope


def test_findings_can_be_searched(inst, visit, tables, failing):
    app = visit("controls")
    name = failing["label"].iloc[0]
    app.text_input(key="q").set_value(name.upper()).run()
    assert app.query_params["q"] in (name.upper(), [name.upper()])
    shown = tables(app)[-1][1]
    assert name in set(shown["Person"])
    assert len(shown) < len(failing)


@pytest.mark.parametrize("query", [{"control": "test-0"}, {"control": ["<b>", "x"]}])
def test_a_control_that_is_not_there_is_ignored(inst, visit, words, query):
    app = visit("controls", **query)
    assert not app.error
    assert "Test 86: " in words(app)


def test_the_chosen_control_is_in_the_address(inst, visit, words):
    app = visit("controls", control="test-96")
    assert "Test 96: Employees Have Unique" in words(app)
    assert "Failed] Test 86" not in words(app)


def ask(app, choose, press, *rows):
    choose(app, *rows, table=-1)
    return press(app, f"Exclude {len(rows)} selected")


def test_selected_people_are_excluded_with_reason_and_end(
    inst, visit, tables, choose, press, failing, mfa
):
    app = visit("controls")
    seen = tables(app)[-1][1]["Person"].iloc[[0, 2]]
    ask(app, choose, press, 0, 2)
    today = inst.now().date()
    app.text_input(key="exclusion-reason").set_value("On <b>leave</b>")
    app.date_input(key="exclusion-end").set_value(today + timedelta(days=30))
    press(app, "Exclude")
    said = exclusions(inst, 1, "test-86")
    assert sorted(said["label"]) == sorted(seen)
    assert set(said["reason"]) == {"On <b>leave</b>"}
    assert set(said["ends_on"]) == {today + timedelta(days=30)}
    assert set(said["author"]) == {"Local analyst"}
    after = latest_results(inst, 1)[0]
    assert (after.failed, after.excluded) == (mfa.failed - 2, 2)
    shown = "\n".join(m.value for m in visit("controls", tab="exclusions").markdown)
    assert "On \\<b\\>leave" in shown


def test_an_exclusion_needs_a_reason(inst, visit, choose, press):
    app = ask(visit("controls"), choose, press, 0)
    press(app, "Exclude")
    assert exclusions(inst, 1, "test-86").empty
    assert app.session_state["exclusion-problem"] == ("reason", "Give a reason.")


def test_an_exclusion_cannot_end_before_it_starts(inst, visit, choose, press):
    app = ask(visit("controls"), choose, press, 0)
    app.text_input(key="exclusion-reason").set_value("Leave")
    app.date_input(key="exclusion-end").set_value(inst.now().date() - timedelta(days=1))
    press(app, "Exclude")
    assert exclusions(inst, 1, "test-86").empty
    field, said = app.session_state["exclusion-problem"]
    assert field == "ends_on"
    assert "ends before it starts" in said


def test_an_exclusion_is_ended_and_the_person_counts_again(inst, visit, press, failing, mfa):
    today = inst.now().date()
    exclude(
        inst, 1, "test-86", [failing["user_id"].iloc[0]], reason="Leave", starts_on=today,
        ends_on=None, actor=ANA,
    )  # fmt: skip
    assert latest_results(inst, 1)[0].excluded == 1
    press(visit("controls", tab="exclusions"), "End it")
    assert latest_results(inst, 1)[0].failed == mfa.failed
    assert set(exclusions(inst, 1, "test-86")["state"]) == {"withdrawn"}


def test_run_now_without_a_sync_evaluates_the_published_run_again(inst, visit, press, mfa):
    app = visit("controls")
    app.toggle(key="sync-first").set_value(False).run()
    press(app, "Run now")
    after = latest_results(inst, 1)[0]
    assert after.result_id != mfa.result_id
    assert after.run_id == mfa.run_id


def test_the_history_has_a_picture_and_a_table(inst, visit, mfa):
    app = visit("controls", tab="history")
    chart = app.get("plotly_chart")[0]
    assert chart.proto.alt
    table = next(d.value for d in app.dataframe if "In scope" in d.value)
    assert list(table["In scope"]) == [mfa.in_scope]


def test_a_click_in_the_history_shows_who_it_was(inst, visit, total, mfa):
    app = visit("controls", tab="history")
    failed = [*charts.OUTCOMES].index("failed")
    points = [{"curve_number": failed, "point_number": 0, "point_index": 0}]
    app.session_state["history-test-86-0"] = {
        "selection": {"points": points, "point_indices": [0], "box": [], "lasso": []}
    }
    app.run()
    assert app.query_params["result"] in (str(mfa.result_id), [str(mfa.result_id)])
    assert total(app) == mfa.failed


def test_an_earlier_result_is_shown_as_it_was_and_cannot_be_changed(
    inst, visit, words, choose, total, failing, mfa
):
    today = inst.now().date()
    user_id = failing["user_id"].iloc[0]
    exclude(inst, 1, "test-86", [user_id], reason="Leave", starts_on=today, ends_on=None, actor=ANA)
    app = choose(visit("controls", result=str(mfa.result_id)), 0)
    assert total(app) == mfa.failed == latest_results(inst, 1)[0].failed + 1
    assert "Nothing can be changed here" in words(app)
    assert next(b for b in app.button if b.label.startswith("Exclude")).disabled


@pytest.mark.parametrize("wanted", ["999", "x", "-1", "２"])
def test_a_result_that_is_not_there_is_ignored(inst, visit, total, mfa, wanted):
    assert total(visit("controls", result=wanted)) == mfa.failed


def test_a_result_of_another_control_is_not_shown_as_this_one(inst, visit, words, total, mfa):
    app = visit("controls", control="test-96", result=str(mfa.result_id))
    assert "Test 96: Employees" in words(app)
    assert total(app) == latest_results(inst, 1)[1].failed


def test_a_person_in_the_address_is_opened_beside_the_findings(inst, visit, words, failing):
    app = visit("controls", person=failing["user_id"].iloc[0])
    assert "Identity in Okta" in words(app)


def test_hostile_names_are_text_in_the_findings(inst, visit):
    app = visit("controls")
    for element in (*app.markdown, *app.caption):
        assert not getattr(element, "allow_html", False)
        assert "<img" not in str(element.value).replace("\\<", "")


def test_without_a_connection_the_page_says_what_to_do(empty, visit, words):
    assert "Nothing is connected yet" in words(visit("controls"))
