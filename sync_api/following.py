"""What a gateway keeps in memory of the store, kept up by the feeds: what is heard to have changed is read again."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Sequence
from typing import Final

from models.ids import database_of
from sync_api.couch import CouchError
from sync_api.errors import StoreUnavailable

log = logging.getLogger(__name__)

RETRY_S: Final = 1.0


class Following(ABC):
    """Reads a database whole when its feed is connected, and then what changes in it."""

    #: What waits for the store, in the log.
    name: str

    def __init__(self) -> None:
        self._stale: set[str] = set()
        self._reload: set[str] = set()
        self._loaded: set[str] = set()
        self._work = asyncio.Event()
        self._more_is_read = asyncio.Condition()

    @abstractmethod
    def wants(self, document_id: str) -> bool:
        """Whether such a document is kept. Asked of every change there is."""

    @abstractmethod
    async def load(self, database: str) -> None:
        """Read a database whole."""

    @abstractmethod
    async def read(self, database: str, ids: Sequence[str]) -> None:
        """Read some documents of a database again."""

    def hear(self, document_id: str) -> None:
        """A document changed."""
        if self.wants(document_id):
            self._stale.add(document_id)
            self._work.set()

    def hear_connected(self, database: str) -> None:
        """A feed is connected: what it holds is read whole, since it may have changed while nobody listened."""
        self._reload.add(database)
        self._work.set()

    def is_loaded(self, databases: Iterable[str]) -> bool:
        """Whether these databases have been read at least once."""
        return self._loaded.issuperset(databases)

    async def until_loaded(self, databases: Collection[str]) -> None:
        """Wait until these databases have been read at least once."""
        async with self._more_is_read:
            await self._more_is_read.wait_for(lambda: self.is_loaded(databases))

    async def run(self) -> None:
        """Read what changed until cancelled; when the store is down, when it is back."""
        while True:
            await self._work.wait()
            self._work.clear()
            try:
                await self._refresh()
            except (StoreUnavailable, CouchError) as error:
                log.warning("%s waits for the store: %s", self.name, error)
                self._work.set()
                await asyncio.sleep(RETRY_S)

    async def _refresh(self) -> None:
        while self._reload:
            database = self._reload.pop()
            try:
                await self.load(database)
            except BaseException:
                self._reload.add(database)
                raise
            self._loaded.add(database)
            async with self._more_is_read:
                self._more_is_read.notify_all()
        while self._stale:
            database = database_of(next(iter(self._stale)))
            wanted = {identity for identity in self._stale if database_of(identity) == database}
            self._stale -= wanted  # one that is heard again while it is read is read again
            try:
                await self.read(database, sorted(wanted))
            except BaseException:
                self._stale |= wanted
                raise
