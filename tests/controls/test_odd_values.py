"""Values that a directory should not hold and does: none may hide a person or break a page."""

import pandas as pd
import pytest

from controls.mfa import TEST_86
from controls.model import evaluate
from controls.personnel import normalise_email, parse_dates
from controls.registry import CONTROLS
from controls.unique_email import TEST_96
from tests.controls.conftest import factors, people, snapshot, users


def one(values, *said, **options):
    return people(users(values), *said, **options).iloc[0]


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.id)
def test_a_directory_without_users_is_no_pass_and_no_crash(control):
    result = evaluate(control, snapshot(users({}).iloc[:0]))
    assert result.outcome == "ERROR"
    assert result.in_scope == 0


@pytest.mark.parametrize(
    "broken",
    ["ada@@acme.com", "a b@acme.com", "@acme.com", "ada", "", "a\u0007da@acme.com", "a@b@acme.com"],
)
def test_a_broken_address_hides_nobody_from_test_96(broken):
    frame = users({"email": broken, "login": "ada@elsewhere.com"})
    assert people(frame)["outside"][0] is None
    assert evaluate(TEST_96, snapshot(frame)).failed == 1


@pytest.mark.parametrize(
    "odd", ["o'brien@acme.com", "a..b@acme.com", "(ada)@acme.com", "ada@localhost", "ä@acme.com"]
)
def test_an_unusual_address_is_still_one(odd):
    domains = ("acme.com", "localhost")
    assert one({"email": odd}, domains=domains)["outside"] is None
    frame = users({"email": odd if odd.endswith("acme.com") else "ada@acme.com"})
    assert evaluate(TEST_96, snapshot(frame)).outcome == "PASSED"


@pytest.mark.parametrize("raw", ["2", '"maybe"', "[]", "{}", "0.5", '"true and false"'])
def test_a_contractor_mark_that_says_neither_is_an_employee_with_a_warning(raw):
    row = one({"drata_contractor": raw})
    assert not row["contractor"]
    assert [text for text in row["warnings"] if "drataContractor" in text]


@pytest.mark.parametrize("raw", ["false", '"no"', '"0"', "0", "null", '""', None, '" FALSE "'])
def test_a_contractor_mark_that_says_no_or_nothing_warns_of_nothing(raw):
    row = one({"drata_contractor": raw})
    assert (row["contractor"], row["warnings"]) == (False, [])


@pytest.mark.parametrize("raw", ["true", "1", "1.0", '"TRUE"', '" yes "', '"1"'])
def test_every_spelling_of_yes_makes_a_contractor(raw):
    row = one({"drata_contractor": raw})
    assert (row["contractor"], row["warnings"]) == (True, [])


def test_those_inside_have_none_as_the_place_outside():
    places = people(users({}, {"presence": "outside"}))["outside"]
    assert list(places) == [None, "group"]


@pytest.mark.parametrize("domain", ["acme.com.", "@acme.com", " ACME.com "])
def test_a_domain_is_the_same_however_it_is_written(domain):
    assert people(users({}), domains=(domain,))["outside"][0] is None


@pytest.mark.parametrize(
    ("raw", "expected"), [("yes", True), ("{", False), ("", False), ("1", True), ("[1]", False)]
)
def test_a_contractor_mark_that_is_no_json_is_read_as_text(raw, expected):
    assert one({"drata_contractor": raw})["contractor"] == expected


def test_a_status_that_was_set_says_whether_somebody_is_a_contractor():
    row = one({"drata_contractor": "true"}, ("u1", "status", "CURRENT_EMPLOYEE"))
    assert (row["contractor"], row["contractor_source"]) == (False, "override")
    row = one({}, ("u1", "status", "CURRENT_CONTRACTOR"), ("u1", "contractor", "false"))
    assert row["contractor"]
    assert not one({}, ("u1", "status", "OUT_OF_SCOPE"))["contractor"]


@pytest.mark.parametrize("raw", ["20240301", "2024-W09-5", "2024-03-01T10", "2024-03-01T10:00:00Z"])
def test_dates_in_every_common_iso_8601_form_are_read(raw):
    assert parse_dates(pd.Series([raw]))[0] == pd.Timestamp("2024-03-01")


@pytest.mark.parametrize(
    "raw", ["2024-03-01T99:99", "2024-03-01x10:00", "２０２４-03-01", "20240230", "2024-03"]
)
def test_what_only_looks_like_a_date_is_none(raw):
    assert pd.isna(parse_dates(pd.Series([raw]))[0])


def test_a_separation_before_the_start_is_warned_about():
    row = one(
        {"status": "DEPROVISIONED", "drata_start_date": "2026-09-01"},
        ("u1", "separation_date", "2026-05-06"),
    )
    assert row["warnings"] == ["The separation date is before the start date."]


@pytest.mark.parametrize("hidden", ["\u200b", "\ufeff", "\u202e", "\x7f"])
def test_an_invisible_character_makes_no_second_address(hidden):
    result = evaluate(TEST_96, snapshot(users({"email": f"ada{hidden}@acme.com"})))
    assert result.findings["reason"][0] == "malformed"


@pytest.mark.parametrize("text", ["a\u00df\u0301@acme.com", "\u03aa\u0301@acme.com"])
def test_normalising_twice_changes_nothing(text):
    once = normalise_email(text)
    assert normalise_email(once) == once


def test_an_unrecognised_type_is_named_exactly_as_okta_wrote_it():
    result = evaluate(TEST_86, snapshot(users({}), factors=factors(("u1", "Custom:TYPE"))))
    assert "Custom:TYPE" in result.findings["message"][0]
