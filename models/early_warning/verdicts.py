"""What analysts said of villages' being watched."""

from __future__ import annotations

from collections.abc import Iterable

from models.documents import Verdict


def last_words(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Each verdict as it was corrected last, in the order in which they were written."""
    last: dict[str, Verdict] = {}
    for one in sorted(verdicts, key=_written):
        last[one.amends or one.id] = one
    return sorted(last.values(), key=_written)


def _written(verdict: Verdict) -> str:
    """The ULID, which is that of time."""
    return verdict.id.rpartition(":")[2]
