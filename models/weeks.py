"""How a township's lamps went by week, and which were red when the last day ended: what leaders compare today with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from models import calendar
from models.cases import Case, case_spans
from models.documents import LampWeek, VillageWeeks, Weeks
from models.history import lights_by_day
from models.ids import CODE_LENGTHS
from models.lights import RED, YELLOW, Codes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.readings import ReadingLog
    from models.village import Rulebook

#: Half a year: as long as an evaluation looks back.
WEEKS_SHOWN: Final = 26
#: 1970-01-04 was a Sunday.
_A_SUNDAY: Final = 3


def sundays(last_day: int, watched_since: int) -> list[int]:
    """The epoch days on which the last weeks ended, from the first that was watched; the oldest first."""
    last = last_day - (last_day - _A_SUNDAY) % 7
    return [day for day in range(last - 7 * (WEEKS_SHOWN - 1), last + 1, 7) if day >= watched_since]


def lamps_by_week(
    villages: Sequence[str], log: ReadingLog, cases: Sequence[Case], rulebook: Rulebook, last_day: int
) -> list[Weeks]:
    """The document of each township that the villages lie in; ``log`` gives their positions, ``last_day`` is the last
    that is over. A lamp is as it stood at a day's end by what was observed till then, whenever that arrived."""
    index = {village: at for at, village in enumerate(villages)}
    spans = case_spans(cases, index, rulebook.catalogue.index)
    ends = sundays(last_day, rulebook.watched_since)
    rules, days = rulebook.catalogue.rules, sorted({*ends, last_day})
    by_day = dict(lights_by_day(log, spans, rules, len(villages), rulebook.watched_since, days))
    yellow, red = (_counts([by_day[day] for day in ends], light, len(villages)) for light in (YELLOW, RED))
    rows: dict[str, list[int]] = {}
    for at, village in enumerate(villages):
        rows.setdefault(village[: CODE_LENGTHS["township"]], []).append(at)
    codes = [indicator.code for indicator in rulebook.catalogue.indicators]
    return [
        Weeks(
            id=f"{township}:weeks",
            catalogue=rulebook.catalogue.version,
            policy=rulebook.policy.version,
            day=calendar.day_of(last_day),
            weeks=[
                LampWeek(until=calendar.day_of(day), yellow=int(yellow[week, of].sum()), red=int(red[week, of].sum()))
                for week, day in enumerate(ends)
            ],
            red={villages[at]: lit for at in of if (lit := _red(by_day[last_day][at], codes))},
            villages={
                villages[at]: VillageWeeks(yellow=yellow[:, at].tolist(), red=red[:, at].tolist())
                for at in of
                if yellow[:, at].any() or red[:, at].any()
            },
            simulated=rulebook.is_simulated,
        )
        for township, of in rows.items()
    ]


def _counts(ends: Sequence[Codes], light: int, villages: int) -> NDArray[np.int64]:
    """How many lamps of each village have a light, by week."""
    counts = np.zeros((len(ends), villages), np.int64)
    for at, lights in enumerate(ends):
        counts[at] = np.count_nonzero(lights == light, axis=1)
    return counts


def _red(lights: Codes, codes: Sequence[str]) -> list[str]:
    return [codes[at] for at in np.flatnonzero(lights == RED).tolist()]
