"""The ids of a database, as Bloom filters: a push asks the store only about ids that may be there (gateway_notes)."""

from __future__ import annotations

from typing import Final

#: 32 bits an id, four of them set: two in ten thousand new ids are looked up in vain, which is one push of a hundred
#: in fifty (with 16 bits, one in five).
BITS_AN_ID: Final = 32
_PROBES: Final = 4
#: Ids that the first filter is made for, in 128 kB; a full one is followed by one of four times its size.
FIRST_CAPACITY: Final = 2**15
GROWTH: Final = 4


class KnownIds:
    """Says "surely not there" or "perhaps", and takes as much memory as the database has ids. Hashes are of this
    process, so it is never stored."""

    def __init__(self, capacity: int = FIRST_CAPACITY) -> None:
        self._filters = [_Filter(capacity)]

    def add(self, identity: str) -> None:
        value = hash(identity)
        if any(one.may_hold(value) for one in self._filters):
            return
        last = self._filters[-1]
        if last.room == 0:
            last = _Filter(last.capacity * GROWTH)
            self._filters.append(last)
        last.add(value)

    def may_hold(self, identity: str) -> bool:
        value = hash(identity)
        return any(one.may_hold(value) for one in self._filters)


class _Filter:
    """``capacity`` is a power of two."""

    def __init__(self, capacity: int) -> None:
        self.capacity = self.room = capacity
        self._mask = capacity * BITS_AN_ID - 1
        self._bits = bytearray(capacity * BITS_AN_ID // 8)

    def add(self, value: int) -> None:
        self.room -= 1
        for at in self._places(value):
            self._bits[at >> 3] |= 1 << (at & 7)

    def may_hold(self, value: int) -> bool:
        return all(self._bits[at >> 3] >> (at & 7) & 1 for at in self._places(value))

    def _places(self, value: int) -> list[int]:
        # two halves of one hash give all probes (Kirsch and Mitzenmacher, 2006)
        first, second = value & 0xFFFFFFFF, (value >> 32) & 0xFFFFFFFF | 1
        return [(first + probe * second) & self._mask for probe in range(_PROBES)]
