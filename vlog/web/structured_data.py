"""What a page says to machines of its video (schema.org, `VideoObject`). Pure functions."""

from __future__ import annotations

from vlog.web.models import VideoOut


def video_object(video: VideoOut, base: str) -> dict[str, object]:
    """A video as JSON-LD. Addresses are whole: they begin with `base`."""
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
    if video.duration:
        described["duration"] = _iso_duration(video.duration)
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
