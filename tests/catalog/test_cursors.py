"""Cursors: what was given out comes back, and nothing else does any harm."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, get_args

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, select

from vlog.catalog import cursors
from vlog.catalog.search_windows import Position
from vlog.catalog.video_query import Sort, VideoQuery, is_beyond, order
from vlog.database.schema import Base, Video
from vlog.errors import BadRequest

_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(2**63 - 2, 2**63 + 1),
    st.floats(),
    st.text(),
    st.datetimes(timezones=st.timezones()).map(datetime.isoformat),
    st.sampled_from(("9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "2026-01-01")),
    st.lists(st.integers(), max_size=2),
)
_MADE = st.lists(_VALUES, max_size=5).map(cursors.encode)
_RAW = st.binary(max_size=60).map(lambda raw: base64.urlsafe_b64encode(raw).decode())
_CURSORS = st.one_of(_MADE, _RAW, st.text(max_size=60), _MADE.map(lambda made: f"~{made}"))


@settings(max_examples=100)
@given(st.lists(st.integers(-(2**63) + 1, 2**63 - 1) | st.text() | st.none(), max_size=4))
def test_a_position_comes_back_as_it_went(values: list[Any]) -> None:
    text = cursors.encode(values)
    assert text.isascii()
    assert cursors.decode(text, len(values)) == values
    with pytest.raises(BadRequest):
        cursors.decode(text, len(values) + 1)


@settings(max_examples=200)
@given(_CURSORS, _VALUES)
@example(base64.urlsafe_b64encode(b"[" * 100_000).decode(), None)
@example(base64.urlsafe_b64encode(b"[" + b"9" * 5000 + b"]").decode(), None)
def test_no_cursor_does_any_harm(cursor: str, value: Any) -> None:
    with suppress(BadRequest):
        assert len(cursors.decode(cursor, 2)) == 2
    with suppress(BadRequest):
        assert Position.of(Position.of(cursor).cursor) is not None
    with suppress(BadRequest):
        assert cursors.moment(value).tzinfo is UTC
    with suppress(BadRequest):
        assert cursors.text(value).encode().decode() == str(value)
    with suppress(BadRequest):
        assert cursors.number(value) >= 0


@pytest.fixture(scope="module")
def library() -> Iterator[Connection]:
    """The tables, and nothing in them."""
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        Base.metadata.create_all(connection)
        yield connection
    engine.dispose()


@settings(max_examples=150)
@given(
    st.sampled_from(get_args(Sort)),
    st.one_of(
        _CURSORS,
        st.lists(_VALUES, min_size=2, max_size=2).map(cursors.encode),
        st.tuples(_VALUES, st.integers(0, 9)).map(lambda pair: cursors.encode(list(pair))),
    ),
    st.booleans(),
)
def test_a_list_that_goes_on_anywhere_can_be_read(
    library: Connection, sort: Sort, cursor: str, public: bool
) -> None:
    query = VideoQuery(sort=sort, cursor=cursor, public=public)
    with suppress(BadRequest):
        rows = library.execute(select(Video.id).where(is_beyond(query)).order_by(*order(query)))
        assert rows.all() == []


def test_what_was_no_list_is_refused() -> None:
    for value in ({"a": 1}, "text", 5, None, [1, 2, 3]):
        with pytest.raises(BadRequest, match="not valid any more"):
            cursors.decode(base64.urlsafe_b64encode(json.dumps(value).encode()).decode(), 2)
