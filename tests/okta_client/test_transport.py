"""One GET: who gets the key, what each answer means, and how often it is tried."""

import json

import pytest
import requests
import responses

from okta_client import client as okta
from okta_client import errors
from okta_client.addresses import same_origin
from okta_client.client import Request, next_of, records_of
from okta_client.transport import ATTEMPTS, Transport

ORIGIN = "https://acme.okta.com"
KEY = "00secretkeyofthetests"
URL = f"{ORIGIN}/api/v1/users"
OKTA = {"X-Okta-Request-Id": "rid1"}


@pytest.fixture
def transport():
    return Transport(ORIGIN, KEY, sleep=lambda seconds: None)


def okta_error(code):
    said = {"errorSummary": "Summary", "errorCauses": []}
    return {**said, "errorCode": code} if code else said


@responses.activate
def test_the_key_goes_out_as_oktas_documents_say_and_nothing_but_get(transport):
    responses.get(URL, json=[], headers=OKTA)
    answer = transport.get("/api/v1/users", {"limit": "1"})
    sent = responses.calls[0].request
    assert (sent.method, sent.headers["Authorization"]) == ("GET", f"SSWS {KEY}")
    assert (answer.json, answer.request_id) == ([], "rid1")
    assert not [name for name in dir(transport) if name in {"post", "put", "delete", "request"}]


@pytest.mark.parametrize(
    "url",
    ["https://evil.com/api/v1/users", "http://acme.okta.com/api/v1/users",
     "https://acme.okta.com:8443/x", "https://acme.okta.com.evil.com/x",
     "https://x@acme.okta.com/api"],
)  # fmt: skip
@responses.activate
def test_the_key_never_goes_to_another_origin(transport, url):
    with pytest.raises(errors.UnexpectedAnswer):
        transport.get(url)
    assert len(responses.calls) == 0


@responses.activate
def test_redirects_are_not_followed(transport):
    responses.get(URL, status=302, headers={"Location": "https://evil.com/"})
    with pytest.raises(errors.NotAnOktaOrg):
        transport.get(URL)
    assert len(responses.calls) == 1


@pytest.mark.parametrize(
    ("status", "code", "kind", "tries"),
    [
        (401, "E0000011", errors.KeyInvalid, 1),
        (401, "E0000004", errors.KeyInvalid, 1),
        (401, "E0000015", errors.NotEnabled, 1),
        (403, "E0000006", errors.NotPermitted, 1),
        (404, "E0000007", errors.NotFound, 1),
        (404, "E0000008", errors.NotEnabled, 1),
        (405, "E0000022", errors.NotEnabled, 1),
        (408, None, errors.Unavailable, ATTEMPTS),
        (400, "E0000031", errors.BadRequest, 1),
        (500, "E0000009", errors.Unavailable, ATTEMPTS),
        (503, "E0000010", errors.Unavailable, ATTEMPTS),
        (429, "E0000047", errors.RateLimited, ATTEMPTS),
    ],
)
@responses.activate
def test_oktas_code_decides_what_the_answer_means(transport, status, code, kind, tries):
    responses.get(URL, status=status, json=okta_error(code), headers=OKTA)
    with pytest.raises(kind) as caught:
        transport.get(URL)
    assert len(responses.calls) == tries
    assert caught.value.request_id == "rid1"
    assert caught.value.endpoint == "/api/v1/users"
    assert KEY not in repr(caught.value) + str(caught.value) + repr(transport)


@responses.activate
def test_a_stale_cursor_is_told_from_a_bad_question(transport):
    responses.get(f"{URL}?after=x", status=400, json=okta_error("E0000031"), headers=OKTA)
    with pytest.raises(errors.StaleCursor):
        transport.get(f"{URL}?after=x")


@pytest.mark.parametrize(
    ("status", "body"),
    [(404, '{"status":404,"message":"Resource not found"}'), (200, "<html>"), (401, "denied")],
)
@responses.activate
def test_what_does_not_answer_as_okta_is_no_okta_org(transport, status, body):
    responses.get(URL, status=status, body=body)
    with pytest.raises(errors.NotAnOktaOrg):
        transport.get(URL)


@responses.activate
def test_a_failure_that_passes_is_tried_again(transport):
    responses.get(URL, body=requests.ConnectionError("x"))
    responses.get(URL, status=502, body="bad gateway", headers=OKTA)
    responses.get(URL, body="[{", headers=OKTA)
    responses.get(URL, json=[1], headers=OKTA)
    assert transport.get(URL).json == [1]


@responses.activate
def test_a_broken_connection_names_neither_key_nor_query(transport):
    responses.get(URL, body=requests.ConnectionError(f"{URL}?secret=1 {KEY}"))
    with pytest.raises(errors.Unavailable) as caught:
        transport.get(f"{URL}?secret=1")
    assert KEY not in str(caught.value)
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


def page(body, link=None, url=URL):
    headers = {**OKTA, **({"Link": link} if link else {})}
    with responses.RequestsMock() as mock:
        mock.get(url, body=json.dumps(body), headers=headers)
        return Transport(ORIGIN, KEY).get(url)


USERS = Request("users", "/api/v1/users")
ASSIGNEES = Request("admin_assignees", "/api/v1/iam/assignees/users")


def test_next_is_read_from_the_header_and_from_the_body():
    link = f'<{URL}?limit=2>; rel="self", <{URL}?after=a,b&limit=2>; rel="next"'
    assert next_of(USERS, page([], link), ORIGIN) == f"{URL}?after=a,b&limit=2"
    url = f"{ORIGIN}/api/v1/iam/assignees/users"
    body = {"value": [], "_links": {"next": {"href": f"{url}?after=x"}}}
    assert next_of(ASSIGNEES, page(body, url=url), ORIGIN) == f"{url}?after=x"
    assert next_of(USERS, page([]), ORIGIN) is None


@pytest.mark.parametrize(
    "link",
    [f'<{URL}?after=a;b,c>; rel="next"', f"<{URL}?after=a;b,c>;rel=next",
     f'<{URL}?x>;rel="self",<{URL}?after=a;b,c>; title="a, b; c"; REL="Next"',
     '<https://acme.okta.com:443/api/v1/users?after=a;b,c>; rel="next"',
     '</api/v1/users?after=a;b,c>; rel="next"'],
)  # fmt: skip
def test_a_link_header_is_read_however_it_is_written(link):
    url = next_of(USERS, page([], link), ORIGIN)
    assert url.partition("?")[2] == "after=a;b,c"
    assert same_origin(url, ORIGIN)


def test_a_path_may_be_escaped_in_another_way():
    request = okta.group_members("00g a@b")
    assert request.path == "/api/v1/groups/00g%20a%40b/users"
    link = f'<{ORIGIN}/api/v1/groups/00g%20a@b/users?after=x>; rel="next"'
    answer = page([], link, ORIGIN + request.path)
    assert next_of(request, answer, ORIGIN).endswith("?after=x")
    for other in ("00g%20a%40c", "00g%20a%40b/x", "00g%2520a%40b"):
        link = f'<{ORIGIN}/api/v1/groups/{other}/users?after=x>; rel="next"'
        with pytest.raises(errors.UnexpectedAnswer):
            next_of(request, page([], link, ORIGIN + request.path), ORIGIN)


@pytest.mark.parametrize(
    "target",
    ["https://evil.com/api/v1/users?after=x", f"{ORIGIN}/api/v1/groups?after=x",
     "http://acme.okta.com/api/v1/users?after=x", f"{ORIGIN}:444/api/v1/users", "::bad::"],
)  # fmt: skip
def test_a_next_page_elsewhere_is_an_error_and_not_an_end(target):
    with pytest.raises(errors.UnexpectedAnswer):
        next_of(USERS, page([], f'<{target}>; rel="next"'), ORIGIN)


@pytest.mark.parametrize("body", [{}, {"value": []}, None, "x", 7])
def test_a_body_of_another_shape_is_an_error_and_not_an_empty_list(body):
    with pytest.raises(errors.UnexpectedAnswer):
        records_of(USERS, page(body))
