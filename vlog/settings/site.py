"""What the site calls itself, keeps and counts."""

from __future__ import annotations

import re

from pydantic import Field, field_validator

from vlog.settings.fields import Section

_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")


class SiteSettings(Section):
    title: str = Field("VLog", min_length=1, max_length=100, description="Name of the site")
    description: str = Field(
        "",
        max_length=500,
        description="What the site is about, for search engines, feeds and links that are shared",
    )
    accent: str = Field(
        "", description="Colour of links and buttons, such as #0b6b63; empty for VLog's own"
    )

    @field_validator("title")
    @classmethod
    def _in_one_line(cls, title: str) -> str:
        if not (words := " ".join(title.split())):
            raise ValueError("must not be empty")
        return words

    @field_validator("accent")
    @classmethod
    def _is_a_colour(cls, accent: str) -> str:
        if accent and not _COLOUR.fullmatch(accent):
            raise ValueError("must be a colour with six digits, such as #0b6b63, or empty")
        return accent.lower()


class LibrarySettings(Section):
    trash_days: int = Field(
        30,
        ge=0,
        le=3650,
        description="Days that deleted videos stay in the trash; 0 to delete them at once",
    )


class AnalyticsSettings(Section):
    enabled: bool = Field(True, description="Count what is watched")
    viewer_cookie: bool = Field(
        True, description="Tell viewers apart by an anonymous cookie; without it none are counted"
    )
    show_views: bool = Field(True, description="Show visitors how often a video was viewed")
    heatmap_viewers: int = Field(
        10,
        ge=0,
        le=1_000_000,
        description="Viewers a video needs before its most replayed parts are shown; 0 for never",
    )
    retention_days: int = Field(
        400,
        ge=1,
        le=36_500,
        description="Days that single viewings are kept; the sums stay for ever",
    )
