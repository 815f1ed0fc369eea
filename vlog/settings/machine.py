"""Where on this machine VLog keeps its files, and what it logs."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from vlog.settings.fields import Section


class StorageSettings(Section):
    path: Path = Field(
        Path("data"), description="Folder for videos and uploads; may be a network mount"
    )


class DatabaseSettings(Section):
    path: Path = Field(Path("data"), description="Folder for vlog.db; must be on a local disk")
    url: str = Field(
        "", description="Another SQLite file as an address; empty for vlog.db in `path`"
    )


class LoggingSettings(Section):
    level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least important level that is logged"
    )
    format: Literal["text", "json"] = Field(
        "text", description="text for people, json for programs"
    )
    access: bool = Field(False, description="Log every request that was answered")
    slow_query_seconds: float = Field(
        1.0,
        ge=0,
        le=86_400,
        description="Log statements to the database that take longer; 0 for none",
    )
