"""Tolerant reading: any JSON becomes a whole row or one Unreadable, and nothing secret is kept."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okta_client import payloads
from okta_client.payloads import Unreadable
from storage.directory import KINDS

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "profile", "status", "created", "type", "_links", "provider",
                             "credentials", "conditions", "actions", "people", "users", "group",
                             "href", "x"]),
            inner, max_size=5,
        )
    ),
    max_leaves=12,
)  # fmt: skip
READERS = {
    "users": payloads.read_user,
    "factors": lambda j: payloads.read_factor("u", j),
    "groups": payloads.read_group,
    "memberships": lambda j: payloads.read_membership("g", j),
    "group_rules": payloads.read_group_rule,
    "admin_roles": lambda j: payloads.read_role("USER", "u", j),
    "apps": payloads.read_app,
    "app_users": lambda j: payloads.read_app_user("a", j),
    "app_groups": lambda j: payloads.read_app_group("a", j),
    "org_settings": lambda j: payloads.read_setting("policy", j),
}


@pytest.mark.parametrize("kind", READERS)
@given(record=JSON)
def test_any_json_is_a_whole_row_or_unreadable(kind, record):
    try:
        row = READERS[kind](record)
    except Unreadable:
        return
    assert set(row) == set(KINDS[kind].columns)
    for value in row.values():
        if isinstance(value, str):
            assert "\0" not in value
            value.encode("utf-8")


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize(
    "record",
    [None, [], "x", {}, {"id": None}, {"id": " "}, {"id": 7}, {"id": "x" * 300}, {"id": ".."}],
    ids=lambda record: str(record)[:20],
)
def test_a_record_without_an_id_that_can_be_asked_for_is_set_aside(kind, record):
    with pytest.raises(Unreadable):
        READERS[kind](record)


def test_a_recorded_user_is_read_with_all_its_dates_and_custom_attributes():
    row = payloads.read_user(
        {
            "id": "00u1", "status": "DEPROVISIONED", "created": "2025-12-17T11:07:52.000Z",
            "activated": None, "statusChanged": "2025-12-17T11:07:53.000Z",
            "type": {"id": "oty1"}, "credentials": {"provider": {"type": "OKTA"}},
            "profile": {"login": "a@b.c", "email": "a@b.c", "drataContractor": True,
                        "drataStartDate": "soon", "mobilePhone": "+1 555", "badge": 7},
        }
    )  # fmt: skip
    assert row["status_changed_at"] == datetime(2025, 12, 17, 11, 7, 53, tzinfo=UTC)
    assert (row["activated_at"], row["drata_contractor"]) == (None, "true")
    assert row["drata_start_date"] == "soon"
    assert json.loads(row["profile"]) == {"badge": 7}
    assert "555" not in json.dumps(row, default=str)


def test_an_app_user_names_the_group_that_gives_the_access():
    row = payloads.read_app_user(
        "0oa1",
        {"id": "00u1", "scope": "GROUP", "_links": {"group": {"href": "https://x/groups/00g9"}}},
    )
    assert (row["scope"], row["via_group_id"]) == ("GROUP", "00g9")


@pytest.mark.parametrize("links", [{"self": {"href": "/x"}}, [{"name": "self"}], [], None, "x"])
@pytest.mark.parametrize("profile", [{}, [], None, "x", {"credentialId": None}])
def test_a_factor_is_read_whatever_its_links_and_empty_fields_are(links, profile):
    row = payloads.read_factor(
        "u",
        {"id": "f", "factorType": "push", "provider": None, "vendorName": None, "status": "ACTIVE",
         "created": None, "lastUpdated": None, "profile": profile, "_links": links,
         "_embedded": None},
    )  # fmt: skip
    assert (row["factor_type"], row["status"], row["provider"]) == ("push", "ACTIVE", None)
    assert (row["created_at"], row["last_updated_at"]) == (None, None)


def test_phone_numbers_and_device_keys_are_not_kept():
    row = payloads.read_factor(
        "u", {"id": "f", "profile": {"phoneNumber": "+1", "keys": [1], "name": "x"}}
    )
    assert json.loads(row["detail"]) == {"name": "x"}


ODD = st.sampled_from(["a", "\0", "\\", "u0000", "\\u0000", "ud83d", "\ud83d", "\udc00", "é", "😀"])


@given(text=st.lists(ODD, max_size=6).map("".join))
def test_what_is_left_out_of_a_text_is_noticed(text):
    sent = json.loads(json.dumps([{"profile": {"title": text}}]))
    stored = payloads.read_user({"id": "u", "profile": sent[0]["profile"]})["title"]
    assert payloads.holds_unstorable(sent) is (stored != sent[0]["profile"]["title"])
