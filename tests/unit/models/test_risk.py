"""Who is likely to get worse: learned from the past only, better than the rules where there is something to learn, and
said to be no better where there is not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from models.risk import PanelError, forecast, forecast_of, label_series, panel_of, worsens
from models.risk.backtest import Part, backtest
from models.risk.features import FeatureRows, feature_rows, reference_of
from models.risk.label import label_array
from models.risk.learners import best_of, log_loss
from models.risk.model import MODELS
from models.risk.panel import Panel
from models.risk.rules import RULES

UNITS, PERIODS, INDICATORS, FIRST = 240, 13, 3, 2005
HORIZON = 2
NOW = FIRST + PERIODS - 1 - HORIZON
YELLOW, RED = 0.8, 1.6
NAMES = [f"x{number}" for number in range(INDICATORS)]


def simulated(seed: int = 110) -> pd.DataFrame:
    """Units that drift, each at its own pace, with noise, around cuts; a tenth was not observed."""
    random = np.random.default_rng(seed)
    level = random.normal(0, 1, (UNITS, INDICATORS))
    pace = random.normal(0, 0.12, (UNITS, INDICATORS))
    noise = random.normal(0, 0.25, (UNITS, PERIODS, INDICATORS))
    values = level[:, None] + pace[:, None] * np.arange(PERIODS)[None, :, None] + noise
    unit, at, indicator = np.nonzero(random.random(values.shape) > 0.1)
    value = values[unit, at, indicator]
    table = pd.DataFrame(
        {
            "unit": unit,
            "period": FIRST + at,
            "indicator": np.array(NAMES)[indicator],
            "value": value,
            "light": (value > YELLOW).astype(int) + (value > RED),
            "category": np.array(["A", "B"])[indicator % 2],
        }
    )
    table.attrs = {"direction": dict.fromkeys(NAMES, "higher_worse"), "cuts": dict.fromkeys(NAMES, (YELLOW, RED))}
    return table


TABLE = simulated()
LABEL = label_series(panel_of(TABLE), worsens(panel_of(TABLE), HORIZON))


def truth_at(period: int) -> pd.Series[Any]:
    return LABEL.xs(period, level="as_of")


@pytest.fixture(scope="module")
def found() -> pd.Series[Any]:
    return forecast(TABLE, NOW, HORIZON, LABEL)


def test_it_finds_more_of_those_that_got_worse_than_any_rule(found: pd.Series[Any]) -> None:
    truth = truth_at(NOW)
    assert sorted(found.index) == sorted(TABLE.unit.unique())
    assert found.between(0, 1).all()
    assert average_precision_score(truth, found[truth.index]) > 1.8 * truth.mean()
    assert abs(found[truth.index].mean() - truth.mean()) < 0.05
    losses = found.attrs["losses"]
    assert set(RULES) < set(losses)
    assert losses[found.attrs["champion"]] <= min(losses[rule] for rule in RULES)


def test_the_same_data_give_the_same_list_in_whatever_order_they_come(found: pd.Series[Any]) -> None:
    shuffled = TABLE.sample(frac=1, random_state=1)
    shuffled.attrs = TABLE.attrs
    again = forecast(shuffled, NOW, HORIZON, LABEL.sample(frac=1, random_state=2))
    pd.testing.assert_series_equal(found, again)


def test_what_lies_in_the_future_changes_nothing(found: pd.Series[Any]) -> None:
    later = TABLE.copy()
    later.loc[later.period > NOW, "value"] += 100
    later.loc[later.period > NOW, "light"] = 2
    as_of = LABEL.index.get_level_values("as_of")
    unknown = LABEL.where(as_of + HORIZON <= NOW, 1 - LABEL)  # not over by then: whatever it says
    pd.testing.assert_series_equal(found, forecast(later, NOW, HORIZON, unknown))
    cut = forecast(TABLE[TABLE.period <= NOW].copy(), NOW, HORIZON, LABEL[as_of + HORIZON <= NOW])
    np.testing.assert_allclose(found, cut, rtol=1e-6)


def features_of(panel: Panel, label: np.ndarray[Any, Any]) -> FeatureRows:
    return feature_rows(panel, label, HORIZON, np.ones(label.shape, bool), reference_of(panel, label, HORIZON))


def test_the_past_of_a_feature_does_not_depend_on_what_came_after() -> None:
    whole, early = panel_of(TABLE), panel_of(TABLE, NOW - 3)
    at = len(early.periods) - 1
    late_label, early_label = label_array(whole, LABEL), label_array(early, LABEL)
    early_label[:, at - HORIZON + 1 :] = np.nan
    late, before = features_of(whole, late_label), features_of(early, early_label)
    same = [name for name in before.names if name.split(".")[0] in ("severity", "rises_3", "history", "age", "room")]
    assert len(same) > 8
    for name in same:
        np.testing.assert_allclose(late.column(name)[late.at == at], before.column(name)[before.at == at], rtol=1e-5)


def test_of_labels_dealt_at_random_nothing_is_learned() -> None:
    told_apart = []
    for seed in range(5):
        dealt = pd.Series(np.random.default_rng(seed).permutation(LABEL.to_numpy()), index=LABEL.index)
        found = forecast(TABLE, NOW, HORIZON, dealt)
        told_apart.append(roc_auc_score(dealt.xs(NOW, level="as_of"), found[truth_at(NOW).index]))
        assert found.std() < 0.05  # and it claims nothing
        assert found.attrs["champion"] in RULES
    assert abs(np.mean(told_apart) - 0.5) < 0.06


def test_where_a_simple_rule_is_as_good_it_is_used() -> None:
    """Getting worse depends on nothing but how a unit stands: no model adds to that."""
    panel = panel_of(TABLE)
    label = label_array(panel, LABEL)
    severity = features_of(panel, label).column("severity").reshape(label.shape)
    random = np.random.default_rng(4)
    worse = (random.random(severity.shape) < 1 / (1 + np.exp(2 - 3 * np.nan_to_num(severity)))).astype(np.float32)
    found = forecast(TABLE, NOW, HORIZON, label_series(panel, worse))
    assert found.attrs["champion"] in RULES


def test_with_too_little_to_learn_from_the_share_of_all_is_said() -> None:
    few = LABEL[LABEL.index.get_level_values("unit") < 10]
    found = forecast(TABLE, FIRST + 3, HORIZON, few)
    assert found.nunique() == 1
    assert found.attrs["champion"] == "climatology"


def test_units_that_were_hardly_seen_are_named() -> None:
    rare = TABLE[(TABLE.unit != 7) | (TABLE.period == NOW)].copy()
    rare.attrs = TABLE.attrs
    assert forecast_of(panel_of(rare, NOW), HORIZON, LABEL).thin == {7}
    assert forecast(rare, NOW, HORIZON, LABEL).attrs["thin"] == [7]


def test_it_gets_worse_in_sum_on_what_is_seen_at_both_ends() -> None:
    def table(*rows: tuple[int, str, int]) -> pd.DataFrame:
        cells = [(1, period, name, 0.0, light, "A") for period, name, light in rows]
        return pd.DataFrame(cells, columns=["unit", "period", "indicator", "value", "light", "category"])

    def label(*rows: tuple[int, str, int]) -> list[float]:
        return worsens(panel_of(table(*rows)), 1)[0].tolist()

    assert label((1, "a", 0), (2, "a", 1))[0] == 1
    assert label((1, "a", 2), (2, "a", 2))[0] == 0  # it is bad, and gets no worse
    assert label((1, "a", 2), (1, "b", 0), (2, "a", 1), (2, "b", 1))[0] == 0
    assert label((1, "a", 0), (2, "a", 0), (2, "b", 2))[0] == 0  # what is looked at for the first time
    assert np.isnan(label((1, "a", 0), (2, "b", 2))[0])
    assert np.isnan(label((1, "a", 0), (2, "a", 1))[1])  # not over yet


@pytest.mark.parametrize("form", ["2026-03", "period", "date", "number"])
def test_periods_may_be_written_in_several_ways(form: str) -> None:
    months = pd.period_range("2025-06", periods=PERIODS, freq="M")
    ways: dict[str, list[Any]] = {
        "2026-03": [str(one) for one in months],
        "period": list(months),
        "date": [one.to_timestamp() for one in months],
        "number": list(range(PERIODS)),
    }
    table = TABLE.assign(period=[ways[form][at] for at in TABLE.period - FIRST])
    table.attrs = TABLE.attrs
    panel = panel_of(table, ways[form][9])
    assert (len(panel.periods), panel.at(ways[form][4])) == (10, 4)
    assert panel.season == (1 if form == "number" else 12)


def test_what_gets_worse_by_falling_is_turned_and_cuts_may_be_named() -> None:
    turned = TABLE.assign(value=-TABLE.value)
    turned.attrs = {
        "direction": dict.fromkeys(NAMES, "lower_worse"),
        "cuts": {name: {"yellow": -YELLOW, "red": -RED} for name in NAMES},
    }
    one, other = panel_of(TABLE), panel_of(turned)
    np.testing.assert_array_equal(one.value, other.value)
    np.testing.assert_array_equal([one.yellow, one.red], [other.yellow, other.red])


def test_a_label_may_leave_gaps() -> None:
    gaps = LABEL.astype("Int8").mask(LABEL.index.get_level_values("unit") == 3)
    found = label_array(panel_of(TABLE), gaps)
    assert np.isnan(found[3]).all()
    np.testing.assert_array_equal(np.delete(found, 3, 0), np.delete(label_array(panel_of(TABLE), LABEL), 3, 0))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t.drop(columns="light"), "light"),
        (lambda t: t.assign(light="purple"), "purple"),
        (lambda t: t.assign(period="spring"), "period"),
        (lambda t: t[t.period > 9_999], "nothing"),
        (lambda t: t.unit, "DataFrame"),
        (lambda t: t.assign(unit=t.unit.where(t.index > 0)), "no unit"),
        (lambda t: t.assign(period=t.period.where(t.index > 0)), "no period"),
        (lambda t: t.assign(indicator=t.indicator.where(t.index > 0)), "no indicator"),
        (lambda t: t.assign(light=7), "7 is no light"),
        (lambda t: t.assign(value=np.inf), "infinite"),
        (lambda t: t.assign(value=1e200), "infinite or beyond"),
        (lambda t: t.assign(value="x"), "no number"),
        (lambda t: pd.concat([t, t.value], axis=1), "several columns"),
        (lambda t: with_attrs(t, direction={"x0": "upright"}), "not clear"),
        (lambda t: with_attrs(t, direction={"x0": 0}), "not clear"),
        (lambda t: with_attrs(t, direction={"x0": "better"}), "not clear"),
        (lambda t: with_attrs(t, direction=["x0"]), "mapping"),
        (lambda t: with_attrs(t, cuts={"x0": "abc"}), "two numbers"),
        (lambda t: with_attrs(t, cuts={"x0": []}), "two numbers"),
        (lambda t: with_attrs(t, cuts={"x0": 3}), "two numbers"),
        (lambda t: with_attrs(t, cuts={"x0": (1, np.inf)}), "two numbers"),
        (lambda t: with_attrs(t, season="year"), "season"),
    ],
)
def test_what_is_no_panel_is_refused_with_the_reason_in_both_languages(change: Any, words: str) -> None:
    with pytest.raises(PanelError, match=words) as caught:
        panel_of(change(TABLE))
    assert is_in_chinese_too(caught.value)


def with_attrs(table: pd.DataFrame, **attrs: Any) -> pd.DataFrame:
    changed = table.copy()
    changed.attrs = attrs
    return changed


def is_in_chinese_too(error: PanelError) -> bool:
    return any("\u4e00" <= letter <= "\u9fff" for letter in str(error))


@pytest.mark.parametrize(
    ("label", "horizon", "words"),
    [
        (LABEL * 3, HORIZON, "0 or 1"),
        (LABEL.map({0: "no", 1: "yes"}), HORIZON, "0 or 1"),
        (LABEL.iloc[:0], HORIZON, "of a unit and a period"),
        (LABEL.rename(lambda unit: f"u{unit}", level="unit"), HORIZON, "of a unit and a period"),
        (LABEL.rename(lambda period: period + 900, level="as_of"), HORIZON, "of a unit and a period"),
        (LABEL.rename(str, level="as_of").rename(lambda _: "2005-01-01", level="as_of"), HORIZON, "like the others"),
        (LABEL.reset_index(drop=True), HORIZON, "series on"),
        (LABEL.to_frame(), HORIZON, "series on"),
        (pd.concat([LABEL, 1 - LABEL]), HORIZON, "0 and 1 of one unit"),
        (LABEL, 0, "whole number"),
        (LABEL, -1, "whole number"),
        (LABEL, 1.5, "whole number"),
        (LABEL, 50, "no label is over"),
    ],
)
def test_a_label_that_cannot_be_used_is_refused_with_the_reason(label: Any, horizon: Any, words: str) -> None:
    with pytest.raises(PanelError, match=words) as caught:
        forecast(TABLE, NOW, horizon, label)
    assert is_in_chinese_too(caught.value)


@pytest.mark.parametrize(
    ("said", "sign"),
    [
        *(("higher_worse", 1), ("higher_is_worse", 1), ("worse if higher", 1), ("up", 1), ("lower_better", 1), (1, 1)),
        *(("lower_worse", -1), ("lower", -1), ("down", -1), ("higher_better", -1), ("up_good", -1), (-1.0, -1)),
        *((None, 1), ("-1", -1)),
    ],
)
def test_directions_may_be_said_in_several_ways(said: Any, sign: int) -> None:
    turned = panel_of(with_attrs(TABLE, direction={"x0": said}))
    np.testing.assert_array_equal(turned.value[:, :, 0], sign * panel_of(with_attrs(TABLE)).value[:, :, 0])


def test_with_too_little_to_try_a_model_on_later_periods_a_rule_is_used() -> None:
    """Thirteen periods and a horizon of six: nothing can be tried from an earlier origin."""
    for seed in range(3):
        random = np.random.default_rng(seed)
        noise = pd.Series((random.random(len(LABEL)) < 0.1).astype(int), index=LABEL.index)
        found = forecast(TABLE, FIRST + PERIODS - 1, 6, noise)
        assert found.attrs["champion"] in RULES
        assert set(found.attrs["losses"]) == {*RULES, *MODELS}  # all were tried, on units that had not taught them


def test_a_setting_is_judged_by_units_that_it_was_not_chosen_on() -> None:
    random = np.random.default_rng(6)
    truth = (random.random(400) < 0.3).astype(np.float32)
    half = np.arange(400) % 2 == 0
    options = {seed: np.random.default_rng(seed).uniform(0.1, 0.5, 400) for seed in range(50)}  # none knows anything
    best, said = best_of(options, truth, half)
    losses = {one: log_loss(options[one], truth) for one in options}
    assert losses[best] == min(losses.values())
    assert log_loss(said, truth) > np.quantile(list(losses.values()), 0.2)  # the luck of the best is not counted
    for here in (half, ~half):
        chosen = min(options, key=lambda one: log_loss(options[one][~here], truth[~here]))
        np.testing.assert_array_equal(said[here], options[chosen][here])


def everybody(capacity: int) -> list[Part]:
    return [Part(np.arange(UNITS), capacity)]


def test_a_backtest_prints_every_rule_and_model_beside_the_champion() -> None:
    origins = [NOW - 1, NOW]
    kinds = {"half": pd.Series(np.arange(UNITS) % 2, index=range(UNITS)), "one": pd.Series("a", index=range(UNITS))}
    made = backtest(panel_of(TABLE), HORIZON, LABEL, origins, everybody(30), kinds=kinds)
    figures = made.figures.astype({"origin": str}).set_index(["origin", "name", "metric"]).value.sort_index()
    assert set(made.champions) == set(origins)
    assert set(made.figures.name) == {*RULES, *MODELS, "champion"}
    metrics = {"average_precision", "brier_skill", "calibration_error", "precision_at_capacity", "recall_at_capacity"}
    assert set(made.figures.metric) == metrics
    assert not made.figures.isna().any().any()
    assert (made.figures.low <= made.figures.value).all()
    assert (made.figures.value <= made.figures.high).all()
    for origin in origins:
        alone = forecast(TABLE, origin, HORIZON, LABEL)[truth_at(origin).index]
        assert figures[str(origin), "champion", "average_precision"] == pytest.approx(
            average_precision_score(truth_at(origin), alone)
        )
        same = figures[str(origin), made.champions[origin]]
        pd.testing.assert_series_equal(figures[str(origin), "champion"], same)
        # of those who all stand equal the list is as good as the share of all
        assert figures[str(origin), "climatology", "precision_at_capacity"] == pytest.approx(truth_at(origin).mean())
    assert list(made.stability) == [NOW]
    for share in (made.stability[NOW], made.steady):
        assert share is not None
        assert 0 <= share.low <= share.value <= share.high <= 1
        assert share.low < share.high
    assert made.best_rule in RULES
    assert made.gain.value == pytest.approx(
        figures["all", "champion", "average_precision"] - figures["all", made.best_rule, "average_precision"]
    )
    used = made.in_use.set_index(["origin", "metric"]).value
    assert used["all", "listed"] == 60
    assert used["all", "precision_at_capacity"] == pytest.approx(figures["all", "champion", "precision_at_capacity"])
    groups = made.groups.set_index(["kind", "group", "metric"])
    assert set(made.groups.metric) == {*metrics, "said", "got_worse"}
    assert (groups.low <= groups.high).all()
    for metric in metrics:
        assert groups.value["one", "a", metric] == pytest.approx(figures["all", "champion", metric])


def test_lists_of_those_who_stand_equal_say_so() -> None:
    """Nothing tells units apart: climatology is used, and which of them are listed follows from nothing."""
    noise = pd.Series((np.random.default_rng(1).random(len(LABEL)) < 0.2).astype(int), index=LABEL.index)
    made = backtest(panel_of(TABLE), HORIZON, noise, [NOW], everybody(30))
    assert made.champions == {NOW: "climatology"}
    assert made.ties == {NOW: UNITS - 30}


def test_the_list_that_is_used_is_measured_as_it_is_made() -> None:
    before: list[list[int]] = []

    def in_use(
        probability: np.ndarray[Any, Any], usual: float, is_thin: np.ndarray[Any, Any], was: np.ndarray[Any, Any]
    ) -> tuple[np.ndarray[Any, Any], int]:
        assert (len(probability), len(is_thin)) == (UNITS, UNITS)
        assert 0 < usual < 1
        before.append(was.tolist())
        return (was if len(was) else np.arange(10)), 3

    made = backtest(panel_of(TABLE), HORIZON, LABEL, [NOW - 1, NOW], everybody(30), in_use=in_use)
    assert before == [[], list(range(10)), list(range(10))]  # the last to see whether it holds with less readings
    assert made.stability[NOW].value == 1
    assert made.ties == {NOW - 1: 3, NOW: 3}
    used = made.in_use.set_index(["origin", "metric"]).value
    assert used[NOW, "precision_at_capacity"] == pytest.approx(truth_at(NOW).reindex(range(10)).mean())


def test_of_an_empty_list_it_is_said_that_nobody_is_on_it() -> None:
    nobody = np.zeros(0, np.intp)
    made = backtest(panel_of(TABLE), HORIZON, LABEL, [NOW], everybody(30), in_use=lambda *_: (nobody, 0))
    used = made.in_use.set_index(["origin", "metric"])
    assert used.value["all", "listed"] == 0
    assert used.why["all", "precision_at_capacity"] == "nobody is on the list"
    assert made.steady is None
