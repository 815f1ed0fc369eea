"""What a person types into the search box, as terms. Nothing in it is syntax but double quotes."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

from vlog.database.full_text import SHORTEST_BEGINNING, Term

LONGEST_QUERY = 200
MOST_TERMS = 12

_QUOTES = str.maketrans("“”„‟«»", '""""""')
_TERM = re.compile(r'"(?P<together>[^"]*)(?P<end>"?)|(?P<word>[^\s"]+)')
_WORD = re.compile(r"[^\W_]+")
_NO_TEXT = ("Cc", "Cs")


def parse(query: str) -> list[Term]:
    """The terms of a query, empty where there is nothing to look for.

    Words in double quotes stand side by side. The last word may be the beginning of one, unless
    a quote closed it.
    """
    query = "".join(
        " " if unicodedata.category(letter) in _NO_TEXT else letter
        for letter in unicodedata.normalize("NFC", query[:LONGEST_QUERY])
    ).translate(_QUOTES)
    found = [match for match in _TERM.finditer(query) if _WORD.search(match.group())]
    terms = [Term((match["word"] or match["together"]).strip()) for match in found]
    if not terms or len(terms) > MOST_TERMS or found[-1]["end"]:
        return terms[:MOST_TERMS]
    last_word = _WORD.findall(terms[-1].text)[-1]
    return [*terms[:-1], replace(terms[-1], is_beginning=len(last_word) >= SHORTEST_BEGINNING)]


def together(terms: list[Term]) -> Term:
    """All words side by side, just as they were typed."""
    return Term(" ".join(term.text for term in terms))
