"""``POST /db/{database}/_pull``: all that a tablet lacks, in one answer that can be cut anywhere and gone on with.

The answer is a line a document, between lines that say where it stands:

    {"epoch": …, "scope": [prefix, …]}     first: which store this is, and what of it the account may see on this device
    {"_id": …, …}                          a document; one that was removed has ``_deleted``
    {"since": …}                           after each page: all before this line need not be asked for again
    {"since": …, "done": true}             last; without it the answer was cut
    {"error": …, "reason": …, "code": …}   last instead: the store failed, or does not know ``since``

The tablet says up to where (``since``) it holds which part (``holds``, the scope it was told then) of which store
(``epoch``); one that needs little of what it may see, also which prefixes (``only``), and is told that part as its
scope. What it may see but does not hold is read by key range, lights first; then comes what changed since. So the first
sync, the way on after a cut, catching up, a wider scope and a store that was reset are one thing. What lies outside the
told scope is the tablet's to drop.
"""

from __future__ import annotations

import asyncio
import logging
import zlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Final

import brotli
import msgspec

from models.ids import Scope
from sync_api.couch import Couch, IdRow
from sync_api.devices.records import TabletState
from sync_api.errors import BadRequest, GatewayError, couch_error
from sync_api.replication.changes import RANGE, check_sequence, range_since, read_changes, split_range
from sync_api.replication.feed import Feed
from sync_api.replication.flights import Flight

log = logging.getLogger(__name__)

#: Documents read at a time: a quarter of a megabyte, so that others are served in between.
PAGE_DOCUMENTS: Final = 500
#: Lines of what is no small pull any more: more than a village has, or a tablet lacks that was away for days.
SMALL_LINES: Final = 1_000
PREFIXES_MAX: Final = 1_000
#: A fifth smaller than gzip for the same work.
BROTLI_QUALITY: Final = 5
GZIP_LEVEL: Final = 6


class Asked(msgspec.Struct):
    """What a tablet holds: all is empty at first, ``holds`` are the prefixes of the scope it was told; ``only``: those
    that it limits itself to; and how it is, as far as that can be believed."""

    epoch: str = ""
    since: str = ""
    holds: list[str] = []
    only: list[str] | None = None
    tablet: Any = None

    def within(self, scope: Scope) -> Scope:
        """The part of a scope that is asked for. Raises ``BadRequest``."""
        if self.only is None:
            return scope
        if len(self.only) > PREFIXES_MAX or not all(self.only):
            raise BadRequest("bad_only", "only 参数不正确。", "`only` is a list of prefixes.")
        return Scope.of(prefix for one in self.only for prefix in scope.within(one).prefixes)

    def state(self) -> TabletState | None:
        """What the tablet says of itself. An odd word about that is no reason to keep its documents from it."""
        try:
            return None if self.tablet is None else msgspec.convert(self.tablet, TabletState)
        except msgspec.MsgspecError as error:
            log.info("what a tablet says of itself cannot be read: %s", error)
            return None


class _Removed(msgspec.Struct):
    id: str = msgspec.field(name="_id")
    rev: str = msgspec.field(name="_rev")
    deleted: bool = msgspec.field(name="_deleted", default=True)


class _Mark(msgspec.Struct, omit_defaults=True):
    since: str
    done: bool = False


class _Head(msgspec.Struct):
    epoch: str
    scope: tuple[str, ...]


async def pull(
    couch: Couch, feed: Feed, scope: Scope, villages: Sequence[str], asked: Asked, page: int = PAGE_DOCUMENTS
) -> AsyncIterator[list[bytes]]:
    """The lines of the answer, a page at a time. ``villages`` are all of the register's, whose lights come first.

    Raises ``BadRequest`` before the first page only, and ``StoreUnavailable`` before any.
    """
    epoch = await couch.server_uuid()
    if asked.epoch != epoch:
        asked = Asked()
    if len(asked.holds) > PREFIXES_MAX or not all(asked.holds):
        raise BadRequest("bad_holds", "holds 参数不正确。", "`holds` is a list of prefixes of a scope.")
    lacking = scope.without(asked.holds if asked.since else [])
    key, since = split_range(asked.since, lacking) if asked.since.startswith(RANGE) else ("", asked.since)
    if not since:
        since = await couch.sequence_now(feed.database)
    check_sequence(since)
    if not feed.log.holds(since) and _count(since) > _count(await couch.sequence_now(feed.database)):
        # the store was put back to an earlier state: what the tablet holds beyond it is lost here
        raise BadRequest("bad_since", "since 参数超出现有数据。", "A sequence that this store has not come to.")
    yield [_line(_Head(epoch, scope.prefixes))]
    async for lines in _lacking(couch, feed.database, lacking, villages, key, since, page):
        yield lines
    async for lines in _changed(couch, feed, scope, since, page):
        yield lines


def _count(sequence: str) -> int:
    """How many changes CouchDB's sequence counts."""
    return int(sequence.partition("-")[0])


async def _changed(couch: Couch, feed: Feed, scope: Scope, since: str, page: int) -> AsyncIterator[list[bytes]]:
    """What changed after a sequence, to the end."""
    is_done = False
    while not is_done:
        changes = await read_changes(couch, feed, scope, since, page)
        found = []
        if changes.results:
            found = await couch.rows_of(feed.database, [row.id for row in changes.results], include_docs=True)
        since, is_done = changes.last_seq, len(found) < page
        yield [*filter(None, map(_document, found)), _line(_Mark(since, is_done))]


async def _lacking(
    couch: Couch, database: str, scope: Scope, villages: Sequence[str], key: str, since: str, page: int
) -> AsyncIterator[list[bytes]]:
    """What stands in the key ranges of a scope, from a key on."""
    if not key:
        lights = [identity for village in villages if scope.allows(identity := f"{village}:lights")]
        for at in range(0, len(lights), page):
            found = await couch.rows_of(database, lights[at : at + page], include_docs=True)
            yield [*filter(None, map(_document, found))]
    for start, end in scope.key_ranges():
        at_key = max(start, key)
        while at_key < end:
            rows = await couch.range_of(database, at_key, end, page, include_docs=True)
            # no id holds a sign as low as ``!``; the lights have come already
            at_key = f"{rows[-1].id}!" if len(rows) == page else end
            lines = [line for row in rows if not (row.id or "").endswith(":lights") and (line := _document(row))]
            yield [*lines, _line(_Mark(range_since(scope, at_key, since)))]


def _document(row: IdRow) -> bytes | None:
    """A row's document as it lies in the store; None for one that never was."""
    if row.has_doc:
        return bytes(row.doc)
    if row.value is not None and row.value.deleted and (identity := row.id or row.key):
        return _line(_Removed(identity, row.value.rev))
    return None


def _line(content: msgspec.Struct) -> bytes:
    return msgspec.json.encode(content)


#: Turns what is to be sent into what is sent, up to the last sign; empty bytes say that this was all.
Encode = Callable[[bytes], bytes]


def encoder(accepted: str) -> tuple[str, Encode]:
    """The name of the best coding that a client accepts ("" for none), and its encoder. Pages leave whole: a flush
    after each."""
    codings = {coding.partition(";")[0].strip() for coding in accepted.split(",")}
    if "br" in codings:
        squeezed = brotli.Compressor(quality=BROTLI_QUALITY)
        return "br", lambda data: squeezed.process(data) + squeezed.flush() if data else squeezed.finish()
    if "gzip" in codings:
        zipped = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, zlib.MAX_WBITS | 16)
        return "gzip", lambda data: zipped.compress(data) + zipped.flush(zlib.Z_SYNC_FLUSH) if data else zipped.flush()
    return "", lambda data: data


async def encoded(
    first: list[bytes],
    pages: AsyncIterator[list[bytes]],
    encode: Encode,
    turn: Callable[[bool], AbstractAsyncContextManager[None]],
    flight: Flight,
    done: Callable[[], None],
) -> AsyncIterator[bytes]:
    """Pages as they leave, each a whole number of lines; a turn is taken for each, among those who read much once it is
    no small pull any more, and held while it is read and compressed (in a thread, so that others are served meanwhile).
    An error is the last line. Cut when the tablet has asked anew; ``done`` is called when all was sent."""
    yield encode(b"\n".join([*first, b""]))
    try:
        sent = 0
        while flight.is_last:
            async with turn(sent > SMALL_LINES):
                if (lines := await anext(pages, None)) is None:
                    break
                sent += len(lines)
                squeezed = await asyncio.to_thread(encode, b"\n".join([*lines, b""])) if lines else b""
            if squeezed:
                yield squeezed
        else:
            return
        if rest := encode(b""):
            yield rest
        done()
    except GatewayError as error:
        log.warning("a pull is cut: %s", error)
        yield encode(msgspec.json.encode(couch_error(error)) + b"\n") + encode(b"")
    finally:
        flight.end()
