"""A village's and an indicator's months as tables: values as they were read, lights as they were seen."""

from __future__ import annotations

import numpy as np
import pytest

from models.catalogue import KIND_YESNO
from models.early_warning.trends import (
    as_read,
    course,
    cuts_of,
    lamps_by_month,
    lights_by_month,
    months_of,
    near_or_over,
    positions_in,
    shares_lit,
    spread,
    spreads_of,
)
from models.lights import STALE
from tests.event_documents import NEIGHBOUR, VILLAGE, visit
from tests.unit.models.test_early_warning import CATALOGUE, MARCH, panel_of_events

FALLING = next(
    one
    for one in CATALOGUE.indicators
    if one.kind == "number" and one.direction == "lower_worse" and one.red is not None
)
RISING = CATALOGUE.indicators[CATALOGUE.index["1.1.2"]]
YESNO = next(one for one in CATALOGUE.indicators if one.kind == "yesno")
BOTH = np.array([0, 1])


def at(code: str) -> int:
    return CATALOGUE.index[code]


def test_values_come_back_as_they_were_read_whatever_way_is_worse() -> None:
    assert FALLING.red is not None
    panel = panel_of_events(visit(VILLAGE, 3, {FALLING.code: FALLING.red - 1, YESNO.code: True}), last=MARCH)
    [line] = course(panel, at(FALLING.code), BOTH, CATALOGUE).to_dict("records")
    assert (line["month"], line["middle"], line["read"]) == ("2026-03", FALLING.red - 1, 1)
    assert cuts_of(panel, at(FALLING.code), CATALOGUE) == {"yellow": FALLING.yellow, "red": FALLING.red}
    assert cuts_of(panel, at(YESNO.code), CATALOGUE) == {}
    assert CATALOGUE.rules.kind[at(YESNO.code)] == KIND_YESNO
    assert as_read(panel.value[0, 2, at(YESNO.code)], at(YESNO.code), CATALOGUE) == 1


def test_shares_are_of_the_villages_that_were_seen_in_the_month() -> None:
    panel = panel_of_events(visit(VILLAGE, 3, {"1.1.2": 5}), visit(NEIGHBOUR, 4, {"1.1.2": 0}), last=MARCH)
    shares = shares_lit(panel, at("1.1.2"), BOTH).set_index(["month", "light"])
    assert shares.loc[("2026-03", "red")].tolist() == [0.5, 2]
    assert shares.loc[("2026-03", "yellow"), "share"] == 0
    assert shares.loc[("2026-02", "red")].tolist() == [0, 0]


def test_the_spread_is_of_the_last_reading_of_each_village() -> None:
    panel = panel_of_events(visit(VILLAGE, 3, {"1.1.2": 5}), last=MARCH)
    [line] = spread(panel, at("1.1.2"), BOTH, CATALOGUE).to_dict("records")
    assert line == {"village": VILLAGE, "value": 5.0, "light": "red", "month": "2026-03"}
    assert positions_in(panel, [VILLAGE]).tolist() == [0]
    assert positions_in(panel, [VILLAGE[:9]]).tolist() == [0, 1]


def test_a_villages_months_count_every_indicator_once() -> None:
    panel = panel_of_events(visit(VILLAGE, 3, {"1.1.2": 5, "4.2.3": 0}), last=MARCH)
    counts = lights_by_month(panel, 0)
    assert counts.groupby("month")["indicators"].sum().unique().tolist() == [len(CATALOGUE.indicators)]
    assert list(dict.fromkeys(counts["month"])) == months_of(panel) == ["2026-01", "2026-02", "2026-03"]
    lamps = lamps_by_month(panel, 0)
    of = lamps[lamps["indicator"] == "1.1.2"]
    assert dict(zip(of["month"], of["light"], strict=True)) == {
        "2026-01": "green",
        "2026-02": "green",
        "2026-03": "red",
    }
    assert "4.2.3" not in set(lamps["indicator"])


def test_a_lamp_stays_lit_until_it_is_read_again_and_what_is_silent_too_long_is_so() -> None:
    panel = panel_of_events(visit(VILLAGE, -20, {"1.1.2": 5}), last=MARCH)
    counts = lights_by_month(panel, 0).set_index(["month", "light"])["indicators"]
    assert [int(counts[month, "red"]) for month in months_of(panel)] == [0, 1, 1]
    lamps = lamps_by_month(panel, 0)
    assert lamps[lamps["indicator"] == "1.1.2"]["light"].tolist() == ["green", "red", "red"]
    for at, month in enumerate(months_of(panel)):
        assert int((panel.standing[0, at] == STALE).sum()) == counts[month, "unseen"]


def test_what_is_lit_comes_first_and_what_is_far_from_its_threshold_not_at_all() -> None:
    assert FALLING.yellow is not None
    readings = {"1.1.2": 5, FALLING.code: FALLING.yellow}
    panel = panel_of_events(
        visit(VILLAGE, 3, readings), visit(NEIGHBOUR, 3, {FALLING.code: FALLING.yellow * 2}), last=MARCH
    )
    found = near_or_over(panel, 0, spreads_of(panel), CATALOGUE).to_dict("records")
    assert [one["indicator"] for one in found][:2] == ["1.1.2", FALLING.code]
    assert (found[0]["light"], found[0]["value"], found[0]["red"]) == ("red", 5.0, RISING.red)
    assert (found[1]["light"], found[1]["room"]) == ("green", pytest.approx(0))
    others = near_or_over(panel, 1, spreads_of(panel), CATALOGUE)
    assert FALLING.code not in set(others["indicator"])
