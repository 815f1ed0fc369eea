"""The admin's list over many videos: every filter and order is read through an index."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import get_args

import pytest
from sqlalchemy import text

from tests.catalog import query_plans
from tests.catalog.rows import add_videos
from vlog.catalog import videos
from vlog.catalog.video_query import Sort, VideoQuery
from vlog.database.engine import Database
from vlog.database.types import now

_WEEK_AGO = now() - timedelta(days=7)
_ALL = VideoQuery(public=False, limit=5)
# What the index of the usual order is not in the way of, and what is sorted after it was found:
# that is little, or it is as much as there is of it.
_FILTERS = {
    "everything": _ALL,
    "status": replace(_ALL, status="failed"),
    "private": replace(_ALL, visibility="private"),
    "public": replace(_ALL, visibility="public"),
    "scheduled": replace(_ALL, visibility="scheduled"),
    "category": replace(_ALL, category="family"),
    "tag": replace(_ALL, tag="walks"),
    "with captions": replace(_ALL, captions=True),
    "without captions": replace(_ALL, captions=False),
    "since": replace(_ALL, added_from=_WEEK_AGO),
    "until": replace(_ALL, added_before=now() + timedelta(days=1)),
    "between": replace(_ALL, added_from=_WEEK_AGO, added_before=now() + timedelta(days=1)),
    "words": replace(_ALL, search="film"),
    "ids": replace(_ALL, ids=(1, 2, 3)),
    "several": replace(_ALL, status="ready", visibility="private", captions=False),
}
# Each of these has the rows of the page one after the other in an index, in every order or in the
# usual one.
_NEVER_SORTED = {
    **dict.fromkeys(("everything", "status", "private", "public"), get_args(Sort)),
    **dict.fromkeys(("category", "since", "between", "until", "with captions"), ("newest",)),
}


@pytest.mark.parametrize("name", _FILTERS)
async def test_a_page_is_read_through_an_index(database: Database, name: str) -> None:
    await add_videos(database, [f"Film {number}" for number in range(12)], duration=60.0)
    await database.write(
        lambda s: s.execute(text("UPDATE videos SET status = 'failed' WHERE id % 2"))
    )
    for sort in get_args(Sort):
        query = replace(_FILTERS[name], sort=sort)
        with query_plans.recorded(database) as statements:
            async with database.read() as session:
                page = await videos.find(session, query)
                if page.next_cursor:
                    await videos.find(session, replace(query, cursor=page.next_cursor))
        assert query_plans.table_scans(await query_plans.steps_of(database, statements)) == []
        pages = [(asked, values) for asked, values in statements if "LIMIT" in asked]
        assert pages
        steps = await query_plans.steps_of(database, pages)
        sorted_by_hand = [step for step in steps if "TEMP B-TREE" in step]
        assert not (sorted_by_hand and sort in _NEVER_SORTED.get(name, ())), (sort, steps)
