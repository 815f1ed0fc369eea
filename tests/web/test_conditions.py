"""Conditional and partial requests."""

from __future__ import annotations

import pytest

from vlog.web.conditions import RangeNotThere, is_known, wanted_range

ETAG, MODIFIED = '"abc-64"', "Mon, 23 Nov 2026 10:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "known"),
    [
        ({}, False),
        ({"if-none-match": ETAG}, True),
        ({"if-none-match": f'"other", W/{ETAG}'}, True),
        ({"if-none-match": "*"}, True),
        ({"if-none-match": '"other"'}, False),
        ({"if-none-match": '"other"', "if-modified-since": MODIFIED}, False),
        ({"if-modified-since": MODIFIED}, True),
        ({"if-modified-since": "Mon, 23 Nov 2026 10:00:01 GMT"}, True),
        ({"if-modified-since": "Mon, 23 Nov 2026 09:59:59 GMT"}, False),
        ({"if-modified-since": "yesterday"}, False),
        ({"if-modified-since": "Mon, 23 Nov 2026 10:00:00"}, False),
    ],
)
def test_what_the_asker_has_already(headers: dict[str, str], known: bool) -> None:
    assert is_known(headers, ETAG, MODIFIED) is known


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ("bytes=0-0", range(1)),
        ("bytes=0-99", range(100)),
        ("bytes=10-19", range(10, 20)),
        ("bytes=90-", range(90, 100)),
        ("bytes=90-1000", range(90, 100)),
        ("bytes=-10", range(90, 100)),
        ("bytes=-1000", range(100)),
        ("Bytes = 1 - 2", range(1, 3)),
        ("bytes=-", None),
        ("bytes=5-4", None),
        ("bytes=a-b", None),
        ("bytes=٣-٤", None),
        ("bytes=0-1,5-6", None),
        ("lines=1-2", None),
        ("", None),
        (f"bytes=0-{'9' * 30}", None),
    ],
)
def test_which_bytes_are_wanted(asked: str, wanted: range | None) -> None:
    assert wanted_range({"range": asked}, ETAG, MODIFIED, 100) == wanted


@pytest.mark.parametrize("asked", ["bytes=100-", "bytes=100-200", "bytes=-0"])
def test_a_range_behind_the_end(asked: str) -> None:
    with pytest.raises(RangeNotThere):
        wanted_range({"range": asked}, ETAG, MODIFIED, 100)


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (ETAG, True),
        (MODIFIED, True),
        (f"W/{ETAG}", False),
        ('"other"', False),
        ("Mon, 23 Nov 2026 10:00:01 GMT", False),
    ],
)
def test_a_range_of_this_very_file_only(condition: str, holds: bool) -> None:
    headers = {"range": "bytes=0-9", "if-range": condition}
    assert wanted_range(headers, ETAG, MODIFIED, 100) == (range(10) if holds else None)
