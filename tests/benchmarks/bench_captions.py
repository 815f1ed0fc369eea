"""What captions of a very long video take: memory beside the model, and time."""

from __future__ import annotations

import time
from pathlib import Path

from tests import speech
from tests.benchmarks import table
from tests.benchmarks.measure import peak_mebibytes, resident_mebibytes
from tests.benchmarks.serving import pid_of, server
from tests.conftest import DATA
from tests.end_to_end.server import wait_for

_HOURS = 3
_CLIP_SECONDS = 35
_LIMIT_SECONDS = 3600


def bench(folder: Path) -> None:
    """Print the peak of a whole run and how much faster than speech it was."""
    turns = _HOURS * 3600 // _CLIP_SECONDS
    source = speech.looped(DATA / "en-long.opus", turns, folder / "three-hours.m4a")
    with server(folder, VLOG_TRANSCRIPTION__MODEL=str(speech.MODEL)) as running:
        idle = resident_mebibytes(pid_of(running))
        video_id = running.upload(source, title="Long").json()["id"]
        wait_for(
            "the work to begin",
            lambda: running.video(video_id)["transcription_status"] == "running",
        )
        started = time.perf_counter()
        wait_for(
            "the captions",
            lambda: running.video(video_id)["transcription_status"] == "completed",
            _LIMIT_SECONDS,
        )
        seconds = time.perf_counter() - started
        peak = peak_mebibytes(pid_of(running))
        cues = running.query("SELECT count(*) FROM cues")[0][0]
    model = (speech.MODEL / "model.bin").stat().st_size / 1024 / 1024
    table.line(
        f"memory for captions of {_HOURS} hours beside the model (MiB)",
        f"{peak - idle - model:.0f}",
        goal="at most 400",
    )
    table.line("sound written down, as a multiple of its own time", f"{turns * 35 / seconds:.0f}")
    table.line("cues", str(cues))
