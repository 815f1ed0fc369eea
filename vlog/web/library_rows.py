"""One video as a row of the admin's list: what is said of it, in plain words. Pure functions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from vlog.web.library_choices import STATUS_WORDS, VISIBILITY_WORDS
from vlog.web.models.admin_videos import AdminVideoOut
from vlog.web.models.progress import ProgressOut
from vlog.web.page_filters import duration, time_left


@dataclass(frozen=True)
class Row:
    """A row. `percent` only while it is worked on; `line` says how that goes, or why not."""

    id: int
    title: str
    edit_url: str
    watch_url: str | None
    thumbnail_url: str | None
    status: str
    status_word: str
    percent: int | None
    line: str
    error: str
    notice: str
    visibility: str
    visibility_word: str
    opens_at: datetime | None
    length: str
    added: datetime
    views: int
    about: str
    has_captions: bool


def row_of(video: AdminVideoOut, public_base: str) -> Row:
    """What a row says of a video."""
    working = video.status in ("pending", "processing")
    watchable = video.playable and video.visibility in ("public", "unlisted")
    beside = video.beside
    percent = int(video.progress_percent) if video.status == "processing" else None
    line = work_line(video.progress, playable=video.playable) if working else ""
    if beside is not None and beside.status != "failed":
        done = int(beside.progress.progress_percent)
        line = f"{beside.rung or 'A new version'} is being made: {done}%."
    return Row(
        id=video.id,
        title=video.title,
        edit_url=f"/videos/{video.id}",
        watch_url=f"{public_base}{video.watch_url}" if watchable else None,
        thumbnail_url=video.thumbnail_url,
        status=video.status,
        status_word=STATUS_WORDS[video.status],
        percent=percent,
        line=line,
        error=video.error_message or (beside.error_message if beside else None) or "",
        notice=video.notice or "",
        visibility=video.visibility,
        visibility_word=VISIBILITY_WORDS[video.visibility],
        opens_at=video.published_at if video.visibility == "scheduled" else None,
        length=duration(video.duration) if video.duration else "",
        added=video.created_at,
        views=video.views or 0,
        about=" · ".join(_facts(video)),
        has_captions=video.captions_url is not None,
    )


def _facts(video: AdminVideoOut) -> list[str]:
    names = [f"#{tag.name}" for tag in video.tags]
    return [video.category_name, *names] if video.category_name else names


def work_line(progress: ProgressOut, *, playable: bool) -> str:
    """How the work on a video goes."""
    if progress.waiting_for:
        return progress.waiting_for
    parts = [_sentence(progress.current_step)]
    if playable:
        parts.append("It can be watched already.")
    parts.append(_sentence(time_left(progress.seconds_left)))
    if progress.attempt > 1:
        parts.append(f"Attempt {progress.attempt} of {progress.max_attempts}.")
    return " ".join(filter(None, parts))


def _sentence(words: str) -> str:
    if not words:
        return ""
    text = words[0].upper() + words[1:]
    return text if text[-1] in ".!?…" else f"{text}."
