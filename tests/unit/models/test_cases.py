"""Cases fold the same from any order of delivery, and light what they must, when they must."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.calendar import epoch_day, to_ms
from models.cases import Case, CaseFact, case_fact, case_spans, fold_cases, step_faults
from models.documents import CaseEvent, Report, Severity
from models.lights import GREEN, RED, YELLOW
from models.policy import default_policy

POLICY = default_policy()
VILLAGE = "371724109217"
CASE = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
START = datetime(2026, 3, 1, 4, tzinfo=UTC)
DAY0 = epoch_day(date(2026, 3, 1))


def fact(
    step: str, days: float, ulid: str = "", severity: Severity | None = None, due: int | None = None, case: str = CASE
) -> CaseFact:
    at = START + timedelta(days=days)
    indicator = "4.2.1" if step == "opened" else None
    number = ulid or f"01ARZ3NDEKTSV4RRFFQ{int(days * 10):07d}"
    return CaseFact(VILLAGE, case, to_ms(at), number, step, indicator, severity, due)


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
    case = one(fact("opened", 0), fact("cleared", -300))
    assert (case.opened_day, case.cleared_day) == (DAY0, DAY0)


def test_an_offices_deadline_replaces_the_policys() -> None:
    case = one(fact("opened", 0, severity="general"), fact("deadline", 1, due=DAY0 + 40))
    assert [light_on(case, d) for d in (0, 40, 41)] == [YELLOW, YELLOW, RED]


def test_a_cleared_case_lights_no_more_from_that_day() -> None:
    case = one(fact("opened", 0, severity="major"), fact("cleared", 5))
    assert [light_on(case, d) for d in (4, 5, 6)] == [RED, GREEN, GREEN]
    assert case.cleared_day == DAY0 + 5


def test_an_escalated_case_turns_red_with_a_deadline_of_its_own() -> None:
    case = one(fact("opened", 0, severity="general"), fact("escalated", 3))
    assert [light_on(case, d) for d in (2, 3)] == [YELLOW, RED]
    assert case.due_day == DAY0 + 3 + POLICY.follow_up_days.major


@pytest.mark.parametrize(("days_later", "is_relapse"), [(1, True), (184, True), (185, False)])
def test_reopening_within_half_a_year_is_a_relapse(days_later: int, is_relapse: bool) -> None:
    case = one(fact("opened", 0, severity="general"), fact("cleared", 5), fact("reopened", 5 + days_later))
    assert case.is_open
    assert case.is_relapse == is_relapse
    assert light_on(case, 5 + days_later) == YELLOW


def test_reopening_what_was_never_cleared_changes_nothing() -> None:
    opened = fact("opened", 0, severity="general")
    assert one(opened, fact("reopened", 3)) == one(opened)


def test_steps_of_a_case_whose_opening_is_still_on_a_tablet_wait_for_it() -> None:
    assert fold_cases([fact("noticed", 1), fact("cleared", 2)], POLICY) == []


def test_a_clearing_by_a_clock_that_ran_behind_still_clears() -> None:
    case = one(fact("opened", 0, severity="general"), fact("cleared", -1))
    assert not case.is_open
    assert light_on(case, 0) == GREEN


steps = st.sampled_from(["opened", "noticed", "assigned", "deadline", "cleared", "reopened", "escalated", "progress"])
severities = st.sampled_from(["minor", "general", "major"])
facts = st.lists(
    st.builds(
        fact,
        steps,
        st.floats(0, 300, allow_nan=False),
        st.from_regex(r"\A[0-7][0-9A-HJKMNP-TV-Z]{25}\Z"),
        severities | st.none(),
        st.none() | st.integers(DAY0, DAY0 + 400),
        st.sampled_from([CASE, CASE[:-1] + "W"]),
    ),
    max_size=12,
)


@given(facts, st.randoms())
def test_order_and_repetition_of_delivery_do_not_matter(found: list[CaseFact], random: object) -> None:
    shuffled = found + found[:3]
    random.shuffle(shuffled)
    assert fold_cases(shuffled, POLICY) == fold_cases(found, POLICY)


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


def report(**fields: object) -> Report:
    identity = f"{VILLAGE}:report:i1:{CASE}"
    base = {"id": identity, "observed_at": START, "saved_at": START, "indicator": "4.2.1", "severity": "general"}
    return Report(**(base | {"text": "群众有意见"} | fields))


def test_a_report_opens_a_case_of_its_own_name() -> None:
    found = case_fact(report())
    assert found is not None
    assert (found.village, found.case, found.step, found.severity) == (VILLAGE, CASE, "opened", "general")


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
    ],
)
def test_nothing_closes_without_what_was_found_done_and_verified(
    step: str, fields: dict[str, object], missing: str | None
) -> None:
    base = {"id": f"{VILLAGE}:case:{CASE}:{CASE}", "observed_at": START, "saved_at": START, "author": "z109"}
    event = CaseEvent(**(base | {"step": step} | fields))
    assert step_faults(event) == missing
