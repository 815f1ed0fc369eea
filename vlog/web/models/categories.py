"""Categories, with how many videos they have."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from vlog.web.models.base import Out
from vlog.web.models.videos import VideoOut


class CategoryOut(Out):
    """A category and how many videos are in it."""

    id: int
    name: str
    slug: str
    description: str
    video_count: int
    created_at: datetime


class CategoryList(Out):
    """Every category."""

    categories: list[CategoryOut]


class CategoryDetail(CategoryOut):
    """A category with its newest videos."""

    videos: list[VideoOut]


class NewCategory(BaseModel):
    """A category to add."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=100)
    description: str = Field("", max_length=2000)
