"""Employment status and dates, rule by rule, and against a plain second telling of SPEC 3."""

import json
from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controls.personnel import OverrideRefused, check_override, parse_dates
from tests.controls.conftest import NOW, people, users


def one(values, *said, **options):
    return people(users(values), *said, **options).iloc[0]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, "CURRENT_EMPLOYEE"),
        ({"status": "SUSPENDED"}, "CURRENT_EMPLOYEE"),
        ({"status": "SOMETHING_NEW"}, "CURRENT_EMPLOYEE"),
        ({"status": "DEPROVISIONED"}, "FORMER_EMPLOYEE"),
        ({"presence": "deleted"}, "FORMER_EMPLOYEE"),
        ({"presence": "left_group"}, "FORMER_EMPLOYEE"),
        ({"presence": "not_seen"}, "CURRENT_EMPLOYEE"),
        ({"drata_contractor": "true"}, "CURRENT_CONTRACTOR"),
        ({"drata_contractor": '" Yes "'}, "CURRENT_CONTRACTOR"),
        ({"drata_contractor": '"no"'}, "CURRENT_EMPLOYEE"),
        ({"drata_contractor": "true", "status": "DEPROVISIONED"}, "FORMER_CONTRACTOR"),
        ({"drata_start_date": "2026-11-25"}, "FUTURE_HIRE"),
        ({"drata_start_date": "2026-11-24"}, "CURRENT_EMPLOYEE"),
        ({"drata_start_date": "2026-11-25", "status": "DEPROVISIONED"}, "FORMER_EMPLOYEE"),
        ({"email": "Support@acme.com"}, "SERVICE_ACCOUNT"),
        ({"email": "support+eu@acme.com"}, "CURRENT_EMPLOYEE"),
        ({"email": None, "login": "support@acme.com"}, "CURRENT_EMPLOYEE"),
        ({"email": "supporter@acme.com"}, "CURRENT_EMPLOYEE"),
        ({"user_type": "Service"}, "SERVICE_ACCOUNT"),
        ({"user_type": "Service desk"}, "CURRENT_EMPLOYEE"),
        ({"user_type_id": "otyService"}, "SERVICE_ACCOUNT"),
        ({"user_type_id": "OTYSERVICE"}, "CURRENT_EMPLOYEE"),
        ({"email": "ada@elsewhere.com"}, "OUTSIDE"),
        ({"email": "ada@sub.acme.com"}, "OUTSIDE"),
        ({"presence": "outside"}, "OUTSIDE"),
        ({"email": None}, "CURRENT_EMPLOYEE"),
        ({"email": None, "login": "ada@elsewhere.com"}, "CURRENT_EMPLOYEE"),
        ({"email": "ada"}, "CURRENT_EMPLOYEE"),
        ({"email": '"a@b"@acme.com'}, "CURRENT_EMPLOYEE"),
        ({"email": "a@acme.com@elsewhere.com"}, "OUTSIDE"),
    ],
)
def test_employment_status_follows_the_first_rule_that_fits(values, expected):
    assert one(values)["employment_status"] == expected


def test_an_override_wins_over_everything_even_over_the_domain():
    row = one(
        {"email": "x@elsewhere.com", "status": "DEPROVISIONED"}, ("u1", "status", "OUT_OF_SCOPE")
    )
    assert row["employment_status"] == "OUT_OF_SCOPE"
    assert row["employment_status_source"] == "override"
    assert row["overridden"] == ["status"]
    assert row["outside"] is None


@pytest.mark.parametrize(
    ("raw", "day", "source"),
    [
        ("2024-03-01", "2024-03-01", "drataStartDate"),
        ("2024-03-01T23:59:59Z", "2024-03-01", "drataStartDate"),
        ("2024-03-01T00:00:00.000+02:00", "2024-03-01", "drataStartDate"),
        ("03/31/2024", "2024-03-31", "drataStartDate"),
        ("31/03/2024", "2024-01-02", "created"),
        ("2024-02-30", "2024-01-02", "created"),
        ("soon", "2024-01-02", "created"),
        ("", "2024-01-02", "created"),
        (None, "2024-01-02", "created"),
    ],
)
def test_the_start_date_is_the_customers_own_if_it_can_be_read(raw, day, source):
    row = one({"drata_start_date": raw})
    assert row["start_date"] == pd.Timestamp(day)
    assert row["start_date_source"] == source
    warned = bool(raw) and source == "created"
    assert [raw in text for text in row["warnings"]] == ([True] if warned else [])


def test_the_separation_date_is_the_deactivation_else_the_day_first_missing():
    moved = datetime(2026, 5, 6, 7, tzinfo=UTC)
    missing = datetime(2026, 6, 7, tzinfo=UTC)
    both = one({"presence": "deleted", "deactivated_at": moved, "absent_since": missing})
    assert (both["separation_date"], both["separation_date_source"]) == (
        pd.Timestamp("2026-05-06"),
        "deactivated",
    )
    only = one({"presence": "deleted", "absent_since": missing})
    assert (only["separation_date"], only["separation_date_source"]) == (
        pd.Timestamp("2026-06-07"),
        "first missing",
    )
    assert pd.isna(one({"deactivated_at": moved})["separation_date"])
    said = one({"status": "DEPROVISIONED"}, ("u1", "separation_date", "2026-01-31"))
    assert said["separation_date"] == pd.Timestamp("2026-01-31")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"status": "BOSS"}, "status"),
        ({"status": "FORMER_EMPLOYEE"}, "separation_date"),
        ({"status": "FORMER_EMPLOYEE", "separation_date": "2020-01-01"}, "separation_date"),
        ({"start_date": "tomorrow"}, "start_date"),
        ({"contractor": "maybe"}, "contractor"),
    ],
)
def test_overrides_that_contradict_themselves_are_refused(changes, field):
    with pytest.raises(OverrideRefused) as caught:
        check_override(changes, start_date=date(2024, 1, 1), separation_date=None)
    assert caught.value.field == field


def test_a_former_person_with_a_date_is_accepted():
    check_override(
        {"status": "FORMER_EMPLOYEE", "separation_date": "2024-01-01"},
        start_date=date(2024, 1, 1),
        separation_date=None,
    )


@given(st.text(max_size=30))
def test_any_text_is_a_date_or_is_not(text):
    parsed = parse_dates(pd.Series([text]))[0]
    assert pd.isna(parsed) or 1900 <= parsed.year <= 2199


def plain_status(user, said):
    """SPEC 3, told a second time and one person at a time."""
    if "status" in said:
        return said["status"]
    local, at, domain = (user["email"] or "").lower().rpartition("@")
    if user["presence"] == "outside" or (at and domain != "acme.com"):
        return "OUTSIDE"
    raw = json.loads(user["drata_contractor"] or "null")
    contractor = raw is True or str(raw).strip().lower() in {"true", "yes", "1"}
    if "contractor" in said:
        contractor = said["contractor"] == "true"
    kind = "CONTRACTOR" if contractor else "EMPLOYEE"
    if user["status"] == "DEPROVISIONED" or user["presence"] in {"deleted", "left_group"}:
        return f"FORMER_{kind}"
    start = user["created_at"].date()
    for value in (user["drata_start_date"], said.get("start_date")):
        if value:
            start = date.fromisoformat(value[:10])
    if start > NOW.date():
        return "FUTURE_HIRE"
    if local == "support" or user["user_type"] == "Service":
        return "SERVICE_ACCOUNT"
    return f"CURRENT_{kind}"


DAYS = st.dates(date(2026, 11, 20), date(2026, 11, 28)).map(str)
USERS = st.fixed_dictionaries(
    {
        "status": st.sampled_from(["ACTIVE", "SUSPENDED", "DEPROVISIONED", "STAGED"]),
        "presence": st.sampled_from(["present", "outside", "left_group", "deleted", "not_seen"]),
        "email": st.sampled_from(
            ["a@acme.com", "A@ACME.COM", "support@acme.com", "a@b.c", "x@y@acme.com", None]
        ),
        "drata_contractor": st.sampled_from(
            [None, "true", "false", '"YES"', '"1"', "1", "0", "{}"]
        ),
        "drata_start_date": st.one_of(st.none(), DAYS),
        "created_at": st.integers(-5, 5).map(lambda n: NOW + timedelta(days=n)),
        "user_type": st.sampled_from([None, "Service", "Staff"]),
    }
)
SAID = st.fixed_dictionaries(
    {},
    optional={
        "status": st.sampled_from(["OUT_OF_SCOPE", "CURRENT_EMPLOYEE"]),
        "contractor": st.sampled_from(["true", "false"]),
        "start_date": DAYS,
    },
)


@settings(max_examples=60)
@given(st.lists(st.tuples(USERS, SAID), min_size=1, max_size=6))
def test_columns_say_what_the_rules_say_one_by_one(drawn):
    frame = users(*(user for user, _ in drawn))
    said = [(f"u{n}", f, v) for n, (_, o) in enumerate(drawn, 1) for f, v in o.items()]
    derived = people(frame, *said)
    expected = [
        plain_status({**user, "login": f"u{n}@acme.com"}, own)
        for n, (user, own) in enumerate(drawn, 1)
    ]
    assert list(derived["employment_status"]) == expected
    assert list(derived["current"]) == [s.startswith("CURRENT_") for s in expected]
