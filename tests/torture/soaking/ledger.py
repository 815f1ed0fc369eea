"""What was sent, what was promised for it, and what was done to it since."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from dataclasses import dataclass, field

from tests.torture.soaking.footage import Copy

_TITLE = re.compile(r"Film (\d+)\b")


@dataclass
class Film:
    """One file that was sent.

    `promised` once VLog has answered that it is whole; `refused` where it must not become a video.
    `deletion` is what was asked for last: nothing, `trash` or `forever`, and `deleting` meanwhile.
    `file` is what its rungs come of, once the file that is `replacing` another has taken its place.
    """

    number: int
    way: str
    file: Copy
    keeps: bool = False
    promised: bool = False
    promised_at: float = 0.0
    refused: bool = False
    video_id: int | None = None
    deletion: str = ""
    deleting: bool = False
    replacing: bool = False
    was_ready: bool = False

    @property
    def title(self) -> str:
        """What it is called; its number is found again in whatever is added."""
        return f"Film {self.number} {self.way}"

    @property
    def stays(self) -> bool:
        """Whether it must be there."""
        return self.promised and not self.deletion and not self.deleting


@dataclass
class Ledger:
    """All films by number."""

    films: dict[int, Film] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def add(self, way: str, file: Copy, *, keeps: bool = False) -> Film:
        """A film that is about to be sent."""
        film = Film(next(self._numbers), way, file, keeps)
        self.films[film.number] = film
        self.counts[f"sent by {way}"] += 1
        return film

    def promise(self, film: Film, video_id: int | None, moment: float) -> None:
        """VLog has answered that it has the whole file."""
        film.promised, film.promised_at = True, moment
        film.video_id = video_id or film.video_id

    def of_title(self, title: str) -> Film | None:
        """The film that a video was made of."""
        found = _TITLE.match(title)
        return self.films.get(int(found[1])) if found else None

    def of_video(self, video_id: int) -> Film | None:
        """The film of a video's number."""
        return next((one for one in self.films.values() if one.video_id == video_id), None)

    @property
    def promised(self) -> list[Film]:
        """Films that VLog has taken."""
        return [film for film in self.films.values() if film.promised]
