"""One line for each figure, with its goal beside it."""

from __future__ import annotations


def head() -> None:
    """What the columns are."""
    print(f"{'what':<58} {'VLog':>10} {'bare':>10} {'ratio':>8}  goal", flush=True)


def line(what: str, ours: str, theirs: str = "", ratio: str = "", goal: str = "") -> None:
    """One figure, the bare tools' beside it, what one is to the other, and the goal."""
    print(f"{what:<58} {ours:>10} {theirs:>10} {ratio:>8}  {goal}", flush=True)


def compare(what: str, ours: float, theirs: float, goal: str) -> None:
    """Two costs of one kind, and their ratio."""
    line(what, f"{ours:.1f}", f"{theirs:.1f}", f"{ours / theirs:.2f}", goal)
