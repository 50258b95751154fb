"""The papers in memory, with who has acknowledged them: kept up by the feeds, so a list costs the store nothing."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec
from msgspec import Raw

from models.documents import Acknowledgement, Notice, Withdrawal, decode_document
from models.ids import CODE_LENGTHS, database_of
from models.notices.addressees import acknowledged
from models.notices.offices import serial_of
from sync_api.couch import Couch
from sync_api.following import Following
from sync_api.installation import Installation

log = logging.getLogger(__name__)

_KINDS: Final = (":notice:", ":acknowledgement:", ":withdrawal:")
_OFFICES: Final = (CODE_LENGTHS["city"], CODE_LENGTHS["county"], CODE_LENGTHS["township"])


class NoticeRegister(Following):
    """All issued papers of one store, without what is printed below their facts: lists need no more."""

    name = "the register of papers"

    def __init__(self, couch: Couch, installation: Installation) -> None:
        super().__init__()
        self._couch, self._installation = couch, installation
        self._notices: dict[str, Notice] = {}
        self._withdrawals: dict[str, Withdrawal] = {}
        self._words: defaultdict[str, dict[str, Acknowledgement]] = defaultdict(dict)

    def wants(self, document_id: str) -> bool:
        return any(kind in document_id for kind in _KINDS)

    def all(self) -> Iterator[tuple[Notice, list[Acknowledgement | None]]]:
        """Every paper, the newest first, with its receivers' words."""
        for notice in sorted(self._notices.values(), key=lambda n: (n.issued_at, *serial_of(n.id), n.id), reverse=True):
            yield notice, self.words_of(notice)

    def words_of(self, notice: Notice) -> list[Acknowledgement | None]:
        """What each receiver said, in the paper's order; None while one is waited for."""
        return acknowledged(notice, self._words[notice.id].values() if notice.id in self._words else ())

    def withdrawal_of(self, notice: Notice) -> Withdrawal | None:
        """The first word that a paper was withdrawn; None while it stands."""
        return self._withdrawals.get(notice.id)

    def heard_of(self, notice: Notice) -> list[bool]:
        """Which receivers, in the paper's order, have said since its withdrawal that they know of it."""
        withdrawal = self.withdrawal_of(notice)
        if withdrawal is None:
            return [False] * len(notice.receivers)
        later = [word for word in self._words.get(notice.id, {}).values() if word.observed_at > withdrawal.observed_at]
        return [word is not None for word in acknowledged(notice, later)]

    def of_sources(self) -> dict[str, Notice]:
        """The papers of meetings, by the agenda or minutes that they are made from; of a withdrawn one
        there is none."""
        return {
            notice.source: notice
            for notice in self._notices.values()
            if notice.source is not None and notice.id not in self._withdrawals
        }

    def take(self, notice: Notice) -> None:
        """A paper as it was just stored."""
        if notice.is_reserved:
            self._notices.pop(notice.id, None)
        else:
            self._notices[notice.id] = msgspec.structs.replace(notice, body=[], annex=None)

    def take_word(self, word: Acknowledgement) -> None:
        self._words[word.notice][word.id] = word

    def take_withdrawal(self, word: Withdrawal) -> None:
        known = self._withdrawals.get(word.notice)
        if known is None or (word.observed_at, word.id) < (known.observed_at, known.id):
            self._withdrawals[word.notice] = word

    async def load(self, database: str) -> None:
        divisions = (await self._installation.setup()).register.divisions
        offices = [code for code in divisions if len(code) in _OFFICES and database_of(code) == database]
        for office in offices:
            await self._range(database, f"{office}:notice:", f"{office}:notice;")
            await self._range(database, f"{office}:withdrawal:", f"{office}:withdrawal;")
        # the words on this database's papers, and those that lie here: the city's papers go to all counties
        receivers = {
            r.division
            for notice in self._notices.values()
            for r in notice.receivers
            if database in (database_of(notice.id), database_of(r.division))
        }
        for division in sorted(receivers):
            start = f"{division}:acknowledgement:"
            await self._range(database_of(division), start, start[:-1] + ";")

    async def _range(self, database: str, start: str, end: str) -> None:
        for row in await self._couch.range_of(database, start, end, include_docs=True):
            if row.has_doc:
                self._take(row.doc)

    async def read(self, database: str, ids: Sequence[str]) -> None:
        for identity, row in zip(ids, await self._couch.rows_of(database, ids, include_docs=True), strict=True):
            if row.has_doc:
                self._take(row.doc)
            else:  # a number that was given back
                self._notices.pop(identity, None)

    def _take(self, raw: Raw) -> None:
        try:
            document = decode_document(raw)
        except msgspec.MsgspecError:
            log.exception("a paper cannot be read: %s", bytes(raw)[:200])  # written past the gateway
            return
        if isinstance(document, Notice):
            self.take(document)
        elif isinstance(document, Acknowledgement):
            self.take_word(document)
        elif isinstance(document, Withdrawal):
            self.take_withdrawal(document)
