"""What a packet scan says of a stream."""

from __future__ import annotations

import tempfile
from fractions import Fraction
from math import isfinite
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vlog.transcoding.packets import Packet, nominal_rate, scan
from vlog.transcoding.scanning import read_listing


def _packets(times: list[float], keys: set[int], step: float = 0.04) -> list[Packet]:
    return [Packet(time, step, 1000, place in keys) for place, time in enumerate(times)]


def test_a_constant_rate_is_seen_through_reordering() -> None:
    found = scan(_packets([0.0, 0.12, 0.04, 0.08, 0.16], {0}))
    assert found is not None
    assert found.constant_rate
    assert found.step == pytest.approx(0.04)
    assert found.start == 0.0
    assert found.end == pytest.approx(0.2)
    assert found.bitrate == 200_000


def test_a_variable_rate_is_seen() -> None:
    found = scan(_packets([0.0, 0.04, 0.08, 0.2, 0.24], {0}))
    assert found is not None
    assert not found.constant_rate


def test_whole_milliseconds_still_count_as_constant() -> None:
    found = scan(_packets([round(n / 29.97, 3) for n in range(300)], {0}))
    assert found is not None
    assert found.constant_rate
    assert nominal_rate(None, found.step, constant=True) == Fraction(30000, 1001)


def test_pictures_shown_before_their_keyframe_make_an_open_group() -> None:
    closed = scan(_packets([0.0, 0.08, 0.04, 0.12, 0.2, 0.16], {0, 3}))
    opened = scan(_packets([0.0, 0.04, 0.16, 0.08, 0.12, 0.2], {0, 2}))
    assert closed is not None
    assert opened is not None
    assert closed.closed_gops
    assert not opened.closed_gops


def test_a_stream_that_does_not_begin_with_a_keyframe_is_not_closed() -> None:
    found = scan(_packets([0.0, 0.04], {1}))
    assert found is not None
    assert not found.closed_gops


def test_nothing_is_nothing() -> None:
    assert scan([]) is None


@pytest.mark.parametrize(
    ("named", "step", "constant", "rate"),
    [
        (Fraction(25), 0.04, True, Fraction(25)),
        (Fraction(30000, 1001), 1001 / 30000, True, Fraction(30000, 1001)),
        (Fraction(24000, 1001), 1001 / 24000, True, Fraction(24000, 1001)),
        (Fraction(25, 2), 0.08, True, Fraction(25, 2)),
        (Fraction(120), 1 / 120, True, Fraction(60)),
        (Fraction(120000, 1001), 1001 / 120000, True, Fraction(60000, 1001)),
        (Fraction(240), 1 / 240, True, Fraction(60)),
        (Fraction(24700, 1000), 0.033, False, Fraction(30)),
        (None, 0.02, False, Fraction(50)),
    ],
)
def test_the_rate_of_the_encoded_rungs(
    named: Fraction | None, step: float, constant: bool, rate: Fraction
) -> None:
    assert nominal_rate(named, step, constant=constant) == rate


_FIELDS = st.one_of(
    st.sampled_from(("0", "1", "N/A", "", "nan", "-inf", "1e400", "²", "٣", "K__", "9" * 5000)),
    st.floats().map(str),
    st.text(max_size=4),
)
_LINES = st.lists(st.lists(_FIELDS, max_size=8).map(",".join), max_size=8).map("\n".join)


@settings(max_examples=100)
@given(_LINES | st.text(max_size=50), st.sampled_from(("", "\n2\n", "\n٣")))
def test_a_listing_of_any_kind_is_read_or_not_whole(lines: str, end: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        listing = Path(folder) / "packets.csv"
        listing.write_text(lines + end, encoding="utf-8", errors="replace")
        found = read_listing(listing, [0, 1])
    assert found is None or all(isfinite(one.end) for one in found.values())
