"""Figures of a forecast, against scikit-learn where it has them and by hand where it does not."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, brier_score_loss

from models.risk.metrics import (
    MetricError,
    average_precision,
    brier_skill,
    calibration_curve,
    calibration_error,
    difference,
    estimate,
    lead_time,
    overlap,
    places,
    precision,
    recall,
)

#: Few different probabilities, so that many stand equal.
rows = st.lists(st.tuples(st.sampled_from([0.1, 0.2, 0.5, 0.8]), st.booleans()), min_size=2, max_size=40).filter(
    lambda some: len({label for _, label in some}) == 2
)


def arrays(some: list[tuple[float, bool]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([p for p, _ in some]), np.array([label for _, label in some], np.float32)


@given(rows)
def test_they_are_those_of_scikit_learn(some: list[tuple[float, bool]]) -> None:
    probability, label = arrays(some)
    assert average_precision(probability, label) == pytest.approx(average_precision_score(label, probability))
    of_all = np.full(len(label), label.mean(dtype=float))
    skill = 1 - brier_score_loss(label, probability) / brier_score_loss(label, of_all)
    assert brier_skill(probability, label) == pytest.approx(skill, abs=1e-9)


@given(rows, st.integers(1, 50), st.randoms(use_true_random=False))
def test_the_order_of_those_who_stand_equal_makes_no_difference(
    some: list[tuple[float, bool]], capacity: int, random: Random
) -> None:
    one = arrays(some)
    shuffled = list(some)
    random.shuffle(shuffled)
    other = arrays(shuffled)
    assert average_precision(*one) == pytest.approx(average_precision(*other))
    for metric in (precision, recall):
        (p, y), (p2, y2) = one, other
        assert metric(places(p, capacity), y) == pytest.approx(metric(places(p2, capacity), y2))
    assert places(one[0], capacity).sum() == pytest.approx(min(capacity, len(some)))


def test_at_capacity_who_stands_equal_at_the_end_counts_by_the_share_of_their_places() -> None:
    probability, label = np.array([0.9, 0.5, 0.5, 0.1]), np.array([1, 1, 0, 0], np.float32)
    assert places(probability, 2).tolist() == [1, 0.5, 0.5, 0]
    assert precision(places(probability, 2), label) == 0.75
    assert recall(places(probability, 2), label) == 0.75
    assert precision(places(probability, 10), label) == 0.5
    assert recall(places(probability, 10), label) == 1
    onset = np.array([3, 1, np.nan, np.nan], np.float32)
    assert lead_time(places(probability, 2), onset) == pytest.approx((3 + 0.5) / 1.5)


def test_of_a_list_with_no_place_nothing_can_be_said() -> None:
    nobody = places(np.array([0.9, 0.5]), 0)
    assert nobody.tolist() == [0, 0]
    with pytest.raises(MetricError, match="nobody is on the list"):
        precision(nobody, np.ones(2, np.float32))
    with pytest.raises(MetricError, match="nobody on the list"):
        lead_time(nobody, np.ones(2, np.float32))


@pytest.mark.parametrize("slope", [1.0, 1.1, 0.5])
def test_the_interval_of_the_calibration_error_holds_the_true_one_and_the_figure_in_its_middle(slope: float) -> None:
    """Of probabilities that are right, too, whose figure is all chance."""
    held = 0
    for seed in range(20):
        random = np.random.default_rng(seed)
        said = np.clip(random.beta(1, 10, 3_000), 0.01, 0.9)
        label = (random.random(3_000) < slope * said).astype(np.float32)
        found = estimate(calibration_error, said, label)
        true = abs(1 - slope) * said.mean()
        held += found.low <= true <= found.high
        assert found.high - found.value == pytest.approx(found.value - found.low) or found.low == 0
    assert held >= 16


def test_probabilities_are_held_against_shares() -> None:
    label = np.array([0, 0, 0, 1] * 50, np.float32)
    assert calibration_error(np.full(200, 0.25), label) == pytest.approx(0, abs=0.01)
    assert calibration_error(np.full(200, 0.65), label) == pytest.approx(0.4, abs=0.01)


def test_an_interval_holds_the_figure_and_shrinks_with_more_units() -> None:
    random = np.random.default_rng(1)

    def width(units: int) -> float:
        chance = random.random(units)
        label = (random.random(units) < chance).astype(np.float32)
        found = estimate(average_precision, chance, label)
        assert found.low <= found.value <= found.high
        better = difference(average_precision, chance, random.random(units), label)
        assert better.low > 0
        return found.high - found.low

    assert width(2_000) < width(100)


def test_what_cannot_be_computed_is_said() -> None:
    same, nobody = np.ones(5, np.float32), np.zeros(0, np.float32)
    for metric in (average_precision, brier_skill):
        with pytest.raises(MetricError):
            metric(np.full(5, 0.5), same)
    for metric in (calibration_error, precision, recall, lead_time):
        with pytest.raises(MetricError):
            metric(nobody.astype(float), nobody)
    with pytest.raises(MetricError):
        overlap(np.array([], np.intp), np.array([1]))
    assert overlap(np.array([1, 2, 3, 4]), np.array([2, 4, 9])) == 0.5


def test_rows_of_one_unit_are_drawn_together() -> None:
    random = np.random.default_rng(5)
    probability, label = random.random(200), (random.random(200) < 0.4).astype(np.float32)
    alone = estimate(average_precision, probability, label)
    times = 6
    again = estimate(
        average_precision,
        np.tile(probability, times),
        np.tile(label, times),
        np.tile(np.arange(200), times),
    )
    as_if_many = estimate(average_precision, np.tile(probability, times), np.tile(label, times))
    assert again.value == pytest.approx(alone.value)
    assert again.high - again.low == pytest.approx(alone.high - alone.low, rel=0.2)
    assert as_if_many.high - as_if_many.low < 0.7 * (again.high - again.low)


def test_a_calibration_curve_holds_what_the_calibration_error_adds_up() -> None:
    random = np.random.default_rng(1)
    said = random.random(1_000)
    truth = (random.random(1_000) < said**2).astype(np.float32)
    curve = calibration_curve(said, truth, np.arange(1_000) // 2)
    assert [mean for mean, _ in curve] == sorted(mean for mean, _ in curve)
    assert all(share.low <= share.value <= share.high for _, share in curve)
    apart = sum(abs(mean - share.value) for mean, share in curve) / len(curve)
    assert apart == pytest.approx(calibration_error(said, truth))


def test_of_few_that_got_worse_a_draw_without_any_is_drawn_again_and_of_one_alone_nothing_is_said() -> None:
    probability = np.linspace(0.1, 0.9, 40)
    few = np.zeros(40, np.float32)
    few[[5, 30]] = 1
    made = estimate(average_precision, probability, few)  # of 40 draws some hold neither of the two
    assert made.low <= made.value <= made.high
    with pytest.raises(MetricError, match="nothing can be told apart"):
        estimate(average_precision, probability, np.zeros(40, np.float32))
