"""Changes to what several videos have in common, made to each of them by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from vlog.catalog import tags, videos


async def edit(
    session: AsyncSession,
    video_id: int,
    changes: dict[str, Any],
    *,
    add_tags: Sequence[str] = (),
    remove_tags: Sequence[str] = (),
) -> None:
    """Change one video as `videos.change` does, and its tags beside those it keeps.

    Raises:
        NotFound, Invalid: nothing of it is changed.
    """
    if add_tags or remove_tags:
        present = (await tags.of_videos(session, [video_id])).get(video_id, [])
        unwanted = {name.strip().casefold() for name in remove_tags}
        kept = [tag.name for tag in present if tag.name.casefold() not in unwanted]
        changes = {**changes, "tags": [*kept, *add_tags]}
    await videos.change(session, video_id, changes)
