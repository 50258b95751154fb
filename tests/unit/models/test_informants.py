"""Informants: terms, coverage by natural village, and the month's allowance, on cases worked out by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import calendar
from models.documents import Appointment, NaturalVillage, Settlements
from models.informants import (
    Attended,
    Term,
    allowances,
    blind_spots,
    coverage,
    on_duty,
    serving,
    settlements_of,
    terms_of,
)
from models.policy import default_policy
from models.policy.informants import Allowance
from models.truthfulness import InForce
from tests.event_documents import NEIGHBOUR, VILLAGE, instant, ulid

POLICY = default_policy().informants
MARCH = date(2026, 3, 1)
FIRST = calendar.epoch_day(MARCH)


def appointment(day: int, alias: str = "i1", number: int = 0, **fields: Any) -> Appointment:
    at = instant(day)
    identity = f"{fields.pop('village', VILLAGE)}:appointment:z109:{ulid(day, number)}"
    words = {"_id": identity, "type": "appointment", "alias": alias, "observed_at": at, "saved_at": at}
    return msgspec.convert(words | fields, Appointment)


def dismissal(day: int, alias: str = "i1", number: int = 1) -> Appointment:
    return appointment(day, alias, number, is_dismissal=True)


def term(alias: str, *places: str, village: str = VILLAGE, days: tuple[int, int | None] = (0, None)) -> Term:
    until = None if days[1] is None else FIRST + days[1]
    return Term(
        alias=alias, village=village, from_day=FIRST + days[0], until_day=until, natural_villages=places, ids=(alias,)
    )


def place(name: str, people: int) -> NaturalVillage:
    return NaturalVillage(name, people // 4, people)


# terms


def test_a_term_lasts_from_the_appointment_to_the_day_before_the_dismissal() -> None:
    [held] = terms_of([appointment(3), dismissal(10)])
    assert (held.from_day, held.until_day) == (FIRST + 3, FIRST + 10)
    assert [bool(serving([held], FIRST + day)) for day in (2, 3, 9, 10)] == [False, True, True, False]


def test_another_appointment_ends_the_term_before_it() -> None:
    first, second = terms_of([appointment(0, natural_villages=["东"]), appointment(5, natural_villages=["西"])])
    assert (first.until_day, second.natural_villages, second.until_day) == (FIRST + 5, ("西",), None)


def test_a_dismissal_of_nobody_ends_nothing_and_a_corrected_one_counts_as_corrected() -> None:
    assert terms_of([dismissal(3)]) == []
    wrong = appointment(3, natural_villages=["东"])
    right = appointment(3, number=9, natural_villages=["西"], amends=wrong.id)
    assert [one.natural_villages for one in terms_of([wrong, right])] == [("西",)]


EVENTS = [
    appointment(0),
    dismissal(9),
    appointment(9, number=2),
    appointment(4, "i2"),
    dismissal(6, "i2"),
    appointment(2, "i3", village=NEIGHBOUR),
]


@given(st.permutations([*EVENTS, EVENTS[0], EVENTS[3]]))
def test_terms_are_the_same_for_every_order_of_arrival(events: list[Appointment]) -> None:
    assert terms_of(events) == terms_of(EVENTS)


# coverage


def test_each_natural_village_needs_one_and_one_for_each_500_people() -> None:
    assert [POLICY.staffing.required(people) for people in (0, 1, 500, 501, 1_000, 1_001)] == [1, 1, 1, 2, 2, 3]


def test_coverage_names_the_blind_spots_and_how_many_people_live_there() -> None:
    places = {VILLAGE: (place("东", 480), place("西", 620), place("南", 90))}
    [found] = coverage([VILLAGE], places, [term("i1", "东"), term("i2", "西")], (), POLICY.staffing)
    assert [(one.name, one.required, one.appointed, one.lacking) for one in found.natural_villages] == [
        ("东", 1, 1, 0),
        ("西", 2, 1, 1),
        ("南", 1, 0, 1),
    ]
    assert (found.required, found.heads, found.lacking, found.people) == (4, 2, 2, 1_190)
    assert [(village, one.name, one.people) for village, one in blind_spots([found])] == [(VILLAGE, "南", 90)]
    assert found.natural_villages[0].ids == ("i1",)


def test_weak_and_large_villages_need_more_heads() -> None:
    large = {VILLAGE: (place("东", 1_000), place("西", 1_000))}
    terms = [term(f"i{n}", "东" if n < 2 else "西") for n in range(4)]
    [plain] = coverage([VILLAGE], large, terms, (), POLICY.staffing)
    [weak] = coverage([VILLAGE], large, terms, {VILLAGE}, POLICY.staffing)
    assert (plain.required, plain.lacking, weak.required, weak.lacking) == (5, 1, 6, 2)


def test_who_is_named_for_two_natural_villages_covers_both_and_is_one_head() -> None:
    places = {VILLAGE: (place("东", 100), place("西", 100))}
    [found] = coverage([VILLAGE], places, [term("i1", "东", "西")], (), POLICY.staffing)
    assert blind_spots([found]) == []
    assert (found.heads, found.required, found.lacking) == (1, 2, 1)


def test_of_a_village_that_was_never_entered_no_blind_spot_is_told_and_it_needs_at_least_one() -> None:
    without, with_one = coverage([VILLAGE, NEIGHBOUR], {}, [term("i1", village=NEIGHBOUR)], (), POLICY.staffing)
    assert (without.is_known, without.lacking, with_one.lacking) == (False, 1, 0)
    assert (without.natural_villages, blind_spots([without, with_one])) == ((), [])
    assert (without.required, without.is_unwatched, with_one.is_unwatched) == (1, True, False)
    [weak] = coverage([VILLAGE], {}, [], {VILLAGE}, POLICY.staffing)
    assert weak.required == 2


def test_the_last_word_on_natural_villages_counts() -> None:
    def entered(day: int, *names: str) -> Settlements:
        at = instant(day)
        words = {"_id": f"{VILLAGE}:settlements:z109:{ulid(day)}", "observed_at": at, "saved_at": at}
        return msgspec.convert(
            words | {"type": "settlements", "natural_villages": [place(name, 10) for name in names]}, Settlements
        )

    found = settlements_of([entered(5, "西"), entered(1, "东", "西")])
    assert [one.name for one in found[VILLAGE]] == ["西"]


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from(["东", "西", "南"])), max_size=12))
def test_one_more_informant_never_makes_more_lack(named: list[tuple[str, str]]) -> None:
    places = {VILLAGE: (place("东", 1_200), place("西", 300))}
    terms = [term(alias, where) for alias, where in named]
    [before] = coverage([VILLAGE], places, terms, (), POLICY.staffing)
    [after] = coverage([VILLAGE], places, [*terms, term("new", "东")], (), POLICY.staffing)
    assert after.lacking <= before.lacking
    assert len(blind_spots([after])) <= len(blind_spots([before]))


def test_who_is_suspended_covers_nothing_until_the_suspension_is_over() -> None:
    places = {VILLAGE: (place("东", 100), place("西", 100))}
    decided = [InForce("s", "i1", FIRST + 5, 0, 10), InForce("t", "i2", FIRST, 6, 0)]
    terms = on_duty([term("i1", "东"), term("i2", "西")], decided)
    blind: dict[int, list[str]] = {}
    for day in (4, 5, 14, 15):
        [found] = coverage([VILLAGE], places, serving(terms, FIRST + day), (), POLICY.staffing)
        blind[day] = [one.name for _, one in blind_spots([found])]
    assert blind == {4: [], 5: ["东"], 14: ["东"], 15: []}


spans = st.lists(st.tuples(st.integers(-5, 35), st.integers(0, 20)), max_size=4)


@given(spans, st.integers(0, 30), st.none() | st.integers(0, 40))
def test_a_day_is_on_duty_just_when_the_term_holds_and_nothing_suspends(
    suspended: list[tuple[int, int]], first: int, until: int | None
) -> None:
    held = term("i1", days=(first, until))
    decided = [InForce(str(at), "i1", FIRST + day, 0, days) for at, (day, days) in enumerate(suspended)]
    left = on_duty([held], decided)
    for day in range(FIRST - 6, FIRST + 60):
        is_there = held.holds_on(day) and not any(one.is_suspended_on(day) for one in decided)
        assert len(serving(left, day)) == is_there


# allowance

RULE = Allowance(monthly_yuan=180, training_yuan=10, counties={"371771": 200})


def test_a_whole_month_is_paid_whole_and_a_part_by_its_days() -> None:
    terms = [term("i1"), term("i2", days=(10, 20)), term("i3", days=(-40, -10)), term("i4", village="371771003022")]
    rows = allowances(MARCH, terms, [], [], RULE)
    # 180 yuan for 10 of 31 days: 58.0645… yuan
    assert [(row.alias, row.days, row.base, row.total) for row in rows] == [
        ("i1", 31, 18_000, 18_000),
        ("i2", 10, 5_806, 5_806),
        ("i4", 31, 20_000, 20_000),
    ]
    assert rows[0].ids == ("i1",)


def test_days_of_two_terms_of_one_month_are_counted_once() -> None:
    terms = terms_of([appointment(0), appointment(10, number=2), dismissal(20)])
    [row] = allowances(MARCH, terms, [], [], RULE)
    assert (row.days, row.base) == (20, 11_613)


def test_a_training_that_was_entered_twice_is_paid_once() -> None:
    both = frozenset({"i1", "i2"})
    trainings = [
        Attended("b", FIRST + 3, both, "矛盾排查"),
        Attended("a", FIRST + 3, frozenset({"i1"}), "矛盾排查"),
        Attended("c", FIRST + 3, both, "设备使用"),
    ]
    rows = allowances(MARCH, [term("i1"), term("i2")], trainings, [], RULE)
    assert [(row.alias, row.trainings) for row in rows] == [("i1", 2), ("i2", 2)]
    assert "a" in rows[0].ids and "b" not in rows[0].ids


def test_trainings_of_the_month_add_their_supplement() -> None:
    trainings = [Attended("a", FIRST + 3, frozenset({"i1", "i2"})), Attended("b", FIRST + 40, frozenset({"i1"}))]
    [row] = allowances(MARCH, [term("i1")], trainings, [], RULE)
    assert (row.trainings, row.supplement, row.total, row.ids) == (1, 1_000, 19_000, ("a", "i1"))


def test_who_changes_village_within_the_month_is_paid_a_training_once_and_nobody_for_a_term_that_was_over() -> None:
    terms = [term("i1", days=(0, 10)), term("i1", village=NEIGHBOUR, days=(10, None)), term("i2", days=(0, 10))]
    trainings = [Attended("a", FIRST + 20, frozenset({"i1", "i2"}))]
    found = {(row.alias, row.village): row.trainings for row in allowances(MARCH, terms, trainings, [], RULE)}
    assert found == {("i1", VILLAGE): 0, ("i1", NEIGHBOUR): 1, ("i2", VILLAGE): 0}


@pytest.mark.parametrize(
    ("month", "months", "withheld"),
    [
        (date(2026, 2, 1), 1, False),
        (MARCH, 1, True),
        (date(2026, 4, 1), 1, False),
        (date(2026, 8, 1), 6, True),
        (date(2026, 9, 1), 6, False),
        (date(2027, 2, 1), 12, True),
        (date(2027, 3, 1), 12, False),
        (MARCH, 0, False),
    ],
)
def test_a_decision_withholds_its_months_from_its_own_on(month: date, months: int, withheld: bool) -> None:
    decided = [InForce("s", "i1", FIRST + 9, months, 0), InForce("t", "another", FIRST, 12, 300)]
    [row] = allowances(month, [term("i1", days=(-60, None))], [], decided, RULE)
    assert (row.base, row.withheld) == (18_000, 18_000 if withheld else 0)
    assert ("s" in row.ids) == withheld


def test_days_of_suspension_are_not_held() -> None:
    [row] = allowances(MARCH, [term("i1")], [], [InForce("s", "i1", FIRST + 21, 0, 184)], RULE)
    assert (row.days, row.base, row.ids) == (21, 12_194, ("i1", "s"))


@given(
    st.lists(st.tuples(st.integers(0, 30), st.booleans()), max_size=6),
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 12), st.integers(0, 60)), max_size=3),
)
def test_nobody_gets_more_than_the_month_nor_less_than_nothing(
    said: list[tuple[int, bool]], decided: list[tuple[int, int, int]]
) -> None:
    events = [appointment(day, number=at, is_dismissal=is_end) for at, (day, is_end) in enumerate(said)]
    sanctions = [InForce(str(at), "i1", FIRST + day, *rest) for at, (day, *rest) in enumerate(decided)]
    rows = allowances(MARCH, terms_of(events), [], sanctions, RULE)
    assert all(0 <= row.total <= row.base <= 18_000 and row.days <= 31 for row in rows)
