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
from vlog.database.schema.renditions import (
    QualityProgress,
    RetiredRendition,
    Segment,
    StoryboardSheet,
    VideoQuality,
)
from vlog.database.schema.viewing import PlaybackSession, VideoViewer, Viewer
from vlog.database.schema.work import Publication, TranscodingJob, WorkUnit

__all__ = [
    "NAMING",
    "NEVER_REUSED",
    "Base",
    "Category",
    "Chapter",
    "Cue",
    "DueCaptions",
    "ImportedFile",
    "PlaybackSession",
    "Playlist",
    "PlaylistItem",
    "Publication",
    "QualityProgress",
    "RetiredRendition",
    "Secret",
    "Segment",
    "ShareLink",
    "SiteQuarter",
    "Slug",
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
    "VideoTag",
    "VideoTotal",
    "VideoViewer",
    "Viewer",
    "WorkUnit",
]
