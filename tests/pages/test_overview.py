"""The first page: figures that lead to exactly their people, and what needs doing."""

import pytest

from storage import connections
from workflows.connect import current_connection
from workflows.evaluate import latest_results
from workflows.mfa_coverage import mfa_coverage
from workflows.overview import overview
from workflows.personnel import people


@pytest.fixture
def go(visit):
    """Press a button of the overview; where it leads: page and query."""

    def pressed(key):
        app = visit("overview")
        app.button(key=key).click().run()
        query = {k: v if isinstance(v, list) else [v] for k, v in app.query_params.items()}
        return app.title[0].value, query

    return pressed


def test_the_figures_name_their_denominators(inst, visit):
    found, mfa = people(inst, 1), mfa_coverage(inst, 1)
    app = visit("overview")
    current = int(found.frame["current"].sum())
    values = {metric.label: metric.value for metric in app.metric}
    assert list(values) == ["Current people", "MFA coverage", "Controls passed", "Access review"]
    assert values["Current people"] == f"{current} :small[:gray[of {len(found.everyone)}]]"
    assert f"{mfa.covered} of {len(mfa.people)}" in values["MFA coverage"]
    assert f"of {len(latest_results(inst, 1))}" in values["Controls passed"]


@pytest.mark.parametrize(
    ("key", "title", "query"),
    [
        ("figure-0", "Personnel", {"status": ["CURRENT_EMPLOYEE", "CURRENT_CONTRACTOR"]}),
        ("figure-1", "MFA coverage", {"who": ["none"]}),
        ("figure-2", "Controls", {}),
        ("figure-3", "Campaigns", {}),
    ],
)
def test_every_figure_leads_to_its_people(inst, go, key, title, query):
    assert go(key) == (title, query)


def test_current_people_are_exactly_those_counted(inst, visit, total):
    app = visit("personnel", status=["CURRENT_EMPLOYEE", "CURRENT_CONTRACTOR"])
    assert total(app) == int(people(inst, 1).frame["current"].sum())


def test_every_status_leads_to_exactly_its_people(inst, visit, go, words, total):
    counts = people(inst, 1).frame["employment_status"].value_counts()
    said = words(visit("overview"))
    for status, number in counts.items():
        assert go(f"status-{status}") == ("Personnel", {"status": [status]})
        assert f"\n{number}\n" in said
        assert total(visit("personnel", status=status)) == number


def test_what_needs_doing_leads_to_where_it_is_done(inst, visit, words, go, total):
    todos = overview(inst, current_connection(inst)).todo
    said = words(visit("overview"))
    assert todos
    for place, todo in enumerate(todos[:5]):
        assert todo.fact[:20].replace(".", "\\.") in said
        _, query = go(f"todo-{place}")
        assert query == {name: [value] for name, value in todo.query.items()}
    for result in [r for r in latest_results(inst, 1) if r.needs_work]:
        assert total(visit("controls", control=result.control_id)) == result.failed


def test_people_with_a_warning_are_counted_as_the_link_lists_them(inst, visit, total):
    todo = next(t for t in overview(inst, current_connection(inst)).todo if "cannot be" in t.fact)
    assert todo.fact.startswith(f"{total(visit(todo.page, **todo.query))} ")


def test_a_failing_check_is_named_with_its_denominator(inst, visit, words):
    view = current_connection(inst)
    checks = [{**vars(c), "state": "fail" if c.number == 2 else c.state} for c in view.preflight]
    with inst.database.write() as conn:
        connections.set_preflight(conn, view.id, checks, at=inst.now())
    assert f"1 of {len(checks)} checks of the connection failed" in words(visit("overview"))
    assert "Checks fail" in words(visit("connection"))


def test_the_age_of_the_data_and_the_run_are_named(inst, visit, words):
    said = words(visit("overview"))
    current = int(people(inst, 1).frame["current"].sum())
    assert "from sync run 1" in said
    assert f"{current} current people" in said


def test_the_first_start_says_what_this_is_and_offers_two_ways_in(empty, visit, words):
    app = visit("overview")
    assert "only ever reads" in words(app)
    labels = [button.label for button in app.button]
    assert "Start the demo" in labels
    assert "Connect Okta :material/arrow_forward:" in labels
