"""Finding videos and categories by what is written about them."""

from __future__ import annotations

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.catalog import videos as video_catalog
from vlog.catalog.search_windows import WINDOW, Position, Ranked, Slice, Window, read_page
from vlog.catalog.videos import ListedVideo
from vlog.catalog.visibility import is_public
from vlog.database import full_text
from vlog.database.full_text import Term
from vlog.database.schema import Category, Video


async def videos(
    session: AsyncSession,
    terms: list[Term],
    *,
    limit: int,
    cursor: str | None = None,
    titles_only: bool = False,
) -> Slice[ListedVideo]:
    """Public videos, those with every word in their title first. Raises BadRequest."""
    position = Position.of(cursor)
    if not terms:
        return Slice()

    async def read(position: Position) -> Window[int]:
        return await _video_window(session, terms, position, titles_only=titles_only)

    ids = await read_page(read, position, limit)
    found = await video_catalog.by_ids(session, ids.items)
    return Slice(found, ids.next_cursor)


async def _video_window(
    session: AsyncSession, terms: list[Term], position: Position, *, titles_only: bool
) -> Window[int]:
    in_title = position.stage == 0
    matches = full_text.ranked_videos(terms, in_title=in_title, below=position.below, limit=WINDOW)
    found = matches.subquery("found")
    statement = select(found.c.id, found.c.score, is_public().label("public")).join_from(
        found, Video, Video.id == found.c.id
    )
    rows = (await session.execute(statement)).all()
    following = None
    if len(rows) == WINDOW:
        following = Position(position.stage, min(row.id for row in rows))
    elif in_title and not titles_only:
        following = Position(1)
    visible = [Ranked((row.score, -row.id), row.id) for row in rows if row.public]
    return Window(visible, position.pinned(row.id for row in rows), following)


async def categories(session: AsyncSession, terms: list[Term], *, limit: int) -> list[Category]:
    """Categories with these words in their name, if everybody may see a video in them."""
    if not terms:
        return []
    shown = exists().where(Video.category_id == Category.id, is_public())
    statement = select(Category).where(Category.id.in_(full_text.matching_categories(terms)), shown)
    return list(await session.scalars(statement.order_by(Category.name).limit(limit)))
