"""Everything that the parts of a soak share."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.end_to_end.server import Server
from tests.torture.soaking.asking import Asker
from tests.torture.soaking.clock import Clock
from tests.torture.soaking.footage import Footage
from tests.torture.soaking.ledger import Film, Ledger
from tests.torture.soaking.life import Lives
from tests.torture.soaking.troubles import Troubles


@dataclass
class Scene:
    """One server, who asks it, and what is known of it."""

    server: Server
    lives: Lives
    clock: Clock
    troubles: Troubles
    ledger: Ledger
    footage: Footage
    public: Asker
    admin: Asker
    imports: Path
    chance: random.Random
    # Videos that were not ready when somebody looked last.
    unfinished: int = 0
    # Ready videos that were looked through, and rungs in them.
    looked_at: int = 0
    rungs: int = 0
    # Numbers of films that somebody works with, so that nobody else does.
    taken: set[int] = field(default_factory=set)

    @contextmanager
    def alone_with(self, film: Film) -> Iterator[None]:
        """Nobody else changes it, or looks at it, meanwhile."""
        self.taken.add(film.number)
        try:
            yield
        finally:
            self.taken.discard(film.number)

    def moment(self) -> float:
        """Now, by the clock that troubles are noted with."""
        return time.monotonic()
