"""Which hosts may get the key, and what a person is told otherwise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okta_client.addresses import (
    SUFFIXES,
    AddressError,
    parse_custom_domain,
    parse_organization,
    same_origin,
)


@pytest.mark.parametrize(
    "text",
    ["acme.okta.com", "https://acme.okta.com", "https://acme.okta.com/", " ACME.okta.com ",
     "acme-admin.okta.com", "https://acme-admin.okta.com/"],
)  # fmt: skip
def test_the_ways_people_write_an_organization_mean_one_origin(text):
    address = parse_organization(text)
    assert (address.origin, address.host) == ("https://acme.okta.com", "acme.okta.com")
    assert bool(address.note) == ("-admin" in text)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_suffix_of_oktas_is_known(suffix):
    assert parse_organization(f"acme.{suffix}").host == f"acme.{suffix}"


@pytest.mark.parametrize(
    "text",
    ["", "okta.com", ".okta.com", "acme.okta.com.evil.com", "acme.okta.com@evil.com",
     "user:pass@acme.okta.com", "acme.okta.com:443", "acme.okta.com/app", "acme.okta.com?x=1",
     "acme.okta.com#x", "http://acme.okta.com", "ftp://acme.okta.com", "10.0.0.1", "[::1]",
     "127.0.0.1:80", "localhost", "a.b.okta.com", "-admin.okta.com", "acme .okta.com",
     "аcme.okta.com", "acme。okta.com", "acme.okta.com\\@evil.com", "evil.com/acme.okta.com",
     "xokta.com", "https://", "acme.okta.com\n"[:-1] + "\x00", "x" * 400 + ".okta.com"],
)  # fmt: skip
def test_anything_else_is_refused_in_a_sentence(text):
    with pytest.raises(AddressError) as caught:
        parse_organization(text)
    assert str(caught.value).endswith((".", "Domain."))


@given(st.text(max_size=60))
def test_whatever_is_accepted_lies_on_an_allowed_suffix(text):
    try:
        address = parse_organization(text)
    except AddressError:
        return
    assert address.origin == f"https://{address.host}"
    assert address.host.endswith(tuple("." + s for s in SUFFIXES))


def test_loopback_needs_permission_and_is_http_without_a_scheme():
    assert parse_organization("127.0.0.1:8765", allow_loopback=True).origin == (
        "http://127.0.0.1:8765"
    )
    assert parse_organization("http://[::1]:8", allow_loopback=True).origin == "http://[::1]:8"
    with pytest.raises(AddressError):
        parse_organization("http://10.0.0.1", allow_loopback=True)


def test_a_custom_domain_is_any_https_host_without_port_or_path():
    assert parse_custom_domain("Login.Acme.com").origin == "https://login.acme.com"
    for text in ("http://login.acme.com", "login.acme.com/x", "1.2.3.4", "nodots", "a..b"):
        with pytest.raises(AddressError):
            parse_custom_domain(text)


@pytest.mark.parametrize(
    ("url", "same"),
    [
        ("https://acme.okta.com/api", True),
        ("https://acme.okta.com:443/api", True),
        ("http://acme.okta.com:443/api", False),
        ("https://acme.okta.com:444/api", False),
        ("http://acme.okta.com/api", False),
        ("https://user@acme.okta.com/api", False),
        ("https://evil.com/https://acme.okta.com", False),
        ("https://acme.okta.com.evil.com", False),
        ("//acme.okta.com", False),
    ],
)
def test_the_key_goes_to_the_same_scheme_host_and_port_only(url, same):
    assert same_origin(url, "https://acme.okta.com") is same
