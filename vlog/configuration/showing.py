"""A configuration as programs and people read it."""

from __future__ import annotations

from typing import Any

from vlog.configuration.known_keys import sections
from vlog.configuration.origins import DEFAULT, Configuration


def as_data(configuration: Configuration) -> dict[str, Any]:
    """Every setting with its value and where it comes from, for programs."""
    values = configuration.settings.model_dump(mode="json")
    return {
        "file": None if configuration.file is None else str(configuration.file),
        "settings": {
            section: {
                name: {
                    "value": value,
                    "origin": str(configuration.origins.get(f"{section}.{name}", DEFAULT)),
                }
                for name, value in named.items()
            }
            for section, named in values.items()
        },
    }


def show(configuration: Configuration) -> str:
    """Every setting with its value and where it comes from, as TOML."""
    lines = [f"# Configuration file: {configuration.file or 'none'}"]
    for section in sections():
        lines += ["", f"[{section}]"]
        values = getattr(configuration.settings, section)
        for name in type(values).model_fields:
            origin = configuration.origins.get(f"{section}.{name}", DEFAULT)
            lines.append(f"{name} = {_toml(getattr(values, name))}  # {origin}")
    return "\n".join(lines)


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, tuple):
        return f"[{', '.join(_toml(item) for item in value)}]"
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
