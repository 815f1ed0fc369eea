"""Signatures as Standard Webhooks 1.0 defines them, so that receivers find a library for them."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence

from vlog.catalog.webhooks import SECRET_PREFIX


def signed_headers(
    message_id: str, timestamp: int, payload: bytes, secrets: Sequence[str]
) -> dict[str, str]:
    """The three headers of a message. `timestamp` in whole seconds since 1970 (UTC).

    HMAC-SHA256 over `id.timestamp.payload`, once for each secret: while a secret is changed, both
    count.
    """
    content = f"{message_id}.{timestamp}.".encode() + payload
    signatures = [_signature(secret, content) for secret in secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
    }


def _signature(secret: str, content: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    return "v1," + base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
