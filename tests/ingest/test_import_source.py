"""Nothing is imported from outside the folders, whatever its path is called."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vlog.errors import Forbidden, Invalid, NotFound
from vlog.ingest.import_source import open_source


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder that may be imported from, one that may not, and links both ways."""
    root = tmp_path_factory.mktemp("import").resolve()
    for folder in (
        "films/inner",
        "films-of-others",
        "films/storage/uploads",
        "films/storage/videos",
    ):
        (root / folder).mkdir(parents=True)
    for file in ("films/a.mp4", "films/inner/a.mp4", "films/storage/uploads/a.mp4"):
        (root / file).write_bytes(b"film")
    for file in ("secret", "films-of-others/a.mp4", "films/storage/videos/a.mp4"):
        (root / file).write_bytes(b"secret")
    (root / "films/out").symlink_to(root)
    (root / "films/secret").symlink_to(root / "secret")
    (root / "films/round").symlink_to(root / "films/round")
    (root / "in").symlink_to(root / "films")
    os.mkfifo(root / "films/pipe")
    return root


_STEPS = st.lists(
    st.sampled_from(
        (
            *("films", "films-of-others", "inner", "a.mp4", "secret", "out", "round", "in", "pipe"),
            *("storage", "uploads", "videos", "..", ".", "", "x" * 300, "\0", "\udcff"),
        )
    ),
    max_size=7,
).map("/".join)


@settings(max_examples=200)
@given(_STEPS | st.text(max_size=30), st.booleans())
def test_only_files_in_the_folders_are_opened(tree: Path, steps: str, rooted: bool) -> None:
    name = f"{tree}/{steps}" if rooted else steps
    storage = tree / "films/storage"
    try:
        source = open_source(name, [tree / "films"], storage, storage / "uploads")
    except (Forbidden, Invalid, NotFound):
        return
    try:
        assert os.pread(source.descriptor, 10, 0) == b"film"
        assert source.path.is_relative_to(tree / "films")
    finally:
        source.close()
