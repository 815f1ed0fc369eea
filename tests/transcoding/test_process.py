"""Processes that hang, flood, crash or have children: found, drained, killed, reported."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vlog.transcoding.process import ProcessFailed, ProcessStalled, Watch, run
from vlog.transcoding.process_reports import Heart, Progress, read_progress

QUICK = Watch(stall_seconds=20)


def _python(program: str) -> list[str]:
    return [sys.executable, "-c", program]


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


async def _gone(pid: int) -> None:
    async with asyncio.timeout(5):
        while _alive(pid):
            await asyncio.sleep(0.01)


async def test_progress_is_read_and_told() -> None:
    seen: list[Progress] = []

    async def remember(progress: Progress) -> None:
        seen.append(progress)

    program = "print('frame=7\\nout_time_us=2500000\\ntotal_size=N/A\\nprogress=end', flush=True)"
    await run(_python(program), QUICK, remember)
    assert seen == [Progress(out_seconds=2.5, frames=7, total_size=0)]


async def test_megabytes_of_complaints_do_not_block_and_the_end_is_kept() -> None:
    program = (
        "import sys\n"
        "for n in range(40000): sys.stderr.write('x' * 200 + chr(10))\n"
        "sys.stderr.write('the last words')\n"
        "sys.exit(3)"
    )
    with pytest.raises(ProcessFailed) as caught:
        await run(_python(program), QUICK)
    assert caught.value.log_tail.endswith("the last words")
    assert len(caught.value.log_tail) <= 4096
    assert not caught.value.disk_full


async def test_a_process_without_progress_is_stopped_even_if_it_ignores_term(
    tmp_path: Path,
) -> None:
    note = tmp_path / "pid"
    program = (
        "import os, pathlib, signal, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"pathlib.Path({str(note)!r}).write_text(str(os.getpid()))\n"
        "while True:\n"
        "    print('frame=1\\nprogress=continue', flush=True)\n"
        "    time.sleep(0.05)\n"
    )
    started = time.monotonic()
    with pytest.raises(ProcessStalled, match="no progress"):
        await run(_python(program), Watch(stall_seconds=0.6))
    assert time.monotonic() - started < 8
    assert not _alive(int(note.read_text()))


async def test_progress_keeps_a_slow_process_alive() -> None:
    program = (
        "import time\n"
        "for n in range(8):\n"
        "    print(f'frame={n}\\nprogress=continue', flush=True)\n"
        "    time.sleep(0.2)\n"
    )
    assert (await run(_python(program), Watch(stall_seconds=1.0))).text == ""


async def test_cancelling_ends_the_whole_group(tmp_path: Path) -> None:
    note = tmp_path / "pids"
    program = (
        "import os, pathlib, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"pathlib.Path({str(note)!r}).write_text(f'{{os.getpid()}} {{child.pid}}')\n"
        "time.sleep(60)\n"
    )
    task = asyncio.create_task(run(_python(program), QUICK))
    async with asyncio.timeout(10):
        while len(note.read_text().split() if note.exists() else ()) < 2:
            await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    for pid in map(int, note.read_text().split()):
        await _gone(pid)


async def test_the_tool_is_in_a_session_of_its_own(tmp_path: Path) -> None:
    note = tmp_path / "session"
    program = f"import os, pathlib; pathlib.Path({str(note)!r}).write_text(str(os.getsid(0)))"
    await run(_python(program), QUICK)
    assert int(note.read_text()) != os.getsid(0)


async def test_a_full_disk_is_recognised() -> None:
    program = "import sys; sys.stderr.write('av_write: No space left on device'); sys.exit(1)"
    with pytest.raises(ProcessFailed) as caught:
        await run(_python(program), QUICK)
    assert caught.value.disk_full


async def test_a_callback_that_fails_ends_the_process(tmp_path: Path) -> None:
    note = tmp_path / "pid"

    async def lose(progress: Progress) -> None:
        raise RuntimeError("the lease is lost")

    program = (
        "import os, pathlib, time\n"
        f"pathlib.Path({str(note)!r}).write_text(str(os.getpid()))\n"
        "print('frame=1\\nprogress=continue', flush=True)\n"
        "time.sleep(60)\n"
    )
    with pytest.raises(RuntimeError, match="lease"):
        await run(_python(program), QUICK, lose)
    assert not _alive(int(note.read_text()))


@pytest.mark.skipif(
    not Path("/proc/self/autogroup").exists(), reason="this kernel has no scheduling by session"
)
async def test_a_nice_tool_is_nice_to_other_sessions_too() -> None:
    # Ends as soon as it is told; else it is stopped for want of progress.
    program = (
        "import pathlib, time\n"
        "while not pathlib.Path('/proc/self/autogroup').read_text().endswith(' nice 10\\n'):\n"
        "    time.sleep(0.01)"
    )
    await run(_python(program), Watch(stall_seconds=10, niceness=10))


_WORDS = st.sampled_from(
    (
        b"out_time_us=",
        b"frame=",
        b"total_size=",
        b"progress=",
        b"nan",
        b"inf",
        b"1e400",
        b"7",
        b"\n",
    )
)


@settings(max_examples=100)
@given(st.lists(_WORDS | st.binary(max_size=5), max_size=20).map(b"".join))
async def test_reports_of_any_kind_are_read_to_their_end(said: bytes) -> None:
    reader, heart = asyncio.StreamReader(limit=64), Heart()
    reader.feed_data(said)
    reader.feed_eof()
    await read_progress(reader, heart, None)
    assert heart.progress.out_seconds < float("inf")
