"""Tags of languages, and their names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vlog.languages import free_tag, is_tag, language_name, language_tag, primary


@pytest.mark.parametrize(
    ("code", "tag"),
    [
        *[
            ("eng", "en"),
            ("ger", "de"),
            ("deu", "de"),
            ("chi", "zh"),
            ("EN", "en"),
            ("pt_BR", "pt-BR"),
        ],
        *[("cmn", "cmn"), ("zh-Hant", "zh-Hant"), ("und", "und"), ("zxx", "und"), (None, "und")],
        *[("", "und"), ("../x", "und"), ("english", "und"), ("e", "und"), ("a" * 20, "und")],
    ],
)
def test_codes_of_containers_become_tags(code: str | None, tag: str) -> None:
    assert language_tag(code) == tag


@given(st.text(max_size=20))
def test_a_tag_can_always_be_part_of_a_name(code: str) -> None:
    tag = language_tag(code)
    assert is_tag(tag)
    assert language_name(tag)
    assert "/" not in tag


@pytest.mark.parametrize(
    ("code", "tag", "name"),
    [
        ("ger", "de", "German"),
        ("ENG", "en", "English"),
        ("en-us", "en-US", "English (US)"),
        ("por_BR", "pt-BR", "Portuguese (BR)"),
        ("zh-Hant", "zh-Hant", "Chinese (Hant)"),
        ("gd", "gd", "Scottish Gaelic"),
        ("yue", "yue", "Cantonese"),
    ],
)
def test_a_code_has_a_tag_and_a_name(code: str, tag: str, name: str) -> None:
    assert (language_tag(code), language_name(language_tag(code))) == (tag, name)


def test_names() -> None:
    assert language_name("en") == "English"
    assert language_name("en-x-sdh") == "English"
    assert language_name("pt-BR") == "Portuguese (BR)"
    assert language_name("und") == "Unknown language"
    assert language_name("qqq") == "qqq"
    assert primary("zh-Hant") == "zh"


def test_a_second_transcript_of_a_language_gets_a_tag_of_its_own() -> None:
    taken: list[str] = []
    for kind in ("", "", "sdh", "sdh", "forced"):
        taken.append(free_tag("en", kind, taken))
    assert taken == ["en", "en-x-2", "en-x-sdh", "en-x-sdh2", "en-x-forced"]
    assert free_tag("zh-Hant", "forced", ["zh-Hant-x-forced"]) == "zh-x-2"
    assert all(is_tag(tag) for tag in taken)
