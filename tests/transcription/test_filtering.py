"""What a speech model makes up is left out, what people say stays."""

from __future__ import annotations

from dataclasses import replace

import pytest

from vlog.captions.cue import Word
from vlog.transcription.filtering import Repetitions, believable, without_loops
from vlog.transcription.heard import Heard

SAID = Heard(0.0, 3.0, " Thank you for watching.", no_speech=0.01, logprob=-0.2, loudness=-20.0)


def _words(text: str) -> tuple[Word, ...]:
    return tuple(Word(i, i + 0.5, f" {word}") for i, word in enumerate(text.split()))


def test_speech_is_believed_whatever_is_said() -> None:
    assert believable(SAID)
    assert not believable(replace(SAID, text="  "))


@pytest.mark.parametrize(
    ("no_speech", "logprob", "expected"),
    [(0.9, -1.4, False), (0.9, -0.3, True), (0.1, -1.4, True)],
)
def test_silence_is_what_is_neither_speech_nor_likely(
    no_speech: float, logprob: float, expected: bool
) -> None:
    heard = replace(SAID, text=" The river is long.", no_speech=no_speech, logprob=logprob)
    assert believable(heard) is expected


@pytest.mark.parametrize(
    "text",
    [
        " Thank you for watching!",
        " Thanks for watching.",
        " Untertitel der Amara.org-Community",
        "Sous-titres réalisés par la communauté d'Amara.org",
        "ご視聴ありがとうございました",
        " Продолжение следует...",
    ],
)
def test_known_inventions_are_left_out_near_silence_alone(text: str) -> None:
    heard = replace(SAID, text=text)
    assert believable(heard)
    assert not believable(replace(heard, loudness=-70.0))
    assert not believable(replace(heard, no_speech=0.55))
    assert believable(replace(heard, text=f"{text} And now the river.", loudness=-70.0))


def test_a_loop_is_said_once() -> None:
    looping = "We went to the river and then " + "the sun the sun " * 6 + "came out"
    heard = replace(SAID, text=f" {looping}", words=_words(looping), compression=3.1)
    once = without_loops(heard)
    assert once.text == " We went to the river and then the sun came out"
    assert [word.text.strip() for word in once.words] == once.text.split()
    assert once.end == heard.words[-1].end
    unworded = without_loops(replace(heard, words=()))
    assert unworded.text == once.text


@pytest.mark.parametrize(
    ("text", "compression"),
    [("No, no, no, I said.", 1.5), ("Very, very good.", 2.6), ("one two one two three", 2.6)],
)
def test_what_people_say_twice_stays(text: str, compression: float) -> None:
    heard = replace(SAID, text=text, words=_words(text), compression=compression)
    assert without_loops(heard) is heard


def test_the_same_segment_over_and_over_is_cut_off() -> None:
    repetitions = Repetitions()
    again = replace(SAID, text=" I see.")
    assert [repetitions.too_many(again) for _ in range(4)] == [False, False, True, True]
    assert not repetitions.too_many(SAID)
    assert not repetitions.too_many(again)
