"""What a page says to machines of its video (schema.org, `VideoObject`). Pure functions."""

from __future__ import annotations

from collections.abc import Sequence

from vlog.captions.chapters import Chapter
from vlog.captions.text import paragraphs
from vlog.web.models.videos import VideoOut
from vlog.web.watching import Watching

# About two hours of speech. The page has all of it to read; the head stays small.
LONGEST_TRANSCRIPT = 100_000


def video_object(
    video: VideoOut, base: str, around: Watching, *, embeddable: bool = True
) -> dict[str, object]:
    """A video as JSON-LD. Addresses are whole: they begin with `base`.

    Its chapters are clips with links to their seconds, as search engines show them.
    """
    described: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "VideoObject",
        "name": video.title,
        "description": video.description or video.title,
        "uploadDate": (video.published_at or video.created_at).isoformat(),
        "url": base + video.watch_url,
    }
    if video.thumbnail_url:
        described["thumbnailUrl"] = [base + video.thumbnail_url]
    if video.stream_url:
        described["contentUrl"] = base + video.stream_url
    if embeddable:
        described["embedUrl"] = f"{base}/embed/{video.slug}"
    if video.duration:
        described["duration"] = _iso_duration(video.duration)
    if video.views is not None:
        described["interactionStatistic"] = {
            "@type": "InteractionCounter",
            "interactionType": {"@type": "WatchAction"},
            "userInteractionCount": video.views,
        }
    if around.chapters:
        described["hasPart"] = _clips(around.chapters, base + video.watch_url)
    return described | _words(around) | _sorted(video)


def _clips(chapters: Sequence[Chapter], page: str) -> list[dict[str, object]]:
    return [
        {
            "@type": "Clip",
            "name": chapter.title,
            "startOffset": round(chapter.start),
            "endOffset": round(chapter.end),
            "url": f"{page}?t={int(chapter.start)}",
        }
        for chapter in chapters
    ]


def _words(around: Watching) -> dict[str, object]:
    if around.transcript is None or around.growing:
        return {}
    text = paragraphs(around.transcript.cues)
    return {"transcript": text} if len(text) <= LONGEST_TRANSCRIPT else {}


def _sorted(video: VideoOut) -> dict[str, object]:
    described: dict[str, object] = {}
    if video.tags:
        described["keywords"] = [tag.name for tag in video.tags]
    if video.category_name:
        described["genre"] = video.category_name
    return described


def _iso_duration(seconds: float) -> str:
    """3723.4 -> PT1H2M3S (ISO 8601)."""
    hours, rest = divmod(round(seconds), 3600)
    minutes, last = divmod(rest, 60)
    return f"PT{hours}H{minutes}M{last}S"
