"""Statistics of the mirror: the figures of a division and a period, and how old what they were made from is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from jobs.mirror import read_mirror
from jobs.rows import happenings
from models import calendar
from models.ids import CODE_LENGTHS
from models.setup import Setup
from models.statistics import Count, Happening, statistics


@dataclass(frozen=True)
class Account:
    """``mirrored_at``: when the oldest of the counties' last nightly runs ended."""

    mirrored_at: datetime
    counts: dict[str, Count]


def read_statistics(setup: Setup, mirror: Path, division: str, first: date, last: date) -> Account:
    """The figures of a division of the register from ``first`` to ``last``, both in it. Raises ``MirrorError``."""
    rulebook = setup.rulebook
    code = division[: CODE_LENGTHS["county"]]
    counties = [county for county in setup.register.counties if county.startswith(code)]
    found: list[Happening] = []
    ended: list[datetime] = []
    for county in counties:
        rows, at = read_mirror(mirror, county, rulebook.catalogue)
        found += happenings(rows, rulebook.catalogue)
        ended.append(at)
    days = calendar.epoch_day(first), calendar.epoch_day(last)
    return Account(min(ended), statistics(found, division, *days, rulebook.policy))
