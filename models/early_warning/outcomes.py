"""What became of a list: of those that were watched half a year ago, how many got worse, beside all others."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import numpy as np

from models.documents import Risk, WatchOutcome
from models.risk.panel import Floats, Panel


def together(outcomes: Iterable[WatchOutcome]) -> WatchOutcome | None:
    """Of several lists of one day together; None of none. Of different days the latest count."""
    found = list(outcomes)
    if not found:
        return None
    last = max(one.on for one in found)
    latest = [one for one in found if one.on == last]
    return WatchOutcome(
        on=last,
        watched=sum(one.watched for one in latest),
        worse=sum(one.worse for one in latest),
        unknown=sum(one.unknown for one in latest),
        others=sum(one.others for one in latest),
        others_worse=sum(one.others_worse for one in latest),
    )


def watched_on(documents: Iterable[Risk], day: date) -> frozenset[str]:
    """The villages that were watched on a day, as far as it is kept."""
    found: set[str] = set()
    for document in documents:
        found.update(one.village for one in document.watched if one.since <= day)
        found.update(one.village for one in document.ended if one.since <= day < one.until)
    return frozenset(found)


def outcome(panel: Panel, worse: Floats, at: int, watched: frozenset[str], on: date, within: str = "") -> WatchOutcome:
    """What became until the panel's end of those ``watched`` at the period ``at``, and of the others ``within`` a
    division."""
    here = np.array([str(unit).startswith(within) for unit in panel.units])
    truth = worse[here, at]
    is_known, was = ~np.isnan(truth), panel.units[here].isin(watched)
    return WatchOutcome(
        on=on,
        watched=int((was & is_known).sum()),
        worse=int(truth[was & is_known].sum()),
        unknown=int((was & ~is_known).sum()),
        others=int((~was & is_known).sum()),
        others_worse=int(truth[~was & is_known].sum()),
    )
