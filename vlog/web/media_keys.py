"""Who may load picture and sound of a video that not every site may show."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import Request

from vlog.catalog import access, media_keys
from vlog.catalog.media_keys import MediaAccess
from vlog.database.types import now
from vlog.errors import ElsewhereForbidden, KeyExpired
from vlog.web.queries import Watchable
from vlog.web.services import Services, services_of
from vlog.web.sharing import HIDDEN, key_of

# Pictures, and words to read, stand on cards and in previews of other sites too.
_GUARDED = (".m3u8", ".ts", ".m4s", ".mp4")
# No page of another origin may take such an answer into itself (Fetch, cross-origin resource
# policy), by whichever element or script it asks.
_OURS_ALONE = {"cross-origin-resource-policy": "same-origin"}


async def access_to_media(request: Request, *, public: bool) -> MediaAccess:
    """What the asker may have of a video's files. Raises NotFound."""
    services = services_of(request)
    slug, share_key = request.path_params["slug"], key_of(request)
    key = request.path_params.get("key")
    sites = services.settings.public.embed_domains

    async def ask() -> MediaAccess:
        async with services.database.read() as session:
            if public:
                return await media_keys.access_to(session, slug, share_key, key, sites)
            await access.for_admin(session, slug)
        return MediaAccess(public=False)

    return await services.remembered.get((slug, public, share_key, key), ask)


def headers_for(request: Request, given: MediaAccess, suffix: str, cache: str) -> dict[str, str]:
    """The headers of one file, whose `cache-control` is `cache` where everybody may have it.

    Raises:
        ElsewhereForbidden: the page of another site asks for picture or sound.
        KeyExpired: no key came, or its time is over.
    """
    kept = {"cache-control": cache} if given.public else dict(HIDDEN)
    if not given.guarded or suffix not in _GUARDED:
        return kept
    if is_from_elsewhere(request):
        raise ElsewhereForbidden
    left = given.expires - int(now().timestamp())
    if left <= 0:
        raise KeyExpired
    if given.public and "immutable" in cache:
        # No cache may open the door for longer than the key does.
        kept["cache-control"] = f"public, max-age={left}, immutable"
    return kept | _OURS_ALONE


async def stream_url(services: Services, found: Watchable) -> str | None:
    """Where a player of this site finds a video's master playlist."""
    if found.video.stream_url or not found.video.playable:
        return found.video.stream_url
    key = await media_keys.key_for(services.database, found.access.video_id)
    return f"/videos/{found.video.slug}/key/{key}/{found.master}"


def is_from_elsewhere(request: Request) -> bool:
    """Whether a page of another site asks, as far as the request tells.

    Browsers say it in `Sec-Fetch-Site` where the connection is safe, else in `Origin` or
    `Referer`. Televisions and other programs say nothing, and the key has to do.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        typed = request.headers.get("sec-fetch-mode") == "navigate"
        return site not in ("same-origin", "none") and not typed
    asker = request.headers.get("origin") or request.headers.get("referer")
    return asker is not None and not is_ours(request, asker)


def is_ours(request: Request, address: str) -> bool:
    """Whether an address belongs to this site, under the name that visitors have for it."""
    configured = urlsplit(services_of(request).settings.public.base_url).netloc
    ours = {request.headers.get("host", "").lower(), configured.lower()} - {""}
    try:
        return urlsplit(address).netloc.lower() in ours
    except ValueError:
        return False
