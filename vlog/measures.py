"""What is counted while VLog works, for `/metrics`. One process, one registry.

What happens is counted where it happens. What the database alone knows is looked up now and then by
`vlog.measuring`; a scrape only prints what is here. Labels have few values: routes are templates,
never addresses, and there are no ids, names of files or of people.
"""

from __future__ import annotations

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)

# A second series for each counter, which nobody asks for.
disable_created_metrics()  # type: ignore[no-untyped-call]

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)

_SHORT = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)
# Few, because there are so many routes: a scrape prints each of them for each.
_REQUEST = (0.005, 0.025, 0.1, 0.25, 1.0, 5.0, 30.0)
_WORK = (0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 900.0, 3600.0)

BUILD = Gauge("vlog_build_info", "1, for the version that runs", ["version"], registry=REGISTRY)

HTTP_REQUEST_SECONDS = Histogram(
    "vlog_http_request_duration_seconds",
    "From a request's head to the last byte of its answer",
    ["site", "route", "method", "status"],
    buckets=_REQUEST,
    registry=REGISTRY,
)
HTTP_RESPONSE_BYTES = Counter(
    "vlog_http_response_bytes",
    "Bytes of answers' bodies",
    ["site", "route"],
    registry=REGISTRY,
)
HTTP_IN_FLIGHT = Gauge(
    "vlog_http_requests_in_flight",
    "Requests that are not answered yet",
    ["site"],
    registry=REGISTRY,
)

WRITE_WAIT_SECONDS = Histogram(
    "vlog_database_write_wait_seconds",
    "How long writes waited for the one write door",
    buckets=_SHORT,
    registry=REGISTRY,
)
WRITE_SECONDS = Histogram(
    "vlog_database_write_seconds",
    "How long write transactions took, once they had the door",
    buckets=_SHORT,
    registry=REGISTRY,
)
WRITES_FAILED = Counter(
    "vlog_database_writes_failed",
    "Write transactions that the disk or another program did not allow",
    registry=REGISTRY,
)
SLOW_QUERIES = Counter(
    "vlog_database_slow_queries", "Statements slower than the threshold", registry=REGISTRY
)
DATABASE_BYTES = Gauge(
    "vlog_database_bytes", "Size of the database with its log", registry=REGISTRY
)

EVENT_LOOP_LAG_SECONDS = Histogram(
    "vlog_event_loop_lag_seconds",
    "How late the event loop was, looked at every second",
    buckets=_SHORT,
    registry=REGISTRY,
)
TASK_RESTARTS = Counter(
    "vlog_task_restarts", "Crashes of a supervised loop", ["task"], registry=REGISTRY
)

WORK_SECONDS = Histogram(
    "vlog_work_duration_seconds",
    "How long pieces of work took, by what they made",
    ["kind", "rungs", "outcome"],
    buckets=_WORK,
    registry=REGISTRY,
)
ENCODED_SECONDS = Counter(
    "vlog_encoded_seconds",
    "Seconds of video and sound that were published",
    ["rung"],
    registry=REGISTRY,
)
WORK_UNITS = Gauge(
    "vlog_work_units", "Pieces of work that are not done", ["kind", "state"], registry=REGISTRY
)
VIDEOS = Gauge("vlog_videos", "Videos by their status", ["status"], registry=REGISTRY)

UPLOADS_IN_FLIGHT = Gauge(
    "vlog_uploads_in_flight", "Resumable uploads that are not whole", registry=REGISTRY
)
UPLOADED_BYTES = Counter("vlog_uploaded_bytes", "Bytes of uploads that came", registry=REGISTRY)

CAPTION_JOBS = Gauge(
    "vlog_caption_jobs", "Videos whose speech is to be written down", ["state"], registry=REGISTRY
)
TRANSCRIBED_SECONDS = Counter(
    "vlog_transcribed_seconds", "Seconds of sound that were listened to", registry=REGISTRY
)

STORED_BYTES = Gauge(
    "vlog_stored_bytes", "Bytes of videos: segments and originals", ["what"], registry=REGISTRY
)
STORAGE_FREE_BYTES = Gauge(
    "vlog_storage_free_bytes", "Bytes that may still be written to the storage", registry=REGISTRY
)
STORAGE_SIZE_BYTES = Gauge(
    "vlog_storage_size_bytes", "Size of the file system of the storage", registry=REGISTRY
)

PLAYBACK_SESSIONS = Gauge("vlog_playback_sessions", "Viewings that go on now", registry=REGISTRY)
PLAYBACK_SESSIONS_STARTED = Counter(
    "vlog_playback_sessions_started", "Viewings that began", registry=REGISTRY
)
