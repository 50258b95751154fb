"""Lights day by day over a period: what an evaluation and the early warning replay."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from models import calendar
from models.lights import LETTERS, Codes, light_codes
from models.readings import ReadingLog, Readings

if TYPE_CHECKING:
    from models.cases import CaseSpans
    from models.catalogue import Rules


class LightSpan(msgspec.Struct, frozen=True):
    """Days on end in one light, both named days in it; ``light`` is one of ``lights.LETTERS``."""

    light: str
    since: date
    until: date


def stretches(codes: Codes, days: range) -> list[LightSpan]:
    """One lamp's lights ``(D,)`` of an ascending range of days as stretches."""
    starts = [0, *(np.flatnonzero(codes[1:] != codes[:-1]) + 1).tolist()]
    ends = [*(at - 1 for at in starts[1:]), len(codes) - 1]
    return [
        LightSpan(LETTERS[codes[start]], calendar.day_of(days[start]), calendar.day_of(days[end]))
        for start, end in zip(starts, ends, strict=True)
    ]


def lights_by_day(
    log: ReadingLog, spans: CaseSpans, rules: Rules, n_villages: int, watched_since: int, days: Iterable[int]
) -> Iterator[tuple[int, Codes]]:
    """Yield ``(epoch day, lights (V, I))`` for each of some days in ascending order, by what was observed till its end,
    whenever it arrived.

    Each array is the caller's to keep. Work is one pass over the log plus the light function once a day.
    """
    ordered = log.in_order()
    observed_day = calendar.local_day_of_ms(ordered.observed_ms)
    readings = Readings.none(n_villages, len(rules.kind))
    start = 0
    for day in days:
        end = int(np.searchsorted(observed_day, day, side="right"))
        readings.update(ordered.take(slice(start, end)))
        start = end
        yield day, light_codes(readings, spans.on(day, n_villages, len(rules.kind)), rules, watched_since, day)
