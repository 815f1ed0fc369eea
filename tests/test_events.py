"""The hub: order, merging, resuming, limits."""

from __future__ import annotations

import asyncio

import pytest

from vlog.catalog.changes import Change
from vlog.errors import Stopping, Unavailable
from vlog.events import Event, EventHub, Subscription

_WAIT = 5.0


def _changes(events: list[Event]) -> list[Change | None]:
    return [event.change for event in events]


async def _taken(subscription: Subscription) -> list[Change | None]:
    return _changes(await subscription.take(_WAIT))


async def test_a_subscription_without_a_place_begins_with_a_reset() -> None:
    hub = EventHub()
    hub.publish([Change("added", 1)])
    with hub.subscribe() as subscription:
        (first,) = await subscription.take(_WAIT)
        assert first == Event(hub.position, None)
        hub.publish([Change("status", 1), Change("ready", 1)])
        assert await _taken(subscription) == [Change("status", 1), Change("ready", 1)]


async def test_what_was_missed_is_told_and_nothing_else() -> None:
    hub = EventHub()
    hub.publish([Change("added", 1)])
    place = hub.position
    with hub.subscribe(place) as subscription:
        assert await subscription.take(0) == []
    hub.publish([Change("progress", 1), Change("progress", 1), Change("ready", 1)])
    with hub.subscribe(place) as subscription:
        missed = await subscription.take(_WAIT)
    # The two of a kind became one, and the last id is where to go on.
    assert _changes(missed) == [Change("progress", 1), Change("ready", 1)]
    assert missed[-1].id == hub.position
    with hub.subscribe(missed[0].id) as subscription:
        assert await _taken(subscription) == [Change("ready", 1)]


@pytest.mark.parametrize(
    "after",
    [
        "",
        "x",
        "5",
        "-",
        "{epoch}-",
        "{epoch}-x",
        "{epoch}-99",
        "{epoch}-٣",
        "{epoch}-" + "9" * 5000,
    ],
)
async def test_an_id_that_means_nothing_here_is_answered_with_a_reset(after: str) -> None:
    hub = EventHub()
    epoch = hub.position.partition("-")[0]
    with hub.subscribe(after.format(epoch=epoch)) as subscription:
        assert await _taken(subscription) == [None]


async def test_an_id_of_another_process_is_answered_with_a_reset() -> None:
    with EventHub().subscribe(EventHub().position) as subscription:
        assert await _taken(subscription) == [None]


async def test_an_id_that_the_ring_has_let_go_of_is_too_old() -> None:
    hub = EventHub(kept=3)
    places = [hub.position]
    for number in range(5):
        hub.publish([Change("changed", number)])
        places.append(hub.position)
    for seen, expected in ((0, [None]), (1, [None]), (2, 3), (4, 1), (5, 0)):
        with hub.subscribe(places[seen]) as subscription:
            found = _changes(await subscription.take(0.0 if expected == 0 else _WAIT))
        assert found == expected or len(found) == expected, seen


async def test_changes_of_one_kind_do_not_push_others_out_of_the_ring() -> None:
    hub = EventHub(kept=3)
    place = hub.position
    hub.publish([Change("ready", 1)])
    hub.publish([Change("progress", 2)] * 100)
    with hub.subscribe(place) as subscription:
        assert await _taken(subscription) == [Change("ready", 1), Change("progress", 2)]


async def test_one_that_is_not_read_stays_small_and_is_reset() -> None:
    hub = EventHub(most_waiting=10)
    with hub.subscribe(hub.position) as slow, hub.subscribe(hub.position) as quick:
        for number in range(11):
            hub.publish([Change("changed", number)])
            assert await _taken(quick) == [Change("changed", number)]
        assert await slow.take(_WAIT) == [Event(hub.position, None)]
        hub.publish([Change("ready", 1)])
        assert await _taken(slow) == [Change("ready", 1)]


async def test_there_is_a_limit_and_who_leaves_makes_room() -> None:
    hub = EventHub(most_subscriptions=2)
    with hub.subscribe():
        with hub.subscribe(), pytest.raises(Unavailable):
            hub.subscribe()
        with hub.subscribe():
            pass


async def test_at_the_end_everybody_is_woken_and_nobody_let_in() -> None:
    hub = EventHub()
    with hub.subscribe(hub.position) as subscription:
        waiting = asyncio.create_task(subscription.take(_WAIT))
        await asyncio.sleep(0)
        hub.close()
        assert await waiting == []
        assert subscription.over.is_set()
        # Nobody who asks again is kept waiting.
        assert await asyncio.wait_for(subscription.take(_WAIT), 1) == []
    with pytest.raises(Stopping):
        hub.subscribe()
