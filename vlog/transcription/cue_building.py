"""From words and their times to cues that can be read. Pure functions over what was heard.

A cue has at most two lines of 42 columns and stays for one to seven seconds, as is usual for
subtitles; wide characters (Chinese, Japanese, Korean) count two columns.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from vlog.captions.cue import Cue, Word
from vlog.transcription.heard import Heard

LINE_COLUMNS = 42
MOST_LINES = 2
LEAST_SECONDS = 1.0
MOST_SECONDS = 7.0

# Whoever is silent for so long begins something new.
_GAP_SECONDS = 1.0
# A line that ends with a clause is worth being so much shorter than the other.
_LEAST_SHARE = 0.4
_SENTENCE_END = re.compile(r"[.?!…。？！｡؟।]['\"”’»)\]]*$")
_CLAUSE_END = re.compile(r"[,;:—–،、，；：]['\"”’»)\]]*$")


class CueBuilder:
    """Takes segments in order and gives cues in order; unfinished sentences wait inside."""

    def __init__(self) -> None:
        self._words: list[Word] = []
        self._timed = True
        self._shown_until = 0.0

    @property
    def waiting_from(self) -> float | None:
        """Where the words begin that are in no cue yet; None where there are none."""
        return self._words[0].start if self._words else None

    def add(self, heard: Heard) -> list[Cue]:
        """The cues that are finished with this segment."""
        found: list[Cue] = []
        self._timed = bool(heard.words)
        for word in heard.words or guessed_words(heard):
            found += self._take(word)
        return found

    def flush(self) -> list[Cue]:
        """The cues of the words that are left."""
        words, self._words = self._words, []
        return [self._cue(words, None)] if words else []

    def _take(self, word: Word) -> list[Cue]:
        if not word.text.strip():
            return []
        found: list[Cue] = []
        if self._words and self._is_over(word):
            words, self._words = self._words, []
            found.append(self._cue(words, word.start))
        self._words.append(word)
        while len(self._words) > 1 and not _fits(self._words):
            place = best_break(self._words)
            words, self._words = self._words[:place], self._words[place:]
            found.append(self._cue(words, self._words[0].start))
        return found

    def _is_over(self, following: Word) -> bool:
        last, first = self._words[-1], self._words[0]
        gap = following.start - last.end
        if gap >= _GAP_SECONDS:
            return True
        return bool(_SENTENCE_END.search(last.text)) and last.end - first.start >= LEAST_SECONDS

    def _cue(self, words: Sequence[Word], next_start: float | None) -> Cue:
        start = max(words[0].start, self._shown_until)
        end = min(max(words[-1].end, start + LEAST_SECONDS), start + MOST_SECONDS)
        if next_start is not None:
            # What is said next must not wait, whatever the model thinks of the times.
            end = max(min(end, next_start), min(words[-1].end, start + MOST_SECONDS), start + 0.05)
        start, end = round(start, 3), round(end, 3)
        self._shown_until = end
        kept = tuple(_whole_word(word) for word in words) if self._timed else ()
        return Cue(start, end, in_lines(words), kept)


def guessed_words(heard: Heard) -> list[Word]:
    """Words of a segment of which only the whole is known, spread over it by their length."""
    texts = re.findall(r"\s*\S+", heard.text)
    if len(texts) == 1 and columns(texts[0]) > LINE_COLUMNS:
        # No spaces between words in this language: every character may begin a line.
        texts = list(texts[0])
    total = sum(map(len, texts)) or 1
    words, passed = [], 0
    for text in texts:
        start = heard.start + (heard.end - heard.start) * passed / total
        passed += len(text)
        words.append(Word(start, heard.start + (heard.end - heard.start) * passed / total, text))
    return words


def columns(text: str) -> int:
    """How wide a text is on the screen."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def best_break(words: Sequence[Word]) -> int:
    """Before which word to begin a new cue: after a clause, else at the longest pause."""
    last = len(words) - 1

    def worth(place: int) -> tuple[int, float, int]:
        before = words[place - 1]
        kind = 2 if _SENTENCE_END.search(before.text) else 0
        kind = kind or (1 if _CLAUSE_END.search(before.text) else 0)
        return kind, round(words[place].start - before.end, 1), place

    # A cue of one or two words followed by a full one would flash by.
    places = range(max(1, len(words) // 2), last + 1)
    return max((place for place in places if _fits(words[:place])), key=worth, default=last)


def in_lines(words: Sequence[Word]) -> str:
    """The text of a cue in one line, or in two of about the same width."""
    texts = [word.text for word in words]
    whole = "".join(texts).strip()
    if columns(whole) <= LINE_COLUMNS:
        return whole
    options = []
    for place in range(1, len(texts)):
        if not _may_break(texts, place):
            continue
        first, second = "".join(texts[:place]).strip(), "".join(texts[place:]).strip()
        widths = sorted((columns(first), columns(second)))
        clause = bool(_CLAUSE_END.search(first) or _SENTENCE_END.search(first))
        over = max(0, widths[1] - LINE_COLUMNS)
        even = widths[0] >= _LEAST_SHARE * widths[1]
        options.append((over, not (clause and even), widths[1], place))
    if not options:
        return whole
    place = min(options)[-1]
    return "".join(texts[:place]).strip() + "\n" + "".join(texts[place:]).strip()


def _may_break(texts: Sequence[str], place: int) -> bool:
    """Whether a line may begin before a piece: pieces of one word, as `don` and `'t`, stay."""
    text = texts[place]
    if text[:1].isspace():
        return True
    return columns(text) > len(text) or " " not in "".join(texts).strip()


def _fits(words: Sequence[Word]) -> bool:
    text = in_lines(words)
    lines = text.split("\n")
    long = words[-1].end - words[0].start > MOST_SECONDS
    return not long and len(lines) <= MOST_LINES and all(columns(x) <= LINE_COLUMNS for x in lines)


def _whole_word(word: Word) -> Word:
    return Word(round(word.start, 3), round(word.end, 3), word.text.strip())
