"""A user's ``_changes``: CouchDB's feed, cut to a scope (pouchdb_contract #5–7).

``since`` is opaque to clients and has two forms here: CouchDB's own sequence, or ``range~{mark}~{key}~{sequence}``
while the first reading of everything in a scope is under way. That reading goes by key range and is stamped with the
sequence taken before it began: what is written meanwhile comes again afterwards, and nothing is passed over. Ranges
stand for ``since=0`` only because events are never deleted.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Final

import msgspec
from msgspec import Raw

from models.ids import Scope
from sync_api.couch import Couch, CouchError, IdRow, Row, seq_text
from sync_api.errors import BadRequest
from sync_api.replication.feed import Feed

#: Rows asked for at a time when a page has to be matched here; a page of 1,000 rows is about 100 kB.
SCAN_ROWS: Final = 1_000
RANGE: Final = "range~"
#: CouchDB's sequences begin with a number; the embedded store would take anything else for the beginning.
_SEQUENCE: Final = re.compile(r"\d{1,18}(?:-[\w-]+)?\Z", re.ASCII)


class ChangesPage(msgspec.Struct):
    """The answer of ``_changes``. ``pending`` is left out: it would tell how much others write."""

    results: list[Row]
    last_seq: str


def _bad_since() -> BadRequest:
    return BadRequest("bad_since", "since 参数不正确。", "Not a sequence of this store's.")


def _as_seq(text: str) -> Raw:
    return Raw(msgspec.json.encode(text))


def range_since(scope: Scope, key: str, sequence: str) -> str:
    """The ``since`` of a first reading of a scope that has come to a key."""
    return f"{RANGE}{_mark(scope)}~{key}~{sequence}"


def split_range(since: str, scope: Scope) -> tuple[str, str]:
    """Key and sequence of such a ``since``; the key is empty, so that the reading begins anew, where it was one of
    another scope. Raises ``BadRequest``."""
    mark, _, rest = since.removeprefix(RANGE).partition("~")
    key, _, sequence = rest.partition("~")
    check_sequence(sequence)
    return (key if mark == _mark(scope) else ""), sequence


def _mark(scope: Scope) -> str:
    return hashlib.blake2s(" ".join(scope.prefixes).encode(), digest_size=6).hexdigest()


def check_sequence(sequence: str) -> None:
    """Raises ``BadRequest`` for what is no sequence of a CouchDB."""
    if not _SEQUENCE.match(sequence):
        raise _bad_since()


async def read_changes(couch: Couch, feed: Feed, scope: Scope, since: str, limit: int) -> ChangesPage:
    """The next rows of a scope after ``since``: up to ``limit``, fewer only at the true end. Raises
    ``StoreUnavailable``; an upstream error is never an empty page."""
    database = feed.database
    if not scope.prefixes:
        return ChangesPage([], since)
    if since in ("", "0"):
        start = scope.key_ranges()[0][0]
        return await _read_range(couch, database, scope, start, await couch.sequence_now(database), limit)
    if since == "now":
        return ChangesPage([], await couch.sequence_now(database))
    if since.startswith(RANGE):
        key, sequence = split_range(since, scope)
        return await _read_range(couch, database, scope, key, sequence, limit)
    check_sequence(since)
    if feed.connected.is_set() and feed.log.holds(since):
        await feed.settle(scope)
    if feed.connected.is_set() and feed.log.holds(since):
        rows, last = feed.log.after(since, scope, limit)
        return ChangesPage([Row(_as_seq(seq_text(row.seq)), row.id, row.changes, row.deleted) for row in rows], last)
    return await _read_feed(couch, database, scope, since, limit)


async def read_changes_of(couch: Couch, feed: Feed, named: Sequence[str], since: str, limit: int) -> ChangesPage:
    """As ``read_changes``, of some documents by their ids. The first reading gives all of them at once, whatever the
    ``limit``."""
    if since in ("", "0"):
        sequence = await couch.sequence_now(feed.database)
        found = await couch.rows_of(feed.database, named)
        rows = [row for row in found if row.id is not None and row.value is not None and not row.value.deleted]
        changes = [Raw(msgspec.json.encode([{"rev": row.value.rev}])) for row in rows if row.value is not None]
        return ChangesPage(
            [Row(_as_seq(sequence), row.id or "", said) for row, said in zip(rows, changes, strict=True)], sequence
        )
    page = await read_changes(couch, feed, Scope.of(named), since, limit)
    wanted = frozenset(named)  # an id may begin with another one
    return ChangesPage([row for row in page.results if row.id in wanted], page.last_seq)


async def _read_range(
    couch: Couch, database: str, scope: Scope, from_key: str, sequence: str, limit: int
) -> ChangesPage:
    rows: list[Row] = []
    for start, end in scope.key_ranges():
        if end <= from_key:
            continue
        # one row more than asked for tells whether this is the true end
        wanted = limit - len(rows) + 1
        found = await couch.range_of(database, max(start, from_key), end, wanted)
        rows.extend(_range_row(row, scope, sequence) for row in found if row.id is not None)
        if len(rows) > limit:
            return ChangesPage(rows[:limit], seq_text(rows[limit - 1].seq))
    if rows:
        rows[-1] = Row(_as_seq(sequence), rows[-1].id, rows[-1].changes)
    return ChangesPage(rows, sequence)


def _range_row(row: IdRow, scope: Scope, sequence: str) -> Row:
    """A row whose sequence goes on right behind its key: no id holds a sign as low as ``!``."""
    identity = row.id or ""
    rev = row.value.rev if row.value is not None else ""
    changes = Raw(msgspec.json.encode([{"rev": rev}]))
    return Row(_as_seq(range_since(scope, f"{identity}!", sequence)), identity, changes)


async def _read_feed(couch: Couch, database: str, scope: Scope, since: str, limit: int) -> ChangesPage:
    rows: list[Row] = []
    last = since
    while True:
        try:
            page = await couch.changes(database, last, SCAN_ROWS)
        except CouchError as error:
            if error.status == 400:
                raise _bad_since() from error
            raise
        for row in page.results:
            if scope.allows(row.id):
                rows.append(Row(_as_seq(seq_text(row.seq)), row.id, row.changes, row.deleted))
                if len(rows) == limit:
                    return ChangesPage(rows, seq_text(row.seq))
        last = seq_text(page.last_seq)
        if len(page.results) < SCAN_ROWS:
            return ChangesPage(rows, last)
