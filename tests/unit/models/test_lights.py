"""Every rule of a light at its edge (mission part 3)."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.calendar import epoch_day
from models.catalogue import Catalogue, default_catalogue
from models.lights import (
    GREEN,
    LETTERS,
    RED,
    STALE,
    YELLOW,
    count_by,
    from_letters,
    lamp_counts,
    light_codes,
    to_letters,
    worst_by_column,
    worst_by_row,
)
from models.readings import Readings

CATALOGUE: Catalogue = default_catalogue()
TODAY = epoch_day(date(2026, 3, 31))
MS_PER_DAY = 86_400_000
NOON_MS = 4 * 3_600_000  # 12:00 in Heze
#: Unless a test is about silence, watching has only begun.
JUST_BEGUN = TODAY


def code_of(
    indicator: str,
    value: float | bool | str | None,
    *,
    days_ago: int = 0,
    case_light: int = GREEN,
    watched_since: int = JUST_BEGUN,
) -> int:
    """The light of one indicator of one village, read ``days_ago``."""
    readings = Readings.none(1, 90)
    at = CATALOGUE.index[indicator]
    readings.value[0, at] = CATALOGUE.encode_reading(indicator, value)
    readings.observed_ms[0, at] = (TODAY - days_ago) * MS_PER_DAY + NOON_MS
    return light_of(readings, indicator, case_light=case_light, watched_since=watched_since)


def light_of(readings: Readings, indicator: str, *, case_light: int = GREEN, watched_since: int = JUST_BEGUN) -> int:
    at = CATALOGUE.index[indicator]
    cases = np.zeros((1, 90), np.uint8)
    cases[0, at] = case_light
    return int(light_codes(readings, cases, CATALOGUE.rules, watched_since, TODAY)[0, at])


def day(days_ago: int) -> str:
    return date.fromordinal(date(2026, 3, 31).toordinal() - days_ago).isoformat()


@pytest.mark.parametrize(
    ("indicator", "value", "light"),
    [
        # higher is worse, thresholds 0 and 1: the threshold is the last permitted value
        ("1.1.2", 0, GREEN),
        ("1.1.2", 1, YELLOW),
        ("1.1.2", 2, RED),
        # lower is worse: 80 and 60
        ("1.1.4", 100, GREEN),
        ("1.1.4", 80, GREEN),
        ("1.1.4", 79.9, YELLOW),
        ("1.1.4", 60, YELLOW),
        ("1.1.4", 59.9, RED),
        # a fraction: 0.5 and 1 in a thousand
        ("3.1.1", 0.5, GREEN),
        ("3.1.1", 0.51, YELLOW),
        ("3.1.1", 1, YELLOW),
        ("3.1.1", 1.01, RED),
        # yes/no: "no" gives the light that the catalogue says
        ("2.2.1", True, GREEN),
        ("2.2.1", False, YELLOW),
        ("5.2.2", True, GREEN),
        ("5.2.2", False, RED),
        # days since a last event grow by themselves: 92 and 184
        ("4.2.1", day(0), GREEN),
        ("4.2.1", day(92), GREEN),
        ("4.2.1", day(93), YELLOW),
        ("4.2.1", day(184), YELLOW),
        ("4.2.1", day(185), RED),
        # a condition that lasts since a date: 30 and 90; null is "not present"
        ("1.1.1", None, GREEN),
        ("1.1.1", day(30), GREEN),
        ("1.1.1", day(31), YELLOW),
        ("1.1.1", day(90), YELLOW),
        ("1.1.1", day(91), RED),
    ],
)
def test_a_threshold_is_the_last_permitted_value(indicator: str, value: float | bool | str | None, light: int) -> None:
    assert code_of(indicator, value) == light


def test_the_boundary_table_agrees_with_the_catalogue() -> None:
    thresholds = {i.code: (i.yellow, i.red) for i in CATALOGUE.indicators}
    assert thresholds["1.1.2"] == (0, 1)
    assert thresholds["1.1.4"] == (80, 60)
    assert thresholds["3.1.1"] == (0.5, 1)
    assert thresholds["4.2.1"] == (92, 184)
    assert thresholds["1.1.1"] == (30, 90)


@pytest.mark.parametrize(
    ("case_light", "value", "light"),
    [(GREEN, 100, GREEN), (YELLOW, 100, YELLOW), (RED, 100, RED), (YELLOW, 10, RED), (RED, 70, RED)],
)
def test_the_worse_of_reading_and_case_counts(case_light: int, value: float, light: int) -> None:
    assert code_of("1.1.4", value, case_light=case_light) == light


@pytest.mark.parametrize(
    ("days_ago", "light"),
    [(0, GREEN), (30, GREEN), (31, GREEN), (60, GREEN), (61, STALE), (600, STALE)],
)
def test_silent_indicator_turns_yellow_after_one_interval_overdue(days_ago: int, light: int) -> None:
    assert next(i.interval_days for i in CATALOGUE.indicators if i.code == "2.7.1") == 30
    assert code_of("2.7.1", 99, days_ago=days_ago) == light


def test_silence_does_not_hide_a_worse_reading() -> None:
    assert code_of("2.7.1", 94, days_ago=61) == YELLOW
    assert code_of("2.7.1", 10, days_ago=61) == RED


def test_a_last_event_never_goes_stale_since_its_days_grow_by_themselves() -> None:
    assert code_of("4.2.1", day(80), days_ago=80) == GREEN


@pytest.mark.parametrize(("watched_days", "light"), [(0, GREEN), (60, GREEN), (61, STALE)])
@pytest.mark.parametrize("indicator", ["2.7.1", "4.2.1", "1.1.1"])
def test_never_reported_is_silence_counted_from_when_watching_began(
    indicator: str, watched_days: int, light: int
) -> None:
    readings = Readings.none(1, 90)
    interval = next(i.interval_days for i in CATALOGUE.indicators if i.code == indicator)
    assert interval == 30
    assert light_of(readings, indicator, watched_since=TODAY - watched_days) == light


def test_an_indicator_that_only_cases_light_is_never_silent() -> None:
    readings = Readings.none(1, 90)
    assert light_of(readings, "3.3.1", watched_since=TODAY - 5000) == GREEN
    assert light_of(readings, "3.3.1", case_light=RED) == RED


def test_a_day_begins_at_midnight_in_heze() -> None:
    readings = Readings.none(1, 90)
    at = CATALOGUE.index["2.7.1"]
    readings.value[0, at] = 99
    readings.observed_ms[0, at] = (TODAY - 60) * MS_PER_DAY - 8 * 3_600_000  # 00:00 sixty days ago
    assert light_of(readings, "2.7.1") == GREEN
    readings.observed_ms[0, at] -= 1  # a millisecond before it is sixty-one
    assert light_of(readings, "2.7.1") == STALE


@given(st.lists(st.text(LETTERS, min_size=90, max_size=90), min_size=1, max_size=20))
def test_letters_and_codes_are_inverse(strings: list[str]) -> None:
    assert to_letters(from_letters(strings)) == strings


def test_other_letters_are_refused() -> None:
    with pytest.raises(ValueError, match="letters"):
        from_letters(["x" * 90])


lights_arrays = st.integers(1, 30).flatmap(
    lambda n: st.lists(st.lists(st.integers(0, 3), min_size=90, max_size=90), min_size=n, max_size=n)
)


@given(lights_arrays, st.data())
def test_roll_ups_are_the_worst_below(rows: list[list[int]], data: st.DataObject) -> None:
    light = np.array(rows, np.uint8)
    township = np.array(data.draw(st.lists(st.integers(0, 4), min_size=len(rows), max_size=len(rows))))
    rules = CATALOGUE.rules
    items = worst_by_column(light, rules.item, 30)
    categories = worst_by_column(light, rules.category, 5)
    assert items.max(axis=1).tolist() == categories.max(axis=1).tolist() == light.max(axis=1).tolist()
    townships = worst_by_row(light, township, 5)
    assert townships.max() == light.max()
    city = worst_by_row(light, np.zeros(len(rows), np.intp), 1)
    assert (city[0] == townships.max(axis=0)).all()
    assert count_by(light, township, 5).sum() == len(rows)
    assert lamp_counts(light, township, 5).sum() == light.size


def test_a_group_without_villages_is_green() -> None:
    light = np.full((2, 90), RED, np.uint8)
    assert (worst_by_row(light, np.array([0, 0]), 2)[1] == GREEN).all()
    assert count_by(light, np.array([0, 0]), 2).tolist() == [[0, 0, 0, 2], [0, 0, 0, 0]]
