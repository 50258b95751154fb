"""How lamps went by week, in memory: what each night said of the townships."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from models.documents import Weeks
from models.ids import CODE_LENGTHS, database_of
from sync_api.couch import Couch
from sync_api.following import Following
from sync_api.installation import Installation
from sync_api.stored import readable

_KIND = ":weeks"


class WeekBook(Following):
    """The last ``Weeks`` of each township."""

    name = "the weeks"

    def __init__(self, couch: Couch, installation: Installation) -> None:
        super().__init__()
        self._couch, self._installation = couch, installation
        self._weeks: dict[str, Weeks] = {}

    def wants(self, document_id: str) -> bool:
        return document_id.endswith(_KIND)

    def of(self, villages: Iterable[str]) -> dict[str, Weeks | None]:
        """By township that the villages lie in; None where no night has said anything yet."""
        townships = dict.fromkeys(village[: CODE_LENGTHS["township"]] for village in villages)
        return {township: self._weeks.get(township) for township in townships}

    async def load(self, database: str) -> None:
        register = (await self._installation.setup()).register
        await self.read(database, [one + _KIND for one in register.townships if database_of(one) == database])

    async def read(self, database: str, ids: Sequence[str]) -> None:
        for document in readable(await self._couch.rows_of(database, ids, include_docs=True) if ids else ()):
            if isinstance(document, Weeks):
                self._weeks[document.id.partition(":")[0]] = document
