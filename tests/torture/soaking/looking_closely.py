"""One ready video: every file that is named is there, whole, and nothing is missing in between."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from tests.end_to_end.server import Server
from tests.end_to_end.streams import playlist_seconds, segments_of
from tests.torture.checks import rung_is_whole, storyboard_is_whole

_EXTINF = re.compile(r"#EXTINF:([\d.]+)")


def look_closely(server: Server, video_id: int, frames: int | None) -> int:
    """Raise AssertionError where something is not as it must be; the rungs looked at.

    Args:
        server: whose database and files are looked at. It may be running.
        video_id: a video that is ready.
        frames: the pictures in its source, where that is known.
    """
    [(title, slug, duration, revision, storyboard)] = server.query(
        "SELECT title, slug, duration, revision, storyboard FROM videos WHERE id = ?", video_id
    )
    video = {"title": title, "duration": duration}
    root = server.data / "videos" / slug
    served = root if revision == 1 else root / f"r{revision}"
    rows = server.query(
        "SELECT id, quality, kind, frame_rate, generation, status FROM video_qualities "
        "WHERE video_id = ? AND revision = ?",
        *(video_id, revision),
    )
    grids: dict[tuple[int, str], list[str]] = {}
    named: set[Path] = set()
    for row_id, quality, kind, rate, generation, status in rows:
        assert status == "ready", f"{title}: {quality} is {status}"
        folder = root if generation == 1 else root / f"r{generation}"
        playlist = (folder / f"{quality}.m3u8").read_text()
        named.add((folder / f"{quality}.m3u8").resolve())
        assert "#EXT-X-ENDLIST" in playlist, f"{title}: {quality} has no end"
        _segments_are_whole(server, folder, playlist, row_id, f"{title}: {quality}")
        if kind == "video":
            rung_is_whole(folder, playlist, video, rate, frames or round(duration * rate))
            grid = grids.setdefault((generation, kind), _EXTINF.findall(playlist))
            assert grid == _EXTINF.findall(playlist), f"{title}: {quality} has another grid"
        else:
            assert abs(playlist_seconds(playlist) - duration) < 1.0, f"{title}: {quality}"
    _master_names(served, named, title)
    if storyboard is not None:
        storyboard_is_whole(root if storyboard == 1 else root / f"r{storyboard}")
    return len(rows)


def _segments_are_whole(
    server: Server, folder: Path, playlist: str, row_id: int, what: str
) -> None:
    sizes = [
        size
        for (size,) in server.query(
            "SELECT size FROM segments WHERE quality_id = ? ORDER BY number", row_id
        )
    ]
    found = [(folder / name).stat().st_size for name in segments_of(playlist)]
    assert found == sizes, f"{what}: segments of {found} bytes, where the database has {sizes}"


def _master_names(folder: Path, expected: set[Path], title: str) -> None:
    text = (folder / "master.m3u8").read_text()
    names = segments_of(text) + re.findall(r'TYPE=AUDIO.*?URI="([^"]+)"', text)
    base = f"{folder}/"
    found = {Path(urljoin(base, name)).resolve() for name in names}
    assert found == expected, f"{title}: the master names {sorted(found ^ expected)} or does not"


def files_of_nobody(server: Server) -> list[str]:
    """Files under the storage that no row accounts for, of a server that has swept and rests."""
    owned_folders: dict[str, set[str]] = {}
    for video_id, slug in server.query("SELECT id, slug FROM videos"):
        owned_folders[slug] = _names_of(server, video_id)
    sources = {name for (name,) in server.query(_SOURCES)}
    arriving = {f"{name}.part" for (name,) in server.query(_ARRIVING)}
    strangers = []
    for file in sorted(server.files()):
        place, _, name = file.partition("/")
        if place == "uploads":
            known = name in sources or name.removeprefix(".incoming/") in arriving
        else:
            slug, _, inside = name.partition("/")
            owned = owned_folders.get(slug, set())
            known = any(re.fullmatch(pattern, inside) for pattern in owned)
        if not known:
            strangers.append(file)
    return strangers


_SOURCES = (
    "SELECT source_name FROM videos WHERE source_name IS NOT NULL UNION "
    "SELECT source_name FROM transcoding_jobs WHERE source_name IS NOT NULL"
)
_ARRIVING = "SELECT id FROM uploads WHERE video_id IS NULL"


def _names_of(server: Server, video_id: int) -> set[str]:
    """Patterns of the files that a video's rows account for."""
    renditions: list[tuple[Any, ...]] = server.query(
        "SELECT generation, quality FROM video_qualities WHERE video_id = ? UNION "
        "SELECT generation, quality FROM retired_renditions WHERE video_id = ? UNION "
        "SELECT generation, 'storyboard' FROM storyboard_sheets WHERE video_id = ?",
        *(video_id, video_id, video_id),
    )
    patterns = {r"thumbnail[\w-]*\.jpg", r"captions[\w-]*\.(vtt|m3u8)"}
    for generation, quality in renditions:
        folder = "" if generation == 1 else f"r{generation}/"
        name = f"{folder}{re.escape(quality)}"
        patterns |= {rf"{name}_\d+\.(ts|m4s|jpg)", rf"{name}_init\.mp4", rf"{name}\.(m3u8|vtt)"}
        patterns |= {rf"{folder}master\.m3u8", rf"{folder}thumbnail[\w-]*\.jpg"}
    return patterns
