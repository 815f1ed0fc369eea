"""Who sees a video from its arrival on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from vlog.catalog import receiving
from vlog.catalog.receiving import Arrival
from vlog.catalog.visibility import Visibility, publish_if_due, show, visibility_of
from vlog.database.engine import Database
from vlog.database.schema import Video
from vlog.database.types import now
from vlog.errors import Invalid

LATER = now() + timedelta(days=1)


async def _arrive(database: Database, arrival: Arrival) -> Video:
    return await database.write(lambda s: receiving.register(s, arrival, None))


@pytest.mark.parametrize("visibility", ["public", "unlisted", "private"])
async def test_an_arrival_is_shown_as_was_wished(
    database: Database, visibility: Visibility
) -> None:
    video = await _arrive(database, Arrival("A", "a.mp4", ".mp4", 1, visibility=visibility))
    assert (visibility_of(video), video.published_at) == (visibility, None)
    video.playable_at = moment = now()
    publish_if_due(video, moment)
    assert video.published_at == (moment if visibility == "public" else None)


async def test_a_plan_is_kept_when_a_video_becomes_playable(database: Database) -> None:
    planned = Arrival("A", "a.mp4", ".mp4", 1, visibility="scheduled", published_at=LATER)
    video = await _arrive(database, planned)
    video.playable_at = now()
    publish_if_due(video, video.playable_at)
    assert (visibility_of(video), video.published_at) == ("scheduled", LATER)
    assert visibility_of(video, LATER + timedelta(seconds=1)) == "public"


async def test_a_plan_that_passed_while_the_file_came_is_carried_out(database: Database) -> None:
    passed = now() - timedelta(seconds=1)
    arrival = Arrival("A", "a.mp4", ".mp4", 1, visibility="scheduled", published_at=passed)
    assert visibility_of(await _arrive(database, arrival)) == "public"


def test_a_plan_that_is_given_up_leaves_nothing() -> None:
    video = Video(visibility="public", published_at=LATER, playable_at=now())
    show(video, "private")
    assert (video.visibility, video.published_at) == ("private", None)
    show(video, "scheduled", LATER)
    show(video, "public")
    assert visibility_of(video) == "public"
    assert video.published_at is not None
    first = video.published_at
    show(video, "unlisted")
    show(video, "public")
    assert video.published_at == first
    with pytest.raises(Invalid):
        show(video, "scheduled")
