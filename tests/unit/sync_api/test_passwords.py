"""Looking at passwords is apart from everything else a gateway does in threads, and has an end."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from sync_api.access.accounts import Account
from sync_api.access.staff import Staff
from sync_api.errors import Busy, Unauthorized


class _NoAccounts:
    """A store without any account, which keeps what is put there."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    async def get(self, database: str, document_id: str) -> bytes | None:
        return self.kept.get(document_id)

    async def put(self, database: str, document_id: str, body: bytes) -> bytes:
        self.kept[document_id] = body
        return b"{}"


def staff() -> Staff:
    store: Any = _NoAccounts()
    return Staff(store)


async def test_a_log_in_does_not_wait_for_threads_that_pack_answers_nor_they_for_it() -> None:
    accounts = staff()
    await accounts.add(Account(alias="i1", role="informant", divisions=("371724109217",)), "long enough")
    stop = threading.Event()
    loop = asyncio.get_running_loop()
    busy = [loop.run_in_executor(None, stop.wait) for _ in range(64)]  # more than there are threads
    try:
        record = await accounts.verify("i1", "long enough")
    finally:
        stop.set()
        await asyncio.gather(*busy)
    assert record.account.alias == "i1"


async def test_more_log_ins_than_can_wait_are_told_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync_api.access.staff.HASHING_MAX", 3)
    accounts = staff()
    outcomes = await asyncio.gather(
        *(accounts.verify("nobody", "wrong password") for _ in range(8)), return_exceptions=True
    )
    kinds = [type(outcome) for outcome in outcomes]
    assert kinds.count(Busy) == 5
    assert kinds.count(Unauthorized) == 3
    with pytest.raises(Unauthorized):
        await accounts.verify("nobody", "wrong password")
