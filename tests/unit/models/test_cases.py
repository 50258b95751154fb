"""Cases fold the same from any order of delivery, and light what they must, when they must."""

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any, Final, get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.calendar import epoch_day, to_ms
from models.cases import (
    Case,
    CaseFact,
    case_fact,
    case_spans,
    fold_cases,
    judge,
    light_changes,
    relapses,
    step_faults,
    voids,
)
from models.documents import CaseEvent, CaseStep, Report, Severity, decode_document
from models.lights import GREEN, RED, YELLOW
from models.policy import default_policy
from tests import event_documents as written

POLICY = default_policy()
VILLAGE = "371724109217"
CASE = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
START = datetime(2026, 3, 1, 4, tzinfo=UTC)
DAY0 = epoch_day(date(2026, 3, 1))


def fact(
    step: CaseStep,
    days: float,
    ulid: str = "",
    severity: Severity | None = None,
    due: int | None = None,
    case: str = CASE,
    **fields: object,
) -> CaseFact:
    """A step by the station's clerk, who also verifies unless the fields say otherwise."""
    at = START + timedelta(days=days)
    indicator = "4.2.1" if step == "opened" else None
    number = ulid or f"01ARZ3NDEKTSV4RRFFQ{int(days * 10):07d}"
    known = {"author": "z109", "verified_by": "z109" if step == "cleared" else None} | fields
    return CaseFact(VILLAGE, case, to_ms(at), number, step, indicator, severity, due, **known)


def cleared(days: float) -> tuple[CaseFact, ...]:
    """What the village did, the review that found it better, and the all-clear."""
    earlier = [f"01ARZ3NDEKTSV4RRFF{letter}{int(days * 10):07d}" for letter in "NP"]
    done = fact("submitted", days, author="a217", ulid=earlier[0])
    return done, fact("reviewed", days, is_better=True, ulid=earlier[1]), fact("cleared", days)


def at_ms(days: float) -> int:
    return to_ms(START + timedelta(days=days))


def one(*facts: CaseFact) -> Case:
    (case,) = fold_cases(facts, POLICY)
    return case


def light_on(case: Case, days: int) -> int:
    spans = case_spans([case], {VILLAGE: 0}, {"4.2.1": 0})
    return int(spans.on(DAY0 + days, 1, 1)[0, 0])


@pytest.mark.parametrize(
    ("severity", "days", "light"),
    [
        ("general", -1, GREEN),
        ("general", 0, YELLOW),
        ("general", 15, YELLOW),  # the deadline's own day is in time
        ("general", 16, RED),  # a yellow past its deadline turns red
        ("major", 0, RED),
        ("major", 400, RED),
        ("minor", 0, GREEN),  # small problems are settled in the village
        ("minor", 30, GREEN),
        ("minor", 31, YELLOW),
    ],
)
def test_an_open_case_lights_by_severity_and_deadline(severity: Severity, days: int, light: int) -> None:
    assert light_on(one(fact("opened", 0, severity=severity)), days) == light


def test_nothing_but_an_all_clear_takes_a_light_back() -> None:
    opened = fact("opened", 0, severity="major")
    for later in (
        fact("opened", 1, severity="minor"),
        fact("escalated", 1, severity="minor"),
        fact("escalated", 1, severity="general"),
    ):
        assert light_on(one(opened, later), 2) == RED
    assert light_on(one(fact("opened", 0, severity="minor"), fact("escalated", 1, severity="general")), 2) == YELLOW


def test_a_case_is_not_cleared_before_it_was_opened() -> None:
    case = one(fact("opened", 0), *cleared(-300))
    assert (case.cleared_day, [aside.code for aside in case.set_aside]) == (None, ["cleared_before_opened"])


def folded(*documents: dict[str, Any]) -> Case:
    facts = (case_fact(decode_document(msgspec.json.encode(one))) for one in documents)
    return one(*(fact for fact in facts if fact is not None))


def test_a_step_counts_from_when_it_was_saved_and_not_from_when_it_is_said_to_have_been() -> None:
    opened = written.report(VILLAGE, 0)
    words = {"found": "查明", "done": "已公布", "verified_by": "office"}
    steps = [
        written.step(opened, 40, "progress", text="已公布", author="a217"),
        written.step(opened, 41, "reviewed", text="好转", is_better=True),
        written.step(opened, 42, "cleared", **words),
    ]
    case = folded(opened, *(one | {"observed_at": written.instant(3)} for one in steps))
    assert (case.taken_up_day, case.cleared_day) == (DAY0 + 40, DAY0 + 42)
    assert light_on(case, 41) == RED  # it was overdue until then


def test_a_step_that_was_saved_before_its_matter_was_reported_is_none_of_it() -> None:
    seen_long_ago = written.report(VILLAGE, 0) | {"saved_at": written.instant(30)}
    early = written.step(seen_long_ago, 5, "progress", text="已公布")
    case = folded(seen_long_ago, early)
    assert (case.taken_up_day, [aside.code for aside in case.set_aside]) == (None, ["before_report"])
    # the clocks of two devices differ by what the door forgives
    at_once = early | {"saved_at": written.instant(30).replace("T08:00", "T07:51")}
    assert folded(seen_long_ago, at_once).set_aside == ()


def test_the_time_of_the_offices_runs_from_when_a_matter_was_written_down() -> None:
    told_late = written.report(VILLAGE, 0, severity="major") | {"saved_at": written.instant(17)}
    case = folded(told_late)
    assert (case.opened_day, case.due_day) == (DAY0, DAY0 + 17 + POLICY.follow_up_days.major)
    assert light_on(case, 0) == RED  # it was there
    assert [case.is_overdue(DAY0 + day) for day in (17, 24, 25)] == [False, False, True]
    within = POLICY.response_to("major").take_up_days
    assert [case.is_untaken(DAY0 + 17 + day, within) for day in (0, within, within + 1)] == [False, False, True]
    assert light_changes(folded(told_late | {"severity": "minor"}), DAY0 + 60) == [(DAY0 + 48, YELLOW)]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_several_openings_the_first_that_was_saved_sets_the_time(order: tuple[int, int]) -> None:
    first = written.report(VILLAGE, 0) | {"saved_at": written.instant(4)}
    amended = written.report(VILLAGE, 0, number=1) | {"saved_at": written.instant(9), "amends": first["_id"]}
    case = folded(*((first, amended)[at] for at in order))
    assert case.times[0].known_day == DAY0 + 4
    assert case.due_day == DAY0 + 4 + POLICY.follow_up_days.general


@pytest.mark.parametrize(("first", "then", "due"), [(10, 14, 10), (10, 5, 5), (10, None, 10), (None, 40, 15)])
def test_no_correction_of_an_opening_puts_its_day_off(first: int | None, then: int | None, due: int) -> None:
    days = [None if day is None else DAY0 + day for day in (first, then)]
    opened = fact("opened", 0, severity="general", due=days[0])
    case = one(opened, fact("opened", 0, f"{CASE[:-1]}Z", severity="general", due=days[1], saved_ms=at_ms(9)))
    assert case.due_day == DAY0 + due


def test_an_offices_deadline_replaces_the_policys() -> None:
    case = one(fact("opened", 0, severity="general"), fact("deadline", 1, due=DAY0 + 40))
    assert [light_on(case, d) for d in (0, 40, 41)] == [YELLOW, YELLOW, RED]


def test_a_cleared_case_lights_no_more_from_that_day() -> None:
    case = one(fact("opened", 0, severity="major"), *cleared(5))
    assert [light_on(case, d) for d in (4, 5, 6)] == [RED, GREEN, GREEN]
    assert case.cleared_day == DAY0 + 5


def test_the_days_on_which_a_cases_light_changed_are_told_up_to_a_day() -> None:
    opened = fact("opened", 0, severity="general")
    changes = [(DAY0, YELLOW), (DAY0 + 16, RED), (DAY0 + 20, GREEN), (DAY0 + 30, YELLOW)]
    whole = one(opened, *cleared(20), fact("reopened", 30))
    for days, count in ((0, 1), (15, 1), (16, 2), (20, 3), (45, 4)):
        assert light_changes(whole, DAY0 + days) == changes[:count]
    assert light_changes(one(opened, *cleared(0)), DAY0 + 9) == []  # it never lit anything
    small = one(fact("opened", 0, severity="minor"))
    assert light_changes(small, DAY0 + 40) == [(DAY0 + 31, YELLOW)]


def test_an_escalated_case_turns_red_with_a_deadline_of_its_own() -> None:
    case = one(fact("opened", 0, severity="general"), fact("escalated", 3))
    assert [light_on(case, d) for d in (2, 3)] == [YELLOW, RED]
    assert case.due_day == DAY0 + 3 + POLICY.follow_up_days.major


@pytest.mark.parametrize(("known", "then"), [("minor", "general"), ("general", "major"), ("major", "major")])
def test_who_hands_up_without_a_word_of_how_bad_it_is_hands_it_one_level_up(known: Severity, then: Severity) -> None:
    assert one(fact("opened", 0, severity=known), fact("escalated", 1)).severity == then


def test_to_hand_up_what_is_no_graver_gives_no_new_time() -> None:
    opened = fact("opened", 0, severity="major")
    due = one(opened).due_day
    again = [fact("escalated", day) for day in (2, due - DAY0 + 3, due - DAY0 + 9)]
    assert [one(opened, *again[:count]).due_day for count in range(4)] == [due] * 4


def test_to_hand_up_puts_no_orders_day_off() -> None:
    opened = fact("opened", 0, severity="general")
    order = fact("deadline", 2, due=DAY0 + 4, department="民政", office=VILLAGE[:6], notice="371724:notice:2026-0001")
    worse = one(opened, order, fact("escalated", 3, severity="major"))
    assert (worse.due_day, worse.due_by, worse.severity) == (DAY0 + 4, VILLAGE[:6], "major")
    # a term that is shorter still counts
    far = msgspec.structs.replace(order, due_day=DAY0 + 60)
    assert one(opened, far, fact("escalated", 3, severity="major")).due_day == DAY0 + 3 + POLICY.follow_up_days.major


@pytest.mark.parametrize(
    ("known", "said", "is_legal"),
    [
        ("minor", "minor", False),
        ("general", "minor", False),
        ("general", "general", False),
        ("major", "general", False),
        ("minor", "general", True),
        ("general", "major", True),
        ("major", "major", True),  # the county hands it to the city
        ("minor", None, True),
        ("major", None, True),
    ],
)
def test_what_is_handed_up_is_graver_than_it_was_known_to_be(
    known: Severity, said: Severity | None, is_legal: bool
) -> None:
    opened, up = fact("opened", 0, severity=known), fact("escalated", 1, severity=said)
    illegal = judge([opened], up, POLICY)
    assert (None if illegal is None else illegal.code) == (None if is_legal else "not_graver")


@pytest.mark.parametrize(("days_later", "is_relapse"), [(1, True), (184, True), (185, False)])
def test_reopening_within_half_a_year_is_a_relapse(days_later: int, is_relapse: bool) -> None:
    case = one(fact("opened", 0, severity="general"), *cleared(5), fact("reopened", 5 + days_later))
    assert case.is_open
    assert case.is_relapse == is_relapse
    assert light_on(case, 5 + days_later) == YELLOW


def test_what_relapsed_once_and_comes_back_after_half_a_year_is_no_relapse_again() -> None:
    first = (fact("opened", 0, severity="general"), *cleared(5), fact("reopened", 30), *cleared(40))
    assert one(*first).is_relapse
    long_after = one(*first, fact("reopened", 40 + 185))
    assert (long_after.is_relapse, long_after.relapse_days) == (False, (DAY0 + 30,))
    assert one(*first, fact("reopened", 40 + 185), *cleared(230), fact("reopened", 231)).is_relapse


def test_reopening_what_was_never_cleared_is_set_aside() -> None:
    opened = fact("opened", 0, severity="general")
    reopened = fact("reopened", 3)
    case = one(opened, reopened)
    assert [(aside.ulid, aside.code) for aside in case.set_aside] == [(reopened.ulid, "case_open")]
    assert msgspec.structs.replace(case, set_aside=()) == one(opened)


def test_steps_of_a_case_whose_opening_is_still_on_a_tablet_wait_for_it() -> None:
    assert fold_cases([fact("noticed", 1), *cleared(2)], POLICY) == []


STEPS: tuple[CaseStep, ...] = get_args(CaseStep)
severities = st.sampled_from(["minor", "general", "major"])
people = st.sampled_from(["z109", "g24", "a217"])
facts = st.lists(
    st.builds(
        fact,
        st.sampled_from([*STEPS, "opened", "reviewed", "cleared", "cleared"]),
        st.floats(0, 300, allow_nan=False),
        st.integers(0, 10**6).map("01ARZ3NDEKTSV4RRFFQ{:07d}".format),
        severities | st.none(),
        st.none() | st.integers(DAY0, DAY0 + 400),
        st.sampled_from([CASE, CASE[:-1] + "W"]),
        author=people,
        verified_by=people,
        is_better=st.booleans() | st.none(),
        office=st.sampled_from([None, VILLAGE, VILLAGE[:9], VILLAGE[:6], "民政"]),
        department=st.sampled_from([None, "民政", "土地"]),
        notice=st.sampled_from([None, None, "371724:notice:2026-0001", "371724109:notice:2026-0001"]),
    ),
    max_size=12,
    unique_by=lambda f: f.ulid,
)
#: Orders of arrival tried for each history: with a thousand histories, ten thousand sequences.
ORDERS = 10


@settings(max_examples=1_000, deadline=None)
@given(facts, st.randoms(use_true_random=False))
def test_every_order_of_arrival_ends_in_the_same_state(found: list[CaseFact], random: Random) -> None:
    expected = fold_cases(found, POLICY)
    for _ in range(ORDERS):
        shuffled = found + found[:3]
        random.shuffle(shuffled)
        assert fold_cases(shuffled, POLICY) == expected


@settings(max_examples=300, deadline=None)
@given(facts, st.randoms(use_true_random=False))
def test_the_door_refuses_what_the_fold_sets_aside_and_what_waits_there_is_taken_once_it_is_legal(
    found: list[CaseFact], random: Random
) -> None:
    """Whatever order steps arrive in, and however often those that were refused are tried again: the end is the same as
    if all had been there at once, and each step was either taken or is kept with its reason."""
    arriving = [f for f in found if f.step != "opened"]
    random.shuffle(arriving)
    taken = [f for f in found if f.step == "opened"]
    refused = arriving
    while True:
        waiting, refused = refused, []
        for step in waiting:
            known = [f for f in taken if f.case == step.case]
            if judge(known, step, POLICY) is None:
                taken.append(step)
            else:
                refused.append(step)
        if len(refused) == len(waiting):
            break
    cases, whole = fold_cases(taken, POLICY), fold_cases(found, POLICY)
    bare = [msgspec.structs.replace(case, set_aside=()) for case in cases]
    assert bare == [msgspec.structs.replace(case, set_aside=()) for case in whole]
    set_aside = {aside.ulid for case in whole for aside in case.set_aside}
    assert {f.ulid for f in refused if any(case.case == f.case for case in whole)} <= set_aside


@given(facts)
def test_what_is_set_aside_has_no_effect(found: list[CaseFact]) -> None:
    for case in fold_cases(found, POLICY):
        set_aside = {aside.ulid for aside in case.set_aside}
        kept = [f for f in found if f.case == case.case and f.ulid not in set_aside]
        assert one(*kept) == msgspec.structs.replace(case, set_aside=())


@settings(max_examples=30, deadline=None)
@given(facts)
def test_the_changes_of_a_cases_light_are_those_that_its_spans_show(found: list[CaseFact]) -> None:
    for case in fold_cases(found, POLICY):
        lit = dict(light_changes(case, DAY0 + 500))
        light = GREEN
        for day in range(501):
            light = lit.get(DAY0 + day, light)
            assert light == light_on(case, day)


@given(facts)
def test_a_case_has_one_owner_and_is_cleared_by_nobody_who_acted(found: list[CaseFact]) -> None:
    for case in fold_cases(found, POLICY):
        assert case.owner
        assert (case.stage == "cleared") == (case.cleared_day is not None)
        assert case.asked != case.owner


@given(facts)
def test_segments_of_a_case_follow_each_other_and_end_with_the_clearing(found: list[CaseFact]) -> None:
    for case in fold_cases(found, POLICY):
        for before, after in zip(case.segments, case.segments[1:], strict=False):
            assert before.from_day < before.until_day <= after.from_day
        if case.cleared_day is not None:
            assert all(s.until_day <= max(case.cleared_day, s.until_day) for s in case.segments)
            assert light_on(case, 10_000) == GREEN
        else:
            assert light_on(case, 10_000) in (YELLOW, RED)


OPENED = fact("opened", 0, severity="general", author="i0421")
#: A step by the village's administrator.
ACTED: tuple[CaseStep, dict[str, object]] = ("submitted", {"author": "a217"})


@pytest.mark.parametrize(
    ("steps", "stage"),
    [
        ([], "warned"),
        (["noticed"], "noticed"),
        (["noticed", "taken"], "handling"),
        (["progress"], "handling"),
        (["assigned"], "handling"),
        (["submitted"], "review"),
        (["submitted", "progress"], "review"),
        (["submitted", "team_sent"], "handling"),
        (["submitted", "reviewed worse"], "handling"),
        (["progress", "reviewed"], "review"),
        (["progress", "reviewed", "escalated"], "handling"),
        (["progress", "reviewed", "cleared"], "cleared"),
        (["progress", "reviewed", "cleared", "progress"], "cleared"),
        (["progress", "reviewed", "cleared", "reopened"], "warned"),
        # illegal ones change nothing
        (["cleared"], "warned"),
        (["progress", "reviewed", "reviewed worse", "cleared"], "handling"),
        (["reviewed", "cleared"], "warned"),
        (["progress", "reviewed", "cleared", "noticed"], "cleared"),
        (["reopened"], "warned"),
    ],
)
def test_steps_lead_from_stage_to_stage(steps: list[str], stage: str) -> None:
    found = [OPENED]
    for day, words in enumerate(steps, 1):
        step, _, worse = words.partition(" ")
        actor = "a217" if step in ("progress", "submitted") else "z109"
        found.append(fact(step, day, author=actor, is_better=not worse))  # type: ignore[arg-type]
    assert one(*found).stage == stage


def test_a_minor_matter_is_reported_and_becomes_a_warning_when_it_is_not_settled_in_time() -> None:
    case = one(fact("opened", 0, severity="minor"))
    assert [case.stage_on(DAY0 + day) for day in (0, 30, 31)] == ["reported", "reported", "warned"]


_ACTED: Final = "verifier_acted"


@pytest.mark.parametrize(
    ("steps", "code"),
    [
        # nothing closes, nor is found better, before somebody did something
        ([("cleared", {})], "not_acted"),
        ([("taken", {"office": VILLAGE[:9]}), ("assigned", {}), ("reviewed", {})], "not_acted"),
        ([("reviewed", {"is_better": False}), ("cleared", {})], "not_acted"),
        ([ACTED, ("cleared", {})], "not_reviewed"),
        ([ACTED, ("reviewed", {"is_better": False}), ("cleared", {})], "not_reviewed"),
        ([ACTED, ("reviewed", {}), ("cleared", {"verified_by": "g24"})], "not_reviewed"),
        ([("progress", {}), ("reviewed", {})], "verifier_acted"),
        ([("submitted", {}), ("reviewed", {})], "verifier_acted"),
        # who reviewed and acted afterwards verifies nothing
        ([ACTED, ("reviewed", {}), ("progress", {}), ("cleared", {})], "verifier_acted"),
        ([ACTED, ("team_sent", {}), ("reviewed", {})], "verifier_acted"),
        # a department that acted is no verifier, whoever of it looks
        (
            [("submitted", {"author": "mz1", "office": "民政"}), ("reviewed", {"author": "mz2", "office": "民政"})],
            _ACTED,
        ),
        (
            [
                ACTED,
                ("reviewed", {"author": "mz2", "office": "民政"}),
                ("progress", {"author": "mz1", "office": "民政"}),
                ("cleared", {"verified_by": "mz2"}),
            ],
            "not_reviewed",
        ),
        ([ACTED, ("reviewed", {}), ("cleared", {}), ("cleared", {})], "case_closed"),
        ([ACTED, ("reviewed", {}), ("cleared", {}), ("assigned", {})], "case_closed"),
        ([("reopened", {})], "case_open"),
        # a review speaks for what was done before it: what is handed over, ordered or graver is looked at again
        ([ACTED, ("reviewed", {}), ("escalated", {"severity": "major"}), ("cleared", {})], "not_reviewed"),
        ([ACTED, ("reviewed", {}), ("assigned", {}), ("cleared", {})], "not_reviewed"),
        ([ACTED, ("reviewed", {}), ("deadline", {"due": DAY0 + 40}), ("cleared", {})], "not_reviewed"),
        ([ACTED, ("reviewed", {}), ("submitted", {"author": "a218"}), ("cleared", {})], "not_reviewed"),
        # a case that came back is reviewed anew
        ([ACTED, ("reviewed", {}), ("cleared", {}), ("reopened", {}), ("cleared", {})], "not_acted"),
        ([ACTED, ("reviewed", {}), ("cleared", {}), ("reopened", {}), ACTED, ("cleared", {})], "not_reviewed"),
    ],
)
def test_an_illegal_step_is_refused_with_its_reason(steps: list[tuple[CaseStep, dict[str, object]]], code: str) -> None:
    known = [OPENED]
    for day, (step, fields) in enumerate(steps[:-1], 1):
        new = fact(step, day, **fields)
        assert judge(known, new, POLICY) is None
        known.append(new)
    last, fields = steps[-1]
    found = judge(known, fact(last, len(steps), **fields), POLICY)
    assert found is not None and found.code == code


def judged(severity: Severity, *steps: tuple[CaseStep, dict[str, object]]) -> str | None:
    """Why the last step of a matter is refused."""
    found = [fact("opened", 0, severity=severity, author="i0421")]
    found += [fact(step, day, **fields) for day, (step, fields) in enumerate(steps, 1)]
    illegal = judge(found[:-1], found[-1], POLICY)
    return None if illegal is None else illegal.code


def test_a_small_matter_is_settled_by_the_villages_administrator_and_its_station() -> None:
    assert judged("minor", ACTED, ("cleared", {})) is None
    assert judged("minor", ("cleared", {})) == "not_acted"
    # another department, or an office, has looked from outside
    done: tuple[CaseStep, dict[str, object]] = ("submitted", {"author": "mz1", "office": "民政"})
    assert judged("general", done, ("reviewed", {"author": "sl1", "office": "水利"})) is None
    assert judged("general", done, ("reviewed", {"author": "z109", "office": VILLAGE[:9]})) is None
    own = ("progress", {"author": "z109"})
    assert judged("minor", own, ("cleared", {})) == "verifier_acted"
    # a colleague's name alone verifies nothing: the colleague says so, by a review or with the all-clear
    assert judged("minor", own, ("cleared", {"verified_by": "z109b"})) == "not_reviewed"
    reviewed = ("reviewed", {"author": "z109b", "is_better": True})
    assert judged("minor", own, reviewed, ("cleared", {"verified_by": "z109b"})) is None
    assert judged("minor", own, ("cleared", {"author": "z109b", "verified_by": "z109b"})) is None


@given(facts)
def test_nothing_is_cleared_by_one_person_alone(found: list[CaseFact]) -> None:
    for case in fold_cases(found, POLICY):
        if case.stage == "cleared":
            void = {aside.ulid for aside in case.set_aside}
            kept = [f for f in found if f.case == case.case and f.ulid not in void]
            order = sorted(kept, key=lambda f: (f.at_ms, f.ulid))
            last = max(at for at, f in enumerate(order) if f.step == "cleared")
            first = max((at for at, f in enumerate(order[:last]) if f.step == "reopened"), default=0)
            acted = {f.author for f in order[first:last] if f.step in ("progress", "submitted", "team_sent")}
            assert acted and order[last].verified_by not in acted


def test_a_step_is_judged_where_it_happened_and_not_where_it_arrives() -> None:
    known = [OPENED, *cleared(9)]
    assert judge(known, fact("noticed", 2), POLICY) is None
    assert judge(known, fact("noticed", 10), POLICY) is not None


@pytest.mark.parametrize(("severity", "owner"), [("minor", 12), ("general", 9), ("major", 6)])
def test_severity_says_who_must_act(severity: Severity, owner: int) -> None:
    assert one(fact("opened", 0, severity=severity)).owner == VILLAGE[:owner]


def test_the_first_office_asked_keeps_a_case_until_another_takes_it() -> None:
    steps = [fact("opened", 0, severity="minor", office="371724"), fact("assigned", 1, department="民政")]
    assert (one(*steps).owner, one(*steps).asked, one(*steps).first_asked) == ("371724", "民政", "371724")
    steps.append(fact("taken", 2, office="民政"))
    assert (one(*steps).owner, one(*steps).asked) == ("民政", None)


def test_several_that_were_asked_go_together_until_each_has_taken_it() -> None:
    steps = [fact("opened", 0, severity="major")]
    steps += [fact("assigned", day, department=name) for day, name in ((1, "民政"), (2, "农业"))]
    assert (one(*steps).asked, one(*steps).called) == ("农业", ("民政", "农业"))
    taken = one(*steps, fact("taken", 3, office="农业"))
    assert (taken.owner, taken.asked, taken.called) == ("农业", None, ("民政",))
    assert taken.may_be_taken_by("民政")
    assert one(*steps, *cleared(4)).called == ()


def test_a_case_that_came_back_waits_anew_to_be_taken_up() -> None:
    steps = [fact("opened", 0, severity="major"), *cleared(2)]
    assert not one(*steps).is_untaken(DAY0 + 300, 1)
    back = [*steps, fact("reopened", 100)]
    assert not one(*back).is_untaken(DAY0 + 101, 1)
    assert one(*back).is_untaken(DAY0 + 102, 1)
    assert not one(*back, fact("progress", 101)).is_untaken(DAY0 + 102, 1)


@pytest.mark.parametrize(
    ("severity", "asked", "office", "may"),
    [
        ("major", None, VILLAGE[:6], True),
        ("major", None, VILLAGE[:4], True),  # the city stands above the county that must act
        ("major", None, VILLAGE[:9], False),
        ("major", None, VILLAGE, False),
        ("general", None, VILLAGE[:6], True),
        ("general", None, VILLAGE, False),
        ("general", None, "民政", False),
        ("general", {"department": "民政"}, "民政", True),
        ("general", {"department": "民政"}, "财政", False),
        ("general", {"office": VILLAGE}, VILLAGE, True),
        ("minor", None, VILLAGE, True),
    ],
)
def test_a_case_is_taken_by_who_was_asked_or_must_act_or_stands_above(
    severity: Severity, asked: dict[str, str] | None, office: str, may: bool
) -> None:
    steps = [fact("opened", 0, severity=severity)]
    if asked is not None:
        steps.append(fact("assigned", 1, **asked))
    taken = fact("taken", 2, office=office)
    assert one(*steps).may_be_taken_by(office) == may
    assert (judge(steps, taken, POLICY) is None) == may
    assert (one(*steps, taken).owner == office) == may


def test_what_is_handed_up_stays_with_its_owner_until_the_office_above_takes_it() -> None:
    steps = [fact("opened", 0, severity="general"), fact("escalated", 1)]
    assert (one(*steps).owner, one(*steps).asked) == (VILLAGE[:9], VILLAGE[:6])
    assert one(*steps, fact("taken", 2, office=VILLAGE[:6])).owner == VILLAGE[:6]


@pytest.mark.parametrize(
    ("severity", "office", "asked"),
    [
        ("major", VILLAGE[:9], VILLAGE[:6]),  # a station hears of a fight: the county is asked at once
        ("general", VILLAGE[:6], VILLAGE[:9]),
        ("minor", VILLAGE[:9], VILLAGE),
        ("general", VILLAGE[:9], None),
        ("major", None, None),
    ],
)
def test_the_office_that_must_act_is_asked_for_what_another_one_received(
    severity: Severity, office: str | None, asked: str | None
) -> None:
    case = one(fact("opened", 0, severity=severity, office=office))
    assert (case.owner, case.asked) == (office or VILLAGE[:6], asked)


def test_those_that_are_told_at_once_say_that_they_have_seen_it_and_are_told_anew_when_it_grows_worse() -> None:
    opened = fact("opened", 0, severity="general")
    assert one(opened).told == (VILLAGE,)
    seen = fact("seen", 1, office=VILLAGE)
    assert one(opened, seen).told == ()
    assert msgspec.structs.replace(one(opened, seen), told=(VILLAGE,)) == one(opened)
    noticed = fact("noticed", 1, office=VILLAGE)  # whoever takes a step in an office's name has seen it for that office
    assert one(opened, noticed).told == ()
    worse = fact("escalated", 2, severity="major")
    assert one(opened, seen, worse).told == (VILLAGE,)  # the township has it, the county is asked
    taken = fact("taken", 3, office=VILLAGE[:6])
    assert one(opened, seen, worse, taken).told == (VILLAGE,)
    assert one(opened, *cleared(1)).told == ()


def test_a_deadline_that_was_put_off_names_the_step_that_did() -> None:
    earlier, later = fact("deadline", 1, due=DAY0 + 5), fact("deadline", 2, due=DAY0 + 40)
    assert one(fact("opened", 0, severity="general"), earlier, later).extended == (later.ulid,)


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (1, 3, 0, 2)])
def test_a_correction_that_makes_it_worse_counts_from_when_it_was_written(order: tuple[int, ...]) -> None:
    """Nobody is judged by what nobody had told."""
    opened = fact("opened", 0, severity="general", author="i0421", saved_ms=at_ms(0))
    taken = fact("taken", 2, office=VILLAGE[:9])
    worse = fact("opened", 0, ulid=f"{CASE[:-1]}W", severity="major", author="i0421", saved_ms=at_ms(10))
    acted = fact("progress", 10.5, author="g24", office=VILLAGE[:6])
    facts = [opened, taken, worse, acted]
    before, case = one(opened, taken), one(*(facts[at] for at in order))
    assert (case.severity, case.set_aside) == ("major", ())
    # as what is handed up on that day: whoever had it took it up in time, and owes nothing yet
    assert case.times == before.times
    assert case.taken_up_day == DAY0 + 2
    assert (case.owner, case.called) == (VILLAGE[:9], (VILLAGE[:6],))
    assert case.due_day == DAY0 + 10 + POLICY.follow_up_days.major
    assert not case.is_overdue(DAY0 + 10)
    assert [(segment.from_day, segment.severity) for segment in case.segments] == [
        (DAY0, "general"),
        (DAY0 + 10, "major"),
    ]


def test_a_correction_that_was_written_after_an_all_clear_takes_nothing_of_it_back() -> None:
    opened, worse = (
        fact("opened", 0, severity="minor"),
        fact("opened", 0, f"{CASE[:-1]}Z", severity="major", saved_ms=at_ms(9)),
    )
    case = one(opened, *cleared(5), worse)
    assert (case.stage, case.severity) == ("cleared", "minor")
    assert [(aside.ulid, aside.code) for aside in case.set_aside] == [(worse.ulid, "case_closed")]
    assert one(opened, *cleared(5), worse, fact("reopened", 20, severity="minor")).severity == "minor"
    # one that was written before, and comes later, counts
    earlier = msgspec.structs.replace(worse, saved_ms=at_ms(1))
    assert one(opened, *cleared(5), earlier).severity == "major"


@pytest.mark.parametrize(("level", "stage"), [(12, "warned"), (9, "warned"), (6, "cleared"), (4, "cleared")])
def test_an_all_clear_by_an_office_below_the_one_that_must_act_is_void_once_a_matter_turns_out_graver(
    level: int, stage: str
) -> None:
    opened = fact("opened", 0, severity="minor")
    worse = fact("opened", 0, f"{CASE[:-1]}Z", severity="major", saved_ms=at_ms(1))
    done, reviewed, by_whom = cleared(5)
    closing = done, reviewed, msgspec.structs.replace(by_whom, office=VILLAGE[:level])
    assert one(opened, *closing).stage == "cleared"
    case = one(opened, *closing, worse)
    assert (case.severity, case.stage == "cleared") == ("major", stage == "cleared")
    is_void = stage != "cleared"
    assert [(aside.ulid, aside.code) for aside in case.set_aside] == [(by_whom.ulid, "not_acting")] * is_void
    assert voids({opened, *closing}, worse, POLICY) == [by_whom.ulid] * is_void
    assert (VILLAGE[:6] in case.debtors) == is_void


def test_what_a_withdrawn_paper_brought_about_is_undone_whenever_that_is_heard() -> None:
    opened = fact("opened", 0, severity="general")
    order = fact("deadline", 2, due=DAY0 + 4, department="民政", office=VILLAGE[:6], notice="371724:notice:2026-0001")
    ordered = one(opened, order)
    assert (ordered.due_day, ordered.due_by, ordered.called) == (DAY0 + 4, VILLAGE[:6], ("民政",))
    recall = fact("recalled", 9, notice="371724:notice:2026-0001")
    for facts_in_order in ((opened, order, recall), (recall, order, opened)):
        case = one(*facts_in_order)
        assert [aside.code for aside in case.set_aside] == ["recalled"]
        assert msgspec.structs.replace(case, set_aside=()) == one(opened)
    other = fact("recalled", 9, notice="371724:notice:2026-0002")
    assert one(opened, order, other) == ordered
    # nor is what was handed to somebody by mistake that one's now
    assert one(opened, order, fact("taken", 3, office="民政"), recall).owner == VILLAGE[:9]


def test_who_handed_in_what_was_asked_owes_nothing_until_it_is_found_not_better() -> None:
    steps = [fact("opened", 0, severity="general"), fact("deadline", 1, department="民政", due=DAY0 + 30)]
    assert one(*steps).debtors == (VILLAGE[:9], "民政")
    steps.append(fact("progress", 2, author="mz", office="民政"))
    assert one(*steps).debtors == (VILLAGE[:9], "民政")
    steps.append(fact("submitted", 3, author="mz", office="民政"))
    assert (one(*steps).debtors, one(*steps).asked, one(*steps).called) == ((VILLAGE[:9],), None, ())
    assert one(*steps, fact("reviewed", 4, is_better=True)).called == ()
    assert one(*steps, fact("reviewed", 4, is_better=False)).called == ("民政",)
    assert one(*steps, fact("escalated", 4, severity="major")).called == ("民政", VILLAGE[:6])
    assert one(*steps, *cleared(5)).debtors == ()


def test_an_office_has_seen_what_it_says_itself() -> None:
    opened = fact("opened", 0, severity="major")
    assert VILLAGE[:9] in one(opened).told
    back = fact("reopened", 9, severity="major", office=VILLAGE[:9])
    assert VILLAGE[:9] not in one(opened, *cleared(2), back).told
    up = fact("escalated", 3, severity="major", office=VILLAGE[:9])
    assert VILLAGE[:9] not in one(fact("opened", 0, severity="general", office=VILLAGE), up).told


# what was written before the all-clear had not come back
@pytest.mark.parametrize(("days_later", "is_linked"), [(-0.1, False), (0.1, True), (184, True), (185, False)])
def test_a_new_report_of_what_was_cleared_within_half_a_year_is_linked(days_later: float, is_linked: bool) -> None:
    later = CASE[:-1] + "W"
    again = fact("opened", 5 + days_later, ulid=later, case=later)
    cases = fold_cases([OPENED, *cleared(5), again], POLICY)
    assert relapses(cases, POLICY) == ({(VILLAGE, later): CASE} if is_linked else {})


def report(**fields: object) -> Report:
    identity = f"{VILLAGE}:report:i1:{CASE}"
    base = {"id": identity, "observed_at": START, "saved_at": START, "indicator": "4.2.1", "severity": "general"}
    return Report(**(base | {"text": "群众有意见"} | fields))


def test_a_report_opens_a_case_of_its_own_name() -> None:
    found = case_fact(report())
    assert found is not None
    assert (found.village, found.case, found.step, found.severity) == (VILLAGE, CASE, "opened", "general")


def test_a_step_taken_with_a_paper_is_its_offices() -> None:
    event = CaseEvent(
        id=f"{VILLAGE}:case:{CASE}:{CASE}",
        observed_at=START,
        saved_at=START,
        author="z109",
        step="noticed",
        notice=f"{VILLAGE[:9]}:notice:2026-0001",
    )
    found = case_fact(event)
    assert found is not None and found.office == VILLAGE[:9]


def test_an_amending_report_corrects_the_case_it_opened() -> None:
    first = report()
    later = report(id=f"{VILLAGE}:report:i1:{CASE[:-1]}W", amends=first.id, severity="major")
    case = one(*(f for f in map(case_fact, (later, first)) if f))
    assert (case.case, case.severity) == (CASE, "major")


@pytest.mark.parametrize(
    ("step", "fields", "missing"),
    [
        ("cleared", {}, "found"),
        ("cleared", {"found": "已查明"}, "done"),
        ("cleared", {"found": " \u3000", "done": "已公布", "verified_by": "z109"}, "found"),
        ("cleared", {"found": "已查明", "done": "已公布"}, "verified_by"),
        ("cleared", {"found": "已查明", "done": "已公布", "verified_by": "z109"}, None),
        ("opened", {"severity": "major"}, "indicator"),
        ("assigned", {}, "department"),
        ("deadline", {"department": "民政"}, "due"),
        ("noticed", {}, None),
        ("taken", {}, "office"),
        ("submitted", {"done": "。"}, "done"),
        ("reviewed", {"text": "好转"}, "is_better"),
        ("reviewed", {"text": "好转", "is_better": False}, None),
    ],
)
def test_nothing_closes_without_what_was_found_done_and_verified(
    step: str, fields: dict[str, object], missing: str | None
) -> None:
    base = {"id": f"{VILLAGE}:case:{CASE}:{CASE}", "observed_at": START, "saved_at": START, "author": "z109"}
    event = CaseEvent(**(base | {"step": step} | fields))
    assert step_faults(event) == missing


def test_an_all_clear_that_a_late_step_takes_the_ground_from_is_named() -> None:
    known = {OPENED, *cleared(9)}
    acted = fact("progress", 5, author=next(one for one in known if one.step == "cleared").verified_by or "")
    worse = fact("reviewed", 9.5, is_better=False)
    [all_clear] = [one.ulid for one in known if one.step == "cleared"]
    assert one(*known).cleared_day is not None
    assert voids(known, acted, POLICY) == [all_clear]  # who verified it had acted
    assert one(*known, acted).cleared_day is None
    assert voids({*known, acted}, acted, POLICY) == []  # it was void already
    assert voids(known, fact("progress", 5, author="a217"), POLICY) == []
    assert voids({OPENED}, worse, POLICY) == []
