"""The list of files of a backup, as it was written and as somebody may have changed it."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from vlog.backup.manifest import (
    FILES,
    MANIFEST,
    BackedUpFile,
    BackupUnusable,
    read_files,
    read_manifest,
    write_files,
)

_PARTS = st.sampled_from(("a", "..", ".", "", "x\ty", "é", "\0", "uploads"))
_LINES = st.lists(
    st.builds(
        "{}\t{}\t{}".format,
        st.sampled_from(("0", "7", "-1", "x", "", "9" * 5000, "٣")),
        st.sampled_from(("-", "ab" * 32, "", "x")),
        st.lists(_PARTS, max_size=4).map("/".join),
    )
    | st.text(max_size=20),
    max_size=5,
).map("\n".join)


@settings(max_examples=100)
@given(_LINES)
def test_no_list_leads_out_of_the_backup(lines: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        (folder / FILES).write_text(lines, encoding="utf-8", errors="replace")
        (folder / MANIFEST).write_text(lines, encoding="utf-8", errors="replace")
        with suppress(BackupUnusable):
            for file in read_files(folder):
                place = (folder / file.path).resolve()
                assert place != folder
                assert place.is_relative_to(folder)
                assert file.size >= 0
        with suppress(BackupUnusable):
            read_manifest(folder)


@settings(max_examples=60)
@given(
    st.lists(
        st.builds(
            BackedUpFile,
            st.from_regex(r"videos/[a-z0-9-]{1,20}/[A-Za-z0-9._-]{1,20}", fullmatch=True).filter(
                lambda path: not path.endswith(("/..", "/."))
            ),
            st.integers(0, 2**63 - 1),
            st.none() | st.just("ab" * 32),
        ),
        max_size=5,
    )
)
def test_a_list_comes_back_as_it_went(files: list[BackedUpFile]) -> None:
    with tempfile.TemporaryDirectory() as name:
        assert write_files(Path(name), files) == (len(files), sum(one.size for one in files))
        assert list(read_files(Path(name))) == files
