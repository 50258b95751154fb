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
from sync_api.replication.feed import Feed, Waiter
from sync_api.replication.parking import Line, Wait, park

#: CouchDB's own default; PouchDB asks for 10 s.
HEARTBEAT_S_DEFAULT: Final = 60.0
#: Long polls end after this at the latest and PouchDB asks again, so a lapsed session is noticed.
WAIT_S_MAX: Final = 300.0

Read = Callable[[], Coroutine[Any, Any, ChangesPage]]


def longpoll(
    feed: Feed, scope: Scope, read: Read, heartbeat_s: float, timeout_s: float, watch: Watch = ENDLESS
) -> ASGIApp:
    """An app that answers with the first rows there are. It attaches to the feed first and reads then: the other order
    loses what is written in between. When there is nothing yet it leaves the waiting to ``parking.py``."""

    async def app(asgi: AsgiScope, receive: Receive, send: Send) -> None:
        waiter = feed.attach(scope, watch)
        line = Line(receive, waiter)
        is_parked = False
        try:
            page = await line.unless_gone(read())
            is_parked = page is not None and not page.results
        finally:
            if not is_parked:
                line.drop()
                feed.detach(waiter)
        if is_parked:
            park(asgi, wait_at(waiter, line))
        elif page is not None:
            await send(start_event())
            await send(body_event(msgspec.json.encode(page), more_body=False))

    def wait_at(waiter: Waiter, line: Line) -> Wait:
        async def wait(send: Send) -> None:
            try:
                await _wait(waiter, line, read, heartbeat_s, timeout_s, send)
            finally:
                line.drop()
                feed.detach(waiter)

        return wait

    return app


async def _wait(waiter: Waiter, line: Line, read: Read, heartbeat_s: float, timeout_s: float, send: Send) -> None:
    """Answer with the first rows that come, or with none when the time is over."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + timeout_s
    await send(start_event())
    try:
        while (left_s := deadline - loop.time()) > 0:
            has_news = await waiter.wait(min(heartbeat_s, left_s))
            if line.is_gone:
                return
            waiter.watch.check()
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


def start_event() -> HTTPResponseStartEvent:
    headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store"), (b"x-accel-buffering", b"no")]
    return HTTPResponseStartEvent(type="http.response.start", status=200, headers=headers)


def body_event(content: bytes, more_body: bool) -> HTTPResponseBodyEvent:
    return HTTPResponseBodyEvent(type="http.response.body", body=content, more_body=more_body)
