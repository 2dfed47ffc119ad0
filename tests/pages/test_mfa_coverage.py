"""The MFA coverage page: figures with denominators, and from every chart to its people."""

from dataclasses import replace

import pytest

from ui import access
from workflows import mfa_coverage as coverage
from workflows.evaluate import latest_results
from workflows.installation import Actor
from workflows.mfa_coverage import STRENGTHS, mfa_coverage
from workflows.personnel import people, set_overrides
from workflows.sessions import Visitor

ANA = Actor("ana", "Ana", "analyst")


@pytest.fixture
def covered(inst):
    """What the page shows, as the workflow says it."""
    return mfa_coverage(inst, 1).people


def click(app, chart, point, trace=0):
    """Click a mark of a chart, as a browser would say it."""
    points = [{"curve_number": trace, "point_number": point, "point_index": point}]
    app.session_state[f"{chart}-0"] = {
        "selection": {"points": points, "point_indices": [point], "box": [], "lasso": []}
    }
    return app.run()


def test_each_figure_names_its_denominator(inst, visit, words, covered):
    app = visit("mfa_coverage")
    counts = covered["strength"].value_counts()
    assert [m.label for m in app.metric] == [
        "Phishing-resistant", "Strong", "Weak", "None", "Unknown",
    ]  # fmt: skip
    for metric, strength in zip(app.metric, STRENGTHS, strict=True):
        assert metric.value.startswith(f"{counts.get(strength, 0)} ")
        assert "%" in metric.value
    assert f"{len(covered)} current people who can sign in" in words(app)


def test_of_nobody_there_is_no_share(inst, visit, words):
    """Nobody is examined: the control says ERROR, and no page shows a share of nobody."""
    everybody = people(inst, 1).frame
    out = {"status": "OUT_OF_SCOPE"}
    set_overrides(inst, 1, list(everybody["user_id"]), changes=out, reason="Sold", actor=ANA)
    (test86,) = [r for r in latest_results(inst, 1) if r.control_id == "test-86"]
    assert (test86.outcome, test86.in_scope) == ("ERROR", 0)
    for page in ("mfa_coverage", "overview"):
        app = visit(page)
        figures = [metric.value for metric in app.metric]
        assert figures
        assert not any("%" in value for value in figures), figures
        assert "100 %" not in words(app), page
        assert "100%" not in words(app), page


@pytest.mark.parametrize("strength", ["none", "weak", "phishing_resistant", "strong"])
def test_the_list_holds_exactly_the_people_of_a_strength(
    inst, visit, tables, total, covered, strength
):
    app = visit("mfa_coverage", who=strength)
    shown = tables(app)[-1][1]
    expected = covered[covered["strength"] == strength]
    assert set(shown["E-mail"]) <= set(expected["email"])
    assert total(app) == len(expected)


def test_a_figure_lists_exactly_its_people(inst, visit, total):
    values = [metric.value for metric in visit("mfa_coverage").metric]
    for number, value in enumerate(values):
        if value.startswith("0 "):
            continue
        app = visit("mfa_coverage", department="Sales")
        app.button(key=f"figure-{number}").click().run()
        assert value.startswith(f"{total(app)} ")


def test_after_a_figure_another_strength_can_be_chosen(inst, visit, total, covered):
    app = visit("mfa_coverage")
    app.button(key="figure-2").click().run()
    assert app.query_params["who"] in ("weak", ["weak"])
    app.segmented_control(key="who").set_value("strong").run()
    assert total(app) == (covered["strength"] == "strong").sum()


def test_a_click_on_a_run_lists_its_people_as_of_then(inst, visit, total, words, covered):
    app = click(visit("mfa_coverage"), "mfa-trend", 0)
    assert "You are looking at" in words(app)
    assert total(app) == len(covered)


def test_a_click_on_a_type_of_factor_lists_its_people(inst, visit, total, covered):
    app = click(visit("mfa_coverage"), "mfa-type", 0)
    kind = app.query_params["factor"]
    kind = kind[0] if isinstance(kind, list) else kind
    expected = covered[covered["factor_types"].map(lambda types: kind in types)]
    assert len(expected) > 0
    assert total(app) == len(expected)


@pytest.mark.parametrize("point", [99, -3, "2", None])
def test_a_click_on_no_mark_of_the_chart_is_ignored(inst, visit, covered, point):
    app = click(visit("mfa_coverage"), "mfa-type", point)
    assert not app.exception
    assert not app.error


def test_every_chart_has_words_and_a_table_beside_it(inst, visit):
    app = visit("mfa_coverage")
    charts = app.get("plotly_chart")
    assert len(charts) == 2
    assert all(chart.proto.alt for chart in charts)
    alts = [chart.proto.alt for chart in charts]
    assert len([d for d in app.dataframe if d.proto.alt in alts]) == len(charts)


@pytest.mark.parametrize("group", ["department", "employment", "manager"])
def test_every_grouping_counts_everybody_once(inst, visit, covered, group):
    app = visit("mfa_coverage", by=group)
    grouped = next(d.value for d in app.dataframe if "Any MFA" in d.value.columns)
    assert grouped["People"].sum() == len(covered)
    assert grouped["None"].sum() == (covered["strength"] == "none").sum()
    assert list(grouped["None"]) == sorted(grouped["None"], reverse=True)


def test_names_from_okta_reach_no_chart_as_html(inst, visit):
    app = visit("mfa_coverage")
    for chart in app.get("plotly_chart"):
        assert "<img" not in chart.proto.spec
        assert "<b>" not in chart.proto.spec
        assert "<a " not in chart.proto.spec


@pytest.mark.parametrize(
    "query", [{"who": "nobody"}, {"who": ["x", "y"]}, {"as_of": "9999-99-99"}, {"as_of": ""}]
)
def test_what_the_address_says_wrongly_is_ignored(inst, visit, total, covered, query):
    app = visit("mfa_coverage", **query)
    assert not app.error
    assert total(app) == (covered["strength"] == "none").sum()


def test_unreadable_factors_are_unknown_and_not_zero(inst, visit, monkeypatch):
    def unread(*args, **more):
        found = mfa_coverage(*args, **more)
        blank = found.people.assign(strength="unknown", factor_types=[()] * len(found.people))
        return replace(found, people=blank)

    monkeypatch.setattr(coverage, "mfa_coverage", unread)
    app = visit("mfa_coverage")
    assert [m.value for m in app.metric][:4] == ["–", "–", "–", "–"]
    assert "100%" in app.metric[4].value


def test_the_way_of_computing_is_told(inst, visit, words):
    app = visit("mfa_coverage")
    assert "E-mail, security question and password never count" in words(app)
    assert any(b.label == "Open Test 86" for b in app.button)


def test_the_past_shows_no_later_run(inst, visit, words):
    app = visit("mfa_coverage", as_of="2020-01-01")
    assert "Nothing was published by then" in words(app).replace("\\", "")


def test_those_who_are_selected_can_be_asked_by_an_analyst(inst, visit, choose, words, monkeypatch):
    app = choose(visit("mfa_coverage", who="none"), 0, 1)
    assert "**2 people selected**" in words(app)
    assert "Ask to set up MFA…" in [button.label for button in app.button]
    auditor = Actor("felix", "Felix", "auditor")
    monkeypatch.setattr(access, "visitor", lambda: Visitor(auditor))
    app = choose(visit("mfa_coverage", who="none"), 0)
    assert "Ask to set up MFA…" not in [button.label for button in app.button]
