"""Choosing the picture for lists: a frame of the video, a picture of one's own, the automatic one.

The file is durable under a number of its own before the database names it, and is removed once the
database names another: a crash leaves the old picture or the new one, and at most one too many.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path

from vlog.catalog import jobs, renditions, thumbnails
from vlog.catalog.renditions import Rendition
from vlog.catalog.thumbnails import ThumbnailOrigin
from vlog.database.schema import Video
from vlog.errors import Conflict, InsufficientStorage, Invalid, Unavailable
from vlog.logs import get_logger
from vlog.storage.condition import is_disk_full
from vlog.tasks import to_the_end
from vlog.transcoding.muxing import segment_name
from vlog.transcoding.pictures import frame_at, frame_command, own_picture_command, picture_format
from vlog.transcoding.plan import Plan
from vlog.transcoding.process import ProcessFailed, Watch, run
from vlog.transcoding.workshop import Workshop

log = get_logger(__name__)

LARGEST_PICTURE = 20 * 1024 * 1024
_TOOLS_AT_ONCE = 2
_LONGEST_SECONDS = 30.0
_NO_PICTURE = "This is not a JPEG, PNG or WebP picture that can be read. Choose another file."
_NO_FRAME = "This moment cannot be read now. Choose another one, or try again later."


class Thumbnails:
    """Makes and keeps chosen pictures. One per process."""

    def __init__(self, workshop: Workshop) -> None:
        self.workshop = workshop
        self.database = workshop.database
        self.storage = workshop.storage
        self._tools = asyncio.Semaphore(_TOOLS_AT_ONCE)
        self._keeping = asyncio.Lock()

    async def take_frame(self, video_id: int, seconds: float) -> None:
        """Show the frame at a moment of the video, from the best rung that has it.

        Raises:
            NotFound: there is no such video.
            Conflict: this moment has no frame, or none yet.
            InsufficientStorage, Unavailable: it cannot be done now.
        """
        async with self.database.read() as session:
            video = await thumbnails.require(session, video_id)
            stored = await jobs.served_plan(session, video_id)
            rows = await renditions.of_video(session, video_id, video.revision)
        if stored is None or not any(row.kind == "video" for row in rows):
            raise Conflict("There is no frame to choose: this video has no picture, or none yet.")
        plan = Plan.model_validate(stored)
        segment, frame = frame_at(plan.grid, seconds)
        best = _best_with(rows, segment)
        if best is None:
            raise Conflict("This moment of the video is still being made. Choose an earlier one.")
        name = segment_name(best.name, segment, plan.segment_format)
        path = self.storage.media_file(video.slug, name, best.generation)
        matrix = plan.picture.color_matrix if best.copied and plan.picture else "bt709"

        def command(folder: Path, target: Path) -> list[str]:
            source = path
            if best.init is not None:
                source = folder / name
                source.write_bytes(best.init + path.read_bytes())
            return frame_command(source, frame, matrix, target)

        picture = await self._made(command, Unavailable(_NO_FRAME))
        await to_the_end(self._keep(video_id, "frame", picture), name="keep thumbnail")

    async def take_own(self, video_id: int, content: bytes) -> None:
        """Show a JPEG, PNG or WebP picture, encoded anew.

        Raises:
            NotFound: there is no such video.
            Invalid: this is no such picture.
            InsufficientStorage, Unavailable: it cannot be done now.
        """
        async with self.database.read() as session:
            await thumbnails.require(session, video_id)
        demuxer = picture_format(content)
        if demuxer is None:
            raise Invalid(_NO_PICTURE)

        def command(folder: Path, target: Path) -> list[str]:
            picture = folder / "picture"
            picture.write_bytes(content)
            return own_picture_command(picture, demuxer, target)

        picture = await self._made(command, Invalid(_NO_PICTURE))
        await to_the_end(self._keep(video_id, "upload", picture), name="keep thumbnail")

    async def back_to_automatic(self, video_id: int) -> None:
        """Show the picture that VLog took by itself. Raises NotFound."""
        async with self._keeping:
            async with self.database.read() as session:
                video = await thumbnails.require(session, video_id)
            automatic = thumbnails.automatic_name(video.thumbnail_revision)
            path = self.storage.media_file(video.slug, automatic)
            there = await asyncio.to_thread(path.is_file)
            await self.database.write(
                lambda session: thumbnails.back_to_automatic(session, video_id, there=there),
                name="back to automatic thumbnail",
            )
            await self._remove_chosen(video)

    async def _made(
        self, command: Callable[[Path, Path], list[str]], refusal: Invalid | Unavailable
    ) -> bytes:
        """The JPEG that a command makes. Raises `refusal`, InsufficientStorage, Unavailable."""
        async with self._tools:
            folder = await asyncio.to_thread(tempfile.mkdtemp, prefix="vlog-picture-")
            try:
                target = Path(folder) / "thumbnail.jpg"
                arguments = await asyncio.to_thread(command, Path(folder), target)
                await run(arguments, Watch(stall_seconds=_LONGEST_SECONDS))
                made = await asyncio.to_thread(target.read_bytes)
            except (ProcessFailed, FileNotFoundError) as error:
                raise refusal from error
            except OSError as error:
                raise _explained(error) from error
            finally:
                await asyncio.to_thread(_remove_folder, Path(folder))
        if not made.startswith(b"\xff\xd8") or not made.endswith(b"\xff\xd9"):
            raise refusal
        return made

    async def _keep(self, video_id: int, origin: ThumbnailOrigin, picture: bytes) -> None:
        async with self._keeping:
            while True:
                async with self.database.read() as session:
                    video = await thumbnails.require(session, video_id)
                number = video.thumbnail_version + 1
                name = thumbnails.chosen_name(number)
                try:
                    await asyncio.to_thread(self.storage.write_media, video.slug, name, picture)
                except OSError as error:
                    raise _explained(error) from error
                if await self._chosen(video_id, origin, number):
                    break
                # The automatic picture has come in this very moment, and taken the number.
            await self._remove_chosen(video)
        log.info(
            "Another picture was chosen for the list.",
            action="thumbnail_chosen",
            video_id=video_id,
            origin=origin,
        )

    async def _chosen(self, video_id: int, origin: ThumbnailOrigin, number: int) -> bool:
        return await self.database.write(
            lambda session: thumbnails.choose(session, video_id, origin, number),
            name="choose thumbnail",
        )

    async def _remove_chosen(self, video: Video) -> None:
        """Remove what was shown before; what is left over here the sweeper takes."""
        if video.thumbnail_origin == "automatic":
            return
        try:
            await asyncio.to_thread(
                self.storage.remove_media, video.slug, [thumbnails.name_of(video)], 1
            )
        except OSError as error:
            log.warning(
                "A picture could not be removed.", action="thumbnail_left", error=str(error)
            )


def _best_with(rows: list[Rendition], segment: int) -> Rendition | None:
    """The best rung of which this segment is published; H.264 where there are several codecs."""
    having = [
        row
        for row in rows
        if row.kind == "video" and any(fact.number == segment for fact in row.segments)
    ]
    return min(having, key=lambda row: "-" in row.name, default=None)


def _remove_folder(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()


def _explained(error: OSError) -> InsufficientStorage | Unavailable:
    if is_disk_full(error):
        return InsufficientStorage("The disk is full. Free some space and try again.")
    return Unavailable("The storage does not take the picture now. Try again in a moment.")
