"""What the models have in common."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field


class Out(BaseModel):
    """Something VLog answers."""

    model_config = ConfigDict(frozen=True)


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("is not a moment of this calendar in UTC") from error


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]


# SQLite's integers end there.
RowId = Annotated[int, Field(ge=0, le=2**63 - 1)]


def split_at_commas(value: object) -> object:
    return [slug for slug in value.split(",") if slug] if isinstance(value, str) else value
