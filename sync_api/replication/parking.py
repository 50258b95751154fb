"""Requests that wait: out of the framework, which keeps a dozen objects for each request under way, and with an eye on
the client, who may have gone."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final, TypeVar, cast

from litestar import Litestar
from litestar.types import Receive, Scope, Send

from models.ids import Scope as PrefixScope
from sync_api.access.admission import Admission
from sync_api.access.gate import Watch
from sync_api.errors import GatewayError, send_error
from sync_api.replication.feed import Feed

Result = TypeVar("Result")
#: Answers a parked request by the server's own ``send``: the framework's wrappers would keep all that they know of it.
Wait = Callable[[Send], Awaitable[None]]

_PARKED: Final = "d110.parked"
#: Of ten thousand tablets that come back at once, so many are looked at; the others hold next to nothing meanwhile.
#: All that a feed sends is sent when its request is parked, so that a slow line does not hold up others here.
PREPARED_AT_ONCE: Final = 64
#: And of one client, whatever account it will turn out to be: or one that asks for much would have all the places.
PREPARED_OF_ONE: Final = 8
#: What the server itself reads of a request while it is answered.
_SERVERS_OWN: Final = frozenset({"type", "method", "path", "query_string", "client", "http_version"})


class ParkingLitestar(Litestar):
    """A Litestar whose handlers may leave a request waiting (``park``) and return."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._preparing = Admission(PREPARED_AT_ONCE, PREPARED_OF_ONE, wait_s_max=None)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if not scope.get("path", "").endswith("/_changes"):
            await super().__call__(scope, receive, send)
            return
        try:
            async with self._preparing.turn(_client_of(scope)):
                await super().__call__(scope, receive, send)
        except GatewayError as error:  # it has too many waiting already
            await send_error(send, error)
        await answer_parked(scope, send)


def _client_of(scope: Any) -> str:
    """What tells clients apart before anybody has looked who they are: their credentials, else their address."""
    headers = dict(scope["headers"])
    found = headers.get(b"authorization") or headers.get(b"cookie") or str(scope.get("client")).encode()
    return hashlib.blake2s(found, digest_size=8).hexdigest()


def park(scope: Scope, wait: Wait) -> None:
    """Let ``wait`` answer a request once the framework has given up all that it holds of it. Nothing may have been
    sent."""
    cast("dict[str, Any]", scope)[_PARKED] = wait


async def answer_parked(scope: Any, send: Send) -> None:
    """Let a request that was parked be answered; any other has been."""
    wait: Wait | None = scope.pop(_PARKED, None)
    if wait is not None:
        scope.get("headers", []).clear()  # the connection has the same list
        for key in scope.keys() - _SERVERS_OWN:
            del scope[key]
        await wait(send)


class Line:
    """A client who waits for news of a scope, from before the first reading on: the other order loses what is written
    in between. When the client hangs up, its ``waiter`` is woken. To be dropped in the end."""

    def __init__(self, receive: Receive, feed: Feed, scope: PrefixScope, watch: Watch) -> None:
        self._feed = feed
        self.waiter = feed.attach(scope, watch)
        self._hang_up = asyncio.create_task(_hung_up(receive))
        self._hang_up.add_done_callback(lambda _: self.waiter.wake())

    @property
    def is_gone(self) -> bool:
        return self._hang_up.done()

    async def unless_gone(self, work: Coroutine[Any, Any, Result]) -> Result | None:
        """What the work gives; it is cancelled, and nothing given, when the client goes before."""
        return await _first_of(work, self._hang_up)

    def drop(self) -> None:
        """Look no more."""
        self._hang_up.cancel()
        self._feed.detach(self.waiter)


async def unless_gone(receive: Receive, work: Coroutine[Any, Any, Result]) -> Result | None:
    """As ``Line.unless_gone``, for a client who does not wait for news; the body has been read."""
    hang_up = asyncio.create_task(_hung_up(receive))
    try:
        return await _first_of(work, hang_up)
    finally:
        hang_up.cancel()


async def _first_of(work: Coroutine[Any, Any, Result], hang_up: asyncio.Task[None]) -> Result | None:
    task = asyncio.create_task(work)
    try:
        await asyncio.wait({task, hang_up}, return_when=asyncio.FIRST_COMPLETED)
        return task.result() if task.done() else None
    finally:
        task.cancel()


async def _hung_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue
