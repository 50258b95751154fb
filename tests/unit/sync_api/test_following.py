"""What a gateway keeps in memory: whoever comes before it is read is told so, and whoever waits for it is woken."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from models.catalogue import default_catalogue
from models.divisions import parse_register
from models.policy import default_policy
from models.setup import Setup
from models.village import Rulebook
from sync_api.access.accounts import Account
from sync_api.casework.desk import open_desk
from sync_api.errors import StillReading
from sync_api.following import Following
from tests.city import DIANHUTUN, small_register

COUNTIES = ("d110-371724", "d110-371771")


class Kept(Following):
    name = "what is kept"

    def wants(self, document_id: str) -> bool:
        return True

    async def load(self, database: str) -> None:
        await asyncio.sleep(0)

    async def read(self, database: str, ids: Sequence[str]) -> None:
        raise AssertionError("nothing changed")


def test_who_waits_for_what_is_read_goes_on_when_all_of_it_is() -> None:
    async def work() -> list[bool]:
        kept = Kept()
        running = asyncio.create_task(kept.run())
        waiting = asyncio.create_task(kept.until_loaded(COUNTIES))
        seen = []
        for database in COUNTIES:
            seen.append(waiting.done())
            kept.hear_connected(database)
            await kept.until_loaded({database})
        await waiting
        running.cancel()
        return [*seen, kept.is_loaded(COUNTIES)]

    assert asyncio.run(work()) == [False, False, True]


def test_a_ledger_that_is_still_being_read_is_not_called_a_store_that_is_down() -> None:
    register = parse_register(small_register().encode(), "register.csv")
    setup = Setup(register, Rulebook(default_catalogue(), default_policy(), 0, is_simulated=False))

    async def whole() -> Setup:
        return setup

    account = Account(alias="z109", role="station", divisions=(DIANHUTUN[:9],))
    gateway: Any = SimpleNamespace(
        installation=SimpleNamespace(setup=whole), clock=lambda: datetime.now(UTC), book=Kept()
    )
    request: Any = SimpleNamespace(user=SimpleNamespace(account=account, scope=account.scope("desk")))
    with pytest.raises(StillReading) as raised:
        asyncio.run(open_desk(gateway, request))
    assert (raised.value.status, raised.value.code) == (503, "still_reading")
    assert "数据库" not in raised.value.zh and "台账" in raised.value.zh
    assert raised.value.headers["Retry-After"]
