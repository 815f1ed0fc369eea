"""Putting what was restored in the place of what is there, so that a crash can be undone.

Each thing moves in two renames: the old one aside, the new one into its place. A mark beside the
database says that this has begun; VLog does not start while it is there. What the two renames have
left says how far they came.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from vlog.database.location import restore_mark
from vlog.storage.files import sync_folder, write_atomically

_NEW = ".restore-new"
_ASIDE = ".restore-aside"
_LOGS = ("-wal", "-shm", "-journal")


@dataclass(frozen=True)
class Move:
    """One thing on its way: where it belongs, where the new one waits, where the old one goes."""

    place: Path
    new: Path
    aside: Path


@dataclass(frozen=True)
class Swap:
    """All that is exchanged: the database with its logs, and the two folders of the storage."""

    database: Path
    storage: Path
    database_only: bool = False

    @property
    def new_database(self) -> Path:
        return self.database.parent / _NEW / self.database.name

    @property
    def new_storage(self) -> Path:
        return self.storage / _NEW

    @property
    def moves(self) -> list[Move]:
        beside, name = self.database.parent, self.database.name
        # The logs of the old database must not be taken for the new one's.
        moves = [_move(beside, name), *(_move(beside, f"{name}{end}") for end in _LOGS)]
        if not self.database_only:
            moves += [_move(self.storage, name) for name in ("videos", "uploads")]
        return moves

    @property
    def mark(self) -> Path:
        return restore_mark(self.database)

    def prepare(self) -> None:
        """Empty places for what is new, and for what goes aside."""
        self.clear()
        for root in self._roots:
            for name in (_NEW, _ASIDE):
                (root / name).mkdir(mode=0o700, parents=True)

    def run(self) -> None:
        """Exchange everything. From the removal of the mark on it cannot be undone."""
        begun = {"storage": str(self.storage), "database_only": self.database_only}
        write_atomically(self.mark, json.dumps(begun).encode())
        self._sync()
        for move in self.moves:
            if move.place.exists():
                move.place.rename(move.aside)
            if move.new.exists():
                move.new.rename(move.place)
        self._sync()
        self.mark.unlink()
        self._sync()

    def undo(self) -> None:
        """Put back what was there before a restore that was cut off."""
        # Nothing is removed before the mark is gone, so this may be cut off and begun again, too.
        for move in self.moves:
            came_into_nothing = not move.new.exists() and not move.place.name.endswith(_LOGS)
            if move.place.exists() and (move.aside.exists() or came_into_nothing):
                move.place.rename(move.new)
            if move.aside.exists():
                move.aside.rename(move.place)
        self._sync()
        self.mark.unlink(missing_ok=True)
        self._sync()
        self.clear()

    def clear(self) -> None:
        """Remove what went aside and what was not used."""
        for root in self._roots:
            for name in (_NEW, _ASIDE):
                shutil.rmtree(root / name, ignore_errors=True)

    @property
    def _roots(self) -> set[Path]:
        """The folders below which everything is renamed."""
        beside = self.database.parent
        return {beside} if self.database_only else {beside, self.storage}

    def _sync(self) -> None:
        for root in self._roots:
            sync_folder(root)


def interrupted(database: Path) -> Swap | None:
    """The exchange that was cut off at a database, if one was."""
    try:
        begun = json.loads(restore_mark(database).read_bytes())
    except FileNotFoundError:
        return None
    return Swap(database, Path(begun["storage"]), begun["database_only"])


def _move(root: Path, name: str) -> Move:
    return Move(root / name, root / _NEW / name, root / _ASIDE / name)
