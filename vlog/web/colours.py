"""The accent colour in both schemes, so that it can be read wherever it stands.

Contrast is what WCAG 2.2 defines: 4.5 for text (1.4.3), which covers the 3 of controls (1.4.11).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

LEAST_CONTRAST = 4.5
# Colours on which the accent stands, and surface, in `static/shared/css/theme.css`.
_LIGHT_GROUNDS, _LIGHT_SURFACE = ("#f6f8f7", "#ffffff", "#e9edec"), "#ffffff"
_DARK_GROUNDS, _DARK_SURFACE = ("#0d1112", "#151b1c", "#1e2627"), "#151b1c"
_BLACK, _WHITE = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)
_STEPS = 100

Rgb = tuple[float, float, float]


@dataclass(frozen=True)
class Accent:
    """The accent and what goes with it in one scheme; `ink` is written on it."""

    colour: str
    strong: str
    soft: str
    ink: str


@dataclass(frozen=True)
class Accents:
    """One wish, in both schemes."""

    light: Accent
    dark: Accent


@lru_cache(maxsize=256)
def accents(wish: str) -> Accents:
    """The nearest colours to `#rrggbb` that have enough contrast in each scheme."""
    colour = _parsed(wish)
    return Accents(
        light=_fitted(colour, _LIGHT_GROUNDS, _LIGHT_SURFACE, towards=_BLACK),
        dark=_fitted(colour, _DARK_GROUNDS, _DARK_SURFACE, towards=_WHITE),
    )


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, from 1 to 21."""
    return _ratio(_parsed(one), _parsed(other))


def least_contrast(found: Accents) -> tuple[float, float]:
    """The least contrast that an accent has with what it stands on, in light and in dark."""
    return (
        min(contrast(found.light.colour, one) for one in (*_LIGHT_GROUNDS, found.light.soft)),
        min(contrast(found.dark.colour, one) for one in (*_DARK_GROUNDS, found.dark.soft)),
    )


def _fitted(wish: Rgb, grounds: tuple[str, ...], surface: str, *, towards: Rgb) -> Accent:
    for step in range(_STEPS + 1):
        colour = _mixed(wish, towards, step / _STEPS)
        soft = _mixed(_parsed(surface), colour, 0.14)
        if all(_ratio(colour, _parsed(ground)) >= LEAST_CONTRAST for ground in grounds) and (
            _ratio(colour, soft) >= LEAST_CONTRAST
        ):
            break
    else:
        raise AssertionError("black and white have contrast with every ground")
    ink = max((_mixed(colour, _BLACK, 0.88), _WHITE), key=lambda ink: _ratio(colour, ink))
    strong = _mixed(colour, towards, 0.25)
    return Accent(_written(colour), _written(strong), _written(soft), _written(ink))


def _parsed(colour: str) -> Rgb:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _written(colour: Rgb) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in colour)


def _mixed(one: Rgb, other: Rgb, share: float) -> Rgb:
    red, green, blue = (a + (b - a) * share for a, b in zip(one, other, strict=True))
    # As it will be written, or rounding could take the last bit of contrast away.
    return _parsed(_written((red, green, blue)))


def _ratio(one: Rgb, other: Rgb) -> float:
    first, second = sorted((_luminance(one), _luminance(other)))
    return (second + 0.05) / (first + 0.05)


def _luminance(colour: Rgb) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
