"""Each misbehaving tool and each disk that fails, once, against a real server."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.disks import small_disk
from tests.end_to_end.server import Server, wait_for
from tests.torture.checks import all_is_well, footage, frames_of

_FLOOD = "head -c 8000000 /dev/zero | tr '\\0' x >&2; echo the last words >&2"
# What the first encoder does, and the words by which a person is told.
_TOOLS = {
    "hung": ("exec sleep 300", "no progress"),
    "ignores TERM": ("trap '' TERM; while :; do sleep 1; done", "no progress"),
    "crashes": ("kill -SEGV $$", "crashed"),
    "short, returns 0": (
        '"$REAL" "$@"; for last; do :; done; '
        'for f in "$(dirname "$last")"/*.ts; do truncate -s 1880 "$f"; done; exit 0',
        "not whole",
    ),
    "floods and fails": (f"{_FLOOD}; exit 1", "could not work through"),
    "floods": (f'{_FLOOD}; exec "$REAL" "$@"', ""),
    "leaves a child": ('sleep 300 & "$REAL" "$@"; exit $?', ""),
}


@dataclass
class _Round:
    """One server with one fault."""

    server: Server
    video_id: int = 0

    def upload(self) -> None:
        """One video that is encoded."""
        answer = self.server.upload(footage()[1], title="Film")
        assert answer.status_code == 201, answer.text
        self.video_id = answer.json()["id"]

    def told(self, words: str) -> str:
        """Wait until the panel's API says it; the sentence."""

        def look() -> str | None:
            progress = self.server.video(self.video_id)["progress"]
            sentences = [progress["waiting_for"] or "", progress["last_error"] or ""]
            return next((text for text in sentences if words in text), None)

        return wait_for(f"“{words}” to be told", look, 60)

    def ends_well(self) -> None:
        """Everything goes on by itself and leaves nothing behind."""
        self.server.wait_until(self.video_id, "ready", 120)
        all_is_well(self.server, {"Film": frames_of(footage()[1])})


def torture_with_faults(folder: Path) -> list[str]:
    """Every fault once; one line for each."""
    lines = [_tool_round(folder / f"tool-{n}", name) for n, name in enumerate(_TOOLS)]
    rounds: dict[str, Callable[[Path], str]] = {
        "storage full": lambda place: _disk_round(place, "full"),
        "storage away": lambda place: _disk_round(place, "away"),
        "storage read-only": lambda place: _disk_round(place, "read-only"),
        "database full": _database_round,
        "upload, disk full": _upload_round,
    }
    lines += [f"{name:<21}{run(folder / name.replace(' ', '-'))}" for name, run in rounds.items()]
    return lines


def _tool_round(place: Path, name: str) -> str:
    what, words = _TOOLS[name]
    tools = place / "tools"
    tools.mkdir(parents=True)
    script = tools / "ffmpeg"
    script.write_text(
        f'#!/bin/sh\nREAL={shutil.which("ffmpeg")}\ncase "$*" in *libx264*)\n'
        f'mkdir {place}/once 2>/dev/null && {{ {what}; }};; esac\nexec "$REAL" "$@"\n'
    )
    script.chmod(0o755)
    server = Server(
        place,
        PATH=f"{tools}{os.pathsep}{os.environ['PATH']}",
        VLOG_TRANSCODING__STALL_SECONDS="10",
        VLOG_TRANSCODING__RETRY_BACKOFF_SECONDS="2",
    ).start()
    try:
        round_ = _Round(server)
        round_.upload()
        said = round_.told(words) if words else "no failure"
        round_.ends_well()
    finally:
        server.close()
    return f"ffmpeg {name:<16} {said[:60]!r}, then ready"


def _disk_round(place: Path, what: str) -> str:
    with small_disk(place / "disk", 24) as disk:
        server = Server(
            place,
            VLOG_STORAGE__PATH=str(disk.root / "data"),
            VLOG_TRANSCODING__PRESET="medium",
            VLOG_INGEST__MIN_FREE_BYTES="200000",
        )
        server.data = disk.root / "data"
        server.start()
        try:
            round_ = _Round(server)
            round_.upload()
            wait_for(
                "the work to be in the middle",
                lambda: server.query("SELECT 1 FROM segments"),
            )
            spoil, mend, words = {
                "full": (disk.fill, disk.empty, "disk is full"),
                "away": (disk.hide, disk.show, "not there"),
                "read-only": (
                    lambda: disk.read_only(on=True),
                    lambda: disk.read_only(on=False),
                    "cannot be written to",
                ),
            }[what]
            spoil()
            try:
                said = round_.told(words)
                assert server.public.get("/api/videos").status_code == 200
                assert server.public.get("/").status_code == 200
            finally:
                mend()
            round_.ends_well()
            attempts = server.query("SELECT MAX(attempt) FROM work_units")[0][0]
            assert attempts == 1, f"{attempts} attempts were counted"
        finally:
            server.close()
    return f"{said[:60]!r}, then ready"


def _database_round(place: Path) -> str:
    with small_disk(place / "db", 3) as disk:
        server = Server(place, VLOG_TRANSCODING__PRESET="medium").start()
        try:
            round_ = _Round(server)
            round_.upload()
            wait_for(
                "the work to be in the middle",
                lambda: server.query("SELECT 1 FROM work_units WHERE wave > 1 AND state='leased'"),
            )
            disk.fill()
            try:
                said = round_.told("disk that holds the database is full")
                assert server.public.get("/api/videos").status_code == 200
                refused = server.upload(footage()[1], title="No room")
                assert refused.status_code == 507, refused.text
                assert server.admin.get("/readyz").status_code == 503
            finally:
                disk.empty()
            round_.ends_well()
            assert server.admin.get("/readyz").status_code == 200
            assert not server.records("task_crashed")
        finally:
            server.close()
    return f"{said[:60]!r}, then ready"


def _upload_round(place: Path) -> str:
    with small_disk(place / "disk", 24) as disk:
        server = Server(place, VLOG_STORAGE__PATH=str(disk.root / "data"))
        server.data = disk.root / "data"
        server.start()
        try:
            disk.fill(leave=2_000_000)
            refused = server.upload(footage()[0], title="Film")
            assert refused.status_code == 507, refused.text
            assert server.videos() == []
            assert server.files() == set()
            disk.empty()
            round_ = _Round(server)
            round_.upload()
            round_.ends_well()
        finally:
            server.close()
    return f"507 {refused.json()['detail'][:50]!r}, then taken"
