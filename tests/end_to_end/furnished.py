"""A server with something to see on every page, and words that are hard to lay out."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.catalog.viewings import Cinema, add_video
from tests.end_to_end.server import ForkedServer, Server, wait_for
from vlog.database.engine import Database
from vlog.database.types import now

LONG_WORD = "Donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauunterbeamtengesellschaft"
HEBREW, ARABIC = "הנמל לפני עלות השחר", "السوق في الصباح"
LINES = {"en": "The first boats leave.", "he": "הסירות הראשונות יוצאות אל הים."}
DESCRIPTION = f"""0:00 {HEBREW}
0:04 Boats

The gull is at 0:03. {LONG_WORD}{LONG_WORD}
https://example.org/{"a-long-address-" * 12}"""


@dataclass(frozen=True)
class Furnished:
    """A server, the video that can be watched in it, and where the routes with parameters lead."""

    server: Server
    slug: str
    places: dict[str, str]


@contextmanager
def furnished_server(folder: Path, clip: Path) -> Iterator[Furnished]:
    """Start it with a library; `clip` becomes the video that can be played."""
    server = ForkedServer(folder, VLOG_TRANSCODING__LADDER='["144p"]')
    try:
        server.start()
        # A browser that is open in this thread has an event loop of its own in it.
        with ThreadPoolExecutor(1) as pool:
            pool.submit(asyncio.run, _fill(server.database)).result()
        yield _furnish(server, clip)
    finally:
        server.close()


async def _fill(path: Path) -> None:
    """Rows of videos in every state, and viewers."""
    database = Database(f"sqlite+aiosqlite:///{path}")
    try:
        market = await add_video(database, "Market day", 90, ("360p", "144p"), description="Fish.")
        await add_video(database, LONG_WORD, 4000, description=LONG_WORD * 9, featured=True)
        await add_video(database, "Still being made", 60, ("360p",), status="processing")
        broken: dict[str, Any] = {"status": "failed", "playable_at": None}
        broken |= {"error_message": "This file has no picture.", "error_log": f"moov {LONG_WORD}"}
        await add_video(database, "Broken", 0, **broken)
        await add_video(database, "Hidden", 5, visibility="unlisted")
        cinema = Cinema(database)
        for days in range(3):
            moment = (now() - timedelta(days=days, hours=1)).isoformat()
            await cinema.watch(market, moment, [(0, 60)], viewer=f"{days}", referrer="example.org")
        await cinema.fold(now().isoformat())
    finally:
        await database.dispose()


def _furnish(server: Server, clip: Path) -> Furnished:
    """What has an interface is put there through it."""
    category = _made(server, "categories", {"name": ARABIC, "description": LONG_WORD})
    sent = server.upload(clip, title=HEBREW, description=DESCRIPTION)
    assert sent.status_code == 201, sent.text
    video = sent.json()
    wishes = {"category_id": category["id"], "tags": ["boats", HEBREW]}
    assert server.admin.put(f"/api/videos/{video['id']}", json=wishes).status_code == 200
    playlist = _made(server, "playlists", {"title": HEBREW, "visibility": "public"})
    for video_id in (video["id"], 1, 2):
        _made(server, f"playlists/{playlist['id']}/videos", {"video_id": video_id})
    server.wait_until(int(str(video["id"])), "ready")
    for language, line in LINES.items():
        cues = f"WEBVTT\n\n00:00.000 --> 00:03.000\n{line}\n\n00:03.000 --> 00:08.000\n{line * 3}\n"
        answer = server.admin.post(
            f"/api/videos/{video['id']}/transcripts",
            params={"language": language},
            content=cues.encode(),
            headers={"content-type": "text/vtt"},
        )
        assert answer.status_code == 201, answer.text
    wait_for(
        "the files of the captions",
        lambda: server.query("SELECT sum(has_files) FROM transcriptions") == [(2,)],
    )
    site = f"http://127.0.0.1:{server.public_port}"
    return Furnished(
        server,
        str(video["slug"]),
        {
            "public /watch/{slug}": f"/watch/{video['slug']}",
            "public /embed/{slug}": f"/embed/{video['slug']}",
            "public /oembed": f"/oembed?url={site}/watch/{video['slug']}",
            "public /category/{slug}": f"/category/{category['slug']}",
            "public /tag/{slug}": "/tag/boats",
            "public /playlist/{slug}": f"/playlist/{playlist['slug']}",
            "admin /videos/{video_id:int}": f"/videos/{video['id']}",
            "admin /playlists/{playlist_id:int}": f"/playlists/{playlist['id']}",
            "admin /analytics/videos/{video_id:int}": "/analytics/videos/1",
        },
    )


def _made(server: Server, kind: str, wish: dict[str, object]) -> dict[str, object]:
    answer = server.admin.post(f"/api/{kind}", json=wish)
    assert answer.status_code in (200, 201), answer.text
    made: dict[str, object] = answer.json()
    return made
