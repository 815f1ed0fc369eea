"""Files with captions, as people bring them."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.captions.strategies import cue_lists
from vlog.captions import subrip, webvtt
from vlog.captions.cue import Cue
from vlog.captions.errors import CaptionsInvalid
from vlog.captions.reading import LARGEST_FILE, read_captions

_PLAIN = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=40)


@given(cue_lists())
def test_webvtt_gives_back_what_was_written(cues: list[Cue]) -> None:
    assert read_captions(webvtt.write(cues).encode()) == cues


@given(cue_lists(_PLAIN))
def test_subrip_gives_back_what_was_written(cues: list[Cue]) -> None:
    assert read_captions(subrip.write(cues).encode()) == cues


@given(cue_lists())
def test_what_is_written_can_always_be_read(cues: list[Cue]) -> None:
    # SubRip has no way to say that something is text and not markup.
    with suppress(CaptionsInvalid):
        read = subrip.read(subrip.write(cues))
        assert len(read) <= len(cues)


@given(st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)))
@example(b"WEBVTT\n\n\xff")
@example(b"\xff\xfe1")
@example(b"1\n00:00:01,000 --> 00:00:02,000\n\x00")
@example(b"WEBVTT\n00:00:01.000 --> 00:00:02.000\n&#x110000;&#0;x")
def test_no_bytes_do_any_harm(content: bytes) -> None:
    with suppress(CaptionsInvalid):
        assert all(cue.end > cue.start and cue.text for cue in read_captions(content))


def test_webvtt_with_everything_in_it() -> None:
    text = """WEBVTT - a title
Kind: captions

STYLE
::cue { color: red }

NOTE a remark
over two lines

NOTES are an id
00:01.500 --> 00:03.000 align:start line:90%
<v Mary>Fish &amp; <i>chips</i> &lt;3
<00:00:02.000>again

01:00:00.000 --> 01:00:01.000

"""
    assert read_captions(text.replace("\n", "\r\n").encode()) == [
        Cue(1.5, 3.0, "Fish & chips <3\nagain")
    ]


def test_subrip_as_programs_write_it() -> None:
    text = (
        "\n\n1\n0:00:01,5 --> 00:00:02.250  X1:1\n"
        "{\\an8}<font color='#fff'>One</font>\n<i>two</i>\n"
        "2\n00:00:03,000 --> 00:00:04,000\n7 < 8\n\n\n"
        "00:00:02,500 --> 00:00:02,900\nearlier\n"
    )
    assert read_captions(text.encode()) == [
        Cue(1.5, 2.25, "One\ntwo"),
        Cue(2.5, 2.9, "earlier"),
        Cue(3.0, 4.0, "7 < 8"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings(encoding: str) -> None:
    text = "1\r\n00:00:01,000 --> 00:00:02,000\r\nÜber “Größe”\r\n"
    assert read_captions(text.encode(encoding)) == [Cue(1.0, 2.0, "Über “Größe”")]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("WEBVTTX\n\n00:01.000 --> 00:02.000\nx", "Line 1: a WebVTT file begins"),
        ("WEBVTT\n\n00:02.000 --> 00:01.000\nx", "Line 3: .* must end after it starts"),
        ("WEBVTT\n\nid\n00:01.000 -> 00:02.000\nx", "Line 3: the times of a cue are missing"),
        ("WEBVTT\n\nid\n00:01.000 --> 2\nx", "Line 4: the times cannot be read"),
        ("WEBVTT\n\n00:01.000 --> 00:62.000\nx", "Line 3: minutes and seconds"),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\nx\n00:03.000 --> 00:04.000\ny", "Line 5: a blank"),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\nx\n\nrest of it", "Line 6: the times"),
        ("WEBVTT\n\n00:01.000 --> 999:00:02.000\nx", "Line 3: .* 100 hours"),
        ("WEBVTT\n\nNOTE nothing else", "no cue with a text"),
        ("1\nhello\n", "Line 1: the times"),
        ("\n1\n00:00:01,000 --> 00:00:01,000\nhello\n", "Line 3: .* must end after"),
        ("just a text", "Line 1: the times"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, says: str) -> None:
    with pytest.raises(CaptionsInvalid, match=says):
        read_captions(text.encode())


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"WEBVTT\n\n00:01.000 --> 00:02.000\nGr\xf6\xdfe", "not in UTF-8"),
        (b"\xef\xbb\xbf\xff", "says that it is in UTF-8"),
        (b" " * (LARGEST_FILE + 1), "larger than 8 MiB"),
    ],
)
def test_bytes_that_are_no_captions(content: bytes, says: str) -> None:
    with pytest.raises(CaptionsInvalid, match=says):
        read_captions(content)
