"""Why a village is watched: what is unusual about it and raises its chance most, each said as a fact that can be looked
up, in Chinese and English."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from models.catalogue import KIND_CASES, KIND_NUMBER, KIND_YESNO
from models.documents import WatchReason
from models.early_warning.panel import VillagePanel, as_read
from models.lights import RED, YELLOW
from models.risk.label import carried, last_seen
from models.risk.panel import Floats
from models.risk.rules import RULES

if TYPE_CHECKING:
    from models.catalogue import Catalogue
    from models.risk.features import FeatureRows
    from models.risk.model import Model

#: At most so many are said; none that raises the log odds by less.
REASONS_MAX: Final = 3
EFFECT_MIN: Final = 0.05
#: Months that facts tell of.
MONTHS: Final = 4
#: A reading that has less than this share of its indicator's spread left is close to its threshold.
CLOSE: Final = 0.5
#: A difference from what is usual that is worth telling, in spreads.
MUCH: Final = 0.1
#: A move that is worth telling: the share of the way to the next threshold, or so many spreads where there is none.
MUCH_OF_THE_WAY, MUCH_MOVED = 0.25, 0.5
#: Indicators that are looked at for one sign.
CANDIDATES: Final = 4
#: Kinds of signs, and how the names of their features begin (and end).
_GROUPS: Final[dict[str, tuple[str, ...]]] = {
    "lit": ("severity", "yellow", "red", "room", "rises", "falls", "light:", "category_*.lit"),
    "close": ("headroom", "category_*.headroom", "level:"),
    "moving": ("change", "slope", "volatility", "own:"),
    "silent": ("age", "unseen", "silent", "seen"),
    "cases": ("context.cases",),
    "staffing": ("context.staffing",),
    "neighbours": ("neighbours",),
    "history": ("history",),
    "verdicts": ("context.verdicts",),
}

_MIXED: Final = WatchReason(
    code="mixed", zh="多项小的变化合在一起，没有哪一项特别突出", en="many small changes together, none stands out"
)


@dataclass
class _Signs:
    """What facts are read from: ``light`` and ``level`` as last seen; ``worse`` ``(U, T)`` what became of each unit."""

    panel: VillagePanel
    catalogue: Catalogue
    panel_spread: Floats
    worse: Floats
    light: Floats
    level: Floats

    @property
    def months(self) -> int:
        return min(MONTHS, len(self.panel.periods))

    def name(self, at: int) -> tuple[str, str]:
        indicator = self.catalogue.indicators[at]
        return indicator.name_zh, indicator.name_en

    def figure(self, at: int, turned: float) -> tuple[str, str]:
        """A value as it is read, Chinese and English: numbers turned back, days as they are."""
        indicator = self.catalogue.indicators[at]
        value = f"{as_read(np.array([turned], np.float32), at, self.catalogue)[0]:.6g}"
        times = "× " if indicator.unit_en[:1].isdigit() else ""  # 10,000 yuan
        unit = "" if indicator.unit_en == "number" else f" {times}{indicator.unit_en}"
        return f"{value}{indicator.unit}", f"{value}{unit}".replace(" %", "%")

    @property
    def is_measured(self) -> NDArray[np.bool_]:
        """``(I,)``: numbers, which have values between good and bad and do not change by themselves."""
        return np.asarray(self.catalogue.rules.kind == KIND_NUMBER)

    @cached_property
    def room(self) -> Floats:
        """``(U, I)``: how far a value may still rise now before its light gets worse, in spreads; NaN where that has no
        meaning."""
        kind = self.catalogue.rules.kind
        level, light = self.level[:, -1], self.light[:, -1]
        cut = np.where(light < 1, self.panel.yellow, self.panel.red)
        has_room = (light < 2) & (kind != KIND_YESNO) & (kind != KIND_CASES)
        return np.where(has_room, (cut - level) / self.panel_spread, np.float32(np.nan))

    @cached_property
    def usual_room(self) -> Floats:
        """``(I,)``: the middle of all villages' room."""
        known = ~np.isnan(self.room).all(axis=0)
        found = np.full(self.room.shape[1], np.nan, np.float32)
        found[known] = np.nanmedian(self.room[:, known], axis=0)
        return found


def reasons_of(
    model: Model, panel: VillagePanel, found: FeatureRows, worse: Floats, catalogue: Catalogue, asked: Sequence[int]
) -> dict[str, list[WatchReason]]:
    """By village the reasons of those at the positions ``asked``. ``found``: the features of all units now; ``worse``
    ``(U, T)``: what became of them so far."""
    if not asked:
        return {}
    rows = found.take(np.array(asked, np.intp))
    effects = model.effects(rows, groups_of(found.names)) or _of_rule(model.champion, len(asked))
    light = carried(panel.light, last_seen(panel))
    signs = _Signs(panel, catalogue, model.reference.spread, worse, light, carried(panel.value, last_seen(panel)))
    return {
        str(panel.units[unit]): _reasons(signs, unit, {group: float(of[at]) for group, of in effects.items()})
        for at, unit in enumerate(asked)
    }


def groups_of(names: Sequence[str]) -> dict[str, list[str]]:
    """The features of each kind of sign; the season is none."""

    def is_of(name: str, start: str) -> bool:
        before, star, after = start.partition("*")
        return name.startswith(before) and (not star or name.endswith(after))

    return {group: [n for n in names if any(is_of(n, one) for one in starts)] for group, starts in _GROUPS.items()}


def _of_rule(rule: str, n: int) -> dict[str, Floats]:
    """A rule's signs are those that it reads."""
    read = [group for group, names in groups_of(RULES.get(rule, ())).items() if names]
    if "migration" in RULES.get(rule, ()):
        read = [*read, "lit"]
    return {group: np.ones(n, np.float32) for group in read}


def _reasons(signs: _Signs, unit: int, effects: Mapping[str, float]) -> list[WatchReason]:
    found: list[WatchReason] = []
    for group, effect in sorted(effects.items(), key=lambda one: -one[1]):
        if effect < EFFECT_MIN:
            break
        told = {one.indicator for one in found if one.indicator is not None}
        said = next((one for one in _FACTS[group](signs, unit) if one.indicator not in told), None)
        if said is not None and len(found) < REASONS_MAX:
            found.append(said)
    if found:
        return found
    return [_MIXED]


def _lit(signs: _Signs, unit: int) -> Iterator[WatchReason]:
    """The indicator that was lit worst, and for how long of late."""
    standing = signs.panel.standing[unit, -signs.months :]
    is_lit = np.asarray(standing >= YELLOW)
    weight = np.where(is_lit, standing, 0).sum(axis=0) + np.where(is_lit[-1], standing[-1], 0)
    at = int(np.argmax(weight))
    times = int(is_lit[:, at].sum())
    if times:
        zh, en = signs.name(at)
        is_red = bool((standing[:, at] == RED).any())
        colour_zh, colour_en = ("黄灯或红灯", "yellow or red") if is_red else ("黄灯", "yellow")
        months = signs.months
        others = int(is_lit[-1].sum()) - int(is_lit[-1, at])
        more_zh, more_en = (f"；现在另有 {others} 项亮灯", f"; {others} more lit now") if others > 0 else ("", "")
        yield WatchReason(
            code="lit",
            indicator=signs.catalogue.indicators[at].code,
            zh=f"“{zh}”近 {months} 个月中有 {times} 个月亮{colour_zh}（以每月同一日计）{more_zh}",
            en=f"{en}: {colour_en} in {times} of the last {months} months (on this day of each){more_en}",
        )


def _close(signs: _Signs, unit: int) -> Iterator[WatchReason]:
    """Indicators that have less room before their light gets worse than they usually have, the least first."""
    room = signs.room
    less = room[unit] - signs.usual_room
    # days that passed since a village fell silent are in no reading
    is_current = signs.is_measured | ~np.isnan(signs.panel.value[unit, -1])
    for at in np.argsort(less, kind="stable")[:CANDIDATES].tolist():
        if not (is_current[at] and less[at] < -MUCH and 0 <= room[unit, at] <= CLOSE):
            continue
        zh, en = signs.name(at)
        level, is_green = float(signs.level[unit, -1, at]), signs.light[unit, -1, at] < 1
        cut = float((signs.panel.yellow if is_green else signs.panel.red)[at])
        colour_zh, colour_en = ("黄", "yellow") if is_green else ("红", "red")
        (here_zh, here_en), (cut_zh, cut_en) = signs.figure(at, level), signs.figure(at, cut)
        is_at_it = here_zh == cut_zh
        stands_zh = f"正在{colour_zh}线上，再差就亮{colour_zh}灯" if is_at_it else f"接近{colour_zh}线 {cut_zh}"
        stands_en = (
            f"at the {colour_en} threshold, {colour_en} if any worse"
            if is_at_it
            else f"close to the {colour_en} threshold {cut_en}"
        )
        yield WatchReason(
            code="close",
            indicator=signs.catalogue.indicators[at].code,
            zh=f"“{zh}”为 {here_zh}，{stands_zh}",
            en=f"{en}: {here_en}, {stands_en}",
        )


def _moving(signs: _Signs, unit: int) -> Iterator[WatchReason]:
    """Indicators that got much worse over the last months, the most first. Days that pass by themselves are none."""
    now, before = signs.level[unit, -1], signs.level[unit, -signs.months]
    rise = np.nan_to_num(np.where(signs.is_measured, (now - before) / signs.panel_spread, -np.inf), nan=-np.inf)
    was = signs.light[unit, -signs.months]
    cut = np.where(was < 1, signs.panel.yellow, np.where(was < 2, signs.panel.red, np.float32(np.nan)))
    way = (cut - before) / signs.panel_spread
    enough = np.where(np.isnan(way), MUCH_MOVED, np.maximum(MUCH_OF_THE_WAY * way, MUCH))
    for at in np.argsort(-np.where(rise > enough, rise, -np.inf), kind="stable")[:CANDIDATES].tolist():
        if not rise[at] > enough[at]:
            return
        zh, en = signs.name(at)
        months = signs.months - 1
        (was_zh, was_en), (is_zh, is_en) = signs.figure(at, float(before[at])), signs.figure(at, float(now[at]))
        yield WatchReason(
            code="moving",
            indicator=signs.catalogue.indicators[at].code,
            zh=f"“{zh}”{months} 个月里由 {was_zh} 变为 {is_zh}，在变差",
            en=f"{en}: from {was_en} to {is_en} within {months} months, for the worse",
        )


def _silent(signs: _Signs, unit: int) -> Iterator[WatchReason]:
    unseen = np.isnan(signs.panel.light[unit, -signs.months :])
    months = int(unseen.all(axis=1).sum())
    if months:
        zh = f"近 {signs.months} 个月中有 {months} 个月没有任何读数"
        yield WatchReason(code="silent", zh=zh, en=f"no readings at all in {months} of the last {signs.months} months")
    missing = int(unseen[-1].sum())
    usual = float(np.median(np.isnan(signs.panel.light[:, -1]).sum(axis=1)))
    if missing > usual:
        zh = f"本月有 {missing} 项指标没有读数（一般为 {usual:.0f} 项）"
        yield WatchReason(code="silent", zh=zh, en=f"{missing} indicators not read this month (usually {usual:.0f})")


def _cases(signs: _Signs, unit: int) -> Iterator[WatchReason]:
    def now(name: str) -> float:
        return float(np.nan_to_num(signs.panel.context[f"cases.{name}"][unit, -1]))

    for name, zh, en in (
        ("overdue", "有 {0} 件事项逾期", "{0} cases overdue"),
        ("came_back", "半年内有 {0} 件事项反弹", "{0} cases came back within half a year"),
        ("opened_lately", "近三个月新发生 {0} 件事项", "{0} cases arose within three months"),
        ("open", "有 {0} 件事项未办结", "{0} cases open"),
    ):
        if f"cases.{name}" in signs.panel.context and (count := int(now(name))):
            yield WatchReason(code="cases", zh=zh.format(count), en=en.format(count))


def _staffing(signs: _Signs, unit: int) -> Iterator[WatchReason]:
    serving = int(signs.panel.context["staffing.informants"][unit, -1])
    if serving <= 1:
        zh = "只有一名信息员" if serving else "没有信息员"
        yield WatchReason(code="staffing", zh=zh, en="only one informant" if serving else "no informant")


def _neighbours(signs: _Signs, unit: int) -> Iterator[WatchReason]:
    group = signs.panel.group
    if group is None:
        return
    lit = (signs.panel.standing[:, -1] >= YELLOW).sum(axis=1)
    here = (group == group[unit]) & (np.arange(len(group)) != unit)
    if here.any() and lit[here].mean() > lit.mean():
        mean, usual = lit[here].mean(), lit.mean()
        zh = f"同乡镇其他村平均 {mean:.1f} 项亮灯（全县平均 {usual:.1f} 项）"
        en = f"other villages of the township: {mean:.1f} lights on average ({usual:.1f} in the county)"
        yield WatchReason(code="neighbours", zh=zh, en=en)


def _history(signs: _Signs, unit: int) -> Iterator[WatchReason]:
    known = signs.worse[unit][~np.isnan(signs.worse[unit])]
    if times := int(known.sum()):
        zh = f"以往 {len(known)} 个月中有 {times} 个月，其后半年灯变差"
        en = f"after {times} of {len(known)} earlier months its lights were worse half a year later"
        yield WatchReason(code="history", zh=zh, en=en)


def _verdicts(signs: _Signs, unit: int) -> Iterator[WatchReason]:
    right, wrong = (signs.panel.context.get(f"verdicts.{name}") for name in ("right", "wrong"))
    if right is not None and wrong is not None and right[unit, -1] > wrong[unit, -1]:
        zh = "分析员近一年认为关注属实"
        yield WatchReason(code="verdicts", zh=zh, en="an analyst found the mark right within the last year")


_FACTS: Final[dict[str, Callable[[_Signs, int], Iterator[WatchReason]]]] = {
    "lit": _lit,
    "close": _close,
    "moving": _moving,
    "silent": _silent,
    "cases": _cases,
    "staffing": _staffing,
    "neighbours": _neighbours,
    "history": _history,
    "verdicts": _verdicts,
}
