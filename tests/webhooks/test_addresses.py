"""What must not be reached by way of VLog is not, whatever it is called."""

from __future__ import annotations

import ipaddress

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sentences import assert_one_sentence
from vlog.errors import Invalid
from vlog.webhooks.addresses import AddressRefused, NameUnknown, is_public, target_of

PRIVATE = [
    "0.0.0.0",
    "127.0.0.1",
    "127.255.0.9",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.251",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:a9fe:a9fe",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a00:1",
    "64:ff9b:1::7f00:1",
    "2002:7f00:1::",
    "2001:0:7f00:1::",
    "2001:db8::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "fc00::1",
    "fd12:3456::1",
    "ff02::1",
    "nonsense",
]
PUBLIC = ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"]


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_of_our_own_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_open_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost:9001/api/videos",
        "https://LOCALHOST./",
        "http://[::1]:9001/",
        "http://[::ffff:127.0.0.1]/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://0/",
        "http://１２７.0.0.1/",
    ],
)
async def test_every_spelling_of_loopback_is_refused_by_the_real_resolver(url: str) -> None:
    with pytest.raises((AddressRefused, NameUnknown)):
        await target_of(url, allow_private=False)


async def test_localhost_is_refused_with_what_to_do() -> None:
    with pytest.raises(AddressRefused, match="allow_private_addresses"):
        await target_of("http://localhost/", allow_private=False)
    assert (await target_of("http://localhost/", allow_private=True)).addresses


async def test_one_bad_address_among_good_ones_is_enough() -> None:
    async def both(host: str, port: int) -> list[str]:
        return ["8.8.8.8", "10.0.0.1"]

    with pytest.raises(AddressRefused):
        await target_of("https://example.org/", allow_private=False, resolver=both)


async def test_a_name_is_resolved_once_and_its_address_is_kept() -> None:
    asked: list[tuple[str, int]] = []

    async def rebinding(host: str, port: int) -> list[str]:
        asked.append((host, port))
        return ["8.8.8.8"] if len(asked) == 1 else ["127.0.0.1"]

    target = await target_of(
        "https://Bücher.example/a%20b?c=1#d", allow_private=False, resolver=rebinding
    )
    assert asked == [("xn--bcher-kva.example", 443)]
    assert target.pinned(target.addresses[0]) == "https://8.8.8.8:443/a%20b?c=1"
    assert target.host_header == "xn--bcher-kva.example"


async def test_a_host_that_nobody_knows_is_said_to_be_so() -> None:
    async def nobody(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    with pytest.raises(NameUnknown, match=r"there\.invalid"):
        await target_of("http://there.invalid/", allow_private=True, resolver=nobody)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org/hook",
        "file:///etc/passwd",
        "gopher://example.org/",
        "http://",
        "http:///path",
        "http://user:secret@example.org/",
        "http://example.org:port/",
        "http://example.org:70000/",
        "http://[::1/",
        "http://example.org/a b",
        "http://exam\xadple.org/",
        "https://example.org/" + "x" * 2000,
    ],
)
async def test_what_is_no_address_of_a_receiver_is_refused(url: str) -> None:
    with pytest.raises(Invalid):
        await target_of(url, allow_private=True)


_IPS = st.lists(st.ip_addresses().map(str), min_size=1, max_size=3)
_URLS = st.text(max_size=40) | st.builds(
    "{}{}{}{}".format,
    st.sampled_from(("http://", "https://", "HTTP://", "http://[", "ftp://", "http://a:b@", "//")),
    st.sampled_from(
        ("example.org", "[::1]", "[fe80::1%é]", "bü.example", "a..b", "." * 3, "x" * 80, "\xad")
    ),
    st.sampled_from(("", ":", ":80", ":99999", ":٨", ":-1", "@evil.example", "\\@evil.example")),
    st.sampled_from(("", "/", "/a?b#c", "/é", "\r\nX: y", "/%0d%0a", " ", "/\x7f")),
)


@settings(max_examples=150)
@given(_URLS, _IPS)
async def test_any_address_is_one_request_to_the_open_internet_or_refused(
    url: str, addresses: list[str]
) -> None:
    async def resolver(host: str, port: int) -> list[str]:
        return addresses

    try:
        target = await target_of(url, allow_private=False, resolver=resolver)
    except (Invalid, AddressRefused, NameUnknown) as error:
        assert_one_sentence(error)
        return
    assert all(ipaddress.ip_address(one).is_global for one in addresses)
    assert target.host_header.isascii()
    assert target.host_header.isprintable()
    for address in target.addresses:
        pinned = httpx.URL(target.pinned(address))
        assert ipaddress.ip_address(pinned.host) == ipaddress.ip_address(address)
        assert "\n" not in str(pinned)
