"""Codes of languages, their tags and their names."""

from __future__ import annotations

import pytest

from vlog.languages import language_name, language_tag


@pytest.mark.parametrize(
    ("code", "tag", "name"),
    [
        ("deu", "de", "German"),
        ("ger", "de", "German"),
        ("de", "de", "German"),
        ("ENG", "en", "English"),
        ("en-us", "en-US", "English (US)"),
        ("por_BR", "pt-BR", "Portuguese (BR)"),
        ("zh-Hant", "zh-Hant", "Chinese (Hant)"),
        ("gd", "gd", "Scottish Gaelic"),
        ("yue", "yue", "Cantonese"),
        ("qaa", "qaa", "qaa"),
    ],
)
def test_a_code_has_a_tag_and_a_name(code: str, tag: str, name: str) -> None:
    assert (language_tag(code), language_name(code)) == (tag, name)
