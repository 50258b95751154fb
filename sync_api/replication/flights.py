"""Pulls under way: of each device and database one."""

from __future__ import annotations


class Flights:
    """When a tablet asks anew, it has given up the answer before: of its pulls the last one counts."""

    def __init__(self) -> None:
        self._last: dict[tuple[str, ...], object] = {}

    def begin(self, *key: str) -> Flight:
        return Flight(self._last, key)


class Flight:
    """``is_last`` until the same key begins again."""

    def __init__(self, last: dict[tuple[str, ...], object], key: tuple[str, ...]) -> None:
        self._last, self._key = last, key
        last[key] = self

    @property
    def is_last(self) -> bool:
        return self._last.get(self._key) is self

    def end(self) -> None:
        if self.is_last:
            del self._last[self._key]
