"""The arguments of the sound. Pure functions."""

from __future__ import annotations

from vlog.transcoding.grid import Grid
from vlog.transcoding.plan import AudioPlan


def sound_output(audio: AudioPlan, grid: Grid) -> list[str]:
    """Map and copy or encode the sound, exactly as long as the grid."""
    mapping = ["-map", f"0:{audio.stream_index}"]
    if audio.copied:
        return [*mapping, "-c:a", "copy"]
    first_sample = round(grid.time(0) * audio.sample_rate)
    # Silence fills what is missing at either end: picture without sound would stall a player.
    filters = (
        f"aresample={audio.sample_rate}:async=1:first_pts={first_sample},"
        f"apad=whole_dur={grid.duration:.6f}"
    )
    return [
        *(*mapping, "-c:a", "aac", "-b:a", str(audio.bitrate), "-ac", "2"),
        *("-ar", str(audio.sample_rate), "-af", filters),
    ]
