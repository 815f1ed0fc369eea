"""What becomes of a job whose copy cannot be served."""

from __future__ import annotations

import pytest

from vlog.catalog import leases, publications, receiving, revisions
from vlog.catalog.publications import PromisedFile
from vlog.catalog.renditions import SegmentFacts
from vlog.catalog.thumbnails import THUMBNAIL
from vlog.database.engine import Database
from vlog.database.types import now


@pytest.mark.parametrize(
    ("promised", "segments", "replacement"),
    [
        (THUMBNAIL, {}, None),
        ("audio_0000.ts", {"audio": [SegmentFacts(0, 6.0, 10)]}, 2),
    ],
)
async def test_only_segments_on_their_way_to_viewers_need_another_revision(
    database: Database,
    promised: str,
    segments: dict[str, list[SegmentFacts]],
    replacement: int | None,
) -> None:
    arrival = receiving.Arrival("Film", "a.mp4", ".mp4", 10)
    video = await database.write(lambda s: receiving.register(s, arrival, None))
    await database.write(lambda s: receiving.mark_received(s, video.id))
    lease = await database.write(
        lambda s: leases.take_next(s, owner="test", moment=now(), seconds=60)
    )
    assert lease is not None
    files = [PromisedFile(promised, promised, 10)]
    await database.write(
        lambda s: publications.promise(
            s, lease, files, segments, {}, total_segments=1, last=False, lease_seconds=60
        )
    )
    revision = await database.write(lambda s: revisions.encode_instead(s, lease.token))
    assert revision == replacement
