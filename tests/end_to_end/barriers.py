"""What axe finds on a page that is open in a browser."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "static/node_modules/axe-core/axe.min.js"
# What the machine can tell of WCAG 2.2 AA, and what its makers hold for good practice.
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
# What another colour scheme can change.
COLOURS = ("color-contrast", "link-in-text-block")
_RUN = """async ([part, kind, values]) => {
  const { violations } = await axe.run(part, {
    runOnly: { type: kind, values }, resultTypes: ["violations"], iframes: false,
  });
  const told = ({ target, failureSummary }) => `${target} ${failureSummary}`;
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(told).join("; ")}`);
}"""


def barriers(page: Page, rules: Sequence[str] = (), part: str = "html") -> list[str]:
    """Everything that keeps somebody from using the page, or a part of it.

    Args:
        page: what is open.
        rules: which to go by; without any all of them.
        part: the selector of the part.
    """
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    wish: Any = ["rule", list(rules)] if rules else ["tag", list(TAGS)]
    found: list[str] = page.evaluate(_RUN, [part, *wish])
    return found
