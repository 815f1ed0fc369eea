"""Files of any size that are videos all the same."""

from __future__ import annotations

import shutil
from pathlib import Path


def padded(clip: Path, target: Path, size: int) -> Path:
    """A clip followed by a box that players skip (ISO/IEC 14496-12, `free`), `size` bytes in all.

    The box is a hole in the file, so it costs no disk.
    """
    shutil.copy(clip, target)
    have = clip.stat().st_size
    with target.open("r+b") as file:
        file.seek(have)
        # A length of 1 means that the real one follows, in 64 bits.
        file.write((1).to_bytes(4, "big") + b"free" + (size - have).to_bytes(8, "big"))
        file.truncate(size)
    return target
