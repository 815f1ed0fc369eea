"""The pages in the place of a video that cannot be watched now: why, and what comes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from vlog.catalog.absence import Absence, why_absent
from vlog.errors import ElsewhereForbidden, NotFound, VideoGone
from vlog.web import queries
from vlog.web.models.progress import ProgressOut
from vlog.web.page_filters import time_left
from vlog.web.pages import public_base, render
from vlog.web.problems import wants_page
from vlog.web.services import services_of

_WORDS = {
    "failed": (
        "Nothing to watch",
        "Something went wrong while this video was prepared. Whoever runs this site can try again.",
    ),
    "private": (
        "This video is private",
        "Only those who have a link from its owner can watch it. If you got one, open it again as "
        "it was sent: all of it is needed.",
    ),
    "expired": (
        "This link no longer works",
        "It has expired or was withdrawn. Ask whoever sent it for a new one.",
    ),
    "scheduled": ("Not out yet", "This video can be watched from this moment on:"),
    "removed": (
        "This video was removed",
        "It was here once and has been taken away. Whatever else there is can still be watched.",
    ),
    "elsewhere": (
        "Not shown on this page",
        "The owner of this video does not let this site show it. It can be watched where it is at "
        "home.",
    ),
}
_ICONS = {
    "preparing": "work",
    "failed": "alert",
    "private": "hidden",
    "expired": "link",
    "scheduled": "clock",
    "removed": "trash",
    "elsewhere": "external",
}


@dataclass(frozen=True)
class AbsenceView:
    """What stands in the place of a video. `percent` and `at` only where something is coming."""

    state: str
    icon: str
    heading: str
    sentence: str
    percent: float | None = None
    at: datetime | None = None
    watch_url: str | None = None


async def answer(request: Request, key: str | None, error: NotFound, template: str) -> Response:
    """The page that says why there is no video at this address.

    Raises `error` where there has never been one, and VideoGone or `error` for programs.
    """
    services, slug = services_of(request), request.path_params["slug"]
    async with services.database.read() as session:
        absence = await why_absent(session, slug, key)
    if absence is None:
        raise error
    gone = absence.reason == "removed"
    if not wants_page(request):
        raise (VideoGone if gone else error)
    # A video that is not there now is no error of who asks, but no page to keep or index either.
    return _page(request, template, await _view(request, absence), 410 if gone else 404)


def refused(request: Request, slug: str) -> Response:
    """For a frame on a site that may not show the video: the way to where it can be watched."""
    heading, sentence = _WORDS["elsewhere"]
    view = AbsenceView(
        "elsewhere",
        _ICONS["elsewhere"],
        heading,
        sentence,
        watch_url=f"{public_base(request)}/watch/{slug}",
    )
    return _page(request, "site/embed_absent.html", view, ElsewhereForbidden.status)


def _page(request: Request, template: str, view: AbsenceView, status: int) -> Response:
    response = render(request, template, absence=view)
    response.status_code = status
    response.headers.update({"cache-control": "no-store", "x-robots-tag": "noindex"})
    return response


async def _view(request: Request, absence: Absence) -> AbsenceView:
    icon, video = _ICONS[absence.reason], absence.video
    if absence.reason == "preparing":
        assert video is not None
        progress = await queries.progress_of(services_of(request), video)
        sentence = preparing_sentence(progress)
        return AbsenceView("preparing", icon, video.title, sentence, progress.progress_percent)
    heading, sentence = _WORDS[absence.reason]
    at = video.published_at if video is not None and absence.reason == "scheduled" else None
    return AbsenceView(absence.reason, icon, heading, sentence, at=at)


def preparing_sentence(progress: ProgressOut) -> str:
    """How far a video is of which nothing can be watched yet."""
    if progress.status == "pending":
        return "This video waits for its turn to be prepared. It starts here as soon as it can."
    done = f"{progress.progress_percent:.0f} % done" if progress.progress_percent >= 1 else ""
    far = ", ".join(filter(None, [done, time_left(progress.seconds_left)]))
    return (
        f"This video is being prepared{': ' + far if far else ''}. It can be watched here as soon "
        "as its first part is ready, long before the rest."
    )
