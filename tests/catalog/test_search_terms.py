"""What a person types, as terms."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vlog.catalog.search_terms import LONGEST_QUERY, MOST_TERMS, parse, together
from vlog.database.full_text import Term


@pytest.mark.parametrize(
    ("typed", "terms"),
    [
        ("", []),
        ("  \n ", []),
        ("... - ?!", []),
        ("lake", [Term("lake", True)]),
        ("  alpine   lake ", [Term("alpine"), Term("lake", True)]),
        ('"alpine lake"', [Term("alpine lake")]),
        ('"alpine lake" cold', [Term("alpine lake"), Term("cold", True)]),
        ('cold "alpine la', [Term("cold"), Term("alpine la", True)]),
        ("“alpine lake” «cold»", [Term("alpine lake"), Term("cold")]),
        ('a"b c"d', [Term("a"), Term("b c"), Term("d")]),
        ("foo-bar", [Term("foo-bar", True)]),
        ("AND OR NOT", [Term("AND"), Term("OR"), Term("NOT", True)]),
        ("plan b", [Term("plan"), Term("b")]),
        ("c++", [Term("c++")]),
        ("lake ?", [Term("lake", True)]),
        ("a\x00b\ud800c", [Term("a"), Term("b"), Term("c")]),
    ],
)
def test_terms(typed: str, terms: list[Term]) -> None:
    assert parse(typed) == terms


def test_all_words_side_by_side() -> None:
    assert together(parse('the "alpine lake" co')) == Term("the alpine lake co")


@given(st.text(st.characters(), max_size=2 * LONGEST_QUERY))
def test_nothing_typed_is_too_much(typed: str) -> None:
    terms = parse(typed)
    assert len(terms) <= MOST_TERMS
    assert sum(len(term.text) for term in terms) <= LONGEST_QUERY
    assert not any(term.is_beginning for term in terms[:-1])


def test_what_is_too_long_is_cut() -> None:
    assert len(parse("word " * 1000)) == MOST_TERMS
    assert parse("w" * 1000) == [Term("w" * LONGEST_QUERY, True)]
