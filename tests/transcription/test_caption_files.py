"""Files of captions: always what the cues say, and never named before they are there."""

from __future__ import annotations

import asyncio
import re
from functools import partial

import anyio
import pytest

from tests.conftest import MakeSource
from tests.transcoding.conftest import Bench, MakeBench
from vlog.captions import webvtt
from vlog.captions.cue import Cue
from vlog.catalog import due_captions, revisions, transcripts
from vlog.catalog.transcripts import Origin
from vlog.transcoding.work_finalize import write_served_playlists
from vlog.transcription import caption_files
from vlog.transcription.caption_files import CaptionFiles

HELLO, BYE = Cue(0.5, 1.5, "Hello"), Cue(3.0, 9.0, "Good bye")


async def _ready(bench: Bench, make_source: MakeSource) -> int:
    source = make_source(seconds=4, size="160x90")
    video = await bench.add(source)
    await bench.until(video.id, "ready")
    return video.id


async def _put(
    bench: Bench, video_id: int, language: str, *cues: Cue, origin: Origin = "uploaded"
) -> None:
    await bench.database.write(
        lambda s: transcripts.replace(s, video_id, language, cues, origin=origin)
    )


def _text(bench: Bench, name: str, generation: int = 1) -> str:
    path = bench.storage.media_file("film", name, generation)
    return path.read_text() if path.is_file() else ""


async def _is_due(bench: Bench, video_id: int) -> bool:
    async with bench.database.read() as session:
        return await due_captions.changes_of(session, video_id) is not None


def _names(bench: Bench) -> set[str]:
    return {name for name in bench.storage.media_names("film", 1) if name.startswith("captions")}


async def test_files_and_master_follow_the_cues(
    make_bench: MakeBench, make_source: MakeSource
) -> None:
    bench = make_bench(ladder=("144p",))
    video = await _ready(bench, make_source)
    files = CaptionFiles(bench.workshop)
    await _put(bench, video, "en", HELLO, BYE, origin="automatic")
    await _put(bench, video, "es", HELLO)
    await files.publish(video)
    assert not await _is_due(bench, video)
    assert webvtt.read(_text(bench, "captions-en.vtt")) == [HELLO, BYE]
    assert _text(bench, "captions.vtt") == _text(bench, "captions-en.vtt")
    assert "captions-en_0000.vtt" in _text(bench, "captions-en.m3u8")
    assert "X-TIMESTAMP-MAP=MPEGTS:" in _text(bench, "captions-en_0000.vtt")
    master = _text(bench, "master.m3u8")
    assert (
        '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="captions",NAME="English (automatic)",'
        'DEFAULT=NO,AUTOSELECT=YES,LANGUAGE="en",URI="captions-en.m3u8"\n' in master
    )
    assert 'NAME="Spanish"' in master
    assert all('SUBTITLES="captions"' in line for line in re.findall("#EXT-X-STREAM.*", master))

    await bench.database.write(lambda s: transcripts.remove(s, video, "en"))
    await files.publish(video)
    assert _names(bench) == {
        *("captions.vtt", "captions-es.vtt", "captions-es_0000.vtt", "captions-es.m3u8"),
    }
    assert "English" not in _text(bench, "master.m3u8")
    await bench.database.write(lambda s: transcripts.remove(s, video, "es"))
    await files.publish(video)
    assert _names(bench) == set()
    assert "SUBTITLES" not in _text(bench, "master.m3u8")


async def test_what_a_crash_left_unwritten_is_written_at_the_next_start(
    make_bench: MakeBench, make_source: MakeSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = make_bench(ladder=("144p",))
    video = await _ready(bench, make_source)
    # Between the commit and the first file.
    await _put(bench, video, "en", HELLO)
    assert _names(bench) == set()
    await CaptionFiles(bench.workshop).recover()
    assert webvtt.read(_text(bench, "captions-en.vtt")) == [HELLO]

    # Between the files and the playlist that names them, and between that and the old files' end.
    async def broken(*_: object) -> None:
        raise OSError("the disk is gone")

    await _put(bench, video, "de", BYE)
    await bench.database.write(lambda s: transcripts.remove(s, video, "en"))
    with monkeypatch.context() as patch:
        patch.setattr(caption_files, "write_served_playlists", broken)
        await CaptionFiles(bench.workshop).publish(video)
    assert await _is_due(bench, video)
    assert "captions-en.vtt" in _names(bench)
    await CaptionFiles(bench.workshop).recover()
    assert "captions-en.vtt" not in _names(bench)
    assert 'NAME="German"' in _text(bench, "master.m3u8")
    assert not await _is_due(bench, video)


async def test_captions_that_grow_are_followed_now_and_then(
    make_bench: MakeBench, make_source: MakeSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = make_bench(ladder=("144p",))
    video = await _ready(bench, make_source)
    written: list[int] = []

    async def counted(workshop: object, video_id: int) -> None:
        written.append(video_id)
        await write_served_playlists(bench.workshop, video_id)

    monkeypatch.setattr(caption_files, "write_served_playlists", counted)
    monkeypatch.setattr(caption_files, "_BETWEEN_SECONDS", 1.0)
    files, stop = CaptionFiles(bench.workshop), anyio.Event()
    running = asyncio.create_task(files.run(stop))
    await _put(bench, video, "en", Cue(0, 0.01, "first"), origin="automatic")
    async with bench.database.read() as session:
        (track,) = await transcripts.tracks_of(session, video)
    for number in range(20):
        cue = Cue(0.1 * (number + 1), 0.1 * (number + 1) + 0.05, f"cue {number}")
        await bench.database.write(
            partial(transcripts.append, transcription_id=track.id, cues=[cue])
        )
        files.changed(video)
        await asyncio.sleep(0.01)

    async def whole() -> bool:
        return "cue 19" in _text(bench, "captions.vtt") and not await _is_due(bench, video)

    await bench.wait("all cues in the file", whole, 10)
    stop.set()
    await running
    assert 2 <= len(written) <= 6


async def test_another_revision_has_the_captions_too(
    make_bench: MakeBench, make_source: MakeSource
) -> None:
    bench = make_bench(ladder=("144p",))
    video = await _ready(bench, make_source)
    files = CaptionFiles(bench.workshop)
    await _put(bench, video, "en", HELLO)
    await files.publish(video)
    await bench.database.write(lambda s: revisions.begin(s, video, {"preset": "superfast"}))
    bench.transcoder.wake()

    async def served() -> bool:
        return (await bench.look(video)).revision == 2

    await bench.wait("the second revision", served)
    assert await _is_due(bench, video)
    await files.publish(video)
    assert 'URI="../captions-en.m3u8"' in _text(bench, "master.m3u8", 2)
    assert webvtt.read(_text(bench, "captions-en_0000.vtt")) == [HELLO]
