"""`vlog import`, typed at a real panel that may take films from one folder."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.cli.panel import Panel
from tests.conftest import MakeSource
from vlog.client.media_files import MediaFile, media_files


@pytest.fixture
def films(panel: Panel, make_source: MakeSource) -> Path:
    """A folder with three films, two of them in folders, and what is none."""
    folder = panel.folder / "films"
    shutil.rmtree(folder)
    clip = make_source("second.mp4", seconds=1, size="160x90").read_bytes()
    for number, name in enumerate(("top.mp4", "Family/2020/beach.mp4", "Work/talk.mp4")):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(clip + (9).to_bytes(4, "big") + b"free" + bytes([number]))
    (folder / "notes.txt").write_text("x")
    (folder / "half.mp4.part").write_bytes(b"x")
    (folder / ".hidden.mp4").write_bytes(clip)
    return folder


def test_a_folder_comes_in_once_with_its_folders_as_categories(panel: Panel, films: Path) -> None:
    words = ["import", str(films), "-r", "--category-from-folder", "--tag", "old"]
    trial = panel.type(*words, "--dry-run", "--json")
    assert trial.err == "3 would come in, 0 had come in before, 0 failed.\n"
    assert [one["outcome"] for one in trial.lines()] == ["new"] * 3
    assert panel.type("list", "--search", "beach").out == ""
    assert "Family" not in panel.type("categories", "list").out
    found = panel.type(*words, "--json")
    assert (found.code, found.err) == (0, "3 came in, 0 had come in before, 0 failed.\n")
    assert [one["title"] for one in found.lines()] == ["top", "beach", "talk"]
    assert {one["how"] for one in found.lines()} == {"linked"}
    shown = [panel.type("show", str(one["video_id"]), "--json").json() for one in found.lines()]
    assert [video["category_name"] for video in shown] == ["films", "Family", "Work"]
    assert [video["tags"][0]["name"] for video in shown] == ["old"] * 3
    again = panel.type(*words)
    assert again.err == "0 came in, 3 had come in before, 0 failed.\n"
    assert again.out.splitlines()[1].startswith(f"known\t{shown[1]['id']}\tbeach\t{films}")


def test_what_fails_is_said_and_the_rest_comes_in(
    panel: Panel, films: Path, tmp_path: Path
) -> None:
    os.utime(films / "top.mp4", (5, 5))
    broken = films / "broken.mp4"
    broken.write_text("x")
    outside = tmp_path / "outside.mp4"
    shutil.copy(films / "top.mp4", outside)
    found = panel.type("import", str(broken), str(outside), str(films), "--again", "--json")
    assert found.code == 1
    outcomes = [one["outcome"] for one in found.lines()]
    assert outcomes == ["failed", "failed", "failed", "imported"]
    assert found.lines()[0]["error"] in found.err
    assert f"{outside}: Files in {tmp_path} may not be imported." in found.err
    assert found.err.endswith("1 came in, 0 had come in before, 3 failed.\n")


def test_copied_and_moved_files(panel: Panel, films: Path) -> None:
    top, talk = films / "top.mp4", films / "Work" / "talk.mp4"
    [copied] = panel.type("import", str(top), "--copy", "--again", "--json").lines()
    assert copied["how"] in ("cloned", "copied")
    assert top.stat().st_nlink == 1
    [moved] = panel.type("import", str(talk), "--move", "--again", "--json").lines()
    assert (moved["how"], talk.exists()) == ("linked", False)
    for words in (("--copy", "--move"), ("--category", "x", "--category-from-folder")):
        assert panel.type("import", str(top), *words).code == 2


def test_only_finished_media_files_are_taken_from_folders(films: Path) -> None:
    (films / "loop").symlink_to(films)
    (films / "linked.MKV").symlink_to(films / "top.mp4")
    here = [MediaFile(films / name, "films") for name in ("linked.MKV", "top.mp4")]
    assert list(media_files([films], recursive=False)) == here
    below = [
        MediaFile(films / "Family/2020/beach.mp4", "Family"),
        MediaFile(films / "Work/talk.mp4", "Work"),
    ]
    assert list(media_files([films], recursive=True)) == [*here, *below]
    given = films / "notes.txt"
    assert list(media_files([given], recursive=False)) == [MediaFile(given, "films")]
