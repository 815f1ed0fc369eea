"""What a file is, with real ffprobe; and what it is not."""

from __future__ import annotations

import asyncio
import os
import subprocess
from pathlib import Path

import pytest

from tests.conftest import MakeSource
from vlog.errors import NotAVideo, Unavailable
from vlog.ingest.probe import ProbeTimeout, probe


async def test_a_film_is_described(clip: Path) -> None:
    found = await probe(clip)
    assert found.container.startswith("mov,mp4")
    assert found.duration == pytest.approx(1, abs=0.1)
    assert found.size == clip.stat().st_size
    assert found.video is not None
    assert (found.video.codec, found.video.width, found.video.height) == ("h264", 160, 90)
    assert found.video.avg_frame_rate == "25/1"
    assert [(audio.codec, audio.channels) for audio in found.audios] == [("aac", 2)]


async def test_a_turned_picture_is_shown_upright(clip: Path, tmp_path: Path) -> None:
    turned = tmp_path / "turned.mp4"
    command = ["ffmpeg", "-nostdin", "-v", "error", "-i", str(clip), "-c", "copy"]
    subprocess.run([*command, "-metadata:s:v", "rotate=90", str(turned)], check=True, timeout=30)
    found = await probe(turned)
    assert found.video is not None
    assert found.video.rotation in (90, 270)
    assert (found.video.display_width, found.video.display_height) == (90, 160)


async def test_a_song_with_a_cover_has_no_video(clip: Path, tmp_path: Path) -> None:
    song = tmp_path / "song.mp3"
    command = [
        *("ffmpeg", "-nostdin", "-v", "error", "-i", str(clip), "-frames:v", "1", "-c:v", "mjpeg"),
        *("-pix_fmt", "yuvj420p", "-disposition:v", "attached_pic", "-c:a", "libmp3lame"),
        str(song),
    ]
    subprocess.run(command, check=True, timeout=30)
    found = await probe(song)
    assert found.video is None
    assert len(found.audios) == 1


async def test_names_that_look_like_options_or_addresses(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("-i.mp4", "concat:a|b.mp4", "data:x.mp4", "a%03d.mp4", "ü 🎬.mp4"):
        path = Path(name)
        path.write_bytes(clip.read_bytes())
        assert (await probe(path)).video is not None


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"This is a letter, not a film.\n" * 50, "not a video"),
        (b"\0" * 5000, "not a video"),
        (b"PK\x03\x04" + b"\x7f" * 5000, "not a video"),
        (b"#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:6,\n{other}\n#EXT-X-ENDLIST\n", "playlist"),
        (b"ffconcat version 1.0\nfile '{other}'\n", "playlist"),
        (b"1\n00:00:01,000 --> 00:00:02,000\nHello\n", "not a video"),
    ],
)
async def test_what_is_no_video_says_so_and_opens_nothing(
    tmp_path: Path, content: bytes, words: str
) -> None:
    # Whoever opens a pipe that nobody writes to waits, and the probe would run out of time.
    other = tmp_path / "other.ts"
    os.mkfifo(other)
    path = tmp_path / "film.mp4"
    path.write_bytes(content.replace(b"{other}", str(other).encode()))
    with pytest.raises(NotAVideo, match=f"(?i){words}") as refusal:
        await probe(path, limit_seconds=10)
    assert str(tmp_path) not in refusal.value.detail


async def test_a_picture_is_no_video(clip: Path, tmp_path: Path) -> None:
    picture = tmp_path / "still.png"
    command = ["ffmpeg", "-nostdin", "-v", "error", "-i", str(clip), "-frames:v", "1"]
    subprocess.run([*command, str(picture)], check=True, timeout=30)
    disguised = picture.rename(tmp_path / "film.mp4")
    with pytest.raises(NotAVideo, match="picture"):
        await probe(disguised)


async def test_subtitles_alone_are_no_video(tmp_path: Path) -> None:
    (tmp_path / "a.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nHello\n")
    command = ["ffmpeg", "-nostdin", "-v", "error", "-i", "a.srt", "-c:s", "mov_text", "a.mp4"]
    subprocess.run(command, cwd=tmp_path, check=True, timeout=30)
    with pytest.raises(NotAVideo, match="neither a picture nor a sound"):
        await probe(tmp_path / "a.mp4")


@pytest.mark.parametrize("name", ["end.mp4", "front.mp4", "fragments.mp4", "film.mkv", "film.webm"])
async def test_a_file_without_its_end_is_refused(
    make_source: MakeSource, tmp_path: Path, name: str
) -> None:
    flags = {"front.mp4": "+faststart", "fragments.mp4": "+frag_keyframe+empty_moov"}.get(name)
    codec = "libvpx" if name.endswith("webm") else "libx264"
    whole = make_source(
        f"whole_{name}",
        seconds=3,
        size="160x90",
        video=("-c:v", codec, "-g", "25", *(("-movflags", flags) if flags else ())),
        audio=None,
    )
    assert (await probe(whole)).duration == pytest.approx(3, abs=0.2)
    content = whole.read_bytes()
    path = tmp_path / name
    for share in (0.3, 0.6, 0.95):
        path.write_bytes(content[: int(len(content) * share)])
        with pytest.raises(NotAVideo, match="cut off"):
            await probe(path)


async def test_a_probe_that_hangs_is_given_up(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = clip.parent / "hanging"
    folder.mkdir(exist_ok=True)
    tool = folder / "ffprobe"
    note = folder / "child"
    tool.write_text(f"#!/bin/sh\nsleep 600 &\necho $! > {note}\nwait\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    with pytest.raises(ProbeTimeout, match="too long"):
        await probe(clip, limit_seconds=0.5)
    child = int(note.read_text())
    state = Path(f"/proc/{child}/stat")
    deadline = asyncio.get_running_loop().time() + 5
    while state.exists() and state.read_text().split()[2] != "Z":
        assert asyncio.get_running_loop().time() < deadline, "its child still runs"
        await asyncio.sleep(0.02)


async def test_a_talkative_probe_is_read_to_its_end(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = tmp_path / "ffprobe"
    tool.write_text("#!/bin/sh\nhead -c 20000000 /dev/zero\nhead -c 20000000 /dev/zero >&2\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(NotAVideo, match="not a video"):
        await probe(clip, limit_seconds=20)


async def test_a_missing_ffprobe_is_not_the_fault_of_the_file(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable, match="Install ffmpeg"):
        await probe(clip)
