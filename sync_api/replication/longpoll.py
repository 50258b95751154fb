"""``feed=longpoll`` as a bare ASGI app: thousands wait at once, so each must hold little, and heartbeats must leave
uncompressed and at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import msgspec
from litestar.types import ASGIApp, Receive, Send
from litestar.types import Scope as AsgiScope
from litestar.types.asgi_types import HTTPResponseBodyEvent, HTTPResponseStartEvent

from models.ids import Scope
from sync_api.errors import GatewayError, couch_error
from sync_api.replication.changes import ChangesPage
from sync_api.replication.feed import Feed

#: CouchDB's own default; PouchDB asks for 10 s.
HEARTBEAT_S_DEFAULT: Final = 60.0
#: Long polls end after this at the latest and PouchDB asks again, so a lapsed session is noticed.
WAIT_S_MAX: Final = 300.0

Read = Callable[[], Awaitable[ChangesPage]]


def longpoll(feed: Feed, scope: Scope, read: Read, heartbeat_s: float, timeout_s: float) -> ASGIApp:
    """An app that answers with the first rows there are. It attaches to the feed first and reads then: the other order
    loses what is written in between."""

    async def app(_: AsgiScope, receive: Receive, send: Send) -> None:
        with feed.waiting(scope) as changed:
            page = await read()
            await send(start_event())
            hang_up = asyncio.create_task(hung_up(receive))
            try:
                deadline = asyncio.get_running_loop().time() + timeout_s
                while not page.results and asyncio.get_running_loop().time() < deadline:
                    if not await wait_for_change(changed, hang_up, heartbeat_s, send):
                        return
                    if changed.is_set():
                        changed.clear()
                        page = await read()
                await send(body_event(msgspec.json.encode(page), more_body=False))
            except GatewayError as error:
                # the status is already sent; an error body here is no page, so PouchDB tries again
                await send(body_event(msgspec.json.encode(couch_error(error)), more_body=False))
            finally:
                hang_up.cancel()

    return app


async def wait_for_change(changed: asyncio.Event, hang_up: asyncio.Task[None], heartbeat_s: float, send: Send) -> bool:
    """Wait for a change or a heartbeat's time; False when the client is gone."""
    waiter = asyncio.create_task(changed.wait())
    done, _ = await asyncio.wait({waiter, hang_up}, timeout=heartbeat_s, return_when=asyncio.FIRST_COMPLETED)
    waiter.cancel()
    if hang_up in done:
        return False
    if not done:
        await send(body_event(b"\n", more_body=True))
    return True


def start_event() -> HTTPResponseStartEvent:
    headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store"), (b"x-accel-buffering", b"no")]
    return HTTPResponseStartEvent(type="http.response.start", status=200, headers=headers)


def body_event(content: bytes, more_body: bool) -> HTTPResponseBodyEvent:
    return HTTPResponseBodyEvent(type="http.response.body", body=content, more_body=more_body)


async def hung_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue
