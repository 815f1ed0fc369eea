"""The tables. Times are UTC, durations seconds, sizes bytes, rates bits per second."""

from vlog.database.schema.access import Secret, ShareLink
from vlog.database.schema.base import NAMING, NEVER_REUSED, Base
from vlog.database.schema.captions import Cue, DueCaptions, Transcription, TranscriptionJob
from vlog.database.schema.figures import SiteQuarter, VideoProfile, VideoQuarter, VideoTotal
from vlog.database.schema.ingest import ImportedFile, Upload
from vlog.database.schema.library import (
    Category,
    Chapter,
    Playlist,
    PlaylistItem,
    Slug,
    Tag,
    Video,
    VideoTag,
)
from vlog.database.schema.panel import ChosenSetting, SitePicture
from vlog.database.schema.renditions import (
    QualityProgress,
    RetiredRendition,
    Segment,
    StoryboardSheet,
    VideoQuality,
)
from vlog.database.schema.sign_in import AdminSession, ApiToken, AuditEntry, Password
from vlog.database.schema.storage import StorageMeasurement, VideoSize
from vlog.database.schema.viewing import PlaybackSession, VideoViewer, Viewer
from vlog.database.schema.webhooks import Webhook, WebhookDelivery
from vlog.database.schema.work import (
    DoomedSource,
    Pause,
    Publication,
    TranscodingJob,
    WorkUnit,
)

__all__ = [
    "NAMING",
    "NEVER_REUSED",
    "AdminSession",
    "ApiToken",
    "AuditEntry",
    "Base",
    "Category",
    "Chapter",
    "ChosenSetting",
    "Cue",
    "DoomedSource",
    "DueCaptions",
    "ImportedFile",
    "Password",
    "Pause",
    "PlaybackSession",
    "Playlist",
    "PlaylistItem",
    "Publication",
    "QualityProgress",
    "RetiredRendition",
    "Secret",
    "Segment",
    "ShareLink",
    "SitePicture",
    "SiteQuarter",
    "Slug",
    "StorageMeasurement",
    "StoryboardSheet",
    "Tag",
    "TranscodingJob",
    "Transcription",
    "TranscriptionJob",
    "Upload",
    "Video",
    "VideoProfile",
    "VideoQuality",
    "VideoQuarter",
    "VideoSize",
    "VideoTag",
    "VideoTotal",
    "VideoViewer",
    "Viewer",
    "Webhook",
    "WebhookDelivery",
    "WorkUnit",
]
