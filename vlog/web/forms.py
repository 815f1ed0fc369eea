"""Small forms as browsers send them without a script."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs

from starlette.requests import Request

from vlog.errors import BadRequest, UnsupportedMediaType
from vlog.web.operations import read_body

_TYPE = "application/x-www-form-urlencoded"
_MOST_BYTES = 64 * 1024
_MOST_FIELDS = 100


@dataclass(frozen=True)
class Fields:
    """What was filled in."""

    values: dict[str, list[str]]

    def text(self, name: str) -> str:
        """The value of a field, or nothing where it was not sent."""
        return self.values.get(name, [""])[0]

    def texts(self, name: str) -> list[str]:
        """All values of a field, such as those of checkboxes."""
        return self.values.get(name, [])


async def read_fields(request: Request) -> Fields:
    """The fields of a form. Raises UnsupportedMediaType, PayloadTooLarge, BadRequest."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != _TYPE:
        raise UnsupportedMediaType(f"The form must be sent as `{_TYPE}`.")
    body = await read_body(request, _MOST_BYTES)
    try:
        values = parse_qs(
            body.decode(), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS
        )
    except ValueError as error:
        raise BadRequest("The form could not be read.") from error
    return Fields(values)


def inner_address(text: str) -> str:
    """An address on this site to go on with; `/` for everything that leads elsewhere."""
    inside = text.startswith("/") and not text.startswith(("//", "/\\"))
    return text if inside and text.isprintable() else "/"
