"""Where long sound is cut, how loud it is, and where speech begins."""

from __future__ import annotations

import numpy as np
import pytest

from vlog.transcription import windows
from vlog.transcription.sound import RATE
from vlog.transcription.windows import Samples


def _tone(*stretches: tuple[float, float]) -> Samples:
    """Stretches of a tone, each of some seconds and some amplitude."""
    parts = [
        np.sin(np.arange(int(seconds * RATE)) * 0.3) * amplitude for seconds, amplitude in stretches
    ]
    return np.concatenate(parts).astype(np.float32)


def test_a_window_ends_in_the_quietest_moment_of_its_last_half_minute() -> None:
    samples = _tone((60, 0.3), (1, 0.0), (80, 0.3), (0.4, 0.01), (38.6, 0.3), (0.1, 0.001))
    # The pause at 60 s is too early, the one at the end too short.
    cut = windows.quietest(samples) / RATE
    assert 150 <= cut <= 180.1
    quiet = _tone((150, 0.3), (12, 0.3), (0.5, 0.01), (17.5, 0.3))
    assert windows.quietest(quiet) / RATE == pytest.approx(162.25, abs=0.12)


def test_a_quiet_pause_is_found_after_loud_sound() -> None:
    samples = _tone((20, 0.9), (5, 0.002), (0.5, 0.0), (5, 0.002))
    assert windows.quietest(samples, 30) / RATE == pytest.approx(25.25, abs=0.3)


def test_loudness_is_in_decibels_below_full_scale() -> None:
    samples = _tone((1, 1.0), (1, 0.001), (1, 0.0))
    assert windows.loudness(samples, 0, 1) == pytest.approx(-3, abs=0.1)
    assert windows.loudness(samples, 1, 2) == pytest.approx(-63, abs=0.1)
    assert windows.loudness(samples, 2, 3) == windows.loudness(samples, 9, 9) == -120


def test_a_word_begins_where_it_gets_loud() -> None:
    samples = _tone((1.0, 0.002), (0.5, 0.3))
    assert windows.onset(samples, 0.6, 1.4) == pytest.approx(1.0, abs=0.021)
    assert windows.onset(samples, 1.1, 1.4) == pytest.approx(1.1)
    assert windows.onset(samples, 1.4, 1.4) == 1.4


def test_pcm_becomes_samples() -> None:
    sound = np.array([0, 16384, -32768], dtype="<i2").tobytes()
    assert windows.from_pcm(sound).tolist() == [0.0, 0.5, -1.0]
