"""A village's lamps of the last twelve months, and why each of them changed, in both languages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final, Literal

import msgspec

from models import calendar, terms
from models.catalogue import Indicator
from models.documents import AnyDocument, Inspection, Report, Round
from models.history import LightSpan
from models.ids import Scope
from models.lamp_history import ByCase, ByReading, BySilence, CaseTurn, Cause, LampHistory, lamp_histories
from models.lights import GREEN, LETTERS, RED
from models.setup import Setup

#: Twelve months, today among them.
DAYS: Final = 366
#: What happened to a case, beside the names of its steps.
_TURNS: Final[dict[CaseTurn, tuple[str, str]]] = {
    "opened": (terms.STEPS["opened"], "opened"),
    "reopened": (terms.STEPS["reopened"], "reopened"),
    "escalated": (terms.STEPS["escalated"], "handed up"),
    "overdue": ("逾期", "overdue"),
    "extended": ("延期", "deadline put off"),
    "cleared": (terms.STEPS["cleared"], "all-clear"),
    "open": ("未撤销", "still open"),
}


class Reason(msgspec.Struct, kw_only=True):
    """One thing that a lamp's light came from. ``case``: its ULID, where the reader may open it."""

    kind: Literal["reading", "case", "silence"]
    zh: str
    en: str
    case: str | None = None


class ChangeView(msgspec.Struct):
    """From a day on the lamp has this light, for these reasons; the first may say what was so when it begins."""

    on: date
    light: str
    reasons: list[Reason]


class LampView(msgspec.Struct):
    """``readings``: of a number that the reader may see, by day."""

    indicator: str
    spans: list[LightSpan]
    changes: list[ChangeView]
    readings: list[tuple[date, float]]


class VillageHistory(msgspec.Struct, kw_only=True):
    """Of the lamps that were not green on every day since ``since``, or were read. As all that is known today has it:
    what was told late counts from when it was seen."""

    village: str
    as_of: datetime
    simulated: bool
    catalogue: str
    since: date
    until: date
    lamps: list[LampView]


def village_history(
    village: str, documents: Sequence[AnyDocument], setup: Setup, scope: Scope, *, may_open: bool, now: datetime
) -> VillageHistory:
    """``documents``: all of the village; ``scope``: the reader's; ``may_open``: whether cases are theirs to read."""
    rulebook, today = setup.rulebook, calendar.local_day(now)
    observed = (
        calendar.local_day(one.observed_at) for one in documents if isinstance(one, Report | Round | Inspection)
    )
    begun = min([today, rulebook.watched_since, *observed])  # of before nobody knows anything
    first = max(begun, today - DAYS + 1)
    reader = _Reader(setup, scope, may_open)
    return VillageHistory(
        village=village,
        as_of=now,
        simulated=rulebook.is_simulated,
        catalogue=rulebook.catalogue.version,
        since=calendar.day_of(first),
        until=calendar.day_of(today),
        lamps=[reader.lamp(one) for one in lamp_histories(village, documents, rulebook, range(first, today + 1))],
    )


class _Reader:
    """Says what its reader may know: of a check or a case that is not theirs, that there was one."""

    def __init__(self, setup: Setup, scope: Scope, may_open: bool) -> None:
        self._catalogue = setup.rulebook.catalogue
        self._scope, self._may_open = scope, may_open

    def lamp(self, history: LampHistory) -> LampView:
        indicator = self._catalogue.indicators[self._catalogue.index[history.indicator]]
        return LampView(
            history.indicator,
            history.spans,
            [
                ChangeView(
                    calendar.day_of(change.day),
                    LETTERS[change.light],
                    [self._reason(cause, indicator, change.day) for cause in change.causes],
                )
                for change in history.changes
            ],
            [(calendar.day_of(one.day), one.value) for one in history.readings if self._scope.allows(one.check.id)],
        )

    def _reason(self, cause: Cause, indicator: Indicator, day: int) -> Reason:
        match cause:
            case ByReading():
                return self._by_reading(cause, indicator, day)
            case ByCase():
                return self._by_case(cause)
            case BySilence():
                return _by_silence(cause, indicator, day)

    def _by_reading(self, cause: ByReading, indicator: Indicator, day: int) -> Reason:
        check = cause.check
        is_planned = isinstance(check, Inspection) and check.is_planned
        zh, en = (
            ("计划检查", "Planned check")
            if is_planned
            else ("抽查", "Check")
            if isinstance(check, Inspection)
            else (terms.KINDS["round"], "Round")
        )
        on = calendar.day_of(cause.day)
        if not self._scope.allows(check.id):
            return Reason(kind="reading", zh=f"{on} 的读数", en=f"a reading of {on}")
        value, line = _value(cause, indicator, day), _line(cause, indicator)
        return Reason(kind="reading", zh=f"{zh} {on}：{value[0]}，{line[0]}", en=f"{en} of {on}: {value[1]}, {line[1]}")

    def _by_case(self, cause: ByCase) -> Reason:
        case, stretch, (zh, en) = cause.case, cause.stretch, _TURNS[cause.turn]
        if not (self._may_open and self._scope.allows(f"{case.village}:case:{case.case}:")):
            return Reason(kind="case", zh=f"一件事项{zh}", en=f"a matter: {en}")
        zh, en = f"{terms.SEVERITIES[stretch.severity]}{zh}", f"{stretch.severity} matter: {en}"
        if cause.turn == "overdue":
            due = calendar.day_of(stretch.due_day)
            zh, en = f"{zh}（限期 {due}）", f"{en} (due {due})"
        return Reason(kind="case", zh=zh, en=en, case=case.case)


def _by_silence(cause: BySilence, indicator: Indicator, day: int) -> Reason:
    since, days = calendar.day_of(cause.since_day), day - cause.since_day
    every = indicator.interval_days
    if cause.is_never:
        return Reason(
            kind="silence",
            zh=f"应每 {every} 天读一次，自 {since} 起 {days} 天从未有读数",
            en=f"to be read every {every} days; never read in the {days} days since {since}",
        )
    return Reason(
        kind="silence",
        zh=f"应每 {every} 天读一次，{since} 以后 {days} 天没有读数",
        en=f"to be read every {every} days; nobody has read it for {days} days, since {since}",
    )


def _value(cause: ByReading, indicator: Indicator, day: int) -> tuple[str, str]:
    value = cause.value
    match indicator.kind:
        case "yesno":
            return ("是", "yes") if value else ("否", "no")
        case "number" | "cases":
            return f"{value:g} {indicator.unit}", f"{value:g} {indicator.unit_en}"
        case "last_date" | "start_date" if value == float("inf"):
            return "无", "none"
        case "last_date" | "start_date":
            on, days = calendar.day_of(int(value)), day - int(value)
            zh, en = ("最近一次", "last on") if indicator.kind == "last_date" else ("起于", "since")
            return f"{zh} {on}，已 {days} {indicator.unit}", f"{en} {on}, {days} {indicator.unit_en}"


def _line(cause: ByReading, indicator: Indicator) -> tuple[str, str]:
    """Which threshold was crossed."""
    colour = ("红", "red") if cause.light == RED else ("黄", "yellow")
    limit = indicator.red if cause.light == RED else indicator.yellow
    if cause.light == GREEN:
        return "正常", "in order"
    if limit is None:  # a "no" is what it is
        return f"亮{colour[0]}", f"gives {colour[1]}"
    is_low = indicator.direction == "lower_worse"
    zh, en = ("低于", "below") if is_low else ("超过", "beyond")
    return (
        f"{zh}{colour[0]}线 {limit:g} {indicator.unit}",
        f"{en} the {colour[1]} line of {limit:g} {indicator.unit_en}",
    )
