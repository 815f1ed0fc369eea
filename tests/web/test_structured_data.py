"""What the watch page says to search engines, read as they read it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from html.parser import HTMLParser
from json import loads
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from tests.web.sites import Site, both_apps
from vlog.captions.chapters import Chapter
from vlog.captions.cue import Cue
from vlog.catalog import chapters, transcripts
from vlog.database.engine import Database
from vlog.database.schema import VideoTotal
from vlog.settings import Settings
from vlog.storage.local import LocalStorage

BASE = "https://films.example.org"
HOSTILE = '</script><script>alert("1")</script> & <!-- \u2028'


class _Scripts(HTMLParser):
    """The texts of JSON-LD scripts, as an HTML parser finds them, and what else would run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inline = 0
        self._inside = False

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self._inside = tag == "script" and values.get("type") == "application/ld+json"
        if tag == "script" and "src" not in values and not self._inside:
            self.inline += 1
        if self._inside:
            self.found.append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside = False

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.found[-1] += data


@pytest.fixture
async def site(database: Database, storage: LocalStorage) -> AsyncIterator[Site]:
    settings = Settings.model_validate({"public": {"base_url": BASE}})
    async with both_apps(database, storage, settings) as made:
        yield made


async def _described(site: Site, page: str) -> dict[str, Any]:
    scripts = _Scripts()
    scripts.feed((await site.public.get(page)).text)
    assert scripts.inline == 0
    (text,) = scripts.found
    described: dict[str, Any] = loads(text)
    return described


async def test_a_video_is_described_with_its_clips_and_its_words(site: Site) -> None:
    video = await site.add("film", title=HOSTILE, description=HOSTILE, duration=3723.6)

    async def fill(session: AsyncSession) -> None:
        cues = [Cue(0.0, 2.0, f"Hello {HOSTILE}"), Cue(9.0, 11.0, "Goodbye.")]
        track = await transcripts.replace(session, video.id, "en", cues, origin="uploaded")
        await transcripts.have_files(session, [track.id])
        parts = [Chapter(0.0, 61.5, HOSTILE), Chapter(61.5, 3723.6, "The rest")]
        await chapters.from_container(session, video.id, parts)
        session.add(VideoTotal(video_id=video.id, views=1234))

    await site.database.write(fill)
    described = await _described(site, "/watch/film")
    published = described.pop("uploadDate")
    assert published.endswith("+00:00")
    assert described == {
        "@context": "https://schema.org",
        "@type": "VideoObject",
        "name": HOSTILE,
        "description": HOSTILE,
        "url": f"{BASE}/watch/film",
        "thumbnailUrl": [f"{BASE}/videos/film/thumbnail.jpg"],
        "contentUrl": f"{BASE}/videos/film/master.m3u8",
        "embedUrl": f"{BASE}/embed/film",
        "duration": "PT1H2M4S",
        "interactionStatistic": {
            "@type": "InteractionCounter",
            "interactionType": {"@type": "WatchAction"},
            "userInteractionCount": 1234,
        },
        "hasPart": [
            {
                "@type": "Clip",
                # A chapter's title is one line.
                "name": " ".join(HOSTILE.split()),
                "startOffset": 0,
                "endOffset": 62,
                "url": f"{BASE}/watch/film?t=0",
            },
            {
                "@type": "Clip",
                "name": "The rest",
                "startOffset": 62,
                "endOffset": 3724,
                "url": f"{BASE}/watch/film?t=61",
            },
        ],
        "transcript": f"Hello {' '.join(HOSTILE.split())}\n\nGoodbye.",
    }


async def test_a_bare_video_has_what_is_required(site: Site) -> None:
    await site.add("bare", has_thumbnail=False, duration=None)
    described = await _described(site, "/watch/bare")
    assert {"name", "description", "uploadDate", "contentUrl", "embedUrl"} <= set(described)
    assert not {"hasPart", "transcript", "duration", "thumbnailUrl"} & set(described)


async def test_an_endless_transcript_stays_out_of_the_head(site: Site) -> None:
    video = await site.add("talk")
    cues = [Cue(float(n), n + 1.0, "word " * 100) for n in range(220)]

    async def fill(session: AsyncSession) -> None:
        await transcripts.replace(session, video.id, "en", cues, origin="uploaded")

    await site.database.write(fill)
    assert "transcript" not in await _described(site, "/watch/talk")


@pytest.mark.parametrize("values", [{"visibility": "unlisted"}, {"visibility": "private"}])
async def test_only_what_everybody_may_see_is_described(site: Site, values: dict[str, Any]) -> None:
    video = await site.add("quiet", **values)
    link = await site.admin.post(f"/api/videos/{video.id}/share-links", json={})
    page = await site.public.get(link.json()["watch_url"])
    assert page.status_code == 200
    assert "ld+json" not in page.text
