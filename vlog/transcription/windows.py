"""Cutting long sound into windows, where nobody speaks. Pure functions over samples."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from vlog.transcription.sound import RATE

Samples: TypeAlias = NDArray[np.float32]

# Somewhere in the last stretch of a window somebody takes a breath.
_SEARCH_SECONDS = 30.0
_QUIET_SECONDS = 0.3
_FRAME_SECONDS = 0.02
_SILENCE_DB = -120.0
# What is 30 dB below the loudest of a word is not the word.
_QUIET_RATIO = 1e-3


def from_pcm(sound: bytes) -> Samples:
    """Samples between -1 and 1 of signed 16 bit, little-endian."""
    return np.frombuffer(sound, dtype="<i2").astype(np.float32) / 32768.0


def quietest(samples: Samples, search_seconds: float = _SEARCH_SECONDS) -> int:
    """The sample in the middle of the quietest moment in the last stretch of a window."""
    frame = int(_FRAME_SECONDS * RATE)
    search = min(int(search_seconds * RATE), len(samples) // 2)
    first = len(samples) - search
    frames = samples[first : first + search // frame * frame].reshape(-1, frame)
    energy = np.square(frames).mean(axis=1)
    width = round(_QUIET_SECONDS / _FRAME_SECONDS)
    if len(energy) <= width:
        return len(samples)
    # Sums over `width` frames; differences of float32 sums would drown a whisper after a shout.
    sums = np.concatenate(([0.0], np.cumsum(energy, dtype=np.float64)))
    place = int(np.argmin(sums[width:] - sums[:-width]))
    return first + (place * frame) + (width * frame) // 2


def onset(samples: Samples, start: float, end: float) -> float:
    """The moment from `start` on at which it gets loud, as the first word of a speech does.

    The model counts the quiet before it as part of that word, up to 0.4 s.
    """
    frame = int(_FRAME_SECONDS * RATE)
    first, last = int(start * RATE), int(end * RATE)
    count = (min(last, len(samples)) - first) // frame
    if count < 1:
        return start
    frames = samples[first : first + count * frame].reshape(-1, frame)
    energy = np.square(frames).mean(axis=1)
    return start + int(np.argmax(energy >= energy.max() * _QUIET_RATIO)) * _FRAME_SECONDS


def loudness(samples: Samples, start: float, end: float) -> float:
    """The level between two moments, in dB below full scale."""
    part = samples[max(0, int(start * RATE)) : max(0, int(end * RATE))]
    power = float(np.square(part, dtype=np.float64).mean()) if len(part) else 0.0
    return max(_SILENCE_DB, float(10 * np.log10(power))) if power > 0 else _SILENCE_DB
