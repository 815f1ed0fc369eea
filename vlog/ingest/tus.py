"""The headers of tus 1.0.0 (https://tus.io/protocols/resumable-upload). Pure functions.

The extensions creation, creation-with-upload, termination, expiration and checksum.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from vlog.errors import BadRequest, NotAPart, WrongVersion
from vlog.ingest.multipart import Form

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,termination,expiration,checksum"
ALGORITHMS = ("sha1", "sha256", "sha512", "md5")
PART_TYPE = "application/offset+octet-stream"

# SQLite's integers end at 2**63 - 1.
_NUMBER = re.compile(r"[0-9]{1,18}")
_KEY = re.compile(r"[!-+\--~]{1,100}")

Headers = Mapping[str, str]


@dataclass(frozen=True)
class Checksum:
    """What a part's bytes must come to."""

    algorithm: str
    digest: bytes


@dataclass(frozen=True)
class Part:
    """Bytes that follow, from `offset` on; `length` where the client says how many."""

    offset: int
    length: int | None = None
    checksum: Checksum | None = None


@dataclass(frozen=True)
class Creation:
    """A new upload of `length` bytes, and its first part where that comes along."""

    length: int
    form: Form
    metadata_header: str
    part: Part | None


def check_version(headers: Headers) -> None:
    """Raise WrongVersion where the client speaks another version."""
    if headers.get("tus-resumable") != VERSION:
        raise WrongVersion


def creation_of(headers: Headers) -> Creation:
    """What a POST asks for. Raises BadRequest."""
    if "upload-defer-length" in headers:
        raise BadRequest("The length of the file must be said at once, in `Upload-Length`.")
    length = _number(headers, "upload-length")
    given = headers.get("upload-metadata", "").strip()
    fields = metadata_of(given)
    name = fields.pop("filename", "") or fields.pop("name", "")
    part = None
    if _media_type(headers) == PART_TYPE:
        part = Part(0, _content_length(headers), _checksum(headers))
    return Creation(length, Form(fields=fields, filename=name), given, part)


def part_of(headers: Headers) -> Part:
    """What a PATCH brings. Raises BadRequest, NotAPart."""
    if _media_type(headers) != PART_TYPE:
        raise NotAPart
    return Part(_number(headers, "upload-offset"), _content_length(headers), _checksum(headers))


def metadata_of(header: str) -> dict[str, str]:
    """The fields in `Upload-Metadata`: keys, each with its value in base64. Raises BadRequest."""
    fields: dict[str, str] = {}
    for pair in header.split(",") if header else ():
        key, _, value = pair.strip().partition(" ")
        if not _KEY.fullmatch(key) or key in fields:
            raise BadRequest("`Upload-Metadata` must have keys that are ASCII and unlike.")
        fields[key] = _text(key, value.strip())
    return fields


def expires(moment: datetime) -> str:
    """A moment for `Upload-Expires` (RFC 9110, section 5.6.7)."""
    return format_datetime(moment, usegmt=True)


def _text(key: str, value: str) -> str:
    try:
        return base64.b64decode(value, validate=True).decode()
    except ValueError as error:
        raise BadRequest(f"`{key}` in `Upload-Metadata` is not UTF-8 text in base64.") from error


def _number(headers: Headers, name: str) -> int:
    value = headers.get(name, "").strip()
    if not _NUMBER.fullmatch(value):
        raise BadRequest(f"`{name.title()}` must be a number of bytes.")
    return int(value)


def _content_length(headers: Headers) -> int | None:
    return _number(headers, "content-length") if "content-length" in headers else None


def _media_type(headers: Headers) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def _checksum(headers: Headers) -> Checksum | None:
    if "upload-checksum" not in headers:
        return None
    algorithm, _, value = headers["upload-checksum"].strip().partition(" ")
    if algorithm not in ALGORITHMS:
        raise BadRequest(f"`Upload-Checksum` must be one of {', '.join(ALGORITHMS)}.")
    try:
        digest = base64.b64decode(value.strip(), validate=True)
    except ValueError as error:
        raise BadRequest("`Upload-Checksum` is not in base64.") from error
    if len(digest) != hashlib.new(algorithm).digest_size:
        raise BadRequest(f"`Upload-Checksum` has not the length of {algorithm}.")
    return Checksum(algorithm, digest)
