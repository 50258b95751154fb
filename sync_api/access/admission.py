"""Who is served next: a user who asks for much waits for himself, not the others for him."""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from sync_api.errors import Busy, TooManyRequests

#: Pieces of work at a time, in all and of one account: as many as keep store and processor busy. A stock PouchDB has
#: two under way, one each way.
AT_ONCE: Final = 8
AT_ONCE_A_USER: Final = 2
#: Pages of first syncs at a time: reading and compressing one takes a core of the store's and one of the gateway's.
MUCH_AT_ONCE: Final = 1
#: What an account may have waiting beside; a browser opens six connections, a station has some tablets.
WAITING_MAX: Final = 64
RETRY_AFTER_S: Final = 2
#: A store that answers slowly must not fill the gateway with those who wait for it.
WAIT_S_MAX: Final = 20.0


class Admission:
    """Gives turns of work, to users in rotation: however much one has waiting, the next turn is another's.

    A piece of work is a request of ``/db`` as far as store and processor have to do with it, or a page of a pull; a
    tablet that waits for news, or slowly takes what it was sent, holds no turn.
    """

    def __init__(
        self, at_once: int = AT_ONCE, at_once_a_user: int = AT_ONCE_A_USER, wait_s_max: float | None = WAIT_S_MAX
    ) -> None:
        self._free, self._wait_s_max = at_once, wait_s_max
        self._at_once_a_user = at_once_a_user
        self._running: Counter[str] = Counter()
        #: Of each user who waits; who comes first is served next.
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def turn(self, user: str) -> AsyncIterator[None]:
        """Wait for a turn and hold it for the block. Raises ``TooManyRequests`` when too much of this user's waits,
        ``Busy`` when the turn does not come in time."""
        if self._may_run(user):
            self._begin(user)
        else:
            await self._wait(user)
        try:
            yield
        finally:
            self._end(user)

    def _may_run(self, user: str) -> bool:
        return self._free > 0 and self._running[user] < self._at_once_a_user

    def _begin(self, user: str) -> None:
        self._free -= 1
        self._running[user] += 1

    async def _wait(self, user: str) -> None:
        queue = self._waiting.setdefault(user, deque())
        if sum(not turn.done() for turn in queue) >= WAITING_MAX:
            raise TooManyRequests(
                "too_many_requests",
                "这一账号的请求过多，请稍后再试。",
                f"This account has {WAITING_MAX} requests waiting: try again in {RETRY_AFTER_S} seconds.",
                {"Retry-After": str(RETRY_AFTER_S)},
            )
        turn = asyncio.get_running_loop().create_future()
        queue.append(turn)
        try:
            async with asyncio.timeout(self._wait_s_max):
                await turn
        except (TimeoutError, asyncio.CancelledError) as error:
            if turn.done() and not turn.cancelled():
                self._end(user)  # it was given just now
            else:
                turn.cancel()
            if isinstance(error, TimeoutError):
                raise Busy() from error
            raise

    def _end(self, user: str) -> None:
        self._free += 1
        self._running[user] -= 1
        if not self._running[user]:
            del self._running[user]
        self._serve_next()

    def _serve_next(self) -> None:
        for user in list(self._waiting):
            if self._free <= 0:
                return
            if self._may_run(user) and (turn := self._next_of(user)) is not None:
                self._begin(user)
                turn.set_result(None)

    def _next_of(self, user: str) -> asyncio.Future[None] | None:
        """Who of a user's comes next, of those that still wait; the user is put behind the others."""
        queue = self._waiting.pop(user)
        while queue:
            turn = queue.popleft()
            if not turn.done():
                if queue:
                    self._waiting[user] = queue
                return turn
        return None
