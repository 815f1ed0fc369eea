"""The health of a running VLog: what is not well is said, with a cure."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from starlette.types import ASGIApp

from tests.catalog.rows import add_videos
from tests.web.asgi import Answer, app_of, ask, services
from vlog.catalog import webhook_deliveries, webhooks
from vlog.catalog.webhook_deliveries import Outcome
from vlog.database.engine import Database
from vlog.database.quick_check import quick_check
from vlog.database.types import now
from vlog.housekeeping.storage_keeper import Volume
from vlog.process.supervision import TaskHealth
from vlog.process.tools import ffmpeg
from vlog.web.services import Services


@pytest.fixture
def made(tmp_path: Path, database: Database) -> Services:
    """Everything, with the real database's file where it is looked for."""
    found = services(tmp_path, database)
    found.health.started = True
    found.health.tasks["transcoder"] = TaskHealth()
    return found


async def _asked(app: ASGIApp) -> dict[str, Any]:
    answer = await ask(app, "GET", "/api/health", {})
    assert answer.status == 200
    found: dict[str, Any] = answer.json()
    return found


def _states(found: dict[str, Any]) -> dict[str, str]:
    return {finding["name"]: finding["state"] for finding in found["findings"]}


async def test_all_is_well_but_the_model_is_not_here(made: Services) -> None:
    found = await _asked(app_of(made))
    states = _states(found)
    assert states.pop("captions") == "warning"
    assert set(states.values()) == {"well"}
    assert found["state"] == "warning"
    (captions,) = [one for one in found["findings"] if one["name"] == "captions"]
    assert "vlog models fetch" in captions["sentence"]
    assert captions["cure"]
    assert found["versions"]["ffmpeg"][0].isdigit()
    assert found["database"]["size"] > 0
    assert found["database"]["check"] is None
    assert found["tasks"] == [
        {"name": "transcoder", "restarts": 0, "looping": False, "last_error": None}
    ]


async def test_what_is_not_well_is_said_with_a_cure(made: Services, database: Database) -> None:
    made.storage.incoming.rmdir()
    made.storage_keeper.volumes = [Volume(("storage", "database"), 10**12, 10**9)]
    moment = time.monotonic()
    crashed = made.health.tasks["transcoder"]
    crashed.restarts, crashed.last_error = 3, "RuntimeError: no"
    crashed.crashes.extend([moment, moment, moment])
    await add_videos(database, ["Broken"], status="failed")
    url = "https://example.org/hook"
    hook = await database.write(lambda s: webhooks.add(s, url, ["video.ready"], ""))
    sent = await database.write(lambda s: webhooks.send_test(s, hook.id))
    failed = Outcome(delivered=False, latency=0.1, status=500)
    await database.write(lambda s: webhook_deliveries.record(s, sent.id, now(), failed))
    found = await _asked(app_of(made))
    states = _states(found)
    assert found["state"] == "broken"
    assert (states["storage"], states["loops"]) == ("broken", "broken")
    assert (states["disks"], states["videos"], states["webhooks"]) == ("warning",) * 3
    for finding in found["findings"]:
        assert finding["sentence"].endswith(".")
        assert bool(finding["cure"]) == (finding["state"] != "well"), finding
    page = await _page(app_of(made))
    assert "Something does not work." in page.body.decode()
    assert "RuntimeError: no" in page.body.decode()


async def _page(app: ASGIApp) -> Answer:
    answer = await ask(app, "GET", "/health", {"accept": "text/html"})
    assert answer.status == 200
    return answer


async def test_the_database_is_looked_through_when_asked(made: Services) -> None:
    app = app_of(made)
    assert "not looked through" in (await _page(app)).body.decode()
    checked = (await ask(app, "POST", "/api/health/database", {})).json()
    assert (checked["ended"], checked["complaints"]) == (True, [])
    answer = await ask(app, "POST", "/health/database", {})
    assert (answer.status, answer.headers["location"]) == (303, "/health")
    assert "every page can be read" in (await _page(app)).body.decode()
    assert (await _asked(app))["database"]["check"]["ended"]


async def test_damage_is_found_and_a_look_has_an_end(tmp_path: Path, database: Database) -> None:
    file = Path(str(database.engine.url.database))
    for _ in range(20):
        await add_videos(database, ["Film"] * 20, description="words " * 200)
    await database.dispose()
    assert quick_check(file, 60).complaints == ()
    assert not quick_check(file, 0).ended
    damaged = tmp_path / "damaged.db"
    content = bytearray(file.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 40_000] = b"\xff" * 40_000
    damaged.write_bytes(content)
    found = quick_check(damaged, 60)
    assert found.ended
    assert found.complaints
    assert quick_check(tmp_path / "none.db", 60).complaints


def test_a_missing_ffmpeg_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = ffmpeg()
    assert found is not None
    assert found.missing == []
    tool = tmp_path / "ffmpeg"
    tool.write_text("#!/bin/sh\necho 'ffmpeg version 9 nothing'\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    poor = ffmpeg()
    assert poor is not None
    assert (poor.version, poor.missing) == ("9", ["libx264", "aac", "mjpeg"])
    tool.write_text("#!/bin/sh\nexit 1\n")
    assert ffmpeg() is None
