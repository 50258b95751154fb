"""Villages as a panel by months: for each month's last day what had been written down by then, whatever is known now.

A reading counts from when it was saved, a step of a case likewise; what was observed in a month and entered in the next
is part of the next. So nothing that is learned from a month was known later than its end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models import calendar
from models.catalogue import KIND_CASES, KIND_LAST_DATE, KIND_NUMBER, KIND_START_DATE, KIND_YESNO
from models.early_warning.casework import KnownCases
from models.early_warning.verdicts import last_verdicts
from models.ids import CODE_LENGTHS, parse_id
from models.informants import terms_of
from models.lights import RED, STALE, YELLOW, Codes, light_codes
from models.readings import ReadingLog, Readings
from models.risk.panel import Floats, Panel

if TYPE_CHECKING:
    from models.cases import CaseFact
    from models.catalogue import Catalogue, Rules
    from models.documents import Appointment, Settlements, Verdict
    from models.village import Rulebook

_EPOCH_MONTH: Final = 1970 * 12
#: Days that a verdict counts.
YEAR: Final = 365
#: People of whom a rate is half that of the village and half that of all.
TRUSTED_PEOPLE: Final = 1_000

Days = NDArray[np.int64]
Values = NDArray[np.float64]


@dataclass(frozen=True)
class Written:
    """What the events of some villages say. ``logs``: readings by the month of ``ends`` in which they were saved."""

    villages: tuple[str, ...]
    logs: Sequence[ReadingLog]
    facts: Sequence[CaseFact]
    appointments: Sequence[Appointment]
    settlements: Sequence[Settlements] = ()
    verdicts: Sequence[Verdict] = ()


@dataclass(frozen=True, kw_only=True)
class VillagePanel(Panel):
    """A county's panel, with ``standing`` ``(U, T, I)``: each lamp as the board had it at a month's end, whether or not
    anything was observed in the month."""

    standing: Codes


def month_ends(last: date, months: int) -> Days:
    """The epoch days on which so many months end, of which the last ends on ``last``: the same day of each month, or
    the month's last where it has none such."""
    number = last.year * 12 + last.month - 1
    return np.array([_day_in(number - back, last.day) for back in range(months - 1, -1, -1)], np.int64)


def _day_in(month: int, day: int) -> int:
    first = date(month // 12, month % 12 + 1, 1)
    following = date((month + 1) // 12, (month + 1) % 12 + 1, 1)
    return min(calendar.epoch_day(first) + day - 1, calendar.epoch_day(following) - 1)


def village_panel(written: Written, rulebook: Rulebook, ends: Days) -> VillagePanel:
    """The panel of some villages over the months that end on ``ends`` (``month_ends``). An indicator is observed where
    it was read in the month, or lit by a case; one that changes with the calendar, or with cases only, also where the
    village was heard of at all. ``context`` holds casework, staffing and verdicts."""
    catalogue, rules, villages = rulebook.catalogue, rulebook.catalogue.rules, written.villages
    index = {village: at for at, village in enumerate(villages)}
    cases = KnownCases(written.facts, rulebook.policy, index, catalogue.index)
    readings = Readings.none(len(villages), len(rules.kind))
    months: list[dict[str, Floats]] = []
    standing: list[Codes] = []
    for end, log in zip(ends.tolist(), written.logs, strict=True):
        readings.update(log.in_order())
        here = cases.by(end)
        lit = here.spans.on(end, *readings.value.shape)
        codes = light_codes(readings, lit, rules, rulebook.watched_since, end)
        standing.append(codes)
        months.append(_month(log, readings.value, lit, codes, rules, end) | here.figures(end, len(villages)))
    yellow, red = _cuts(rules)
    townships = [village[: CODE_LENGTHS["township"]] for village in villages]
    figures = {name: np.stack([month[name] for month in months], axis=1) for name in months[0]}
    return VillagePanel(
        units=pd.Index(villages),
        periods=np.array([_month_of(end) for end in ends.tolist()], np.int64),
        indicators=tuple(indicator.code for indicator in catalogue.indicators),
        value=figures.pop("value"),
        light=figures.pop("light"),
        standing=np.stack(standing, axis=1),
        yellow=yellow,
        red=red,
        category=rules.category.astype(np.intp),
        group=np.unique(townships, return_inverse=True)[1].astype(np.intp),
        season=12,
        context=figures
        | _staffing(written.appointments, index, ends)
        | _by_people(written.settlements, figures["cases.opened_lately"], index, ends)
        | _verdicts(written.verdicts, index, ends),
    )


def _month(
    log: ReadingLog,
    value: NDArray[np.float64],
    lit: NDArray[np.uint8],
    codes: NDArray[np.uint8],
    rules: Rules,
    end: int,
) -> dict[str, Floats]:
    """Values and lights ``(V, I)`` of a month's last day, NaN where nothing was observed."""
    read = np.zeros(value.shape, bool)
    read[log.village, log.indicator] = True
    moves = (rules.kind == KIND_LAST_DATE) | (rules.kind == KIND_START_DATE)
    heard = read.any(axis=1, keepdims=True)
    seen = read | (lit > 0) | (heard & ((moves & ~np.isnan(value)) | (rules.kind == KIND_CASES)))
    light = np.select([codes == RED, codes == YELLOW], [2, 1], 0)
    return {
        "value": np.where(seen, _turned(value, lit, rules, end), np.nan).astype(np.float32),
        "light": np.where(seen & (codes != STALE), light, np.nan).astype(np.float32),
    }


def _turned(value: Values, lit: Codes, rules: Rules, end: int) -> Values:
    """Values turned so that more is worse: days since a date, none since what has not begun; 1 for no; of what is lit
    by cases only, how bad they are."""
    moves = (rules.kind == KIND_LAST_DATE) | (rules.kind == KIND_START_DATE)
    return np.select(
        [moves, rules.kind == KIND_YESNO, rules.kind == KIND_CASES],
        [np.where(np.isinf(value), 0, end - value), 1 - value, lit],
        value * rules.sign,
    )


def as_read(turned: Floats, at: int, catalogue: Catalogue) -> Floats:
    """Values of the panel of the indicator at a position as they are read, not turned: days since a date, 1 for yes."""
    kind = catalogue.rules.kind[at]
    if kind == KIND_NUMBER:
        return np.asarray(turned * np.float32(catalogue.rules.sign[at]), np.float32)
    return np.asarray(1 - turned if kind == KIND_YESNO else turned, np.float32)


def _cuts(rules: Rules) -> tuple[Floats, Floats]:
    """Where values that are turned so become yellow and red; NaN where they never do."""
    is_yesno, is_cases = rules.kind == KIND_YESNO, rules.kind == KIND_CASES
    moves = (rules.kind == KIND_LAST_DATE) | (rules.kind == KIND_START_DATE)
    sign = np.where(moves, 1, rules.sign)
    yellow = np.select([is_yesno & (rules.no_light == YELLOW), is_yesno | is_cases], [0.5, np.nan], rules.yellow * sign)
    red = np.select([is_yesno & (rules.no_light == RED), is_yesno | is_cases], [0.5, np.nan], rules.red * sign)
    return yellow.astype(np.float32), red.astype(np.float32)


def _month_of(day: int) -> int:
    """Months since January 1970, as pandas counts them."""
    at = calendar.day_of(day)
    return at.year * 12 + at.month - 1 - _EPOCH_MONTH


def _staffing(appointments: Iterable[Appointment], index: Mapping[str, int], ends: Days) -> dict[str, Floats]:
    """How many informants serve at each month's end. An appointment counts from when it was entered."""
    entered = [msgspec.structs.replace(one, observed_at=max(one.observed_at, one.saved_at)) for one in appointments]
    terms = [term for term in terms_of(entered) if term.village in index]
    village = np.array([index[term.village] for term in terms], np.intp)
    first = np.array([term.from_day for term in terms], np.int64)
    until = np.array([np.iinfo(np.int64).max if term.until_day is None else term.until_day for term in terms], np.int64)
    serving = np.zeros((len(index), len(ends)), np.float32)
    for at, end in enumerate(ends.tolist()):
        np.add.at(serving[:, at], village[(first <= end) & (end < until)], 1)
    return {"staffing.informants": serving}


def _by_people(
    settlements: Iterable[Settlements], opened: Floats, index: Mapping[str, int], ends: Days
) -> dict[str, Floats]:
    """How many people live in each village, as far as it was entered by each month's end; and cases opened lately per
    thousand people, drawn to the mean of all as if as many more people lived there as make it trustworthy, so that one
    case in a small village is no epidemic. NaN where the people are not known."""
    events = sorted((one for one in settlements if parse_id(one.id).division in index), key=lambda one: one.id[-26:])
    people = np.full((len(index), len(ends)), np.nan, np.float32)
    for one in events:  # a later one counts from when it was saved
        people[index[parse_id(one.id).division], ends >= calendar.local_day(one.saved_at)] = sum(
            place.people for place in one.natural_villages
        )
    known = ~np.isnan(people)
    total = np.where(known, people, 0).sum(axis=0)
    mean = np.where(known, opened, 0).sum(axis=0) / np.maximum(total, 1)
    rate = 1_000 * (opened + TRUSTED_PEOPLE * mean) / (people + TRUSTED_PEOPLE)
    return {"staffing.people": people, "cases.per_thousand": rate.astype(np.float32)}


def _verdicts(verdicts: Iterable[Verdict], index: Mapping[str, int], ends: Days) -> dict[str, Floats]:
    """How often analysts found within the year before that a village was watched rightly, and wrongly. What they say
    counts from when it was saved, until they say something else of the same list."""
    found = {"verdicts.right": np.zeros((len(index), len(ends)), np.float32)}
    found["verdicts.wrong"] = np.zeros_like(found["verdicts.right"])
    saved = [(calendar.local_day(one.saved_at), one) for one in verdicts if one.village in index]
    for at, end in enumerate(ends.tolist()):
        for one in last_verdicts(one for day, one in saved if day <= end):
            if end < calendar.local_day(one.saved_at) + YEAR:
                name = "verdicts.right" if one.is_right else "verdicts.wrong"
                found[name][index[one.village], at] += 1
    return found
