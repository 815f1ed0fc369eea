"""One message over HTTP: to the address that was looked at, within a time, and no further.

httpx is there for the command line already. It is told the address instead of the name; the name
goes into the `Host` header and into TLS, which checks the certificate against it. Proxies of the
environment are left out, for they would resolve the name once more, and redirects are not followed.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from functools import cache

import httpx

from vlog.webhooks.addresses import Target
from vlog.webhooks.answers import Answer, NoAnswer

ANSWER_BYTES = 1024
_MOST_ADDRESSES = 3


async def post(
    target: Target, headers: dict[str, str], payload: bytes, *, limit_seconds: float
) -> Answer:
    """Send one message. Raises NoAnswer."""
    began = time.monotonic()
    try:
        async with asyncio.timeout(limit_seconds):
            return await _post(target, headers, payload, began)
    except TimeoutError as error:
        raise NoAnswer(f"There was no answer within {limit_seconds:g} s.") from error
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, OSError) as error:
        raise NoAnswer(_reason(error)) from error


async def _post(target: Target, headers: dict[str, str], payload: bytes, began: float) -> Answer:
    trusted = await asyncio.to_thread(_trusted)
    async with httpx.AsyncClient(
        verify=trusted, trust_env=False, follow_redirects=False, timeout=None
    ) as client:
        last: httpx.HTTPError | None = None
        for address in target.addresses[:_MOST_ADDRESSES]:
            request = client.build_request(
                "POST",
                target.pinned(address),
                headers={**headers, "host": target.host_header},
                content=payload,
                extensions={"sni_hostname": target.host},
            )
            try:
                response = await client.send(request, stream=True)
            except httpx.ConnectError as error:
                last = error
                continue
            try:
                return await _read(response, began)
            finally:
                await response.aclose()
        assert last is not None
        raise last


@cache
def _trusted() -> ssl.SSLContext:
    # Reading all the certificates takes a while.
    return httpx.create_ssl_context(trust_env=False)


async def _read(response: httpx.Response, began: float) -> Answer:
    body = bytearray()
    # Raw: a small answer may unpack into a large one.
    async for chunk in response.aiter_raw(ANSWER_BYTES):
        body += chunk
        if len(body) >= ANSWER_BYTES:
            break
    return Answer(
        status=response.status_code,
        body=bytes(body[:ANSWER_BYTES]).decode("utf-8", "replace").replace("\x00", "�"),
        latency=round(time.monotonic() - began, 3),
        retry_after=_seconds(response.headers.get("retry-after")),
    )


def _seconds(text: str | None) -> float | None:
    return float(text) if text is not None and text.isascii() and text.isdigit() else None


def _reason(error: Exception) -> str:
    if isinstance(error, httpx.ConnectError):
        return f"No connection could be made: {error}." if str(error) else "No connection."
    return f"The connection broke off: {str(error) or type(error).__name__}."
