"""The pieces of work that a plan needs, and their order. Pure functions."""

from __future__ import annotations

from dataclasses import replace

from vlog.catalog.jobs import PlannedUnit
from vlog.settings import Codec
from vlog.transcoding.plan import Plan

# A part this long costs 13 % of double decoding at its borders; a longer one makes a crash dear.
PART_SECONDS = 30.0
# Above this the rung that helps viewers most goes before the rest.
ONE_WAVE_UP_TO_SECONDS = 600.0

PLAYABLE, FIRST_PASS, HELPFUL, REST, HEVC, AV1 = range(6)
_LATE_CODECS: dict[Codec, int] = {"hevc": HEVC, "av1": AV1}
# SVT-AV1 cannot be told where keyframes go, but always begins with one: ffmpeg 5.1 with library 1.4
# made one keyframe where six were forced.
_ONE_SEGMENT_A_PART: tuple[Codec, ...] = ("av1",)


def units_beside(plan: Plan, cores: int, *, whole: bool = False) -> list[PlannedUnit]:
    """Everything after planning where viewers have another revision: nothing of it is urgent.

    With `whole` it is another file: what is made once of each is made too.
    """
    made_once = () if whole else ("thumbnail", "subtitles")
    units = [unit for unit in units_for(plan, cores) if unit.kind not in made_once]
    return [
        unit if unit.kind == "finalize" else replace(unit, wave=max(unit.wave, HELPFUL))
        for unit in units
    ]


def units_for(plan: Plan, cores: int) -> list[PlannedUnit]:
    """Everything after planning.

    The first pass is the first sound beside the copied rung in one run over the file, or beside
    the smallest rung in parts, whose first part counts as urgent as the sound. The full pass makes
    the other sounds in a run of their own, and the other rungs: neither their pace nor their faults
    may touch what makes a video playable.
    """
    first = plan.first_rung
    runs = tuple(made.name for made in (plan.copied_rung, plan.audio) if made is not None)
    units: list[PlannedUnit] = []
    if runs:
        units.append(PlannedUnit("run", PLAYABLE, 1, runs, 0, plan.grid.count))
    if first is not None and not first.copied:
        units += _parts(plan, cores, FIRST_PASS, (first.name,), urgent_first=True)
    units.append(PlannedUnit("thumbnail", PLAYABLE, 3))
    others = tuple(audio.name for audio in plan.audios[1:])
    if others:
        # One encoder alone and no parts: it must not be what everything waits for at the end.
        units.append(PlannedUnit("run", HELPFUL, -1, others, 0, plan.grid.count))
    if plan.subtitles:
        # The whole file is read for them, and nobody waits for that before they can watch.
        units.append(PlannedUnit("subtitles", FIRST_PASS, 1_000_000))
    rest = tuple(rung.name for rung in plan.rungs_in("h264") if rung is not first)
    for wave, names in enumerate(_waves(plan, rest), start=HELPFUL):
        units += _parts(plan, cores, wave, names)
    for codec, wave in _LATE_CODECS.items():
        units += _parts(plan, cores, wave, tuple(rung.name for rung in plan.rungs_in(codec)))
    if plan.storyboard is not None and storyboard_carrier(plan) is None:
        units.append(PlannedUnit("storyboard", REST, -1, (), 0, plan.grid.count))
    # Cheap, and only possible when all else is done: it must not queue behind another film.
    units.append(PlannedUnit("finalize", PLAYABLE, 9))
    return units


def storyboard_carrier(plan: Plan) -> str | None:
    """The rung whose parts also make the storyboard: of the full pass, if there is one.

    None where no part decodes the whole picture.
    """
    first = plan.first_rung
    rest = tuple(rung.name for rung in plan.rungs_in("h264") if rung is not first)
    if rest:
        return _waves(plan, rest)[0][0]
    return None if first is None or first.copied else first.name


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
    if not names:
        return []
    units = []
    if plan.rung(names[0]).codec in _ONE_SEGMENT_A_PART:
        parts = [(number, 1) for number in range(plan.grid.count)]
    else:
        parts = split(plan, cores, short_first=urgent_first)
    for position, (first, count) in enumerate(parts):
        urgent = urgent_first and position == 0
        units.append(
            PlannedUnit(
                "part", PLAYABLE if urgent else wave, 2 if urgent else position, names, first, count
            )
        )
    return units


def split(plan: Plan, cores: int, *, short_first: bool = False) -> list[tuple[int, int]]:
    """Consecutive segments as (first, count): about 30 s each, and shorter towards the end.

    Each takes half of its core's share of what is left, so that no core waits long for the last
    one. With `short_first` the first part is one segment alone, so that playing can begin.
    """
    grid = plan.grid
    parts: list[tuple[int, int]] = []
    first = 0
    if short_first and grid.count > 1:
        parts.append((0, 1))
        first = 1
    while first < grid.count:
        left = grid.count - first
        goal = min(PART_SECONDS, grid.seconds(first, left) / (2 * cores))
        count = 1
        while (
            count < left
            and grid.seconds(first, count) < goal - 0.001
            and grid.seconds(first, count + 1) <= PART_SECONDS * 1.001
        ):
            count += 1
        parts.append((first, count))
        first += count
    return parts
