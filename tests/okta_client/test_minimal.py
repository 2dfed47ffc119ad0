"""What is blanked at receipt (SPEC 2), in the shapes that Okta really sends."""

import hashlib
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okta_client.minimal import Minimal
from okta_client.transport import Answer

KEPT = Minimal(frozenset({"login", "email", "firstName", "drataStartDate"}))


def answer(value):
    body = json.dumps(value).encode()
    return Answer("https://x/", 200, {}, body, value, "rid", datetime.now(UTC))


def kept(resource, record):
    return KEPT.of(resource, answer([record])).json[0]


USER = {
    "id": "00u1",
    "status": "ACTIVE",
    "profile": {"login": "a@x", "mobilePhone": "+1 555 1234567", "ssn": "123", "firstName": None},
    "credentials": {
        "password": {"value": "hunter2"},
        "recovery_question": {"question": "Whose dog?", "answer": "Rex"},
        "emails": [{"value": "a@x"}],
        "provider": {"type": "OKTA", "name": "OKTA"},
    },
    "_links": {"self": {"href": "https://x/api/v1/users/00u1"}},
}


@pytest.mark.parametrize("resource", ["users", "user", "memberships"])
def test_of_people_only_the_kept_attributes_and_no_credentials_stay(resource):
    found = kept(resource, USER)
    assert found["profile"] == {"login": "a@x", "firstName": None}
    assert found["credentials"] == {"provider": {"type": "OKTA", "name": "OKTA"}}
    assert (found["id"], found["status"]) == ("00u1", "ACTIVE")


def test_a_security_question_loses_its_text_and_answer():
    factor = {
        "id": "ufs1", "factorType": "question", "status": "ACTIVE",
        "profile": {"question": "disliked_food", "questionText": "Food?", "answer": "mush"},
    }  # fmt: skip
    assert kept("factors", factor)["profile"] == {}


def test_an_enrolment_under_way_loses_its_secret():
    factor = {
        "id": "ost1", "factorType": "token:software:totp", "status": "PENDING_ACTIVATION",
        "_embedded": {"activation": {"sharedSecret": "JBSW", "timeStep": 30}},
    }  # fmt: skip
    assert "JBSW" not in json.dumps(kept("factors", factor))


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("+12345678901", "+XXXXXXXXX01"),
        ("+1 XXX-XXX-6065", "+X XXX-XXX-XX65"),
        ("", ""),
        ("none", "none"),
    ],
)
def test_a_phone_number_keeps_its_last_two_digits(phone, masked):
    factor = {"id": "mbl1", "factorType": "sms", "profile": {"phoneNumber": phone}}
    assert kept("factors", factor)["profile"]["phoneNumber"] == masked


def test_an_assignment_keeps_the_name_that_the_application_knows():
    user = {
        "id": "00u1", "scope": "USER", "credentials": {"userName": "ada", "password": {}},
        "profile": {"salary": 1, "email": "a@x"},
    }  # fmt: skip
    found = kept("app_users", user)
    assert found["credentials"] == {"userName": "ada"}
    assert found["profile"] == {"email": "a@x"}
    app = {
        "id": "0oa1", "label": "CRM", "_embedded": {"user": user},
        "credentials": {
            "password": {"hash": "x"}, "oauthClient": {"client_id": "c", "client_secret": "s"},
        },
    }  # fmt: skip
    found = kept("user_apps", app)
    assert found["_embedded"]["user"]["profile"] == {"email": "a@x"}
    assert found["credentials"] == {"oauthClient": {"client_id": "c"}}


def test_a_password_policy_keeps_its_sections():
    policy = {
        "id": "00p1", "type": "PASSWORD",
        "settings": {
            "password": {"complexity": {"minLength": 8}},
            "recovery": {"factors": {"recovery_question": {"status": "ACTIVE"}}},
        },
    }  # fmt: skip
    assert kept("policies", policy) == policy


def test_an_event_keeps_what_happened_and_to_which_ids():
    event = {
        "uuid": "e1", "eventType": "user.session.start", "published": "2026-11-24T12:00:00Z",
        "actor": {"id": "00u1", "type": "User", "alternateId": "a@x", "displayName": "Ada"},
        "client": {"ipAddress": "203.0.113.9"},
        "target": [{"id": "00u2", "type": "User", "displayName": "Bo"}, None],
    }  # fmt: skip
    found = json.dumps(kept("logs", event))
    for gone in ("a@x", "Ada", "Bo", "203.0.113.9"):
        assert gone not in found
    assert kept("logs", event)["target"] == [{"id": "00u2", "type": "User"}, None]


def test_what_has_nothing_to_blank_is_kept_to_the_byte_with_its_hash():
    said = answer([{"id": "00g1", "profile": {"name": "Sales"}}])
    found = KEPT.of("groups", said)
    assert found.body is said.body
    assert found.received_sha256 == hashlib.sha256(said.body).hexdigest()


def test_the_hash_is_that_of_the_body_as_it_came():
    said = answer([USER])
    found = KEPT.of("users", said)
    assert found.received_sha256 == hashlib.sha256(said.body).hexdigest()
    assert json.loads(found.body) == found.json
    assert b"hunter2" not in found.body


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=10,
)
SHAPES = st.dictionaries(
    st.sampled_from(["id", "profile", "credentials", "_embedded", "target", "actor", "password"]),
    JSON,
)


@given(
    st.sampled_from(["users", "memberships", "factors", "apps", "app_users", "logs", "org"]), SHAPES
)
def test_odd_shapes_are_blanked_or_kept_and_never_a_crash(resource, record):
    once = KEPT.of(resource, answer([record]))
    assert KEPT.of(resource, answer(once.json)).json == once.json
