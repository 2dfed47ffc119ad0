"""The Controls page: outcomes with denominators, findings, exclusions with reason and dates."""

from datetime import timedelta

import pytest

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
    app = visit("controls", control="test-86")
    said = words(app)
    assert ":red-badge[:material/cancel: Failed]" in said
    assert [app.title[0].value] == ["MFA on Identity Provider"]
    values = {metric.label: metric.value for metric in app.metric}
    assert values["In scope"] == str(mfa.in_scope)
    assert values["Passed"].startswith(f"{mfa.passed} ")
    assert values["Failed"].startswith(f"{mfa.failed} ")
    plain = said.replace("\\", "").replace("\u2060", "")
    for framework, number, _ in mfa.frameworks:
        assert f"[{framework} · {number}]" in plain


def test_how_it_was_computed_names_rule_frameworks_and_version(inst, visit, words, mfa):
    app = visit("controls", control="test-86")
    plain = words(app).replace("\\", "").replace("\u2060", "")
    assert mfa.how in words(app)
    for framework, number, title in mfa.frameworks:
        assert f"{framework} **{number}**: {title}" in plain
    assert any(f"version {mfa.version}" in str(t.value).replace("\\", "") for t in app.table)


def test_all_controls_are_listed_with_their_denominators(inst, visit, tables):
    shown = tables(visit("controls"))[0][1].set_index("Control")
    for result in latest_results(inst, 1):
        row = shown.loc[result.title]
        assert row["Passed"] == f"{result.passed} of {result.in_scope}"
        word = {"FAILED": "Failed", "PASSED": "Passed"}.get(result.outcome, "Could not tell")
        assert list(row["Outcome"]) == [word]


def test_the_list_is_filtered_by_outcome_and_framework(inst, visit, tables):
    failed = [r.title for r in latest_results(inst, 1) if r.outcome == "FAILED"]
    assert sorted(tables(visit("controls", outcome="FAILED"))[0][1]["Control"]) == sorted(failed)
    assert len(tables(visit("controls", framework="SOC 2"))[0][1]) == len(latest_results(inst, 1))


def test_a_control_is_chosen_in_the_list_and_left_again(inst, visit, choose, press):
    app = choose(visit("controls"), 1, table=0)
    assert app.query_params["control"] in ("test-96", ["test-96"])
    assert app.title[0].value == "Employees Have Unique Email Accounts"
    app = press(app, ":gray[:material/arrow_back: Controls]")
    assert app.title[0].value == "Controls"


def test_findings_open_on_what_fails(inst, visit, tables, failing):
    shown = tables(visit("controls", control="test-86"))[-1][1]
    assert sorted(shown["Person"]) == sorted(failing["label"])
    assert set(shown["Finding"]) == set(failing["message"])


@pytest.mark.parametrize(
    ("outcome", "expected"), [("PASS", "passed"), ("all", "in_scope"), ("FAIL", "failed")]
)
def test_the_outcome_in_the_address_filters_the_findings(
    inst, visit, total, mfa, outcome, expected
):
    assert total(visit("controls", control="test-86", outcome=outcome)) == getattr(mfa, expected)


def test_no_findings_are_an_empty_state_with_a_way_out(inst, visit, words, press, total, mfa):
    app = visit("controls", control="test-86", q="zzzz-nobody")
    assert "No findings fit" in words(app)
    assert total(press(app, "Show all findings")) == mfa.in_scope


def test_findings_can_be_searched(inst, visit, tables, failing):
    app = visit("controls", control="test-86")
    name = failing["label"].iloc[0]
    app.text_input(key="q").set_value(name.upper()).run()
    assert app.query_params["q"] in (name.upper(), [name.upper()])
    shown = tables(app)[-1][1]
    assert name in set(shown["Person"])
    assert len(shown) < len(failing)


@pytest.mark.parametrize("query", [{"control": "test-0"}, {"control": ["<b>", "x"]}])
def test_a_control_that_is_not_there_is_ignored(inst, visit, query):
    app = visit("controls", **query)
    assert not app.error
    assert app.title[0].value == "Controls"


def ask(app, choose, press, *rows):
    choose(app, *rows, table=-1)
    return press(app, f"Exclude {len(rows)} selected…")


def test_selected_people_are_excluded_with_reason_and_end(
    inst, visit, tables, choose, press, failing, mfa
):
    app = visit("controls", control="test-86")
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
    shown = "\n".join(
        m.value for m in visit("controls", control="test-86", tab="exclusions").markdown
    )
    assert "On \\<b\\>leave" in shown


def test_an_exclusion_needs_a_reason(inst, visit, choose, press):
    app = ask(visit("controls", control="test-86"), choose, press, 0)
    press(app, "Exclude")
    assert exclusions(inst, 1, "test-86").empty
    assert app.session_state["exclusion-problem"] == ("reason", "Give a reason.")


def test_an_exclusion_cannot_end_before_it_starts(inst, visit, choose, press):
    app = ask(visit("controls", control="test-86"), choose, press, 0)
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
    press(visit("controls", control="test-86", tab="exclusions"), "End it")
    assert latest_results(inst, 1)[0].failed == mfa.failed
    assert set(exclusions(inst, 1, "test-86")["state"]) == {"withdrawn"}


def test_run_now_without_a_sync_evaluates_the_published_run_again(inst, visit, press, mfa):
    app = visit("controls", control="test-86")
    app.toggle(key="sync-first").set_value(False).run()
    press(app, "Run now")
    after = latest_results(inst, 1)[0]
    assert after.result_id != mfa.result_id
    assert after.run_id == mfa.run_id


def test_the_history_has_a_picture_and_a_table(inst, visit, mfa):
    app = visit("controls", control="test-86", tab="history")
    chart = app.get("plotly_chart")[0]
    assert chart.proto.alt
    for table in [d.value for d in app.dataframe if "In scope" in d.value]:
        assert list(table["In scope"]) == [mfa.in_scope]


def test_a_click_in_the_picture_shows_what_was_said_then(inst, visit, total, mfa):
    app = visit("controls", control="test-86")
    points = [{"curve_number": 0, "point_number": 0, "point_index": 0}]
    app.session_state["over-time-test-86-0"] = {
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
    app = choose(visit("controls", control="test-86", result=str(mfa.result_id)), 0, table=0)
    assert total(app) == mfa.failed == latest_results(inst, 1)[0].failed + 1
    assert "Nothing can be changed here" in words(app)
    assert next(b for b in app.button if b.label.startswith("Exclude")).disabled
    assert not any(b.label == "Run now" for b in app.button)


@pytest.mark.parametrize("wanted", ["999", "x", "-1", "２"])
def test_a_result_that_is_not_there_is_ignored(inst, visit, total, mfa, wanted):
    assert total(visit("controls", control="test-86", result=wanted)) == mfa.failed


def test_a_result_of_another_control_is_not_shown_as_this_one(inst, visit, total, mfa):
    app = visit("controls", control="test-96", result=str(mfa.result_id))
    assert app.title[0].value == "Employees Have Unique Email Accounts"
    assert total(app) == latest_results(inst, 1)[1].failed


def test_a_person_in_the_address_is_opened_beside_the_findings(inst, visit, words, failing):
    app = visit("controls", control="test-86", person=failing["user_id"].iloc[0])
    assert "Profile" in [tab.label for tab in app.tabs]


def test_hostile_names_are_text_in_the_findings(inst, visit):
    app = visit("controls", control="test-86")
    for element in (*app.markdown, *app.caption):
        assert not getattr(element, "allow_html", False)
        assert "<img" not in str(element.value).replace("\\<", "")
