"""Leaving out what a speech model makes up. Pure functions.

On silence, noise and music Whisper writes sentences that it saw often in training, or goes round
in circles.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from vlog.captions.cue import Word
from vlog.transcription.heard import Heard

# Whisper's own rule (Radford et al. 2022, section 4.5).
_NO_SPEECH = 0.6
_LEAST_LOGPROB = -1.0
_LOOPING_COMPRESSION = 2.4
# So many words in a row, said so many times, are a loop; fewer where the text compresses so well.
_LONGEST_LOOP_WORDS = 12
_LOOP_TIMES = 4
_SURE_LOOP_TIMES = 3
# The same segment again and again: the first ones may have been said.
_MOST_EQUAL_SEGMENTS = 2
# Speech is louder, unless somebody recorded an empty room.
_NEAR_SILENCE = -50.0
_DOUBTFUL_NO_SPEECH = 0.5

# What is made up most often. People say some of it too, so it is left out only near silence.
_PHANTOMS = frozenset(
    {
        "you",
        "thank you",
        "thanks",
        "bye",
        "thank you for watching",
        "thank you so much for watching",
        "thanks for watching",
        "thank you very much",
        "please subscribe",
        "please subscribe to my channel",
        "like and subscribe",
        "see you next time",
        "see you in the next video",
        "subtitles by the amara org community",
        "subs by www zeoranger co uk",
        "transcription by castingwords",
        "untertitel der amara org community",
        "untertitel im auftrag des zdf für funk 2017",
        "vielen dank",
        "vielen dank fürs zuschauen",
        "sous titres réalisés par la communauté d amara org",
        "sous titrage st 501",
        "merci d avoir regardé cette vidéo",
        "subtítulos realizados por la comunidad de amara org",
        "subtítulos por la comunidad de amara org",
        "gracias por ver el vídeo",
        "gracias por ver el video",
        "gracias",
        "legendas pela comunidade amara org",
        "obrigado por assistir",
        "sottotitoli creati dalla comunità amara org",
        "grazie per la visione",
        "ondertiteling amara org gemeenschap",
        "napisy stworzone przez społeczność amara org",
        "продолжение следует",
        "спасибо за просмотр",
        "субтитры сделал dimatorzok",
        "ご視聴ありがとうございました",
        "字幕由amara org社区提供",
        "请不吝点赞 订阅 转发 打赏支持明镜与点点栏目",
        "谢谢观看",
        "시청해주셔서 감사합니다",
    }
)


def believable(heard: Heard) -> bool:
    """Whether somebody really said this."""
    if not heard.text.strip():
        return False
    if heard.no_speech > _NO_SPEECH and heard.logprob < _LEAST_LOGPROB:
        return False
    doubtful = heard.loudness < _NEAR_SILENCE or heard.no_speech > _DOUBTFUL_NO_SPEECH
    return not (doubtful and _plain(heard.text) in _PHANTOMS)


def without_loops(heard: Heard) -> Heard:
    """The segment with what goes round in circles said once."""
    times = _SURE_LOOP_TIMES if heard.compression > _LOOPING_COMPRESSION else _LOOP_TIMES
    tokens = [word.text for word in heard.words] or _split(heard.text)
    kept = _unlooped([_plain(token) for token in tokens], times)
    if len(kept) == len(tokens):
        return heard
    words: tuple[Word, ...] = tuple(heard.words[place] for place in kept) if heard.words else ()
    text = "".join(tokens[place] for place in kept)
    # Without times of the words nobody knows when the one that is kept was said.
    end = words[-1].end if words else heard.end
    return replace(heard, text=text, words=words, end=end)


class Repetitions:
    """Counts how often the same is said one after the other."""

    def __init__(self) -> None:
        self._last = ""
        self._times = 0

    def too_many(self, heard: Heard) -> bool:
        """Take one more segment; whether it has been said too often by now."""
        plain = _plain(heard.text)
        self._times = self._times + 1 if plain == self._last else 1
        self._last = plain
        return self._times > _MOST_EQUAL_SEGMENTS


def _split(text: str) -> list[str]:
    """Words with the space before them."""
    return re.findall(r"\s*\S+", text)


def _plain(text: str) -> str:
    """Lower case, without punctuation, single spaces."""
    return " ".join(re.sub(r"[\W_]+", " ", text.casefold()).split())


def _unlooped(tokens: Sequence[str], times: int) -> list[int]:
    """The places that stay when runs said `times` times in a row or more are said once."""
    kept: list[int] = []
    place = 0
    while place < len(tokens):
        for length in range(1, min(_LONGEST_LOOP_WORDS, len(tokens) - place) + 1):
            count = _repeats(tokens, place, length)
            if count >= times:
                kept += range(place, place + length)
                place += length * count
                break
        else:
            kept.append(place)
            place += 1
    return kept


def _repeats(tokens: Sequence[str], place: int, length: int) -> int:
    """How many times the `length` tokens from `place` on come one after the other."""
    run = tokens[place : place + length]
    count = 1
    while tokens[place + count * length : place + (count + 1) * length] == run:
        count += 1
    return count
