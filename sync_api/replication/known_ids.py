"""The ids of a database, as a Bloom filter: a push asks the store only about ids that may be there (gateway_notes)."""

from __future__ import annotations

from typing import Final

#: 2 MB; at a million documents, two in a thousand new ids are looked up in vain.
BITS: Final = 2**24
_PROBES: Final = 4


class KnownIds:
    """Says "surely not there" or "perhaps". Hashes are of this process, so it is never stored."""

    def __init__(self, bits: int = BITS) -> None:
        self._mask = bits - 1
        self._bits = bytearray(bits // 8)

    def add(self, identity: str) -> None:
        for at in self._places(identity):
            self._bits[at >> 3] |= 1 << (at & 7)

    def may_hold(self, identity: str) -> bool:
        return all(self._bits[at >> 3] >> (at & 7) & 1 for at in self._places(identity))

    def _places(self, identity: str) -> list[int]:
        # two halves of one hash give all probes (Kirsch and Mitzenmacher, 2006)
        value = hash(identity)
        first, second = value & 0xFFFFFFFF, (value >> 32) & 0xFFFFFFFF | 1
        return [(first + probe * second) & self._mask for probe in range(_PROBES)]
