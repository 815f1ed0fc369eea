"""The hub: what has changed in VLog, for everybody in this process who wants to know.

How it works together:

- `catalog.changes.ChangeWatcher` sits at the write door and gives the hub what each transaction has
  changed, after its commit. Nobody else has to publish anything that is in the database.
- What is not in the database is told with `hub.publish([Change("folder")])`.
- A `Subscription` gets changes in their order. Several of one kind for one video become one, for
  it says only *that* something is different: whoever hears it asks the catalog what it is now.
  One that is not read grows up to a limit, and is then told once to look at everything anew.
- Events have ids. A subscriber that was away goes on after the last one it has seen, as far as the
  ring reaches back; where it does not, or VLog was started anew, it gets a reset first.
- Whatever must not be lost in a crash, such as messages to other systems, is written in the same
  transaction as the change: append to `ChangeWatcher.recorders`.

The browser's end of this is `GET /api/events` (web/api_events.py) and static/admin/live.js.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from vlog.catalog.changes import Change
from vlog.errors import Stopping, Unavailable

KEPT = 1024
MOST_SUBSCRIPTIONS = 100
MOST_WAITING = 512
_NUMBER = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True)
class Event:
    """A change, or, without one, a reset: anything may be different. `id` is where to go on."""

    id: str
    change: Change | None


class EventHub:
    """Hands changes on to subscriptions. Belongs to one event loop."""

    def __init__(
        self,
        kept: int = KEPT,
        most_subscriptions: int = MOST_SUBSCRIPTIONS,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        self.most_subscriptions = most_subscriptions
        self.most_waiting = most_waiting
        self._kept = kept
        # Ids of another process mean nothing here.
        self._epoch = secrets.token_hex(4)
        self._last = 0
        # The highest number that the ring has let go of.
        self._forgotten = 0
        self._ring: OrderedDict[Change, int] = OrderedDict()
        self._subscriptions: set[Subscription] = set()
        self._closed = False

    @property
    def position(self) -> str:
        """Where a subscription goes on that has seen everything up to now."""
        return self.id_of(self._last)

    def id_of(self, number: int) -> str:
        """The id of an event."""
        return f"{self._epoch}-{number}"

    def publish(self, changes: Sequence[Change]) -> None:
        """Tell everybody."""
        for change in changes:
            self._last += 1
            self._ring.pop(change, None)
            self._ring[change] = self._last
            if len(self._ring) > self._kept:
                _, self._forgotten = self._ring.popitem(last=False)
            for subscription in self._subscriptions:
                subscription.add(change, self._last)

    def subscribe(self, after: str | None = None) -> Subscription:
        """A subscription that goes on after an event; without one it begins with a reset.

        It must be closed by who asked for it: use it with `with`.

        Raises:
            Unavailable: there are too many.
            Stopping: VLog is stopping.
        """
        if self._closed:
            raise Stopping
        if len(self._subscriptions) >= self.most_subscriptions:
            raise Unavailable("Too many pages listen for news. Close some of them.")
        subscription = Subscription(self)
        seen = self._number(after)
        if seen is None or seen < self._forgotten:
            subscription.reset()
        else:
            for change, number in self._ring.items():
                if number > seen:
                    subscription.add(change, number)
        self._subscriptions.add(subscription)
        return subscription

    def leave(self, subscription: Subscription) -> None:
        """A subscription is read no more."""
        self._subscriptions.discard(subscription)

    def close(self) -> None:
        """VLog stops: every subscription ends, and there are no new ones."""
        self._closed = True
        for subscription in self._subscriptions:
            subscription.end()

    def _number(self, event_id: str | None) -> int | None:
        epoch, _, number = (event_id or "").partition("-")
        if epoch != self._epoch or not _NUMBER.fullmatch(number):
            return None
        return int(number) if int(number) <= self._last else None


class Subscription:
    """What one subscriber has not read yet."""

    def __init__(self, hub: EventHub) -> None:
        self.over = asyncio.Event()
        self._hub = hub
        self._waiting: OrderedDict[Change, int] = OrderedDict()
        self._reset = False
        self._news = asyncio.Event()

    def __enter__(self) -> Subscription:
        return self

    def __exit__(self, *error: object) -> None:
        self._hub.leave(self)

    async def take(self, seconds: float) -> list[Event]:
        """What is new, waited for no longer than `seconds`. Empty as well once it is `over`."""
        if not self._news.is_set():
            try:
                async with asyncio.timeout(seconds):
                    await self._news.wait()
            except TimeoutError:
                return []
        if not self.over.is_set():
            self._news.clear()
        if self._reset:
            self._reset = False
            return [Event(self._hub.position, None)]
        found = [Event(self._hub.id_of(number), change) for change, number in self._waiting.items()]
        self._waiting.clear()
        return found

    def add(self, change: Change, number: int) -> None:
        """Called by the hub: this is new."""
        if self._reset:
            return
        self._waiting.pop(change, None)
        self._waiting[change] = number
        if len(self._waiting) > self._hub.most_waiting:
            self.reset()
        self._news.set()

    def reset(self) -> None:
        """Called by the hub: too much is new to name it."""
        self._waiting.clear()
        self._reset = True
        self._news.set()

    def end(self) -> None:
        """Called by the hub: there will be no more."""
        self.over.set()
        self._news.set()
