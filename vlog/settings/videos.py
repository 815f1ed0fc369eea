"""How videos come in, and what is made of them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self, get_args

from pydantic import BeforeValidator, Field, field_validator, model_validator
from pydantic_settings import NoDecode

from vlog.captions.speech_languages import LANGUAGES
from vlog.settings.fields import (
    DEFAULT_LADDER,
    KNOWN_RUNGS,
    MOST_BYTES,
    Codec,
    Encoder,
    Preset,
    Section,
    SegmentFormat,
    Words,
    split,
)


class TranscodingSettings(Section):
    ladder: Words = Field(
        DEFAULT_LADDER, description="Qualities that may be made; known: " + ", ".join(KNOWN_RUNGS)
    )
    segment_seconds: float = Field(6.0, ge=1, le=20, description="Length of a segment in seconds")
    segment_format: SegmentFormat = Field(
        "ts", description="ts plays everywhere; fmp4 is smaller and needed for HEVC and AV1"
    )
    codecs: Annotated[tuple[Codec, ...], NoDecode, BeforeValidator(split)] = Field(
        ("h264",), description="h264 for everybody; beside it hevc and av1, which need fmp4"
    )
    encoder: Encoder = Field(
        "software",
        description="Who encodes H.264: software, or auto, nvenc, qsv, vaapi, videotoolbox (ts)",
    )
    preset: Preset = Field("medium", description="Preset of x264: slower is smaller")
    parallelism: int = Field(
        0, ge=0, le=256, description="Parts encoded at once; 0 for the number of cores"
    )
    videos_at_once: int = Field(
        0,
        ge=0,
        le=10_000,
        description="Videos worked on at once, 0 for any number; becoming playable never waits",
    )
    keep_source: bool = Field(False, description="Keep the original once a video is ready")
    max_attempts: int = Field(
        3, ge=1, le=20, description="Attempts at a piece of work before the video fails"
    )
    retry_backoff_seconds: float = Field(
        60.0, ge=0, le=86_400, description="Pause after the first failed attempt; it doubles"
    )
    lease_seconds: float = Field(
        60.0,
        ge=5,
        le=86_400,
        description="After this long without a sign of life work is given to another",
    )
    stall_seconds: float = Field(
        120.0, ge=1, le=86_400, description="An encoder without progress for this long is stopped"
    )

    @field_validator("codecs")
    @classmethod
    def _everybody_can_watch(cls, codecs: tuple[Codec, ...]) -> tuple[Codec, ...]:
        if "h264" not in codecs:
            raise ValueError("must name h264, the one codec that every browser plays")
        return tuple(codec for codec in get_args(Codec) if codec in codecs)

    @model_validator(mode="after")
    def _formats_fit(self) -> Self:
        extra = [codec for codec in self.codecs if codec != "h264"]
        if extra and self.segment_format != "fmp4":
            raise ValueError(
                f"`codecs` names {' and '.join(extra)}, which players take from fMP4 segments "
                'alone. Set `segment_format = "fmp4"` or leave it out'
            )
        if self.encoder != "software" and self.segment_format != "ts":
            raise ValueError(
                "one fMP4 header describes a whole rung, so what hardware began the software "
                'could not end. Set `encoder = "software"` or `segment_format = "ts"`'
            )
        return self

    @field_validator("ladder")
    @classmethod
    def _known_rungs(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [name for name in names if name not in KNOWN_RUNGS]
        if unknown or not names:
            raise ValueError(f"must name rungs out of {', '.join(KNOWN_RUNGS)}")
        return tuple(name for name in KNOWN_RUNGS if name in names)


class IngestSettings(Section):
    watch: bool = Field(True, description="Make videos of files that are dropped into uploads/")
    rescan_seconds: float = Field(
        60.0,
        ge=1,
        le=86_400,
        description="Look through the folder this often, as network mounts send no events",
    )
    settle_seconds: float = Field(
        5.0,
        ge=0.1,
        le=86_400,
        description="A dropped file is whole when it has not changed for this long",
    )
    max_upload_bytes: int = Field(
        0, ge=0, le=MOST_BYTES, description="Largest upload in bytes; 0 for what the disk holds"
    )
    quota_bytes: int = Field(
        0,
        ge=0,
        le=MOST_BYTES,
        description="Nothing comes in that would make all of VLog's files larger; 0 for no limit",
    )
    min_free_bytes: int = Field(
        536_870_912, ge=0, le=MOST_BYTES, description="Bytes of disk that stay free"
    )
    import_folders: Words = Field(
        (), description="Folders on this machine from which `vlog import` may take files"
    )
    upload_expiry_hours: float = Field(
        48.0, gt=0, le=8760, description="An upload that was cut off can be continued for so long"
    )


class TranscriptionSettings(Section):
    enabled: bool = Field(True, description="Make captions of what is spoken")
    model: str = Field(
        "medium",
        min_length=1,
        description="Name of a model that `vlog models list` shows, or the folder of another one",
    )
    models_path: Path = Field(
        Path("data/models"), description="Folder into which `vlog models fetch` puts models"
    )
    device: Literal["auto", "cpu", "cuda"] = Field("cpu", description="Where the model runs")
    compute_type: str = Field(
        "int8", min_length=1, description="Precision, such as int8, float16 or float32"
    )
    language: str = Field(
        "", description="Language that is spoken in all videos, such as en; empty to find it out"
    )
    vad: bool = Field(True, description="Leave out what is no speech before the model listens")
    beam_size: int = Field(5, ge=1, le=20, description="Guesses that are followed at once")
    vocabulary: Words = Field((), description="Names and jargon that are likely to be spoken")
    word_timestamps: bool = Field(
        True, description="Find out when each word is spoken, for captions cut at the right places"
    )
    idle_seconds: float = Field(
        300.0,
        ge=0,
        le=1e9,
        description="After this long without work the model's memory is given back",
    )
    cpu_threads: int = Field(
        0,
        ge=0,
        le=256,
        description="Cores for the model; 0 for half of them, encoders get the rest",
    )

    @field_validator("language")
    @classmethod
    def _known_language(cls, language: str) -> str:
        if language and language.lower() not in LANGUAGES:
            raise ValueError("must be a language that Whisper knows, such as en, or empty")
        return language.lower()
