"""The plain words of scripts with effects."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

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


_TIMES = st.sampled_from(("0:00:01.00", "0:00:00:5", "9:99:99.999", "9" * 5000 + ":00:00.00", "-1"))
_WORDS = st.lists(
    st.sampled_from(("{", "}", "\\", "\\N", "\\h", "\\p1", "a", "\x00", "\u2028", "{\\i1}", "\r")),
    max_size=8,
).map("".join)


@settings(max_examples=100)
@given(st.lists(st.tuples(_TIMES, _TIMES, _WORDS | st.text(max_size=20)), max_size=6))
def test_any_script_gives_cues_that_can_be_shown(lines: list[tuple[str, str, str]]) -> None:
    found = ass.read(_HEAD + "".join(_line(*one) for one in lines))
    assert found == sorted(found, key=lambda cue: cue.start)
    for cue in found:
        assert 0 <= cue.start < cue.end
        assert all(line.strip() for line in cue.text.split("\n"))
