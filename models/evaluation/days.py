"""Lights of a period, counted day by day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models import calendar
from models.evaluation.patrols import Finding, days_of, findings_of_day
from models.history import lights_by_day
from models.lights import LETTERS, Codes
from models.readings import ReadingLog, Readings

if TYPE_CHECKING:
    from models.cases import CaseSpans
    from models.catalogue import Rules


@dataclass(frozen=True)
class LightDays:
    """``count`` int32 ``(V, I, 4)``: days in each light, in the order of ``lights.LETTERS``, of ``n_days`` in all;
    ``close`` ``(V, I)``: the lights of the last day; ``value`` ``(V, I)``: the readings known by its end."""

    n_days: int
    count: NDArray[np.int32]
    close: Codes
    value: NDArray[np.float64]
    findings: list[Finding]


def light_days(
    rounds: ReadingLog,
    inspections: ReadingLog,
    spans: CaseSpans,
    rules: Rules,
    n_villages: int,
    watched_since: int,
    days: range,
) -> LightDays:
    """Count the lights of each day of an ascending range, at least one, by what was observed till its end."""
    shape = (n_villages, len(rules.kind))
    count = np.zeros((*shape, len(LETTERS)), np.int32)
    close: Codes = np.zeros(shape, np.uint8)
    findings: list[Finding] = []
    checks, told = days_of(inspections), _Told(rounds, shape)
    both = _joined(rounds, inspections)
    for day, light in lights_by_day(both, spans, rules, n_villages, watched_since, days):
        for code in range(len(LETTERS)):
            count[:, :, code] += light == code
        if day in checks:
            findings += findings_of_day(checks[day], told.by(day), spans.on(day, *shape), rules, day)
        close = light
    last = days[-1]
    known = Readings.none(*shape)
    known.update(_until(both, last))
    return LightDays(len(days), count, close, known.value, sorted(findings))


class _Told:
    """What rounds had said by a day, for ascending days."""

    def __init__(self, rounds: ReadingLog, shape: tuple[int, int]) -> None:
        self._days = sorted(days_of(rounds).items())
        self._readings = Readings.none(*shape)
        self._next = 0

    def by(self, day: int) -> Readings:
        while self._next < len(self._days) and self._days[self._next][0] <= day:
            self._readings.update(self._days[self._next][1].in_order())
            self._next += 1
        return self._readings


def _joined(a: ReadingLog, b: ReadingLog) -> ReadingLog:
    return ReadingLog(
        np.concatenate([a.village, b.village]),
        np.concatenate([a.indicator, b.indicator]),
        np.concatenate([a.observed_ms, b.observed_ms]),
        np.concatenate([a.ulid, b.ulid]),
        np.concatenate([a.value, b.value]),
    )


def _until(log: ReadingLog, day: int) -> ReadingLog:
    return log.take(np.flatnonzero(calendar.local_day_of_ms(log.observed_ms) <= day)).in_order()
