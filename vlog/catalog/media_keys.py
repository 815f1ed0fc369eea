"""Keys in the addresses of picture and sound that only the players of this site may load.

They stand in the path, so that playlists lead to their segments without being written anew. All
who come within the same half day get the same one: caches keep a segment once for all of them.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.catalog import access, secrets
from vlog.catalog.embedding import rule_of
from vlog.database.engine import Database
from vlog.database.schema import Secret
from vlog.database.types import now

SECRET = "media keys"
# A key lives for one to two of these.
PERIOD_SECONDS = 12 * 3600

_KEY = re.compile(r"([1-9][0-9]{0,11})\.([A-Za-z0-9_-]{32})", re.ASCII)
_SIGNATURE_BYTES = 24


@dataclass(frozen=True)
class MediaAccess:
    """Leave to load the media of one video.

    `public`: it may lie in shared caches. `guarded`: picture and sound need a key, and the one
    that came opens them until `expires`, in seconds since 1970; 0 where none did.
    """

    public: bool
    guarded: bool = False
    expires: int = 0


async def access_to(
    session: AsyncSession, slug: str, share_key: str | None, key: str | None, site: Sequence[str]
) -> MediaAccess:
    """Leave to load a video's media, where `site` are the sites that may embed. Raises NotFound."""
    given = await access.of_slug(session, slug, share_key)
    if rule_of(given.embed_domains, site).open_to_all:
        return MediaAccess(given.public)
    secret = await _read(session)
    opened = secret is not None and is_valid(secret, given.video_id, key, now())
    return MediaAccess(given.public, True, _expiry_in(key) if opened else 0)


async def key_for(database: Database, video_id: int) -> str:
    """The key of this half day for one video."""
    async with database.read() as session:
        secret = await _read(session)
    if secret is None:
        secret = await database.write(
            lambda session: secrets.obtain(session, SECRET), name="make the secret of media keys"
        )
    return sign(secret, video_id, now())


def sign(secret: bytes, video_id: int, moment: datetime) -> str:
    """The key that is given out at a moment."""
    expires = (int(moment.timestamp()) // PERIOD_SECONDS + 2) * PERIOD_SECONDS
    return f"{expires}.{_signature(secret, video_id, expires)}"


def is_valid(secret: bytes, video_id: int, key: str | None, moment: datetime) -> bool:
    """Whether we gave a key out for this video, and its time is not over."""
    match = _KEY.fullmatch(key or "")
    if match is None:
        return False
    expires = int(match[1])
    right = _signature(secret, video_id, expires)
    return hmac.compare_digest(match[2], right) and expires > moment.timestamp()


def _expiry_in(key: str | None) -> int:
    return int((key or "0").partition(".")[0])


def _signature(secret: bytes, video_id: int, expires: int) -> str:
    digest = hmac.digest(secret, f"{video_id}.{expires}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest[:_SIGNATURE_BYTES]).decode()


async def _read(session: AsyncSession) -> bytes | None:
    return await session.scalar(select(Secret.value).where(Secret.name == SECRET))
