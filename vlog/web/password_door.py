"""The one place where a password is looked at, for the sign-in page and for programs alike."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import anyio
from anyio import to_thread
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.catalog import admin_sessions, passwords
from vlog.database.engine import Database
from vlog.database.faults import DatabaseUnavailable
from vlog.database.remembered import Remembered
from vlog.database.schema import Password
from vlog.errors import TooManyRequests, Unavailable
from vlog.logs import get_logger
from vlog.password_hashing import hash_password, is_password, needs_rehash
from vlog.web.rate_limit import RateLimit

log = get_logger(__name__)

T = TypeVar("T")

# Each takes 64 MiB and a core.
_HASHES_AT_ONCE = 2
_LONGEST_WAIT = 10.0
_TRIES, _TRIES_SECONDS = 10, 300.0
_TOO_OFTEN = "There were too many attempts from your address. Wait a minute and try again."


@dataclass(frozen=True)
class Proof:
    """Somebody knows the password that was set at this moment; None for the one in a file."""

    set_at: datetime | None


class PasswordDoor:
    """Compares passwords, slowly and not too often.

    A program that sends its password with every request is recognised again by a keyed hash that
    ends with the process, or each request would cost an eighth of a second.

    Args:
        fixed: the password from a file, in the place of the one in the database.
    """

    def __init__(self, database: Database, fixed: str | None) -> None:
        self.database = database
        self._fixed = fixed
        self._stored: Remembered[Password | None] = Remembered(database)
        self._tries = RateLimit(_TRIES, _TRIES_SECONDS)
        self._key = secrets.token_bytes(32)
        self._known: tuple[str, bytes] | None = None
        self._limiter = anyio.CapacityLimiter(_HASHES_AT_ONCE)

    @property
    def is_fixed(self) -> bool:
        """Whether the password is the one in a file, which cannot be changed here."""
        return self._fixed is not None

    async def is_set(self) -> bool:
        """Whether there is any password. Raises DatabaseUnavailable."""
        return self.is_fixed or await self._stored_password() is not None

    async def opens(self, password: str, network: str) -> Proof | None:
        """A proof, if this is the password.

        Raises:
            TooManyRequests: there were too many attempts from this network.
            Unavailable: too many others are at the door.
        """
        if not self._tries.would_allow(network):
            raise TooManyRequests(_TOO_OFTEN)
        stored = None if self.is_fixed else await self._stored_password()
        expected = stored.hash if stored else self._fixed
        proof = Proof(stored.changed_at if stored else None)
        if self._is_known(password, expected):
            return proof
        self._tries.allows(network)
        if expected is None or len(password) > passwords.LONGEST:
            return None
        if stored is None:
            right = hmac.compare_digest(self._keyed(password), self._keyed(expected))
        else:
            right = await self._in_thread(lambda: is_password(password, expected))
        if not right:
            return None
        self._known = (expected, self._keyed(password))
        if stored is not None and needs_rehash(expected):
            await self._rehash(password, expected)
        return proof

    async def note_file(self) -> None:
        """Sign every browser out if the password in the file is another than at the last start."""
        fixed = self._fixed
        async with self.database.read() as session:
            before = await passwords.hash_of_file(session)
        if fixed is None or before is None:
            same = fixed is before
        else:
            hashed: str = before
            same = await self._in_thread(lambda: is_password(fixed, hashed))
        if same:
            return
        after = None if fixed is None else await self.hash(fixed)

        async def work(session: AsyncSession) -> int:
            await passwords.store_of_file(session, after)
            return await admin_sessions.end_all(session)

        ended = await self.database.write(work, name="note the password file")
        if ended:
            log.info(
                "The password file is another one than at the last start: all are signed out.",
                action="password_file_changed",
                sessions=ended,
            )

    async def hash(self, password: str) -> str:
        """The hash of a new password. Raises Unavailable."""
        return await self._in_thread(lambda: hash_password(password))

    async def _stored_password(self) -> Password | None:
        async def ask() -> Password | None:
            async with self.database.read() as session:
                return await passwords.stored(session)

        return await self._stored.get("password", ask)

    def _is_known(self, password: str, expected: str | None) -> bool:
        if self._known is None or self._known[0] != expected:
            return False
        return hmac.compare_digest(self._known[1], self._keyed(password))

    def _keyed(self, password: str) -> bytes:
        return hashlib.blake2b(password.encode("utf-8", "surrogatepass"), key=self._key).digest()

    async def _rehash(self, password: str, old: str) -> None:
        try:
            new = await self.hash(password)
            await self.database.write(
                lambda session: passwords.rehash(session, old, new), name="rehash the password"
            )
        except (Unavailable, DatabaseUnavailable):
            # The next one who signs in does it.
            return
        log.info("The password is kept in a stronger way now.", action="password_rehashed")

    async def _in_thread(self, work: Callable[[], T]) -> T:
        try:
            with anyio.fail_after(_LONGEST_WAIT):
                return await to_thread.run_sync(work, limiter=self._limiter)
        except TimeoutError:
            raise Unavailable("Too many people sign in at once. Try again in a moment.") from None
