"""The papers that an account may read, as lists show them."""

from __future__ import annotations

from typing import Literal

import msgspec

from models.ids import database_of
from sync_api.access.accounts import Account
from sync_api.errors import StillReading
from sync_api.notices.rights import may_read
from sync_api.notices.views import NoticeRow, Reader, row_of
from sync_api.parts import Gateway

#: Why a paper stands on somebody's list of tasks.
PaperTask = Literal["acknowledge", "answer", "withdrawn"]


class PaperTaskView(msgspec.Struct):
    task: PaperTask
    paper: NoticeRow


async def readable_papers(gateway: Gateway, account: Account) -> list[NoticeRow]:
    """The newest first. Raises ``StillReading`` while papers or cases are being read."""
    register = (await gateway.installation.setup()).register
    databases = {gateway.installation.city_database, *map(database_of, register.counties)}
    if not (gateway.notices.is_loaded(databases) and gateway.book.is_loaded(databases)):
        raise StillReading("文件和台账", "the papers")
    reader = Reader(account, gateway.book, gateway.notices, gateway.clock())
    return [row_of(notice, words, reader) for notice, words in gateway.notices.all() if may_read(account, notice)]


async def paper_tasks(gateway: Gateway, account: Account) -> list[PaperTaskView]:
    """The papers that wait for the account's word or answer, by the day by which it is due."""
    found: list[PaperTaskView] = []
    for row in await readable_papers(gateway, account):
        if row.is_mine_to_acknowledge:
            found.append(PaperTaskView("acknowledge", row))
        elif row.is_withdrawn_from_me:
            found.append(PaperTaskView("withdrawn", row))
        elif row.is_mine_to_answer:
            found.append(PaperTaskView("answer", row))
    return sorted(found, key=lambda one: (one.paper.due is None, one.paper.due, one.paper.issued_at))
