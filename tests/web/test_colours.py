"""Whatever colour is wished for, it can be read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vlog.web import colours
from vlog.web.colours import LEAST_CONTRAST, accents, contrast, least_contrast

THEME = Path(__file__).parents[2] / "static" / "shared" / "css" / "theme.css"


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@settings(max_examples=60)
@given(st.integers(0, 0xFFFFFF))
def test_every_accent_has_contrast_in_both_schemes(number: int) -> None:
    found = accents(f"#{number:06x}")
    assert min(least_contrast(found)) >= LEAST_CONTRAST
    for one in (found.light, found.dark):
        assert contrast(one.ink, one.colour) >= LEAST_CONTRAST
        assert contrast(one.ink, one.strong) >= LEAST_CONTRAST
        assert contrast(one.strong, one.soft) >= LEAST_CONTRAST


def test_a_colour_that_can_be_read_stays_as_it_is() -> None:
    assert accents("#0b6b63").light.colour == "#0b6b63"
    assert accents("#62d2c4").dark.colour == "#62d2c4"


def test_the_grounds_are_those_of_the_style_sheet() -> None:
    light, dark = THEME.read_text().split("prefers-color-scheme: dark", 1)
    for text, grounds in ((light, colours._LIGHT_GROUNDS), (dark, colours._DARK_GROUNDS)):
        named = dict(re.findall(r"--(canvas|surface|sunken): (#[0-9a-f]{6});", text))
        assert set(grounds) == {named["canvas"], named["surface"], named["sunken"]}
