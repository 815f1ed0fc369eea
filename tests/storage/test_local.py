"""The storage folder: safe names, and files that are never lost or replaced."""

from __future__ import annotations

import contextlib
import errno
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vlog.storage.files import move_without_replacing, write_atomically
from vlog.storage.local import LocalStorage


@pytest.mark.parametrize(
    "slug", ["", ".", "..", "../etc", "a/b", "/etc", "A", "a b", "-a", "a\0", "a\n", "é", "a" * 121]
)
def test_a_slug_that_was_never_given_out_is_no_path(storage: LocalStorage, slug: str) -> None:
    with pytest.raises(ValueError, match="not a name"):
        storage.video_folder(slug)
    with pytest.raises(ValueError, match="not a name"):
        storage.remove_video(slug)


@pytest.mark.parametrize("name", ["", ".", "..", ".staging", "../x", "a/b", "/x", "a..b", "a\0b"])
def test_a_file_name_that_was_never_given_out_is_no_path(storage: LocalStorage, name: str) -> None:
    for ask in (storage.source, storage.incoming_file, lambda n: storage.media_file("film", n)):
        with pytest.raises(ValueError, match="not a name"):
            ask(name)


def test_removing_a_video_removes_only_that_video(storage: LocalStorage) -> None:
    for slug in ("film", "film-2"):
        storage.write_media(slug, "master.m3u8", b"#EXTM3U\n")
    storage.remove_video("film")
    storage.remove_video("film")
    assert sorted(path.name for path in storage.videos.iterdir()) == ["film-2"]


def test_placing_twice_does_no_harm_and_a_lost_file_is_told(storage: LocalStorage) -> None:
    staging = storage.make_staging("film", "one")
    (staging / "a.ts").write_bytes(b"promised")
    storage.make_durable("film", "one", ["a.ts"])
    storage.write_media("film", "360p_0000.ts", b"left by nobody knows whom")
    for _ in range(2):
        storage.place("film", "one", [("a.ts", "360p_0000.ts", 8)])
        assert storage.media_file("film", "360p_0000.ts").read_bytes() == b"promised"
    assert not (staging / "a.ts").exists()
    with pytest.raises(FileNotFoundError):
        storage.place("film", "one", [("a.ts", "360p_0000.ts", 9)])
    with pytest.raises(FileNotFoundError):
        storage.place("film", "one", [("b.ts", "360p_0001.ts", 8)])


def test_accepting_a_file_never_replaces_one(storage: LocalStorage) -> None:
    storage.incoming_file("token.part").write_bytes(b"new")
    storage.source("1.mp4").write_bytes(b"dropped by hand")
    with pytest.raises(FileExistsError):
        storage.accept("token.part", "1.mp4")
    assert storage.source("1.mp4").read_bytes() == b"dropped by hand"
    storage.accept("token.part", "1-2.mp4")
    assert storage.source("1-2.mp4").read_bytes() == b"new"
    assert not storage.incoming_file("token.part").exists()


def test_moving_works_where_there_are_no_hard_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "no hard links here")

    monkeypatch.setattr(os, "link", refuse)
    source, target = tmp_path / "a", tmp_path / "b"
    source.write_bytes(b"a")
    move_without_replacing(source, target)
    assert target.read_bytes() == b"a"
    source.write_bytes(b"again")
    with pytest.raises(FileExistsError):
        move_without_replacing(source, target)
    with pytest.raises(OSError, match="no hard links"):
        move_without_replacing(tmp_path / "nowhere", tmp_path / "c")


def test_a_failed_write_leaves_the_old_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "master.m3u8"
    write_atomically(target, b"old")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="full"):
        write_atomically(target, b"new")
    assert target.read_bytes() == b"old"


def test_an_unmounted_storage_is_seen(storage: LocalStorage) -> None:
    assert storage.available()
    storage.incoming.rmdir()
    assert not storage.available()


def test_nothing_is_made_where_the_storage_is_away(storage: LocalStorage) -> None:
    for folder in (storage.incoming, storage.uploads, storage.videos):
        folder.rmdir()
    with pytest.raises(FileNotFoundError):
        storage.make_staging("film", "one")
    with pytest.raises(FileNotFoundError):
        storage.write_media("film", "master.m3u8", b"#EXTM3U\n", generation=2)
    assert not list(storage.root.iterdir())


_PLACE = LocalStorage(Path("/srv/vlog"))
_NAMES = st.one_of(
    st.text(max_size=130),
    st.lists(
        st.sampled_from(("a", "..", ".", "/", "\\", "-", "\0", "\n", "é", "0.ts")), max_size=6
    ).map("".join),
)


@settings(max_examples=150)
@given(_NAMES, _NAMES, st.integers(1, 10**6))
def test_a_name_is_refused_or_lies_in_its_folder(slug: str, name: str, generation: int) -> None:
    with contextlib.suppress(ValueError):
        assert _PLACE.source(name).parent == _PLACE.uploads
        assert _PLACE.incoming_file(name).parent == _PLACE.incoming
    with contextlib.suppress(ValueError):
        assert _PLACE.video_folder(slug).parent == _PLACE.videos
        file = _PLACE.media_file(slug, name, generation)
        assert file == Path(os.path.normpath(file))
        assert file.is_relative_to(_PLACE.videos / slug)
        assert _PLACE.staging(slug, name).parent == _PLACE.videos / slug / ".staging"
