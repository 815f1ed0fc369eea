"""What is made from the cues and the chapters at the moment when somebody asks for it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from starlette.responses import Response

from vlog.captions import chapters as chapter_files
from vlog.captions import subrip
from vlog.captions.cue import Cue
from vlog.captions.text import paragraphs
from vlog.catalog import chapters, transcripts
from vlog.database.schema import Video
from vlog.errors import NotFound
from vlog.languages import TAG
from vlog.web.services import Services

CHAPTERS = "chapters.vtt"
_NAMES = re.compile(rf"captions(?:-(?P<language>{TAG.pattern}))?\.(?P<kind>srt|txt)")


@dataclass(frozen=True)
class _Kind:
    media_type: str
    write: Callable[[list[Cue]], str]


_KINDS = {
    "srt": _Kind("application/x-subrip; charset=utf-8", subrip.write),
    "txt": _Kind("text/plain; charset=utf-8", lambda cues: paragraphs(cues) + "\n"),
}


def is_made_when_asked(name: str) -> bool:
    """Whether a name is one of those that lie nowhere as a file."""
    return name == CHAPTERS or _NAMES.fullmatch(name) is not None


async def make(services: Services, slug: str, name: str, headers: Mapping[str, str]) -> Response:
    """The file of that name. Raises NotFound."""
    if name == CHAPTERS:
        return await _chapters(services, slug, headers)
    asked = _NAMES.fullmatch(name)
    if asked is None:
        raise NotFound
    async with services.database.read() as session:
        video_id = await session.scalar(select(Video.id).where(Video.slug == slug))
        tracks = await transcripts.tracks_of(session, video_id or 0)
        default = transcripts.default_of(tracks)
        language = asked["language"] or (default.language if default else "")
        if not any(track.language == language for track in tracks):
            raise NotFound
        cues = await transcripts.read_cues(session, video_id or 0, language)
    kind = _KINDS[asked["kind"]]
    text = await asyncio.to_thread(kind.write, cues)
    file = f"{slug}.{language}.{asked['kind']}"
    disposition = {"content-disposition": f'attachment; filename="{file}"'}
    return Response(text, headers={**headers, **disposition, "content-type": kind.media_type})


async def _chapters(services: Services, slug: str, headers: Mapping[str, str]) -> Response:
    async with services.database.read() as session:
        video = await session.scalar(select(Video).where(Video.slug == slug))
        found = (await chapters.of_video(session, video)).chapters if video is not None else []
    if not found:
        raise NotFound
    kind = {"content-type": "text/vtt; charset=utf-8"}
    return Response(chapter_files.write(found), headers={**headers, **kind})
