"""The settings: one typed tree, the same for everybody who reads it.

How the values come together from file, environment and command line is in `vlog.configuration`.
"""

from __future__ import annotations

import ipaddress
import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal, Self, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)
from pydantic_settings import NoDecode

from vlog.captions.speech_languages import LANGUAGES

KNOWN_RUNGS = ("2160p", "1440p", "1080p", "720p", "480p", "360p", "240p", "144p")
DEFAULT_LADDER = KNOWN_RUNGS[:6]

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


def _split(value: object) -> object:
    """A list from the environment: JSON, or words with commas between them."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    if text.startswith("["):
        return json.loads(text)
    return [word.strip() for word in text.split(",") if word.strip()]


_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
# A host as the Content-Security-Policy writes it, with a scheme before and a port behind.
FRAME_SOURCE = re.compile(r"(?:https?://)?(?:\*\.)?[A-Za-z0-9.-]+(?::\d{1,5})?")

Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]


class Section(BaseModel):
    """A part of the tree: nothing in it changes, and nothing unknown gets in."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class StorageSettings(Section):
    path: Path = Field(
        Path("data"), description="Folder for videos and uploads; may be a network mount"
    )


class DatabaseSettings(Section):
    path: Path = Field(Path("data"), description="Folder for vlog.db; must be on a local disk")
    url: str = Field(
        "", description="Another SQLite file as an address; empty for vlog.db in `path`"
    )


class TlsSettings(Section):
    tls_certificate: str = Field(
        "", description="PEM file with the certificate and its chain, for HTTPS without a proxy"
    )
    tls_key: str = Field("", description="PEM file with the certificate's key")

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if bool(self.tls_certificate) != bool(self.tls_key):
            raise ValueError("`tls_certificate` and `tls_key` are needed together")
        return self


class PublicSettings(TlsSettings):
    host: str = Field(
        "0.0.0.0", description="Address of the public site; 0.0.0.0 for all interfaces"
    )
    port: Port = Field(9000, description="Port of the public site")
    base_url: str = Field(
        "", description="How visitors reach the site, such as https://video.example.org"
    )
    cache_bytes: int = Field(
        134_217_728,
        ge=0,
        description="Memory for segments that several people watch; 0 to read all from the disk",
    )
    embed_domains: Words = Field(
        (),
        description="Sites that may embed videos, such as blog.example.org; empty for all of them",
    )

    @field_validator("embed_domains")
    @classmethod
    def _are_sources(cls, domains: tuple[str, ...]) -> tuple[str, ...]:
        for domain in domains:
            if not FRAME_SOURCE.fullmatch(domain):
                raise ValueError(f"{domain} is not a host name, such as blog.example.org")
        return domains


class AdminSettings(TlsSettings):
    host: str = Field(
        "127.0.0.1",
        description="Address of the admin panel; needs a password (vlog passwd) unless loopback",
    )
    port: Port = Field(9001, description="Port of the admin panel")
    password_file: str = Field(
        "",
        description="File with the panel's password that only you can read; empty for vlog passwd",
    )
    allowed_hosts: Words = Field(
        (),
        description="Host names under which both ports answer, beside IP addresses and localhost",
    )
    session_idle_hours: float = Field(
        72.0, gt=0, le=8760, description="A browser that is not used for so long is signed out"
    )
    session_days: float = Field(
        30.0, gt=0, le=366, description="A browser has to sign in again after so long in any case"
    )
    audit_retention_days: int = Field(
        365, ge=1, le=36_500, description="Days that it is kept who did what in the panel"
    )


def _is_network(text: str) -> str:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise ValueError(f"{text} is no address or network, such as 10.0.0.0/8") from None
    return text


class DeliverySettings(Section):
    trusted_proxies: Annotated[
        tuple[Annotated[str, AfterValidator(_is_network)], ...],
        NoDecode,
        BeforeValidator(_split),
    ] = Field(
        ("127.0.0.0/8", "::1/128"),
        description="Proxies whose X-Forwarded-For and X-Forwarded-Proto are believed",
    )
    send_file: Literal["", "x-accel-redirect", "x-sendfile"] = Field(
        "", description="Let a trusted proxy send segments: x-accel-redirect or x-sendfile"
    )
    cdn_url: str = Field(
        "",
        pattern=r"^$|^https?://[A-Za-z0-9.-]+(:\d{1,5})?(/[A-Za-z0-9._~/-]*)?$",
        description="Where players load segments of public videos, such as https://cdn.example.org",
    )


class TranscodingSettings(Section):
    ladder: Words = Field(
        DEFAULT_LADDER, description="Rungs that may be made; known: " + ", ".join(KNOWN_RUNGS)
    )
    segment_seconds: float = Field(6.0, ge=1, le=20, description="Length of a segment in seconds")
    segment_format: SegmentFormat = Field(
        "ts", description="ts plays everywhere; fmp4 is smaller and needed for HEVC and AV1"
    )
    codecs: Annotated[tuple[Codec, ...], NoDecode, BeforeValidator(_split)] = Field(
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
        description="Videos worked on at once, 0 for any number; becoming playable never waits",
    )
    keep_source: bool = Field(False, description="Keep the original once a video is ready")
    max_attempts: int = Field(
        3, ge=1, le=20, description="Attempts at a piece of work before the video fails"
    )
    retry_backoff_seconds: float = Field(
        60.0, ge=0, description="Pause after the first failed attempt; it doubles"
    )
    lease_seconds: float = Field(
        60.0, ge=5, description="After this long without a sign of life work is given to another"
    )
    stall_seconds: float = Field(
        120.0, ge=1, description="An encoder without progress for this long is stopped"
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
        description="Look through the folder this often, as network mounts send no events",
    )
    settle_seconds: float = Field(
        5.0, ge=0.1, description="A dropped file is whole when it has not changed for this long"
    )
    max_upload_bytes: int = Field(
        0, ge=0, description="Largest upload in bytes; 0 for what the disk holds"
    )
    quota_bytes: int = Field(
        0,
        ge=0,
        description="Nothing comes in that would make all of VLog's files larger; 0 for no limit",
    )
    min_free_bytes: int = Field(536_870_912, ge=0, description="Bytes of disk that stay free")
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
        300.0, ge=0, description="After this long without work the model's memory is given back"
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


class SiteSettings(Section):
    title: str = Field("VLog", min_length=1, max_length=100, description="Name of the site")
    description: str = Field(
        "",
        max_length=500,
        description="What the site is about, for search engines, feeds and links that are shared",
    )
    accent: str = Field(
        "", description="Colour of links and buttons, such as #0b6b63; empty for VLog's own"
    )

    @field_validator("title")
    @classmethod
    def _in_one_line(cls, title: str) -> str:
        if not (words := " ".join(title.split())):
            raise ValueError("must not be empty")
        return words

    @field_validator("accent")
    @classmethod
    def _is_a_colour(cls, accent: str) -> str:
        if accent and not _COLOUR.fullmatch(accent):
            raise ValueError("must be a colour with six digits, such as #0b6b63, or empty")
        return accent.lower()


class LibrarySettings(Section):
    trash_days: int = Field(
        30,
        ge=0,
        le=3650,
        description="Days that deleted videos stay in the trash; 0 to delete them at once",
    )


class AnalyticsSettings(Section):
    enabled: bool = Field(True, description="Count what is watched")
    viewer_cookie: bool = Field(
        True, description="Tell viewers apart by an anonymous cookie; without it none are counted"
    )
    show_views: bool = Field(True, description="Show visitors how often a video was viewed")
    heatmap_viewers: int = Field(
        10,
        ge=0,
        description="Viewers a video needs before its most replayed parts are shown; 0 for never",
    )
    retention_days: int = Field(
        400,
        ge=1,
        le=36_500,
        description="Days that single viewings are kept; the sums stay for ever",
    )


class WebhookSettings(Section):
    timeout_seconds: float = Field(
        15.0, gt=0, le=60, description="A receiver that has not answered after this long has failed"
    )
    max_attempts: int = Field(8, ge=1, le=20, description="Attempts at one delivery")
    retry_backoff_seconds: float = Field(
        10.0, ge=0, le=3600, description="Pause after the first failed attempt; it grows fourfold"
    )
    retention_days: int = Field(
        30, ge=1, le=3650, description="Days that the log of deliveries is kept"
    )
    allow_private_addresses: bool = Field(
        False, description="Deliver to this machine and to private networks too"
    )


class LoggingSettings(Section):
    level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least important level that is logged"
    )
    format: Literal["text", "json"] = Field(
        "text", description="text for people, json for programs"
    )
    access: bool = Field(False, description="Log every request that was answered")
    slow_query_seconds: float = Field(
        1.0, ge=0, description="Log statements to the database that take longer; 0 for none"
    )


class Settings(Section):
    """All settings, by section."""

    storage: StorageSettings = StorageSettings()
    database: DatabaseSettings = DatabaseSettings()
    public: PublicSettings = PublicSettings()
    admin: AdminSettings = AdminSettings()
    delivery: DeliverySettings = DeliverySettings()
    transcoding: TranscodingSettings = TranscodingSettings()
    ingest: IngestSettings = IngestSettings()
    transcription: TranscriptionSettings = TranscriptionSettings()
    site: SiteSettings = SiteSettings()
    library: LibrarySettings = LibrarySettings()
    analytics: AnalyticsSettings = AnalyticsSettings()
    webhooks: WebhookSettings = WebhookSettings()
    logging: LoggingSettings = LoggingSettings()


@lru_cache(maxsize=1024)
def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
