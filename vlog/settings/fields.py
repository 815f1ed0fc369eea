"""The types of single settings."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import from_json
from pydantic_settings import NoDecode

KNOWN_RUNGS = ("2160p", "1440p", "1080p", "720p", "480p", "360p", "240p", "144p")
DEFAULT_LADDER = KNOWN_RUNGS[:6]
# SQLite's integers end there.
MOST_BYTES = 2**63 - 1

Preset = Literal[
    "ultrafast",
    "superfast",
    "veryfast",
    "faster",
    "fast",
    "medium",
    "slow",
    "slower",
    "veryslow",
]
SegmentFormat = Literal["ts", "fmp4"]
Codec = Literal["h264", "hevc", "av1"]
Encoder = Literal["software", "auto", "nvenc", "qsv", "vaapi", "videotoolbox"]

Port = Annotated[int, Field(ge=0, le=65535)]


def split(value: object) -> object:
    """A list from the environment: JSON, or words with commas between them."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    if text.startswith("["):
        # The parser of the standard library does not survive a thousand brackets.
        return from_json(text)
    return [word.strip() for word in text.split(",") if word.strip()]


Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(split)]


class Section(BaseModel):
    """A part of the tree: nothing in it changes, and nothing unknown gets in."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
