"""Small real videos of many kinds, and copies of them of which no two are alike."""

from __future__ import annotations

import hashlib
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests import speech
from tests.conftest import DATA
from tests.torture.checks import frames_of

_QUIET = ("ffmpeg", "-nostdin", "-v", "error", "-y")
_H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
_AAC = ("-c:a", "aac", "-b:a", "96k", "-ac", "2")
# Name, seconds, size, rate, and how it is encoded.
_GENERATED = (
    ("short-copied.mp4", 8, "320x180", "25", (*_H264, "-g", "50", *_AAC)),
    ("copied.mp4", 24, "426x240", "30", (*_H264, "-g", "60", *_AAC)),
    ("long-copied.mkv", 60, "320x180", "24", (*_H264, "-g", "48", *_AAC)),
    ("open-ended.mov", 20, "320x240", "30000/1001", (*_H264, "-g", "400", *_AAC)),
    ("portrait.mp4", 15, "180x320", "30", (*_H264, "-g", "90", *_AAC)),
    ("mpeg4.avi", 18, "320x180", "25", ("-c:v", "mpeg4", "-q:v", "4", "-c:a", "libmp3lame")),
    ("mpeg2.ts", 30, "320x240", "25", ("-c:v", "mpeg2video", "-q:v", "5", "-c:a", "mp2")),
    ("vp9.webm", 12, "320x180", "25", ("-c:v", "libvpx-vp9", "-cpu-used", "8", "-deadline",
                                       "realtime", "-c:a", "libopus")),
    ("ten-bit.mkv", 10, "320x180", "25", ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt",
                                          "yuv420p10le", "-c:a", "flac")),
    ("silent.mp4", 14, "320x180", "15", (*_H264, "-g", "30", "-an")),
)  # fmt: skip
_SUBTITLES = "1\n00:00:01,000 --> 00:00:03,000\nThe first boats leave.\n"
_CHAPTERS = (
    ";FFMETADATA1\n"
    "[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=9000\ntitle=Harbour\n"
    "[CHAPTER]\nTIMEBASE=1/1000\nSTART=9000\nEND=24000\ntitle=Open sea\n"
)


@dataclass(frozen=True)
class Copy:
    """A file to send, its checksum, and the pictures in it."""

    path: Path
    frames: int
    sha256: str


class Footage:
    """Makes the files once, and then a copy for each upload."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._copies = 0
        (folder / "kinds").mkdir(parents=True)
        (folder / "copies").mkdir()
        self.kinds = [self._generate(*wish) for wish in _GENERATED]
        self.kinds += [self._with_speech(), self._with_chapters(), DATA / "bottle-detection.mp4"]
        for kind in self.kinds:
            # Counted now, while nothing else goes on.
            frames_of(kind)

    def copy(self, kind: Path) -> Copy:
        """A file that nobody has sent before. Blocks."""
        self._copies += 1
        target = self.folder / "copies" / f"{self._copies}{kind.suffix}"
        _run("-i", kind, "-map", "0", "-c", "copy", "-metadata", f"title={self._copies}", target)
        content = target.read_bytes()
        return Copy(target, frames_of(kind), hashlib.sha256(content).hexdigest())

    def _generate(
        self, name: str, seconds: int, size: str, rate: str, how: tuple[str, ...]
    ) -> Path:
        target = self.folder / "kinds" / name
        picture = f"testsrc2=size={size}:rate={rate}:duration={seconds}"
        sound = f"sine=frequency=440:duration={seconds}"
        _run("-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound, *how, target)
        return target

    def _with_speech(self) -> Path:
        place = self.folder / "kinds"
        said = speech.say(speech.ENGLISH, place / "said.wav")
        heard = speech.lay_out(place / "said.m4a", 16, (1.0, said))
        target = place / "speech.mp4"
        picture = "testsrc2=size=320x180:rate=25:duration=16"
        _run("-f", "lavfi", "-i", picture, "-i", heard, *_H264, "-g", "50", "-c:a", "copy", target)
        return target

    def _with_chapters(self) -> Path:
        place = self.folder / "kinds"
        subtitles, chapters = place / "said.srt", place / "chapters.txt"
        subtitles.write_text(_SUBTITLES)
        chapters.write_text(_CHAPTERS)
        target = place / "chapters.mkv"
        inputs = ("-i", place / "copied.mp4", "-i", subtitles, "-i", chapters)
        streams = ("-map", "0", "-map", "1", "-map_metadata", "2", "-map_chapters", "2")
        _run(*inputs, *streams, "-c", "copy", "-c:s", "srt", target)
        return target


def _run(*words: object) -> None:
    # Without a time limit, as we may be stopped for longer than any.
    subprocess.run([*_QUIET, *map(str, words)], check=True)
