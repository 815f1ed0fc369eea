"""Messages arrive, signed, at least once, and never where they must not."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from datetime import timedelta
from pathlib import Path

from tests.catalog.rows import add_videos
from tests.webhooks.conftest import Running, add_hook, ended, log_of
from tests.webhooks.receiver import Receiver, answer, receiving
from vlog.catalog import removal, webhook_deliveries, webhooks
from vlog.database.engine import Database
from vlog.database.types import now
from vlog.settings import WebhookSettings
from vlog.webhooks.dispatcher import retry_at

_SERVE = """
import anyio, asyncio, sys
from vlog.database.engine import Database
from vlog.settings import Settings
from vlog.webhooks.dispatcher import Dispatcher
settings = Settings.model_validate({"webhooks": {"allow_private_addresses": True}})
asyncio.run(Dispatcher(Database(sys.argv[1]), settings).run(anyio.Event()))
"""


async def _delete_a_video(database: Database) -> int:
    (video_id,) = await add_videos(database, ["Été à la mer"])
    await database.write(lambda session: removal.begin(session, video_id))
    return video_id


async def test_what_happened_arrives_signed(
    database: Database, receiver: Receiver, running: Running
) -> None:
    hook = await add_hook(database, receiver.url, "video.deleted")
    other = await add_hook(database, receiver.url, "video.ready")
    receiver.answers = [answer(200, b"thanks" * 1000)]
    async with running():
        video_id = await _delete_a_video(database)
        (row,) = await ended(database, hook.id)
    (got,) = receiver.got
    assert (got.method, got.path) == ("POST", "/hook?a=1")
    assert got.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert got.headers["content-type"] == "application/json"
    assert abs(int(got.headers["webhook-timestamp"]) - time.time()) < 60
    assert got.is_signed_with(hook.secret)
    assert not got.is_signed_with(other.secret)
    assert got.message["type"] == "video.deleted"
    assert got.message["data"]["video"]["id"] == video_id
    assert got.message["data"]["video"]["title"] == "Été à la mer"
    assert (row.state, row.status, row.attempt, row.error) == ("delivered", 200, 1, None)
    assert row.message_id == got.headers["webhook-id"]
    assert row.payload.encode() == got.body
    assert row.latency is not None
    assert row.answer is not None
    assert (row.answer[:6], len(row.answer)) == ("thanks", 1024)
    assert await log_of(database, other.id) == []


async def test_it_is_tried_again_until_it_arrives(
    database: Database, receiver: Receiver, running: Running
) -> None:
    hook = await add_hook(database, receiver.url)
    receiver.answers = [answer(500, b"no"), answer(302, b"", "location: http://127.0.0.1/"), None]
    async with running(timeout_seconds=0.3):
        await _delete_a_video(database)
        (row,) = await ended(database, hook.id)
    assert len(receiver.got) == row.attempt == 4
    assert (row.state, row.status) == ("delivered", 204)
    assert len({got.headers["webhook-id"] for got in receiver.got}) == 1
    assert len({got.body for got in receiver.got}) == 1
    assert all(got.path == "/hook?a=1" for got in receiver.got)


async def test_it_is_given_up_in_the_end_and_can_be_sent_again(
    database: Database, receiver: Receiver, running: Running
) -> None:
    hook = await add_hook(database, receiver.url)
    receiver.answers = [answer(302, b"", "location: /elsewhere")] * 2
    async with running(max_attempts=2):
        await _delete_a_video(database)
        (row,) = await ended(database, hook.id)
        assert (row.state, row.attempt, row.status) == ("failed", 2, 302)
        assert row.error is not None
        assert "Redirects are not followed" in row.error
        await database.write(lambda s: webhook_deliveries.replay(s, hook.id, row.id))
        again, _ = await ended(database, hook.id, 2)
    assert (again.state, again.message_id) == ("delivered", row.message_id)
    assert len(receiver.got) == 3


async def test_a_receiver_that_is_gone_is_switched_off(
    database: Database, receiver: Receiver, running: Running
) -> None:
    hook = await add_hook(database, receiver.url)
    receiver.answers = [answer(410)]
    async with running() as dispatcher:
        await _delete_a_video(database)
        (row,) = await ended(database, hook.id)
        assert (row.state, row.attempt) == ("failed", 1)
        async with database.read() as session:
            found = await webhooks.require(session, hook.id)
        assert (found.enabled, "410" in (found.disabled_reason or "")) == (False, True)
        await _delete_a_video(database)
        # A test goes all the same.
        await database.write(lambda session: webhooks.send_test(session, hook.id))
        dispatcher.wake()
        rows = await ended(database, hook.id, 2)
    assert [row.event for row in rows] == ["webhook.test", "video.deleted"]
    assert receiver.got[1].message["type"] == "webhook.test"


async def test_a_silent_receiver_holds_nobody_up(
    database: Database, receiver: Receiver, running: Running
) -> None:
    async with receiving() as silent:
        silent.answers = [None] * 20
        await add_hook(database, silent.url)
        hook = await add_hook(database, receiver.url)
        async with running(timeout_seconds=30):
            for _ in range(3):
                await _delete_a_video(database)
            await silent.count(1)
            rows = await ended(database, hook.id, 3)
        assert len(silent.got) == 1
    assert [got.message["data"]["video"]["id"] for got in receiver.got] == [
        row.video_id for row in reversed(rows)
    ]


async def test_kill_9_loses_no_message(
    database: Database, receiver: Receiver, running: Running
) -> None:
    hook = await add_hook(database, receiver.url)
    receiver.answers = [None]
    video_id = await _delete_a_video(database)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _SERVE, str(database.engine.url), cwd=Path(__file__).parents[2]
    )
    try:
        # It is on its way, and nobody has noted that yet.
        await receiver.count(1)
    finally:
        os.kill(process.pid, signal.SIGKILL)
        await process.wait()
    (row,) = await log_of(database, hook.id)
    assert (row.state, row.attempt) == ("waiting", 0)
    async with running():
        (row,) = await ended(database, hook.id)
    assert row.state == "delivered"
    first, second = receiver.got
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    assert second.message["data"]["video"]["id"] == video_id


async def test_nothing_is_sent_to_this_machine(
    database: Database, receiver: Receiver, running: Running
) -> None:
    hosts = ("localhost", "127.0.0.1", "[::ffff:127.0.0.1]", "2130706433", "0")
    hooks = [await add_hook(database, f"http://{host}:{receiver.port}/hook") for host in hosts]
    async with running(allow_private_addresses=False, max_attempts=1):
        await _delete_a_video(database)
        for hook in hooks:
            (row,) = await ended(database, hook.id)
            assert (row.state, row.status) == ("failed", None)
            assert "allow_private_addresses" in (row.error or "")
    assert receiver.got == []


async def test_a_name_that_changes_its_address_is_met_where_it_was_looked_at(
    database: Database, receiver: Receiver, running: Running
) -> None:
    asked: list[str] = []

    async def once(host: str, port: int) -> list[str]:
        # The first address does not answer: the second is taken, and nobody is asked again.
        asked.append(host)
        return ["127.0.0.2", "127.0.0.1"] if len(asked) == 1 else ["192.0.2.1"]

    hook = await add_hook(database, f"http://films.example:{receiver.port}/hook")
    async with running(once):
        await _delete_a_video(database)
        (row,) = await ended(database, hook.id)
    assert (row.state, asked) == ("delivered", ["films.example"])
    assert receiver.got[0].headers["host"] == f"films.example:{receiver.port}"


async def test_both_secrets_count_for_a_day(
    database: Database, receiver: Receiver, running: Running
) -> None:
    hook = await add_hook(database, receiver.url)
    changed = await database.write(lambda session: webhooks.new_secret(session, hook.id))
    assert changed.secret != hook.secret
    async with running():
        await _delete_a_video(database)
        await receiver.count(1)
    assert receiver.got[0].is_signed_with(changed.secret)
    assert receiver.got[0].is_signed_with(hook.secret)
    async with database.read() as session:
        later = now() + timedelta(hours=25)
        await database.write(lambda s: webhooks.send_test(s, hook.id))
    async with database.read() as session:
        (due, *_) = await webhook_deliveries.due(session, later, busy=(), limit=1)
    assert due.secrets == (changed.secret,)


async def test_the_log_is_kept_for_its_days(database: Database, running: Running) -> None:
    hook = await add_hook(database, "http://127.0.0.1:9/")
    await database.write(lambda session: webhooks.send_test(session, hook.id))
    assert await database.write(lambda s: webhook_deliveries.prune(s, now() - timedelta(1))) == 0
    assert await database.write(lambda s: webhook_deliveries.prune(s, now() + timedelta(1))) == 1
    assert await log_of(database, hook.id) == []


def test_pauses_grow_and_have_limits() -> None:
    settings, moment = WebhookSettings(), now()
    pauses = []
    for attempt in range(1, 8):
        again = retry_at(attempt, settings, moment)
        assert again is not None
        pauses.append((again - moment).total_seconds())
    assert pauses == sorted(pauses)
    assert 10 <= pauses[0] <= 11
    assert 160 <= pauses[2] <= 176
    assert pauses[-1] == 6 * 3600
    assert retry_at(8, settings, moment) is None
    asked = retry_at(1, settings, moment, 120.0)
    assert asked is not None
    assert (asked - moment).total_seconds() == 120
