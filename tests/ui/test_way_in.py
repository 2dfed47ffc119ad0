"""The small parts of the way in: where it may lead, how often, cookies, names of browsers."""

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import Response

from ui import cookies
from ui.browsers import browser_name
from ui.limiter import TOGETHER, Limiter
from ui.own_paths import own_path, own_path_of_url
from ui.plain_pages import Link, page

HOME = "https://countersign.acme.com"


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (None, "/"),
        ("", "/"),
        ("/", "/"),
        ("/?a=1", "/?a=1"),
        ("/personnel?q=a%20b&status=X", "/personnel?q=a%20b&status=X"),
        ("/sync#part", "/sync"),
        ("/personnel/", "/personnel/"),
    ],
)
def test_a_page_of_ours_is_kept_with_its_query(text, path):
    assert own_path(text) == path
    assert own_path_of_url(f"{HOME}{text or ''}", HOME) == path


HOSTILE = [
    "https://evil.example",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\tevil",
    "/personnel\r\nSet-Cookie: a=b",
    "/%2f%2fevil.example",
    "/..//evil.example",
    "/personnel/../..//evil.example",
    "javascript:alert(1)",
    "personnel",
    "@evil.example",
    "/@evil.example",
    "/personnel@evil.example",
    "/nonsense",
    "/logout",
    "/login",
    "/ personnel",
    "/personnel?" + "x" * 2000,
    "http://[::1",
    "/" + "\x00",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_else_is(text):
    assert own_path(text) is None


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/personnel",
        f"{HOME}.evil.example/personnel",
        f"{HOME}@evil.example/personnel",
        f"{HOME}//evil.example",
        "http://countersign.acme.com/personnel",
        "/personnel",
    ],
)
def test_a_target_of_the_tile_is_on_this_app_only(url):
    assert own_path_of_url(url, HOME) is None


@given(
    st.one_of(
        st.text(max_size=60),
        st.text("/\\.:@?#%personl\t\r\n ", max_size=30),
        st.sampled_from(HOSTILE).flatmap(lambda a: st.text(max_size=9).map(lambda b: a + b)),
    )
)
def test_whatever_is_typed_leads_nowhere_else(text):
    found = own_path(text)
    if found is None:
        return
    there = urlsplit(urljoin(HOME, found))
    assert (there.scheme, there.netloc) == ("https", "countersign.acme.com")
    assert found.isprintable() or "?" in found


def test_one_address_may_do_so_much_in_a_minute():
    now = [0.0]
    limiter = Limiter(lambda: now[0])
    assert [limiter.wait("203.0.113.9", limit=3) for _ in range(4)] == [0, 0, 0, 60]
    now[0] = 20.0
    assert limiter.wait("203.0.113.9", limit=3) == 40
    assert limiter.wait("203.0.113.10", limit=3) == 0
    now[0] = 60.5
    assert limiter.wait("203.0.113.9", limit=3) == 0


def test_addresses_of_one_household_count_together_in_ipv6():
    limiter = Limiter(lambda: 0.0)
    assert limiter.wait("2001:db8::1", limit=1) == 0
    assert limiter.wait("2001:db8::ffff", limit=1) > 0
    assert limiter.wait("2001:db8:0:1::1", limit=1) == 0


def test_all_addresses_together_have_a_limit_too():
    limiter = Limiter(lambda: 0.0)
    said = [limiter.wait(f"10.0.{n // 250}.{n % 250}", limit=10) for n in range(10 * TOGETHER + 5)]
    assert said.count(0) == 10 * TOGETHER
    assert all(said[-5:])


def test_what_is_long_ago_takes_no_memory():
    now = [0.0]
    limiter = Limiter(lambda: now[0])
    for n in range(10_050):
        now[0] += 1.0
        limiter.wait(f"address {n}", limit=10)
    assert len(limiter._seen) < 10_050


@pytest.mark.parametrize(("secure", "name"), [(True, "__Host-countersign"), (False, "countersign")])
def test_cookies_are_named_and_fenced_by_scheme(secure, name):
    response = Response()
    cookies.put(response, cookies.SESSION, "value", secure=secure)
    said = response.headers["set-cookie"]
    assert said.startswith(f"{name}=value; HttpOnly; Path=/; SameSite=lax")
    assert ("Secure" in said) == secure
    assert "Domain" not in said
    assert "Max-Age" not in said


def test_what_the_other_scheme_set_is_taken_out():
    scope = {"headers": [(b"cookie", b"a=1; countersign=x; __Host-countersign=y; countersign2=z")]}
    cookies.strip_others(scope, secure=True)
    assert scope["headers"] == [(b"cookie", b"a=1; __Host-countersign=y; countersign2=z")]
    cookies.strip_others(scope, secure=False)
    assert scope["headers"] == [(b"cookie", b"a=1; countersign2=z")]


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 "
         "Safari/537.36", "Chrome on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/156.0 Safari/537.36 Edg/156.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone) Version/19.0 Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Macintosh; rv:150.0) Gecko Firefox/150.0", "Firefox on Mac"),
        ("curl/8.5", "curl"),
        ("", "Unknown browser"),
        ("<script>", "Unknown browser"),
    ],
)  # fmt: skip
def test_browsers_are_called_as_people_know_them(agent, name):
    assert browser_name(agent) == name


def test_a_plain_page_escapes_whatever_it_is_given():
    body = page("<b>", '"><script>alert(1)</script>', links=[Link("<i>", '"onload="x')]).body
    text = body.decode()
    assert "<script" not in text
    assert "<b>" not in text.split("</style>")[1]
    assert 'href="&quot;onload=&quot;x"' in text
