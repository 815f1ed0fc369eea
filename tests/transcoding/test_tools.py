"""ffmpeg and ffprobe that misbehave under a real transcoder: told, ended, and tried again."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.conftest import MakeSource
from tests.transcoding.conftest import MakeBench, Tools
from vlog.database.schema import Video

MPEG4 = ("-c:v", "mpeg4", "-q:v", "5", "-bf", "2", "-g", "30")
_ENCODING = 'case "$*" in *libx264*) {what};; esac\nexec $REAL "$@"'
_FLOOD = "head -c 6000000 /dev/zero | tr '\\0' x >&2; echo the last words >&2"

MISBEHAVIOUR = {
    "hung": ("echo the last words >&2; exec sleep 300", "no progress"),
    "deaf": (
        "trap '' TERM; echo the last words >&2; while :; do sleep 1; done",
        "no progress",
    ),
    "busy with nothing": (
        "echo the last words >&2; "
        "while :; do printf 'frame=3\\nprogress=continue\\n'; sleep 0.1; done",
        "no progress",
    ),
    "crashed": ("echo the last words >&2; kill -SEGV $$", r"crashed \(SIGSEGV\)"),
    "killed": ("echo the last words >&2; kill -KILL $$", "too little memory"),
    "flooding": (f"{_FLOOD}; exit 1", "could not work through"),
}


def _tools_of(folder: Path) -> list[int]:
    """Processes that still work for a transcoder whose tools lie in `folder`."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            if str(folder).encode() in (entry / "environ").read_bytes():
                found.append(int(entry.name))
        except OSError:
            continue
    return found


async def _fails_then_heals(
    make_bench: MakeBench, source: Path, tools: Tools, sentence: str
) -> Video:
    bench = make_bench(max_attempts=1, stall_seconds=1.5, ladder=("144p",))
    film = await bench.add(source)
    video = await bench.until(film.id, "failed", 40)
    assert video.error_message is not None
    assert re.search(sentence, video.error_message), video.error_message

    async def nothing_left() -> bool:
        return not list(bench.storage.root.rglob(".staging/*/*"))

    await bench.wait("what the attempt left to be gone", nothing_left, 10)

    async def nothing_runs() -> bool:
        return not await asyncio.to_thread(_tools_of, tools.folder)

    await bench.wait("every process to be gone", nothing_runs, 10)
    tools.heal()
    await bench.retry(film.id)
    await bench.until(film.id, "ready")
    return video


@pytest.mark.parametrize("kind", MISBEHAVIOUR)
async def test_a_misbehaving_encoder_is_ended_and_told_and_may_be_tried_again(
    make_bench: MakeBench, make_source: MakeSource, tools: Tools, kind: str
) -> None:
    what, sentence = MISBEHAVIOUR[kind]
    tools.ffmpeg(_ENCODING.format(what=what))
    source = make_source("two.mkv", seconds=2, size="256x144", video=MPEG4)
    video = await _fails_then_heals(make_bench, source, tools, sentence)
    assert video.error_log is not None
    assert video.error_log.endswith("the last words")


@pytest.mark.parametrize(
    "around",
    [f'{_FLOOD}; "$REAL" "$@"', 'sleep 300 & "$REAL" "$@"'],
    ids=["flooding", "leaving a child behind"],
)
async def test_an_encoder_with_bad_manners_is_no_failure(
    make_bench: MakeBench, make_source: MakeSource, tools: Tools, around: str
) -> None:
    tools.ffmpeg(around)
    bench = make_bench(max_attempts=1, ladder=("144p",))
    film = await bench.add(make_source("two.mkv", seconds=2, size="256x144", video=MPEG4))
    await bench.until(film.id, "ready")

    async def nothing_runs() -> bool:
        return not await asyncio.to_thread(_tools_of, tools.folder)

    await bench.wait("every process to be gone", nothing_runs, 10)


_CUT_LISTING = (
    '"$REAL" "$@"; for word; do [ "$before" = -o ] && truncate -s 90 "$word"; '
    'before="$word"; done; exit 0'
)


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        (f'case "$*" in *stream_index*) {_CUT_LISTING};; esac', "could not work through"),
        ('case "$*" in *stream_index*) exec sleep 300;; esac', "no progress"),
        ('case "$*" in *stream_index*) kill -SEGV $$;; esac', "crashed"),
        ('case "$*" in *show_format*) kill -SEGV $$;; esac', "ffprobe crashed"),
        ('case "$*" in *packet=pts_time*) exec sleep 300;; esac', "not whole"),
        (f'case "$*" in *packet=pts_time*) {_CUT_LISTING};; esac', "not whole"),
    ],
    ids=["scan cut", "scan hung", "scan crashed", "probe crashed", "check hung", "check cut"],
)
async def test_a_misbehaving_ffprobe_is_no_verdict_on_the_file(
    make_bench: MakeBench,
    make_source: MakeSource,
    tools: Tools,
    monkeypatch: pytest.MonkeyPatch,
    script: str,
    sentence: str,
) -> None:
    monkeypatch.setattr("vlog.transcoding.verification._VERIFY_SECONDS", 1.0)
    tools.put("ffprobe", f'{script}\nexec $REAL "$@"')
    source = make_source("two.mkv", seconds=2, size="256x144", video=MPEG4)
    await _fails_then_heals(make_bench, source, tools, sentence)


async def test_a_failure_is_told_while_the_next_attempt_waits(
    make_bench: MakeBench, make_source: MakeSource, tools: Tools
) -> None:
    tools.ffmpeg(_ENCODING.format(what="echo the encoder exploded >&2; exit 7"))
    bench = make_bench(max_attempts=3, retry_backoff_seconds=600, ladder=("144p",))
    film = await bench.add(make_source("two.mkv", seconds=2, size="256x144", video=MPEG4))

    async def told() -> bool:
        return (await bench.progress(film.id)).waiting_for is not None and any(
            unit.error for unit in await bench.units()
        )

    await bench.wait("the failure to be told", told)
    seen = await bench.progress(film.id)
    assert seen.waiting_for is not None
    assert "last attempt failed" in seen.waiting_for
    failed = next(unit for unit in await bench.units() if unit.error)
    assert (failed.state, failed.attempt) == ("todo", 1)
    assert failed.not_before is not None
    assert "the encoder exploded" in (failed.error_log or "")


async def test_a_picture_that_nobody_can_decode_fails_at_once(
    make_bench: MakeBench, make_source: MakeSource, tmp_path: Path
) -> None:
    whole = make_source("two.mkv", seconds=2, size="256x144", video=MPEG4)
    source = tmp_path / "noise.mkv"
    command = ["ffmpeg", "-v", "error", "-i", str(whole), "-c", "copy", "-bsf:v", "noise=amount=1"]
    await asyncio.to_thread(subprocess.run, [*command, str(source)], check=True)
    bench = make_bench(max_attempts=3, retry_backoff_seconds=600, ladder=("144p",))
    film = await bench.add(source)
    video = await bench.until(film.id, "failed", 20)
    assert video.error_message is not None
    assert "Not one picture" in video.error_message
