"""Whether a file may come in, and the sentence that says why not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.ingest.conftest import CONTENT_TYPE, MakeEntrance, chunks_of, form_of
from vlog.errors import InsufficientStorage, PayloadTooLarge, QuotaReached, VLogError
from vlog.ingest.room import Space

GB = 1_000_000_000
SPACE = Space(largest=10 * GB, disk_free=20 * GB, quota=50 * GB, stored=44 * GB)


@pytest.mark.parametrize(
    ("space", "wanted", "refusal", "words"),
    [
        (SPACE, 11 * GB, PayloadTooLarge, "larger than the 10.0 GB that this server takes"),
        (SPACE, 7 * GB, QuotaReached, r"may store 50.0 GB, and 44.0 GB are taken, so this file of"),
        (replace(SPACE, stored=60 * GB), 0, QuotaReached, "so this file does not fit"),
        (
            replace(SPACE, disk_free=2 * GB),
            3 * GB,
            InsufficientStorage,
            "it has 3.0 GB, and there is room for 2.0 GB",
        ),
        (replace(SPACE, disk_free=0), 0, InsufficientStorage, "There is not enough free space"),
    ],
)
def test_what_does_not_fit_is_said_with_figures(
    space: Space, wanted: int, refusal: type[VLogError], words: str
) -> None:
    with pytest.raises(refusal, match=words) as raised:
        space.require(wanted)
    assert type(raised.value) is refusal


def test_what_fits_comes_in() -> None:
    for wanted in (0, 6 * GB):
        SPACE.require(wanted)
    Space(largest=None, disk_free=100 * GB, quota=None, stored=None).require(99 * GB)


async def test_a_quota_is_kept_with_and_without_an_announced_length(
    make_entrance: MakeEntrance, clip: Path
) -> None:
    entrance = make_entrance(quota_bytes=int(clip.stat().st_size * 1.5))
    body = form_of(clip.read_bytes())
    await entrance.receiver.receive(chunks_of(body), CONTENT_TYPE, None)
    with pytest.raises(QuotaReached):
        await entrance.receiver.receive(chunks_of(body), CONTENT_TYPE, None)
    with pytest.raises(QuotaReached):
        await entrance.receiver.receive(chunks_of(b""), CONTENT_TYPE, 5_000_000)
    assert len(await entrance.videos()) == 1
    assert entrance.files() == {"1.mp4"}
