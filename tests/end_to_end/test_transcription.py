"""Captions by a real server: kills, stops and what the API and the command line say of them."""

from __future__ import annotations

import itertools
import shutil
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests import speech
from tests.conftest import DATA
from tests.end_to_end.conftest import StartServer
from tests.end_to_end.server import Server, wait_for

SMALL = {"VLOG_TRANSCRIPTION__MODEL": str(speech.MODEL), "VLOG_TRANSCRIPTION__BEAM_SIZE": "1"}

# A speech model that says one thing, a second one after long enough for the first to be committed
# alone, and then is busy for a minute, deaf to everything: being busy is what it is for.
_BUSY = """
import threading, time
from types import SimpleNamespace

class WhisperModel:
    def __init__(self, *_, **__):
        pass

    def transcribe(self, samples, language=None, **_):
        word = SimpleNamespace(start=1.0, end=2.0, word=" Before.")
        said = SimpleNamespace(
            start=1.0, end=2.0, text=" Before.", words=[word],
            no_speech_prob=0.0, avg_logprob=-0.1, compression_ratio=1.0,
        )
        later = SimpleNamespace(start=4.0, end=5.0, word=" After.")
        rest = SimpleNamespace(
            start=4.0, end=5.0, text=" After.", words=[later],
            no_speech_prob=0.0, avg_logprob=-0.1, compression_ratio=1.0,
        )
        def segments():
            yield said
            time.sleep(1.2)
            yield rest
            time.sleep(60)
        return segments(), SimpleNamespace(language="en", language_probability=0.9)
"""
_BUSY_EARS = """
class VadOptions:
    pass

def get_speech_timestamps(samples, options):
    return [{"start": 0, "end": len(samples)}]
"""


@pytest.fixture(scope="module")
def long_speech(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three and a half minutes of speech: two windows, a few seconds of work."""
    target = tmp_path_factory.mktemp("speech") / "long.m4a"
    return speech.looped(DATA / "en-long.opus", 6, target)


def _cues(server: Server) -> list[tuple[Any, ...]]:
    return server.query('SELECT start, "end", text FROM cues ORDER BY id')


def _job(server: Server) -> tuple[Any, ...]:
    (row,) = server.query(
        "SELECT state, reached_seconds, lease_token, attempt FROM transcription_jobs"
    )
    return row


def _wait_completed(server: Server, video_id: int) -> None:
    wait_for(
        "the captions",
        lambda: server.video(video_id)["transcription_status"] == "completed",
    )


def _moments(server: Server, words: str) -> list[tuple[str, Any]]:
    answer = server.public.get("/api/search", params={"q": words})
    assert answer.status_code == 200, answer.text
    return [(one["video"]["slug"], one["start"]) for one in answer.json()["moments"]]


def test_what_is_said_is_found_played_there_and_corrected(
    start_server: StartServer, page: Page, tmp_path: Path
) -> None:
    channel = speech.say(speech.CHANNEL, tmp_path / "channel.wav")
    window = speech.say(speech.WINDOW, tmp_path / "window.wav")
    sound = speech.lay_out(tmp_path / "sound.m4a", 20, (1, channel), (12, window))
    film = speech.with_picture(sound, tmp_path / "film.mkv", 20)
    server = start_server(**SMALL)
    video_id = server.upload(film, title="A day").json()["id"]
    _wait_completed(server, video_id)
    server.wait_until(video_id, "ready")
    assert _moments(server, "the blue window") == [("a-day", pytest.approx(12, abs=1))]
    page.goto(f"http://127.0.0.1:{server.public_port}/")
    page.keyboard.press("/")
    page.keyboard.type("blue window")
    page.keyboard.press("Enter")
    page.locator("a.moment", has_text="window").click()
    page.wait_for_url("**/watch/a-day?t=*")
    place = "() => document.querySelector('[data-player] [data-video]').currentTime"
    page.wait_for_function(f"() => ({place})() > 0")
    assert page.evaluate(place) == pytest.approx(12, abs=1.5)
    expect(page.get_by_role("region", name="Transcript")).to_contain_text("window")
    path = f"/api/videos/{video_id}/transcript"
    found = server.admin.get(path).json()
    cues = [{**cue, "text": cue["text"].replace("window", "harbour")} for cue in found["cues"]]
    answer = server.admin.put(path, json={"cues": cues, "version": found["version"]})
    assert answer.status_code == 200, answer.text
    assert _moments(server, "harbour") == [("a-day", pytest.approx(12, abs=1))]
    assert _moments(server, "window") == []
    wait_for(
        "the new words in the file",
        lambda: "harbour" in server.public.get("/videos/a-day/captions.vtt").text,
    )
    assert "window" not in server.public.get("/videos/a-day/captions.vtt").text


def test_a_kill_in_the_middle_costs_no_cue(start_server: StartServer, long_speech: Path) -> None:
    server = start_server(**SMALL)
    video_id = server.upload(long_speech, title="Long").json()["id"]
    before = wait_for("the first cues", lambda: _cues(server))
    server.signal(signal.SIGKILL)
    before = _cues(server)
    state, reached, token, _ = _job(server)
    assert (state, token is not None) == ("running", True)
    assert 0 < reached < 200
    server.start()
    _wait_completed(server, video_id)
    cues = _cues(server)
    assert cues[: len(before)] == before
    assert len([text for _, _, text in cues if "mountains" in text]) == 6
    assert all(early[1] <= late[0] for early, late in itertools.pairwise(cues))


def test_a_stop_does_not_wait_for_the_model(
    start_server: StartServer, long_speech: Path, tmp_path: Path
) -> None:
    package = tmp_path / "busy" / "faster_whisper"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(_BUSY)
    (package / "vad.py").write_text(_BUSY_EARS)
    server = start_server(**SMALL, PYTHONPATH=f"{package.parent}:{Path.cwd()}")
    server.upload(long_speech, title="Busy")
    wait_for("the first cue", lambda: _cues(server))
    started = time.monotonic()
    assert server.signal(signal.SIGTERM, seconds=10) == 0
    assert time.monotonic() - started < 6
    assert server.records("stopped")
    assert not server.records("stop_overdue")
    # What is said so far is kept, and the work is free for the next who starts.
    state, reached, token, attempt = _job(server)
    assert (state, token, attempt) == ("waiting", None, 0)
    assert reached > 0
    assert [text for _, _, text in _cues(server)] == ["Before."]
    del server.environment["PYTHONPATH"]
    server.start()
    wait_for("the work to go on", lambda: len(_cues(server)) > 5)


def test_asking_for_captions_and_giving_them_up(
    start_server: StartServer, long_speech: Path, tmp_path: Path
) -> None:
    model = tmp_path / "model"
    server = start_server(**SMALL | {"VLOG_TRANSCRIPTION__MODEL": str(model)})
    video_id = server.upload(long_speech, title="Asked").json()["id"]
    place = f"/api/videos/{video_id}/transcribe"
    server.wait_until(video_id, "ready")
    wait_for("the wish", lambda: server.video(video_id)["transcription_status"] == "waiting")
    # Without a model everything else works, and the reason is said.
    wait_for("the loop to look for the model", lambda: server.records("transcription_waits"))
    asked = server.admin.post(place, json={"language": "en"})
    assert asked.status_code == 202
    assert asked.json()["status"] == "waiting"
    assert "[transcription] model" in asked.json()["reason"]
    assert server.admin.post(place, json={"language": "xx"}).status_code == 422
    assert server.admin.post(place, json={"tongue": "en"}).status_code == 422
    assert server.admin.post("/api/videos/99/transcribe", json={}).status_code == 404
    assert server.public.get("/api/videos/asked").json()["transcription_status"] == "waiting"

    shutil.copytree(speech.MODEL, model)
    wait_for("the first cues", lambda: _cues(server))
    again = server.admin.post(place, json={"language": None})
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    assert server.admin.delete(place).json()["status"] == "cancelled"
    assert _cues(server) == []
    assert server.admin.delete(place).status_code == 409

    told = server.command("transcribe", str(video_id), "--language", "en")
    assert told.returncode == 0, told.stderr
    _wait_completed(server, video_id)
    assert _cues(server)
    refused = server.command("transcribe", str(video_id), "--cancel")
    assert refused.returncode == 1
    assert "not being transcribed" in refused.stderr
