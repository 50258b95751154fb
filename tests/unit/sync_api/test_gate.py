"""A session ends with what changes of its account, at whatever instant that is heard."""

from __future__ import annotations

import asyncio
import base64
from collections import Counter
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Any

import pytest

from sync_api.access.accounts import Account
from sync_api.access.gate import Gate, Watch
from sync_api.access.limits import ATTEMPTS_MAX, LoginLimit
from sync_api.access.staff import StaffRecord
from sync_api.access.tokens import Tokens
from sync_api.errors import Unauthorized

NOW = datetime(2026, 3, 1, tzinfo=UTC)
I0421 = Account(alias="i0421", role="informant", divisions=("371724109217",))


class World:
    """A gate over a staff data base of one account, where ``heard`` is what is heard while a session is read."""

    def __init__(self) -> None:
        self.reads = 0
        self.heard: list[str] = []
        self.woken: list[str] = []
        tokens = Tokens(token_hex(32), timedelta(minutes=15), timedelta(days=30))
        self._bearer = f"Bearer {tokens.issue('i0421', 'mine', 'access', NOW)}"
        world: Any = self  # stands for both: one looks accounts up, the other revocations
        self.gate = Gate(world, world, tokens, LoginLimit(), lambda: NOW, self.woken.append)

    async def existing(self, alias: str, epoch: int) -> StaffRecord:
        self.reads += 1
        for document in self.heard:
            self.gate.hear(document)
        return StaffRecord(id="staff:i0421", account=I0421, password_hash="")

    async def find(self, alias: str, device: str) -> None:
        return None

    async def watch(self) -> Watch:
        return self.gate.watch(await self.gate.session(self._bearer, None, "10.0.0.1"))


ENDS = pytest.mark.parametrize(
    ("document", "ends"),
    [
        ("staff:i0421", True),
        ("device:i0421.mine", True),
        ("device:i0421.other", False),
        ("staff:i04210", False),
        ("enrolment:i0421", False),
    ],
)


@ENDS
async def test_what_is_heard_while_a_request_is_live_ends_it(document: str, ends: bool) -> None:
    world = World()
    watch = await world.watch()
    watch.check()
    world.gate.hear(document)
    assert_ended(watch, ends)
    assert world.woken == ([document.partition(":")[2].partition(".")[0]] if document[:5] != "enrol" else [])


@ENDS
async def test_what_is_heard_between_the_session_and_the_request_ends_it(document: str, ends: bool) -> None:
    world = World()
    session = await world.gate.session(world._bearer, None, "10.0.0.1")
    world.gate.hear(document)
    assert_ended(world.gate.watch(session), ends)


@ENDS
async def test_what_is_heard_while_a_session_is_read_ends_it_and_it_is_not_remembered(
    document: str, ends: bool
) -> None:
    world = World()
    world.heard = [document]
    assert_ended(await world.watch(), ends)
    world.heard = []
    assert_ended(await world.watch(), False)
    assert world.reads == (1 if document.startswith("enrolment") else 2)


async def test_what_was_remembered_before_a_feed_broke_is_read_anew() -> None:
    world = World()
    await world.watch()
    await world.watch()
    assert world.reads == 1
    world.gate.hear_connected("staff")
    await world.watch()
    assert world.reads == 2


def assert_ended(watch: Watch, ended: bool) -> None:
    if not ended:
        watch.check()
        return
    with pytest.raises(Unauthorized):
        watch.check()


class Door:
    """A gate whose staff looks at a password for a while, and counts how often."""

    def __init__(self) -> None:
        self.looks = 0
        world: Any = self
        tokens = Tokens(token_hex(32), timedelta(minutes=15), timedelta(days=30))
        self.gate = Gate(world, world, tokens, LoginLimit(), lambda: NOW, lambda _: None)

    async def verify(self, alias: str, password: str) -> StaffRecord:
        self.looks += 1
        await asyncio.sleep(0)
        if password != "right":
            raise Unauthorized("wrong_login", "", "")
        return StaffRecord(id="staff:i0421", account=I0421, password_hash="")

    async def knock(self, password: str, times: int) -> Counter[str]:
        basic = "Basic " + base64.b64encode(f"i0421:{password}".encode()).decode()
        knocks = (self.gate.session(basic, None, "10.0.0.1") for _ in range(times))
        return Counter(type(found).__name__ for found in await asyncio.gather(*knocks, return_exceptions=True))


async def test_many_requests_at_once_with_the_right_password_are_let_in_and_looked_at_once() -> None:
    door = Door()
    assert await door.knock("right", 10 * ATTEMPTS_MAX) == {"Session": 10 * ATTEMPTS_MAX}
    assert door.looks == 1


async def test_many_guesses_at_once_are_braked_like_one_after_the_other() -> None:
    door = Door()
    found = await door.knock("wrong", 10 * ATTEMPTS_MAX)
    assert found == {"Unauthorized": ATTEMPTS_MAX, "TooManyRequests": 9 * ATTEMPTS_MAX}
    assert door.looks == ATTEMPTS_MAX
