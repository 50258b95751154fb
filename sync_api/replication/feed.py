"""One upstream feed a database, however many tablets ask: it fills the channel log and wakes the long polls whose scope
a change lies in."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Final

from models.ids import Scope
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


class Feed:
    """Follows one database from now on. ``listen`` hears every id, ``waiting`` gives an event for a scope; ``log`` has
    the last rows."""

    def __init__(self, couch: Couch, database: str) -> None:
        self._couch, self.database = couch, database
        self.log = ChannelLog()
        #: Written through this gateway, but not yet come back by the feed, and until when it is waited for.
        self._expected: dict[str, float] = {}
        self._settled = asyncio.Event()
        self._waiters: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        #: How many waiting prefixes have which length: a change is looked up once a length, not once a waiter.
        self._lengths: Counter[int] = Counter()
        self._listeners: list[Listener] = []
        self._connected: list[Connected] = []
        self.connected = asyncio.Event()
        self._known = KnownIds()
        self._knows_all = False

    def listen(self, listener: Listener, connected: Connected | None = None) -> None:
        self._listeners.append(listener)
        if connected is not None:
            self._connected.append(connected)

    @contextmanager
    def waiting(self, scope: Scope) -> Iterator[asyncio.Event]:
        """An event that is set when a document of the scope changes. Attach first, then read what is there."""
        event = asyncio.Event()
        for prefix in scope.prefixes:
            self._waiters[prefix].add(event)
            self._lengths[len(prefix)] += 1
        try:
            yield event
        finally:
            for prefix in scope.prefixes:
                self._detach(prefix, event)

    def _detach(self, prefix: str, event: asyncio.Event) -> None:
        self._waiters[prefix].discard(event)
        if not self._waiters[prefix]:
            del self._waiters[prefix]
        self._lengths[len(prefix)] -= 1
        if not self._lengths[len(prefix)]:
            del self._lengths[len(prefix)]

    def wake_all(self) -> None:
        """Let every long poll look again: after a cut, or when the gateway stops."""
        for events in self._waiters.values():
            for event in events:
                event.set()

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
        self._tell(row.id)
        if self._expected.pop(row.id, None) is None:
            self._known.add(row.id)
        else:  # known since it was expected
            self._settled.set()

    def _tell(self, document_id: str) -> None:
        for length in self._lengths:
            for event in self._waiters.get(document_id[:length], ()):
                event.set()
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
