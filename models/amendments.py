"""Corrections: what counts of events that were corrected, or taken back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TypeVar

from models.documents import Event, Record

Said = TypeVar("Said", bound=Event)
Kept = TypeVar("Kept", bound=Record)


def last_words(events: Iterable[Said]) -> list[Said]:
    """Each event as it was corrected last, in the order in which they were written, whatever the order in which they
    come, and with repetitions; what was withdrawn is left out."""
    last: dict[str, Said] = {}
    for one in sorted(events, key=written):
        last[first_of(one)] = one
    return sorted((one for one in last.values() if not is_withdrawn(one)), key=written)


def changed(records: Iterable[Kept]) -> list[list[Kept]]:
    """All words of each record that was corrected or withdrawn, the first one first; the last changed before others."""
    words: defaultdict[str, list[Kept]] = defaultdict(list)
    for one in sorted({one.id: one for one in records}.values(), key=written):
        words[first_of(one)].append(one)
    corrected = (said for said in words.values() if len(said) > 1)
    # pages make ULIDs by their own clocks, which are a second or so apart from one answer to the next
    return sorted(corrected, key=lambda said: (said[-1].saved_at, written(said[-1])), reverse=True)


def first_of(event: Event) -> str:
    """The id of what an event corrects, or else its own."""
    return event.amends or event.id


def is_withdrawn(event: Event) -> bool:
    return isinstance(event, Record) and bool(event.withdrawn)


def written(event: Event) -> str:
    """The ULID, which is that of time."""
    return event.id.rpartition(":")[2]
