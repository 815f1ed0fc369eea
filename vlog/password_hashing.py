"""Argon2id (RFC 9106). One hash takes 64 MiB and about an eighth of a second of a core."""

from __future__ import annotations

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

_hasher = PasswordHasher()


def hash_password(password: str) -> str:
    """A new hash with a salt of its own."""
    return _hasher.hash(_bytes(password))


def is_password(password: str, hashed: str) -> bool:
    """Whether this is the password."""
    try:
        return _hasher.verify(hashed, _bytes(password))
    except (Argon2Error, InvalidHashError):
        return False


def needs_rehash(hashed: str) -> bool:
    """Whether a hash was made with weaker parameters than those of today."""
    return _hasher.check_needs_rehash(hashed)


def _bytes(password: str) -> bytes:
    """In the one form of what looks the same (NFC, RFC 8265 4.2.2)."""
    # Lone surrogates come from broken terminals; they must not be an error of ours.
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
