"""Webhooks in the panel and in the API."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.web.sites import Site, both_apps
from vlog.catalog import removal
from vlog.database.engine import Database
from vlog.storage.local import LocalStorage

# An address of the open internet; nothing is sent here, for no loop runs.
URL = "https://8.8.8.8/hook"
NEW = {"url": URL, "events": ["video.ready", "video.deleted"], "note": "Shop"}


@pytest.fixture
async def site(database: Database, storage: LocalStorage) -> AsyncIterator[Site]:
    async with both_apps(database, storage) as made:
        yield made


async def test_a_webhook_from_its_beginning_to_its_end(site: Site) -> None:
    made = await site.admin.post("/api/webhooks", json=NEW)
    assert made.status_code == 201
    hook = made.json()
    assert hook["secret"].startswith("whsec_")
    path = f"/api/webhooks/{hook['id']}"
    listed = (await site.admin.get("/api/webhooks")).json()
    assert [one["url"] for one in listed["webhooks"]] == [URL]
    assert "secret" not in listed["webhooks"][0]
    assert "secret" not in (await site.admin.get(path)).json()
    assert listed["events"][0] == "video.uploaded"
    changed = await site.admin.patch(path, json={"enabled": False, "events": ["video.failed"]})
    assert (changed.json()["enabled"], changed.json()["events"]) == (False, ["video.failed"])
    assert changed.json()["note"] == "Shop"
    renewed = await site.admin.post(f"{path}/secret")
    assert renewed.json()["secret"] not in ("", hook["secret"])
    assert (await site.admin.delete(path)).status_code == 204
    assert (await site.admin.get(path)).status_code == 404
    assert (await site.admin.get(f"{path}/deliveries")).status_code == 404


async def test_a_wrong_webhook_is_refused(site: Site) -> None:
    there = (await site.admin.post("/api/webhooks", json=NEW)).json()["id"]
    wrong: list[tuple[dict[str, object], str]] = [
        ({"url": "http://localhost:9001/api/videos"}, "allow_private_addresses"),
        ({"url": "http://[::ffff:169.254.169.254]/"}, "private network"),
        ({"url": "ftp://example.org/"}, "https://"),
        ({"url": "https://me:secret@example.org/"}, "must not hold a name"),
        ({"events": ["video.watched"]}, "events"),
        ({"events": []}, "events"),
        ({"colour": "red"}, "colour"),
    ]
    for change, words in wrong:
        for answer in (
            await site.admin.post("/api/webhooks", json={**NEW, **change}),
            await site.admin.patch(f"/api/webhooks/{there}", json=change),
        ):
            assert answer.status_code == 422, change
            assert words in answer.json()["detail"]
    assert len((await site.admin.get("/api/webhooks")).json()["webhooks"]) == 1


async def test_the_log_is_read_page_by_page_and_sent_again(site: Site) -> None:
    hook = (await site.admin.post("/api/webhooks", json=NEW)).json()["id"]
    path = f"/api/webhooks/{hook}"
    video = await site.add("film")
    await site.database.write(lambda session: removal.begin(session, video.id))
    test = await site.admin.post(f"{path}/test")
    assert (test.status_code, test.json()["event"]) == (202, "webhook.test")
    first = (await site.admin.get(f"{path}/deliveries", params={"limit": 1})).json()
    cursor = {"limit": 1, "cursor": first["next_cursor"]}
    second = (await site.admin.get(f"{path}/deliveries", params=cursor)).json()
    found = [*first["deliveries"], *second["deliveries"]]
    assert [one["event"] for one in found] == ["webhook.test", "video.deleted"]
    assert second["next_cursor"] is None
    assert (found[1]["state"], found[1]["attempt"], found[1]["max_attempts"]) == ("waiting", 0, 8)
    again = await site.admin.post(f"{path}/deliveries/{found[1]['id']}/replay")
    assert again.status_code == 202
    assert again.json()["message_id"] == found[1]["message_id"]
    assert again.json()["payload"] == found[1]["payload"]
    other = (await site.admin.post("/api/webhooks", json=NEW)).json()["id"]
    wrong = f"/api/webhooks/{other}/deliveries/{found[1]['id']}/replay"
    assert (await site.admin.post(wrong)).status_code == 404
    waiting = {"state": "failed"}
    assert (await site.admin.get(f"{path}/deliveries", params=waiting)).json()["deliveries"] == []
    bad = await site.admin.get(f"{path}/deliveries", params={"cursor": "nonsense"})
    assert bad.status_code == 400


async def test_the_page_offers_every_event(site: Site) -> None:
    page = (await site.admin.get("/settings/webhooks")).text
    events = (await site.admin.get("/api/webhooks")).json()["events"]
    assert all(f'value="{event}"' in page for event in events)
