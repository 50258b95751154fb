"""What one account may put into quarantine in a day: more is a client gone wrong, or somebody who fills the store."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from sync_api.errors import TooManyRequests

#: A tablet that was away for a year and whose every report is refused stays below.
DOCUMENTS_MAX: Final = 3_000
BYTES_MAX: Final = 50_000_000
#: Accounts remembered, in each process.
KEPT_MAX: Final = 20_000
RETRY_S: Final = 3_600


class RefusalBudget:
    """Counts what was refused of each account on the present day (UTC), in this process."""

    def __init__(self) -> None:
        self._day = date.min
        self._spent: OrderedDict[str, tuple[int, int]] = OrderedDict()

    def spend(self, alias: str, refused: Sequence[tuple[object, bytes]], now: datetime) -> None:
        """Count refused documents. Raises ``TooManyRequests`` with Retry-After when it is too much: nothing of the push
        is taken then, and the tablet keeps it."""
        if not refused:
            return
        if now.date() != self._day:
            self._day = now.date()
            self._spent.clear()
        count, size = self._spent.get(alias, (0, 0))
        count, size = count + len(refused), size + sum(len(raw) for _, raw in refused)
        if count > DOCUMENTS_MAX or size > BYTES_MAX:
            raise TooManyRequests(
                "too_many_refused",
                "今天退回的内容过多，请联系管理站；平板上写下的内容不会丢失。",
                "Too much was refused today: ask the station. What was written on the tablet stays there.",
                {"Retry-After": str(RETRY_S)},
            )
        self._spent[alias] = (count, size)
        self._spent.move_to_end(alias)
        while len(self._spent) > KEPT_MAX:
            self._spent.popitem(last=False)
