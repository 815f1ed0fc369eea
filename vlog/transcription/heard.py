"""What a speech model gives back: segments and words. Seconds from the video's start."""

from __future__ import annotations

from dataclasses import dataclass

from vlog.captions.cue import Word


@dataclass(frozen=True)
class Heard:
    """A stretch of speech, and how sure the model is of it.

    The text of a word begins with a space where one belongs before it. `words` may be empty.
    `no_speech` is the probability that nobody speaks, `logprob` the mean log probability of the
    tokens, `compression` how much shorter zlib makes the text, and `loudness` the level of the
    sound in dB below full scale.
    """

    start: float
    end: float
    text: str
    words: tuple[Word, ...] = ()
    no_speech: float = 0.0
    logprob: float = 0.0
    compression: float = 1.0
    loudness: float = 0.0


@dataclass(frozen=True)
class Language:
    """What is spoken. `probability` is None where it was not found out but given."""

    code: str
    probability: float | None = None
