"""Sending a file piece by piece (tus 1.0.0): after a cut, or when run again, it goes on."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx

from vlog.client.upload_memory import UploadMemory
from vlog.errors import VLogError

_READ_BYTES = 1024 * 1024
# A cut, or a proxy with a limit, costs at most one part.
PART_BYTES = 64 * 1024 * 1024
_VERSION = {"tus-resumable": "1.0.0"}
# Pauses in seconds between attempts that got nowhere.
PAUSES = (1.0, 2.0, 4.0, 8.0, 15.0)
# Too much at once, somebody else at work, or the server's own trouble: it may pass by itself.
_PASSING = (409, 423, 429, 500, 502, 503, 504)

OnProgress = Callable[[int], None]


class Cut(VLogError):
    """The connection broke."""


class TusClient:
    """Sends files over one HTTP client, and remembers where it was."""

    def __init__(
        self,
        http: httpx.Client,
        memory: UploadMemory,
        refusal: Callable[[httpx.Response], VLogError],
        *,
        pauses: tuple[float, ...] = PAUSES,
        part_bytes: int = PART_BYTES,
    ) -> None:
        self._http = http
        self._memory = memory
        self._refusal = refusal
        self._pauses = pauses
        self._part_bytes = part_bytes

    def send(self, path: Path, details: dict[str, Any], on_progress: OnProgress) -> dict[str, Any]:
        """Send one file and return its video.

        Args:
            path: the file; never whole in memory.
            details: what `PUT /api/uploads/{id}` takes.
            on_progress: told how many bytes are there.

        Raises:
            Cut: the connection broke again and again; what arrived is kept.
            VLogError: what `refusal` makes of an answer that is no success.
        """
        key = self._memory.key(str(self._http.base_url), path)
        failures, reached = 0, -1
        while True:
            try:
                url, offset, video_id = self._begin(key, path, details)
                if offset > reached:
                    failures, reached = 0, offset
                on_progress(offset)
                if video_id is None:
                    video_id = self._send_from(url, path, offset, on_progress)
                answer = self._http.get(f"/api/videos/{video_id}")
                if answer.status_code in _PASSING:
                    raise _Passing(answer)
            except (httpx.TransportError, _Passing) as error:
                if failures == len(self._pauses) or (reached < 0 and _never_met(error)):
                    raise _cut(error) from error
                time.sleep(self._pauses[failures])
                failures += 1
                continue
            # Not before the person is told what became of it, or the file would come in twice when
            # the command is run again.
            self._memory.forget(key)
            video: dict[str, Any] = self._answered(answer).json()
            return video

    def _begin(self, key: str, path: Path, details: dict[str, Any]) -> tuple[str, int, int | None]:
        """The upload that goes on, or a new one, how far it is, and its video if it is whole."""
        url = self._memory.url(key)
        if url is not None:
            answer = self._http.head(url, headers=_VERSION)
            if answer.is_success:
                self._describe(url, details)
                return url, int(answer.headers["upload-offset"]), _video_id(answer)
            if answer.status_code in _PASSING:
                raise self._passing(answer)
            self._memory.forget(key)
        name = base64.b64encode(path.name.encode("utf-8", "replace")).decode()
        headers = {
            **_VERSION,
            "upload-length": str(path.stat().st_size),
            "upload-metadata": f"filename {name}",
        }
        url = self._answered(self._http.post("/api/uploads", headers=headers)).headers["location"]
        try:
            self._describe(url, details)
        except VLogError:
            self._http.delete(url, headers=_VERSION)
            raise
        self._memory.remember(key, url)
        return url, 0, None

    def _describe(self, url: str, details: dict[str, Any]) -> None:
        if details:
            self._answered(self._http.put(url, json=details))

    def _send_from(self, url: str, path: Path, offset: int, on_progress: OnProgress) -> int:
        length = path.stat().st_size
        while True:
            end = min(length, offset + self._part_bytes)
            headers = {
                **_VERSION,
                "content-type": "application/offset+octet-stream",
                "content-length": str(end - offset),
                "upload-offset": str(offset),
            }
            body = _body(path, offset, end, on_progress)
            answer = self._answered(self._http.patch(url, content=body, headers=headers))
            offset = int(answer.headers["upload-offset"])
            if (video_id := _video_id(answer)) is not None:
                return video_id

    def _answered(self, answer: httpx.Response) -> httpx.Response:
        if answer.is_success:
            return answer
        if answer.status_code in _PASSING:
            raise self._passing(answer)
        raise self._refusal(answer)

    def _passing(self, answer: httpx.Response) -> _Passing:
        return _Passing(self._refusal(answer).detail)


class _Passing(Exception):
    """An answer that may be another one in a moment."""


def _video_id(answer: httpx.Response) -> int | None:
    found = answer.headers.get("vlog-video-id")
    return None if found is None else int(found)


def _never_met(error: Exception) -> bool:
    return isinstance(error, httpx.ConnectError)


def _cut(error: Exception) -> Cut:
    reason = str(error).rstrip(".")
    return Cut(
        f"The upload was cut off: {reason}. What arrived is kept; run the same command again, and "
        "it goes on from there."
    )


def _body(path: Path, start: int, end: int, on_progress: OnProgress) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        while start < end and (chunk := file.read(min(_READ_BYTES, end - start))):
            yield chunk
            start += len(chunk)
            on_progress(start)
