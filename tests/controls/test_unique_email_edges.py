"""Test 96: who is compared with whom, and who is named."""

import pytest

from controls.model import evaluate
from controls.unique_email import TEST_96
from tests.controls.conftest import snapshot, users


def judge(*rows, **options):
    return evaluate(TEST_96, snapshot(users(*rows), **options))


def test_each_of_three_names_the_two_others_and_not_itself():
    messages = judge(*({"email": "z@acme.com"} for _ in range(3))).findings["message"]
    assert "u2@acme.com, u3@acme.com" in messages[0]
    assert "u1@acme.com, u3@acme.com" in messages[1]


def test_a_crowd_is_named_in_part():
    message = judge(*({"email": "z@acme.com"} for _ in range(9))).findings["message"][0]
    assert message.endswith("and others.")
    assert message.count("@acme.com") == 6


def test_an_account_without_a_login_is_named_by_its_id():
    rows = [{"email": "z@acme.com"}, {"email": "z@acme.com", "login": None}]
    assert "u2" in judge(*rows).findings["message"][0]


@pytest.mark.parametrize("status", ["STAGED", "PROVISIONED", "LOCKED_OUT", "RECOVERY", "SUSPENDED"])
def test_everybody_who_is_not_deactivated_is_in_scope(status):
    assert judge({"status": status}).in_scope == 1


def test_two_without_an_address_fail_for_that_and_not_for_sharing():
    result = judge({"email": None}, {"email": " "})
    assert list(result.findings["reason"]) == ["missing", "missing"]


@pytest.mark.parametrize("other", ["ada+x@acme.com", "a.da@acme.com", "ada@acme.co"])
def test_addresses_that_only_look_alike_are_two(other):
    assert judge({"email": "ada@acme.com"}, {"email": other}).findings["reason"][0] == "unique"


def test_sharing_with_a_service_account_is_only_a_warning():
    service = {"email": "ada@acme.com", "login": "ada@acme.com", "user_type": "Service"}
    result = judge({"email": "ada@acme.com", "login": "ada2@acme.com"}, service)
    assert (result.outcome, result.in_scope) == ("PASSED", 1)
    assert "the login of ada@acme.com" in result.findings["warning"][0]


def test_a_deactivated_namesake_is_not_even_a_warning():
    gone = {"email": "ada@acme.com", "login": "ada@acme.com", "status": "DEPROVISIONED"}
    result = judge({"email": "ada@acme.com", "login": "ada2@acme.com"}, gone)
    assert (result.outcome, result.findings["warning"][0]) == ("PASSED", "")


def test_a_failure_keeps_its_warning():
    rows = [{"email": "z@acme.com"}, {"email": "z@acme.com", "second_email": "z@acme.com"}]
    result = judge(*rows)
    assert result.failed == 2
    assert "secondary" in result.findings["warning"][0]


def test_the_reasons_are_counted():
    result = judge({"email": None}, {"email": "z@acme.com"}, {"email": "z@acme.com"})
    assert result.summary["reasons"] == {"shared": 2, "missing": 1}
