"""The arguments of the sound. Pure functions."""

from __future__ import annotations

from vlog.transcoding.grid import Grid
from vlog.transcoding.sound_plan import SOUND_MAY_GO_ON_SECONDS, AudioPlan

# The resampler makes all its silence at once: half an hour of it took 1.6 GB, with a delay 64 MB.
_MUCH_SECONDS = 10.0


def sound_output(audio: AudioPlan, grid: Grid) -> list[str]:
    """Map and copy or encode the sound, exactly as long as the grid."""
    mapping = ["-map", f"0:{audio.stream_index}"]
    if audio.copied:
        return [*mapping, "-c:a", "copy"]
    # Silence fills what is missing at either end: picture without sound would stall a player.
    last = grid.time(grid.count) + SOUND_MAY_GO_ON_SECONDS
    padded = f"atrim=end={last:.6f},apad=whole_dur={grid.duration:.6f}"
    filters = f"{_from_the_start(audio, grid)},{padded}"
    return [
        *(*mapping, "-c:a", "aac", "-b:a", str(audio.bitrate), "-ac", "2"),
        *("-ar", str(audio.sample_rate), "-af", filters),
    ]


def _from_the_start(audio: AudioPlan, grid: Grid) -> str:
    """Resampled, with silence until the sound begins."""
    start = round(grid.time(0) * audio.sample_rate)
    late = round(audio.late * audio.sample_rate)
    if audio.late <= _MUCH_SECONDS:
        return f"aresample={audio.sample_rate}:async=1:first_pts={start}"
    return (
        f"aresample={audio.sample_rate}:async=1:first_pts={start + late},"
        f"asetpts=PTS-{late},adelay={late}S:all=1"
    )
