"""``feed=longpoll`` as a bare ASGI app: thousands wait at once, so each must hold little, and heartbeats must leave
uncompressed and at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final

import msgspec
from litestar.types import ASGIApp, Receive, Send
from litestar.types import Scope as AsgiScope
from litestar.types.asgi_types import HTTPResponseBodyEvent, HTTPResponseStartEvent

from models.ids import Scope
from sync_api.access.gate import ENDLESS, Watch
from sync_api.errors import GatewayError, couch_error
from sync_api.replication.changes import ChangesPage
from sync_api.replication.feed import Feed
from sync_api.replication.parking import Line, Wait, park, unless_gone

#: CouchDB's own default; PouchDB asks for 10 s.
HEARTBEAT_S_DEFAULT: Final = 60.0
#: Long polls end after this at the latest and PouchDB asks again, so a lapsed session is noticed.
WAIT_S_MAX: Final = 300.0

Read = Callable[[], Coroutine[Any, Any, ChangesPage]]


def page_of(read: Read) -> ASGIApp:
    """One page, as it stands."""

    async def app(asgi: AsgiScope, receive: Receive, send: Send) -> None:
        if (page := await unless_gone(receive, read())) is not None:
            park(asgi, lambda send: _send_page(send, page))

    return app


def longpoll(
    feed: Feed, scope: Scope, read: Read, heartbeat_s: float, timeout_s: float, watch: Watch = ENDLESS
) -> ASGIApp:
    """An app that answers with the first rows there are, and leaves the waiting for them to ``parking.py``."""

    async def app(asgi: AsgiScope, receive: Receive, send: Send) -> None:
        line = Line(receive, feed, scope, watch)
        page = None
        try:
            page = await line.unless_gone(read())
        finally:
            if page is None or page.results:
                line.drop()
        if page is not None:
            park(asgi, sending(page) if page.results else waiting(line))

    def sending(page: ChangesPage) -> Wait:
        return lambda send: _send_page(send, page)

    def waiting(line: Line) -> Wait:
        # a function of its own, so that the empty page is not held
        return lambda send: _wait(line, read, heartbeat_s, timeout_s, send)

    return app


async def _send_page(send: Send, page: ChangesPage) -> None:
    await send(start_event())
    await send(body_event(msgspec.json.encode(page), more_body=False))


async def _wait(line: Line, read: Read, heartbeat_s: float, timeout_s: float, send: Send) -> None:
    """Answer with the first rows that come, or with none when the time is over."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + timeout_s
    try:
        await send(start_event())
        while (left_s := deadline - loop.time()) > 0:
            has_news = await line.waiter.wait(min(heartbeat_s, left_s))
            if line.is_gone:
                return
            line.waiter.watch.check()
            if not has_news:
                await send(body_event(b"\n", more_body=True))
            elif (page := await read()).results:
                break
        else:
            page = await read()
        await send(body_event(msgspec.json.encode(page), more_body=False))
    except GatewayError as error:
        # the status is already sent; an error body here is no page, so PouchDB tries again
        await send(body_event(msgspec.json.encode(couch_error(error)), more_body=False))
    finally:
        line.drop()


def start_event() -> HTTPResponseStartEvent:
    headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store"), (b"x-accel-buffering", b"no")]
    return HTTPResponseStartEvent(type="http.response.start", status=200, headers=headers)


def body_event(content: bytes, more_body: bool) -> HTTPResponseBodyEvent:
    return HTTPResponseBodyEvent(type="http.response.body", body=content, more_body=more_body)
