"""Whom VLog believes when it is told who asks."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.types import Receive, Scope, Send

from tests.web.asgi import Body, ask
from vlog.web.proxies import TrustedProxies, was_handed_over

TRUSTED = ("127.0.0.0/8", "::1", "10.0.0.0/8")


async def _seen(headers: list[tuple[str, str]], peer: str) -> dict[str, Any]:
    seen: dict[str, Any] = {}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.update(scope, handed_over=was_handed_over(scope))
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def from_peer(scope: Scope, receive: Receive, send: Send) -> None:
        raw = [(name.encode(), value.encode("latin-1")) for name, value in headers]
        scope = {**scope, "client": (peer, 4711), "headers": raw}
        await TrustedProxies(app, TRUSTED)(scope, receive, send)

    await ask(from_peer, "GET", "/", {}, Body())
    return seen


@pytest.mark.parametrize(
    ("peer", "chain", "visitor"),
    [
        ("198.51.100.7", "203.0.113.1", "198.51.100.7"),
        ("127.0.0.1", "203.0.113.1", "203.0.113.1"),
        ("127.0.0.1", "203.0.113.1, 203.0.113.2", "203.0.113.2"),
        ("127.0.0.1", "203.0.113.1, 10.1.2.3", "203.0.113.1"),
        ("127.0.0.1", "10.9.9.9, 10.1.2.3", "10.9.9.9"),
        ("::1", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2:3:4:5:6"),
        ("::ffff:127.0.0.1", "203.0.113.1:5544", "203.0.113.1"),
        ("127.0.0.1", "[2001:db8::9]:443", "2001:db8::9"),
        ("127.0.0.1", "203.0.113.1, nonsense", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.1, nonsense, 10.1.2.3", "10.1.2.3"),
        ("127.0.0.1", "", "127.0.0.1"),
    ],
)
async def test_only_what_trusted_proxies_wrote_is_believed(
    peer: str, chain: str, visitor: str
) -> None:
    seen = await _seen([("x-forwarded-for", chain)] if chain else [], peer)
    assert seen["client"][0] == visitor


async def test_a_header_that_came_twice_is_one_chain() -> None:
    twice = [("x-forwarded-for", "203.0.113.1"), ("x-forwarded-for", "203.0.113.2")]
    assert (await _seen(twice, "127.0.0.1"))["client"][0] == "203.0.113.2"


async def test_the_scheme_is_believed_from_a_trusted_proxy_alone() -> None:
    secure = [("x-forwarded-proto", "https"), ("x-forwarded-for", "203.0.113.1")]
    assert (await _seen(secure, "127.0.0.1"))["scheme"] == "https"
    assert (await _seen(secure, "198.51.100.7"))["scheme"] == "http"
    nonsense = [("x-forwarded-proto", "javascript")]
    assert (await _seen(nonsense, "127.0.0.1"))["scheme"] == "http"


async def test_a_request_knows_whether_a_proxy_handed_it_over() -> None:
    forwarded = [("x-forwarded-for", "203.0.113.1")]
    assert (await _seen(forwarded, "127.0.0.1"))["handed_over"]
    assert not (await _seen(forwarded, "198.51.100.7"))["handed_over"]
    assert not (await _seen([], "127.0.0.1"))["handed_over"]


_WORDS = st.one_of(
    st.ip_addresses().map(str),
    st.sampled_from(("fe80::1%eth0", "[::1", "[::1]:x", "1.2.3.4:", "::ffff:127.0.0.1", "unknown")),
    st.text(st.characters(max_codepoint=255), max_size=20),
)


@settings(max_examples=100)
@given(st.lists(_WORDS, max_size=5).map(",".join), _WORDS)
async def test_a_visitor_always_has_a_plain_address(chain: str, scheme: str) -> None:
    seen = await _seen([("x-forwarded-for", chain), ("x-forwarded-proto", scheme)], "127.0.0.1")
    address = ipaddress.ip_address(seen["client"][0])
    assert "%" not in str(address)
    assert seen["scheme"] in ("http", "https")


@settings(max_examples=100)
@given(st.lists(_WORDS, max_size=5).map(",".join))
async def test_nothing_that_a_visitor_writes_makes_another_one_of_them(written: str) -> None:
    seen = await _seen([("x-forwarded-for", f"{written},203.0.113.9, 10.1.2.3")], "127.0.0.1")
    assert seen["client"][0] == "203.0.113.9"
    assert (await _seen([("x-forwarded-for", written)], "198.51.100.7"))["client"][0] == (
        "198.51.100.7"
    )
