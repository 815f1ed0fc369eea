"""Pages of what is found, for queries that match three rows or three million.

Ranking every match of a common word would take seconds. So matches are read in windows, the newest
first, and ranked inside their window: what is rare is ranked as a whole, and of what is common the
best of the newest come first. Pages go on inside a window and then to the next one, so everything
that was there comes exactly once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from vlog.catalog import cursors

WINDOW = 300
# Windows of which nobody may see anything take time and give nothing: a page looks at so many.
MOST_WINDOWS = 20

Item = TypeVar("Item")


@dataclass(frozen=True)
class Position:
    """Where a list goes on: behind a rank in the window of matches below an id."""

    stage: int = 0
    below: int | None = None
    behind: tuple[float, int] | None = None

    @classmethod
    def of(cls, cursor: str | None) -> Position:
        """Raises BadRequest for a cursor that VLog did not give out."""
        if cursor is None:
            return cls()
        stage, below, score, item_id = cursors.decode(cursor, 4)
        if not isinstance(stage, int) or not isinstance(below, int | None):
            raise cursors.invalid()
        if not isinstance(score, int | float | None) or not isinstance(item_id, int | None):
            raise cursors.invalid()
        behind = None if score is None or item_id is None else (float(score), item_id)
        return cls(stage, below, behind)

    def pinned(self, ids: Iterable[int]) -> int:
        """Below which id this window begins, whatever is added above it meanwhile."""
        return self.below if self.below is not None else max(ids, default=-1) + 1

    @property
    def cursor(self) -> str:
        """As text for the client."""
        return cursors.encode([self.stage, self.below, *(self.behind or (None, None))])


@dataclass(frozen=True)
class Ranked(Generic[Item]):
    """Something that was found, and its place: the lowest rank comes first. `size` fills pages."""

    rank: tuple[float, int]
    item: Item
    size: int = 1


@dataclass(frozen=True)
class Window(Generic[Item]):
    """What everybody may see of one window.

    `below` repeats this window, `next` is where the following one begins, if there is one.
    """

    found: list[Ranked[Item]]
    below: int
    next: Position | None


@dataclass(frozen=True)
class Slice(Generic[Item]):
    """One page of what was found."""

    items: list[Item] = field(default_factory=list)
    next_cursor: str | None = None


ReadWindow = Callable[[Position], Awaitable[Window[Item]]]


async def read_page(read: ReadWindow[Item], position: Position, limit: int) -> Slice[Item]:
    """Read windows until a page is full, or nothing is left, or it has been enough work."""
    items: list[Item] = []
    filled, last = 0, position
    for _ in range(MOST_WINDOWS):
        window = await read(position)
        for ranked in sorted(window.found, key=lambda one: one.rank):
            if position.behind is not None and ranked.rank <= position.behind:
                continue
            if filled + ranked.size > limit:
                return Slice(items, last.cursor)
            items.append(ranked.item)
            filled += ranked.size
            last = replace(position, below=window.below, behind=ranked.rank)
        if window.next is None:
            return Slice(items)
        position = window.next
    return Slice(items, position.cursor)
