"""Conditional and partial requests."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vlog.web.conditions import RangeNotThere, is_known, wanted_range

_NUMBERS = st.sampled_from(("", "0", "1", "99", "100", "٣", "9" * 30, "-1", " 5", "+2", "1_0"))
_RANGES = st.lists(st.tuples(_NUMBERS, _NUMBERS).map("-".join), max_size=3).map(
    lambda ranges: "bytes=" + ",".join(ranges)
)
_DATES = st.builds(
    "Mon, {} Nov {} {}:00:00 {}".format,
    *(st.sampled_from(("23", "99", "9" * 25, "0", "x")) for _ in range(3)),
    st.sampled_from(("GMT", "+9999", "-0000", "+" + "9" * 30, "\x00")),
)
_ANY = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=40)
_HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "range": _RANGES | _ANY,
        "if-range": _DATES | _ANY | st.sampled_from(('"abc-64"', 'W/"abc-64"')),
        "if-none-match": _ANY | st.sampled_from(('"abc-64"', "*", 'W/"abc-64",,')),
        "if-modified-since": _DATES | _ANY,
    },
)

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
        ({"if-modified-since": f"Mon, 23 Nov {'9' * 30} 10:00:00 GMT"}, False),
        ({"if-modified-since": f"Mon, 23 Nov 2026 10:00:00 +{'9' * 30}"}, False),
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
        (f"bytes={','.join(['0-'] * 10_000)}", None),
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


@settings(max_examples=200)
@given(_HEADERS, st.integers(0, 200))
def test_whatever_is_asked_only_bytes_of_the_file_are_answered(
    headers: dict[str, str], size: int
) -> None:
    assert is_known(headers, ETAG, MODIFIED) in (True, False)
    try:
        wanted = wanted_range(headers, ETAG, MODIFIED, size)
    except RangeNotThere:
        return
    assert wanted is None or (wanted and 0 <= wanted.start < wanted.stop <= size)


@settings(max_examples=100)
@given(st.binary(min_size=1, max_size=50), st.data())
def test_a_range_is_what_its_numbers_say(content: bytes, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(content) - 1))
    last = data.draw(st.integers(first, 2 * len(content)))
    for asked, expected in (
        (f"bytes={first}-{last}", content[first : last + 1]),
        (f"bytes={first}-", content[first:]),
        (f"bytes=-{last + 1}", content[-(last + 1) :]),
    ):
        wanted = wanted_range({"range": asked}, ETAG, MODIFIED, len(content))
        assert wanted is not None
        assert content[wanted.start : wanted.stop] == expected
