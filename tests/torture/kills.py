"""`kill -9` of a real server at random moments, spread over everything that it does."""

from __future__ import annotations

import contextlib
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import httpx

from tests.end_to_end.server import Server
from tests.torture.checks import (
    all_is_well,
    all_ready,
    footage,
    frames_of,
    restore_all,
    sources_are_safe,
)

STAGES = ("upload", "plan", "first pass", "full pass", "publish", "finalize", "trash", "delete")
_QUERIES = {
    "plan": "SELECT 1 FROM work_units WHERE kind = 'plan' AND state = 'leased'",
    "first pass": "SELECT 1 FROM work_units WHERE wave < 2 AND state = 'leased' "
    "AND kind IN ('run', 'part')",
    "full pass": "SELECT 1 FROM work_units WHERE wave > 1 AND state = 'leased'",
    "publish": "SELECT 1 FROM publications",
    "finalize": "SELECT 1 FROM work_units WHERE kind = 'finalize' AND state = 'leased'",
}
# Longest random wait between the beginning of a stage and the kill, in seconds.
_DELAYS = {"first pass": 1.5, "full pass": 2.5, "plan": 0.4, "upload": 1.0}


class Kills:
    """One server that is killed again and again, with always something to do."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.chance = random.Random(seed)
        self.server = Server(folder, VLOG_TRANSCODING__PRESET="fast").start()
        self.frames: dict[str, int] = {}
        self.met: Counter[str] = Counter()
        self.in_flight = 0
        self._titles = 0
        self._client: threading.Thread | None = None

    def kill(self, stage: str) -> None:
        """Kill at a random moment of a stage, look at what is left, and start again."""
        self._provide_work()
        met = self._wait_for(stage)
        # The random moment is the point.
        time.sleep(self.chance.uniform(0, _DELAYS.get(stage, 0.05)))
        self.server.signal(signal.SIGKILL)
        if self._client is not None:
            self._client.join(30)
            self._client = None
        self.met[stage] += met
        leased = self.server.query("SELECT COUNT(*) FROM work_units WHERE state = 'leased'")
        self.in_flight += int(leased[0][0])
        sources_are_safe(self.server)
        self.server.start()

    def _provide_work(self) -> None:
        busy = [v for v in self.server.videos() if v["status"] != "ready"]
        for _ in range(2 - len(busy)):
            source, title = self._next_source()
            assert self.server.upload(source, title=title).status_code == 201

    def _next_source(self) -> tuple[Path, str]:
        source = self.chance.choice(footage())
        self._titles += 1
        title = f"Film {self._titles}"
        self.frames[title] = frames_of(source)
        return source, title

    def _wait_for(self, stage: str) -> bool:
        """Whether the stage was met; where it does not come the kill is simply a random one."""
        if stage == "upload":
            self._client = threading.Thread(target=self._upload, args=(*self._next_source(), 0.01))
            self._client.start()
            return self._look(lambda: any(self.server.data.glob("uploads/.incoming/*.part")))
        if stage in ("trash", "delete"):
            videos = self.server.videos()
            victim = self.chance.choice(videos)["id"]
            work = self._delete if stage == "delete" else self._throw_away_and_restore
            self._client = threading.Thread(target=work, args=(victim,))
            self._client.start()
            return True
        if stage in ("plan", "first pass"):
            # Over in a moment: the work must begin while somebody looks.
            self._client = threading.Thread(target=self._upload, args=(*self._next_source(), 0.0))
            self._client.start()
        if stage == "finalize":
            return self._look(lambda: bool(self.server.query(_QUERIES[stage])), 40)
        return self._look(lambda: bool(self.server.query(_QUERIES[stage])))

    def _look(self, condition: Callable[[], bool], seconds: float = 15) -> bool:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if condition():
                return True
            # A stage may be over in a few milliseconds, and another process tells nobody of it.
            time.sleep(0.001)
        return False

    def _upload(self, source: Path, title: str, pause: float) -> None:
        head = (
            f'--cut\r\nContent-Disposition: form-data; name="title"\r\n\r\n{title}\r\n'
            f'--cut\r\nContent-Disposition: form-data; name="file"; filename="{source.name}"'
            "\r\n\r\n"
        )
        content = source.read_bytes()

        def body() -> object:
            yield head.encode()
            for place in range(0, len(content), 65_536):
                yield content[place : place + 65_536]
                # A slow network, so that a kill meets the upload.
                time.sleep(pause)
            yield b"\r\n--cut--\r\n"

        headers = {"content-type": "multipart/form-data; boundary=cut"}
        with contextlib.suppress(httpx.TransportError), httpx.Client(timeout=30) as client:
            client.post(self._api, content=body(), headers=headers)  # type: ignore[arg-type]

    def _delete(self, video_id: int) -> None:
        with contextlib.suppress(httpx.TransportError), httpx.Client(timeout=30) as client:
            client.delete(f"{self._api}/{video_id}?permanently=true")

    def _throw_away_and_restore(self, video_id: int) -> None:
        with contextlib.suppress(httpx.TransportError), httpx.Client(timeout=30) as client:
            client.delete(f"{self._api}/{video_id}")
            client.post(f"{self._api}/{video_id}/restore")

    @property
    def _api(self) -> str:
        return f"http://127.0.0.1:{self.server.admin_port}/api/videos"


def torture_with_kills(folder: Path, seed: int, count: int) -> list[str]:
    """Kill, and look at everything at the end; one line for each stage."""
    kills = Kills(folder, seed)
    try:
        stages = [STAGES[n % len(STAGES)] for n in range(count)]
        kills.chance.shuffle(stages)
        for stage in stages:
            kills.kill(stage)
        restore_all(kills.server)
        videos = all_ready(kills.server)
        rungs = all_is_well(kills.server, kills.frames)
        attempts = kills.server.query("SELECT MAX(attempt) FROM work_units")[0][0]
        assert attempts in (None, 1), f"{attempts} attempts were counted"
    finally:
        kills.server.close()
    lines = [
        f"kill -9, {stage:<11} {stages.count(stage):>3} kills, {kills.met[stage]:>3} met the stage"
        for stage in STAGES
    ]
    lines.append(
        f"kill -9, after all   {len(videos):>3} videos ready, {rungs} rungs whole, "
        f"{kills.in_flight} pieces of work begun anew, none done twice"
    )
    return lines
