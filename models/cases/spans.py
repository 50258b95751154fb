"""When which lamp was lit by a case: minor ones not before they are overdue, general ones yellow, major ones red; a
deadline that has passed makes it one step worse."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from models.cases.course import OPEN_END

if TYPE_CHECKING:
    from models.cases.course import Case
    from models.documents import Severity

#: Light codes a case gives (``models.lights``): while in time, and once overdue.
NO_CASE: Final = 0
_IN_TIME: Final[dict[Severity, int]] = {"minor": 0, "general": 2, "major": 3}
_OVERDUE: Final[dict[Severity, int]] = {"minor": 2, "general": 3, "major": 3}


@dataclass(frozen=True)
class CaseSpans:
    """When which cell was lit by a case: parallel arrays, one row a stretch ``[from_day, until_day)``.

    ``village`` and ``indicator`` are positions in register and catalogue, ``light`` is a code of ``models.lights``.
    """

    village: NDArray[np.intp]
    indicator: NDArray[np.intp]
    light: NDArray[np.uint8]
    from_day: NDArray[np.int32]
    until_day: NDArray[np.int32]

    def on(self, day: int, n_villages: int, n_indicators: int) -> NDArray[np.uint8]:
        """The worst light that cases give on a day, uint8 ``(n_villages, n_indicators)``."""
        out = np.full((n_villages, n_indicators), NO_CASE, np.uint8)
        active = (self.from_day <= day) & (day < self.until_day)
        np.maximum.at(out, (self.village[active], self.indicator[active]), self.light[active])
        return out


def light_changes(case: Case, today: int) -> list[tuple[int, int]]:
    """The days on which the light that a case gives became another one, with that light, until a day."""
    found: list[tuple[int, int]] = []
    for s in case.segments:
        overdue_from = min(max(s.due_day + 1, s.from_day), s.until_day)
        found += [(s.from_day, _IN_TIME[s.severity]), (overdue_from, _OVERDUE[s.severity]), (s.until_day, NO_CASE)]
    following = [*found[1:], (OPEN_END, NO_CASE)]
    lasting = [one for one, then in zip(found, following, strict=False) if one[0] < then[0] and one[0] <= today]
    return [one for at, one in enumerate(lasting) if one[1] != (lasting[at - 1][1] if at else NO_CASE)]


def case_spans(
    cases: Iterable[Case], village_index: Mapping[str, int], indicator_index: Mapping[str, int]
) -> CaseSpans:
    """Stretches of all cases. A deadline's own day is still in time. Cases of unknown villages or indicators are left
    out: the gateway refuses them, and an older catalogue may have had indicators that this one has not."""
    rows: list[tuple[int, int, int, int, int]] = []
    for case in cases:
        village, indicator = village_index.get(case.village), indicator_index.get(case.indicator)
        if village is None or indicator is None:
            continue
        for s in case.segments:
            overdue_from = min(max(s.due_day + 1, s.from_day), s.until_day)
            rows.append((village, indicator, _IN_TIME[s.severity], s.from_day, overdue_from))
            rows.append((village, indicator, _OVERDUE[s.severity], overdue_from, s.until_day))
    table = np.array([r for r in rows if r[2] and r[3] < r[4]], np.int64).reshape(-1, 5)
    return CaseSpans(
        table[:, 0].astype(np.intp),
        table[:, 1].astype(np.intp),
        table[:, 2].astype(np.uint8),
        table[:, 3].astype(np.int32),
        table[:, 4].astype(np.int32),
    )
