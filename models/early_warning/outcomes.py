"""What became of a list: of those that were watched half a year ago, how many got worse, beside all others."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import msgspec
import numpy as np

from models.documents import Risk
from models.risk.panel import Floats, Panel


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """``watched`` on a day, of whom ``worse`` got worse within the horizon; ``others`` likewise, and ``others_worse``.
    Villages whose lights cannot be compared are left out, ``unknown`` of the watched."""

    on: date
    watched: int = 0
    worse: int = 0
    unknown: int = 0
    others: int = 0
    others_worse: int = 0

    def __add__(self, other: Outcome) -> Outcome:
        return Outcome(
            on=self.on,
            watched=self.watched + other.watched,
            worse=self.worse + other.worse,
            unknown=self.unknown + other.unknown,
            others=self.others + other.others,
            others_worse=self.others_worse + other.others_worse,
        )


def watched_on(documents: Iterable[Risk], day: date) -> frozenset[str]:
    """The villages that were watched on a day, as far as it is kept."""
    found: set[str] = set()
    for document in documents:
        found.update(one.village for one in document.watched if one.since <= day)
        found.update(one.village for one in document.ended if one.since <= day < one.until)
    return frozenset(found)


def outcome(panel: Panel, worse: Floats, at: int, watched: frozenset[str], on: date) -> Outcome:
    """What became until the panel's end of those ``watched`` at the period ``at``."""
    truth = worse[:, at]
    is_known, was = ~np.isnan(truth), panel.units.isin(watched)
    return Outcome(
        on=on,
        watched=int((was & is_known).sum()),
        worse=int(truth[was & is_known].sum()),
        unknown=int((was & ~is_known).sum()),
        others=int((~was & is_known).sum()),
        others_worse=int(truth[~was & is_known].sum()),
    )
