"""The moment in the address: a past day, a past moment, or now."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui import as_of

NOW = datetime(2026, 11, 25, 12, 30, tzinfo=UTC)


def test_a_past_day_is_its_last_moment():
    at = as_of.parse("2026-11-24", NOW)
    assert at == datetime(2026, 11, 24, 23, 59, 59, 999999, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["2026-11-25", "2026-11-26", "9999-12-31", "2026-11-25T12:30:00Z", "9999-99-99",
             "yesterday", "", "0", "2026-11-24T", "x" * 500]
)  # fmt: skip
def test_today_the_future_and_nonsense_are_now(text):
    assert as_of.parse(text, NOW) is None


@pytest.mark.parametrize(
    "text", ["2026-11-25T10:00:00Z", "2026-11-25T10:00:00", "2026-11-25T11:00:00+01:00"]
)
def test_a_moment_may_name_its_zone_and_is_utc_without(text):
    assert as_of.parse(text, NOW) == datetime(2026, 11, 25, 10, tzinfo=UTC)


@given(st.timedeltas(min_value=timedelta(microseconds=1), max_value=timedelta(days=3000)))
def test_a_moment_survives_the_address(before):
    moment = NOW - before
    text = as_of.stamp(moment)
    assert "+" not in text
    assert as_of.parse(text, NOW) == moment
