"""Random tokens that mean nothing by themselves. Only their hashes are ever stored."""

from __future__ import annotations

import hashlib
import secrets

# 256 bits: nobody finds one by trying, so a plain hash without salt is enough.
_BYTES = 32


def new_token(prefix: str = "") -> str:
    """A token that nobody can guess, in characters that need no escaping anywhere."""
    return prefix + secrets.token_urlsafe(_BYTES)


def digest_of(token: str) -> str:
    """The SHA-256 of a token, in hexadecimal."""
    return hashlib.sha256(token.encode()).hexdigest()
