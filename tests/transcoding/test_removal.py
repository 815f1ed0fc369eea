"""Into the trash in the middle of the work, and back: on real ffmpeg."""

from __future__ import annotations

from tests.conftest import MakeSource
from tests.transcoding.conftest import Bench, MakeBench
from vlog.transcoding.removal import Remover
from vlog.transcoding.sweeper import Sweeper


async def _states(bench: Bench) -> set[str]:
    return {unit.state for unit in await bench.units()}


async def test_the_trash_stops_the_work_and_it_goes_on_afterwards(
    make_bench: MakeBench, make_source: MakeSource
) -> None:
    # One at a time and slowly, so that the trash comes in the middle.
    bench = make_bench(preset="veryslow", parallelism=1, segment_seconds=2)
    source = make_source("slow.mkv", seconds=8, video=("-c:v", "mpeg4", "-q:v", "5"))
    remover = Remover(bench.workshop, bench.transcoder)
    film = await bench.add(source)

    async def begun() -> bool:
        return any(r.segments for r in await bench.renditions(film.id) if r.kind == "video")

    await bench.wait("the first segments", begun)
    before = {r.name: len(r.segments) for r in await bench.renditions(film.id)}
    await remover.delete(film.id)
    assert await _states(bench) <= {"done", "parked"}
    assert "parked" in await _states(bench)
    folder = bench.storage.video_folder(film.slug)
    files = {path for path in folder.rglob("*") if path.is_file()}
    # Nothing takes it up, and nobody sweeps it away.
    bench.transcoder.wake()
    await Sweeper(bench.workshop).sweep()
    assert {path for path in folder.rglob("*") if path.is_file()} >= files
    assert await _states(bench) <= {"done", "parked"}
    await remover.restore(film.id)
    await bench.until(film.id, "ready")
    for rendition in await bench.renditions(film.id):
        assert len(rendition.segments) >= before[rendition.name]
        assert "#EXT-X-ENDLIST" in (folder / f"{rendition.name}.m3u8").read_text()
    # What the trash has cut off does not count as a failure.
    assert {unit.attempt for unit in await bench.units()} == {1}
