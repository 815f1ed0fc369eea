"""The power fails at random moments: only what was flushed to the disk is there afterwards."""

from __future__ import annotations

import contextlib
import random
import signal
import threading
import time
from pathlib import Path

import httpx

from tests.end_to_end.server import Server
from tests.torture.checks import all_is_well, all_ready, footage, frames_of, sources_are_safe
from tests.torture.volatile_disk import VolatileDisk


def torture_with_power_cuts(folder: Path, seed: int, count: int) -> list[str]:
    """Cut the power again and again, and look at everything at the end."""
    chance = random.Random(seed)
    disk = VolatileDisk(folder / "disk", 384)
    disk.power_on()
    # Everything but the log of the test lies on the disk that forgets.
    server = Server(
        folder,
        VLOG_STORAGE__PATH=str(disk.root / "data"),
        VLOG_DATABASE__PATH=str(disk.root / "db"),
        VLOG_TRANSCODING__PRESET="fast",
    )
    server.data, server.database = disk.root / "data", disk.root / "db" / "vlog.db"
    frames: dict[str, int] = {}
    promised: set[str] = set()
    lost = 0
    try:
        server.start()
        for number in range(count):
            client = threading.Thread(target=_upload, args=(server, number, frames, promised))
            client.start()
            # The random moment is the point.
            time.sleep(chance.uniform(0.05, 4.0))
            lost += disk.cut_power(chance.randrange(2**31))
            server.signal(signal.SIGKILL)
            client.join(30)
            disk.take_away()
            disk.power_on()
            sources_are_safe(server)
            server.start()
            there = {video["title"] for video in server.videos()}
            assert promised <= there, f"accepted and lost: {sorted(promised - there)}"
        videos = all_ready(server)
        rungs = all_is_well(server, frames)
    finally:
        with contextlib.suppress(httpx.TransportError):
            server.close()
        disk.take_away()
    return [
        f"power cut            {count:>3} cuts, {lost} blocks lost in the disk's cache, "
        f"{len(videos)} videos ready, {rungs} rungs whole"
    ]


def _upload(server: Server, number: int, frames: dict[str, int], promised: set[str]) -> None:
    source = footage()[number % 3]
    title = f"Film {number}"
    frames[title] = frames_of(source)
    with (
        contextlib.suppress(httpx.TransportError),
        source.open("rb") as file,
        httpx.Client(timeout=30) as client,
    ):
        url = f"http://127.0.0.1:{server.admin_port}/api/videos"
        answer = client.post(url, data={"title": title}, files={"file": (source.name, file)})
        if answer.status_code == 201:
            promised.add(title)
