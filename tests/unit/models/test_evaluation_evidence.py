"""What evaluations are made from: lights counted day by day, findings of patrols, omissions; and their versions."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import calendar
from models.cases import CaseFact, CaseSpans, case_spans, fold_cases
from models.catalogue import default_catalogue
from models.documents import Component, Decision, Evaluation, Omission, Response, Summary
from models.evaluation import (
    LightDays,
    decided_grade,
    is_decided,
    light_days,
    next_version,
    version_id,
)
from models.evaluation.changes import change_words
from models.evaluation.deciding import decision_fault
from models.evaluation.patrols import Finding
from models.history import lights_by_day
from models.policy import default_policy
from models.readings import ReadingLog
from models.truthfulness import counted_omissions, omission_step
from tests.event_documents import NEIGHBOUR, VILLAGE

CATALOGUE, POLICY = default_catalogue(), default_policy()
FIRST, LAST = 20_454, 20_463  # ten days
DAYS = range(FIRST, LAST + 1)
POSTS = CATALOGUE.index["1.1.2"]  # a number: above 0 yellow, above 1 red, read every 90 days
G, S, Y, R = range(4)
Read = tuple[int, int, float]


def log(reads: list[Read]) -> ReadingLog:
    """Readings of 1.1.2 by (village, day counted from the first, value), at noon."""
    village, day, value = zip(*reads, strict=True) if reads else ((), (), ())
    noon = (FIRST + np.array(day, np.int64)) * calendar.MS_PER_DAY + calendar.MS_PER_DAY // 6
    ulids = [f"{n:026d}" for n in range(len(reads))]
    indicator = np.full(len(reads), POSTS, np.uint8)
    return ReadingLog(np.array(village, np.int32), indicator, noon, np.array(ulids, "S26"), np.array(value, np.float64))


def spans(*facts: CaseFact) -> CaseSpans:
    return case_spans(fold_cases(facts, POLICY), {VILLAGE: 0, NEIGHBOUR: 1}, CATALOGUE.index)


def case(day: int, severity: str) -> CaseFact:
    ms = (FIRST + day) * calendar.MS_PER_DAY
    return CaseFact(VILLAGE, "c", ms, "c", "opened", indicator="1.1.2", severity=severity)


def days(rounds: list[Read], inspections: list[Read] | None = None, *facts: CaseFact) -> LightDays:
    return light_days(log(rounds), log(inspections or []), spans(*facts), CATALOGUE.rules, 2, FIRST, DAYS)


def test_days_in_each_light_are_counted_by_what_was_known_at_the_end_of_each() -> None:
    # green until day 3, yellow on days 3 to 5, red from day 6 on: 3 + 3 + 4 days
    found = days([(0, 3, 1), (0, 6, 2)])
    assert found.count[0, POSTS].tolist() == [3, 0, 3, 4]
    assert found.count[1, POSTS].tolist() == [10, 0, 0, 0]
    assert (found.n_days, found.close[0, POSTS], found.value[0, POSTS]) == (10, R, 2)


def test_readings_from_before_the_first_day_count_and_those_after_the_last_do_not() -> None:
    assert days([(0, -100, 2), (0, 10, 0)]).count[0, POSTS, R] == 10


def test_case_lights_the_days_on_which_it_was_open() -> None:
    assert days([], None, case(8, "major")).count[0, POSTS].tolist() == [8, 0, 0, 2]


def test_inspection_counts_as_a_reading_too() -> None:
    assert days([], [(0, 9, 2)]).close[0, POSTS] == R


@pytest.mark.parametrize(
    ("rounds", "seen", "facts", "is_found"),
    [
        ([(0, 1, 0.0)], 1.0, [], True),  # reported in order, found yellow
        ([(0, 1, 1.0)], 2.0, [], True),  # reported yellow, found red
        ([(0, 1, 2.0)], 2.0, [], False),  # as reported
        ([(0, 1, 2.0)], 0.0, [], False),  # better than reported
        ([], 0.0, [], False),
        ([], 1.0, [], True),  # nothing was reported at all
        ([(0, 6, 1.0)], 1.0, [], False),  # reported on the same day
        ([(0, 7, 1.0)], 1.0, [], True),  # reported only after the patrol
        ([(1, 1, 2.0)], 1.0, [], True),  # of another village
        ([], 2.0, [case(5, "major")], False),  # a case was open on it
        ([], 2.0, [case(5, "general")], True),  # … but only a yellow one
    ],
)
def test_finding_is_a_light_worse_than_what_rounds_and_cases_had_said(
    rounds: list[Read], seen: float, facts: list[CaseFact], is_found: bool
) -> None:
    found = days(rounds, [(0, 6, seen)], *facts).findings
    assert found == ([Finding(0, POSTS, "0" * 26)] if is_found else [])


def test_inspection_outside_the_period_is_no_finding_of_it() -> None:
    assert days([], [(0, -1, 2.0), (0, 10, 2.0)]).findings == []


reads = st.lists(st.tuples(st.integers(0, 1), st.integers(-5, 12), st.sampled_from([0.0, 1.0, 2.0])), max_size=12)


@settings(max_examples=50)
@given(reads, reads, st.randoms(use_true_random=False))
def test_order_of_arrival_makes_no_difference_and_days_are_those_of_the_light_function(
    rounds: list[Read], inspections: list[Read], random: Any
) -> None:
    rounds, inspections = list(dict.fromkeys(rounds)), list(dict.fromkeys(inspections))
    told, checks = log(rounds), log(inspections)

    def shuffled(one: ReadingLog) -> ReadingLog:
        rows = list(range(len(one)))
        random.shuffle(rows)
        return one.take(np.array(rows, np.intp))

    found = light_days(told, checks, spans(), CATALOGUE.rules, 2, FIRST, DAYS)
    again = light_days(shuffled(told), shuffled(checks), spans(), CATALOGUE.rules, 2, FIRST, DAYS)
    assert (found.count == again.count).all() and (found.close == again.close).all()
    assert found.findings == again.findings
    whole = ReadingLog(
        *(np.concatenate([getattr(told, f), getattr(checks, f)]) for f in ("village", "indicator")),
        *(np.concatenate([getattr(told, f), getattr(checks, f)]) for f in ("observed_ms", "ulid", "value")),
    )
    by_day = [light for _, light in lights_by_day(whole, spans(), CATALOGUE.rules, 2, FIRST, DAYS)]
    for code in (G, S, Y, R):
        assert (found.count[:, :, code] == sum((light == code).astype(int) for light in by_day)).all()
    assert (found.count.sum(axis=2) == 10).all()


# omissions


ABOUT = f"{VILLAGE}:report:a217:01ARZ3NDEKTSV4RRFFQ69G5F00"


def omission(number: int, step: str, about: str = ABOUT, day: int = 1, **fields: Any) -> dict[str, Any]:
    at = f"{calendar.day_of(FIRST + day)}T{number:02d}:00:00+08:00"
    identity = f"{VILLAGE}:omission:i0421:01ARZ3NDEKTSV4RRFFQ69G5F{number:02d}"
    words = {"author": "office", "finding": "missed", "step": step, "about": about}
    return {"_id": identity, "type": "omission", "observed_at": at, "saved_at": at, **words, **fields}


def counted(*documents: dict[str, Any]) -> Any:
    steps = [omission_step(msgspec.convert(document, Omission)) for document in documents]
    return counted_omissions([step for step in steps if step is not None], FIRST, LAST)


def ulid(number: int) -> str:
    return f"01ARZ3NDEKTSV4RRFFQ69G5F{number:02d}"


@pytest.mark.parametrize(
    ("steps", "counts"),
    [
        (["found"], False),
        (["found", "confirmed"], True),
        (["found", "confirmed", "appealed"], False),
        (["found", "confirmed", "appealed", "upheld"], True),
        (["found", "confirmed", "appealed", "upheld", "appealed"], False),
        (["found", "confirmed", "appealed", "withdrawn"], False),
        (["found", "confirmed", "withdrawn"], False),
        (["found", "appealed"], False),
    ],
)
def test_omission_counts_when_it_was_confirmed_and_no_appeal_is_open(steps: list[str], counts: bool) -> None:
    chain = [omission(number, step) for number, step in enumerate(steps)]
    expected = {VILLAGE: {"missed": [ulid(1)]}} if counts else {}
    assert counted(*chain) == counted(*reversed(chain)) == expected


def test_steps_may_name_the_first_of_them_instead_of_what_was_omitted() -> None:
    first = omission(0, "found")
    confirmed = omission(1, "confirmed", about=first["_id"])
    appealed = omission(2, "appealed", about=confirmed["_id"])
    assert counted(first, confirmed) == {VILLAGE: {"missed": [ulid(1)]}}
    assert counted(first, confirmed, appealed) == {}


def test_steps_that_name_each_other_are_judged_all_the_same() -> None:
    first, second = omission(0, "found", about=omission(1, "x")["_id"]), omission(1, "confirmed")
    second["about"] = first["_id"]
    counted(first, second)


def test_omission_counts_in_the_period_in_which_it_was_confirmed_and_an_appeal_whenever_it_came() -> None:
    assert counted(omission(0, "found", day=-3), omission(1, "confirmed", day=0)) != {}
    assert counted(omission(0, "found", day=0), omission(1, "confirmed", day=10)) == {}
    assert counted(omission(1, "confirmed", day=9), omission(2, "appealed", day=40)) == {}


def test_two_omissions_count_apart() -> None:
    other = ABOUT[:-1] + "9"
    found = counted(omission(1, "confirmed"), omission(2, "confirmed", about=other, finding="late"))
    assert found == {VILLAGE: {"missed": [ulid(1)], "late": [ulid(2)]}}


def test_evidence_holds_no_alias_of_an_informant() -> None:
    assert "i0421" not in str(counted(omission(1, "confirmed")))


# versions


BASE = f"{VILLAGE}:evaluation:2026H1"


def evaluation(score: float, **fields: Any) -> Evaluation:
    return (
        Evaluation(
            id=BASE,
            score=score,
            grade="fair",
            from_day=calendar.day_of(FIRST),
            until_day=calendar.day_of(LAST),
            catalogue="1",
            policy="1",
            components=[Component(code="lights", points=score, amount=10)],
            response=Response(),
        )
        if not fields
        else msgspec.structs.replace(evaluation(score), **fields)
    )


def decision(about: str, score: float, number: int = 1, **fields: Any) -> Decision:
    at = f"{calendar.day_of(LAST)}T08:00:00+08:00"
    words = {"about": about, "score": score, "text": "同意", "observed_at": at, "saved_at": at}
    identity = f"{VILLAGE}:decision:office:{ulid(number)}"
    return msgspec.convert({"_id": identity, "type": "decision", **words, **fields}, Decision)


def test_first_computation_is_written_and_the_same_again_is_not() -> None:
    first = evaluation(70)
    assert next_version([], first, []) == first
    assert next_version([msgspec.structs.replace(first, rev="1-a")], first, []) is None


def test_proposal_is_written_over_until_somebody_decides() -> None:
    assert next_version([evaluation(70)], evaluation(71), []) == evaluation(71)


def test_decided_evaluation_is_never_written_again_and_a_later_one_says_what_changed() -> None:
    decided, about = evaluation(70), [decision(BASE, 70)]
    assert next_version([decided], evaluation(70), about) is None
    second = next_version([decided], evaluation(71), about)
    assert second is not None and second.id == f"{BASE}-2"
    said = [(change.what, change.old, change.new) for change in second.changes]
    assert said == [("score", "70", "71"), ("components.lights", "70.00 (10)", "71.00 (10)")]


def test_second_version_is_a_proposal_until_it_is_decided_and_then_stands_too() -> None:
    first, about = evaluation(70), [decision(BASE, 70)]
    second = next_version([first], evaluation(71), about)
    assert second is not None
    assert next_version([first, second], evaluation(71), about) is None
    changed = next_version([first, second], evaluation(72), about)
    assert changed is not None
    assert (changed.id, changed.score, changed.changes[0].old) == (second.id, 72, "70")
    both = [*about, decision(second.id, 71, 2)]
    third = next_version([first, second], evaluation(72), both)
    assert third is not None
    assert (third.id, third.changes[0].old) == (version_id(BASE, 3), "71")


def test_another_edition_that_comes_to_the_same_is_no_new_version() -> None:
    assert next_version([evaluation(70)], evaluation(70, policy="2"), [decision(BASE, 70)]) is None


def test_other_evidence_for_the_same_points_is_a_new_version() -> None:
    parts = [Component(code="lights", points=70, amount=10, evidence=[f"1.1.{n} y1 r0 s0" for n in range(40)])]
    other = next_version([evaluation(70)], evaluation(70, components=parts), [decision(BASE, 70)])
    assert other is not None
    assert [change.what for change in other.changes] == ["evidence.lights"]
    assert len(other.changes[0].new) <= 200


def test_decision_on_a_score_that_was_computed_otherwise_since_decides_nothing() -> None:
    assert is_decided(evaluation(70), [decision(BASE, 70)])
    assert not is_decided(evaluation(70), [decision(BASE, 69.5)])
    assert not is_decided(evaluation(70), [decision(f"{BASE}-2", 70)])


def test_first_decision_says_the_grade_and_confirms_the_proposed_one_where_it_names_none() -> None:
    assert decided_grade(evaluation(70), []) is None
    assert decided_grade(evaluation(70), [decision(BASE, 70)]) == "fair"
    both = [decision(BASE, 70, 2, grade="strong"), decision(BASE, 70, 1, grade="weak")]
    assert decided_grade(evaluation(70), both) == "weak"


def summary_of(mean: float, **fields: Any) -> Summary:
    response = Response(opened=2)
    words: dict[str, Any] = {"grades": {"strong": 3}, "marks": {}, "response": response, "policy": "1"}
    return Summary(id=f"{VILLAGE[:6]}:summary:2026H1", mean=mean, villages=3, **words | fields)


UNFIT = [
    (evaluation(70), {"measures": ["one_grade_lower"]}),
    (evaluation(70), {"measures": ["commendation", "criticism"]}),
    (evaluation(70), {"measures": ["criticism", "criticism"]}),
    (evaluation(70), {"grade": "weak", "measures": ["commendation"]}),
    (summary_of(70), {"grade": "weak"}),
    (summary_of(70), {"measures": ["one_grade_lower", "two_grades_lower"]}),
]


@pytest.mark.parametrize(("document", "fields"), UNFIT)
def test_measures_that_do_not_fit_or_contradict_one_another_are_refused(
    document: Evaluation | Summary, fields: dict[str, Any]
) -> None:
    fault = decision_fault(decision(document.id, 70, **fields), document, [], POLICY.evaluation)
    assert fault is not None and fault[0] == "unfit"


def test_decision_is_about_the_score_that_stands_there_and_is_made_once() -> None:
    policy = POLICY.evaluation
    fit = decision(BASE, 70, measures=["commendation"])
    assert decision_fault(fit, evaluation(70), [], policy) is None
    assert decision_fault(decision(summary_of(1).id, 70, measures=["no_merit"]), summary_of(70), [], policy) is None
    other = decision_fault(decision(BASE, 50), evaluation(70), [], policy)
    assert other is not None and other[0] == "other_score"
    again = decision_fault(decision(BASE, 70, 2), evaluation(70), [fit], policy)
    assert again is not None and again[0] == "already_decided" and "office" in again[1]


def test_changes_are_said_in_plain_words_of_both_languages() -> None:
    lights = Component(code="lights", points=98.5, amount=181, evidence=["4.2.1 y31 r3 s0"])
    late = Component(code="overdue", points=-1, amount=1, evidence=[ulid(1)])
    old = evaluation(100, response=Response(opened=1), components=[lights])
    new = evaluation(
        98.79,
        grade="fair",
        response=Response(opened=2, overdue=1),
        components=[msgspec.structs.replace(lights, points=99.79, evidence=["4.2.1 y32 r3 s0"]), late],
    )
    said = change_words(old, new, POLICY.evaluation, str)
    chinese = [zh for zh, _ in said]
    assert chinese[0] == "得分：100.00 → 98.79"
    assert "4.2.1 亮灯天数：黄 31 天、红 3 天、未报 0 天 → 黄 32 天、红 3 天、未报 0 天" in chinese
    assert "逾期：无 → -1.00 分" in chinese and "立项：1 → 2" in chinese
    assert all(sign not in "".join(chinese) for sign in '{}[]_"')
    assert next(en for _, en in said) == "score: 100.00 → 98.79"
    paralysed = summary_of(70, newly_paralysed=[VILLAGE], measures=["criticism"])
    moved = change_words(summary_of(70), paralysed, POLICY.evaluation, lambda _: "前屯村")
    assert [zh for zh, _ in moved] == ["新增瘫痪班子：无 → 前屯村", "拟定处理：无 → 通报批评"]
