"""The headers of tus, right and wrong ones."""

from __future__ import annotations

import base64
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vlog.errors import BadRequest, NotAPart, VLogError, WrongVersion
from vlog.ingest import tus
from vlog.ingest.tus import Checksum, Part

PATCH = {"content-type": "application/offset+octet-stream", "upload-offset": "5"}
NAMES = (
    *("content-type", "upload-offset", "upload-length", "upload-metadata", "upload-checksum"),
    *("content-length", "tus-resumable", "upload-defer-length"),
)
_values = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=60)
_likely = st.sampled_from(
    ("1.0.0", "5", "-1", "+5", "٣", "0" * 30, "sha1 ", "sha1 AAAA", "filename", "a b,c d", "a =,")
)
_headers = st.dictionaries(st.sampled_from(NAMES), _values | _likely)


@given(_headers, st.booleans())
def test_no_header_crashes_it(headers: dict[str, str], is_part: bool) -> None:
    given_headers = PATCH | headers if is_part else headers
    for parse in (tus.check_version, tus.creation_of, tus.part_of):
        # Every other exception would be a defect.
        with suppress(BadRequest, NotAPart, WrongVersion):
            parse(given_headers)


@settings(max_examples=50)
@given(st.dictionaries(st.text("abcxyz_-", min_size=1, max_size=9), st.text(max_size=40)))
def test_metadata_comes_back_as_it_went(fields: dict[str, str]) -> None:
    pairs = (f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in fields.items())
    assert tus.metadata_of(",".join(pairs)) == fields


def test_an_expiry_is_a_date_of_http() -> None:
    moment = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
    assert tus.expires(moment) == "Tue, 03 Feb 2026 04:05:06 GMT"


def test_what_is_said_is_understood() -> None:
    tus.check_version({"tus-resumable": "1.0.0"})
    made = tus.creation_of({"upload-length": "7", "upload-metadata": "name YS5tcDQ=, empty"})
    assert (made.length, made.form.filename, made.form.fields) == (7, "a.mp4", {"empty": ""})
    assert made.part is None
    first = tus.creation_of({**PATCH, "upload-length": "7", "content-length": "3"})
    assert first.part == Part(0, 3)
    assert tus.part_of(PATCH) == Part(5)
    digest = bytes(20)
    summed = {"upload-checksum": f"sha1 {base64.b64encode(digest).decode()}"}
    assert tus.part_of(PATCH | summed) == Part(5, None, Checksum("sha1", digest))


@pytest.mark.parametrize(
    ("headers", "error"),
    [
        ({"content-type": "text/plain"}, NotAPart),
        ({"upload-offset": "-1"}, BadRequest),
        ({"upload-offset": "9" * 19}, BadRequest),
        ({"upload-checksum": "crc32 AAAA"}, BadRequest),
        ({"upload-checksum": "sha1 AAAA"}, BadRequest),
        ({"upload-checksum": "sha1 ?"}, BadRequest),
    ],
)
def test_a_part_that_is_wrong_is_refused(headers: dict[str, str], error: type[VLogError]) -> None:
    with pytest.raises(error):
        tus.part_of(PATCH | headers)


def test_a_creation_that_is_wrong_is_refused() -> None:
    for headers in (
        {},
        {"upload-length": "x"},
        {"upload-length": "5", "upload-metadata": "a YQ==,a YQ=="},
        {"upload-length": "5", "upload-metadata": "a \xe4"},
        {"upload-length": "5", "upload-metadata": "a gA=="},
        {"upload-defer-length": "1"},
    ):
        with pytest.raises(BadRequest):
            tus.creation_of(headers)
    with pytest.raises(WrongVersion):
        tus.check_version({"tus-resumable": "0.2.2"})
