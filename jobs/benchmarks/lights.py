"""The light function on a city of the register's size: one instant, and a half-year day by day."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from typing import Final

import numpy as np

from models import calendar
from models.cases import CaseSpans
from models.catalogue import (
    KIND_CASES,
    KIND_LAST_DATE,
    KIND_START_DATE,
    KIND_YESNO,
    Catalogue,
    default_catalogue,
)
from models.figures import Figure, limit, times_faster
from models.history import lights_by_day
from models.lights import (
    GREEN,
    RED,
    STALE,
    YELLOW,
    Codes,
    light_codes,
)
from models.readings import NEVER_MS, ReadingLog, Readings

VILLAGES: Final = 5_040
#: A half-year's last day is an ordinary one; which does not matter.
TODAY: Final = 20_454
HALF_YEAR_DAYS: Final = 184
#: Readings of 18 months: a round of some sixty a month.
ROUNDS: Final = VILLAGES * 18
READINGS_A_ROUND: Final = 50
INSTANT_S_MAX: Final = 0.050
HALF_YEAR_S_MAX: Final = 10.0
MEMORY_GB_MAX: Final = 2.0
#: Villages that the plain loop is timed on; its time for the city is reckoned from them.
LOOP_VILLAGES: Final = 100
REPEATS: Final = 5


def measure_lights(tell: Callable[[str], None]) -> list[Figure]:
    """Figures for `d110 bench lights`; the reference is a plain loop over cells that says the same."""
    catalogue = default_catalogue()
    tell("准备读数 / preparing readings")
    log, spans = _random_log(catalogue), _random_spans()
    readings = Readings.none(VILLAGES, len(catalogue.indicators)).fold(log)
    case_light = spans.on(TODAY, *readings.value.shape)
    tell("一个时刻 / one instant")
    instant_s = min(
        _timed(lambda: light_codes(readings, case_light, catalogue.rules, 0, TODAY)) for _ in range(REPEATS)
    )
    tell("逐格循环作参照 / the plain loop as the reference")
    loop_s = _timed(lambda: _check_against_loop(readings, case_light, catalogue)) * VILLAGES / LOOP_VILLAGES
    tell("半年逐日 / a half-year day by day")
    half_year_s = _timed(lambda: _replay(log, spans, catalogue))
    memory_gb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    return [
        limit("lights_instant", instant_s, "s", INSTANT_S_MAX),
        times_faster("lights_instant_vs_plain_loop", instant_s, "s", loop_s),
        limit("lights_half_year_by_day", half_year_s, "s", HALF_YEAR_S_MAX),
        times_faster("lights_half_year_vs_plain_loop", half_year_s, "s", loop_s * HALF_YEAR_DAYS),
        limit("lights_half_year_memory", memory_gb, "GB", MEMORY_GB_MAX),
        Figure(name="lights_readings_replayed", value=len(log), unit="readings"),
    ]


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _random_log(catalogue: Catalogue) -> ReadingLog:
    """Rounds of the 18 months before ``TODAY`` with values spread over each indicator's range."""
    rng = np.random.default_rng(110)
    village = rng.integers(0, VILLAGES, ROUNDS, dtype=np.int32)
    at_ms = (TODAY * calendar.MS_PER_DAY - rng.integers(0, 550 * calendar.MS_PER_DAY, ROUNDS)).astype(np.int64)
    ulid = np.array([f"{n:026d}" for n in range(ROUNDS)], "S26")
    read = np.flatnonzero(catalogue.rules.kind != KIND_CASES).astype(np.uint8)
    indicator = np.concatenate([rng.permutation(read)[:READINGS_A_ROUND] for _ in range(200)])
    indicator = np.resize(indicator, ROUNDS * READINGS_A_ROUND)
    rules, day = catalogue.rules, np.repeat(at_ms // calendar.MS_PER_DAY, READINGS_A_ROUND)
    spread = rng.random(len(indicator))
    is_date = np.isin(rules.kind[indicator], (KIND_LAST_DATE, KIND_START_DATE))
    value = np.where(is_date, day - np.floor(spread * 60), spread * 100)
    value = np.where(rules.kind[indicator] == KIND_YESNO, (spread > 0.02).astype(float), value)
    offsets = np.arange(ROUNDS + 1, dtype=np.int64) * READINGS_A_ROUND
    return ReadingLog.of_rounds(village, at_ms, ulid, offsets, indicator, value)


def _random_spans() -> CaseSpans:
    """As many cases as the source counts in a year and a half, open for a month."""
    rng, n = np.random.default_rng(111), 3_300
    from_day = (TODAY - rng.integers(0, 550, n)).astype(np.int32)
    light = rng.choice([YELLOW, RED], n, p=[0.85, 0.15]).astype(np.uint8)
    until_day = from_day + np.int32(30)
    return CaseSpans(rng.integers(0, VILLAGES, n), rng.integers(0, 90, n), light, from_day, until_day)


def _replay(log: ReadingLog, spans: CaseSpans, catalogue: Catalogue) -> None:
    days = range(TODAY - HALF_YEAR_DAYS + 1, TODAY + 1)
    for _ in lights_by_day(log, spans, catalogue.rules, VILLAGES, 0, days):
        pass


def _check_against_loop(readings: Readings, case_light: Codes, catalogue: Catalogue) -> None:
    """The plain loop over some villages. Raises ``RuntimeError`` unless it says the same as the array function."""
    light = light_codes(readings, case_light, catalogue.rules, 0, TODAY)
    for village in range(LOOP_VILLAGES):
        for at in range(len(catalogue.indicators)):
            if light[village, at] != max(case_light[village, at], _plain_light(readings, catalogue, village, at)):
                raise RuntimeError(f"the loop and the array function differ at village {village}, indicator {at}")


def _plain_light(readings: Readings, catalogue: Catalogue, village: int, at: int) -> int:
    indicator, value = catalogue.indicators[at], readings.value[village, at]
    observed_ms = int(readings.observed_ms[village, at])
    if indicator.kind == "cases":
        return GREEN
    known_on = calendar.local_day_of_ms(observed_ms) if observed_ms != NEVER_MS else 0
    may_be_silent = observed_ms == NEVER_MS or indicator.kind != "last_date"
    silent = STALE if may_be_silent and TODAY - known_on > 2 * (indicator.interval_days or 0) else GREEN
    if indicator.kind == "yesno":
        return max(silent, (RED if indicator.no_light == "red" else YELLOW) if value == 0 else GREEN)
    measured = TODAY - value if indicator.kind in ("last_date", "start_date") else value
    worse = -1 if indicator.direction == "lower_worse" else 1
    if indicator.red is not None and measured * worse > indicator.red * worse:
        return RED
    if indicator.yellow is not None and measured * worse > indicator.yellow * worse:
        return YELLOW
    return silent
