"""One server with a few videos for all tests of the player."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.end_to_end.player.library import (
    DESCRIPTION,
    SECONDS,
    write_transcripts,
)
from tests.end_to_end.player.steps import visitor
from tests.end_to_end.server import ForkedServer, Server


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """`harbour` has chapters and a transcript in two languages; `afterwards` comes next."""
    folder = tmp_path_factory.mktemp("player")
    made = ForkedServer(
        folder,
        VLOG_TRANSCODING__LADDER="240p,144p",
        # Few and long parts, so few encoders to start.
        VLOG_TRANSCODING__SEGMENT_SECONDS="10",
        VLOG_TRANSCODING__PARALLELISM="1",
        VLOG_INGEST__WATCH="false",
        VLOG_TRANSCRIPTION__ENABLED="false",
        VLOG_ANALYTICS__HEATMAP_VIEWERS="1",
    )
    made.start()
    try:
        afterwards = made.upload(_clip(folder / "second.mp4", 6), title="Afterwards").json()["id"]
        clip = _clip(folder / "first.mp4", SECONDS)
        harbour = made.upload(clip, title="Harbour", description=DESCRIPTION).json()["id"]
        for video_id in (afterwards, harbour):
            made.wait_until(video_id, "ready", 120)
        write_transcripts(made, harbour)
        yield made
    finally:
        made.close()


def _clip(target: Path, seconds: int) -> Path:
    """Small enough to be copied, so that one rung alone has to be encoded."""
    command = [
        *("ffmpeg", "-nostdin", "-v", "error", "-y"),
        *("-f", "lavfi", "-i", f"gradients=s=320x240:r=10:d={seconds},noise=alls=12:allf=t"),
        *("-f", "lavfi", "-i", f"sine=440:d={seconds}"),
        *("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "20"),
        *("-b:v", "320k", "-maxrate", "320k", "-bufsize", "320k"),
        *("-c:a", "aac", "-shortest", str(target)),
    ]
    subprocess.run(command, check=True, timeout=60)
    return target


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a fresh visitor."""
    with visitor(browser) as (_, made):
        yield made
