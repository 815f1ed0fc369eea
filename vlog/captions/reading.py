"""A file with captions, as somebody brings it: any of the two formats, in any usual encoding."""

from __future__ import annotations

import codecs

from vlog.captions import subrip, webvtt
from vlog.captions.checking import sound_cues
from vlog.captions.cue import Cue
from vlog.captions.errors import CaptionsInvalid

LARGEST_FILE = 8 * 1024 * 1024

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_captions(content: bytes) -> list[Cue]:
    """The cues of a WebVTT or SubRip file.

    Raises:
        CaptionsInvalid: with the line and what is wrong there.
    """
    if len(content) > LARGEST_FILE:
        raise CaptionsInvalid(f"The file is larger than {LARGEST_FILE // 1024**2} MiB.")
    text = _decoded(content)
    if not text.strip():
        raise CaptionsInvalid("The file is empty.")
    found = webvtt.read(text) if webvtt.is_webvtt(text) else subrip.read(text)
    if not found:
        raise CaptionsInvalid("There is no cue with a text in this file.")
    return sound_cues(found)


def _decoded(content: bytes) -> str:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _strictly(content, encoding)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        if content.startswith(b"WEBVTT"):
            raise CaptionsInvalid(
                "The file is not in UTF-8, as WebVTT must be. Save it as UTF-8, then try again."
            ) from None
    # Where nothing says what an old SubRip file is written in, it is what Windows wrote.
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _strictly(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise CaptionsInvalid(
            f"The file says that it is in {encoding.removesuffix('-sig').upper()} and is not."
        ) from error
