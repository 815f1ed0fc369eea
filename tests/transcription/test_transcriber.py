"""From the sound of a video to its cues, with a real model."""

from __future__ import annotations

import shutil
from itertools import pairwise
from pathlib import Path

import pytest

from tests import speech
from tests.conftest import DATA, MakeSource
from tests.transcoding.conftest import Tools
from tests.transcription.conftest import Desk, MakeDesk
from vlog.captions.cue import Cue
from vlog.catalog import removal, revisions
from vlog.errors import Conflict
from vlog.storage.condition import STORAGE_AWAY
from vlog.storage.local import LocalStorage


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """35 seconds of speech."""
    return speech.looped(DATA / "en-long.opus", 1, tmp_path_factory.mktemp("speech") / "clip.m4a")


@pytest.fixture(scope="module")
def long_speech(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three and a half minutes of speech: two windows, a few seconds of work."""
    return speech.looped(DATA / "en-long.opus", 6, tmp_path_factory.mktemp("speech") / "long.m4a")


def _texts(cues: list[Cue]) -> list[str]:
    return [cue.text.replace("\n", " ") for cue in cues]


async def test_what_is_said_is_found_where_it_is_said(make_desk: MakeDesk, tmp_path: Path) -> None:
    said = speech.say(speech.ENGLISH, tmp_path / "said.wav")
    window = speech.say(speech.WINDOW, tmp_path / "window.wav")
    sound = speech.lay_out(tmp_path / "sound.m4a", 40, (12, said), (33, window))
    desk = make_desk()
    video = await desk.add(speech.with_picture(sound, tmp_path / "film.mkv", 40))
    state = await desk.until(video, "completed")
    cues = await desk.cues(video)
    found = {text: cue.start for text, cue in zip(_texts(cues), cues, strict=True)}
    assert speech.CHANNEL in found
    first = next(cue for cue in cues if "Hello" in cue.text)
    last = next(cue for cue in reversed(cues) if speech.WINDOW in cue.text.replace("\n", " "))
    assert first.start == pytest.approx(12, abs=0.2)
    assert last.start == pytest.approx(33, abs=0.2)
    assert all(cue.words and cue.end - cue.start <= 7.0 for cue in cues)
    (track,) = await desk.tracks(video)
    assert (track.language, track.origin) == ("en", "automatic")
    assert (track.language_probability or 0) > 0.9
    assert state.word_count == track.word_count == sum(len(t.split()) for t in _texts(cues))
    assert set(desk.changed) == {video}


async def test_the_language_is_found_out_or_given(make_desk: MakeDesk, tmp_path: Path) -> None:
    spanish = speech.say(speech.SPANISH, tmp_path / "spanish.wav", "es")
    # A whole window of silence first: it is the speech that says which language it is.
    sound = speech.lay_out(tmp_path / "late.m4a", 160, (145, spanish))
    desk = make_desk(segment_format="fmp4")
    video = await desk.add(sound)
    await desk.until(video, "completed")
    (track,) = await desk.tracks(video)
    assert track.language == "es"
    cues = await desk.cues(video, "es")
    assert _texts(cues)[0] == "Hola y bienvenidos a la ciudad."
    assert cues[0].start == pytest.approx(145, abs=0.2)

    await desk.transcriber.wish(video, "en")
    await desk.until(video, "waiting", "running")
    await desk.until(video, "completed")
    tracks = await desk.tracks(video)
    assert [track.language for track in tracks] == ["en", "es"]
    assert tracks[0].language_probability is None


async def test_silence_noise_and_a_picture_alone_give_no_words(
    make_desk: MakeDesk, make_source: MakeSource, tmp_path: Path
) -> None:
    desk = make_desk()
    silent = await desk.add(speech.silence(tmp_path / "silence.m4a", 250))
    tone = await desk.add(make_source("tone.mp4", seconds=12))
    mute = await desk.add(make_source("mute.mp4", seconds=2, audio=None))
    assert (await desk.until(mute, "skipped")).error is None
    for video in (silent, tone):
        state = await desk.until(video, "completed")
        assert (state.word_count, state.percent, state.error) == (0, 100.0, None)
        assert await desk.tracks(video) == []


async def test_other_speech_and_two_languages_in_one_video_do_no_harm(
    make_desk: MakeDesk, tmp_path: Path
) -> None:
    english = speech.say(speech.ENGLISH, tmp_path / "english.wav")
    spanish = speech.say(speech.SPANISH, tmp_path / "spanish.wav", "es")
    mixed = speech.lay_out(
        tmp_path / "mixed.m4a", 40, (1, english), (12, spanish), (20, english), (31, spanish)
    )
    desk = make_desk()
    both = [await desk.add(source) for source in (mixed, DATA / "speech-en.opus")]
    for video in both:
        await desk.until(video, "completed")
    (track,) = await desk.tracks(both[0])
    assert speech.CHANNEL in _texts(await desk.cues(both[0], track.language))


async def test_a_stop_in_the_middle_costs_nothing_that_was_written(
    make_desk: MakeDesk, long_speech: Path
) -> None:
    desk = make_desk()
    video = await desk.add(long_speech)
    await desk.wait("the first cues", lambda: desk.cues(video))
    running = await desk.until(video, "running")
    assert 0 < running.percent < 100
    assert (desk.transcriber.seconds_left(running) or 0) > 0
    await desk.stop()
    before = await desk.cues(video)
    state = await desk.state(video)
    assert state is not None
    assert (state.state, state.reason) == ("waiting", None)
    assert 0 < state.reached_seconds < 200
    again = make_desk()
    await again.until(video, "completed")
    cues = await again.cues(video)
    assert cues[: len(before)] == before
    assert all(early.end <= late.start for early, late in pairwise(cues))
    # Six rounds, of which none is missing and none there twice. One may be cut by a window.
    rounds = [text for text in _texts(cues) if "mountains" in text]
    assert len(rounds) == 6


async def test_cancelling_and_removing_stop_the_work(
    make_desk: MakeDesk, clip: Path, long_speech: Path
) -> None:
    desk = make_desk()
    video, other = await desk.add(long_speech), await desk.add(long_speech)
    await desk.wait("the first cues", lambda: desk.cues(video))
    workshop = desk.bench.workshop
    assert workshop.free_cores == workshop.cores - 1
    await desk.transcriber.cancel(video)
    assert await desk.cues(video) == []
    await desk.wait("the next one's cues", lambda: desk.cues(other))
    assert await desk.tracks(video) == []
    with pytest.raises(Conflict):
        await desk.transcriber.cancel(video)

    await desk.database.write(lambda s: removal.begin(s, other))
    desk.transcriber.wake()
    await desk.wait("the model to have nothing to do", lambda: _idle(desk))
    await desk.database.write(lambda s: removal.finish(s, other))
    assert await desk.tracks(other) == []
    last = await desk.add(clip)
    await desk.until(last, "completed")


async def _idle(desk: Desk) -> bool:
    return not desk.transcriber.stuck


async def test_a_new_revision_meanwhile_does_not_matter(
    make_desk: MakeDesk, long_speech: Path
) -> None:
    desk = make_desk()
    video = await desk.add(long_speech)
    await desk.bench.until(video, "ready")
    await desk.wait("the first cues", lambda: desk.cues(video))
    await desk.database.write(lambda s: revisions.begin(s, video, {}))
    desk.bench.transcoder.wake()

    async def served() -> bool:
        return (await desk.bench.look(video)).revision == 2

    await desk.wait("the second revision", served)
    await desk.until(video, "completed")
    assert len(await desk.cues(video)) > 50
    await desk.transcriber.wish(video, None)
    await desk.until(video, "running")
    await desk.until(video, "completed")
    assert len(await desk.tracks(video)) == 1


async def test_without_a_model_captions_wait_until_it_is_there(
    make_desk: MakeDesk, clip: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "model"
    desk = make_desk(model=str(folder))
    video = await desk.add(clip)

    async def waits() -> bool:
        return desk.transcriber.trouble is not None

    await desk.wait("the loop to look for the model", waits)
    assert (await desk.until(video, "waiting")).percent == 0.0
    shutil.copytree(speech.MODEL, folder)
    await desk.until(video, "completed")
    assert desk.transcriber.trouble is None


async def test_a_broken_model_is_a_failure_that_can_be_tried_again(
    make_desk: MakeDesk, clip: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(speech.MODEL, folder)
    (folder / "model.bin").write_bytes(b"no model")
    desk = make_desk(model=str(folder))
    video = await desk.add(clip)
    state = await desk.until(video, "failed")
    assert (state.error or "").startswith("The speech model cannot be loaded")
    assert str(folder) not in (state.error or "")
    shutil.copy(speech.MODEL / "model.bin", folder)
    await desk.transcriber.wish(video, None)
    await desk.until(video, "completed")
    assert await desk.cues(video)


async def test_the_model_is_let_go_when_there_is_nothing_to_do(
    make_desk: MakeDesk, clip: Path
) -> None:
    desk = make_desk(idle_seconds=0.5)
    worker = desk.transcriber._worker
    assert not worker.loaded
    for _ in range(2):
        video = await desk.add(clip)
        await desk.until(video, "completed")
        assert desk.bench.workshop.free_cores == desk.bench.workshop.cores

        async def released() -> bool:
            return not worker.loaded

        await desk.wait("the model to be let go", released)


async def test_switched_off_means_off_until_it_is_switched_on(
    make_desk: MakeDesk, clip: Path, tmp_path: Path
) -> None:
    other = shutil.copytree(DATA / "whisper-test-model", tmp_path / "model")
    desk = make_desk(enabled=False)
    video = await desk.add(clip)
    await desk.bench.until(video, "ready")
    assert await desk.state(video) is None
    with pytest.raises(Conflict):
        await desk.transcriber.wish(video, None)
    choices = {"enabled": True, "model": str(other), "language": "en"}
    desk.settings.take({f"transcription.{name}": value for name, value in choices.items()})
    desk.transcriber.wake()
    await desk.until(video, "completed")
    (track,) = await desk.tracks(video)
    # The language was given, not found out.
    assert (track.language, track.language_probability) == ("en", None)
    worker = desk.transcriber._worker
    loaded = worker._loaded()
    assert worker._loaded() is loaded
    worker.use(other, desk.settings.transcription.model_copy(update={"vocabulary": ("server",)}))
    assert worker._loaded() is not loaded


async def test_words_of_its_own_and_no_word_times(make_desk: MakeDesk, clip: Path) -> None:
    desk = make_desk(
        beam_size=5, word_timestamps=False, vocabulary=("server", "channel"), language="en"
    )
    video = await desk.add(clip)
    await desk.until(video, "completed")
    cues = await desk.cues(video)
    assert "Wait eight hours and see the mountain." in _texts(cues)
    assert all(cue.words == () for cue in cues)
    (track,) = await desk.tracks(video)
    assert track.language_probability is None


async def test_sound_that_cannot_be_read_is_tried_again_and_then_failed(
    make_desk: MakeDesk, clip: Path, tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vlog.transcription.transcriber._RETRY_SECONDS", 0.3)
    tools.ffmpeg('case "$*" in *s16le*) echo "no such sound" >&2; exit 1;; esac\nexec $REAL "$@"')
    desk = make_desk()
    video = await desk.add(clip)
    state = await desk.until(video, "failed")
    assert state.error == "The sound of this video could not be read."
    tools.heal()
    await desk.transcriber.wish(video, None)
    await desk.until(video, "completed")


async def test_a_storage_that_is_away_is_waited_for(
    make_desk: MakeDesk, clip: Path, storage: LocalStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vlog.transcription.transcriber._LOOK_AGAIN_SECONDS", 0.3)
    desk = make_desk(begin=False)
    video = await desk.add(clip)
    await desk.bench.until(video, "ready")
    away = storage.root.with_name("away")
    storage.root.rename(away)
    desk.begin()

    async def waits() -> bool:
        state = await desk.state(video)
        return state is not None and state.reason == STORAGE_AWAY

    await desk.wait("the storage to be missed", waits)
    away.rename(storage.root)
    await desk.until(video, "completed")
