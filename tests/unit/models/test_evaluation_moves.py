"""What moved a score: parts and, of the lights, indicators, that add up to the difference."""

from __future__ import annotations

from datetime import date

import pytest

from models.catalogue import default_catalogue
from models.documents import Component, Evaluation, Response
from models.evaluation.moves import by_part, moved, parts_of
from models.policy import default_policy

CATALOGUE, CREDIT = default_catalogue(), default_policy().evaluation.credit
VILLAGE = "371724109217"


def evaluation(score: float, *components: Component) -> Evaluation:
    return Evaluation(
        id=f"{VILLAGE}:evaluation:2026H1",
        score=score,
        grade="fair",
        from_day=date(2026, 1, 1),
        until_day=date(2026, 6, 30),
        catalogue=CATALOGUE.version,
        policy="p",
        components=list(components),
        response=Response(opened=0, cleared=0),
    )


def lights(points: float, *evidence: str) -> Component:
    return Component(code="lights", points=points, amount=100, evidence=list(evidence))


def lost(days: int) -> float:
    """Points that so many red days of 4.2.1 out of a hundred take."""
    weight = CATALOGUE.indicators[CATALOGUE.index["4.2.1"]].weight
    return days * (CREDIT.green - CREDIT.red) * weight / (100 * sum(one.weight for one in CATALOGUE.indicators))


def test_a_village_that_was_green_throughout_has_no_parts() -> None:
    assert parts_of(evaluation(CREDIT.green, lights(CREDIT.green)), CATALOGUE, CREDIT) == {}


def test_days_of_an_indicator_and_other_parts_are_told_apart() -> None:
    whole = CREDIT.green - lost(20) - 3
    found = parts_of(
        evaluation(whole, lights(CREDIT.green - lost(20), "4.2.1 y0 r20 s0"), Component(code="relapse", points=-3)),
        CATALOGUE,
        CREDIT,
    )
    assert found == {("lights", "4.2.1"): pytest.approx(-lost(20)), ("relapse", ""): -3}


def test_moves_add_up_to_the_difference_of_the_mean_scores() -> None:
    green = evaluation(CREDIT.green, lights(CREDIT.green))
    worse = evaluation(
        round(CREDIT.green - lost(20) - 3, 2),
        lights(CREDIT.green, "4.2.1 y0 r20 s0"),
        Component(code="relapse", points=-3),
    )
    moves = moved([green, green], [worse, green], CATALOGUE, CREDIT)
    assert moves["moved"].sum() == pytest.approx((worse.score - green.score) / 2)
    assert moves.loc[0, ["part", "zh", "en", "moved"]].tolist() == ["relapse", "反弹", "relapses", -1.5]
    assert by_part(moves, CATALOGUE)["moved"].sum() == pytest.approx(moves["moved"].sum())
    assert any(name.startswith("亮灯") for name in by_part(moves, CATALOGUE)["zh"])


def test_a_score_that_met_its_limit_says_so() -> None:
    full = evaluation(100.0, lights(CREDIT.green), Component(code="in_time", points=5))
    found = moved([evaluation(CREDIT.green, lights(CREDIT.green))], [full], CATALOGUE, CREDIT)
    assert found.set_index("part")["moved"].to_dict() == {"in_time": 5, "rounding": pytest.approx(95 - CREDIT.green)}


def test_what_does_not_differ_moves_nothing() -> None:
    same = evaluation(CREDIT.green, lights(CREDIT.green))
    assert moved([same], [same], CATALOGUE, CREDIT).empty
