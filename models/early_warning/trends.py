"""How indicators and villages went from month to month, as tables that people and charts read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.catalogue import KIND_CASES, KIND_NUMBER, KIND_YESNO
from models.early_warning.panel import VillagePanel, as_read
from models.lights import YELLOW
from models.risk.label import carried, last_seen
from models.risk.panel import Floats, Panel

if TYPE_CHECKING:
    from models.catalogue import Catalogue

#: What was observed of an indicator; silence and what is not due are not told apart.
SHADES: Final = ("green", "yellow", "red", "unseen")
#: What a lamp shows, by the codes of ``models.lights``: what was not seen for too long is silent.
LAMPS: Final = ("green", "unseen", "yellow", "red")
#: A village that is as far as this below its next threshold, in spreads of all villages, is near it.
NEAR: Final = 0.5

#: What features that say how a village stands are called, Chinese and English; ``{0}``: months.
_FEATURES: Final[dict[str, tuple[str, str]]] = {
    "severity": ("平均灯色", "mean light"),
    "severity.since_": ("平均灯色 {0} 个月的变化", "change of the mean light within {0} months"),
    "severity.own": ("平均灯色与本村以往之差", "mean light beside its own past"),
    "severity.worst": ("平均灯色比最差时好多少", "mean light beside its worst ever"),
    "yellow": ("黄灯数", "yellow lights"),
    "red": ("红灯数", "red lights"),
    "headroom.least": ("最小余量", "least headroom"),
    "headroom.second": ("第二小余量", "second least headroom"),
    "headroom.mean": ("平均余量", "mean headroom"),
    "headroom.little": ("余量很小的指标数", "indicators with little headroom"),
    "headroom:": ("余量", "headroom"),
    "lit": ("平均灯色", "mean light"),
    "headroom": ("最小余量", "least headroom"),
}

Positions = NDArray[np.intp]


def months_of(panel: Panel) -> list[str]:
    """The panel's months as they are written: ``2026-03``."""
    return [str(pd.Period(ordinal=int(period), freq="M")) for period in panel.periods]


def cuts_of(panel: Panel, at: int, catalogue: Catalogue) -> dict[str, float]:
    """``yellow`` and ``red``: an indicator's last permitted values as they are read; of yes or no there are none."""
    if catalogue.rules.kind[at] in (KIND_YESNO, KIND_CASES):
        return {}
    cuts = {"yellow": panel.yellow[at : at + 1], "red": panel.red[at : at + 1]}
    return {name: float(as_read(cut, at, catalogue)[0]) for name, cut in cuts.items() if not np.isnan(cut[0])}


def course(panel: Panel, at: int, rows: Positions, catalogue: Catalogue) -> pd.DataFrame:
    """An indicator in the villages at ``rows``: a line a month in which any was read, with ``month``, ``mean``,
    ``low``, ``middle`` and ``high`` (between low and high lies half of them) as they are read, and how many were
    ``read``."""
    value = as_read(panel.value[rows, :, at], at, catalogue)
    found = []
    for month, of in zip(months_of(panel), value.T, strict=True):
        seen = of[~np.isnan(of)]
        if len(seen):
            low, middle, high = np.quantile(seen, (0.25, 0.5, 0.75))
            found.append((month, float(seen.mean()), float(low), float(middle), float(high), len(seen)))
    return pd.DataFrame(found, columns=["month", "mean", "low", "middle", "high", "read"])


def shares_lit(panel: Panel, at: int, rows: Positions) -> pd.DataFrame:
    """``month``, ``light`` (yellow, red), ``share`` of the villages at ``rows`` of which the indicator was seen within
    the month, and how many those are (``seen``)."""
    light = panel.light[rows, :, at]
    seen = (~np.isnan(light)).sum(axis=0)
    found = [
        (month, name, float((light[:, column] == code).sum() / max(seen[column], 1)), int(seen[column]))
        for column, month in enumerate(months_of(panel))
        for code, name in ((1, "yellow"), (2, "red"))
    ]
    return pd.DataFrame(found, columns=["month", "light", "share", "seen"])


def spread(panel: Panel, at: int, rows: Positions, catalogue: Catalogue) -> pd.DataFrame:
    """The last value known of each village at ``rows``: ``village``, ``value`` as it is read, ``light``, and the
    ``month`` of it. Villages of which none is known are left out."""
    one = _only(panel, at)
    seen = last_seen(one)
    value = as_read(carried(one.value, seen)[rows, -1, 0], at, catalogue)
    light = carried(one.light, seen)[rows, -1, 0]
    months = np.array(months_of(panel))
    known = ~np.isnan(value)
    return pd.DataFrame(
        {
            "village": panel.units[rows[known]].astype(str),
            "value": value[known],
            "light": np.array(SHADES)[np.where(np.isnan(light), len(SHADES) - 1, light)[known].astype(int)],
            "month": months[seen[rows[known], -1, 0]],
        }
    )


def lights_by_month(panel: VillagePanel, unit: int) -> pd.DataFrame:
    """A village's lamps as they stood at each month's end: ``month``, ``light`` (``LAMPS``), ``indicators``: how many
    showed it."""
    standing = panel.standing[unit]
    found = [
        (month, name, int((standing[at] == code).sum()))
        for at, month in enumerate(months_of(panel))
        for code, name in enumerate(LAMPS)
    ]
    return pd.DataFrame(found, columns=["month", "light", "indicators"])


def lamps_by_month(panel: VillagePanel, unit: int) -> pd.DataFrame:
    """A village's lamps that were ever lit, as they stood at each month's end: ``month``, ``indicator``, ``light``."""
    standing = panel.standing[unit]
    ever = np.flatnonzero((standing >= YELLOW).any(axis=0))
    found = [
        (month, panel.indicators[column], LAMPS[int(standing[at, column])])
        for column in ever.tolist()
        for at, month in enumerate(months_of(panel))
    ]
    return pd.DataFrame(found, columns=["month", "indicator", "light"])


def near_or_over(panel: Panel, unit: int, spreads: Floats, catalogue: Catalogue) -> pd.DataFrame:
    """A village's indicators that are lit, or measured and ``NEAR`` their yellow threshold, by what is known last:
    ``indicator``, ``value``, ``yellow``, ``red`` as they are read (NaN where there is none), ``light``, ``month``, and
    the ``room`` left before the next threshold in ``spreads`` ``(I,)`` of all villages, NaN where there is none. The
    worst light first, then the least room."""
    seen = last_seen(_unit(panel, unit))[0, -1]
    months = months_of(panel)
    rows: list[tuple[object, ...]] = []
    for at in np.flatnonzero(seen >= 0).tolist():
        value, light = panel.value[unit, seen[at], at], panel.light[unit, seen[at], at]
        cut = panel.red[at] if light >= 1 else panel.yellow[at]
        measured = catalogue.rules.kind[at] not in (KIND_YESNO, KIND_CASES) and light < 2
        room = float((cut - value) / spreads[at]) if measured else np.nan
        if light > 0 or (catalogue.rules.kind[at] == KIND_NUMBER and room <= NEAR):
            cuts = cuts_of(panel, at, catalogue)
            read = float(as_read(np.array([value], np.float32), at, catalogue)[0])
            limits = (cuts.get("yellow", np.nan), cuts.get("red", np.nan))
            shade = SHADES[int(np.nan_to_num(light))]
            rows.append((panel.indicators[at], read, *limits, shade, months[seen[at]], room))
    columns = ["indicator", "value", "yellow", "red", "light", "month", "room"]
    found = pd.DataFrame(rows, columns=columns)
    worst = found["light"].map({name: -code for code, name in enumerate(SHADES)})
    return (
        found.assign(worst=worst).sort_values(["worst", "room"], kind="stable", ignore_index=True).drop(columns="worst")
    )


def spreads_of(panel: Panel) -> Floats:
    """``(I,)``: how far values of the newest months lie apart (standard deviation), at least a little, for ``room``."""
    newest = panel.value[:, -3:].reshape(-1, len(panel.indicators))
    known = (~np.isnan(newest)).sum(axis=0) > 1
    found = np.ones(len(panel.indicators), np.float32)
    found[known] = np.nanstd(newest[:, known], axis=0)
    return np.maximum(found, np.float32(1e-6))


def positions_in(panel: Panel, divisions: Sequence[str]) -> Positions:
    """Where the villages of some divisions stand in the panel."""
    return np.flatnonzero(np.array([str(unit).startswith(tuple(divisions)) for unit in panel.units]))


def feature_words(name: str, catalogue: Catalogue) -> str:
    """What a feature of ``models.risk.features`` that says how a village stands is called, Chinese and English."""
    if name.startswith("category_"):
        position, _, kind = name.removeprefix("category_").partition(".")
        category, (zh, en) = catalogue.categories[int(position)], _FEATURES[kind]
        return f"{category.name_zh}：{zh} {category.name_en}: {en}"
    if name.startswith("headroom:"):
        one, (zh, en) = catalogue.indicators[catalogue.index[name.removeprefix("headroom:")]], _FEATURES["headroom:"]
        return f"{one.name_zh}：{zh} {one.name_en}: {en}"
    known, _, months = name.partition("since_")
    zh, en = _FEATURES[f"{known}since_" if months else name]
    return f"{zh.format(months)} {en.format(months)}"


def _only(panel: Panel, at: int) -> Panel:
    return replace(panel, value=panel.value[:, :, at : at + 1], light=panel.light[:, :, at : at + 1])


def _unit(panel: Panel, unit: int) -> Panel:
    return replace(panel, value=panel.value[unit : unit + 1], light=panel.light[unit : unit + 1])
