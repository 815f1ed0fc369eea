"""What the search page shows."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from vlog.catalog.search_terms import LONGEST_QUERY
from vlog.web.models.search import MomentOut, MomentVideoOut, SearchOut, SearchQuery
from vlog.web.models.videos import VideoOut

PATH = "/search"
# Of each list where there are both, and on a page of one alone.
_FIRST_LOOK, _FULL_PAGE = 12, 24
_LONGEST_CURSOR = 600


@dataclass(frozen=True)
class FoundMoments:
    """The moments of one video; `all_url` leads to those that are not shown."""

    video: MomentVideoOut
    moments: list[MomentOut]
    all_url: str


def asked(parameters: QueryParams) -> SearchQuery:
    """What the address asks for; what makes no sense in it is left out."""
    wanted = parameters.get("kind")
    kind = "videos" if wanted == "videos" else "moments" if wanted == "moments" else None
    video = parameters.get("video") or None
    narrowed = kind is not None or video is not None
    cursor = parameters.get("cursor", "")[:_LONGEST_CURSOR] if narrowed else ""
    return SearchQuery(
        q=parameters.get("q", "").strip()[:LONGEST_QUERY],
        kind=kind,
        video=video,
        cursor=cursor or None,
        limit=_FULL_PAGE if narrowed else _FIRST_LOOK,
    )


def values(query: SearchQuery, found: SearchOut, video: VideoOut | None) -> dict[str, object]:
    """For the template. `video` is the one that alone was searched."""

    def url(**more: str | None) -> str:
        return f"{PATH}?{urlencode({'q': query.q} | {k: v for k, v in more.items() if v})}"

    def further(cursor: str | None, kind: str) -> str:
        where = {"video": query.video} if query.video else {"kind": kind}
        return url(**where, cursor=cursor) if cursor else ""

    moments = [
        FoundMoments(of_video, group, url(video=of_video.slug) if _more(group, query) else "")
        for of_video, group in (
            (video, list(group)) for video, group in groupby(found.moments, lambda one: one.video)
        )
    ]
    return {
        "search": query.q,
        "video": video,
        "narrowed": bool(query.kind or query.video or query.cursor),
        "all_url": url(),
        "videos": found.videos,
        "videos_url": further(found.videos_cursor, "videos"),
        "moments": moments,
        "moments_url": further(found.moments_cursor, "moments"),
    }


def _more(moments: list[MomentOut], query: SearchQuery) -> bool:
    return query.video is None and any(moment.more_in_video for moment in moments)
