"""What a visitor has to load before there is something to see, in bytes on the way."""

from __future__ import annotations

import gzip
import re
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from tests.web.sites import Site, both_apps
from vlog.database.engine import Database
from vlog.storage.local import LocalStorage

KILOBYTE = 1000
# With 24 cards, as every client gets it.
HOME_PAGE = 30 * KILOBYTE
SCRIPTS_WITHOUT_PLAYER = 40 * KILOBYTE
STYLES = 12 * KILOBYTE
DESCRIPTION = "What happens at the quay before the town wakes up. " * 20


@pytest_asyncio.fixture
async def site(database: Database, storage: LocalStorage) -> AsyncIterator[Site]:
    async with both_apps(database, storage) as made:
        for number in range(25):
            await made.add(
                f"a-day-at-the-harbour-number-{number}",
                title=f"A day at the harbour, from the first boat to the last, number {number}",
                description=DESCRIPTION,
                storyboard=1,
                featured=number == 3,
            )
        yield made


async def test_the_home_page_is_light(site: Site) -> None:
    async with site.public.stream("GET", "/", headers={"accept-encoding": "gzip"}) as answer:
        body = b"".join([part async for part in answer.aiter_raw()])
    assert gzip.decompress(body).count(b"data-storyboard=") == 25
    assert len(body) < HOME_PAGE


@pytest.mark.parametrize("path", ["/", "/search?q=harbour", "/nothing-here"])
async def test_pages_without_a_player_are_light(site: Site, path: str) -> None:
    page = (await site.public.get(path, headers={"accept": "text/html"})).text
    scripts = re.findall(
        r'(?:<script type="module" src|<link rel="modulepreload" href)="(.+?)"', page
    )
    styles = re.findall(r'<link rel="stylesheet" href="(.+?)"', page)
    assert len(scripts) > 1
    assert len(styles) == 1
    assert (
        sum([await _weight(site.public, address) for address in scripts]) < SCRIPTS_WITHOUT_PLAYER
    )
    assert await _weight(site.public, styles[0]) < STYLES


async def _weight(client: httpx.AsyncClient, address: str) -> int:
    """Bytes on the way: named after what is in it, compressed beforehand and kept for ever."""
    assert re.fullmatch(r"/assets/[\w.]+-[0-9A-Za-z]{8,}\.(?:js|css)", address)
    async with client.stream("GET", address, headers={"accept-encoding": "br"}) as answer:
        body = b"".join([part async for part in answer.aiter_raw()])
    assert answer.headers["content-encoding"] == "br"
    assert "immutable" in answer.headers["cache-control"]
    return len(body)
