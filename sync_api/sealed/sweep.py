"""What is sealed of a case is forgotten when the case has been closed for the set time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Final

from models import calendar
from models.ids import database_of
from sync_api.audit.log import AuditLog
from sync_api.casework.book import CaseBook
from sync_api.couch import CouchError
from sync_api.errors import StoreUnavailable
from sync_api.installation import Installation
from sync_api.sealed.store import SealedStore

log = logging.getLogger(__name__)

EVERY_S: Final = 3_600.0
#: Long enough for a store to be up again.
RETRY_S: Final = 10.0


class Sweep:
    """Looks at every sealed case; any gateway may, at any time."""

    def __init__(
        self,
        sealed: SealedStore,
        book: CaseBook,
        audit: AuditLog,
        installation: Installation,
        clock: Callable[[], datetime],
    ) -> None:
        self._sealed, self._book, self._audit = sealed, book, audit
        self._installation, self._clock = installation, clock

    async def run(self) -> None:
        """As soon as the ledger is read, and every hour from then on, until cancelled."""
        while True:
            wait_s = EVERY_S
            try:
                counties = (await self._installation.setup()).register.counties
                await self._book.until_loaded({database_of(county) for county in counties})
                await self.once()
            except (StoreUnavailable, CouchError) as error:
                log.warning("what is to be forgotten waits for the store: %s", error)
                wait_s = RETRY_S
            await asyncio.sleep(wait_s)

    async def once(self) -> int:
        """Erase what is due; how many cases. One that the book does not know (yet) is left alone."""
        policy = (await self._installation.setup()).rulebook.policy
        today, erased = calendar.local_day(self._clock()), 0
        for village, case in sorted(await self._sealed.cases()):
            matter = self._book.find(village, case)
            cleared_day = None if matter is None else matter.case.cleared_day
            if cleared_day is not None and today > cleared_day + policy.sealed.keep_days:
                await self._audit.record("d110", "sealed_erased", f"{village}:case:{case}")
                await self._sealed.erase(village, case)
                erased += 1
        return erased
