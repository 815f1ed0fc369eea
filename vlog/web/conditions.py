"""What a conditional or partial request asks for (RFC 9110, 13 and 14). Pure functions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

_ONE_RANGE = re.compile(r"bytes\s*=\s*(\d{0,18})\s*-\s*(\d{0,18})", re.ASCII | re.IGNORECASE)


class RangeNotThere(Exception):
    """The range begins behind the end."""


def is_known(headers: Mapping[str, str], etag: str, modified: str) -> bool:
    """Whether the asker has this very file already: the answer is 304.

    Args:
        headers: of the request, by lower-case name.
        etag: of the file, strong and in quotes.
        modified: the file's Last-Modified.
    """
    wanted = headers.get("if-none-match")
    if wanted is not None:
        tags = {tag.strip().removeprefix("W/") for tag in wanted.split(",")}
        return "*" in tags or etag in tags
    since = headers.get("if-modified-since")
    if since is None:
        return False
    try:
        return parsedate_to_datetime(modified) <= parsedate_to_datetime(since)
    except (TypeError, ValueError, OverflowError):
        return False


def wanted_range(headers: Mapping[str, str], etag: str, modified: str, size: int) -> range | None:
    """The bytes that are asked for, or None for the whole file.

    Several ranges at once, and what is no range at all, are answered with the whole file, as the
    standard allows.

    Raises:
        RangeNotThere: the answer is 416.
    """
    match = _ONE_RANGE.fullmatch(headers.get("range", "").strip())
    condition = headers.get("if-range")
    if match is None or (condition is not None and condition not in (etag, modified)):
        return None
    first, last = match.groups()
    if not first and not last:
        return None
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start = int(first)
        end = min(int(last) + 1, size) if last else size
        if last and int(last) < start:
            return None
    if start >= size:
        raise RangeNotThere
    return range(start, end)
