"""Headers of any kind, on the real layers of both apps."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.types import ASGIApp

from tests.empty_database import put_empty_database
from tests.web.asgi import Answer, app_of, ask, services
from vlog.database.engine import Database
from vlog.web.public import public_app

_ANY = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=40)
_BASIC = st.binary(max_size=30).map(lambda raw: f"Basic {base64.b64encode(raw).decode()}")
_LIKELY = st.sampled_from(
    (
        *(
            "Bearer x",
            "Basic",
            "Bearer  \xff",
            "gzip;q=",
            "gzip, ;q=0",
            "*/*;q=\xb3",
            "a=b; a=c;;=",
            "1",
        ),
        *("vlog_session=\x80", "vlog_viewer=" + "x" * 30, "Mon, 99 Foo", '"', "W/", "a,b,c" * 50),
        *("for=[::1", "bytes=--1", "multipart/form-data; boundary", "text/html;" * 30),
    )
)
_NAMES = (
    *("authorization", "cookie", "accept", "accept-encoding", "accept-language", "user-agent"),
    *("if-none-match", "if-modified-since", "range", "referer", "origin", "x-request-id"),
    *("x-forwarded-for", "x-forwarded-proto", "forwarded", "content-type", "content-length"),
    *("sec-fetch-site", "sec-ch-ua", "last-event-id", "dnt", "tus-resumable", "connection"),
)
_HEADERS = st.dictionaries(st.sampled_from(_NAMES), _ANY | _LIKELY | _BASIC, max_size=6)
_PATHS = ("/", "/api/videos", "/sign-in", "/feed.rss", "/videos/a/master.m3u8", "/assets/a.css")


Ask = Callable[..., list[Answer]]


@pytest.fixture(scope="module")
def ask_both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Asks both apps the same."""
    folder: Path = tmp_path_factory.mktemp("headers")
    database = Database(put_empty_database(folder / "vlog.db"))
    made = services(folder / "storage", database)
    apps: list[ASGIApp] = [public_app(made), app_of(made)]
    with asyncio.Runner() as runner:
        yield lambda *asked: [runner.run(ask(app, *asked)) for app in apps]
        runner.run(database.dispose())


@settings(max_examples=40)
@given(_HEADERS, st.sampled_from(_PATHS), st.sampled_from(("GET", "HEAD", "POST", "OPTIONS")))
def test_no_header_is_a_fault_of_the_server(
    ask_both: Ask, headers: dict[str, str], path: str, method: str
) -> None:
    for answer in ask_both(method, path, headers):
        assert answer.status < 500
        # Nothing that came in makes a header of its own.
        assert not any({*"\r\n"} & {*value} for value in answer.headers.values())
