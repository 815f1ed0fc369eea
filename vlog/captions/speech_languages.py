"""The languages that Whisper writes down, by its own codes (mostly ISO 639-1)."""

from __future__ import annotations

from vlog.errors import Invalid
from vlog.languages import language_tag, primary

_CODES = """
af am ar as az ba be bg bn bo br bs ca cs cy da de el en es et eu fa fi fo fr gl gu ha haw
he hi hr ht hu hy id is it ja jw ka kk km kn ko la lb ln lo lt lv mg mi mk ml mn mr ms mt
my ne nl nn no oc pa pl ps pt ro ru sa sd si sk sl sn so sq sr su sv sw ta te tg th tk tl
tr tt uk ur uz vi yi yo yue zh
"""
LANGUAGES = frozenset(_CODES.split())


def spoken_language(code: str) -> str | None:
    """Whisper's code for a language as people and files write it, None for an empty one.

    Raises:
        Invalid: Whisper does not know it.
    """
    given = code.strip().lower()
    if not given:
        return None
    if given in LANGUAGES:
        return given
    language = primary(language_tag(given))
    if language not in LANGUAGES:
        raise Invalid(f"There is no speech recognition for the language “{code.strip()}”.")
    return language
