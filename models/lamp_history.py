"""One village's lamps day by day up to today, and why each of them changed: the reading, the case, or that nobody read.

A light is the worst of three parts (``models.lights``). What is told of a change is the parts that gave way and those
that hold the lamp from then on, as all that is known today has it: what was told late counts from when it was seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from models import calendar
from models.cases import Case, Segment, case_fact, fold_cases, light_changes
from models.catalogue import KIND_NUMBER
from models.documents import Inspection, Round
from models.history import LightSpan, stretches
from models.lights import GREEN, STALE, Codes, silence_codes, threshold_codes
from models.readings import NEVER_MS, ReadingLog, Readings
from models.village import reading_log

if TYPE_CHECKING:
    from models.documents import AnyDocument
    from models.village import Rulebook

#: What happened to a case when its light changed; ``open``: nothing, it lights the lamp as before.
CaseTurn = Literal["opened", "reopened", "escalated", "overdue", "extended", "cleared", "open"]
Check = Round | Inspection


class ByReading(msgspec.Struct, frozen=True):
    """The latest reading, and the light that it gives by the thresholds: read on an epoch day, by a check."""

    light: int
    day: int
    value: float
    check: Check


class ByCase(msgspec.Struct, frozen=True):
    """A case, the light that it gives, what happened to it, and how grave it was and when due then."""

    light: int
    case: Case
    turn: CaseTurn
    stretch: Segment


class BySilence(msgspec.Struct, frozen=True):
    """Nobody read since an epoch day; ``is_never``: nor ever before."""

    since_day: int
    is_never: bool


Cause = ByReading | ByCase | BySilence


class LampChange(msgspec.Struct, frozen=True):
    """From an epoch day on a lamp has another light, or has it for another reason. The first one of a history says what
    was so when it begins."""

    day: int
    light: int
    causes: list[Cause]


class LampHistory(msgspec.Struct, frozen=True):
    """``spans`` without a gap; ``changes`` in order; ``readings`` of numbers with what they say, the last one of before
    the history first."""

    indicator: str
    spans: list[LightSpan]
    changes: list[LampChange]
    readings: list[ByReading]


class _Parts(msgspec.Struct):
    """The three parts of each lamp on each day ``(D, I)``, the readings they come from, and cases by indicator with the
    light that each gave on the day before them and on each ``(D + 1,)``."""

    days: range
    readings: Readings
    by_reading: Codes
    by_silence: Codes
    by_case: Codes
    cases: Mapping[int, list[tuple[Case, Codes]]]


#: A lamp lit by nothing is green.
_NO_CASES: Final[list[tuple[Case, Codes]]] = []


def lamp_histories(
    village: str, documents: Sequence[AnyDocument], rulebook: Rulebook, days: range
) -> list[LampHistory]:
    """The lamps that were not green on every day of an ascending range, at least one, or of which numbers were read, in
    catalogue order. The last day's lights are those of ``lights_of_documents`` on that day."""
    catalogue = rulebook.catalogue
    log = reading_log(documents, {village: 0}, catalogue).in_order()
    checks = {one.id[-26:]: one for one in documents if isinstance(one, Round | Inspection)}
    facts = (fact for fact in map(case_fact, documents) if fact is not None)
    parts = _parts(log, fold_cases(facts, rulebook.policy), rulebook, days)
    light = np.maximum(np.maximum(parts.by_reading, parts.by_silence), parts.by_case)
    found = []
    for at, indicator in enumerate(catalogue.indicators):
        is_number = catalogue.rules.kind[at] == KIND_NUMBER
        readings = _readings_of(log, at, rulebook, days, checks) if is_number else []
        if readings or light[:, at].any():
            spans, changes = stretches(light[:, at], days), _changes(at, light[:, at], parts, rulebook, checks)
            found.append(LampHistory(indicator.code, spans, changes, readings))
    return found


def _parts(log: ReadingLog, cases: Iterable[Case], rulebook: Rulebook, days: range) -> _Parts:
    rules = rulebook.catalogue.rules
    readings = _latest_by_day(log, len(rules.kind), days)
    today = np.array(days, np.int64)[:, np.newaxis]
    by_case = np.zeros(readings.value.shape, np.uint8)
    of_indicator: dict[int, list[tuple[Case, Codes]]] = {}
    for case in cases:
        at = rulebook.catalogue.index.get(case.indicator)
        if at is None:
            continue
        given = _light_of(case, days)
        of_indicator.setdefault(at, []).append((case, given))
        np.maximum(by_case[:, at], given[1:], out=by_case[:, at])
    return _Parts(
        days,
        readings,
        threshold_codes(readings.value, rules, today),
        silence_codes(readings, rules, rulebook.watched_since, today),
        by_case,
        of_indicator,
    )


def _latest_by_day(log: ReadingLog, width: int, days: range) -> Readings:
    """The latest reading of each indicator at the end of each day ``(D, I)``; at that of the last, all there is."""
    observed = np.minimum(calendar.local_day_of_ms(log.observed_ms), days[-1])
    ends = np.searchsorted(observed, np.array(days), side="right")
    latest = Readings.none(1, width)
    rows: list[Readings] = []
    start = 0
    for end in ends.tolist():
        if end > start or not rows:
            latest.update(log.take(slice(start, end)))
            rows.append(latest.of_village(0))
        else:
            rows.append(rows[-1])
        start = end
    return Readings.end_to_end(rows)


def _light_of(case: Case, days: range) -> Codes:
    """What a case gave on the day before and on each of the days ``(D + 1,)``."""
    given = np.zeros(len(days) + 1, np.uint8)
    for day, light in light_changes(case, days[-1]):
        given[max(0, day - days[0] + 1) :] = light
    return given


def _readings_of(
    log: ReadingLog, indicator: int, rulebook: Rulebook, days: range, checks: Mapping[str, Check]
) -> list[ByReading]:
    rows = np.flatnonzero(log.indicator == indicator)
    instants = log.observed_ms[rows]
    rows = rows[np.append(instants[1:] != instants[:-1], True)[: len(rows)]]  # a correction repeats the instant
    observed = calendar.local_day_of_ms(log.observed_ms[rows])
    first = max(0, int(np.searchsorted(observed, days[0])) - 1)
    rows, observed = rows[first:], observed[first:]
    rules = rulebook.catalogue.rules
    values = np.full((len(rows), len(rules.kind)), np.nan)
    values[:, indicator] = log.value[rows]
    lights = threshold_codes(values, rules, days[-1])[:, indicator]
    return [
        ByReading(int(light), int(day), float(value), checks[ulid.decode()])
        for light, day, value, ulid in zip(lights, observed, log.value[rows], log.ulid[rows], strict=True)
    ]


def _changes(at: int, light: Codes, parts: _Parts, rulebook: Rulebook, checks: Mapping[str, Check]) -> list[LampChange]:
    three = np.stack([parts.by_reading[:, at], parts.by_silence[:, at], parts.by_case[:, at]])
    # which light, and which of the parts give it
    held = np.where(light == GREEN, 0, light * 8 + ((three == light) * np.array([[4], [2], [1]])).sum(axis=0))
    turns = (np.flatnonzero(held[1:] != held[:-1]) + 1).tolist()
    starts = [0] if held[0] else []
    return [
        LampChange(parts.days[k], int(light[k]), _causes(at, k, light, three, parts, rulebook, checks))
        for k in [*starts, *turns]
    ]


def _causes(
    at: int,
    k: int,
    light: Codes,
    three: NDArray[np.uint8],
    parts: _Parts,
    rulebook: Rulebook,
    checks: Mapping[str, Check],
) -> list[Cause]:
    """What gave way on the ``k``-th day, and what holds the lamp since."""
    now = int(light[k])
    before = three[:, k - 1] if k else np.zeros(3, np.uint8)
    gave_way, holds = before > max(now, GREEN), (three[:, k] == now) & (now != GREEN)
    found: list[Cause] = []
    if gave_way[0] or gave_way[1] or (holds[0] and now != GREEN):
        found += _by_reading(at, k, parts, checks)
    if holds[1] and now == STALE:
        observed = int(parts.readings.observed_ms[k, at])
        is_never = observed == NEVER_MS
        since = rulebook.watched_since if is_never else calendar.local_day_of_ms(observed)
        found.append(BySilence(since, is_never))
    for case, given in parts.cases.get(at, _NO_CASES):
        former, given_now = given[k : k + 2].tolist()
        if (gave_way[2] and given_now < former and former > now) or (holds[2] and given_now == now):
            turn, stretch = _turn(case, parts.days[k])
            found.append(ByCase(given_now, case, turn if former != given_now else "open", stretch))
    return found


def _by_reading(at: int, k: int, parts: _Parts, checks: Mapping[str, Check]) -> list[Cause]:
    readings = parts.readings
    check = checks.get(readings.ulid[k, at].decode())
    if check is None:
        return []
    day = calendar.local_day_of_ms(int(readings.observed_ms[k, at]))
    return [ByReading(int(parts.by_reading[k, at]), day, float(readings.value[k, at]), check)]


def _turn(case: Case, day: int) -> tuple[CaseTurn, Segment]:
    """What happened to a case on a day on which its light changed, and the stretch that this began or, of an all-clear,
    ended."""
    before, since = (next((s for s in case.segments if s.from_day <= d < s.until_day), None) for d in (day - 1, day))
    if since is None:
        return "cleared", before or case.segments[-1]
    if before is None:
        return ("reopened" if day in case.reopened_days else "opened"), since
    if before.severity != since.severity:
        return "escalated", since
    return ("extended" if since.due_day > before.due_day else "overdue"), since
