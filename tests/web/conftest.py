"""What the tests of the admin panel's doors share."""

from __future__ import annotations

import pytest

from tests.web.panel import CHEAP, Panel, panel
from vlog import password_hashing
from vlog.database.engine import Database


@pytest.fixture
def closed_panel(database: Database, monkeypatch: pytest.MonkeyPatch) -> Panel:
    """The panel, with hashes that take no time. Its password is not set yet."""
    monkeypatch.setattr(password_hashing, "_hasher", CHEAP)
    return panel(database)
