"""Somebody who left and is here again under a new id: the two are linked, nothing more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controls.rehired import other_accounts
from tests.controls.conftest import people, users

GONE = {"status": "DEPROVISIONED"}


def linked(*rows, user_id="u1", said=()):
    filled = [{"employee_number": None, **row} for row in rows]
    frame = users(*filled)
    frame["employee_number"] = [row["employee_number"] for row in filled]
    return other_accounts(people(frame, *said), frame, user_id)


@pytest.mark.parametrize(
    ("now", "before", "same"),
    [
        ({"email": "ada@acme.com"}, {"email": " ADA@acme.com "}, True),
        ({"employee_number": "17"}, {"employee_number": "17 "}, True),
        ({"email": "ada@acme.com"}, {"email": "bea@acme.com"}, False),
        ({"employee_number": "17"}, {"employee_number": "170"}, False),
        ({"email": None}, {"email": None}, False),
        ({"email": "", "employee_number": " "}, {"email": "", "employee_number": " "}, False),
        ({"login": "ada"}, {"login": "ada"}, False),
    ],
)
def test_they_share_an_address_or_an_employee_number(now, before, same):
    defaults = ({"email": "one@acme.com"}, {"email": "two@acme.com"})
    rows = ({**defaults[0], **now}, {**defaults[1], **before, **GONE})
    assert linked(*rows) == (["u2"] if same else [])
    assert linked(*rows, user_id="u2") == (["u1"] if same else [])


def test_two_who_are_both_here_or_both_gone_are_not_linked():
    both = {"email": "ada@acme.com"}
    assert linked(both, both) == []
    assert linked({**both, **GONE}, {**both, **GONE}) == []


def test_who_left_by_override_has_left():
    both = {"email": "ada@acme.com"}
    said = [("u2", "status", "FORMER_EMPLOYEE"), ("u2", "separation_date", "2026-01-02")]
    assert linked(both, both, said=said) == ["u2"]


@given(st.lists(st.tuples(st.booleans(), st.sampled_from(["a@acme.com", "b@acme.com", None]))))
def test_a_link_goes_both_ways(accounts):
    rows = [{"email": email, **(GONE if gone else {})} for gone, email in accounts]
    ids = [f"u{number}" for number in range(1, len(rows) + 1)]
    links = {one: set(linked(*rows, user_id=one)) for one in ids}
    for one, others in links.items():
        for other in others:
            assert one in links[other]


def test_nobody_is_linked_to_who_is_not_there():
    assert linked({}, user_id="u9") == []
