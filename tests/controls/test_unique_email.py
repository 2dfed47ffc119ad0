"""Test 96: what makes two addresses the same, what is no address, what is only a warning."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controls.model import evaluate
from controls.unique_email import TEST_96
from tests.controls.conftest import snapshot, users


def judge(*rows, **options):
    return evaluate(TEST_96, snapshot(users(*rows), **options))


def mail(text, **more):
    return {"email": text, **more}


@pytest.mark.parametrize(
    "twin", ["Ada@acme.com", " ada@acme.com ", "ADA@ACME.COM", "ａda@acme.com"]
)
def test_two_people_share_an_address_however_it_is_written(twin):
    result = judge(mail("ada@acme.com"), mail(twin), mail("bo@acme.com"))
    assert (result.outcome, result.failed, result.passed) == ("FAILED", 2, 1)
    assert "u2@acme.com" in result.findings["message"][0]


@pytest.mark.parametrize(
    "text", [None, "", "  ", "ada", "a b@acme.com", "a@@acme.com", "@acme.com"]
)
def test_a_missing_or_malformed_address_fails(text):
    result = judge(mail(text))
    assert result.failed == 1


@pytest.mark.parametrize("text", ["a@acme.com", "o'neil+x@acme.com", "jürgen@acme.com"])
def test_ordinary_addresses_pass(text):
    assert judge(mail(text)).outcome == "PASSED"


@pytest.mark.parametrize(
    "other",
    [
        mail("bo@acme.com", second_email="Ada@acme.com"),
        mail("bo@acme.com", login="ada@acme.com"),
    ],
)
def test_somebody_elses_second_address_or_login_is_a_warning(other):
    result = judge(mail("ada@acme.com", login="x@acme.com"), other)
    assert result.outcome == "PASSED"
    assert result.findings["warning"][0] != ""


def test_ones_own_secondary_address_is_no_warning():
    assert judge(mail("ada@acme.com", second_email="ada@acme.com")).findings["warning"][0] == ""


@pytest.mark.parametrize(
    "gone", [{"status": "DEPROVISIONED"}, {"presence": "deleted"}, {"presence": "outside"}]
)
def test_people_who_are_gone_or_outside_do_not_count(gone):
    assert judge(mail("ada@acme.com"), mail("ada@acme.com", **gone)).failed == 0


def test_suspended_people_still_share():
    assert judge(mail("ada@acme.com"), mail("ada@acme.com", status="SUSPENDED")).failed == 2


def test_an_unread_list_is_an_error():
    assert judge(mail("a@acme.com"), not_read={"users": "No."}).outcome == "ERROR"


@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=8), st.data())
def test_exactly_those_fail_whose_address_occurs_twice(locals_, data):
    written = [data.draw(st.sampled_from([n, n.upper(), f" {n}"])) for n in locals_]
    result = judge(*(mail(f"{w}@acme.com") for w in written))
    expected = ["FAIL" if locals_.count(n) > 1 else "PASS" for n in locals_]
    assert list(result.findings["outcome"]) == expected
