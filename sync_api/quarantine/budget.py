"""What one account may put into quarantine in a day: more is a client gone wrong, or somebody who fills the store."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

#: A tablet that was away for a year and whose every report is refused stays below.
DOCUMENTS_MAX: Final = 3_000
BYTES_MAX: Final = 50_000_000
#: Accounts remembered, in each process.
KEPT_MAX: Final = 20_000


class RefusalBudget:
    """Counts what was refused of each account on the present day (UTC), in this process."""

    def __init__(self) -> None:
        self._day = date.min
        self._spent: OrderedDict[str, tuple[int, int]] = OrderedDict()

    def afford(self, alias: str, sizes: Sequence[int], now: datetime) -> int:
        """How many of some newly refused documents, given by their bytes, may still be kept today, from the first on;
        they are counted."""
        if now.date() != self._day:
            self._day = now.date()
            self._spent.clear()
        count, total = self._spent.get(alias, (0, 0))
        affordable = 0
        for size in sizes:
            if count == DOCUMENTS_MAX or total + size > BYTES_MAX:
                break
            count, total, affordable = count + 1, total + size, affordable + 1
        self._spent[alias] = (count, total)
        self._spent.move_to_end(alias)
        while len(self._spent) > KEPT_MAX:
            self._spent.popitem(last=False)
        return affordable
