"""Far more made-up requests to both ports than the suite has time for."""

from __future__ import annotations

from pathlib import Path

from tests.cli.panel import Panel
from tests.web.test_conformance import complaints

_EXAMPLES = 100


def torture_with_requests(folder: Path) -> list[str]:
    """Ask every operation in many ways; what was seen, as a line of the table."""
    with Panel(folder) as panel:
        found = complaints(panel, _EXAMPLES)
    assert not found, "\n\n".join(found)
    return [f"made-up requests: {_EXAMPLES} for each operation, every answer as documented"]
