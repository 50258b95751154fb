"""Lamps by week: what the night says of past days is what a village's own events say of them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from models import calendar
from models.catalogue import default_catalogue
from models.documents import AnyDocument, Weeks, decode_document
from models.evaluation.replay import cases_until, light_spans
from models.policy import default_policy
from models.village import Rulebook, lights_of_documents, reading_log
from models.weeks import WEEKS_SHOWN, lamps_by_week, sundays
from tests.event_documents import NEIGHBOUR, VILLAGE, report, step, visit

CATALOGUE = default_catalogue()
#: A Wednesday.
LAST = date(2026, 7, 15)
LAST_DAY = calendar.epoch_day(LAST)
WATCHED_SINCE = calendar.epoch_day(date(2026, 3, 1))
RULEBOOK = Rulebook(CATALOGUE, default_policy(), watched_since=WATCHED_SINCE, is_simulated=False)
VILLAGES = (VILLAGE, NEIGHBOUR)


def weeks_of(raw: list[dict[str, object]], last_day: int = LAST_DAY) -> Weeks:
    documents: list[AnyDocument] = [decode_document(msgspec.json.encode(one)) for one in raw]
    index = {village: at for at, village in enumerate(VILLAGES)}
    cases = cases_until(documents, RULEBOOK, last_day)
    [found] = lamps_by_week(VILLAGES, reading_log(documents, index, CATALOGUE), cases, RULEBOOK, last_day)
    return found


def test_weeks_end_on_sundays_that_are_over_and_begin_when_watching_began() -> None:
    days = [calendar.day_of(day) for day in sundays(LAST_DAY, 0)]
    assert len(days) == WEEKS_SHOWN and all(day.isoweekday() == 7 for day in days)
    assert days[-1] == date(2026, 7, 12) and days[0] == days[-1] - timedelta(weeks=WEEKS_SHOWN - 1)
    assert calendar.day_of(sundays(calendar.epoch_day(date(2026, 7, 12)), 0)[-1]) == date(2026, 7, 12)
    assert calendar.day_of(sundays(LAST_DAY, WATCHED_SINCE)[0]) == date(2026, 3, 1)
    assert sundays(LAST_DAY, LAST_DAY) == []


def test_a_lamp_counts_from_the_week_in_which_it_turned_until_it_is_cleared() -> None:
    found = weeks_of([visit(VILLAGE, 0, {"1.1.2": 0}), visit(VILLAGE, 40, {"1.1.2": 5})])
    turned = calendar.local_day(msgspec.convert(visit(VILLAGE, 40, {})["observed_at"], type=datetime))
    before, after = (
        [one for one in found.weeks if (calendar.epoch_day(one.until) >= turned) is late] for late in (False, True)
    )
    assert before and after
    assert {one.red for one in before} == {0} and all(one.red >= 1 for one in after)
    assert found.villages[VILLAGE].red == [one.red for one in found.weeks] and NEIGHBOUR not in found.villages
    assert "1.1.2" in found.red[VILLAGE] and NEIGHBOUR not in found.red


def test_the_document_says_the_same_whatever_was_written_after_its_day() -> None:
    raw = [report(VILLAGE, 10, severity="major"), visit(VILLAGE, 20, {"1.1.2": 5})]
    later = [visit(VILLAGE, 200, {"1.1.2": 0}), step(raw[0], 200, "progress", text="已公布")]
    assert weeks_of([*raw, *later]) == weeks_of(raw)


READINGS = st.lists(
    st.tuples(
        st.sampled_from(VILLAGES),
        st.integers(0, 100),
        st.dictionaries(st.sampled_from(["1.1.2", "2.1.1", "3.1.2"]), st.integers(0, 9), min_size=1),
    ),
    max_size=12,
)


@settings(max_examples=40, deadline=None)
@given(READINGS, st.lists(st.tuples(st.integers(0, 100), st.sampled_from(["minor", "general", "major"])), max_size=3))
def test_red_and_counts_are_those_of_the_villages_own_lights(
    rounds: list[tuple[str, int, dict[str, int]]], reports: list[tuple[int, str]]
) -> None:
    raw = [
        visit(village, day, {code: value for code, value in readings.items() if CATALOGUE.index.get(code) is not None})
        for village, day, readings in rounds
    ]
    raw += [report(VILLAGE, day, severity=severity) for day, severity in reports]
    unique = list({one["_id"]: one for one in raw}.values())
    documents = [decode_document(msgspec.json.encode(one)) for one in unique]
    found = weeks_of(unique)
    until = calendar.first_ms_of_day(LAST_DAY + 1)
    known = [one for one in documents if calendar.to_ms(one.observed_at) < until]
    now = lights_of_documents(VILLAGES, known, RULEBOOK, LAST_DAY)
    codes = [indicator.code for indicator in CATALOGUE.indicators]
    assert found.red == {
        village: red
        for village, one in zip(VILLAGES, now, strict=True)
        if (red := [code for code, letter in zip(codes, one.lights, strict=True) if letter == "r"])
    }
    last = calendar.epoch_day(found.weeks[-1].until)
    spans = [light_spans(village, known, RULEBOOK, range(last, last + 1)) for village in VILLAGES]
    letters = [span.light for of in spans for stretches in of.values() for span in stretches]
    assert (found.weeks[-1].yellow, found.weeks[-1].red) == (letters.count("y"), letters.count("r"))
    for at, week in enumerate(found.weeks):
        of = found.villages.values()
        assert (week.yellow, week.red) == (sum(one.yellow[at] for one in of), sum(one.red[at] for one in of))
    for village, one in zip(VILLAGES, spans, strict=True):
        own = [span.light for stretches in one.values() for span in stretches]
        counts = found.villages.get(village)
        assert ((counts.yellow[-1], counts.red[-1]) if counts else (0, 0)) == (own.count("y"), own.count("r"))


def test_what_an_earlier_release_wrote_is_read_and_says_nothing_of_villages() -> None:
    raw = msgspec.json.decode(msgspec.json.encode(weeks_of([visit(VILLAGE, 40, {"1.1.2": 5})])))
    assert raw.pop("villages")
    assert msgspec.json.decode(msgspec.json.encode(raw), type=Weeks).villages == {}
