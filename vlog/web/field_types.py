"""What people say of a video, as several models take it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

Title = Annotated[str, Field(max_length=255)]
Description = Annotated[str, Field(max_length=20_000)]
SpokenLanguage = Annotated[
    str, Field(max_length=16, description="What is spoken, such as en; empty to find it out")
]
KeepOriginal = Annotated[
    bool, Field(description="Keep the original file; left out or null, the settings decide")
]
