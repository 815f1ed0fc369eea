"""`vlog work`, `pause` and `resume`, typed at a real panel."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from tests.cli.panel import Panel, typed
from tests.end_to_end.server import free_port
from vlog.catalog import receiving
from vlog.catalog.receiving import Arrival
from vlog.cli.work_texts import rows_of, sentences_of

NOTHING: dict[str, Any] = {
    "paused": False,
    "paused_since": None,
    "problems": [],
    "failed_total": 0,
    "failed": [],
    "running": [],
    "waiting": [],
    "waiting_total": 0,
    "transcriptions": [],
    "uploads": [],
}
JOB: dict[str, Any] = {
    "video_id": 7,
    "title": "Film",
    "state": "running",
    "kind": "video",
    "rung": None,
    "priority": "normal",
    "current_step": "encoding 720p",
    "progress_percent": 41.6,
    "parts_done": 3,
    "parts_total": 8,
    "attempt": 1,
    "max_attempts": 3,
    "waiting_for": None,
    "next_try": None,
    "last_error": None,
}
SPOKEN: dict[str, Any] = {
    "video_id": 8,
    "title": "Talk",
    "state": "waiting",
    "priority": "later",
    "progress_percent": 0.0,
    "waiting_for": "There is no model.",
    "last_error": None,
}


def _arrive(panel: Panel, title: str) -> int:
    async def arrive(session: AsyncSession) -> int:
        arrival = Arrival(title, "a.mp4", ".mp4", 10)
        video = await receiving.register(session, arrival, None)
        await receiving.mark_received(session, video.id)
        return video.id

    return panel.do(panel.services.database.write(arrive))


def test_work_is_shown_paused_and_let_go_on(panel: Panel) -> None:
    assert panel.type("work").out == "There is nothing to do: every video is ready.\n"
    video_id = _arrive(panel, "Holiday")
    [line] = panel.type("work").out.splitlines()
    state, number, percent, made, title, reason = line.split("\t")
    assert (state, number, percent) == ("waiting", str(video_id), "0 %")
    assert (made, title) == ("video", "Holiday")
    assert reason
    assert panel.type("work", "--json").json() == httpx.get(panel.url + "/api/work").json()

    paused = panel.type("pause")
    assert paused.code == 0
    assert "`vlog resume`" in paused.out
    assert panel.services.transcoder.paused
    shown = panel.type("work").out.splitlines()
    assert shown[0].startswith("All work is paused since 20")
    # Once more changes nothing, and says the same.
    again = panel.type("pause", "--json").json()
    assert again["paused"]
    assert shown[0].endswith("`vlog resume` lets it go on.")

    assert panel.type("resume").out == "Work goes on.\n"
    assert not panel.services.transcoder.paused
    assert panel.type("resume", "--json").json() == {"paused": False, "paused_since": None}
    assert "paused" not in panel.type("work").out


@pytest.mark.parametrize("command", ["work", "pause", "resume"])
def test_nobody_there_to_ask(command: str) -> None:
    asked = typed(command, "--url", f"http://127.0.0.1:{free_port()}")
    assert (asked.code, asked.out) == (3, "")


def test_what_is_in_the_way_comes_first() -> None:
    work = NOTHING | {"problems": ["The disk is full."], "failed": [JOB], "failed_total": 120}
    assert list(sentences_of(work)) == [
        "The disk is full.",
        "120 are failed; 1 of them are shown.",
    ]


def test_a_row_says_how_far_it_is_or_why_not() -> None:
    tried = {"state": "waiting", "attempt": 2, "next_try": "2026-01-01T00:00:00Z"}
    failed = {"state": "failed", "kind": "rung", "rung": "720p", "last_error": "It broke."}
    upload = {"offset": 30, "length": 40, "sending": False, "title": "", "filename": "a.mp4"}
    work = NOTHING | {
        "failed": [JOB | failed],
        "running": [JOB | {"priority": "first"}],
        "waiting": [JOB | tried | {"waiting_for": "Other videos come first.", "parts_total": 0}],
        "transcriptions": [SPOKEN, SPOKEN | {"state": "failed", "last_error": "No sound."}],
        "uploads": [upload, upload | {"sending": True, "title": "B", "length": 0}],
    }
    assert [row[3:] for row in rows_of(work)] == [
        ["720p", "Film", "It broke."],
        ["video", "Film", "encoding 720p, 3 of 8 parts, priority first"],
        [
            *("video", "Film"),
            "Other videos come first, attempt 2 of 3, next try 2026-01-01T00:00:00Z",
        ],
        ["captions", "Talk", "There is no model, priority later"],
        ["captions", "Talk", "No sound."],
        ["upload", "a.mp4", "Nothing comes in at the moment."],
        ["upload", "B", ""],
    ]
    assert [row[:3] for row in rows_of(work)][1::4] == [
        ["running", 7, "42 %"],
        ["waiting", "-", "75 %"],
    ]
