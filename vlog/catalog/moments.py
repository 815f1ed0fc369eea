"""Finding moments: places in videos by what is said there, which is what their cues say."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise

from sqlalchemy import Row, Select, select, tuple_, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.catalog import cursors, search_terms
from vlog.catalog import videos as video_catalog
from vlog.catalog.search_windows import WINDOW, Position, Ranked, Slice, Window, read_page
from vlog.catalog.videos import ListedVideo
from vlog.catalog.visibility import is_public
from vlog.database import full_text
from vlog.database.full_text import Piece, Term
from vlog.database.schema import Cue, Transcription, Video

# Of one video in a list of all, so that one long talk does not hide every other.
MOST_PER_VIDEO = 3
# Cues of one video have neighbouring ids but for those that were written later.
_GAP, _MOST_RUNS = 1000, 50


@dataclass(frozen=True)
class Moment:
    """A place in a video where something is said. Seconds from its start."""

    start: float
    end: float
    language: str
    snippet: list[Piece]


@dataclass(frozen=True)
class MomentsOfVideo:
    """What was found in one video; `more` where that is not all."""

    video: ListedVideo
    moments: list[Moment] = field(default_factory=list)
    more: bool = False


@dataclass(frozen=True)
class _Group:
    video_id: int
    cue_ids: list[int]
    more: bool


async def in_all_videos(
    session: AsyncSession, terms: list[Term], *, limit: int, cursor: str | None = None
) -> Slice[MomentsOfVideo]:
    """Moments in public videos, a few of each video. Raises BadRequest.

    Videos where something is said just as it was typed come first, then those with the newest
    captions. `limit` counts moments.
    """
    position = Position.of(cursor)
    if not terms:
        return Slice()

    async def read(position: Position) -> Window[_Group]:
        return await _moment_window(session, terms, position, min(limit, MOST_PER_VIDEO))

    groups = await read_page(read, position, limit)
    videos = await video_catalog.by_ids(session, [group.video_id for group in groups.items])
    listed = {item.video.id: item for item in videos}
    found = await _moments(session, terms, [i for group in groups.items for i in group.cue_ids])
    items = [
        MomentsOfVideo(
            listed[group.video_id], [found[cue_id] for cue_id in group.cue_ids], group.more
        )
        for group in groups.items
    ]
    return Slice(items, groups.next_cursor)


async def _moment_window(
    session: AsyncSession, terms: list[Term], position: Position, most: int
) -> Window[_Group]:
    found = full_text.newest_cues(terms, below=position.below, limit=WINDOW).subquery("found")
    statement = (
        select(Cue.id, Cue.start, Video.id.label("video_id"), is_public().label("public"))
        .join_from(found, Cue, Cue.id == found.c.id)
        .join(Transcription, Transcription.id == Cue.transcription_id)
        .join(Video, Video.id == Transcription.video_id)
    )
    rows = sorted((await session.execute(statement)).all(), key=lambda row: -row.id)
    pinned = position.pinned(row.id for row in rows)
    following = None
    if len(rows) == WINDOW:
        rows = _without_cut_video(rows)
        following = Position(position.stage, rows[-1].id)
    exact = await _said_as_typed(session, terms, rows)
    by_video: dict[int, list[Row[int, float, int, bool]]] = defaultdict(list)
    for row in rows:
        if row.public:
            by_video[row.video_id].append(row)
    return Window(
        [_ranked_group(of_video, exact, most) for of_video in by_video.values()], pinned, following
    )


def _without_cut_video(
    rows: list[Row[int, float, int, bool]],
) -> list[Row[int, float, int, bool]]:
    """Leave the last video to the next window, which has all of it, unless it is the only one."""
    last = rows[-1].video_id
    whole = next(i for i in range(len(rows), -1, -1) if i == 0 or rows[i - 1].video_id != last)
    return rows[:whole] or rows


async def _said_as_typed(
    session: AsyncSession, terms: list[Term], rows: list[Row[int, float, int, bool]]
) -> set[int]:
    whole = search_terms.together(terms)
    if not rows or [whole] == terms:
        return {row.id for row in rows}
    between = full_text.cues_between([whole], rows[-1].id, rows[0].id)
    return set(await session.scalars(between))


def _ranked_group(
    rows: list[Row[int, float, int, bool]], exact: set[int], most: int
) -> Ranked[_Group]:
    best = sorted(rows, key=lambda row: (row.id not in exact, row.start))[:most]
    shown = sorted(best, key=lambda row: row.start)
    rank = 0.0 if best[0].id in exact else 1.0
    group = _Group(rows[0].video_id, [row.id for row in shown], len(rows) > most)
    return Ranked((rank, -rows[0].id), group, len(shown))


async def in_video(
    session: AsyncSession, terms: list[Term], slug: str, *, limit: int, cursor: str | None = None
) -> Slice[MomentsOfVideo]:
    """All moments of one public video in their order. Raises NotFound, BadRequest."""
    video = await video_catalog.public_by_slug(session, slug)
    behind = _start_of(cursor)
    transcriptions = select(Transcription.id).where(Transcription.video_id == video.video.id)
    is_here = Cue.transcription_id.in_(transcriptions)
    runs = _runs(sorted(await session.scalars(select(Cue.id).where(is_here))))
    if not terms or not runs:
        return Slice([MomentsOfVideo(video)])
    # Asked run by run, the index need not walk through what other videos have between them.
    matches = union_all(*(full_text.cues_between(terms, first, last) for first, last in runs))
    found = matches.subquery("found")
    statement: Select[int, float] = (
        select(Cue.id, Cue.start)
        .join_from(found, Cue, Cue.id == found.c.id)
        .where(is_here)
        .order_by(Cue.start, Cue.id)
        .limit(limit + 1)
    )
    if behind is not None:
        statement = statement.where(tuple_(Cue.start, Cue.id) > behind)
    rows = (await session.execute(statement)).all()
    ids = [row.id for row in rows[:limit]]
    shown = await _moments(session, terms, ids)
    more = len(rows) > limit
    next_cursor = cursors.encode([rows[limit - 1].start, rows[limit - 1].id]) if more else None
    return Slice([MomentsOfVideo(video, [shown[i] for i in ids], more)], next_cursor)


def _start_of(cursor: str | None) -> tuple[float, int] | None:
    if cursor is None:
        return None
    start, cue_id = cursors.decode(cursor, 2)
    if not isinstance(start, int | float) or not isinstance(cue_id, int):
        raise cursors.invalid()
    return float(start), cue_id


def _runs(ids: list[int]) -> list[tuple[int, int]]:
    """Ids in rising order, as few ranges without wide gaps."""
    gap = _GAP
    while True:
        cuts = [(left, right) for left, right in pairwise(ids) if right - left > gap]
        if len(cuts) < _MOST_RUNS:
            break
        gap *= 4
    firsts = ids[:1] + [right for _, right in cuts]
    return list(zip(firsts, [left for left, _ in cuts] + ids[-1:], strict=True))


async def _moments(session: AsyncSession, terms: list[Term], ids: list[int]) -> dict[int, Moment]:
    if not ids:
        return {}
    snippets = await session.execute(full_text.snippets(terms, ids))
    texts = {row.id: " ".join(row.text.split()) for row in snippets}
    statement = (
        select(Cue.id, Cue.start, Cue.end, Transcription.language)
        .join(Transcription, Transcription.id == Cue.transcription_id)
        .where(Cue.id.in_(ids))
    )
    return {
        row.id: Moment(row.start, row.end, row.language, full_text.pieces(texts[row.id]))
        for row in await session.execute(statement)
    }
