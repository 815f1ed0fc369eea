"""Far more made-up requests, and sequences of them, to both ports than the suite has time for."""

from __future__ import annotations

from pathlib import Path

from tests.cli.panel import Panel
from tests.web.test_conformance import complaints, known_values
from tests.web.wandering import wander

_EXAMPLES = 100
_SCENARIOS, _STEPS = 150, 40


def torture_with_requests(folder: Path) -> list[str]:
    """Ask every operation in many ways and orders; what was seen, as lines of the table."""
    lines = [f"made-up requests: {_EXAMPLES} for each operation, every answer as documented"]
    with Panel(folder) as panel:
        known = known_values(panel)
        found = complaints(panel, known, _EXAMPLES)
        for name, url in (("admin", panel.url), ("public", panel.public_url)):
            wandering = wander(url, known, _SCENARIOS, _STEPS)
            found += wandering.complaints
            lines.append(
                f"made-up sequences, {name} port: {wandering.requests} requests, "
                f"{wandering.known} about something known, {len(wandering.succeeded)} operations "
                "succeeded"
            )
    assert not found, "\n\n".join(found)
    return lines
