"""Statistics of the mirror: the figures of a division and a period, and how old what they were made from is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from jobs.evaluation import kept_grades
from jobs.mirror import read_mirror
from jobs.rows import happenings
from models import calendar
from models.ids import CODE_LENGTHS
from models.periods import Period, periods_within
from models.setup import Setup
from models.statistics import Count, Grades, Happening, Stood, statistics


@dataclass(frozen=True)
class Account:
    """``mirrored_at``: when the oldest of the counties' last nightly runs ended."""

    mirrored_at: datetime
    counts: dict[str, Count]


def counties_of(setup: Setup, division: str) -> list[str]:
    """The counties that a division lies in or consists of."""
    return [county for county in setup.register.counties if county.startswith(division[: CODE_LENGTHS["county"]])]


def read_statistics(setup: Setup, mirror: Path, division: str, first: date, last: date) -> Account:
    """The figures of a division of the register from ``first`` to ``last``, both in it. Raises ``MirrorError``."""
    rulebook = setup.rulebook
    counties = counties_of(setup, division)
    found: list[Happening] = []
    ended: list[datetime] = []
    for county in counties:
        rows, at = read_mirror(mirror, county, rulebook.catalogue)
        found += happenings(rows, rulebook.catalogue)
        ended.append(at)
    days = calendar.epoch_day(first), calendar.epoch_day(last)
    grades = _last_two(mirror, counties, *days)
    return Account(min(ended), statistics(found, division, *days, rulebook.policy, grades))


def _last_two(mirror: Path, counties: list[str], first_day: int, last_day: int) -> tuple[Grades, Grades] | None:
    """The last evaluation of a period that lies within the days, and the one before it; None unless all counties have
    both."""
    for period in periods_within(first_day, last_day):
        now, before = (_stood(mirror, counties, p) for p in (period, period.previous))
        if now is not None and before is not None:
            return now, before
    return None


def _stood(mirror: Path, counties: list[str], period: Period) -> Grades | None:
    found: dict[str, Stood] = {}
    for county in counties:
        kept = kept_grades(mirror, county, period)
        if kept is None:
            return None
        found |= {row.village: Stood(row.id, row.grade) for row in kept}
    return found
