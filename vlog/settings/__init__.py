"""The settings: one typed tree, the same for everybody who reads it.

How the values come together from file, environment and command line is in `vlog.configuration`.
"""

from __future__ import annotations

from vlog.settings.fields import KNOWN_RUNGS, Codec, Encoder, Preset, Section, SegmentFormat
from vlog.settings.machine import DatabaseSettings, LoggingSettings, StorageSettings
from vlog.settings.network import (
    FRAME_SOURCE,
    AdminSettings,
    DeliverySettings,
    PublicSettings,
    TlsSettings,
    WebhookSettings,
    is_loopback,
)
from vlog.settings.site import AnalyticsSettings, LibrarySettings, SiteSettings
from vlog.settings.videos import IngestSettings, TranscodingSettings, TranscriptionSettings


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


__all__ = [
    "FRAME_SOURCE",
    "KNOWN_RUNGS",
    "AdminSettings",
    "AnalyticsSettings",
    "Codec",
    "DatabaseSettings",
    "DeliverySettings",
    "Encoder",
    "IngestSettings",
    "LibrarySettings",
    "LoggingSettings",
    "Preset",
    "PublicSettings",
    "Section",
    "SegmentFormat",
    "Settings",
    "SiteSettings",
    "StorageSettings",
    "TlsSettings",
    "TranscodingSettings",
    "TranscriptionSettings",
    "WebhookSettings",
    "is_loopback",
]
