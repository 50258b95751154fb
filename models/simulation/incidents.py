"""Matters that arise in villages, and what reaches the system of them: late, through some channel, or not at all."""

from __future__ import annotations

import calendar as month_calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.calendar import MS_PER_DAY, epoch_day
from models.documents import Channel, Report, Severity
from models.simulation.aliases import administrator_alias, informant_alias
from models.simulation.journal import MS_PER_HOUR, Journal, instant, start_of_day_ms
from models.simulation.parameters import SEVERITIES

if TYPE_CHECKING:
    from models.simulation.parameters import Incidents, Parameters, Topic

#: Nobody takes longer than this from seeing to saving.
_TOLD_HOURS_MAX = 20 * 24


@dataclass(frozen=True)
class Matter:
    """One reported matter. ``village`` is a position; ``badness`` that of the team at the time."""

    village: int
    badness: float
    severity: Severity
    topic: Topic
    author: str
    case: str
    saved_ms: int

    def report_id(self, villages: tuple[str, ...]) -> str:
        return f"{villages[self.village]}:report:{self.author}:{self.case}"


def write_reports(
    rng: np.random.Generator,
    journal: Journal,
    villages: tuple[str, ...],
    starts: list[date],
    start_day: int,
    badness: NDArray[np.float64],
    informants: NDArray[np.int64],
    p: Parameters,
) -> list[Matter]:
    """Write the reports of all months (``badness`` ``(V, T)``, ``informants`` ``(V,)``), and return what was reported,
    for the casework."""
    reporter = _Reporter(rng, journal, villages, informants, p)
    matters = []
    for severity in SEVERITIES:
        topics = _TopicDraw(rng, p.topics, severity)
        for village, month in _occurrences(rng, badness, severity, p):
            start = starts[month]
            days = month_calendar.monthrange(start.year, start.month)[1]
            day = epoch_day(start) + int(rng.integers(days))
            if day >= start_day:
                matter = reporter.report(village, day, severity, topics.draw(), float(badness[village, month]))
                if matter is not None:
                    matters.append(matter)
    return matters


def _occurrences(
    rng: np.random.Generator, badness: NDArray[np.float64], severity: Severity, p: Parameters
) -> Iterator[tuple[int, int]]:
    """Pairs (village, month), one for each matter that arises."""
    per_month = getattr(p.incidents, f"{severity}_per_year") / 12
    times = p.incidents.weak_times
    rate = per_month * (1 + times * badness) / (1 + times * p.health.weak_share)
    counts = rng.poisson(rate)
    for village, month in np.argwhere(counts):
        for _ in range(counts[village, month]):
            yield int(village), int(month)


class _TopicDraw:
    def __init__(self, rng: np.random.Generator, topics: tuple[Topic, ...], severity: Severity) -> None:
        weights = np.array([getattr(topic.weight, severity) for topic in topics], float)
        self._rng, self._topics, self._cumulative = rng, topics, np.cumsum(weights / weights.sum())

    def draw(self) -> Topic:
        at = int(np.searchsorted(self._cumulative, self._rng.random(), side="right"))
        return self._topics[min(at, len(self._topics) - 1)]


class _Reporter:
    def __init__(
        self,
        rng: np.random.Generator,
        journal: Journal,
        villages: tuple[str, ...],
        informants: NDArray[np.int64],
        p: Parameters,
    ) -> None:
        self._rng, self._journal, self._villages, self._informants, self._p = rng, journal, villages, informants, p
        self._channels, self._channel_shares = _channel_shares(p.incidents)

    def report(self, at: int, day: int, severity: Severity, topic: Topic, badness: float) -> Matter | None:
        """Write the report of one matter; None if nobody told and no patrol found it, or not in time."""
        rng, incidents, village = self._rng, self._p.incidents, self._villages[at]
        # most things are seen by day; the hour is drawn in minutes from 06:00 to 22:00
        observed_ms = start_of_day_ms(day) + 6 * MS_PER_HOUR + int(rng.integers(16 * MS_PER_HOUR))
        channel: Channel = self._channels[int(np.searchsorted(self._channel_shares, rng.random(), side="right"))]
        if rng.random() < incidents.untold:
            if rng.random() >= incidents.found_by_patrol:
                return None
            observed_ms += int(rng.integers(*incidents.found_after_days)) * MS_PER_DAY
            channel = "patrol"
        hours = min(rng.lognormal(np.log(incidents.told_hours_median), incidents.told_hours_sigma), _TOLD_HOURS_MAX)
        saved_ms = observed_ms + int(hours * MS_PER_HOUR)
        if saved_ms >= self._journal.until_ms:
            return None
        number = int(rng.integers(self._informants[at])) + 1
        author = informant_alias(village, number) if channel == "tablet" else administrator_alias(village)
        matter = Matter(at, badness, severity, topic, author, self._journal.ulid(saved_ms), saved_ms)
        self._journal.write(self._document(matter, channel, observed_ms), matter.case, saved_ms)
        return matter

    def _document(self, matter: Matter, channel: Channel, observed_ms: int) -> Report:
        places, texts = self._p.wording.places, matter.topic.texts(matter.severity)
        return Report(
            id=matter.report_id(self._villages),
            observed_at=instant(observed_ms),
            saved_at=instant(matter.saved_ms),
            clock_offset_ms=int(self._rng.normal(0.0, 4_000.0)),
            indicator=matter.topic.indicator,
            severity=matter.severity,
            text=texts[int(self._rng.integers(len(texts)))],
            channel=channel,
            place=places[int(self._rng.integers(len(places)))],
            simulated=True,
        )


def _channel_shares(p: Incidents) -> tuple[tuple[Channel, ...], NDArray[np.float64]]:
    """The channels, and the upper end of each one's share but the last's, which takes the rest."""
    channels: tuple[Channel, ...] = ("tablet", "letter_box", "hotline", "visit", "department")
    shares = np.array([getattr(p.channels, channel) for channel in channels])
    return channels, np.cumsum(shares / shares.sum())[:-1]
