"""The two controls that reviews feed: in time, in full, proven; silent where nothing is."""

from dataclasses import replace
from datetime import timedelta

import pandas as pd
import pytest

from controls.model import Reviews, evaluate
from controls.review_controls import (
    ACCESS_REMOVED,
    ACCESS_REVIEWED,
    REMOVAL_DAYS,
    REVIEW_DAYS,
)
from tests.controls.conftest import NOW, snapshot, users

APPS = ["crm", "mail"]


def days(n):
    return NOW - timedelta(days=n)


def judge(control, *, reviewed=(), removals=(), apps=APPS, **more):
    """reviewed: (app, days since closing, undecided). removals: (state, revoked, since) in days."""
    facts = Reviews(
        apps=pd.DataFrame({"app_id": apps, "label": [a.title() for a in apps]}),
        reviewed=pd.DataFrame(
            [(app, f"Q{n}", days(n), 10, left) for app, n, left in reviewed],
            columns=["app_id", "campaign", "closed_at", "items", "undecided"],
        ),
        removals=pd.DataFrame(
            [
                (n, "Ada", "Crm", "Q", days(begun), state, days(since), 7)
                for n, (state, begun, since) in enumerate(removals)
            ],
            columns=["item_id", "person", "resource", "campaign", "requested_at", "state",
                     "since", "run_id"],
        ),
    )  # fmt: skip
    return evaluate(control, snapshot_with(facts, **more))


def snapshot_with(facts, **more):
    return replace(snapshot(users({}), **more), reviews=facts)


@pytest.mark.parametrize("control", [ACCESS_REVIEWED, ACCESS_REMOVED], ids=lambda c: c.id)
def test_where_reviews_are_off_there_is_nothing_to_judge_and_the_reason_says_how(control):
    found = evaluate(control, snapshot(users({})))
    assert (found.outcome, found.in_scope) == ("ERROR", 0)
    assert "Turn it on" in found.reason


def test_before_any_campaign_every_application_is_unreviewed():
    found = judge(ACCESS_REVIEWED)
    assert (found.outcome, found.failed) == ("FAILED", 2)
    assert found.findings["message"][0] == (
        "No closed campaign has looked at everybody who has Crm."
    )


def test_without_any_application_it_cannot_tell():
    assert judge(ACCESS_REVIEWED, apps=[]).outcome == "ERROR"


def test_what_could_not_be_read_is_no_pass():
    rows = [("crm", 1, 0), ("mail", 1, 0)]
    assert judge(ACCESS_REVIEWED, reviewed=rows).outcome == "PASSED"
    assert judge(ACCESS_REVIEWED, reviewed=rows, not_read={"apps": "No."}).outcome == "ERROR"


@pytest.mark.parametrize(
    ("reviewed", "reason"),
    [
        ([("crm", REVIEW_DAYS, 0)], "reviewed"),
        ([("crm", REVIEW_DAYS + 1, 0)], "too_long_ago"),
        ([("crm", 3, 4)], "in_part"),
        ([("crm", 3, 4), ("crm", 30, 0)], "reviewed"),
        ([("crm", 3, 4), ("crm", 200, 0)], "in_part"),
        ([("mail", 3, 0)], "never"),
        ([("crm", 300, 2)], "never"),
    ],
)
def test_an_application_is_reviewed_when_all_of_it_was_decided_in_time(reviewed, reason):
    found = judge(ACCESS_REVIEWED, reviewed=reviewed).findings.set_index("label")
    assert found.loc["Crm", "reason"] == reason
    assert (found.loc["Crm", "outcome"] == "PASS") == (reason == "reviewed")


LATE = REMOVAL_DAYS + 1


@pytest.mark.parametrize(
    ("removal", "outcome", "said"),
    [
        (("OPEN", 1, 1), "PASS", "has until 30 November 2026 to go"),
        (("STILL_PRESENT", REMOVAL_DAYS, 2), "PASS", "has until"),
        (("STILL_PRESENT", LATE, 2), "FAIL", "is still there; it should have gone by"),
        (("OPEN", LATE, LATE), "FAIL", "is still there"),
        (("STILL_EFFECTIVE", LATE, 2), "FAIL", "still comes another way"),
        (("VERIFIED_GONE", 30, 30 - REMOVAL_DAYS), "PASS", "was gone after 7 days, as run 7"),
        (("VERIFIED_GONE", 30, 30 - LATE), "FAIL", "was gone after 8 days"),
        (("VERIFIED_GONE", 2, 2), "PASS", "was gone the same day"),
        (("CAME_BACK", 1, 0), "FAIL", "had gone and is there again"),
        (("COULD_NOT_TELL", 1, 0), "PASS", "has until"),
        (("COULD_NOT_TELL", LATE, 2), "UNKNOWN", "since run 7 the list was not read whole"),
    ],
)
def test_a_revoke_is_removed_when_a_run_shows_it_gone_in_time(removal, outcome, said):
    found = judge(ACCESS_REMOVED, removals=[removal]).findings
    assert found["outcome"][0] == outcome
    assert said in found["message"][0]
    assert found["label"][0] == "Ada: Crm"


def test_without_a_revoke_in_the_last_year_nothing_had_to_be_removed():
    for removals in ([], [("STILL_PRESENT", 400, 2)]):
        found = judge(ACCESS_REMOVED, removals=removals)
        assert found.outcome == "ERROR"
        assert "nothing had to be removed" in found.reason
