"""Settings together with where each of them comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from vlog.settings import Settings


@dataclass(frozen=True)
class Origin:
    """Where a value comes from, and the name of the file or the variable."""

    kind: Literal["default", "file", "environment", "command line", "panel"] = "default"
    name: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.name}".strip()


DEFAULT = Origin()


@dataclass(frozen=True)
class Configuration:
    """The settings, and for each key as `section.key` that is set where its value comes from."""

    settings: Settings
    file: Path | None
    origins: Mapping[str, Origin]

    @property
    def folder(self) -> Path:
        """Where relative paths count from."""
        return self.file.parent if self.file else Path.cwd()
