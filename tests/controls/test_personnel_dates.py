"""Start, separation and who is outside, against a plain telling of SPEC 3, person by person."""

from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controls.personnel import parse_dates
from tests.controls.conftest import NOW, people, users


def one(values, *said, **options):
    return people(users(values), *said, **options).iloc[0]


def at(day):
    return datetime.fromisoformat(day).replace(tzinfo=UTC)


def test_the_day_of_creation_is_the_day_in_utc():
    late = datetime(2024, 1, 2, 23, 59, tzinfo=UTC)
    assert one({"created_at": late})["start_date"] == pd.Timestamp("2024-01-02")


@pytest.mark.parametrize("raw", ["1899-12-31", "2200-01-01", "0001-01-01", "9999-12-31"])
def test_years_in_which_nobody_starts_are_not_accepted(raw):
    row = one({"drata_start_date": raw})
    assert row["start_date_source"] == "created"
    assert raw in row["warnings"][0]


def test_a_start_that_was_set_wins_over_one_that_cannot_be_read():
    row = one({"drata_start_date": "soon"}, ("u1", "start_date", "2023-05-06"))
    assert (row["start_date"], row["start_date_source"]) == (pd.Timestamp("2023-05-06"), "override")


def test_a_future_hire_becomes_current_on_the_first_day():
    values = {"drata_start_date": "2026-11-25"}
    assert one(values)["employment_status"] == "FUTURE_HIRE"
    tomorrow = one(values, as_of=NOW + timedelta(days=1))
    assert tomorrow["employment_status"] == "CURRENT_EMPLOYEE"


def test_a_reactivated_person_is_current_and_has_no_separation_date():
    row = one({"status": "ACTIVE", "deactivated_at": None})
    assert row["current"]
    assert pd.isna(row["separation_date"])
    assert row["separation_date_source"] == ""


def test_who_left_the_group_separated_on_the_day_they_were_first_missing():
    row = one({"presence": "left_group", "absent_since": at("2026-10-01")})
    assert row["separation_date"] == pd.Timestamp("2026-10-01")


def test_only_former_people_show_a_separation_date():
    row = one({}, ("u1", "separation_date", "2026-10-01"))
    assert pd.isna(row["separation_date"])
    assert row["overridden"] == ["separation_date"]


def test_suspended_people_stay_current_with_the_flag():
    row = one({"status": "SUSPENDED"})
    assert row["current"]
    assert row["suspended"]
    assert not one({})["suspended"]


def test_an_override_of_a_date_does_not_bring_somebody_inside():
    row = one({"email": "x@other.com"}, ("u1", "start_date", "2024-01-01"))
    assert row["outside"] == "domain"
    assert not row["current"]


def test_overrides_reach_only_their_own_person():
    derived = people(users({}, {}), ("u2", "status", "OUT_OF_SCOPE"))
    assert list(derived["employment_status"]) == ["CURRENT_EMPLOYEE", "OUT_OF_SCOPE"]
    assert list(derived["overridden"]) == [[], ["status"]]


def test_a_user_without_a_creation_date_is_shown_without_a_start():
    row = one({"created_at": None})
    assert pd.isna(row["start_date"])
    assert row["employment_status"] == "CURRENT_EMPLOYEE"


def test_users_in_any_order_and_with_any_index_keep_their_own_values():
    frame = users({"drata_start_date": "2026-12-01"}, {"status": "DEPROVISIONED"}, {})
    shuffled = frame.iloc[[2, 0, 1]].set_index(pd.Index([9, 9, 4]))
    derived = people(shuffled).set_index("user_id")["employment_status"]
    assert derived.to_dict() == {
        "u3": "CURRENT_EMPLOYEE",
        "u1": "FUTURE_HIRE",
        "u2": "FORMER_EMPLOYEE",
    }


def test_deriving_changes_nothing_that_was_given():
    frame = users({"drata_start_date": "soon"}, {"email": None})
    before = frame.copy(deep=True)
    people(frame, ("u1", "status", "OUT_OF_SCOPE"))
    pd.testing.assert_frame_equal(frame, before)


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_every_day_is_read_in_both_ways_of_writing(day):
    written = pd.Series([day.isoformat(), f"{day:%m/%d/%Y}", f"{day.isoformat()}T12:30:00Z"])
    assert list(parse_dates(written)) == [pd.Timestamp(day)] * 3


MOMENTS = st.one_of(st.none(), st.integers(-400, 0).map(lambda n: NOW + timedelta(days=n)))
DAYS = st.dates(date(2025, 1, 1), date(2027, 1, 1)).map(str)
USERS = st.fixed_dictionaries(
    {
        "status": st.sampled_from(["ACTIVE", "DEPROVISIONED"]),
        "presence": st.sampled_from(["present", "deleted", "left_group", "outside", "not_seen"]),
        "email": st.sampled_from(["a@acme.com", "b@ACME.COM", "c@other.com", "d@acme.com.evil.io"]),
        "created_at": st.integers(-900, 0).map(lambda n: NOW + timedelta(hours=n)),
        "drata_start_date": st.one_of(st.none(), DAYS, st.just("soon"), st.just(" ")),
        "deactivated_at": MOMENTS,
        "absent_since": MOMENTS,
    }
)
SAID = st.fixed_dictionaries({}, optional={"start_date": DAYS, "separation_date": DAYS})


def plain(user, said):
    """SPEC 3 once more: where, since when, until when."""
    raw = (user["drata_start_date"] or "").strip()
    readable = raw not in {"", "soon"}
    start, source = user["created_at"].date(), "created"
    if readable:
        start, source = date.fromisoformat(raw), "drataStartDate"
    if "start_date" in said:
        start, source = date.fromisoformat(said["start_date"]), "override"
    inside = user["email"].lower().endswith("@acme.com")
    where = "group" if user["presence"] == "outside" else None if inside else "domain"
    former = user["status"] == "DEPROVISIONED" or user["presence"] in {"deleted", "left_group"}
    end = None
    if former:
        moment = user["deactivated_at"] or user["absent_since"]
        end = moment and moment.date()
        if "separation_date" in said:
            end = date.fromisoformat(said["separation_date"])
    return start, source, where, end


@settings(max_examples=60)
@given(st.lists(st.tuples(USERS, SAID), min_size=1, max_size=6))
def test_dates_and_places_say_what_the_rules_say_one_by_one(drawn):
    frame = users(*(user for user, _ in drawn))
    said = [(f"u{n}", f, v) for n, (_, o) in enumerate(drawn, 1) for f, v in o.items()]
    derived = people(frame, *said)
    for row, (user, own) in zip(derived.to_dict("records"), drawn, strict=True):
        start, source, where, end = plain(user, own)
        assert (row["start_date"].date(), row["start_date_source"]) == (start, source)
        assert (row["outside"] if where else pd.isna(row["outside"])) == (where or True)
        if where is None:
            found = row["separation_date"]
            assert (None if pd.isna(found) else found.date()) == end
