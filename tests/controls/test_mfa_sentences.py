"""Test 86: what a finding tells a person, whose factors count, and which strength is shown."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from controls.mfa import NOT_MFA, STRENGTH, STRENGTHS, TEST_86, factor_name, strength_of, strengths
from controls.model import evaluate
from tests.controls.conftest import factors, reads, snapshot, users


def judge(*rows, frame=None, **options):
    frame = users({}) if frame is None else frame
    return evaluate(TEST_86, snapshot(frame, factors=factors(*rows), **options))


def message(*rows, **options):
    return judge(*rows, **options).findings["message"][0]


def test_an_e_mail_factor_is_named_as_the_only_one():
    assert message(("u1", "email")) == "Ada Lovelace has no MFA: only e-mail is active."


def test_no_factor_at_all_is_said_so():
    assert message() == "Ada Lovelace has no MFA: no factor is enrolled."


def test_half_an_enrolment_is_named():
    assert message(("u1", "push", "PENDING_ACTIVATION")) == (
        "Ada Lovelace has no MFA: no factor is active, "
        "only Okta Verify push (enrolment not finished)."
    )


def test_a_factor_in_another_state_is_named_with_okta_s_word():
    assert message(("u1", "webauthn", "EXPIRED")).endswith("only passkey (FIDO2) (EXPIRED).")


def test_an_unrecognised_type_alone_is_not_called_no_factor():
    assert message(("u1", "retina:scan")) == (
        "Ada Lovelace has no MFA: only unrecognised factor “retina:scan”, which does not count."
    )


def test_a_pending_factor_beside_an_active_one_does_no_harm():
    assert judge(("u1", "push"), ("u1", "sms", "PENDING_ACTIVATION")).outcome == "PASSED"


def test_a_weaker_factor_that_is_active_is_what_counts_beside_a_pending_passkey():
    result = judge(("u1", "sms"), ("u1", "webauthn", "PENDING_ACTIVATION"))
    assert result.findings["reason"][0] == "weak"


def test_two_keys_of_one_method_are_named_once_and_one_of_them_is_enough():
    assert message(("u1", "webauthn"), ("u1", "webauthn")) == (
        "Ada Lovelace has MFA: passkey (FIDO2)."
    )
    half = judge(("u1", "webauthn", "INACTIVE"), ("u1", "webauthn"))
    assert (half.outcome, half.findings["strength"][0]) == ("PASSED", "phishing_resistant")


@pytest.mark.parametrize("provider", ["NEWCO", "", None])
def test_a_provider_that_is_not_known_counts_by_the_type(provider):
    result = judge(("u1", "token:software:totp", "ACTIVE", provider))
    assert (result.outcome, result.findings["strength"][0]) == ("PASSED", "strong")
    assert "authenticator app code" in result.findings["message"][0]


OLD = 366


@pytest.mark.parametrize(
    ("rows", "hinted"),
    [
        ([("u1", "push", "ACTIVE", "OKTA", OLD)], True),
        ([("u1", "push", "ACTIVE", "OKTA", OLD), ("u1", "push", "ACTIVE", "OKTA", OLD + 9)], True),
        ([("u1", "push", "ACTIVE", "OKTA", OLD), ("u1", "email")], True),
        ([("u1", "push", "ACTIVE", "OKTA", OLD), ("u1", "webauthn", "PENDING_ACTIVATION")], True),
        ([("u1", "push", "ACTIVE", "OKTA", OLD - 2)], False),
        ([("u1", "push", "ACTIVE", "OKTA", OLD), ("u1", "push")], False),
        ([("u1", "push", "ACTIVE", "OKTA", OLD), ("u1", "sms")], False),
        ([("u1", "webauthn", "ACTIVE", "OKTA", OLD)], False),
        ([("u1", "push", "INACTIVE", "OKTA", OLD), ("u1", "sms")], False),
        ([("u2", "push", "ACTIVE", "OKTA", OLD), ("u1", "push")], False),
    ],
)
def test_push_that_was_long_unused_is_hinted_at_and_still_counts(rows, hinted):
    result = judge(*rows)
    assert ("the phone may be gone" in result.findings["warning"][0]) == hinted
    assert result.findings["outcome"][0] == "PASS"


def test_the_hint_says_when_okta_last_heard_of_it():
    [warning] = judge(("u1", "push", "ACTIVE", "OKTA", OLD)).findings["warning"]
    assert warning.startswith("Nothing but push, and Okta last heard of it on 23 November 2025")


def test_somebody_elses_factor_does_not_count():
    result = judge(("u2", "webauthn"), frame=users({}, {}))
    assert list(result.findings["outcome"]) == ["FAIL", "PASS"]


def test_the_factors_of_people_out_of_scope_are_no_findings():
    frame = users({}, {"status": "DEPROVISIONED"}, {"email": "x@other.com"})
    result = judge(("u1", "push"), ("u2", "push"), ("u3", "push"), frame=frame)
    assert list(result.findings["user_id"]) == ["u1"]


@pytest.mark.parametrize(
    "values",
    [
        {"email": "support@acme.com"},
        {"user_type": "Service"},
        {"drata_start_date": "2027-01-01"},
        {"presence": "outside"},
        {"presence": "left_group"},
    ],
)
def test_who_is_not_current_personnel_is_not_tested(values):
    assert judge(frame=users({}, values)).in_scope == 1


def test_old_factors_of_an_unreadable_person_are_no_pass():
    result = judge(("u1", "webauthn"), reads=reads(u1="unreadable"))
    assert (result.passed, result.unknown) == (0, 1)


@pytest.mark.parametrize("control_character", ["**bold**", "[x](javascript:1)", "=1+1", "<b>"])
def test_a_hostile_factor_type_is_shown_as_text_and_never_counts(control_character):
    result = judge(("u1", control_character))
    assert result.outcome == "FAILED"
    assert "nrecognised factor" in result.findings["message"][0]


def test_a_type_of_any_length_is_shown_short():
    assert len(factor_name("x" * 10_000)) < 100


@pytest.mark.parametrize(
    ("factor_type", "provider", "name"),
    [
        ("token:software:totp", "GOOGLE", "Google Authenticator"),
        ("token:software:totp", "OKTA", "Okta Verify code"),
        ("token:software:totp", None, "authenticator app code"),
        ("token:hardware", "YUBICO", "YubiKey code"),
        ("signed_nonce", "OKTA", "Okta FastPass"),
        ("web", "DUO", "Duo"),
    ],
)
def test_factors_have_the_names_that_people_use(factor_type, provider, name):
    assert factor_name(factor_type, provider) == name


def test_every_type_is_ranked_once():
    assert not set(STRENGTH) & set(NOT_MFA)
    assert set(STRENGTH.values()) == set(STRENGTHS[:3])


@pytest.mark.parametrize("odd", [None, float("nan"), 7, "", "WEBAUTHN", "webauthn "])
def test_only_okta_s_own_spelling_is_recognised(odd):
    assert strength_of(odd) == "unknown"


TYPES = st.sampled_from([*STRENGTH, *NOT_MFA, "odd:type"])
ENROLLED = st.lists(st.tuples(TYPES, st.sampled_from(["ACTIVE", "PENDING_ACTIVATION"])), max_size=5)


@given(st.lists(st.tuples(ENROLLED, st.booleans()), min_size=1, max_size=6))
def test_the_strength_is_the_best_active_one_of_each_person(drawn):
    ids = pd.Series([f"u{n}" for n in range(len(drawn))])
    rows = [(i, *f) for i, (own, _) in zip(ids, drawn, strict=True) for f in own]
    found = strengths(
        ids, factors(*rows), reads(*(i for i, (_, ok) in zip(ids, drawn, strict=True) if ok))
    )
    expected = []
    for own, readable in drawn:
        active = [STRENGTH.get(kind, "none") for kind, status in own if status == "ACTIVE"]
        best = min([*active, "none"], key=STRENGTHS.index)
        expected.append(best if readable else "unknown")
    assert list(found) == expected
