"""What the admin chose in the panel."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from vlog.database.schema.base import Base
from vlog.database.types import now


class ChosenSetting(Base):
    """A setting with its value as JSON. `key` is `section.key`."""

    __tablename__ = "chosen_settings"

    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON, nullable=False)
    changed_at: Mapped[datetime] = mapped_column(default=now)


class SitePicture(Base):
    """A picture of the site itself, made anew from what was sent. `name`: logo. Pixels."""

    __tablename__ = "site_pictures"

    name: Mapped[str] = mapped_column(String(16), primary_key=True)
    media_type: Mapped[str] = mapped_column(String(32))
    width: Mapped[int]
    height: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    changed_at: Mapped[datetime] = mapped_column(default=now)
