"""Subtitles and chapters that come with a file."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.transcoding.conftest import Bench, MakeBench, Tools
from vlog.captions.cue import Cue
from vlog.catalog import chapters, transcripts
from vlog.catalog.transcripts import Track
from vlog.ingest.probe_model import SubtitleStream
from vlog.transcoding.subtitles import notice_of_pictures, placed, subtitle_plans

ENGLISH = (
    "1\n00:00:01,000 --> 00:00:02,500\nHello & <i>welcome</i>\n\n"
    "2\n00:00:03,000 --> 00:00:03,800\nBye\n"
)
DEAF = "1\n00:00:00,200 --> 00:00:00,900\n[door opens]\n"
GERMAN = (
    "[Script Info]\nScriptType: v4.00+\n\n[V4+ Styles]\nFormat: Name, Fontname, Fontsize\n"
    "Style: Default,Arial,20\n\n[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR,"
    " MarginV, Effect, Text\n"
    r"Dialogue: 0,0:00:01.00,0:00:02.50,Default,,0,0,0,,{\i1}Hallo{\i0}\Nwillkommen" + "\n"
)
MARKS = (
    ";FFMETADATA1\n"
    "[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=2000\ntitle=Begin\n"
    "[CHAPTER]\nTIMEBASE=1/1000\nSTART=2000\nEND=90000\ntitle=\n"
)
_PICTURE = ("-f", "lavfi", "-i", "testsrc2=size=160x90:rate=25:duration=4")
_SOUND = ("-f", "lavfi", "-i", "sine=frequency=440:duration=4")
_ENCODERS = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac")


def _make(target: Path, *arguments: str, scripts: dict[str, str]) -> Path:
    target.parent.mkdir(exist_ok=True)
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y", *_PICTURE, *_SOUND]
    for name, text in scripts.items():
        (target.parent / name).write_text(text)
        command += ["-i", str(target.parent / name)]
    subprocess.run([*command, *_ENCODERS, *arguments, str(target)], check=True, timeout=60)
    return target


def _film(folder: Path) -> Path:
    """Two English streams and a German one, the second English one first, and two chapters."""
    return _make(
        folder / "film.mkv",
        *("-map", "0", "-map", "1", "-map", "2", "-map", "3", "-map", "4", "-map_metadata", "5"),
        *("-metadata:s:a:0", "language=eng", "-c:s", "copy"),
        *("-metadata:s:s:0", "language=eng", "-metadata:s:s:0", "title=SDH"),
        *("-disposition:s:0", "hearing_impaired", "-metadata:s:s:1", "language=eng"),
        *("-metadata:s:s:2", "language=ger", "-disposition:s:2", "default"),
        scripts={"deaf.srt": DEAF, "english.srt": ENGLISH, "german.ass": GERMAN, "marks": MARKS},
    )


async def _tracks(bench: Bench, video_id: int) -> list[Track]:
    async with bench.database.read() as session:
        return await transcripts.tracks_of(session, video_id)


async def _cues(bench: Bench, video_id: int, language: str) -> list[Cue]:
    async with bench.database.read() as session:
        return await transcripts.read_cues(session, video_id, language)


async def test_streams_become_captions_and_marks_become_chapters(
    make_bench: MakeBench, tmp_path: Path
) -> None:
    bench = make_bench(ladder=("144p",))
    video = await bench.add(_film(tmp_path / "made"))
    await bench.until(video.id, "ready")
    tracks = await _tracks(bench, video.id)
    assert [(t.language, t.label, t.origin) for t in tracks] == [
        ("de", "German", "embedded"),
        ("en", "English", "embedded"),
        ("en-x-sdh", "English (SDH)", "embedded"),
    ]
    default = transcripts.default_of(tracks)
    assert default is not None
    assert default.language == "en"
    first, second = await _cues(bench, video.id, "en")
    # The file's picture starts some milliseconds after the sound does.
    assert (first.start, first.end) == pytest.approx((1.0, 2.5), abs=0.041)
    assert (first.text, second.text) == ("Hello & welcome", "Bye")
    assert [cue.text for cue in await _cues(bench, video.id, "en-x-sdh")] == ["[door opens]"]
    assert [cue.text for cue in await _cues(bench, video.id, "de")] == ["Hallo\nwillkommen"]
    async with bench.database.read() as session:
        marked = await chapters.of_video(session, await bench.look(video.id))
        found = marked.chapters
    assert [c.title for c in found] == ["Begin", "Chapter 2"]
    assert [t for c in found for t in (c.start, c.end)] == pytest.approx([0, 2, 2, 4], abs=0.1)
    assert (await bench.look(video.id)).notice is None


@pytest.mark.parametrize("name", ["clock.mkv", "clock.mp4", "later.mp4"])
async def test_words_stay_with_the_picture_whatever_clock_the_file_has(
    make_bench: MakeBench, tmp_path: Path, name: str
) -> None:
    codec = "mov_text" if name.endswith("mp4") else "subrip"
    maps = ("-map", "0", "-map", "1", "-map", "2", "-c:s", codec)
    folder = tmp_path / "made"
    if name == "later.mp4":
        whole = _make(folder / "whole.mp4", *maps, "-g", "25", scripts={"a.srt": ENGLISH})
        source = folder / name
        later = ("-itsoffset", "0.5", "-i", str(whole), "-map", "1:v", "-map", "0:a", "-map", "0:s")
        command = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-i", str(whole), *later]
        subprocess.run([*command, "-c", "copy", str(source)], check=True, timeout=60)
        expected = 0.5
    else:
        clock = ("-output_ts_offset", "5")
        source = _make(folder / name, *maps, *clock, scripts={"a.srt": ENGLISH})
        expected = 1.0
    bench = make_bench(ladder=("144p",))
    video = await bench.add(source)
    await bench.until(video.id, "ready")
    first, second = await _cues(bench, video.id, "und")
    assert (first.start, second.start) == pytest.approx((expected, expected + 2), abs=0.041)
    assert first.text == "Hello & welcome"


async def test_what_cannot_be_read_is_a_notice_and_no_failure(
    make_bench: MakeBench, tmp_path: Path, tools: Tools
) -> None:
    tools.ffmpeg('case "$*" in *" ass "*) exit 1;; esac\nexec "$REAL" "$@"')
    bench = make_bench(ladder=("144p",))
    video = await bench.add(_film_with(tools, tmp_path))
    ready = await bench.until(video.id, "ready")
    assert ready.notice == "The subtitles in the file could not be read."
    assert await _tracks(bench, video.id) == []


def _film_with(tools: Tools, tmp_path: Path) -> Path:
    script = (tools.folder / "ffmpeg").read_text()
    tools.heal()
    made = _film(tmp_path / "made")
    (tools.folder / "ffmpeg").write_text(script)
    (tools.folder / "ffmpeg").chmod(0o755)
    return made


def _stream(index: int, language: str, **values: object) -> SubtitleStream:
    return SubtitleStream.model_validate(
        {"index": index, "codec": "subrip", "language": language, **values}
    )


def test_each_stream_gets_a_tag_and_a_name_of_its_own() -> None:
    plans = subtitle_plans(
        [
            _stream(2, "fr", default=True),
            _stream(3, "en", forced=True, title="Signs"),
            _stream(4, "en", title="English"),
            _stream(5, "en"),
            _stream(6, "und", title="Comments"),
            _stream(7, "de", codec="hdmv_pgs_subtitle"),
        ],
        "en",
    )
    assert [(plan.stream_index, plan.language, plan.name) for plan in plans] == [
        (4, "en", ""),
        (5, "en-x-2", "English 2"),
        (3, "en-x-forced", "English (Signs) (forced)"),
        (2, "fr", ""),
        (6, "und", "Unknown language (Comments)"),
    ]


def test_pictures_of_words_are_named() -> None:
    streams = [_stream(1, "de", codec="dvd_subtitle"), _stream(2, "en")]
    said = notice_of_pictures(streams)
    assert said is not None
    assert "(German)" in said
    assert notice_of_pictures(streams[1:]) is None


def test_cues_outside_of_the_video_go() -> None:
    cues = [Cue(1.0, 4.9, "before"), Cue(4.5, 6.0, "first"), Cue(14, 20, "last"), Cue(15, 16, "-")]
    assert placed(cues, 5.0, 10.0) == [Cue(0.0, 1.0, "first"), Cue(9.0, 10.0, "last")]
