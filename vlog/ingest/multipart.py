"""Reading multipart/form-data as it streams in (RFC 7578): the file goes on, fields are kept.

Nothing is read twice and nothing is spooled: Starlette's `request.form()` would write the whole
file to a temporary one first.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from vlog.errors import BadRequest, UploadInterrupted

_LONGEST_FIELD = 64 * 1024
_MOST_FIELDS = 32
_LONGEST_HEADERS = 16 * 1024

Sink = Callable[[bytes], Awaitable[None]]
Check = Callable[["Form"], object]


@dataclass
class Form:
    """The fields that came with a file."""

    fields: dict[str, str] = field(default_factory=dict)
    filename: str = ""
    has_file: bool = False


@dataclass
class _Part:
    name: str = ""
    filename: str | None = None
    value: bytearray = field(default_factory=bytearray)


class _Reader:
    """Collects what the push parser calls back with, between two chunks."""

    def __init__(self, boundary: bytes, before_file: Check | None) -> None:
        self.form = Form()
        self.file_bytes: list[bytes] = []
        self.ended = False
        self._before_file = before_file
        self._part = _Part()
        self._header_name = b""
        self._header_value = b""
        self._header_bytes = 0
        self.parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": self._on_header_field,
                "on_header_value": self._on_header_value,
                "on_header_end": self._on_header_end,
                "on_headers_finished": self._on_headers_finished,
                "on_part_data": self._on_data,
                "on_part_end": self._on_part_end,
                "on_end": self._on_end,
            },
        )

    def _begin(self) -> None:
        self._part = _Part()
        self._header_bytes = 0

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]
        self._count_header(end - start)

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]
        self._count_header(end - start)

    def _count_header(self, count: int) -> None:
        self._header_bytes += count
        if self._header_bytes > _LONGEST_HEADERS:
            raise BadRequest("The headers of one part of the form are too long.")

    def _on_header_end(self) -> None:
        if self._header_name.lower() == b"content-disposition":
            _, options = parse_options_header(self._header_value)
            self._part.name = options.get(b"name", b"").decode("utf-8", "replace")
            if b"filename" in options:
                self._part.filename = options[b"filename"].decode("utf-8", "replace")
        self._header_name = self._header_value = b""

    def _on_headers_finished(self) -> None:
        if self._part.filename is not None:
            if self._part.name != "file" or self.form.has_file:
                raise BadRequest("The form must have exactly one file, in the field `file`.")
            self.form.has_file = True
            self.form.filename = self._part.filename
            if self._before_file is not None:
                self._before_file(self.form)
        elif not self._part.name:
            raise BadRequest("A part of the form has no name.")
        elif len(self.form.fields) >= _MOST_FIELDS:
            raise BadRequest("The form has too many fields.")

    def _on_data(self, data: bytes, start: int, end: int) -> None:
        if self._part.filename is not None:
            self.file_bytes.append(data[start:end])
            return
        self._part.value += data[start:end]
        if len(self._part.value) > _LONGEST_FIELD:
            raise BadRequest(f"The field `{self._part.name}` is too long.")

    def _on_part_end(self) -> None:
        if self._part.filename is None:
            try:
                self.form.fields[self._part.name] = self._part.value.decode()
            except UnicodeDecodeError as error:
                raise BadRequest(f"The field `{self._part.name}` is not UTF-8 text.") from error

    def _on_end(self) -> None:
        self.ended = True


def boundary_of(content_type: str) -> bytes:
    """The boundary that a Content-Type names. Raises BadRequest."""
    kind, options = parse_options_header(content_type)
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not 0 < len(boundary) <= 200:
        raise BadRequest("Send the file as multipart/form-data, in the field `file`.")
    return boundary


async def read_form(
    stream: AsyncIterator[bytes], boundary: bytes, sink: Sink, before_file: Check | None = None
) -> Form:
    """Feed the file to `sink` as it comes and return the fields.

    `before_file` sees the form as far as it came, and may raise before a long file is waited for.

    Raises:
        BadRequest: this is not such a form, or a field is too large.
        UploadInterrupted: the body ended before the form did.
    """
    reader = _Reader(boundary, before_file)
    async for chunk in stream:
        try:
            reader.parser.write(chunk)
        except FormParserError as error:
            raise BadRequest("The form is damaged: it is not valid multipart/form-data.") from error
        if reader.file_bytes:
            data = b"".join(reader.file_bytes)
            reader.file_bytes.clear()
            await sink(data)
    if not reader.ended:
        raise UploadInterrupted
    if not reader.form.has_file:
        raise BadRequest("There is no file in the form. Send it in the field `file`.")
    return reader.form
