"""Speech for tests, made by espeak-ng, in words that the small model knows."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.conftest import DATA
from vlog.settings import TranscriptionSettings

MODEL = DATA / "whisper-test-model"
WINDOW = "Please open the blue window."
CHANNEL = "Thank you for watching our channel."
ENGLISH = f"Hello and welcome to my video. {WINDOW} {CHANNEL}"
SPANISH = "Hola y bienvenidos a la ciudad. El perro está en la casa."

# Sound that the transcoder takes over as it is.
_COPIED = ("-ac", "2", "-c:a", "aac", "-b:a", "96k")


def small_model(**values: object) -> TranscriptionSettings:
    """Settings that name the small model."""
    return TranscriptionSettings.model_validate(
        {"model": str(MODEL), "cpu_threads": 1, "beam_size": 1} | values
    )


def say(text: str, target: Path, voice: str = "en-us") -> Path:
    """Speak into a WAV file."""
    command = ["espeak-ng", "-v", voice, "-s", "150", "-p", "50", "-w", str(target), text]
    subprocess.run(command, check=True, timeout=30)
    return target


def lay_out(target: Path, seconds: float, *speeches: tuple[float, Path]) -> Path:
    """Sound (m4a) of a length with speech that begins at given seconds, and silence elsewhere."""
    inputs: list[str] = []
    delayed = []
    for place, (start, file) in enumerate(speeches):
        inputs += ["-i", str(file)]
        delayed.append(f"[{place}:a]aresample=48000,adelay={start * 1000:.0f}:all=1[a{place}]")
    names = "".join(f"[a{place}]" for place in range(len(speeches)))
    mixed = f"{names}amix={len(speeches)}:normalize=0,apad=whole_dur={seconds},atrim=0:{seconds}[a]"
    _ffmpeg(
        *inputs,
        "-filter_complex",
        ";".join([*delayed, mixed]),
        "-map",
        "[a]",
        *_COPIED,
        str(target),
    )
    return target


def looped(source: Path, times: int, target: Path) -> Path:
    """The same sound (m4a) again and again, decoded once."""
    once = target.with_name("once.m4a")
    _ffmpeg("-i", str(source), *_COPIED, str(once))
    _ffmpeg("-stream_loop", str(times - 1), "-i", str(once), "-c", "copy", str(target))
    return target


def silence(target: Path, seconds: float) -> Path:
    """Nothing to hear (m4a)."""
    nothing = f"anullsrc=r=48000:cl=stereo:d={seconds}"
    _ffmpeg("-f", "lavfi", "-i", nothing, *_COPIED, str(target))
    return target


def with_picture(sound: Path, target: Path, seconds: float) -> Path:
    """A video of the sound that must be encoded, small and quick."""
    picture = f"testsrc2=size=256x144:rate=25:duration={seconds}"
    _ffmpeg(
        *("-f", "lavfi", "-i", picture, "-i", str(sound)),
        *("-c:v", "mpeg4", "-q:v", "6", *_COPIED, str(target)),
    )
    return target


def _ffmpeg(*arguments: str) -> None:
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y", *arguments]
    subprocess.run(command, check=True, timeout=120)
