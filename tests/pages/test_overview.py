"""The first page: figures that lead to exactly their people, and what needs doing."""

from urllib.parse import parse_qs

import pytest

from storage import connections
from workflows.connect import current_connection
from workflows.evaluate import latest_results
from workflows.mfa_coverage import mfa_coverage
from workflows.overview import overview
from workflows.personnel import people


@pytest.fixture
def links(inst, visit):
    """The links of the page: label, page and query of each."""
    return [
        (link.label, link.proto.page, parse_qs(link.proto.query_string))
        for link in visit("overview").get("page_link")
    ]


def test_the_figures_name_their_denominators(inst, visit):
    found, mfa = people(inst, 1), mfa_coverage(inst, 1)
    app = visit("overview")
    current = int(found.frame["current"].sum())
    assert [m.label for m in app.metric] == [
        "Current people", "With MFA", "Without MFA", "Controls failing",
    ]  # fmt: skip
    assert app.metric[0].value == str(current)
    labels = [link.label for link in app.get("page_link")]
    assert f":primary[of {len(found.frame)} people]" in labels
    assert f":primary[{mfa.covered} of {len(mfa.people)} people]" in labels
    assert f":primary[of {len(mfa.people)} people]" in labels


def test_current_people_lead_to_employees_and_contractors(inst, visit, links, total):
    found = people(inst, 1)
    label = f":primary[of {len(found.frame)} people]"
    query = next(query for name, _, query in links if name == label)
    assert total(visit("personnel", **query)) == int(found.frame["current"].sum())


def test_every_status_leads_to_exactly_its_people(inst, visit, links, total):
    counts = people(inst, 1).frame["employment_status"].value_counts()
    shown = {
        query["status"][0]: name for name, _, query in links if len(query.get("status", ())) == 1
    }
    assert set(shown) == set(counts.index)
    for status, label in shown.items():
        assert f"**{counts[status]}**" in label
    status = counts.index[-1]
    assert total(visit("personnel", status=status)) == counts[status]


def test_what_needs_doing_leads_to_where_it_is_done(inst, visit, words, links, total):
    said = words(visit("overview"))
    for result in [r for r in latest_results(inst, 1) if r.needs_work]:
        assert f"Test {result.test}" in said
        assert (f":primary[See the {result.failed}]", {"control": [result.control_id]}) in [
            (name, query) for name, _, query in links
        ]
        assert total(visit("controls", control=result.control_id)) == result.failed


def test_people_with_a_warning_are_counted_as_the_link_lists_them(inst, visit, total):
    todo = next(t for t in overview(inst, current_connection(inst)).todo if "date" in t.text)
    assert todo.text.startswith(f"{total(visit(todo.page, **todo.query))} ")


def test_a_failing_check_is_named_with_its_denominator(inst, visit, words):
    view = current_connection(inst)
    checks = [{**vars(c), "state": "fail" if c.number == 2 else c.state} for c in view.preflight]
    with inst.database.write() as conn:
        connections.set_preflight(conn, view.id, checks, at=inst.now())
    said = words(visit("overview"))
    assert f"1 of {len(checks)} checks of the connection failed" in said
    assert "Checks fail" in said


def test_the_age_of_the_data_and_the_run_are_named(inst, visit, words):
    said = words(visit("overview"))
    assert "from run 1" in said
    assert f"{len(people(inst, 1).frame)} people" in said


def test_the_first_look_says_what_this_is_and_offers_two_ways_in(empty, visit, words):
    app = visit("overview")
    assert "only ever reads" in words(app)
    assert any(b.label == "Try it with the demo tenant" for b in app.button)
    assert any(link.label == "Connect your Okta" for link in app.get("page_link"))
