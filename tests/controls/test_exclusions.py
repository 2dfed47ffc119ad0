"""What every control shares: exclusions by date, the denominator, and never a pass by silence."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controls.mfa import TEST_86
from controls.model import FINDING_COLUMNS, evaluate
from controls.registry import CONTROLS, by_id
from tests.controls.conftest import NOW, day, exclusions, factors, reads, snapshot, users

TODAY = NOW.date()


def judge(count, *rows, **options):
    frame = users(*({} for _ in range(count)))
    return evaluate(TEST_86, snapshot(frame, factors=factors(*rows), **options))


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.id)
def test_every_control_says_what_an_auditor_asks(control):
    assert by_id(control.id) is control
    assert control.test is None or control.id == f"test-{control.test}"
    assert control.question.endswith("?")
    assert {"SOC 2", "ISO 27001:2022", "NIST 800-53", "PCI DSS 4.0.1"} <= {
        reference.framework for reference in control.frameworks
    }
    assert all(reference.number and reference.title for reference in control.frameworks)
    assert control.version
    assert "**Who**" in control.how


def test_an_unknown_control_is_none():
    assert by_id("test-0") is None


def test_control_ids_are_unique():
    assert len({control.id for control in CONTROLS}) == len(CONTROLS)


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.id)
def test_findings_have_the_agreed_columns(control):
    findings = evaluate(control, snapshot(users({}))).findings
    assert list(findings.columns) == FINDING_COLUMNS
    assert findings["message"].str.endswith(".").all()


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.id)
def test_a_population_without_anybody_in_scope_never_passes(control):
    result = evaluate(control, snapshot(users({"status": "DEPROVISIONED"})))
    assert result.outcome == "ERROR"
    assert result.in_scope == 0
    assert result.reason


def test_a_withdrawn_exclusion_uncovers_no_older_one():
    said = exclusions(
        ("test-86", "u1", day("2026-01-01"), None, True),
        ("test-86", "u1", day("2025-01-01"), None, False),
    )
    assert judge(1, exclusions=said).failed == 1


def test_an_unknown_that_is_excluded_no_longer_makes_an_error():
    said = exclusions(("test-86", "u1", day("2026-01-01"), None))
    result = judge(2, ("u2", "push"), reads=reads("u2"), exclusions=said)
    assert (result.outcome, result.excluded, result.unknown) == ("PASSED", 1, 0)


def test_an_excluded_finding_names_who_why_and_what_it_would_have_been():
    said = exclusions(("test-86", "u1", day("2026-01-01"), day("2026-12-31")))
    message = judge(1, exclusions=said).findings["message"][0]
    for part in ("ana", "on leave", "31 December 2026", "has no MFA"):
        assert part in message


def test_an_exclusion_of_somebody_out_of_scope_changes_nothing():
    said = exclusions(("test-86", "u9", day("2026-01-01"), None))
    assert judge(1, exclusions=said).excluded == 0


def test_failures_are_said_even_when_something_else_was_not_read():
    result = judge(1, not_read={"factors": "No."})
    assert result.outcome == "FAILED"


def test_what_a_control_does_not_need_may_be_missing():
    assert judge(1, ("u1", "push"), not_read={"logs": "No."}).outcome == "PASSED"


OFFSETS = st.integers(-3, 3)


@given(OFFSETS, st.one_of(st.none(), OFFSETS), st.booleans())
def test_exclusions_hold_on_both_end_days_and_never_outside(start, end, withdrawn):
    ends = None if end is None else TODAY + timedelta(days=end)
    said = exclusions(("test-86", "u1", TODAY + timedelta(days=start), ends, withdrawn))
    held = not withdrawn and start <= 0 and (end is None or end >= 0)
    result = judge(1, exclusions=said)
    assert (result.excluded, result.failed) == (int(held), int(not held))


KINDS = st.sampled_from(["push", "sms", "email", "odd:type"])
STATES = st.sampled_from(["read", "unreadable", "not_permitted"])
PEOPLE = st.lists(st.tuples(st.lists(KINDS, max_size=3), STATES), min_size=1, max_size=6)


@given(PEOPLE)
def test_the_outcome_follows_from_the_counts_and_the_counts_add_up(drawn):
    rows = [(f"u{n}", kind) for n, (kinds, _) in enumerate(drawn, 1) for kind in kinds]
    states = {f"u{n}": state for n, (_, state) in enumerate(drawn, 1)}
    result = judge(len(drawn), *rows, reads=reads(**states))
    readable = [kinds for kinds, state in drawn if state == "read"]
    passed = sum(bool({"push", "sms"} & set(kinds)) for kinds in readable)
    failed = len(readable) - passed
    assert (result.passed, result.failed) == (passed, failed)
    assert result.in_scope == len(drawn) == passed + failed + result.unknown
    expected = "FAILED" if failed else "ERROR" if result.unknown else "PASSED"
    assert result.outcome == expected
