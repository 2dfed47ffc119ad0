"""What an outside scanner sees: the answer, headers and cookies of every route of a real server.

The server stands behind a proxy with TLS (the test speaks for the proxy, as its headers would).
A route that Streamlit or we add is not in the tables below, and fails here until it is looked at.
"""

from datetime import timedelta
from unittest.mock import MagicMock

import pytest
import requests
from streamlit.web.server.starlette.starlette_app import create_streamlit_routes

from storage import connections, sessions
from tests.browser.conftest import App
from ui import server
from workflows.installation import open_installation
from workflows.settings import Settings

HOST, TOKEN = "countersign.acme.com", "the-random-id-of-a-session"
THROUGH_TLS = {"Host": HOST, "X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
# Route: status for who has no session, and for who has one. None: not asked (it acts, or streams).
ROUTES = {
    # Ours
    "/healthz": (200, 200),
    "/readyz": (200, 200),
    "/login": (400, 400),
    "/login/initiate": (400, 400),
    "/callback": (400, 400),
    "/logout": (303, None),
    "/signed-out": (200, 200),
    "/demo/persona": (401, 400),
    "/overview": (401, 307),
    # Streamlit's
    "/_stcore/health": (401, 200),
    "/_stcore/metrics": (404, 404),
    "/_stcore/host-config": (401, 200),
    "/media/{file_id:path}": (401, 404),
    "/_stcore/upload_file/{session_id}/{file_id}": (401, 200),
    "/component/{path:path}": (401, 404),
    "/_stcore/bidi-components/{path:path}": (401, 404),
    "/_stcore/stream": (401, 200),
    "/auth/login": (404, 404),
    "/auth/logout": (404, 404),
    "/oauth2callback": (404, 404),
    "/_stcore/agent/interact": (404, 404),
    "/_stcore/agent/openapi.json": (404, 404),
    "/_stcore/agent/mcp": (404, 404),
    "/": (401, 200),
    "/personnel": (401, 200),
    # For what it does not know, Streamlit answers with its empty front page.
    "/static/js/none.js": (200, 200),
    "/.streamlit/config.toml": (401, 200),
    "/../../etc/passwd": (401, 400),
}
# Sent with every answer, over TLS; the content policy is looked at by itself.
ALWAYS = {
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "referrer-policy": "same-origin",
    "strict-transport-security": "max-age=31536000",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "x-robots-tag": "noindex",
}
# What may come beside them. "server: uvicorn" is the only thing that names a program.
BESIDE = {
    "accept-ranges", "allow", "content-encoding", "content-length", "content-security-policy",
    "content-type", "date", "etag", "last-modified", "location", "server", "set-cookie", "vary",
}  # fmt: skip


@pytest.fixture(scope="module")
def exposed(tmp_path_factory):
    """A server with sign-in on, and somebody's session."""
    data = tmp_path_factory.mktemp("exposed")
    inst = open_installation(Settings(data_dir=data))
    now = inst.now()
    with inst.database.write() as conn:
        number = connections.add(
            conn, organization="https://127.0.0.1:9", host="127.0.0.1:9", state="connected",
            email_domains=("acme.com",), access_reviews=False, demo=False, created_at=now,
            client_id="0oa1", client_secret_sealed=inst.vault.seal("s"), sign_in=True,
        )  # fmt: skip
        sessions.start(
            conn, token=TOKEN, now=now, kind="okta", connection_id=number, login="ana",
            okta_user_id="00u1", email="ana@acme.com", name="Ana", id_token_sealed=None,
            address="", browser="", expires_at=now + timedelta(hours=1),
        )  # fmt: skip
    inst.database.close()
    app = App(
        data, public_url=f"https://{HOST}", trusted_proxies="127.0.0.1", sign_in_attempts="1000"
    )
    yield app
    app.stop()


def ask(app, path, *, session=False, method="GET", **headers):
    said = {**THROUGH_TLS, "Accept": "text/html", **headers}
    if session:
        said["Cookie"] = f"__Host-countersign={TOKEN}"
    # As a raw path: a client that tidies it up would hide what a scanner tries.
    request = requests.Request(method, app.url, headers=said).prepare()
    request.url = app.url + path
    with requests.Session() as client:
        client.trust_env = False
        return client.send(request, allow_redirects=False, timeout=60)


def example(route):
    return route.replace("{file_id:path}", "x.csv").replace("{path:path}", "x/y.js").replace(
        "{session_id}/{file_id}", "a/b"
    )  # fmt: skip


def test_every_route_there_is_is_looked_at():
    there = {route.path for route in create_streamlit_routes(MagicMock()) if route.path}
    there |= {route.path for route in server.routes()}
    assert there - set(ROUTES) == set()


@pytest.mark.parametrize("session", [False, True])
@pytest.mark.parametrize("route", ROUTES)
def test_each_route_answers_as_it_must_and_with_all_headers(exposed, route, session):
    status = ROUTES[route][session]
    if status is None:
        return
    answer = ask(exposed, example(route), session=session)
    assert answer.status_code == status
    headers = {name.lower(): value for name, value in answer.headers.items()}
    if route.startswith("/static/"):
        headers["cache-control"] = ALWAYS["cache-control"]
    assert {name: headers.get(name) for name in ALWAYS} == ALWAYS
    assert set(headers) - set(ALWAYS) - BESIDE == set()
    assert "Traceback" not in answer.text
    assert "site-packages" not in answer.text
    assert "maxUploadSize" not in answer.text
    assert "root:" not in answer.text
    assert "access-control-allow-origin" not in headers
    for cookie in answer.raw.headers.getlist("Set-Cookie"):
        assert "Secure" in cookie
        assert "SameSite=lax" in cookie or "SameSite=Lax" in cookie
        assert "HttpOnly" in cookie or cookie.startswith("_streamlit_xsrf=")
        assert not session or cookie.startswith("_streamlit_xsrf=")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
@pytest.mark.parametrize("path", ["/", "/login", "/callback", "/logout", "/readyz", "/media/x"])
def test_no_other_method_does_anything(exposed, path, method):
    answer = ask(exposed, path, method=method)
    assert answer.status_code in {401, 405}
    assert ask(exposed, path, method=method, session=True).status_code in {204, 404, 405}


def test_the_content_policy_lets_nothing_in_from_elsewhere(exposed):
    said = ask(exposed, "/").headers["Content-Security-Policy"]
    policy = dict(part.split(" ", 1) for part in said.split("; "))
    assert policy["default-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["base-uri"] == "'none'"
    assert policy["object-src"] == "'none'"
    assert policy["form-action"] == "'self'"
    for sources in policy.values():
        for source in sources.split():
            known = {"'self'", "'none'", "data:", "blob:", "'unsafe-inline'"}
            assert source in known or source.startswith("'sha256-"), source
    assert "unsafe" not in policy["script-src"]


def test_signing_in_begins_with_one_short_lived_cookie(exposed):
    """The provider of this test cannot be reached, so that the way ends on a plain page."""
    answer = ask(exposed, "/login")
    assert "could not be reached" in answer.text
    assert "Set-Cookie" not in answer.headers


def test_the_session_cookie_leaves_with_the_sign_out(exposed):
    answer = ask(exposed, "/logout")
    assert answer.headers["Location"] == "/signed-out"
    [cookie] = answer.raw.headers.getlist("Set-Cookie")
    assert cookie.startswith('__Host-countersign="";')
    parts = {part.strip() for part in cookie.split(";")}
    assert {"HttpOnly", "Max-Age=0", "Path=/", "SameSite=lax", "Secure"} <= parts


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"X-Forwarded-Proto": "http"},
        {"Origin": "https://evil.example"},
        {"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "http"},
    ],
)
@pytest.mark.parametrize("path", ["/", "/login", "/personnel", "/static/js/none.js"])
def test_who_comes_the_wrong_way_is_refused_even_with_a_session(exposed, path, headers):
    answer = ask(exposed, path, session=True, **headers)
    assert answer.status_code == 403
    assert answer.headers["X-Frame-Options"] == "DENY"


def test_without_sign_in_it_says_whom_it_answers_and_slows_down_who_tries_too_often(tmp_path):
    app = App(tmp_path, sign_in_attempts="3")
    try:
        assert "Only this computer is answered" in app.log.read_text()
        answers = [requests.get(f"{app.url}/login", timeout=60) for _ in range(5)]
        assert [answer.status_code for answer in answers] == [400, 400, 400, 429, 429]
        assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
        # Each of the routes that begin or end a sign-in counts.
        assert requests.get(f"{app.url}/callback", timeout=60).status_code == 429
        assert requests.get(f"{app.url}/", timeout=60).status_code == 200
    finally:
        app.stop()


def test_bound_to_every_address_without_sign_in_it_says_so_and_refuses(tmp_path):
    app = App(tmp_path, "--server.address", "0.0.0.0")
    try:
        own = requests.get(f"{app.url}/", headers={"Host": "countersign.acme.com"}, timeout=60)
        assert own.status_code == 403
        assert "No sign-in is set up" in own.text
        log = app.log.read_text()
        assert "listens on 0.0.0.0, where others are refused" in log
    finally:
        app.stop()
