"""Which addresses a policy may name, for people to open and for Sluice to call."""

import re
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.model.web_address import public_address, web_address


@pytest.mark.parametrize(
    "address",
    [
        "https://example.com",
        "https://example.com/",
        "https://ops.example.com:443/hooks/fraud?team=ml&x=%20",
        "https://xn--bcher-kva.example/",
        "https://EXAMPLE.com./x",
    ],
)
def test_an_https_address_by_a_public_name_may_be_called(address: str) -> None:
    assert public_address(address) == address


@pytest.mark.parametrize(
    "address, reason",
    [
        ("http://example.com/", "should begin with https://"),
        ("HTTPS://example.com/", "should begin with https://"),
        ("javascript:alert(1)", "should begin with https://"),
        ("https://user:pass@example.com/", "should hold no user name or password"),
        ("https://user@example.com", "should hold no user name or password"),
        ("https://127.0.0.1/", "with a name and no IP address"),
        ("https://0x7f.1/", "with a name and no IP address"),
        ("https://2130706433/", "with a name and no IP address"),
        ("https://0177.0.0.1/", "with a name and no IP address"),
        ("https://[::1]/", "with a name and no IP address"),
        ("https://example.com:0/", "with a name and no IP address"),
        ("https://example.com:65536/", "with a name and no IP address"),
        ("https://example.com\\@evil.com/", "should hold no user name or password"),
        ("https://example.com\\evil", "should be an address"),
        ("https://exa mple.com/", "should be an address"),
        ("https://example.com/a b", "should be an address"),
        ("https://example.com/<!channel>", "should be an address"),
        ("https://example.com/a|b", "should be an address"),
        ("https://example.com/\n", "should be an address"),
        ("https://-example.com/", "should be an address"),
        ("https://example..com/", "should be an address"),
        ("https://", "should be an address"),
        ("https://example.com/" + "a" * 500, "should have at most 500 characters"),
    ],
)
def test_any_other_address_is_refused_with_a_reason(address: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        web_address(address)


@pytest.mark.parametrize(
    "address, reason",
    [
        ("https://example.com:8443/", "should have no other port than 443"),
        ("https://example.com/#top", "should have no '#'"),
    ],
)
def test_people_may_open_what_is_not_called(address: str, reason: str) -> None:
    assert web_address(address) == address
    with pytest.raises(ValueError, match=reason):
        public_address(address)


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "wiki",
        "db.localhost",
        "hooks.internal",
        "printer.local",
        "a.corp",
        "1.0.0.127.in-addr.arpa",
        "x.lan.",
    ],
)
def test_a_private_name_may_be_opened_by_people_and_is_not_called(host: str) -> None:
    address = f"https://{host}/x"

    assert web_address(address) == address
    with pytest.raises(ValueError, match="should have a public name"):
        public_address(address)


@given(st.text(alphabet="ab1.-:/@\\#?[]%\n\t ", max_size=30))
def test_what_is_accepted_means_the_same_host_to_whoever_calls_it(rest: str) -> None:
    try:
        address = public_address("https://" + rest)
    except ValueError:
        return

    parts = urlsplit(address)
    assert parts.username is None
    assert parts.hostname == re.split("[:/?#]", rest, maxsplit=1)[0].lower()
    assert not set(address) & set("\n\t \\")
