"""The names of a video's sounds: `audio` is the first and decides, `audio-2` and on come beside it.

Pure functions.
"""

from __future__ import annotations

FIRST_SOUND = "audio"


def sound_name(number: int) -> str:
    """The name of the first, second, ... sound, counted from one."""
    return FIRST_SOUND if number == 1 else f"{FIRST_SOUND}-{number}"


def is_sound(name: str) -> bool:
    """Whether a rendition of this name is a sound."""
    return name == FIRST_SOUND or name.startswith(f"{FIRST_SOUND}-")


def spoken(name: str) -> str:
    """What people are told of: `the sound`, `sound 2`; rungs are called by their names."""
    if name == FIRST_SOUND:
        return "the sound"
    return f"sound {sound_number(name)}" if is_sound(name) else name


def sound_number(name: str) -> int:
    """2 for `audio-2`."""
    return 1 if name == FIRST_SOUND else int(name.removeprefix(f"{FIRST_SOUND}-"))
