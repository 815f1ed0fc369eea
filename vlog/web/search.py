"""From the search to the models: what the page and the API both show."""

from __future__ import annotations

from vlog.catalog import moments as moment_catalog
from vlog.catalog import search, search_terms
from vlog.catalog.moments import Moment, MomentsOfVideo
from vlog.catalog.search_windows import Slice
from vlog.catalog.videos import ListedVideo
from vlog.errors import BadRequest
from vlog.web import queries
from vlog.web.models.search import (
    MomentOut,
    MomentVideoOut,
    PieceOut,
    SearchOut,
    SearchQuery,
    SuggestionOut,
    SuggestionsOut,
)
from vlog.web.services import Services
from vlog.web.thumbnail_urls import thumbnail_url

_MOST_TITLES, _MOST_CATEGORIES = 6, 3


async def find(services: Services, query: SearchQuery) -> SearchOut:
    """What everybody may find. Raises NotFound for a video, BadRequest for a cursor."""
    kind = "moments" if query.video else query.kind
    if query.cursor and kind is None:
        raise BadRequest("A cursor goes on with one list: say which with `kind` or `video`.")
    terms = search_terms.parse(query.q)
    limit, cursor = query.limit, query.cursor
    videos, moments = Slice[ListedVideo](), Slice[MomentsOfVideo]()
    async with services.database.read() as session:
        if kind != "moments":
            videos = await search.videos(session, terms, limit=limit, cursor=cursor)
        if query.video:
            moments = await moment_catalog.in_video(
                session, terms, query.video, limit=limit, cursor=cursor
            )
        elif kind != "videos":
            moments = await moment_catalog.in_all_videos(session, terms, limit=limit, cursor=cursor)
        shown = await queries.videos_out(services, session, videos.items, public=True)
    return SearchOut(
        videos=shown,
        videos_cursor=videos.next_cursor,
        moments=[one for found in moments.items for one in _moments(found)],
        moments_cursor=moments.next_cursor,
    )


async def suggest(services: Services, typed: str) -> SuggestionsOut:
    """Categories and titles that have these words, the last of which may be a beginning."""
    terms = search_terms.parse(typed)
    async with services.database.read() as session:
        categories = await search.categories(session, terms, limit=_MOST_CATEGORIES)
        titles = await search.videos(session, terms, limit=_MOST_TITLES, titles_only=True)
    found = [
        SuggestionOut(kind="category", text=one.name, url=f"/category/{one.slug}")
        for one in categories
    ]
    found += [
        SuggestionOut(kind="video", text=one.video.title, url=f"/watch/{one.video.slug}")
        for one in titles.items
    ]
    return SuggestionsOut(suggestions=found)


def _moments(found: MomentsOfVideo) -> list[MomentOut]:
    video = found.video.video
    shown = MomentVideoOut.model_validate(
        {
            "slug": video.slug,
            "title": video.title,
            "status": video.status,
            "duration": video.duration,
            "thumbnail_url": thumbnail_url(
                video.slug, video.has_thumbnail, video.thumbnail_version
            ),
            # Whoever is quoted here has captions.
            "captions_url": f"/videos/{video.slug}/captions.vtt",
            "watch_url": f"/watch/{video.slug}",
        }
    )
    return [_moment(shown, one, found.more) for one in found.moments]


def _moment(video: MomentVideoOut, moment: Moment, more: bool) -> MomentOut:
    return MomentOut(
        video=video,
        start=moment.start,
        end=moment.end,
        language=moment.language,
        snippet=[PieceOut(text=piece.text, marked=piece.marked) for piece in moment.snippet],
        # Whole seconds, and rather a little early than after the first word.
        watch_url=f"{video.watch_url}?t={int(moment.start)}",
        more_in_video=more,
    )
