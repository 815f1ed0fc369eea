"""Files that ffmpeg makes for tests."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

_made: dict[tuple[str, ...], Path] = {}


def ffmpeg(*arguments: object) -> Path:
    """Run ffmpeg; the last of its arguments is the file that it makes.

    What is made of generated pictures and sounds alone is made once in a process, and copied.
    """
    *words, last = map(str, arguments)
    target = Path(last)
    key = (*words, target.suffix)
    if key not in _made:
        command = ["ffmpeg", "-nostdin", "-v", "error", "-y", *words, str(target)]
        subprocess.run(command, check=True, timeout=120)
        if _is_generated(words):
            _made[key] = Path(_folder().name) / f"{len(_made)}{target.suffix}"
            shutil.copy(target, _made[key])
    else:
        shutil.copy(_made[key], target)
    return target


def _is_generated(words: list[str]) -> bool:
    """Whether every input is a filter: files may have changed since."""
    inputs = words.count("-i")
    return inputs > 0 and inputs == sum(pair == ("-f", "lavfi") for pair in pairwise(words))


@cache
def _folder() -> TemporaryDirectory[str]:
    return TemporaryDirectory(prefix="vlog-sources-")
