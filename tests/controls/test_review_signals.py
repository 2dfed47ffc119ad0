"""Signals say what their explanation says, at its edges too; and how reviewers decided."""

from datetime import timedelta

import pandas as pd
import pytest

from controls.review_signals import (
    SIGNALS,
    contract_ends,
    explain,
    peers,
    quality,
    signals,
)
from tests.controls.conftest import NOW, overrides
from tests.controls.conftest import people as personnel
from tests.controls.reviewed import people

ITEM = {
    "employment_status": "CURRENT_EMPLOYEE", "okta_status": "ACTIVE", "last_login_at": NOW,
    "created_at": NOW - timedelta(days=900), "contractor": False, "contract_end": None,
    "strength": "strong", "privileged": False, "peers_have": 9, "peers_total": 10,
    "came_back": False,
}  # fmt: skip


def said(**values):
    frame = pd.DataFrame([{**ITEM, **values}])
    for name in ("last_login_at", "created_at"):
        frame[name] = pd.to_datetime(frame[name], utc=True)
    frame["contract_end"] = pd.to_datetime(frame["contract_end"])
    return signals(frame, NOW, NOW.date())[0]


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        ({}, ""),
        ({"last_login_at": NOW - timedelta(days=90)}, ""),
        ({"last_login_at": NOW - timedelta(days=90, seconds=1)}, "dormant"),
        ({"last_login_at": None}, "dormant"),
        ({"last_login_at": None, "created_at": NOW - timedelta(days=20)}, ""),
        ({"employment_status": "FORMER_CONTRACTOR"}, "leaver"),
        ({"okta_status": "DEPROVISIONED"}, "leaver"),
        ({"okta_status": "SUSPENDED"}, "suspended"),
        ({"strength": "weak"}, ""),
        ({"strength": "weak", "privileged": True}, "weak_mfa"),
        ({"strength": "none", "privileged": True}, "weak_mfa"),
        ({"strength": "unknown", "privileged": True}, ""),
        ({"peers_have": 2}, "unlike_peers"),
        ({"peers_have": 3}, ""),
        ({"peers_have": 0, "peers_total": 4}, ""),
        ({"came_back": True}, "came_back"),
        ({"contractor": True, "contract_end": "2026-11-23"}, "contractor_past_end"),
        ({"contractor": True, "contract_end": "2026-11-24"}, ""),
        ({"contractor": False, "contract_end": "2026-11-23"}, ""),
        ({"came_back": True, "okta_status": "SUSPENDED", "peers_have": 0},
         "came_back,suspended,unlike_peers"),
    ],
)  # fmt: skip
def test_a_signal_says_what_its_explanation_says(values, codes):
    assert said(**values) == codes


def test_each_signal_says_how_it_was_computed():
    told = explain(",".join(SIGNALS))
    assert [row["signal"] for row in told] == list(SIGNALS)
    assert all(row["word"] and row["how"].endswith(".") for row in told)
    assert explain("") == explain("not a signal") == []


def test_peers_are_the_other_current_people_of_the_department():
    frame = people(
        {"department": "Sales"}, {"department": "Sales"}, {"department": "Sales"},
        {"department": "Sales", "status": "DEPROVISIONED"}, {"department": "Legal"},
        {"department": None},
    )  # fmt: skip
    access = pd.DataFrame(
        [(user, "app", "crm") for user in ("u1", "u2", "u4", "u5", "u6")],
        columns=["user_id", "kind", "resource_id"],
    )
    found = peers(access, personnel(frame)).set_index(access["user_id"])
    assert found.loc["u1"].tolist() == [1, 2]
    assert found.loc["u4"].tolist() == [2, 3]
    assert found.loc["u5"].tolist() == [0, 0]
    assert found.loc["u6"].tolist() == [0, 0]


def test_a_contract_ends_when_we_say_so_else_when_okta_does():
    frame = people(
        {"profile": '{"contractEndDate":"2026-10-01"}'},
        {"profile": '{"endDate":"2026-01-01"}'},
        {"profile": '{"note":"contractEndDate"}'},
        {"profile": "{}"},
    )
    ends = contract_ends(frame, overrides(("u2", "separation_date", "2027-05-05")))
    assert ends.tolist()[:2] == ["2026-10-01", "2027-05-05"]
    assert ends[2:].isna().all()


def decided(*rows):
    """(decision, seconds since the one before[, bulk id])"""
    at, filled = NOW, []
    for decision, seconds, *bulk in rows:
        at += timedelta(seconds=seconds)
        filled.append((decision, at, bulk[0] if bulk else None))
    return pd.DataFrame(filled, columns=["decision", "decided_at", "bulk"])


def test_care_is_measured_by_time_bulk_and_keeps():
    found = quality(decided(*[("KEEP", 2)] * 25))
    assert (found.seconds, found.longest_keeps, found.bulk) == (2.0, 25, 0)
    assert found.remarks == ("All 25 kept", "Fast: 2.0 s a row")
    found = quality(decided(*[("KEEP", 30), ("REVOKE", 700), ("KEEP", 40)] * 10))
    assert found.remarks == ()
    assert found.longest_keeps == 2
    assert found.seconds == 40.0
    found = quality(decided(("REVOKE", 9), *[("KEEP", 0, "b1")] * 24))
    assert found.remarks == ("24 of 25 in bulk",)
    assert quality(decided()).decided == 0
    assert quality(decided(*[("KEEP", 1)] * 5)).remarks == ()
