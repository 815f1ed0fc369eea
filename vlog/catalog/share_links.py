"""Links to a video that nobody else may see: signed, expiring, and revocable one by one."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.catalog import secrets
from vlog.catalog.visibility import is_listed
from vlog.database.schema import Secret, ShareLink, Video
from vlog.database.types import now
from vlog.errors import Invalid, NotFound

SECRET = "share links"
USUAL_LIFE = timedelta(days=7)
LONGEST_LIFE = timedelta(days=366)

_KEY = re.compile(r"([1-9][0-9]{0,17})\.([1-9][0-9]{0,11})\.([A-Za-z0-9_-]{32})", re.ASCII)
_SIGNATURE_BYTES = 24


@dataclass(frozen=True)
class Key:
    """What a key says; nothing of it is true before `is_signed` says so. `expires` in seconds."""

    link_id: int
    expires: int
    signature: str

    @property
    def text(self) -> str:
        """As it stands in an address."""
        return f"{self.link_id}.{self.expires}.{self.signature}"

    def is_signed(self, secret: bytes, video_id: int) -> bool:
        """Whether we gave it out for this video, and its time is not over."""
        right = _signature(secret, video_id, self.link_id, self.expires)
        return hmac.compare_digest(self.signature, right) and self.expires > now().timestamp()


@dataclass(frozen=True)
class SharedLink:
    """A link with the key that opens the video."""

    link: ShareLink
    key: Key


def parse(text: str | None) -> Key | None:
    """Read a key; None for what is none."""
    match = _KEY.fullmatch(text or "")
    return Key(int(match[1]), int(match[2]), match[3]) if match else None


def sign(secret: bytes, video_id: int, link_id: int, expires_at: datetime) -> Key:
    """The key of one link."""
    expires = int(expires_at.timestamp())
    return Key(link_id, expires, _signature(secret, video_id, link_id, expires))


def _signature(secret: bytes, video_id: int, link_id: int, expires: int) -> str:
    words = f"{video_id}.{link_id}.{expires}".encode()
    digest = hmac.digest(secret, words, hashlib.sha256)[:_SIGNATURE_BYTES]
    return base64.urlsafe_b64encode(digest).decode()


async def make(
    session: AsyncSession, video_id: int, expires_at: datetime | None, note: str
) -> SharedLink:
    """Make a link. Without `expires_at` it lives for a week. Raises NotFound, Invalid."""
    await _require(session, video_id)
    moment = now()
    until = (expires_at or moment + USUAL_LIFE).astimezone(UTC).replace(microsecond=0)
    if until <= moment or until > moment + LONGEST_LIFE:
        raise Invalid("`expires_at` must be a time in the future, at most a year from now.")
    link = ShareLink(video_id=video_id, expires_at=until, note=" ".join(note.split()))
    session.add(link)
    await session.flush()
    return SharedLink(link, sign(await secrets.obtain(session, SECRET), video_id, link.id, until))


async def of_video(session: AsyncSession, video_id: int) -> list[SharedLink]:
    """Every link to a video that was not revoked, the newest first. Raises NotFound."""
    await _require(session, video_id)
    links = list(
        await session.scalars(
            select(ShareLink).where(ShareLink.video_id == video_id).order_by(ShareLink.id.desc())
        )
    )
    if not links:
        return []
    secret = (await session.get_one(Secret, SECRET)).value
    return [SharedLink(link, sign(secret, video_id, link.id, link.expires_at)) for link in links]


async def opens(session: AsyncSession, video_id: int, key: str | None) -> bool:
    """Whether a key is that of a link to this video which was not revoked and goes on."""
    claim = parse(key)
    link = await session.get(ShareLink, claim.link_id) if claim else None
    secret = await session.get(Secret, SECRET)
    if claim is None or link is None or secret is None or link.video_id != video_id:
        return False
    return claim.is_signed(secret.value, video_id)


async def revoke(session: AsyncSession, video_id: int, link_id: int) -> None:
    """From here on the link opens nothing. Raises NotFound."""
    link = await session.get(ShareLink, link_id)
    if link is None or link.video_id != video_id:
        raise NotFound("There is no such link. It may have been revoked already.")
    await session.delete(link)


async def _require(session: AsyncSession, video_id: int) -> None:
    found = select(Video.id).where(Video.id == video_id, is_listed())
    if await session.scalar(found) is None:
        raise NotFound("There is no such video. It may have been removed.")
