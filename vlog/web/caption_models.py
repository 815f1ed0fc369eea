"""The JSON of captions."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from vlog.captions.checking import MOST_CUES
from vlog.web.models.base import Out
from vlog.web.models.transcriptions import TranscriptionOut

CaptionOrigin = Literal["automatic", "edited", "uploaded", "embedded"]
Name = Annotated[str, Field(max_length=100)]
_LANGUAGE = "BCP 47, such as `en`; left out, the captions for whoever does not choose"


class CueOut(Out):
    """What is read on the screen from one moment to another. Seconds from the video's start."""

    start: float
    end: float
    text: str


class CaptionsOut(Out):
    """The captions of a video in one language, without their cues.

    `label` is what people choose them by; `name` the one that somebody gave them. With `default`
    they are those for whoever does not choose. `version` counts the changes.
    """

    language: str
    name: str
    label: str
    origin: CaptionOrigin
    language_probability: float | None
    word_count: int
    version: int
    updated_at: datetime
    vtt_url: str | None
    default: bool


class CaptionsList(Out):
    """All captions of a video, and how far the automatic writing down of its speech is."""

    transcripts: list[CaptionsOut]
    transcription: TranscriptionOut


class OfferedCaptions(Out):
    """Captions that a player offers. `growing` ones are still being written."""

    language: str
    label: str
    vtt_url: str
    version: int
    growing: bool


class OfferedCaptionsList(Out):
    """The captions that a player offers, and how far the automatic writing is."""

    captions: list[OfferedCaptions]
    transcription: TranscriptionOut


class TranscriptOut(TranscriptionOut):
    """The words of a video in one language, and how far their automatic writing down is.

    Without captions `language` is null and `version` 0.
    """

    language: str | None
    name: str
    label: str
    origin: CaptionOrigin | None
    language_probability: float | None
    version: int
    updated_at: datetime | None
    vtt_url: str | None
    text: str
    cues: list[CueOut]


class WhichCaptions(BaseModel):
    """Which captions are meant."""

    language: str | None = Field(None, max_length=16, description=_LANGUAGE)


class WhichCues(WhichCaptions):
    """Which captions are meant, and how many of their cues."""

    after: float | None = Field(
        None, description="Only cues that begin later than so many seconds, and their text"
    )


class DoomedCaptions(WhichCaptions):
    """Which captions are to be removed."""

    version: int | None = Field(None, ge=0, description="Refuse if they are of another version")


class NewCaptions(BaseModel):
    """What is said of a file with captions, which is the body itself."""

    language: str = Field(max_length=16, description="BCP 47, such as `en`")
    name: Name = ""
    origin: CaptionOrigin = "uploaded"
    version: int | None = Field(
        None, ge=0, description="Refuse if what is there is of another version; 0 is nothing"
    )


class CueChange(BaseModel):
    """A cue. Seconds from the video's start."""

    model_config = ConfigDict(extra="forbid")

    start: float
    end: float
    text: str


class TranscriptChange(BaseModel):
    """What is to be changed of captions. What is left out stays.

    `?language=` says which are meant, and `language` beside it what they become; without
    `?language=` it says which are meant, too.

    `cues` take the place of those that are there. `text` is corrected running text, whose words
    are put back on the times of the cues; it cannot begin captions, and not both can be given.
    With the `version` that was read, a change that somebody else made meanwhile is not undone.
    """

    model_config = ConfigDict(extra="forbid")

    language: str | None = Field(None, max_length=16, description="BCP 47, such as `en`")
    name: Name | None = None
    origin: CaptionOrigin | None = None
    cues: list[CueChange] | None = Field(None, max_length=MOST_CUES)
    text: str | None = Field(None, max_length=5_000_000)
    version: int | None = Field(None, ge=0)
