"""Events and receipts that this gateway wrote or read lately: they are never changed, so none need be read again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from typing import Final

from models.documents import AnyEvent, Receipt

#: What travels through a gateway and is never changed.
Held = AnyEvent | Receipt

#: At some 1.5 kB each.
HELD_MAX: Final = 20_000


class HeldEvents:
    """The events of the divisions that were written to last, at most ``held_max``. That one is held does not say that
    the store has it: ask the store for ids, and here for what they say."""

    def __init__(self, held_max: int = HELD_MAX) -> None:
        self._held_max = held_max
        self._of_division: OrderedDict[str, dict[str, Held]] = OrderedDict()
        self._count = 0

    def hold(self, events: Iterable[Held]) -> None:
        for event in events:
            division = event.id.partition(":")[0]
            held = self._of_division.setdefault(division, {})
            self._count += event.id not in held
            held[event.id] = event
            self._of_division.move_to_end(division)
        while self._count > self._held_max:
            self._count -= len(self._of_division.popitem(last=False)[1])

    def has(self, identity: str) -> bool:
        return identity in self._of_division.get(identity.partition(":")[0], {})

    def has_some_of(self, division: str) -> bool:
        return division in self._of_division

    def split(self, ids: Iterable[str]) -> tuple[list[Held], list[str]]:
        """Those of some documents that are held, and the ids of the others."""
        held: list[Held] = []
        lacking: list[str] = []
        for identity in ids:
            event = self._of_division.get(identity.partition(":")[0], {}).get(identity)
            if event is None:
                lacking.append(identity)
            else:
                held.append(event)
        return held, lacking
