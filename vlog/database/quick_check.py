"""A look through the pages of a database that is in use, within a time. Blocks."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

_MOST_COMPLAINTS = 5
# Between two looks at the clock, in steps of SQLite's machine.
_STEPS = 10_000


@dataclass(frozen=True)
class QuickCheck:
    """What was found. Without `ended` the time was not enough, and nothing bad was seen so far."""

    seconds: float
    complaints: tuple[str, ...] = ()
    ended: bool = True


def quick_check(file: Path, limit_seconds: float) -> QuickCheck:
    """Look whether every page and row can be read. Others may read and write meanwhile."""
    began = time.monotonic()
    deadline = began + limit_seconds
    complaints: tuple[str, ...] = ()
    ended = True
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as found:
            found.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS)
            rows = found.execute(f"PRAGMA quick_check({_MOST_COMPLAINTS})").fetchall()
            complaints = tuple(text for (text,) in rows if text != "ok")
    except sqlite3.OperationalError as error:
        # SQLite calls it an error when it is interrupted.
        ended = time.monotonic() <= deadline
        complaints = (str(error),) if ended else ()
    except sqlite3.DatabaseError as error:
        complaints = (str(error),)
    return QuickCheck(round(time.monotonic() - began, 3), complaints, ended)
