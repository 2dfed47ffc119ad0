"""Who is whose manager, by keys alone, and who can review."""

import pytest

from controls.personnel import derive
from controls.reviewers import can_review, has_left, managers
from tests.controls.conftest import NOW, overrides
from tests.controls.conftest import people as known
from tests.controls.reviewed import people


def found_manager(*rows, of="u1", said=()):
    frame = people(*rows)
    return managers(frame, known(frame, *said))[of]


@pytest.mark.parametrize(
    "said",
    [
        {"manager_id": "u2"}, {"manager_id": " BOSS@acme.com "}, {"manager_id": "grace@acme.com"},
        {"manager_id": "77"}, {"manager": "boss@acme.com"}, {"manager": "u2"},
        {"manager_id": "gone", "manager": "boss@ACME.com "},
        {"manager_id": "u2", "manager": "third@acme.com"},
    ],
)  # fmt: skip
def test_a_manager_is_found_by_id_login_address_or_number(said):
    boss = {"login": "boss@acme.com", "email": "grace@acme.com", "employee_number": "77"}
    assert found_manager(said, boss, {"login": "third@acme.com"}).user_id == "u2"


def test_what_several_have_in_common_names_who_has_it_as_the_first_of_these():
    rows = [{"manager_id": "x@acme.com"}, {"employee_number": "x@acme.com"}]
    assert found_manager(*rows).user_id == "u2"
    rows.append({"email": "x@acme.com"})
    assert found_manager(*rows).user_id == "u3"
    rows.append({"login": "x@acme.com", "email": "other@acme.com"})
    assert found_manager(*rows).user_id == "u4"
    assert found_manager({"manager_id": "u3"}, {"login": "u3"}, {}).user_id == "u3"


@pytest.mark.parametrize("field", ["manager", "manager_id"])
def test_a_name_is_no_key(field):
    boss = {"first_name": "Grace", "last_name": "Hopper", "display_name": "Grace Hopper"}
    found = found_manager({field: "Grace Hopper"}, boss)
    assert found.user_id is None
    assert found.problem == "Okta names “Grace Hopper” as manager, and nobody is found by that."


def test_a_manager_who_fits_several_is_nobody_and_the_reason_names_what_okta_says():
    twin = {"email": "sam@acme.com"}
    found = found_manager({"manager": "sam@acme.com"}, twin, twin)
    assert (found.user_id, "“sam@acme.com”" in found.problem) == (None, True)
    assert "several" in found.problem
    assert "nobody is found" in found_manager({"manager_id": "x9"}).problem
    assert found_manager({"manager_id": "  "}).problem == "Okta names no manager."


@pytest.mark.parametrize(
    ("boss", "said"),
    [
        ({"status": "DEPROVISIONED"}, ()),
        ({"status": "SUSPENDED"}, ()),
        ({"presence": "deleted", "absent_since": NOW}, ()),
        ({"drata_start_date": "2099-01-01"}, ()),
        ({"user_type": "Service"}, ()),
        ({"email": "sam@elsewhere.com"}, ()),
        ({}, [("u2", "status", "FORMER_EMPLOYEE"), ("u2", "separation_date", "2026-01-02")]),
    ],
)
def test_who_is_no_current_person_that_can_sign_in_gives_way_to_one_who_is(boss, said):
    asked = {"manager_id": "77"}
    boss = {"employee_number": "77", **boss}
    found = found_manager(asked, boss, said=said)
    assert (found.user_id, "no current person" in found.problem) == (None, True)
    assert found_manager(asked, boss, {"employee_number": "77"}, said=said).user_id == "u3"
    # Whom managerId names has left: another word about the manager does not count.
    other = {**asked, "manager": "u3"}
    assert found_manager(other, boss, {}, said=said).user_id is None


def test_who_cannot_sign_in_or_has_left_reviews_nothing():
    frame = people(
        {}, {"status": "SUSPENDED"}, {"status": "DEPROVISIONED"}, {"presence": "deleted"},
        {"status": "LOCKED_OUT"}, {"presence": "left_group"}, {"email": "x@partner.com"},
    )  # fmt: skip
    derived = derive(
        frame, overrides(), today=NOW.date(), email_domains=("acme.com",), mailbox_names=(),
        service_user_types=(),
    )  # fmt: skip
    assert can_review(derived) == {"u1", "u5", "u7"}
    # Who is suspended may be back tomorrow.
    assert has_left(derived) == {"u3", "u4", "u6"}
