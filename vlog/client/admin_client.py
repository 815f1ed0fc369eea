"""What the command line asks of a running VLog: the admin API over HTTP."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx

from vlog.client.tus_client import Cut, OnProgress, TusClient
from vlog.client.upload_memory import UploadMemory
from vlog.errors import ConfigurationError, NoAnswer, VLogError

# The answer to an upload comes after the file has been made durable and looked at.
ANSWER_SECONDS = 300.0
_CONNECT_SECONDS = 5.0
_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


Parameters = Mapping[str, str | int]


class ServerRefused(VLogError):
    """VLog refused the request."""

    code = "refused"


class AdminClient:
    """A context around one connection to the admin API.

    With a `certificate` the server must have just this one, whatever name it is for: on its own
    machine VLog is asked by its address.
    """

    def __init__(
        self,
        url: str,
        auth: httpx.Auth | None,
        answer_seconds: float = ANSWER_SECONDS,
        certificate: Path | None = None,
    ) -> None:
        self.url = url
        connect_seconds = min(_CONNECT_SECONDS, answer_seconds)
        self._http = httpx.Client(
            base_url=url,
            auth=auth,
            timeout=httpx.Timeout(answer_seconds, connect=connect_seconds),
            verify=_trust(url, certificate),
        )

    def __enter__(self) -> AdminClient:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    def upload(
        self,
        path: Path,
        details: dict[str, Any],
        on_progress: OnProgress,
        memory: UploadMemory | None = None,
    ) -> dict[str, Any]:
        """Send one file, never whole in memory. `on_progress` is told how many bytes are there.

        What a cut or a stop left is continued, also when the same file is sent again later.

        Raises:
            ServerRefused: with the server's own sentence.
        """
        sender = TusClient(self._http, memory or UploadMemory(), refusal)
        try:
            return sender.send(path, details, on_progress)
        except Cut as error:
            if isinstance(error.__cause__, httpx.ConnectError):
                raise self._unanswered() from error
            raise

    def videos(self, wishes: Parameters | None = None) -> Iterator[dict[str, Any]]:
        """Every video that the wishes leave, page after page; the newest first unless they say."""
        parameters: dict[str, str | int] = {"limit": 100, **(wishes or {})}
        while True:
            page = self.page(parameters)
            yield from page["videos"]
            if page["next_cursor"] is None:
                return
            parameters["cursor"] = page["next_cursor"]

    def page(self, parameters: Parameters) -> dict[str, Any]:
        """One page of videos, as `GET /api/videos` takes its parameters."""
        return self._ask("GET", "/api/videos", params=parameters)

    def video(self, video_id: int) -> dict[str, Any]:
        """One video."""
        return self._ask("GET", f"/api/videos/{video_id}")

    def change(self, video_id: int, changes: dict[str, Any]) -> dict[str, Any]:
        """Change what people read of a video, or who sees it."""
        return self._ask("PUT", f"/api/videos/{video_id}", json=changes)

    def delete(self, video_id: int) -> None:
        """Put a video into the trash, or remove it for ever where the server keeps no trash."""
        self._send("DELETE", f"/api/videos/{video_id}")

    def is_in_trash(self, video_id: int) -> bool:
        """Whether a video that was deleted a moment ago can be brought back."""
        newest = self._ask("GET", "/api/trash", params={"limit": 100})["videos"]
        return any(one["id"] == video_id for one in newest)

    def import_file(self, wish: dict[str, Any]) -> dict[str, Any]:
        """Import a file of the server's machine, as long as that may take."""
        timeout = httpx.Timeout(None, connect=_CONNECT_SECONDS)
        return self._ask("POST", "/api/imports", json=wish, timeout=timeout)

    def imports(self) -> dict[str, Any]:
        """What is being imported now, and out of which folders files may come."""
        return self._ask("GET", "/api/imports")

    def retry(self, video_id: int) -> dict[str, Any]:
        """Try a failed video again."""
        return self._ask("POST", f"/api/videos/{video_id}/retry")

    def work(self) -> dict[str, Any]:
        """All work that is not done."""
        return self._ask("GET", "/api/work")

    def pause_work(self) -> dict[str, Any]:
        """Begin nothing new. Raises ServerRefused."""
        return self._ask("POST", "/api/work/pause")

    def resume_work(self) -> dict[str, Any]:
        """Let work go on. Raises ServerRefused."""
        return self._ask("POST", "/api/work/resume")

    def encode_anew(self, video_id: int, wishes: dict[str, Any]) -> dict[str, Any]:
        """Encode a ready video anew."""
        return self._ask("POST", f"/api/videos/{video_id}/retranscode", json=wishes)

    def discard_revision(self, video_id: int) -> dict[str, Any]:
        """Give up what is being encoded anew."""
        return self._ask("DELETE", f"/api/videos/{video_id}/retranscode")

    def build_rung(self, video_id: int, name: str, wishes: dict[str, Any]) -> dict[str, Any]:
        """Make one rung, or make it anew."""
        return self._ask("POST", f"/api/videos/{video_id}/qualities/{name}", json=wishes)

    def drop_rung(self, video_id: int, name: str) -> dict[str, Any]:
        """Stop serving one rung."""
        return self._ask("DELETE", f"/api/videos/{video_id}/qualities/{name}")

    def captions(self, video_id: int) -> list[dict[str, Any]]:
        """All captions of a video."""
        found: list[dict[str, Any]] = self._ask("GET", f"/api/videos/{video_id}/transcripts")[
            "transcripts"
        ]
        return found

    def transcript(self, video_id: int, language: str | None) -> dict[str, Any]:
        """Captions with their text and cues. Without a language, the default ones."""
        parameters = {"language": language} if language else {}
        return self._ask("GET", f"/api/videos/{video_id}/transcript", params=parameters)

    def caption_file(self, video_id: int, language: str | None, kind: str) -> bytes:
        """Captions as a file: `vtt`, `srt` or `txt`. Without a language, the default ones."""
        slug = self.video(video_id)["slug"]
        name = f"captions-{language}" if language else "captions"
        return self._send("GET", f"/videos/{slug}/{name}.{kind}").content

    def put_captions(
        self, video_id: int, content: bytes, language: str, name: str
    ) -> dict[str, Any]:
        """Send a file with captions, in the place of those of its language."""
        parameters = {"language": language, "name": name}
        path = f"/api/videos/{video_id}/transcripts"
        return self._ask("POST", path, params=parameters, content=content)

    def remove_captions(self, video_id: int, language: str) -> None:
        """Remove the captions of one language."""
        path = f"/api/videos/{video_id}/transcript"
        self._send("DELETE", path, params={"language": language})

    def transcribe(self, video_id: int, language: str | None) -> dict[str, Any]:
        """Have a video transcribed."""
        return self._ask("POST", f"/api/videos/{video_id}/transcribe", json={"language": language})

    def cancel_transcription(self, video_id: int) -> dict[str, Any]:
        """Give up the transcription of a video."""
        return self._ask("DELETE", f"/api/videos/{video_id}/transcribe")

    def categories(self) -> list[dict[str, Any]]:
        """Every category."""
        found: list[dict[str, Any]] = self._ask("GET", "/api/categories")["categories"]
        return found

    def category(self, name: str) -> dict[str, Any]:
        """A category by its name or slug. Raises ServerRefused."""
        for category in self.categories():
            if name.casefold() in (category["name"].casefold(), category["slug"]):
                return category
        raise ServerRefused(
            f"There is no category “{name}”. Add it with `vlog categories add` first."
        )

    def category_id(self, name: str) -> int:
        """The number of a category by its name or slug. Raises ServerRefused."""
        return int(self.category(name)["id"])

    def add_category(self, name: str, description: str = "") -> dict[str, Any]:
        """Add a category."""
        return self._ask("POST", "/api/categories", json={"name": name, "description": description})

    def remove_category(self, category_id: int) -> None:
        """Remove a category; its videos stay."""
        self._send("DELETE", f"/api/categories/{category_id}")

    def tags(self) -> list[dict[str, Any]]:
        """Every tag that a video has."""
        found: list[dict[str, Any]] = self._ask("GET", "/api/tags")["tags"]
        return found

    def tag(self, name: str) -> dict[str, Any]:
        """A tag by its name or slug. Raises ServerRefused."""
        for tag in self.tags():
            if name.casefold() in (tag["name"].casefold(), tag["slug"]):
                return tag
        raise ServerRefused(f"No video has the tag “{name}”.")

    def tokens(self) -> list[dict[str, Any]]:
        """Every API token that was not revoked."""
        found: list[dict[str, Any]] = self._ask("GET", "/api/tokens")["tokens"]
        return found

    def make_token(
        self, name: str, scopes: list[str], expires_at: datetime | None
    ) -> dict[str, Any]:
        """Make an API token; its text is in the answer, this once."""
        end = expires_at.isoformat() if expires_at else None
        wish = {"name": name, "scopes": scopes, "expires_at": end}
        return self._ask("POST", "/api/tokens", json=wish)

    def revoke_token(self, token_id: int) -> None:
        """End an API token."""
        self._send("DELETE", f"/api/tokens/{token_id}")

    def _ask(self, method: str, path: str, **arguments: Any) -> dict[str, Any]:
        found: dict[str, Any] = self._send(method, path, **arguments).json()
        return found

    def _send(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        try:
            answer = self._http.request(method, path, **arguments)
        except httpx.ConnectError as error:
            raise self._unanswered() from error
        except httpx.TransportError as error:
            raise ServerRefused(
                f"The connection to {self.url} broke: {error}. Try again."
            ) from error
        if answer.is_success:
            return answer
        raise refusal(answer)

    def _unanswered(self) -> NoAnswer:
        return NoAnswer(f"VLog does not answer at {self.url}. Is `vlog serve` running?")


def _trust(url: str, certificate: Path | None) -> ssl.SSLContext | bool:
    if certificate is None:
        # Reading all authorities takes longer than a command without them.
        return url.lower().startswith("https:")
    try:
        # The first one in the file is the server's own; others sign for whoever pays them.
        found = _CERTIFICATE.search(certificate.read_text(encoding="ascii", errors="replace"))
        if found is None:
            raise OSError(f"no certificate in {certificate}")
        context = ssl.create_default_context(cadata=found.group())
    except OSError as error:
        raise ConfigurationError(
            f"The certificate {certificate} cannot be read. Name the panel with --url instead."
        ) from error
    context.check_hostname = False
    # Who issued it need not be known: the certificate itself is.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


def refusal(answer: httpx.Response) -> ServerRefused:
    """An answer that is no success, in the words of the server."""
    return ServerRefused(_detail(answer))


def _detail(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return f"The server answered with {answer.status_code}."
