"""Cases: a matter from its warning to its all-clear, folded from events (mission 9).

Every report opens a case of its own, whose ULID is the report's; an office may open one without a report. The steps
that follow name the case in their id. A case lights its indicator while it is open: minor ones not before they are
overdue, general ones yellow, major ones red; a deadline that has passed makes it one step worse.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from models import calendar
from models.documents import CaseEvent, CaseStep, Report, Severity
from models.ids import parse_id

if TYPE_CHECKING:
    from models.documents import AnyDocument
    from models.policy import Policy

_SEVERITIES: Final[tuple[Severity, ...]] = ("minor", "general", "major")
#: Light codes a case gives (``models.lights``): while in time, and once overdue.
NO_CASE: Final = 0
_IN_TIME: Final[dict[Severity, int]] = {"minor": 0, "general": 2, "major": 3}
_OVERDUE: Final[dict[Severity, int]] = {"minor": 2, "general": 3, "major": 3}
#: Beyond any day that is ever asked for; still an int32.
OPEN_END: Final = 2**30


class CaseFact(msgspec.Struct, frozen=True):
    """What one event says about one case, reduced to what the fold needs. ``at_ms`` is ``observed_at``."""

    village: str
    case: str
    at_ms: int
    ulid: str
    step: CaseStep
    indicator: str | None = None
    severity: Severity | None = None
    due_day: int | None = None


class Segment(msgspec.Struct, frozen=True):
    """A stretch ``[from_day, until_day)`` in which a case was open with one severity and one deadline."""

    from_day: int
    until_day: int
    severity: Severity
    due_day: int


class Case(msgspec.Struct, frozen=True):
    """A case as folded. ``cleared_day`` is None while it is open; ``is_relapse``: reopened within half a year."""

    village: str
    case: str
    indicator: str
    severity: Severity
    opened_day: int
    due_day: int
    cleared_day: int | None
    is_relapse: bool
    segments: tuple[Segment, ...]

    @property
    def is_open(self) -> bool:
        return self.cleared_day is None


def case_fact(document: AnyDocument) -> CaseFact | None:
    """What a document says about a case, or None if it says nothing. Raises ``IdError`` for a malformed id."""
    if isinstance(document, Report):
        identity = parse_id(document.id)
        opened = document.id if document.amends is None else document.amends
        case = parse_id(opened).ulid
        return _fact(document, identity.division, case, identity.ulid, "opened")
    if isinstance(document, CaseEvent):
        identity = parse_id(document.id)
        due = None if document.due is None else calendar.epoch_day(document.due)
        return _fact(document, identity.division, identity.owner, identity.ulid, document.step, due)
    return None


def _fact(
    event: Report | CaseEvent,
    village: str,
    case: str | None,
    ulid: str | None,
    step: CaseStep,
    due_day: int | None = None,
) -> CaseFact | None:
    if case is None or ulid is None:
        return None
    at_ms = calendar.to_ms(event.observed_at)
    return CaseFact(village, case, at_ms, ulid, step, event.indicator, event.severity, due_day)


def fold_cases(facts: Iterable[CaseFact], policy: Policy) -> list[Case]:
    """Fold facts, in any order and with repetitions, into cases, ordered by village and case.

    A case of which no opening is known yet (its report may still lie on a tablet) is left out until it arrives.
    """
    by_case: dict[tuple[str, str], set[CaseFact]] = defaultdict(set)
    for fact in facts:
        by_case[fact.village, fact.case].add(fact)
    folded = (_fold(village, case, found, policy) for (village, case), found in sorted(by_case.items()))
    return [case for case in folded if case is not None]


def _fold(village: str, case: str, facts: set[CaseFact], policy: Policy) -> Case | None:
    # the opening stands first whatever the clocks said; a later opening is an amendment of it
    ordered = sorted(facts, key=lambda f: (f.step != "opened", f.at_ms, f.ulid))
    openings = [f for f in ordered if f.step == "opened" and f.indicator is not None]
    if not openings:
        return None
    fold = _Fold(openings, policy)
    for fact in ordered[len([f for f in ordered if f.step == "opened"]) :]:
        fold.take(fact)
    return Case(
        village=village,
        case=case,
        indicator=fold.indicator,
        severity=fold.severity,
        opened_day=calendar.local_day_of_ms(openings[0].at_ms),
        due_day=fold.due_day,
        cleared_day=fold.cleared_day,
        is_relapse=fold.is_relapse,
        segments=tuple(fold.finish()),
    )


class _Fold:
    """The running state of one case."""

    def __init__(self, openings: list[CaseFact], policy: Policy) -> None:
        amended = openings[-1]
        self._policy = policy
        self._segments: list[Segment] = []
        self.indicator: str = amended.indicator or ""
        # the worst: nothing but an all-clear takes a light back
        self.severity: Severity = max((o.severity or "general" for o in openings), key=_SEVERITIES.index)
        self.cleared_day: int | None = None
        self.is_relapse = False
        self._opened_day = self._from_day = calendar.local_day_of_ms(openings[0].at_ms)
        self.due_day = amended.due_day if amended.due_day is not None else self._default_due(self._from_day)

    def take(self, fact: CaseFact) -> None:
        # nothing happens to a case before it was opened
        day = max(calendar.local_day_of_ms(fact.at_ms), self._opened_day)
        if fact.step == "cleared":
            self._clear(day)
        elif fact.step == "reopened":
            self._reopen(day, fact)
        elif fact.step == "escalated":
            severity = max(self.severity, fact.severity or "major", key=_SEVERITIES.index)
            self._change(day, severity, fact.due_day)
        elif fact.due_day is not None:
            self._change(day, self.severity, fact.due_day)

    def finish(self) -> list[Segment]:
        if self.cleared_day is None:
            self._close_segment(OPEN_END)
        return self._segments

    def _default_due(self, day: int) -> int:
        days: int = getattr(self._policy.follow_up_days, self.severity)
        return day + days

    def _clear(self, day: int) -> None:
        if self.cleared_day is None:
            self._close_segment(day)
            self.cleared_day = day

    def _reopen(self, day: int, fact: CaseFact) -> None:
        if self.cleared_day is None:
            return
        self.is_relapse |= day - self.cleared_day <= self._policy.relapse.within_days
        self.cleared_day = None
        self._from_day = day
        self.severity = fact.severity or self.severity
        self.due_day = fact.due_day if fact.due_day is not None else self._default_due(day)

    def _change(self, day: int, severity: Severity, due_day: int | None) -> None:
        if self.cleared_day is not None:
            return
        self._close_segment(day)
        self.severity = severity
        self._from_day = max(day, self._from_day)
        self.due_day = due_day if due_day is not None else self._default_due(day)

    def _close_segment(self, until_day: int) -> None:
        if until_day > self._from_day:
            self._segments.append(Segment(self._from_day, until_day, self.severity, self.due_day))


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


def step_faults(event: CaseEvent) -> str | None:
    """The name of the first field that a step lacks, or None. Nothing closes without what was found, what was done
    and who verified it (mission 9)."""
    required: dict[CaseStep, tuple[str, ...]] = {
        "opened": ("indicator", "severity"),
        "assigned": ("department",),
        "deadline": ("due", "department"),
        "cleared": ("found", "done", "verified_by"),
        "reopened": ("text",),
        "progress": ("text",),
    }
    return next((name for name in required.get(event.step, ()) if _is_blank(getattr(event, name))), None)


def _is_blank(value: object) -> bool:
    return not any(map(str.isalnum, value)) if isinstance(value, str) else value is None
