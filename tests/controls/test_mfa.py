"""Test 86: which factors count, who is in scope, and what unknown means."""

import pytest

from controls.mfa import TEST_86, strengths
from controls.model import evaluate
from tests.controls.conftest import day, exclusions, factors, reads, snapshot, users


def judge(*rows, **options):
    frame = options.pop("frame", None)
    return evaluate(
        TEST_86, snapshot(users({}) if frame is None else frame, factors=factors(*rows), **options)
    )


@pytest.mark.parametrize(
    ("factor_type", "outcome", "strength"),
    [
        ("webauthn", "PASSED", "phishing_resistant"),
        ("u2f", "PASSED", "phishing_resistant"),
        ("signed_nonce", "PASSED", "phishing_resistant"),
        ("push", "PASSED", "strong"),
        ("token:software:totp", "PASSED", "strong"),
        ("token:hardware", "PASSED", "strong"),
        ("token:hotp", "PASSED", "strong"),
        ("token", "PASSED", "strong"),
        ("web", "PASSED", "strong"),
        ("sms", "PASSED", "weak"),
        ("call", "PASSED", "weak"),
        ("email", "FAILED", "none"),
        ("question", "FAILED", "none"),
        ("password", "FAILED", "none"),
        ("retina:scan", "FAILED", "none"),
    ],
)
def test_each_factor_type_counts_as_the_spec_says(factor_type, outcome, strength):
    result = judge(("u1", factor_type))
    assert result.outcome == outcome
    assert result.summary["strength"][strength] == 1


@pytest.mark.parametrize("status", ["PENDING_ACTIVATION", "NOT_SETUP", "INACTIVE", "EXPIRED", None])
def test_only_active_factors_count(status):
    result = judge(("u1", "push", status))
    assert result.outcome == "FAILED"
    assert result.findings["reason"][0] == "half_enrolled"


def test_nobody_reading_the_factors_is_unknown_and_never_a_pass():
    result = judge(("u1", "push"), reads=reads())
    assert (result.outcome, result.unknown) == ("ERROR", 1)
    refused = judge(reads=reads(u1="not_permitted"))
    assert "Not permitted." in refused.findings["message"][0]


def test_a_failure_outweighs_the_unknown():
    result = judge(("u2", "email"), frame=users({}, {}), reads=reads("u2"))
    assert (result.outcome, result.failed, result.unknown) == ("FAILED", 1, 1)


@pytest.mark.parametrize("status", ["SUSPENDED", "STAGED", "PROVISIONED", "DEPROVISIONED"])
def test_who_cannot_sign_in_is_out_of_scope(status):
    result = judge(frame=users({"status": status}))
    assert (result.outcome, result.in_scope) == ("ERROR", 0)


@pytest.mark.parametrize("status", ["ACTIVE", "PASSWORD_EXPIRED", "LOCKED_OUT", "RECOVERY"])
def test_who_can_sign_in_is_in_scope(status):
    assert judge(frame=users({"status": status})).failed == 1


def test_the_needed_resource_missing_is_an_error():
    result = judge(("u1", "push"), not_read={"factors": "The key's owner may not read this."})
    assert result.outcome == "ERROR"
    assert "may not read" in result.reason


def test_an_unrecognised_type_is_named_beside_a_good_one():
    result = judge(("u1", "push"), ("u1", "retina:scan"))
    assert result.outcome == "PASSED"
    assert "retina:scan" in result.findings["message"][0]


def test_weak_only_passes_with_a_warning():
    assert "weak" in judge(("u1", "sms")).findings["warning"][0]
    assert judge(("u1", "sms"), ("u1", "webauthn")).findings["warning"][0] == ""


@pytest.mark.parametrize(
    ("start", "end", "withdrawn", "outcome"),
    [
        ("2026-11-24", "2026-11-24", False, "PASSED"),
        ("2026-01-01", None, False, "PASSED"),
        ("2026-11-01", "2026-11-23", False, "FAILED"),
        ("2026-11-25", None, False, "FAILED"),
        ("2026-01-01", None, True, "FAILED"),
    ],
)
def test_exclusions_hold_between_their_dates_and_return_by_themselves(
    start, end, withdrawn, outcome
):
    said = exclusions(("test-86", "u1", day(start), end and day(end), withdrawn))
    result = judge(("u2", "push"), frame=users({}, {}), exclusions=said)
    assert result.outcome == outcome
    assert result.excluded == (outcome == "PASSED")
    assert result.in_scope == result.passed + result.failed + result.excluded + result.unknown


def test_an_exclusion_from_another_control_does_not_count():
    said = exclusions(("test-96", "u1", day("2026-01-01"), None))
    assert judge(exclusions=said).outcome == "FAILED"


def test_names_appear_as_they_are_in_sentences():
    result = judge(frame=users({"display_name": "<img onerror=x> =cmd()"}))
    assert result.findings["message"][0].startswith("<img onerror=x> =cmd() has no MFA")


def test_the_best_active_factor_decides_the_strength():
    ids = users({}, {}, {})["user_id"]
    found = strengths(
        ids,
        factors(("u1", "sms"), ("u1", "webauthn"), ("u2", "push", "EXPIRED"), ("u2", "call")),
        reads("u1", "u2"),
    )
    assert list(found) == ["phishing_resistant", "weak", "unknown"]
