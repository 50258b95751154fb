"""What patrols saw that was worse than what had been read before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from models import calendar
from models.evaluation.patrols import days_of, findings_of_day
from models.readings import ReadingLog, Readings
from models.truthfulness.candidates import Seen

if TYPE_CHECKING:
    from models.catalogue import Catalogue


def seen_by_patrols(
    rounds: ReadingLog,
    checks: ReadingLog,
    villages: Sequence[str],
    catalogue: Catalogue,
    ids: Mapping[str, str],
    days: range,
) -> list[Seen]:
    """The findings of ``checks`` on some epoch days: a light worse than that of the last round. ``ids``: of inspections
    by their ULIDs."""
    shape = (len(villages), len(catalogue.indicators))
    reported, unlit = Readings.none(*shape), np.zeros(shape, np.uint8)
    by_day = days_of(checks)
    told_by_day = days_of(rounds)
    early = np.flatnonzero(calendar.local_day_of_ms(rounds.observed_ms) < days.start)
    reported.update(rounds.take(early).in_order())
    found = []
    for day in days:
        if day in told_by_day:
            reported.update(told_by_day[day].in_order())
        for one in findings_of_day(by_day[day], reported, unlit, catalogue.rules, day) if day in by_day else ():
            village, indicator = villages[one.village], catalogue.indicators[one.indicator].code
            found.append(Seen(id=ids[one.ulid], village=village, indicator=indicator, day=day, channel="patrol"))
    return found
