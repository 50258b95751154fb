"""What patrols found that nobody had reported: a reading whose light is worse than that of the last round and of the
open cases (mission 7 and 10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from models import calendar
from models.lights import Codes, threshold_codes

if TYPE_CHECKING:
    from models.catalogue import Rules
    from models.readings import ReadingLog, Readings


class Finding(msgspec.Struct, frozen=True, order=True):
    """``village`` and ``indicator`` are positions; ``ulid`` is the inspection's."""

    village: int
    indicator: int
    ulid: str


def findings_of_day(checks: ReadingLog, reported: Readings, case_light: Codes, rules: Rules, day: int) -> list[Finding]:
    """The findings of a day's inspections. ``reported`` ``(V, I)``: what rounds had said by its end; ``case_light``
    ``(V, I)``: what cases lit on it."""
    if not len(checks):
        return []
    rows = np.arange(len(checks))
    shape = (len(checks), len(rules.kind))
    seen = np.full(shape, np.nan)
    seen[rows, checks.indicator] = checks.value
    known = np.full(shape, np.nan)
    known[rows, checks.indicator] = reported.value[checks.village, checks.indicator]
    found = threshold_codes(seen, rules, day).max(axis=1)
    told = np.maximum(threshold_codes(known, rules, day).max(axis=1), case_light[checks.village, checks.indicator])
    return [
        Finding(int(checks.village[at]), int(checks.indicator[at]), checks.ulid[at].decode())
        for at in np.flatnonzero(found > told)
    ]


def days_of(log: ReadingLog) -> dict[int, ReadingLog]:
    """A log by the epoch day in Heze on which things were observed."""
    day = calendar.local_day_of_ms(log.observed_ms)
    return {int(one): log.take(np.flatnonzero(day == one)) for one in np.unique(day)}
