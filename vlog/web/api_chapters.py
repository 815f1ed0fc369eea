"""The API of chapters: a person's in the place of those that came with the file."""

from __future__ import annotations

from dataclasses import asdict

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request

from vlog.captions.chapters import LONGEST_TITLE, MOST_CHAPTERS
from vlog.catalog import chapters, videos
from vlog.catalog.chapters import ChapterOrigin, Chapters
from vlog.errors import Conflict, Invalid, NotFound
from vlog.web.models.base import Out
from vlog.web.models.videos import ChapterOut
from vlog.web.operations import Operation
from vlog.web.services import services_of


class ChaptersOut(Out):
    """The chapters that viewers are shown.

    `origin`: edited by a person, or else from the container or the description.
    """

    origin: ChapterOrigin
    chapters: list[ChapterOut]


class NewChapter(BaseModel):
    """Where a chapter begins, in seconds, and what it is called."""

    model_config = ConfigDict(extra="forbid")

    start: float = Field(ge=0, allow_inf_nan=False)
    title: str = Field(min_length=1, max_length=LONGEST_TITLE)


class ChaptersChange(BaseModel):
    """All chapters in order; each lasts until the next one begins. With none there are none."""

    model_config = ConfigDict(extra="forbid")

    chapters: list[NewChapter] = Field(max_length=MOST_CHAPTERS)


async def get_chapters(request: Request) -> ChaptersOut:
    """The chapters of a video."""
    async with services_of(request).database.read() as session:
        listed = await videos.listed_by_id(session, request.path_params["video_id"])
        return _out(await chapters.of_video(session, listed.video))


async def change_chapters(request: Request, *, body: ChaptersChange) -> ChaptersOut:
    """Set the chapters."""
    video_id = request.path_params["video_id"]
    marks = [(chapter.start, chapter.title) for chapter in body.chapters]
    found = await services_of(request).database.write(
        lambda session: chapters.edit(session, video_id, marks), name="edit chapters"
    )
    return _out(found)


async def forget_chapters(request: Request) -> ChaptersOut:
    """Go back to the chapters of the file or the description."""
    video_id = request.path_params["video_id"]
    found = await services_of(request).database.write(
        lambda session: chapters.forget_edited(session, video_id), name="forget chapters"
    )
    return _out(found)


def _out(found: Chapters) -> ChaptersOut:
    return ChaptersOut(
        origin=found.origin,
        chapters=[ChapterOut.model_validate(asdict(chapter)) for chapter in found.chapters],
    )


_CHAPTERS = "/api/videos/{video_id:int}/chapters"
_TAGS = ("chapters",)

CHAPTERS_API = [
    Operation(
        "GET",
        _CHAPTERS,
        get_chapters,
        summary="Get the chapters of a video",
        response=ChaptersOut,
        tags=_TAGS,
        errors=(NotFound,),
    ),
    Operation(
        "PUT",
        _CHAPTERS,
        change_chapters,
        summary="Set the chapters of a video",
        body=ChaptersChange,
        response=ChaptersOut,
        tags=_TAGS,
        errors=(NotFound, Conflict, Invalid),
    ),
    Operation(
        "DELETE",
        _CHAPTERS,
        forget_chapters,
        summary="Go back to the chapters of the file",
        response=ChaptersOut,
        tags=_TAGS,
        errors=(NotFound,),
    ),
]
