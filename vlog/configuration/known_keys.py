"""Every setting that there is, by section and name."""

from __future__ import annotations

from vlog.settings import Section, Settings


def keys() -> dict[str, tuple[str, str]]:
    """Every key as `section.key`, with its section and name."""
    return {
        f"{section}.{name}": (section, name)
        for section, model in sections().items()
        for name in model.model_fields
    }


def sections() -> dict[str, type[Section]]:
    """The model of each section."""
    found: dict[str, type[Section]] = {}
    for name, field in Settings.model_fields.items():
        assert isinstance(field.annotation, type)
        found[name] = field.annotation
    return found
