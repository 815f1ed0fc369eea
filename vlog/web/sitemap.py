"""`/sitemap.xml` (sitemaps.org, with Google's video entries) and `/robots.txt`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from xml.sax.saxutils import escape

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from vlog.catalog import sitemap
from vlog.catalog.embedding import EmbedRule
from vlog.catalog.sitemap import SitemapVideo
from vlog.errors import NotFound
from vlog.storage.local import generation_path
from vlog.web import playlist_queries, queries
from vlog.web.feed_formats import clean
from vlog.web.page_filters import shorten
from vlog.web.pages import public_base
from vlog.web.services import Services, services_of
from vlog.web.thumbnail_urls import thumbnail_url

# A file may have 50,000 addresses; the lists of the site come with the first videos.
VIDEOS_PER_FILE = 49_000
MOST_LISTS = 1000
# Short enough that a full file stays below the 50 MB that are allowed.
LONGEST_DESCRIPTION = 160
_AT_ONCE = 1000
_LONGEST_SECONDS = 28_800
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
_OPEN = (
    f'{_HEAD}<urlset xmlns="{_NAMESPACE}" '
    'xmlns:video="http://www.google.com/schemas/sitemap-video/1.1">\n'
)


def sitemap_routes() -> list[Route]:
    """What search engines ask for."""
    return [
        Route("/robots.txt", robots, name="robots"),
        Route("/sitemap.xml", whole_sitemap, name="sitemap"),
        Route("/sitemap-{number:int}.xml", part_of_sitemap, name="part_of_sitemap"),
    ]


async def robots(request: Request) -> Response:
    """Everything may be read but the API, which has nothing that the pages have not."""
    lines = ("User-agent: *", "Disallow: /api/", f"Sitemap: {public_base(request)}/sitemap.xml", "")
    return PlainTextResponse("\n".join(lines))


async def whole_sitemap(request: Request) -> Response:
    """All addresses, or an index of files where they are too many for one."""
    files = await _files(services_of(request))
    if files <= 1:
        return _xml(_urls(request, 0))
    base = public_base(request)
    text = f'{_HEAD}<sitemapindex xmlns="{_NAMESPACE}">\n'
    for number in range(1, files + 1):
        text += f"<sitemap><loc>{escape(base)}/sitemap-{number}.xml</loc></sitemap>\n"
    return Response(f"{text}</sitemapindex>\n", media_type="application/xml")


async def part_of_sitemap(request: Request) -> Response:
    """One file of several, counted from 1."""
    number = request.path_params["number"]
    if not 1 <= number <= await _files(services_of(request)):
        raise NotFound
    return _xml(_urls(request, number - 1))


async def _files(services: Services) -> int:
    async with services.database.read() as session:
        return -(-await sitemap.count(session) // VIDEOS_PER_FILE)


def _xml(urls: AsyncIterator[str]) -> Response:
    return StreamingResponse(urls, media_type="application/xml")


async def _urls(request: Request, file: int) -> AsyncIterator[str]:
    """The text of one file, read and sent a piece at a time."""
    base, services = public_base(request), services_of(request)
    sites = services.settings.public.embed_domains
    yield _OPEN
    if file == 0:
        yield "".join(_page(base, path) for path in await _lists(services))
    async with services.database.read() as session:
        first = await sitemap.first_id(session, file * VIDEOS_PER_FILE)
    left = VIDEOS_PER_FILE
    while first is not None and left > 0:
        async with services.database.read() as session:
            found = await sitemap.videos_from(session, first, min(_AT_ONCE, left))
        yield "".join(_video(base, video, video.rule(sites)) for video in found)
        left -= len(found)
        first = found[-1].id + 1 if found else None
    yield "</urlset>\n"


async def _lists(services: Services) -> list[str]:
    categories = await queries.public_categories(services)
    tags = (await queries.tags(services, public=True)).tags
    playlists = (await playlist_queries.all_playlists(services, public=True)).playlists
    paths = ["/", *(f"/category/{item.slug}" for item in categories if item.video_count)]
    paths += [item.url for item in playlists]
    paths += [f"/tag/{item.slug}" for item in tags]
    return paths[:MOST_LISTS]


def _page(base: str, path: str) -> str:
    return f"<url><loc>{escape(base + path)}</loc></url>\n"


def _video(base: str, video: SitemapVideo, rule: EmbedRule) -> str:
    about = _about(base, video, rule) if video.has_thumbnail and not rule.nowhere else ()
    date = video.published_at.isoformat(timespec="seconds")
    return (
        f"<url><loc>{escape(base)}/watch/{video.slug}</loc><lastmod>{date}</lastmod>"
        f"{_wrapped(about)}</url>\n"
    )


def _wrapped(about: Iterable[str]) -> str:
    inside = "".join(about)
    return f"<video:video>{inside}</video:video>" if inside else ""


def _about(base: str, video: SitemapVideo, rule: EmbedRule) -> Iterable[str]:
    folder = f"{base}/videos/{video.slug}"
    stream = f"{folder}/{generation_path(video.revision)}master.m3u8"
    picture = thumbnail_url(video.slug, video.has_thumbnail, video.thumbnail_version)
    yield _element("thumbnail_loc", f"{base}{picture}")
    yield _element("title", video.title)
    yield _element("description", shorten(video.description or video.title, LONGEST_DESCRIPTION))
    # One of the two is required; media that need a key are named nowhere.
    if rule.open_to_all:
        yield _element("content_loc", stream)
    else:
        yield _element("player_loc", f"{base}/embed/{video.slug}")
    if video.duration and 1 <= video.duration <= _LONGEST_SECONDS:
        yield _element("duration", str(round(video.duration)))
    yield _element("publication_date", video.published_at.isoformat(timespec="seconds"))


def _element(name: str, text: str) -> str:
    return f"<video:{name}>{escape(clean(text))}</video:{name}>"
