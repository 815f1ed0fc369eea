"""Bytes as people read them."""

from __future__ import annotations

_UNITS = ("KB", "MB", "GB", "TB")


def readable_size(count: int) -> str:
    """2811553 -> 2.8 MB."""
    if count < 1000:
        return f"{count} B"
    value = float(count)
    for unit in _UNITS:
        value /= 1000
        if value < 999.5 or unit == _UNITS[-1]:
            break
    return f"{value:.0f} {unit}" if value >= 100 else f"{value:.1f} {unit}"
