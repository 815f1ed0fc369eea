"""The pieces of work that a plan needs, and their order. Pure functions."""

from __future__ import annotations

from dataclasses import replace

from vlog.catalog.jobs import PlannedUnit
from vlog.transcoding.plan import AUDIO, Plan

# A part this long costs 13 % of double decoding at its borders; a longer one makes a crash dear.
PART_SECONDS = 30.0
# Above this the rung that helps viewers most goes before the rest.
ONE_WAVE_UP_TO_SECONDS = 600.0

PLAYABLE, FIRST_PASS, HELPFUL, REST = range(4)


def units_beside(plan: Plan, cores: int) -> list[PlannedUnit]:
    """Everything after planning where viewers have another revision: nothing of it is urgent."""
    units = [unit for unit in units_for(plan, cores) if unit.kind != "thumbnail"]
    return [
        unit if unit.kind == "finalize" else replace(unit, wave=max(unit.wave, HELPFUL))
        for unit in units
    ]


def units_for(plan: Plan, cores: int) -> list[PlannedUnit]:
    """Everything after planning.

    The first pass is the sound beside the copied rung in one run over the file, or beside the
    smallest rung in parts, whose first part counts as urgent as the sound. The full pass makes
    the other rungs.
    """
    first = plan.first_rung
    runs = [name for name in (plan.copied_rung.name if plan.copied_rung else None,) if name]
    if plan.audio is not None:
        runs.append(AUDIO)
    units: list[PlannedUnit] = []
    if runs:
        units.append(PlannedUnit("run", PLAYABLE, 1, tuple(runs), 0, plan.grid.count))
    if first is not None and not first.copied:
        units += _parts(plan, cores, FIRST_PASS, (first.name,), urgent_first=True)
    if first is not None:
        units.append(PlannedUnit("thumbnail", PLAYABLE, 3))
    rest = tuple(rung.name for rung in plan.rungs if rung is not first)
    for wave, names in enumerate(_waves(plan, rest), start=HELPFUL):
        units += _parts(plan, cores, wave, names)
    # Cheap, and only possible when all else is done: it must not queue behind another film.
    units.append(PlannedUnit("finalize", PLAYABLE, 9))
    return units


def _waves(plan: Plan, rest: tuple[str, ...]) -> list[tuple[str, ...]]:
    if not rest:
        return []
    helpful = "480p" if plan.copied_rung else "720p"
    if plan.grid.duration <= ONE_WAVE_UP_TO_SECONDS or helpful not in rest or len(rest) == 1:
        return [rest]
    return [(helpful,), tuple(name for name in rest if name != helpful)]


def _parts(
    plan: Plan, cores: int, wave: int, names: tuple[str, ...], *, urgent_first: bool = False
) -> list[PlannedUnit]:
    units = []
    for position, (first, count) in enumerate(split(plan, cores, short_first=urgent_first)):
        urgent = urgent_first and position == 0
        units.append(
            PlannedUnit(
                "part", PLAYABLE if urgent else wave, 2 if urgent else position, names, first, count
            )
        )
    return units


def split(plan: Plan, cores: int, *, short_first: bool = False) -> list[tuple[int, int]]:
    """Consecutive segments as (first, count): about 30 s each, fewer for short videos.

    With `short_first` the first part is one segment alone, so that playing can begin.
    """
    grid = plan.grid
    goal = min(PART_SECONDS, max(grid.duration / (2 * cores), 0.001))
    parts: list[tuple[int, int]] = []
    first = 0
    if short_first and grid.count > 1:
        parts.append((0, 1))
        first = 1
    while first < grid.count:
        count = 1
        while first + count < grid.count and grid.seconds(first, count + 1) <= goal * 1.001:
            count += 1
        parts.append((first, count))
        first += count
    return parts
