"""A store as the gateway sees it: a feed in which a document stands once, at its last change, and a key range."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import msgspec
from msgspec import Raw

from sync_api.couch import Changes, IdRow, RevValue, Row, Saved
from sync_api.errors import StoreUnavailable


class Upstream:
    """``write`` adds a change; ``cut`` ends the feeds that are open. ``after_read`` is called once, when a read has its
    answer and before the reader gets it: the window in which documents get lost."""

    def __init__(self) -> None:
        self.revisions: dict[str, int] = {}
        self.history: list[tuple[int, str, int]] = []
        self.after_read: Callable[[], None] | None = None
        self.epoch = "epoch-1"
        self.saved: dict[str, list[bytes]] = {}
        #: A second revision of a document, that the feed lists beside its own.
        self.rivals: dict[str, str] = {}
        self._is_cut = False
        self._moved = asyncio.Event()

    def write(self, identity: str) -> None:
        self.revisions[identity] = self.revisions.get(identity, 0) + 1
        self.history.append((len(self.history) + 1, identity, self.revisions[identity]))
        self._moved.set()

    async def cut(self) -> None:
        self._is_cut = True
        self._moved.set()
        await _others()

    async def sequence_now(self, _: str) -> str:
        return f"{len(self.history)}"

    async def changes(self, _: str, since: str, limit: int) -> Changes:
        found = self._after(int(since))[:limit]
        last_seq = f"{len(self.history)}" if len(found) < limit else f"{found[-1][0]}"
        await self._window()
        return Changes([row_of(h) for h in found], Raw(msgspec.json.encode(last_seq)))

    async def range_of(
        self, _: str, start: str, end: str, limit: int | None = None, include_docs: bool = False
    ) -> list[IdRow]:
        ids = sorted(i for i in self.revisions if start <= i < end)[:limit]
        rows = [self._row(i) for i in ids]
        await self._window()
        return rows

    async def rows_of(self, _: str, ids: Sequence[str], include_docs: bool = False) -> list[IdRow]:
        return [self._row(i) if i in self.revisions else IdRow(key=i, error="not_found") for i in ids]

    async def server_uuid(self) -> str:
        return self.epoch

    async def bulk_docs(self, database: str, documents: Sequence[Raw | bytes], new_edits: bool) -> list[Saved]:
        """Takes its time: what is not waited for is not there yet."""
        await _others()
        self.saved.setdefault(database, []).extend(bytes(document) for document in documents)
        return []

    @asynccontextmanager
    async def follow(self, _: str, since: str) -> AsyncIterator[AsyncIterator[Row]]:
        self._is_cut = False
        yield self._rows(int(since))

    async def _rows(self, since: int) -> AsyncIterator[Row]:
        while True:
            for change in self._after(since):
                since = change[0]
                yield row_of(change, self.rivals.get(change[1]))
            self._moved.clear()
            await self._moved.wait()
            if self._is_cut:
                raise StoreUnavailable("cut")

    def _row(self, identity: str) -> IdRow:
        rev = f"{self.revisions[identity]}-a"
        doc = Raw(msgspec.json.encode({"_id": identity, "_rev": rev}))
        return IdRow(id=identity, key=identity, value=RevValue(rev=rev), doc=doc)

    def _after(self, since: int) -> list[tuple[int, str, int]]:
        last = {identity: number for number, identity, _ in self.history}
        return [h for h in self.history[since:] if last[h[1]] == h[0]]

    async def _window(self) -> None:
        if self.after_read is not None:
            act, self.after_read = self.after_read, None
            act()
            await _others()  # lets the feed take what was written


async def _others() -> None:
    """Lets the other tasks run as far as they can."""
    for _ in range(5):
        await asyncio.sleep(0)


def row_of(change: tuple[int, str, int], rival: str | None = None) -> Row:
    number, identity, revision = change
    leaves = [{"rev": f"{revision}-a"}, *([{"rev": rival}] if rival is not None else [])]
    return Row(Raw(msgspec.json.encode(f"{number}")), identity, Raw(msgspec.json.encode(leaves)))
