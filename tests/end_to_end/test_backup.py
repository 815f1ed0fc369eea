"""A backup of a server at work, restored elsewhere: everything plays, and what was begun ends."""

from __future__ import annotations

import json
from pathlib import Path

from tests.conftest import MakeSource
from tests.end_to_end.brake import Brake
from tests.end_to_end.conftest import StartServer
from tests.end_to_end.server import ForkedServer, Server, wait_for
from tests.end_to_end.streams import playlist_seconds, segments_of

# Slow enough that the backup surely meets an encoder at work.
SLOW = 0.1
TUS = {"tus-resumable": "1.0.0"}


def _begin_upload(server: Server, content: bytes) -> None:
    """Send half of a file, and leave."""
    made = server.admin.post(
        "/api/uploads",
        headers={**TUS, "upload-length": str(len(content)), "upload-metadata": "filename YS5tcDQ="},
    )
    assert made.status_code == 201, made.text
    half = server.admin.patch(
        made.headers["location"],
        headers={
            **TUS,
            "upload-offset": "0",
            "content-type": "application/offset+octet-stream",
        },
        content=content[: len(content) // 2],
    )
    assert half.status_code == 204, half.text


def _is_encoding(server: Server) -> bool:
    leased = "SELECT 1 FROM work_units WHERE kind = 'part' AND state = 'leased'"
    return bool(server.query(leased) and server.children())


def _plays(server: Server, slug: str, seconds: float) -> None:
    """Every segment that a viewer is offered is there and is what the database says."""
    master = server.public.get(f"/videos/{slug}/master.m3u8")
    assert master.status_code == 200
    playlists = segments_of(master.text)
    assert playlists
    for name in playlists:
        playlist = server.public.get(f"/videos/{slug}/{name}").text
        assert "#EXT-X-ENDLIST" in playlist
        assert abs(playlist_seconds(playlist) - seconds) < 0.5
        for segment in segments_of(playlist):
            assert server.public.get(f"/videos/{slug}/{segment}").content


def test_a_server_at_work_is_backed_up_and_comes_back_elsewhere(
    start_server: StartServer, footage: Path, make_source: MakeSource, tmp_path: Path
) -> None:
    brake = Brake(tmp_path / "brake")
    brake.slow(SLOW)
    server = start_server(**brake.settings)
    clip = make_source("short.mp4", seconds=2, size="160x90")
    ready = server.upload(clip, title="Ready").json()["id"]
    server.wait_until(ready, "ready")
    working = server.upload(footage, title="At work").json()["id"]
    wait_for("the encoder to be at work", lambda: _is_encoding(server))
    _begin_upload(server, clip.read_bytes())
    backups = tmp_path / "backups"

    made = server.command("backup", str(backups), "--json")
    assert made.returncode == 0, made.stderr
    told = json.loads(made.stdout)
    assert told["missing"] == []
    assert _is_encoding(server)
    refused = server.command("restore", str(backups), "--force")
    assert refused.returncode == 1
    assert server.process is not None
    assert str(server.process.pid) in refused.stderr
    checked = server.command("restore", str(backups), "--check")
    assert checked.returncode == 0, checked.stderr
    server.close()

    # The original is gone; all that is left is the backup.
    other = ForkedServer(tmp_path / "two")
    other.folder.mkdir()
    try:
        restored = other.command("restore", str(backups))
        assert restored.returncode == 0, restored.stderr
        other.start()
        assert {video["title"] for video in other.videos()} == {"Ready", "At work"}
        _plays(other, "ready", 2.0)
        done = other.wait_until(working, "ready")
        _plays(other, "at-work", done["duration"])
        assert other.records("promise_broken") == []
        figures = other.admin.get("/metrics").text
        assert 'vlog_encoded_seconds_total{rung="240p"}' in figures
        assert (
            'vlog_work_duration_seconds_count{kind="finalize",outcome="done",rungs=""}' in figures
        )
        # What had not arrived is sent again; nothing of it is left.
        wait_for("the upload to be forgotten", lambda: not other.query("SELECT 1 FROM uploads"))
        assert [name for name in other.files() if ".incoming" in name] == []
        looked = other.command("doctor", "--json")
        assert looked.returncode == 0, looked.stdout
        found = {line["name"]: line for line in map(json.loads, looked.stdout.splitlines())}
        assert found["public port"]["sentence"].startswith("VLog answers")
        assert found["integrity"]["state"] == "well"
    finally:
        other.close()
    other.check_database()
