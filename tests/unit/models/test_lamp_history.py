"""A lamp's history ends with the lamp that the board shows, has no gap, and says what each change came from."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from models import calendar
from models.catalogue import default_catalogue
from models.documents import AnyDocument, decode_document
from models.evaluation.replay import light_spans
from models.lamp_history import ByCase, ByReading, BySilence, LampHistory, lamp_histories
from models.lights import LETTERS, RED, YELLOW
from models.policy import default_policy
from models.village import Rulebook, lights_of_documents
from tests.event_documents import VILLAGE, report, step, visit

CATALOGUE = default_catalogue()
FIRST = date(2026, 3, 1)
LENGTH = 120
DAYS = range(calendar.epoch_day(FIRST), calendar.epoch_day(FIRST) + LENGTH)
RULEBOOK = Rulebook(CATALOGUE, default_policy(), watched_since=DAYS[0], is_simulated=False)
#: A number with both thresholds, yes or no, a date that something lasts since, one that lies back, and cases alone.
NUMBER, YESNO, START, LAST = "1.1.4", "4.2.1", "1.1.1", "1.3.2"


def decoded(*raw: dict[str, Any]) -> list[AnyDocument]:
    return [decode_document(msgspec.json.encode(one)) for one in raw]


def history(documents: list[AnyDocument], days: range = DAYS) -> dict[str, LampHistory]:
    return {one.indicator: one for one in lamp_histories(VILLAGE, documents, RULEBOOK, days)}


def day(number: int) -> int:
    return DAYS[0] + number


values = st.fixed_dictionaries(
    {},
    optional={
        NUMBER: st.integers(0, 100),
        YESNO: st.booleans(),
        START: st.none() | st.integers(-80, 30).map(lambda n: str(FIRST + timedelta(days=n))),
        LAST: st.integers(-80, 30).map(lambda n: str(FIRST + timedelta(days=n))),
    },
).filter(bool)
visits = st.builds(visit, st.just(VILLAGE), st.integers(-40, LENGTH), values, number=st.integers(0, 3))
steps = st.tuples(
    st.integers(1, 80),
    st.sampled_from(["progress", "submitted", "reviewed", "cleared", "escalated", "reopened", "taken", "team_sent"]),
    st.sampled_from(["general", "major"]),
)


@st.composite
def cases(draw: st.DrawFn) -> list[dict[str, Any]]:
    begun, severity = draw(st.integers(-40, LENGTH)), draw(st.sampled_from(["minor", "general", "major"]))
    opened = report(VILLAGE, begun, draw(st.sampled_from([NUMBER, YESNO])), severity, draw(st.integers(0, 9)))
    found = [opened]
    for after, name, graver in draw(st.lists(steps, max_size=6)):
        author = draw(st.sampled_from(["office", "other"]))
        more: dict[str, Any] = {"severity": graver} if name in ("escalated", "reopened") else {}
        more |= {"is_better": draw(st.booleans())} if name == "reviewed" else {}
        more |= {"verified_by": author, "found": "x", "done": "x"} if name == "cleared" else {}
        found.append(step(opened, begun + after, name, author=author, text="x", **more))
    return found


@given(st.lists(visits, max_size=12), st.lists(cases(), max_size=4), st.integers(0, LENGTH - 1))
def test_the_last_day_is_the_lamp_that_the_board_shows(
    rounds: list[dict[str, Any]], told: list[list[dict[str, Any]]], last: int
) -> None:
    documents = decoded(*{one["_id"]: one for one in [*rounds, *itertools.chain(*told)]}.values())
    days = range(DAYS[0], DAYS[last] + 1)
    found = history(documents, days)
    (shown,) = lights_of_documents([VILLAGE], documents, RULEBOOK, days[-1])
    ends = [found[one.code].spans[-1].light if one.code in found else "g" for one in CATALOGUE.indicators]
    assert "".join(ends) == shown.lights
    for lamp in found.values():
        assert (lamp.spans[0].since, lamp.spans[-1].until) == (FIRST, calendar.day_of(days[-1]))
        assert all(b.since == a.until + timedelta(days=1) for a, b in itertools.pairwise(lamp.spans))
        # each change of colour is told, with what it came from
        starts = [span.since for span in lamp.spans[(lamp.spans[0].light == "g") :]]
        assert set(starts) <= {calendar.day_of(change.day) for change in lamp.changes}
        assert all(change.causes for change in lamp.changes)


@given(st.lists(visits, max_size=12), st.lists(cases(), max_size=4))
def test_each_day_is_that_of_the_replay_when_all_was_written_down_by_then(
    rounds: list[dict[str, Any]], told: list[list[dict[str, Any]]]
) -> None:
    by_id = {one["_id"]: one for one in [*rounds, *itertools.chain(*told)]}
    past = [one for one in by_id.values() if one["observed_at"][:10] <= str(calendar.day_of(DAYS[-1]))]
    documents = decoded(*past)
    replayed = light_spans(VILLAGE, documents, RULEBOOK, DAYS)
    told_of = {code: lamp.spans for code, lamp in history(documents).items() if len(lamp.spans) > 1 or code in replayed}
    assert told_of == replayed


def test_a_reading_names_its_value_its_check_and_the_light_that_it_gives() -> None:
    lamp = history(
        decoded(visit(VILLAGE, 3, {NUMBER: 70}), visit(VILLAGE, 9, {NUMBER: 50}), visit(VILLAGE, 20, {NUMBER: 90}))
    )[NUMBER]
    assert [(change.day, LETTERS[change.light]) for change in lamp.changes] == [
        (day(3), "y"),
        (day(9), "r"),
        (day(20), "g"),
    ]
    causes = [cause for change in lamp.changes for cause in change.causes]
    assert all(isinstance(cause, ByReading) for cause in causes)
    assert [(c.value, c.light, c.day) for c in causes if isinstance(c, ByReading)] == [
        (70.0, YELLOW, day(3)),
        (50.0, RED, day(9)),
        (90.0, 0, day(20)),
    ]
    assert [one.value for one in lamp.readings] == [70.0, 50.0, 90.0]


def test_a_corrected_reading_is_not_drawn_beside_its_correction() -> None:
    wrong, right = visit(VILLAGE, 3, {NUMBER: 7}), visit(VILLAGE, 3, {NUMBER: 70}, number=1)
    lamp = history(decoded(wrong, right))[NUMBER]
    assert [one.value for one in lamp.readings] == [70.0]


def test_a_case_is_opened_overdue_handed_up_and_cleared() -> None:
    opened = report(VILLAGE, 5, YESNO, "general")
    late = default_policy().follow_up_days.general + 6
    steps_ = [
        step(opened, late + 2, "escalated", severity="major", text="x"),
        step(opened, late + 4, "submitted", author="other", done="x"),
        step(opened, late + 5, "reviewed", is_better=True, text="x"),
        step(opened, late + 6, "cleared", found="x", done="x", verified_by="office"),
    ]
    lamp = history(decoded(opened, *steps_, visit(VILLAGE, 0, {YESNO: True})))[YESNO]
    told = [
        (c.day - DAYS[0], LETTERS[c.light], [x.turn for x in c.causes if isinstance(x, ByCase)]) for c in lamp.changes
    ]
    assert told[:3] == [(5, "y", ["opened"]), (late, "r", ["overdue"]), (late + 6, "g", ["cleared"])]


def test_what_holds_the_lamp_after_another_thing_gave_way_is_told_too() -> None:
    opened = report(VILLAGE, 5, NUMBER, "major")
    lamp = history(decoded(visit(VILLAGE, 2, {NUMBER: 50}), opened, visit(VILLAGE, 8, {NUMBER: 90})))[NUMBER]
    kinds = [(c.day - DAYS[0], LETTERS[c.light], [type(x) for x in c.causes]) for c in lamp.changes]
    assert kinds == [(2, "r", [ByReading]), (5, "r", [ByReading, ByCase]), (8, "r", [ByCase])]


def test_silence_says_since_when_nobody_read_and_ends_with_a_reading() -> None:
    interval = CATALOGUE.indicators[CATALOGUE.index[LAST]].interval_days or 0
    lamp = history(decoded(visit(VILLAGE, 2 * interval + 9, {LAST: str(FIRST + timedelta(days=2 * interval + 8))})))[
        LAST
    ]
    assert lamp.changes[0].causes == [BySilence(DAYS[0], is_never=True)]
    assert lamp.changes[0].day == day(2 * interval + 1)
    assert isinstance(lamp.changes[1].causes[0], ByReading)
