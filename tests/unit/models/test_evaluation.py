"""Evaluations worked out by hand, the boundaries of every cut-off and clause, and what must hold whatever happens.

The weights of the catalogue are 300 / 200 / 200 / 150 / 150 for its categories, 1000 in all; a day of an indicator is
worth all of its weight in green, half in yellow and in silence, nothing in red.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import calendar
from models.cases import CaseFact, fold_cases
from models.catalogue import KIND_LAST_DATE, KIND_START_DATE, default_catalogue
from models.documents import Component, Earlier, Evaluation, Grade, Reason, Response, Summary
from models.evaluation import (
    CaseCounts,
    Evidence,
    LightDays,
    add_up,
    case_counts,
    evaluate,
    summarise,
    with_commendations,
)
from models.evaluation.patrols import Finding
from models.evaluation.scoring import GRADES, propose, score_of
from models.evaluation.words import COMPONENTS, measure_words, reason_words
from models.periods import PeriodError, parse_period, periods_closed
from models.policy import default_policy
from models.terms import MARKS
from models.village import Rulebook
from tests.event_documents import NEIGHBOUR, OTHER_COUNTY, VILLAGE

CATALOGUE, POLICY = default_catalogue(), default_policy()
RULEBOOK = Rulebook(CATALOGUE, POLICY, watched_since=0, is_simulated=False)
PERIOD = parse_period("2026H1")
FIRST, LAST = PERIOD.first_day, PERIOD.last_day
G, S, Y, R = range(4)
NOTHING = Evidence({}, {}, {})
ULID = "01ARZ3NDEKTSV4RRFFQ69G5F{:02d}"


def at(code: str) -> int:
    return CATALOGUE.index[code]


def green(n_days: int = 100, n_villages: int = 1) -> LightDays:
    """Every light green all the time, and every reading as good as can be."""
    shape = (n_villages, len(CATALOGUE.indicators))
    count = np.zeros((*shape, 4), np.int32)
    count[:, :, G] = n_days
    return LightDays(n_days, count, np.zeros(shape, np.uint8), np.full(shape, np.nan), [])


def lit(days: LightDays, codes: list[str], light: int, n: int) -> LightDays:
    """So many days of some indicators not green but in another light."""
    for code in codes:
        days.count[:, at(code), G] -= n
        days.count[:, at(code), light] += n
    return days


def one(days: LightDays, evidence: Evidence = NOTHING) -> Evaluation:
    [evaluation] = evaluate([VILLAGE], days, evidence, RULEBOOK, PERIOD)
    return evaluation


def counts(**lists: list[str]) -> CaseCounts:
    return msgspec.structs.replace(CaseCounts.none(), **lists)


def with_cases(**lists: list[str]) -> Evidence:
    return Evidence({VILLAGE: counts(**lists)}, {}, {})


def component(evaluation: Evaluation, code: str) -> Component:
    return next(part for part in evaluation.components if part.code == code)


def category(code: str) -> list[str]:
    return [indicator.code for indicator in CATALOGUE.indicators if indicator.category == code]


# lights


def test_village_that_was_green_throughout_has_a_hundred_points_and_every_mark() -> None:
    evaluation = one(green())
    assert (evaluation.score, evaluation.grade) == (100.0, "strong")
    assert evaluation.marks == list(MARKS)
    assert [part.code for part in evaluation.components] == ["lights"]
    assert component(evaluation, "lights").evidence == []


def test_days_in_yellow_red_and_silence_by_the_weight_of_the_indicator() -> None:
    # 1.1.1 weighs 18. Of 100 days 40 red (0), 30 yellow (half), 20 silent (half), 10 green (all):
    # 18 × (0.30 / 2 + 0.20 / 2 + 0.10) = 18 × 0.35 = 6.3, and 982 for the rest: 988.3 of 1000
    days = lit(lit(lit(green(), ["1.1.1"], R, 40), ["1.1.1"], Y, 30), ["1.1.1"], S, 20)
    evaluation = one(days)
    assert CATALOGUE.indicators[at("1.1.1")].weight == 18
    assert evaluation.score == component(evaluation, "lights").points == 98.83
    assert component(evaluation, "lights").evidence == ["1.1.1 y30 r40 s20"]


def test_village_that_was_red_throughout_has_nothing() -> None:
    days = lit(green(), [indicator.code for indicator in CATALOGUE.indicators], R, 100)
    assert (one(days).score, one(days).grade, one(days).marks) == (0.0, "paralysed", [])


def test_each_village_has_its_own_row() -> None:
    days = green(n_villages=2)
    days.count[1, :, G], days.count[1, :, Y] = 0, 100
    first, second = evaluate([VILLAGE, NEIGHBOUR], days, NOTHING, RULEBOOK, PERIOD)
    assert (first.id, first.score) == (f"{VILLAGE}:evaluation:2026H1", 100)
    assert (second.id, second.score) == (f"{NEIGHBOUR}:evaluation:2026H1", 50)


# grades


@pytest.mark.parametrize(
    ("score", "is_red", "grade"),
    [
        (100, False, "strong"),
        (85, False, "strong"),
        (84.99, False, "fair"),
        (85, True, "fair"),
        (100, True, "fair"),
        (60, False, "fair"),
        (60, True, "fair"),
        (59.99, False, "weak"),
        (40, False, "weak"),
        (39.99, False, "paralysed"),
        (0, True, "paralysed"),
    ],
)
def test_every_cut_off_is_the_lowest_score_of_its_grade(score: float, is_red: bool, grade: Grade) -> None:
    assert propose(score, is_red, [], POLICY.evaluation) == grade


def test_red_light_on_the_last_day_is_never_strong_and_says_which() -> None:
    days = lit(green(), ["4.2.1"], R, 1)
    days.close[0, at("4.2.1")] = R
    evaluation = one(days)
    assert evaluation.grade == "fair"
    assert evaluation.red_at_close == ["4.2.1"]
    assert [(reason.code, reason.params) for reason in evaluation.reasons][1] == ("red_at_close", ["4.2.1"])


def test_score_on_the_cut_off_and_half_a_point_below() -> None:
    # category 4 weighs 150 of 1000: red throughout, 85.00 are left, which is just strong; late once: 84.50
    days = lit(green(), category("4"), R, 100)
    assert (one(days).score, one(days).grade) == (85.0, "strong")
    late = one(days, with_cases(taken_up_late=["a"]))
    assert (late.score, late.grade) == (84.5, "fair")


# clauses; readings as ``catalogue.encode_reading`` gives them: epoch days for dates


def measured(values: Mapping[str, float]) -> LightDays:
    days = green()
    for code, value in values.items():
        is_date = CATALOGUE.rules.kind[at(code)] in (KIND_LAST_DATE, KIND_START_DATE)
        days.value[0, at(code)] = LAST - value if is_date else value
    return days


@pytest.mark.parametrize(
    ("values", "reds", "grade"),
    [
        ({"1.1.1": 90}, [], "strong"),  # vacant for 90 days
        ({"1.1.1": 91}, [], "weak"),
        ({"1.1.4": 60}, [], "strong"),  # satisfaction
        ({"1.1.4": 59.9}, [], "weak"),
        ({"4.1.2": 1}, [], "strong"),  # outside the procedure
        ({"4.1.2": 2}, [], "weak"),
        ({"1.6.1": 731}, ["1.2.1"], "fair"),  # one other red
        ({"1.6.1": 730}, ["1.2.1", "1.2.2"], "fair"),  # two, but not two years yet
        ({"1.6.1": 731}, ["1.2.1", "1.2.2"], "weak"),
        ({"1.6.1": 731}, ["1.2.1", "1.6.1"], "fair"),  # itself is no other
        ({"1.6.1": 731}, ["1.2.1", "3.1.1"], "fair"),  # nor is one of another category
        ({"1.3.1": 185, "4.1.1": 184}, [], "strong"),
        ({"1.3.1": 184, "4.1.1": 185}, [], "strong"),
        ({"1.3.1": 185, "4.1.1": 185}, [], "paralysed"),
        ({"1.3.1": 185}, [], "strong"),  # the other one was never read: not known is not proved
    ],
)
def test_clause_decides_whatever_the_score_from_just_beyond_its_limit_on(
    values: dict[str, float], reds: list[str], grade: Grade
) -> None:
    days = measured(values)
    for code in reds:
        days.close[0, at(code)] = R
    evaluation = one(days)
    assert evaluation.score == 100
    assert evaluation.grade == grade
    assert any(reason.code == "clause" for reason in evaluation.reasons) == (grade in ("weak", "paralysed"))


@pytest.mark.parametrize(("silent", "grade"), [(90, "weak"), (89, "fair")])
def test_a_village_of_which_nothing_is_known_is_no_fair_one(silent: int, grade: Grade) -> None:
    """By its score it would be: what cases alone light is green, and a silent day counts half."""
    read = [one.code for one in CATALOGUE.indicators if one.kind != "cases"]
    evaluation = one(lit(green(), read, S, silent))
    assert 60 <= evaluation.score < 85
    assert evaluation.grade == grade
    assert [reason.params for reason in evaluation.reasons if reason.code == "clause"] == (
        [["no_news"]] if grade == "weak" else []
    )


def test_clause_never_makes_a_grade_better() -> None:
    days = lit(measured({"1.1.1": 91}), [indicator.code for indicator in CATALOGUE.indicators], R, 90)
    assert (one(days).score, one(days).grade) == (10.0, "paralysed")


def test_condition_that_is_not_there_has_lasted_no_time() -> None:
    days = green()
    days.value[0, at("1.1.1")] = np.inf
    assert one(days).grade == "strong"


def test_policy_names_only_what_the_catalogue_has() -> None:
    items = {item.code for item in CATALOGUE.items}
    categories = {one.code for one in CATALOGUE.categories}
    for clause in POLICY.evaluation.clauses:
        assert {reading.indicator for reading in clause.readings} <= set(CATALOGUE.index)
        assert clause.other_reds is None or clause.other_reds.category in categories
    for mark in POLICY.evaluation.marks.values():
        assert set(mark.items) <= items


# points


def test_points_are_taken_off_for_each_and_capped() -> None:
    # from 100: three overdue −3, two relapses −4, three findings −1.5, five cleared in time +1.0
    evidence = with_cases(overdue=list("abc"), relapse=list("ab"), in_time=list("vwxyz"))
    days = green()
    days.findings.extend(Finding(0, at("1.1.2"), ulid) for ulid in "fgh")
    evaluation = one(days, evidence)
    assert evaluation.score == 92.5
    assert component(evaluation, "finding") == Component(code="finding", points=-1.5, amount=3, evidence=list("fgh"))
    capped = one(green(), with_cases(overdue=[str(n) for n in range(50)]))
    assert (capped.score, component(capped, "overdue").amount) == (92, 50)


def test_omissions_are_taken_off_by_what_they_were() -> None:
    # late 2 × 0.5, missed 1 × 1, concealed 4 × 3 but at most 9: 100 − 11
    omissions = {VILLAGE: {"late": ["a", "b"], "missed": ["c"], "concealed": list("defg")}}
    assert one(green(), Evidence({}, omissions, {})).score == 89


def test_score_stays_within_nought_and_a_hundred() -> None:
    assert one(green(), with_cases(in_time=["a"])).score == 100
    everything = [indicator.code for indicator in CATALOGUE.indicators]
    assert one(lit(green(), everything, R, 100), with_cases(overdue=["a"])).score == 0
    assert score_of([33.331, 0.001, 0.001]) == 33.33


# marks


def test_mark_needs_its_items_and_no_red_day_on_them() -> None:
    # 2.1 red for one day: not developing, and five good asks for no red day anywhere
    assert one(lit(green(), ["2.1.1"], R, 1)).marks == ["civil", "harmonious"]
    items = [i.code for i in CATALOGUE.indicators if i.item == "2.1"]
    # yellow for 20 of 100 days on all of an item leaves 90 of 100, one more day does not
    assert "developing" in one(lit(green(), items, Y, 20)).marks
    assert "developing" not in one(lit(green(), items, Y, 21)).marks


def test_five_good_is_a_score_of_ninety_and_no_red_day() -> None:
    # every light yellow for 20 of 100 days: 90.00; for 21: 89.50
    everything = [indicator.code for indicator in CATALOGUE.indicators]
    assert "five_good" in one(lit(green(), everything, Y, 20)).marks
    assert "five_good" not in one(lit(green(), everything, Y, 21)).marks


# before


def test_evaluation_says_how_the_village_stood_before_and_that_it_is_newly_paralysed() -> None:
    earlier = Earlier(period="2025H2", score=61.0, grade="fair", is_decided=True)
    days = lit(green(), [indicator.code for indicator in CATALOGUE.indicators], R, 90)
    evaluation = one(days, Evidence({}, {}, {VILLAGE: earlier}))
    assert evaluation.previous == earlier
    assert [reason.code for reason in evaluation.reasons] == ["score_paralysed", "newly_paralysed"]
    again = Evidence({}, {}, {VILLAGE: msgspec.structs.replace(earlier, grade="paralysed")})
    assert [reason.code for reason in one(days, again).reasons] == ["score_paralysed"]


# cases


def fact(day: int, step: str, case: int = 1, village: str = VILLAGE, **fields: Any) -> CaseFact:
    ms = (FIRST + day) * calendar.MS_PER_DAY
    words: dict[str, Any] = {"author": "office", **fields}
    order = {"submitted": 0, "cleared": 2}.get(step, 1)
    return CaseFact(village, ULID.format(case), ms, f"{day:04d}{order}{step}{case}", step, **words)


def opened(day: int, severity: str = "general", case: int = 1, indicator: str = "4.2.1") -> CaseFact:
    return fact(day, "opened", case, indicator=indicator, severity=severity)


def cleared(day: int, case: int = 1) -> list[CaseFact]:
    acted = fact(day, "submitted", case, author="administrator")
    return [acted, fact(day, "reviewed", case, is_better=True), fact(day, "cleared", case, verified_by="office")]


def counted(*facts: CaseFact) -> CaseCounts:
    known = [f for f in facts if calendar.local_day_of_ms(f.at_ms) <= LAST]
    return case_counts(fold_cases(known, POLICY), POLICY, FIRST, LAST).get(VILLAGE, CaseCounts.none())


FIRST_CASE = [ULID.format(1)]


@pytest.mark.parametrize(("severity", "limit"), [("general", 3), ("major", 1)])
def test_case_is_taken_up_late_after_the_days_of_its_severity(severity: str, limit: int) -> None:
    assert counted(opened(0, severity), fact(limit, "noticed")).taken_up_late == []
    assert counted(opened(0, severity), fact(limit + 1, "noticed")).taken_up_late == FIRST_CASE
    assert counted(opened(0, severity)).taken_up_late == FIRST_CASE


def told_of(one: CaseFact, day: int) -> CaseFact:
    return msgspec.structs.replace(one, saved_ms=(FIRST + day) * calendar.MS_PER_DAY)


def test_case_that_was_told_of_late_is_nobodys_delay_but_its_reporters() -> None:
    seen = told_of(opened(0, "major"), 17)
    in_time = counted(seen, fact(18, "noticed"), *cleared(24))
    assert (in_time.taken_up_late, in_time.overdue, in_time.in_time) == ([], [], FIRST_CASE)
    assert (in_time.response.take_up_days, in_time.response.clear_days) == (1, 7)
    late = counted(seen, fact(19, "noticed"), *cleared(25))
    assert (late.taken_up_late, late.overdue) == (FIRST_CASE, FIRST_CASE)


def test_case_that_was_told_of_after_the_period_counts_for_the_offices_in_the_next_one() -> None:
    seen = told_of(opened(LAST - FIRST - 9, "major"), LAST - FIRST + 30)
    assert counted(seen) == CaseCounts(Response(opened=1), [], [], [], [])
    taken = fact(LAST - FIRST + 40, "noticed")
    after = case_counts(fold_cases([seen, taken], POLICY), POLICY, LAST + 1, LAST + 180)[VILLAGE]
    assert (after.response.opened, after.response.take_up_days, after.taken_up_late) == (0, 10, FIRST_CASE)


def test_case_that_came_back_is_to_be_taken_up_anew_each_time() -> None:
    before = (opened(0, "major"), fact(1, "noticed"), *cleared(5))
    back = fact(20, "reopened", severity="major")
    assert counted(*before, back, fact(21, "progress")).taken_up_late == []
    assert counted(*before, back, fact(22, "progress")).taken_up_late == FIRST_CASE
    assert counted(*before, back).taken_up_late == FIRST_CASE


def test_case_that_nobody_took_up_yet_is_not_late_within_its_days() -> None:
    assert counted(opened(LAST - FIRST - 3)).taken_up_late == []
    assert counted(opened(LAST - FIRST - 4)).taken_up_late == FIRST_CASE


def test_days_of_response_add_up() -> None:
    # taken up after 2 days, cleared after 9
    found = counted(opened(10), fact(12, "noticed"), *cleared(19))
    assert found.response == Response(opened=1, taken_up=1, take_up_days=2, cleared=1, clear_days=9)
    assert (found.in_time, found.overdue) == (FIRST_CASE, [])


def test_deadline_of_fifteen_days_is_kept_on_its_own_day_and_missed_on_the_next() -> None:
    assert counted(opened(0), fact(1, "noticed"), *cleared(15)).overdue == []
    late = counted(opened(0), fact(1, "noticed"), *cleared(16))
    assert (late.overdue, late.in_time, late.response.overdue) == (FIRST_CASE, [], 1)


def test_open_case_is_overdue_in_each_period_in_which_it_was() -> None:
    before = opened(-20)
    assert counted(before, fact(-19, "noticed")).overdue == FIRST_CASE
    assert counted(before, fact(-19, "noticed")).response.opened == 0
    assert counted(opened(LAST - FIRST - 15)).overdue == []
    assert counted(opened(LAST - FIRST - 16)).overdue == FIRST_CASE


def test_what_happened_after_the_period_is_not_seen_in_it() -> None:
    facts = [opened(100), fact(101, "noticed"), *cleared(LAST - FIRST + 1)]
    assert counted(*facts).response == Response(opened=1, taken_up=1, take_up_days=1, overdue=1)


def test_relapse_is_a_case_reopened_or_a_new_one_on_the_same_lamp_within_half_a_year() -> None:
    solved = [opened(0), fact(1, "noticed"), *cleared(5)]
    assert counted(*solved, fact(100, "reopened")).relapse == FIRST_CASE
    assert counted(*solved, opened(100, case=2)).relapse == [ULID.format(2)]
    # the first reopening is one, the second comes more than half a year after its all-clear
    before = (opened(-300), *cleared(-295), fact(-280, "reopened"), *cleared(-180))
    assert counted(*before, fact(5, "reopened")).relapse == []
    assert counted(*before, fact(4, "reopened")).relapse == FIRST_CASE
    assert counted(*solved, opened(100, case=2, indicator="3.1.1")).relapse == []
    earlier = [opened(-200), fact(-199, "noticed"), *cleared(-184)]
    assert counted(*earlier, opened(0, case=2)).relapse == [ULID.format(2)]  # 184 days
    assert counted(*earlier, opened(1, case=2)).relapse == []
    assert counted(*earlier, opened(-1, case=2)).relapse == []  # in the period before


def test_small_matters_count_neither_for_nor_against() -> None:
    acted = fact(99, "submitted", author="administrator")
    assert counted(opened(0, "minor"), acted, fact(100, "cleared", verified_by="office")) == CaseCounts.none()


# summaries


def summary(
    now: list[Grade], before: list[Grade | None], score: float = 70, decided: Mapping[str, Grade] | None = None
) -> Any:
    villages = [f"{VILLAGE[:9]}{200 + n}" for n in range(len(now))]
    evaluations = [
        Evaluation(
            id=f"{village}:evaluation:2026H1",
            score=score,
            grade=grade,
            from_day=date(2026, 1, 1),
            until_day=date(2026, 6, 30),
            catalogue="c",
            policy="p",
            components=[],
            response=Response(opened=2, overdue=1),
            marks=["five_good"],
            previous=None if was is None else Earlier(period="2025H2", score=0, grade=was),
        )
        for village, grade, was in zip(villages, now, before, strict=True)
    ]
    grades: dict[str, Grade] = dict(zip(villages, now, strict=True)) | dict(decided or {})
    return summarise(VILLAGE[:9], evaluations, grades, POLICY, PERIOD)


LADDER: list[tuple[int, list[str]]] = [
    (0, []),
    (1, ["criticism"]),
    (2, ["one_grade_lower", "self_criticism", "no_merit"]),
    (3, ["two_grades_lower", "admonition", "reassignment"]),
    (7, ["two_grades_lower", "admonition", "reassignment"]),
]


@pytest.mark.parametrize(("newly", "measures"), LADDER)
def test_ladder_by_the_number_of_teams_that_are_newly_paralysed(newly: int, measures: list[str]) -> None:
    # one that was paralysed before and one without an evaluation before are not newly so
    now: list[Grade] = ["paralysed"] * (newly + 2)
    found = summary(now, ["fair"] * newly + ["paralysed", None])
    assert (len(found.newly_paralysed), found.measures) == (newly, measures)
    assert [reason.code for reason in found.reasons] == (["teams_newly_paralysed"] if newly else [])


def test_summary_adds_up_its_villages() -> None:
    found = summary(["strong", "fair", "weak"], [None, None, None])
    assert found.grades == {"strong": 1, "fair": 1, "weak": 1, "paralysed": 0}
    assert found.marks == {"five_good": 3, "developing": 0, "civil": 0, "harmonious": 0}
    assert found.response == Response(opened=6, overdue=3)
    assert (found.villages, found.mean) == (3, 70)


def test_grade_that_a_person_decided_counts_in_the_summary() -> None:
    village = f"{VILLAGE[:9]}200"
    assert summary(["paralysed"], ["fair"], decided={village: "weak"}).newly_paralysed == []
    assert summary(["weak"], ["fair"], decided={village: "paralysed"}).measures == ["criticism"]


@pytest.mark.parametrize(("put_right", "measures"), [(0, []), (2, []), (3, ["commendation"])])
def test_commendation_for_teams_put_right_and_for_a_county_when_they_are_many(
    put_right: int, measures: list[str]
) -> None:
    now: list[Grade] = ["fair"] * (put_right + 1)
    found = summary(now, ["weak"] * put_right + ["fair"], 95)
    assert (len(found.put_right), found.measures) == (put_right, measures)
    county = add_up(VILLAGE[:6], [found], PERIOD)
    assert (county.mean, len(county.put_right), county.measures) == (found.mean, put_right, [])


def township(number: int, mean: float, five_good: int = 0, weak: int = 0) -> Summary:
    grades = {"strong": 10 - weak, "fair": 0, "weak": weak, "paralysed": 0}
    return Summary(
        id=f"371724{number:03d}:summary:2026H1",
        mean=mean,
        villages=10,
        grades=grades,
        marks={"five_good": five_good},
        response=Response(),
        policy="1",
    )


def test_commendation_is_proposed_to_the_best_tenth_of_a_countys_townships() -> None:
    fifteen = [township(at, 99 - at / 10) for at in range(15)]
    found = with_commendations(fifteen, POLICY)
    assert [one.measures for one in found] == [["commendation"]] + [[]] * 14
    assert found[0].reasons == [Reason(code="among_the_best", params=["99.00", "1", "15"])]
    twenty = with_commendations([township(at, 95, five_good=at) for at in range(20)], POLICY)
    assert [at for at, one in enumerate(twenty) if one.measures] == [18, 19]  # the same mean: by the five good


def test_nobody_is_the_best_below_the_limit_or_with_a_weak_team() -> None:
    assert [one.measures for one in with_commendations([township(1, 89.99), township(2, 70)], POLICY)] == [[], []]
    assert [one.measures for one in with_commendations([township(1, 99, weak=1), township(2, 98)], POLICY)] == [[], []]


def county(number: int, mean: float, weak: int = 0, **fields: Any) -> Summary:
    grades = {"strong": 100 - weak, "fair": 0, "weak": weak, "paralysed": 0}
    changed = {"id": f"3717{number:02d}:summary:2026H1", "villages": 100, "grades": grades, **fields}
    return msgspec.structs.replace(township(1, mean), **changed)


def test_commendation_is_proposed_to_the_best_county_with_few_weak_teams_and_none_newly_paralysed() -> None:
    eleven = [county(at, 99 - at / 10, weak=2) for at in range(11)]
    found = with_commendations(eleven, POLICY)
    assert [one.measures for one in found] == [["commendation"]] + [[]] * 10
    assert found[0].reasons == [Reason(code="counties_best", params=["99.00", "1", "11"])]
    fallen = county(0, 99, newly_paralysed=[VILLAGE], measures=["criticism"])
    for first in (county(0, 99, weak=3), fallen, county(0, 89.99)):
        assert with_commendations([first, county(1, 80)], POLICY)[0] == first


def test_city_adds_up_its_counties_by_their_villages() -> None:
    counties = [township(1, 90, five_good=2), msgspec.structs.replace(township(2, 60, weak=4), villages=20)]
    whole = add_up("3717", counties, PERIOD)
    assert (whole.id, whole.mean, whole.villages) == ("3717:summary:2026H1", 70, 30)
    assert (whole.grades["weak"], whole.marks["five_good"]) == (4, 2)


def test_nobody_is_commended_where_a_team_is_newly_paralysed() -> None:
    assert summary(["paralysed", "fair"], ["fair", "fair"], score=95).measures == ["criticism"]


# whatever happens


lights = st.lists(st.tuples(st.integers(0, 89), st.sampled_from([S, Y, R]), st.integers(1, 100)), max_size=12)


def history(stretches: list[tuple[int, int, int]]) -> LightDays:
    days = green()
    for indicator, light, n in stretches:
        moved = min(n, int(days.count[0, indicator, G]))
        days.count[0, indicator, G] -= moved
        days.count[0, indicator, light] += moved
    return days


@given(lights, st.integers(0, 89), st.sampled_from([G, S, Y]), st.integers(1, 30))
def test_more_red_never_raises_score_or_grade(
    stretches: list[tuple[int, int, int]], indicator: int, taken_from: int, n: int
) -> None:
    days = history(stretches)
    before = one(days)
    moved = min(n, int(days.count[0, indicator, taken_from]))
    days.count[0, indicator, taken_from] -= moved
    days.count[0, indicator, R] += moved
    days.close[0, indicator] = R
    after = one(days)
    assert after.score <= before.score
    assert GRADES.index(after.grade) >= GRADES.index(before.grade)
    assert set(after.marks) <= set(before.marks)


@given(lights, st.lists(st.sampled_from("abcdefgh"), max_size=60), st.lists(st.sampled_from("xyz"), max_size=60))
def test_score_lies_between_nought_and_a_hundred_and_is_the_sum_of_its_parts(
    stretches: list[tuple[int, int, int]], overdue: list[str], in_time: list[str]
) -> None:
    evaluation = one(history(stretches), with_cases(overdue=overdue, in_time=in_time))
    assert 0 <= evaluation.score <= 100
    assert evaluation.score == min(100, max(0, round(sum(part.points for part in evaluation.components), 2)))


@given(st.randoms(use_true_random=False))
def test_cases_count_the_same_in_any_order(random: Any) -> None:
    facts = [opened(0), fact(9, "noticed"), *cleared(30), fact(60, "reopened"), opened(80, "major", 2)]
    again = facts * 2
    random.shuffle(again)
    assert counted(*again) == counted(*facts)
    assert counted(*facts).relapse and counted(*facts).taken_up_late


# words and periods


def test_every_code_has_words_in_both_languages() -> None:
    for newly, _ in LADDER[1:]:
        for measure in POLICY.evaluation.measures_for(newly):
            assert all(measure_words(measure))
    everything = [indicator.code for indicator in CATALOGUE.indicators]
    omissions: Any = {VILLAGE: {"late": ["a"], "missed": ["b"], "concealed": ["c"]}}
    lists = {name: ["a"] for name in ("taken_up_late", "overdue", "relapse", "in_time")}
    days = lit(measured({"1.1.1": 91}), everything, R, 90)
    days.findings.append(Finding(0, 0, "f"))
    earlier = {VILLAGE: Earlier(period="2025H2", score=61.0, grade="fair")}
    worst = one(days, Evidence({VILLAGE: counts(**lists)}, omissions, earlier))
    assert {part.code for part in worst.components} == set(COMPONENTS)
    red = green()
    red.close[0, 0] = R
    reasons = [*worst.reasons, *one(red).reasons, *one(lit(green(), everything, R, 50)).reasons]
    reasons += [*summary(["paralysed"], ["fair"]).reasons, *summary(["fair"] * 3, ["weak"] * 3, 95).reasons]
    reasons += [*with_commendations([township(1, 95)], POLICY)[0].reasons]
    reasons += with_commendations([county(1, 95)], POLICY)[0].reasons
    for reason in reasons:
        zh, en = reason_words(reason, POLICY.evaluation)
        assert zh and en and "{" not in zh + en
    assert reason_words(worst.reasons[1], POLICY.evaluation)[0] == "党组织书记空缺超过90天"
    assert len({reason.code for reason in reasons}) == 10


@pytest.mark.parametrize(
    ("name", "first", "last", "previous"),
    [
        ("2026H1", "2026-01-01", "2026-06-30", "2025H2"),
        ("2026H2", "2026-07-01", "2026-12-31", "2026H1"),
        ("2026Y", "2026-01-01", "2026-12-31", "2025Y"),
    ],
)
def test_periods_are_half_years_and_years(name: str, first: str, last: str, previous: str) -> None:
    period = parse_period(name)
    days = calendar.day_of(period.first_day), calendar.day_of(period.last_day)
    assert days == (date.fromisoformat(first), date.fromisoformat(last))
    assert period.previous.name == previous


@pytest.mark.parametrize("name", ["", "2026", "2026H3", "2026h1", "26H1", "2026H1-2", "２０２６H1", "0001H1"])
def test_what_names_no_period_is_refused(name: str) -> None:
    with pytest.raises(PeriodError, match="2026H1"):
        parse_period(name)


@pytest.mark.parametrize(
    ("day", "names"),
    [
        ("2026-06-30", []),
        ("2026-07-01", ["2026H1"]),
        ("2026-07-15", ["2026H1"]),
        ("2026-07-16", []),
        ("2027-01-01", ["2026H2", "2026Y"]),
    ],
)
def test_periods_are_closed_from_the_day_after_for_as_long_as_tablets_may_be_away(day: str, names: list[str]) -> None:
    closed = periods_closed(calendar.epoch_day(date.fromisoformat(day)), 15)
    assert [period.name for period in closed] == names


def test_villages_of_other_counties_are_told_apart() -> None:
    facts = [opened(0), fact(0, "opened", 1, OTHER_COUNTY, indicator="4.2.1", severity="major")]
    found = case_counts(fold_cases(facts, POLICY), POLICY, FIRST, LAST)
    assert set(found) == {VILLAGE, OTHER_COUNTY}
