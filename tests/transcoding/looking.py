"""Looking into a file as a server does before it makes anything of it."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from vlog.ingest.probe import probe
from vlog.transcoding.grid import MOST_SEGMENTS
from vlog.transcoding.plan import Plan, Wishes, make_plan
from vlog.transcoding.scanning import scan_packets
from vlog.transcoding.sound_plan import MOST_SOUNDS

_WISHES = Wishes(["480p", "240p"], 6.0)


async def look(path: Path, listing: Path) -> Plan:
    """Probe, scan and plan. Raises whatever they raise, and AssertionError for a mad plan."""
    found = await probe(path)
    wanted = [found.video.index] if found.video else []
    wanted += [audio.index for audio in found.audios[:MOST_SOUNDS]]
    scans = await scan_packets(path, listing, wanted, 30.0)
    picture = scans.get(found.video.index) if found.video else None
    sounds = {audio.index: scans[audio.index] for audio in found.audios if audio.index in scans}
    plan = make_plan(found, picture, sounds, _WISHES)
    cuts = plan.grid.cuts
    assert 1 <= plan.grid.count <= MOST_SEGMENTS + 1
    assert all(before < after for before, after in pairwise(cuts))
    assert Plan.model_validate_json(plan.model_dump_json()) == plan
    return plan
