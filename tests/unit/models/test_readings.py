"""The latest reading is the one observed last, however tablets deliver."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.calendar import local_day_of_ms
from models.cases import case_spans
from models.catalogue import default_catalogue
from models.history import lights_by_day
from models.lights import light_codes
from models.readings import ReadingLog, Readings

ULIDS = [f"01ARZ3NDEKTSV4RRFFQ69G5FA{c}" for c in "ABCDEFG"]
rows = st.tuples(
    st.integers(0, 2), st.integers(0, 3), st.integers(0, 4), st.sampled_from(ULIDS), st.integers(0, 100).map(float)
)


def log_of(entries: list[tuple[int, int, int, str, float]]) -> ReadingLog:
    columns = list(zip(*entries, strict=True)) if entries else [(), (), (), (), ()]
    village, indicator, at, ulid, value = columns
    return ReadingLog(
        np.array(village, np.int32),
        np.array(indicator, np.uint8),
        np.array(at, np.int64) * 86_400_000,
        np.array(ulid, "S26"),
        np.array(value, np.float64),
    )


def distinct(entries: list[tuple[int, int, int, str, float]]) -> list[tuple[int, int, int, str, float]]:
    """One value for each cell, instant and ULID: a document is never changed."""
    return list({e[:4]: e for e in entries}.values())


def same(a: Readings, b: Readings) -> bool:
    return (
        np.array_equal(a.value, b.value, equal_nan=True)
        and bool((a.observed_ms == b.observed_ms).all())
        and bool((a.ulid == b.ulid).all())
    )


@given(st.lists(rows, max_size=30).map(distinct), st.randoms(), st.integers(0, 30))
def test_order_repetition_and_portions_of_delivery_do_not_matter(entries, random, cut) -> None:
    whole = Readings.none(3, 4).fold(log_of(entries))
    shuffled = entries + entries[:5]
    random.shuffle(shuffled)
    in_parts = Readings.none(3, 4).fold(log_of(shuffled[:cut])).fold(log_of(shuffled[cut:]))
    assert same(whole, in_parts)


@given(st.lists(rows, max_size=30).map(distinct))
def test_each_cell_holds_what_a_plain_loop_finds(entries: list[tuple[int, int, int, str, float]]) -> None:
    readings = Readings.none(3, 4).fold(log_of(entries))
    for village in range(3):
        for indicator in range(4):
            own = [e for e in entries if e[:2] == (village, indicator)]
            found = readings.value[village, indicator]
            if own:
                assert found == max(own, key=lambda e: (e[2], e[3]))[4]
            else:
                assert np.isnan(found)


def test_folding_leaves_the_readings_before_as_they_were() -> None:
    before = Readings.none(1, 4)
    before.fold(log_of([(0, 0, 1, ULIDS[0], 5.0)]))
    assert np.isnan(before.value).all()


def test_rounds_lie_end_to_end() -> None:
    log = ReadingLog.of_rounds(
        village=np.array([0, 1], np.int32),
        observed_ms=np.array([10, 20], np.int64),
        ulid=np.array(ULIDS[:2], "S26"),
        offsets=np.array([0, 2, 3], np.int64),
        indicator=np.array([0, 1, 0], np.uint8),
        value=np.array([1.0, 2.0, 3.0]),
    )
    assert log.village.tolist() == [0, 0, 1]
    assert log.observed_ms.tolist() == [10, 10, 20]


day_rows = st.tuples(
    st.integers(0, 2), st.integers(0, 89), st.integers(0, 120), st.sampled_from(ULIDS), st.integers(0, 100).map(float)
)


@given(st.lists(day_rows, max_size=40).map(distinct))
def test_replaying_day_by_day_gives_each_days_own_lights(entries: list[tuple[int, int, int, str, float]]) -> None:
    rules = default_catalogue().rules
    log, spans = log_of(entries), case_spans([], {}, {})
    for today, light in lights_by_day(log, spans, rules, 3, 0, range(0, 130, 13)):
        known = log.take(np.flatnonzero(local_day_of_ms(log.observed_ms) <= today))
        alone = light_codes(Readings.none(3, 90).fold(known), spans.on(today, 3, 90), rules, 0, today)
        assert (light == alone).all()
