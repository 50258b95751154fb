"""Periods in whatever way they are written count the same, learn the same, and nothing of the future is learned."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

import numpy as np
import pandas as pd
import pytest

from models.risk import PanelError, forecast, label_series, panel_of, worsens
from models.risk.label import label_array
from models.risk.model import known_label
from models.risk.periods import EMPTY_MAX, scale_of, times

UNITS, PERIODS, HORIZON, NOW = 60, 20, 2, 15
MONTH, QUARTER, YEAR = (pd.Period("2021-01", "M"), pd.Period("2000Q1", "Q"), pd.Period("2000", "Y"))
#: Working days, two or three weeks, or none at all between two of them.
IRREGULAR = [
    date.fromordinal(737_425 + at) for at in np.random.default_rng(5).integers(3, 21, PERIODS).cumsum().tolist()
]
Written = Callable[[int], Any]
WAYS: dict[str, tuple[Written, int]] = {
    "years": (lambda t: 2000 + t, 1),
    "every other year": (lambda t: 2000 + 2 * t, 1),
    "years as words": (lambda t: str(2000 + t), 1),
    "years as fractions": (lambda t: 2000.0 + t, 1),
    "a count": (lambda t: t, 1),
    "numpy's numbers": (np.int16, 1),
    "yyyymm": (lambda t: int((MONTH + t).strftime("%Y%m")), 12),
    "yyyymmdd as words": (lambda t: (MONTH + t).strftime("%Y%m01"), 12),
    "months": (lambda t: MONTH + t, 12),
    "months as words": (lambda t: str(MONTH + t), 12),
    "months in Chinese": (lambda t: (MONTH + t).strftime("%Y年%m月"), 12),
    "first days of months": (lambda t: (MONTH + t).to_timestamp(), 12),
    "last days of months": (lambda t: (MONTH + t).to_timestamp(how="end").normalize(), 12),
    "last instants of months": (lambda t: (MONTH + t).to_timestamp(how="end"), 12),
    "dates": (lambda t: (MONTH + t).to_timestamp().date(), 12),
    "dates with zones": (lambda t: (MONTH + t).to_timestamp().tz_localize("Asia/Shanghai"), 12),
    "days as words": (lambda t: str((MONTH + t).to_timestamp().date()), 12),
    "every other month": (lambda t: str(MONTH + 2 * t), 6),
    "the thirty-first": (lambda t: date.fromordinal((MONTH + t).end_time.date().toordinal()), 12),
    "first working days": (lambda t: pd.offsets.BMonthBegin().rollforward((MONTH + t).to_timestamp()), 12),
    "quarters": (lambda t: QUARTER + t, 4),
    "quarters as words": (lambda t: str(QUARTER + t), 4),
    "first days of quarters": (lambda t: (QUARTER + t).to_timestamp(), 4),
    "last days of quarters": (lambda t: (QUARTER + t).to_timestamp(how="end").normalize(), 4),
    "half-years as words": (lambda t: f"{2000 + t // 2}H{1 + t % 2}", 2),
    "first days of half-years": (lambda t: pd.Timestamp(2000 + t // 2, 1 + 6 * (t % 2), 1), 2),
    "years as periods": (lambda t: YEAR + t, 1),
    "last days of years": (lambda t: pd.Timestamp(2000 + t, 12, 31), 1),
    "first days of years": (lambda t: np.datetime64(f"{2000 + t}-01-01"), 1),
    "weeks": (lambda t: pd.Timestamp("2020-01-08") + pd.Timedelta(weeks=t), 52),
    "weeks as words": (lambda t: f"2020-W{1 + t:02d}", 52),
    "weeks as instants": (lambda t: str(pd.Timestamp("2020-01-08") + pd.Timedelta(weeks=t)), 52),
    "ten days": (lambda t: date.fromordinal(737_425 + 10 * t), 1),
    "days": (lambda t: date.fromordinal(737_425 + t), 1),
    "hours": (lambda t: datetime(2020, 1, 8, t), 1),  # noqa: DTZ001 - tables have none
    "irregular days": (lambda t: IRREGULAR[t], 1),
    "powers": (lambda t: 2**t, 1),
}


def simulated(written: Written) -> tuple[pd.DataFrame, pd.Series[Any]]:
    random = np.random.default_rng(3)
    values = random.normal(0, 0.4, (UNITS, PERIODS, 2)).cumsum(axis=1) + random.normal(0, 1, (UNITS, 1, 2))
    lights = (values > 1).astype(int) + (values > 2)
    unit, at, indicator = np.nonzero(random.random(values.shape) > 0.05)
    ways = pd.Series([written(t) for t in range(PERIODS)], dtype=object)
    table = pd.DataFrame(
        {
            "unit": unit,
            "period": ways.to_numpy()[at],
            "indicator": np.array(["a", "b"])[indicator],
            "value": values[unit, at, indicator],
            "light": lights[unit, at, indicator],
            "category": "x",
        }
    )
    table["period"] = table["period"].infer_objects()
    severity = lights.sum(axis=2)
    worse = severity[:, HORIZON:] > severity[:, :-HORIZON]
    index = pd.MultiIndex.from_product([range(UNITS), ways[:-HORIZON]], names=["unit", "as_of"])
    return table, pd.Series(worse.ravel().astype(int), index=index)


@pytest.mark.parametrize("way", WAYS)
def test_a_step_is_what_lies_between_two_periods_and_a_year_has_so_many(way: str) -> None:
    written, season = WAYS[way]
    table, label = simulated(written)
    panel = panel_of(table, written(NOW))
    assert (len(panel.periods), panel.at(written(4)), panel.season) == (NOW + 1, 4, season)
    own = label_series(panel, worsens(panel, HORIZON))
    np.testing.assert_array_equal(label_array(panel, own), worsens(panel, HORIZON))
    said = label_array(panel, label)
    np.testing.assert_array_equal(said, label.to_numpy().reshape(UNITS, -1)[:, : NOW + 1])


def with_another_future(written: Written) -> tuple[pd.DataFrame, pd.Series[Any], pd.DataFrame, pd.Series[Any]]:
    """A table and its label, and the same with other readings later, and the other label where that is not over."""
    table, label = simulated(written)
    position = {written(t): t for t in range(PERIODS)}
    other = table.copy()
    later = table["period"].map(position) > NOW
    other.loc[later, "value"] += 50
    other.loc[later, "light"] = 2
    as_of = label.index.get_level_values(1).map(position)
    flipped = label.where(as_of + HORIZON <= NOW, 1 - label)
    assert (flipped != label).sum() == UNITS * (PERIODS - NOW - 1)
    return table, label, other, flipped


@pytest.mark.parametrize("way", WAYS)
def test_neither_readings_nor_labels_that_are_not_over_are_looked_at(way: str) -> None:
    written, _ = WAYS[way]
    table, label, other, flipped = with_another_future(written)
    panel, again = panel_of(table, written(NOW)), panel_of(other, written(NOW))
    np.testing.assert_array_equal(panel.value, again.value)
    np.testing.assert_array_equal(panel.light, again.light)
    assert panel.scale == again.scale
    known = known_label(panel, label, HORIZON)
    np.testing.assert_array_equal(known, known_label(again, flipped, HORIZON))
    assert (~np.isnan(known)).sum() == UNITS * (NOW + 1 - HORIZON)


@pytest.mark.parametrize("way", ["first days of quarters", "irregular days"])
def test_nor_do_they_change_a_forecast(way: str) -> None:
    written, _ = WAYS[way]
    table, label, other, flipped = with_another_future(written)
    found = forecast(table, written(NOW), HORIZON, label)
    pd.testing.assert_series_equal(found, forecast(other, written(NOW), HORIZON, flipped))


def test_months_are_months_however_they_are_written() -> None:
    ways = [written for written, season in WAYS.values() if season == 12]
    first, *others = (panel_of(simulated(written)[0], written(NOW)) for written in ways)
    for other in others:
        np.testing.assert_array_equal(first.value, other.value)
        np.testing.assert_array_equal(first.periods, other.periods)


@pytest.mark.parametrize("gone", [{5}, {5, 6, 11}, {3, 14}, set(range(2, 9))])
@pytest.mark.parametrize("way", ["years", "months as words", "first days of quarters", "weeks"])
def test_periods_that_are_missing_altogether_teach_nothing_too_early(way: str, gone: set[int]) -> None:
    """Whether the label's horizon counts them or not."""
    written, _ = WAYS[way]
    table, label = simulated(written)
    position = {written(t): t for t in range(PERIODS)}
    kept = table[~table["period"].map(position).isin(gone)].copy()
    there = [t for t in range(PERIODS) if t not in gone]
    rank = {t: at for at, t in enumerate(there)}
    of = label[~label.index.get_level_values(1).map(position).isin(gone)]
    as_of = of.index.get_level_values(1).map(position)
    by_count = as_of + HORIZON <= NOW
    by_rank = as_of.map(rank) + HORIZON <= rank[NOW]
    panel = panel_of(kept, written(NOW))
    known = known_label(panel, of, HORIZON)
    assert (~np.isnan(known)).any()
    for over in (by_count, by_rank):
        np.testing.assert_array_equal(known, known_label(panel, of.where(over, 1 - of), HORIZON))


@pytest.mark.parametrize("until", ["2024-06", "2024-10", "2024-12"])
def test_a_label_may_be_of_some_periods_only(until: str) -> None:
    """Once a year in months: nothing is labelled among the last six months before the horizon."""
    random, units = np.random.default_rng(1), 4 * UNITS  # enough to try on
    months = [str(MONTH + t) for t in range(48)]
    values = random.normal(0, 0.3, (units, 48)).cumsum(axis=1)
    table = pd.DataFrame(
        {
            "unit": np.repeat(np.arange(units), 48),
            "period": months * units,
            "indicator": "a",
            "value": values.ravel(),
            "light": (values > 1).ravel().astype(int),
            "category": "x",
        }
    )
    decembers = [month for month in months[:-12] if month.endswith("-12")]
    index = pd.MultiIndex.from_product([range(units), decembers])
    label = pd.Series(random.integers(0, 2, len(index)), index=index)
    found = forecast(table, until, 12, label)
    assert found.between(0, 1).all()
    assert found.attrs["losses"]
    other_years = pd.MultiIndex.from_product([range(units), range(2000, 2003)])
    with pytest.raises(PanelError, match="no label"):
        forecast(table, until, 12, pd.Series(0, index=other_years))


def test_a_label_that_ends_long_before_the_forecast_still_teaches() -> None:
    table, label = simulated(WAYS["years"][0])
    early = label[label.index.get_level_values(1) <= 2007]
    found = forecast(table, 2000 + PERIODS - 1, 1, early)
    assert found.attrs["losses"]


@pytest.mark.parametrize("steps", [7 * 86_400, 86_399, 3_601])
def test_no_panel_has_many_more_steps_than_periods(steps: int) -> None:
    """Instants, days with a long gap: the memory follows what is there."""
    found = [str(pd.Timestamp("2020-01-08") + pd.Timedelta(seconds=steps * at)) for at in (*range(12), 10_000)]
    scale = scale_of(times(found))
    there = scale.ordinals(found)[0]
    assert len(set(there)) == len(found)
    assert np.ptp(there) < EMPTY_MAX * len(found)


def test_labels_between_periods_are_left_out_where_others_lie_on_them() -> None:
    table, label = simulated(WAYS["years"][0])
    even = table[table["period"] % 2 == 0].copy()
    panel = panel_of(even)
    assert panel.periods.tolist() == sorted(panel.scale.ordinals(even["period"].unique())[0])
    assert len(panel.periods) == PERIODS // 2
    on_even = label[label.index.get_level_values(1) % 2 == 0]
    np.testing.assert_array_equal(label_array(panel, label), label_array(panel, on_even))


def test_a_forecast_may_be_made_after_the_last_reading_but_not_long_after() -> None:
    written, _ = WAYS["first days of quarters"]
    table, _ = simulated(written)
    early = table[table["period"] <= written(9)].copy()
    assert len(panel_of(early, written(11)).periods) == 12
    assert len(panel_of(early, "2002-12-31").periods) == 12
    assert len(panel_of(early, "2002-09-30").periods) == 11
    with pytest.raises(PanelError, match="too far"):
        panel_of(early, written(400))


@pytest.mark.parametrize(
    ("periods", "words"),
    [
        (["spring"], "no period"),
        (["2026-13"], "no period"),
        (["2026-02-30"], "no period"),
        (["2026-03", None], "no period"),
        ([2026, None], "no period"),
        ([2026.5], "no period"),
        ([float("inf")], "no period"),
        ([True], "no period"),
        (["2026-03", 7], "like the others"),
        ([pd.Timestamp("2026-03-01"), 12], "like the others"),
        ([("2026", "03")], "no period"),
        ([["2026"]], "no period"),
        ([time(8, 30)], "no period"),
        ([10**20], "no period"),
    ],
)
def test_what_is_no_period_is_said_in_both_languages(periods: list[Any], words: str) -> None:
    with pytest.raises(PanelError, match=words) as caught:
        times(pd.Series(periods, dtype=object))
    assert any("\u4e00" <= letter <= "\u9fff" for letter in str(caught.value))
