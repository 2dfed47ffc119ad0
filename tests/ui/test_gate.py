"""Who may speak to the app: this computer until people sign in, then whoever has a session."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from starlette.requests import Request

from storage import audit_log, connections, sessions
from ui import callers, gate, server
from workflows import installation
from workflows.installation import open_installation
from workflows.settings import Settings

TOKEN = "the-random-id-of-a-session"
PUBLIC = {
    "public_url": "https://countersign.acme.com", "allowed_hosts": "audit.acme.com",
    "trusted_proxies": "10.0.0.0/24, 127.0.0.1",
}  # fmt: skip


@pytest.fixture
def inst(tmp_path, monkeypatch):
    opened = open_installation(Settings(data_dir=tmp_path, **PUBLIC))
    monkeypatch.setattr(installation, "_opened", opened)
    monkeypatch.setattr(gate, "_last", None)
    yield opened
    opened.database.close()


@pytest.fixture
def with_sign_in(inst):
    """Sign-in is on, and somebody is signed in."""
    now = datetime.now(UTC)
    with inst.database.write() as conn:
        connection_id = connections.add(
            conn, organization="https://acme.okta.com", host="acme.okta.com", state="connected",
            email_domains=("acme.com",), access_reviews=False, demo=False, created_at=now,
            client_id="0oa1", client_secret_sealed=inst.vault.seal("secret"), sign_in=True,
        )  # fmt: skip
        sessions.start(
            conn, token=TOKEN, now=now, kind="okta", connection_id=connection_id, login="ana",
            okta_user_id="00u1", email="ana@acme.com", name="Ana", id_token_sealed=None,
            address="", browser="", expires_at=now + timedelta(hours=1),
        )  # fmt: skip
    return inst


async def inner(scope, receive, send):
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        return
    seen = {k.decode(): v.decode() for k, v in scope["headers"]}
    local = seen.get(callers.LOCAL_HEADER) == callers.LOCAL_MARK
    said = f"secret data; local {local}; cookies {sorted(Request(scope).cookies)}"
    await send({"type": "http.response.start", "status": 200, "headers": [
        (b"set-cookie", b"_streamlit_xsrf=1; Path=/; SameSite=Lax")]})  # fmt: skip
    await send({"type": "http.response.body", "body": said.encode()})


def ask(
    kind="http",
    *,
    peer=("127.0.0.1", 5000),
    host="127.0.0.1:8501",
    path="/",
    headers=None,
    scheme="http",
    method="GET",
):
    """What the middleware answers: status, headers, body; of a websocket its one message."""
    app = inner
    for layer in reversed(server.middleware()):
        app = layer.cls(app)
    said = {"host": host, "accept": "text/html", **(headers or {})}
    pairs = [(k, one) for k, v in said.items() for one in (v if isinstance(v, list) else [v])]
    scope = {
        "type": kind, "path": path, "method": method, "client": peer, "query_string": b"",
        "headers": [(k.lower().encode(), v.encode()) for k, v in pairs],
        "scheme": scheme.replace("http", "ws") if kind == "websocket" else scheme,
    }  # fmt: skip
    sent = []

    async def receive():
        return {"type": f"{kind}.connect"}

    async def send(message):
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    if kind == "websocket":
        return sent[0]
    start = sent[0]
    found = [(k.decode().lower(), v.decode()) for k, v in start["headers"]]
    return start["status"], dict(found), b"".join(m.get("body", b"") for m in sent[1:]).decode()


ACCEPTED = {"type": "websocket.accept"}
CLOSED = {"type": "websocket.close", "code": 1008}
PROXIED = {
    "peer": ("10.0.0.7", 4000), "host": "countersign.acme.com",
    "headers": {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https",
                "Cookie": f"__Host-countersign={TOKEN}"},
}  # fmt: skip


def proxied(**more):
    changed = {**PROXIED, **more}
    changed["headers"] = {**PROXIED["headers"], **more.get("headers", {})}
    changed["headers"] = {k: v for k, v in changed["headers"].items() if v is not None}
    return changed


@pytest.mark.parametrize("host", ["127.0.0.1:8501", "localhost", "[::1]:8501", "LocalHost:80"])
def test_without_sign_in_this_computer_is_served_with_strict_headers(inst, host):
    status, headers, body = ask(host=host)
    assert (status, body[:11]) == (200, "secret data")
    assert "local True" in body
    assert "default-src 'self'" in headers["content-security-policy"]
    assert headers["x-frame-options"] == "DENY"
    assert "strict-transport-security" not in headers
    assert ask("websocket", host=host) == ACCEPTED


EVERYBODY_ELSE = [
    {"peer": ("10.0.0.9", 5000)},
    {"peer": None},
    {"host": "evil.example"},
    {"host": "127.0.0.1.evil.example"},
    {"host": ""},
    {"headers": {"Host": ["127.0.0.1:8501", "127.0.0.1:8501"]}},
    {"headers": {"X-Forwarded-For": "127.0.0.1"}},
    {"headers": {"X-Forwarded-Anything": "1"}},
    {"headers": {"Forwarded": "for=127.0.0.1"}},
    {"headers": {"X-Real-IP": "10.0.0.9"}},
    {"headers": {"Via": "1.1 proxy"}},
    {"headers": {"Origin": "http://evil.example"}},
    {"headers": {"Origin": "null"}},
    # uvicorn puts the forwarded address in the peer's place, with port 0.
    {"peer": ("127.0.0.1", 0), "headers": {"X-Forwarded-For": "127.0.0.1"}},
]


@pytest.mark.parametrize("more", EVERYBODY_ELSE)
@pytest.mark.parametrize("path", ["/", "/healthz", "/static/x.js", "/login", "/callback"])
def test_without_sign_in_everybody_else_gets_nothing(inst, more, path):
    status, headers, body = ask(path=path, **more)
    assert status == 403
    assert "secret data" not in body
    assert "No sign-in is set up" in body
    assert "content-security-policy" in headers
    assert ask("websocket", path=path, **more) == CLOSED


def test_nobody_can_claim_to_be_this_computer(with_sign_in):
    """The mark is the gate's own: what comes in under its name is thrown away."""
    said = proxied(headers={callers.LOCAL_HEADER: callers.LOCAL_MARK})
    assert "local False" in ask(**said)[2]


@pytest.mark.parametrize("path", ["/", "/personnel", "/media/x", "/_stcore/health", "/nonsense"])
def test_with_sign_in_nothing_is_served_without_a_session(with_sign_in, path):
    for cookie in (None, "__Host-countersign=another-installations", "countersign=" + TOKEN):
        said = proxied(path=path, headers={"Cookie": cookie})
        status, headers, body = ask(**said)
        assert status == 401
        assert "secret data" not in body
        assert 'href="/login?next=' in body
        assert headers["cache-control"] == "no-store"
        assert ask("websocket", **said) == CLOSED
        assert ask(**{**said, "method": "POST"})[0] == 401
    assert ask(**proxied(path=path))[0] == 200
    assert ask("websocket", **proxied(path=path)) == ACCEPTED


def test_even_this_computer_needs_a_session_once_sign_in_is_on(with_sign_in):
    assert ask()[0] == 401
    assert ask("websocket") == CLOSED
    assert ask(headers={"Cookie": f"countersign={TOKEN}"})[0] == 200


def test_a_file_is_refused_without_a_page(with_sign_in):
    status, _, body = ask(**proxied(headers={"Cookie": None, "accept": "*/*"}))
    assert (status, body) == (401, "Sign in first.\n")


def test_a_deep_link_is_kept_and_escaped(with_sign_in):
    said = proxied(path="/personnel", headers={"Cookie": None})
    assert 'href="/login?next=%2Fpersonnel"' in ask(**said)[2]
    said["path"] = '/"><script>alert(1)</script>'
    body = ask(**said)[2]
    assert "<script" not in body
    assert 'href="/login?next=%2F"' in body


def test_a_tab_whose_session_has_ended_is_told_by_the_frame(with_sign_in):
    with with_sign_in.database.write() as conn:
        everybodys = sessions.SESSIONS.c.id > 0
        sessions.end(conn, everybodys, because="elsewhere", now=datetime.now(UTC))
    assert ask("websocket", **PROXIED) == ACCEPTED
    status, _, body = ask(**PROXIED)
    assert status == 401
    assert "ended from another session" in body


def test_a_cookie_that_is_not_ours_is_noted_once_a_minute(with_sign_in, monkeypatch):
    monkeypatch.setattr(gate, "_strangers", gate.Limiter())
    for number in range(3):
        ask(**proxied(headers={"Cookie": f"__Host-countersign=made-up-{number}"}))
    with with_sign_in.database.read() as conn:
        [event] = audit_log.events(conn, limit=10, action="sign_in.refused")
    assert event["detail"]["reason"] == "unknown_session"
    assert event["detail"]["from"] == "203.0.113.9"


def test_over_https_cookies_are_secure_and_hsts_is_sent(with_sign_in):
    _, headers, body = ask(**PROXIED)
    assert headers["strict-transport-security"] == "max-age=31536000"
    assert headers["set-cookie"].endswith("; Secure")
    assert "['__Host-countersign']" in body


def test_over_https_a_cookie_that_plain_http_could_have_set_is_not_seen(with_sign_in):
    said = proxied(headers={"Cookie": f"countersign=planted; a=1; __Host-countersign={TOKEN}"})
    assert "['__Host-countersign', 'a']" in ask(**said)[2]


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"peer": ("10.0.1.7", 4000)}, "COUNTERSIGN_TRUSTED_PROXIES"),
        ({"peer": ("203.0.113.9", 4000)}, "COUNTERSIGN_TRUSTED_PROXIES"),
        # A stranger who writes a proxy's address into the header is no proxy.
        ({"peer": ("203.0.113.9", 4000), "headers": {"X-Forwarded-For": "10.0.0.7"}},
         "COUNTERSIGN_TRUSTED_PROXIES"),
        ({"host": "evil.example"}, "COUNTERSIGN_ALLOWED_HOSTS"),
        ({"host": "127.0.0.1"}, "COUNTERSIGN_ALLOWED_HOSTS"),
        ({"headers": {"X-Forwarded-Proto": "http"}}, "plain http"),
        ({"headers": {"X-Forwarded-Proto": None}}, "plain http"),
        ({"headers": {"X-Forwarded-Proto": "https, http"}}, "plain http"),
        ({"headers": {"Origin": "https://evil.example"}}, "another site"),
        ({"headers": {"Origin": "http://countersign.acme.com"}}, "another site"),
    ],
)  # fmt: skip
def test_with_sign_in_proxies_hosts_and_schemes_are_checked(with_sign_in, more, says):
    status, _, body = ask(**proxied(**more))
    assert status == 403
    assert says in body
    assert "secret data" not in body
    assert ask("websocket", **proxied(**more)) == CLOSED


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"host": "audit.acme.com"},
        {"host": "countersign.acme.com:443"},
        {"headers": {"Origin": "https://countersign.acme.com"}},
        # nginx on this computer: uvicorn has replaced the peer.
        {"peer": ("203.0.113.9", 0), "scheme": "https"},
        {"peer": ("127.0.0.1", 4000)},
        # TLS without a proxy.
        {"peer": ("203.0.113.9", 4000), "scheme": "https",
         "headers": {"X-Forwarded-For": None, "X-Forwarded-Proto": None}},
    ],
)  # fmt: skip
def test_with_sign_in_who_comes_the_right_way_is_served(with_sign_in, more):
    assert ask(**proxied(**more))[0] == 200
    assert ask("websocket", **proxied(**more)) == ACCEPTED


def test_uvicorns_own_trust_in_others_is_not_ours(with_sign_in, monkeypatch):
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    assert ask(**proxied(peer=("203.0.113.9", 0), scheme="https"))[0] == 403


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("6.6.6.6, 203.0.113.9", "203.0.113.9"),
        ("6.6.6.6, 203.0.113.9, 10.0.0.3", "203.0.113.9"),
        ("2001:db8::1", "2001:db8::1"),
        ("nonsense", "10.0.0.7"),
        ("", "10.0.0.7"),
    ],
)
def test_the_browsers_address_is_the_nearest_that_is_no_proxy(inst, forwarded, address):
    scope = {
        "type": "http", "client": ("10.0.0.7", 4000), "scheme": "http",
        "headers": [(b"host", b"x"), (b"x-forwarded-for", forwarded.encode()),
                    (b"x-forwarded-proto", b"https")],
    }  # fmt: skip
    assert callers.identify(scope, inst.settings).address == address


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_with_sign_in_probes_are_answered_to_whoever_watches(with_sign_in, path):
    assert ask(path=path, peer=("10.9.9.9", 4000), host="10.0.0.5:8501")[0] == 200


@pytest.mark.parametrize(
    "path",
    ["/_stcore/metrics", "/_stcore/agent/interact", "/_stcore/agent/mcp", "/auth/login",
     "/auth/logout", "/oauth2callback", "/_stcore/script-health-check"],
)  # fmt: skip
def test_what_streamlit_offers_beside_the_app_is_not_served(inst, path):
    assert ask(path=path)[0] == 404


def test_a_store_that_does_not_open_leaves_the_gate_shut_to_others(monkeypatch):
    def broken(settings=None):
        raise RuntimeError("the driver")

    monkeypatch.setattr(gate, "open_installation", broken)
    assert ask()[0] == 200
    for more in EVERYBODY_ELSE:
        assert ask(**more)[0] == 403
