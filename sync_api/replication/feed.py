"""One upstream feed a database, however many tablets ask: it fills the channel log and wakes the long polls whose scope
a change lies in."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Collection
from typing import Final

from models.ids import CODE_LENGTHS, LEVELS, Scope
from sync_api.access.gate import ENDLESS, Watch
from sync_api.couch import Couch, CouchError, Row, seq_text
from sync_api.errors import StoreUnavailable
from sync_api.replication.channel_log import ChannelLog
from sync_api.replication.known_ids import KnownIds

log = logging.getLogger(__name__)

RETRY_S_FIRST: Final = 0.2
RETRY_S_MAX: Final = 5.0
#: The feed of a healthy store is milliseconds behind.
SETTLE_S_MAX: Final = 1.0
#: Every id begins with a digit. Rows read at a time while learning: a hundredth of a second of work.
FIRST_KEY, END_KEY, LEARN_ROWS = "0", ":", 5_000

#: Hears the id of a change.
Listener = Callable[[str], None]
#: Hears the database whose feed was (re)connected: from then on no change is missed, so read now what is there.
Connected = Callable[[str], None]


class Waiter:
    """Somebody who waits for news of a scope. Thousands do, so it holds little."""

    __slots__ = ("_has_news", "_woken", "scope", "watch")

    def __init__(self, scope: Scope, watch: Watch) -> None:
        self.scope, self.watch = scope, watch
        self._has_news = False
        self._woken: asyncio.Future[None] | None = None

    def tell(self) -> None:
        """There are news."""
        self._has_news = True
        self.wake()

    def wake(self) -> None:
        """End the wait, news or not."""
        if self._woken is not None and not self._woken.done():
            self._woken.set_result(None)

    async def wait(self, seconds: float) -> bool:
        """Wait for news, at once if there were some since the last wait; False when none came in time."""
        if not self._has_news:
            loop = asyncio.get_running_loop()
            self._woken = loop.create_future()
            timer = loop.call_later(seconds, self.wake)
            try:
                await self._woken
            finally:
                timer.cancel()
                self._woken = None
        has_news, self._has_news = self._has_news, False
        return has_news


class Feed:
    """Follows one database from now on. ``listen`` hears every id, ``attach`` waits for a scope; ``log`` has the last
    rows."""

    def __init__(self, couch: Couch, database: str) -> None:
        self._couch, self.database = couch, database
        self.log = ChannelLog()
        #: Written through this gateway, but not yet come back by the feed, and until when it is waited for.
        self._expected: dict[str, float] = {}
        self._settled = asyncio.Event()
        #: By the divisions of their scopes: a change is looked up once a level, not once a waiter.
        self._waiters: defaultdict[str, set[Waiter]] = defaultdict(set)
        self._listeners: list[Listener] = []
        self._connected: list[Connected] = []
        self.connected = asyncio.Event()
        self._known = KnownIds()
        self._knows_all = False

    def listen(self, listener: Listener, connected: Connected | None = None) -> None:
        self._listeners.append(listener)
        if connected is not None:
            self._connected.append(connected)

    def attach(self, scope: Scope, watch: Watch = ENDLESS) -> Waiter:
        """Somebody who is told when a document of the scope changes, until ``detach``. Attach first, then read what is
        there."""
        waiter = Waiter(scope, watch)
        for division in _divisions_of(scope):
            self._waiters[division].add(waiter)
        return waiter

    def detach(self, waiter: Waiter) -> None:
        for division in _divisions_of(waiter.scope):
            self._waiters[division].discard(waiter)
            if not self._waiters[division]:
                del self._waiters[division]

    def wake(self, alias: str) -> None:
        """Let those who wait as this account look whether they are over."""
        for waiters in self._waiters.values():
            for waiter in waiters:
                if waiter.watch.alias == alias:
                    waiter.wake()

    def wake_all(self) -> None:
        """Let every long poll look again: after a cut, or when the gateway stops."""
        for waiters in self._waiters.values():
            for waiter in waiters:
                waiter.tell()

    def expect(self, document_ids: Collection[str]) -> None:
        """These are about to be written: who asks for changes afterwards wants to see them. To be said before the
        write, since the feed may bring them before the write is answered."""
        for identity in document_ids:
            self._known.add(identity)
        if self.connected.is_set():
            until = asyncio.get_running_loop().time() + SETTLE_S_MAX
            self._expected.update(dict.fromkeys(document_ids, until))

    def may_hold(self, document_id: str) -> bool:
        """False: the database has surely no such document."""
        return not self._knows_all or self._known.may_hold(document_id)

    async def learn(self) -> None:
        """Read which ids are there. Begins when the feed is connected, so that none slips in between."""
        await self.connected.wait()
        key = FIRST_KEY
        while not self._knows_all:
            try:
                rows = await self._couch.range_of(self.database, key, END_KEY, LEARN_ROWS)
            except (StoreUnavailable, CouchError) as error:
                log.info("the ids of %s are not learned yet: %s", self.database, error)
                await asyncio.sleep(RETRY_S_MAX)
                continue
            for row in rows:
                self._known.add(row.id or "")
            self._knows_all = len(rows) < LEARN_ROWS
            key = f"{rows[-1].id}!" if rows else key

    async def settle(self, scope: Scope) -> None:
        """Wait until what this gateway wrote in a scope has come back by the feed; not for long, since asking again
        brings it anyway."""
        latest = asyncio.get_running_loop().time() + SETTLE_S_MAX
        while (until := min(self._awaited_until(scope), latest)) > asyncio.get_running_loop().time():
            self._settled.clear()
            try:
                async with asyncio.timeout_at(until):
                    await self._settled.wait()
            except TimeoutError:
                continue

    def _awaited_until(self, scope: Scope) -> float:
        """Until when the last of what is expected in a scope is waited for, 0 when nothing is. What did not come in
        time never does: a document that was written twice at once comes once."""
        now = asyncio.get_running_loop().time()
        self._expected = {identity: until for identity, until in self._expected.items() if until > now}
        return max((until for identity, until in self._expected.items() if scope.allows(identity)), default=0.0)

    def _take(self, row: Row) -> None:
        self.log.append(row)
        if row.leaves > 1:  # two gateways took one id with different content at the same moment
            log.error("%s in %s has %d contents: %s", row.id, self.database, row.leaves, bytes(row.changes).decode())
        self._tell(row.id)
        if self._expected.pop(row.id, None) is None:
            self._known.add(row.id)
        else:  # known since it was expected
            self._settled.set()

    def _tell(self, document_id: str) -> None:
        for length in LEVELS:
            for waiter in self._waiters.get(document_id[:length], ()):
                if waiter.scope.allows(document_id):
                    waiter.tell()
        for listener in self._listeners:
            listener(document_id)

    def _tell_connected(self) -> None:
        self.connected.set()
        self.wake_all()
        for connected in self._connected:
            connected(self.database)

    async def run(self) -> None:
        """Follow until cancelled. After a cut it goes on from the last row it saw, so nothing is passed over."""
        since: str | None = None
        epoch = ""
        wait_s = RETRY_S_FIRST
        while True:
            try:
                if (now := await self._couch.server_uuid()) != epoch:
                    since, epoch = None, now  # a store that was reset counts its changes anew
                if since is None:
                    since = await self._couch.sequence_now(self.database)
                    self.log.begin(since)
                async with self._couch.follow(self.database, since) as rows:
                    self._tell_connected()
                    wait_s = RETRY_S_FIRST
                    async for row in rows:
                        since = seq_text(row.seq)
                        self._take(row)
            except (StoreUnavailable, CouchError, ValueError) as error:
                # the store is down, the database not made yet, or a line was torn (ValueError): wait, longer each time
                log.info("feed of %s is cut: %s", self.database, error)
            self.connected.clear()
            self._expected.clear()
            self._settled.set()
            await asyncio.sleep(wait_s)
            wait_s = min(wait_s * 2, RETRY_S_MAX)


def _divisions_of(scope: Scope) -> set[str]:
    """The divisions whose documents a scope's prefixes begin: a prefix is a code, or goes on behind a village's."""
    return {prefix.partition(":")[0][: CODE_LENGTHS["village"]] for prefix in scope.prefixes}
