"""``_changes`` answered piece by piece: ``feed=continuous``, and the feed without a limit. CouchDB's replicator asks
for both; a tablet pages or polls."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, Final

import msgspec
from litestar.types import ASGIApp, Receive, Send
from litestar.types import Scope as AsgiScope

from models.ids import Scope
from sync_api.access.gate import ENDLESS, Watch
from sync_api.errors import GatewayError, Unauthorized
from sync_api.replication.changes import ChangesPage
from sync_api.replication.feed import Feed
from sync_api.replication.longpoll import body_event, start_event
from sync_api.replication.parking import Line, park, unless_gone

log = logging.getLogger(__name__)

#: Rows read and sent at a time.
STREAM_ROWS: Final = 1_000

#: Reads the next ``STREAM_ROWS`` rows after a sequence, fewer only at the true end.
ReadAfter = Callable[[str], Coroutine[Any, Any, ChangesPage]]


def whole(read: ReadAfter, since: str) -> ASGIApp:
    """Everything after ``since`` in one answer, held a page at a time."""

    async def app(asgi: AsgiScope, receive: Receive, send: Send) -> None:
        if (page := await unless_gone(receive, read(since))) is not None:
            park(asgi, lambda send: _send_whole(send, read, page))

    return app


async def _send_whole(send: Send, read: ReadAfter, page: ChangesPage) -> None:
    await send(start_event())
    await send(body_event(b'{"results":[', more_body=True))
    separator = b""
    try:
        while page.results:
            await send(body_event(separator + _rows(page, b",\n"), more_body=True))
            separator = b",\n"
            if len(page.results) < STREAM_ROWS:
                break
            page = await read(page.last_seq)
    except GatewayError as error:
        # cut off: an answer that ends well would say that this is all
        log.warning("a feed is cut: %s", error)
        return
    await send(body_event(b'],\n"last_seq":' + msgspec.json.encode(page.last_seq) + b"}\n", more_body=False))


def continuous(
    feed: Feed,
    scope: Scope,
    read: ReadAfter,
    since: str,
    heartbeat_s: float | None,
    timeout_s: float,
    watch: Watch = ENDLESS,
) -> ASGIApp:
    """A row a line, as they come, until nothing came for ``timeout_s``; an empty line each ``heartbeat_s``."""

    async def app(asgi: AsgiScope, receive: Receive, send: Send) -> None:
        line = Line(receive, feed, scope, watch)
        page = None
        try:
            page = await line.unless_gone(read(since))
        finally:
            if page is None:
                line.drop()
        if (first := page) is not None:
            park(asgi, lambda send: _follow(line, read, first, heartbeat_s or timeout_s, timeout_s, send))

    return app


async def _follow(
    line: Line, read: ReadAfter, page: ChangesPage, heartbeat_s: float, timeout_s: float, send: Send
) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + timeout_s
    try:
        await send(start_event())
        while page.results or loop.time() < deadline:
            if page.results:
                await send(body_event(_rows(page, b"\n") + b"\n", more_body=True))
                deadline = loop.time() + timeout_s
            elif not await line.waiter.wait(min(heartbeat_s, deadline - loop.time())):
                await send(body_event(b"\n", more_body=True))
            line.waiter.watch.check()
            following = await line.unless_gone(read(page.last_seq))
            if following is None:
                return
            page = following
        await send(body_event(b'{"last_seq":' + msgspec.json.encode(page.last_seq) + b"}\n", more_body=False))
    except Unauthorized:
        await send(body_event(b"", more_body=False))  # whoever asks again is told why
    except GatewayError as error:
        log.warning("a feed is cut: %s", error)
    finally:
        line.drop()


def _rows(page: ChangesPage, separator: bytes) -> bytes:
    return separator.join(map(msgspec.json.encode, page.results))
