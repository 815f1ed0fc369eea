"""The plain words of scripts with effects."""

from __future__ import annotations

from vlog.captions import ass
from vlog.captions.cue import Cue

_HEAD = (
    "[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
)


def _line(start: str, end: str, text: str) -> str:
    return f"Dialogue: 0,{start},{end},Default,,0,0,0,,{text}\n"


def test_markup_goes_and_words_stay() -> None:
    script = _HEAD + _line("0:00:01.00", "0:00:02.50", r"{\i1}One, two{\i0}\Nthree\h\{4\}")
    assert ass.read(script) == [Cue(1.0, 2.5, "One, two\nthree {4}")]


def test_what_is_drawn_or_broken_is_left_out() -> None:
    script = (
        _line("0:00:01.00", "0:00:02.00", r"{\p1}m 0 0 l 100 0 100 100{\p0}")
        + _line("0:00:02.00", "0:00:01.00", "backwards")
        + _line("later", "0:00:01.00", "no time")
        + "Dialogue: 0,0:00:01.00,0:00:02.00\n"
    )
    assert ass.read(script) == []


def test_an_effect_made_of_many_cues_becomes_one() -> None:
    frames = "".join(
        _line(f"0:00:01.{n:02d}", f"0:00:01.{n + 9:02d}", rf"{{\alpha&H{n}&}}Song")
        for n in range(0, 90, 10)
    )
    speech = _line("0:00:01.00", "0:00:01.89", "Speech")
    assert ass.read(_HEAD + frames + speech) == [
        Cue(1.0, 1.89, "Song\nSpeech"),
    ]


def test_no_more_lines_than_can_be_read() -> None:
    script = "".join(_line("0:00:01.00", "0:00:02.00", f"sign {n}") for n in range(20))
    (cue,) = ass.read(script)
    assert cue.text == "sign 0\nsign 1\nsign 2\nsign 3"
