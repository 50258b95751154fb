"""The upstream feeds of all databases, started when the gateway knows its counties."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from models.ids import database_of
from sync_api.couch import Couch, CouchError
from sync_api.errors import StoreUnavailable
from sync_api.installation import Installation
from sync_api.replication.feed import RETRY_S_MAX, Connected, Feed, Listener

log = logging.getLogger(__name__)

SETUP_RETRY_S: Final = RETRY_S_MAX / 5


class Feeds:
    """One feed a database; ``of`` makes it when first asked for."""

    def __init__(self, couch: Couch, installation: Installation) -> None:
        self._couch, self._installation = couch, installation
        self._feeds: dict[str, Feed] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._register_changed = asyncio.Event()
        self._listeners: list[tuple[Listener, Connected]] = []

    def listen(self, listener: Listener, connected: Connected) -> None:
        """Hear every change in every database, and every (re)connection. To be called before ``run``."""
        self._listeners.append((listener, connected))

    def of(self, database: str) -> Feed:
        feed = self._feeds.get(database)
        if feed is None:
            feed = self._feeds[database] = Feed(self._couch, database)
            for listener, connected in self._listeners:
                feed.listen(listener, connected)
            self._tasks |= {asyncio.create_task(feed.run()), asyncio.create_task(feed.learn())}
        return feed

    def wake(self, alias: str) -> None:
        """Let an account's live requests look whether they are over."""
        for feed in self._feeds.values():
            feed.wake(alias)

    async def run(self) -> None:
        """Run the feeds of the city and of its counties, also of those imported later, until cancelled."""
        city = self.of(self._installation.city_database)
        city.listen(self._hear_city)
        try:
            while True:
                self._register_changed.clear()
                await self._start_counties()
                await self._register_changed.wait()
        finally:
            for feed in self._feeds.values():
                feed.wake_all()
            for task in self._tasks:
                task.cancel()

    async def _start_counties(self) -> None:
        while True:
            try:
                setup = await self._installation.setup()
            except (StoreUnavailable, CouchError) as error:
                # also a refusal, such as of a wrong password: it may be set right while the gateway runs
                log.warning("waiting: %s", error)
                await asyncio.sleep(SETUP_RETRY_S)
                continue
            for county in setup.register.counties:
                self.of(database_of(county))
            return

    def _hear_city(self, document_id: str) -> None:
        if document_id.endswith((":register", ":dataset")):
            self._installation.forget()
            self._register_changed.set()
