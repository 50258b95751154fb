"""Late, missed and hidden: candidates found, chains of a person's words folded, the ladder proposed, by hand and at
random."""

from __future__ import annotations

from datetime import date
from itertools import permutations
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import calendar
from models.documents import Candidate, Omission, Report, Sanction
from models.informants import Term, allowances
from models.policy import default_policy
from models.truthfulness import (
    Chain,
    InForce,
    Seen,
    Told,
    chains_of,
    counted_in,
    find,
    is_beyond,
    omission_step,
    proposals,
    sanctions_in_force,
    suspended_until,
    told,
)
from tests.event_documents import NEIGHBOUR, VILLAGE, instant, report, ulid

POLICY = default_policy().truthfulness
FIRST = calendar.epoch_day(date(2026, 3, 1))
SERVES = Term(alias="i1", village=VILLAGE, from_day=FIRST - 300)
BEFORE, AFTER, KNOWN, BACK = (
    POLICY.window_before_days,
    POLICY.window_after_days,
    POLICY.known_days,
    POLICY.look_back_days,
)


def by_informant(seen: int, saved: int | None = None, **fields: Any) -> Told:
    words = {"id": f"{VILLAGE}:report:i1:{ulid(0, seen % 10_000)}", "village": VILLAGE, "alias": "i1"}
    words |= {"indicator": "4.2.1", "severity": "general", "channel": "tablet"}
    days = {"seen_day": FIRST + seen, "saved_day": FIRST + (seen if saved is None else saved)}
    return Told(**words | days | fields)


def by_hotline(seen: int, **fields: Any) -> Told:
    identity = f"{VILLAGE}:report:z109:{ulid(1, seen % 10_000)}"
    return by_informant(seen, **{"id": identity, "alias": "z109", "channel": "hotline"} | fields)


def found(
    *reports: Told,
    on: int = 30,
    patrols: tuple[Seen, ...] = (),
    terms: tuple[Term, ...] = (SERVES,),
    decided: tuple[InForce, ...] = (),
) -> Any:
    return [(one.finding, one.about, one.days) for one in find(reports, patrols, terms, decided, POLICY, FIRST + on)]


# late


@pytest.mark.parametrize(
    ("severity", "days", "late"),
    [("minor", 7, False), ("minor", 8, True), ("general", 3, False), ("general", 4, True), ("major", 2, True)],
)
def test_a_report_is_late_by_the_days_from_seeing_to_saving_it(severity: Any, days: int, late: bool) -> None:
    one = by_informant(0, days, severity=severity)
    assert found(one) == ([("late", one.id, days)] if late else [])


def test_when_it_arrived_is_no_part_of_it_and_a_correction_makes_nothing_late() -> None:
    first = report(VILLAGE, 2)
    again = first | {"_id": f"{VILLAGE}:report:i0421:{ulid(20)}", "saved_at": instant(20), "amends": first["_id"]}
    again |= {"severity": "major"}
    documents = [msgspec.convert(one, Report) for one in (again, first)]
    [one] = told(documents)
    assert (one.id, one.seen_day, one.saved_day, one.severity) == (first["_id"], FIRST + 2, FIRST + 2, "major")


def test_only_who_serves_can_be_late_and_only_lately() -> None:
    late = by_informant(0, 10)
    assert found(late, terms=()) == []
    assert found(late, terms=(msgspec.structs.replace(SERVES, until_day=FIRST + 5),)) == []
    assert found(late, on=10 + BACK) != [] and found(late, on=11 + BACK) == []
    assert found(msgspec.structs.replace(late, alias="a217")) == []


# missed and hidden


def test_what_another_channel_saw_and_no_informant_reported_was_missed_once_the_window_is_over() -> None:
    seen = by_hotline(0)
    assert found(seen, on=AFTER) == []
    assert found(seen, on=AFTER + 1) == [("missed", seen.id, AFTER)]
    assert found(seen, on=BACK) != [] and found(seen, on=BACK + 1) == []


@pytest.mark.parametrize("day", [-BEFORE, -1, 0, AFTER])
def test_whoever_reported_within_the_window_has_missed_nothing(day: int) -> None:
    assert found(by_hotline(0), by_informant(day)) == []


@pytest.mark.parametrize("day", [-BEFORE - 1, -BEFORE - KNOWN])
def test_what_an_informant_had_reported_shortly_before_was_known(day: int) -> None:
    own = by_informant(day)
    [candidate] = find([by_hotline(0), own], [], [SERVES], [], POLICY, FIRST + 30)
    assert (candidate.finding, candidate.evidence) == ("concealed", [own.id])


def test_long_before_or_after_is_neither_a_report_nor_known() -> None:
    seen = by_hotline(0)
    for day in (-BEFORE - KNOWN - 1, AFTER + 1):
        assert found(seen, by_informant(day)) == [("missed", seen.id, AFTER)]


def test_other_matters_small_ones_and_a_blind_spot_are_nothing_missed() -> None:
    assert found(by_hotline(0), by_informant(1, indicator="4.3.1")) != []
    assert found(by_hotline(0, severity="minor")) == []
    assert found(by_hotline(0, channel="tablet")) == []  # the administrator's own
    assert found(by_hotline(0), terms=()) == []
    assert found(by_hotline(0), terms=(msgspec.structs.replace(SERVES, from_day=FIRST + 1),)) == []
    assert found(by_hotline(0), terms=(msgspec.structs.replace(SERVES, village=NEIGHBOUR),)) == []


def test_who_is_suspended_misses_nothing_from_that_day_on_and_what_was_told_before_still_counts() -> None:
    suspended = (InForce("s", "i1", FIRST, 0, 10),)
    for day, has_missed in ((-1, True), (0, False), (9, False), (10, True)):
        assert bool(found(by_hotline(day), decided=suspended)) is has_missed
    assert found(by_hotline(0), decided=(InForce("s", "another", FIRST, 0, 10),)) != []
    colleague = msgspec.structs.replace(SERVES, alias="i2")
    assert found(by_hotline(0), terms=(SERVES, colleague), decided=suspended) != []  # somebody was there
    assert found(by_hotline(-1), by_informant(-2), decided=suspended) == []
    told_before = by_informant(-1 - BEFORE)
    assert found(by_hotline(0), told_before, terms=(SERVES, colleague), decided=suspended)[0][0] == "concealed"


@pytest.mark.parametrize(("seen", "saved", "late"), [(-20, -1, True), (-8, 0, False), (5, 18, False), (10, 18, True)])
def test_nothing_is_late_that_a_suspension_kept_from_being_reported(seen: int, saved: int, late: bool) -> None:
    assert bool(found(by_informant(seen, saved), decided=(InForce("s", "i1", FIRST, 0, 10),))) is late


def test_a_suspension_is_told_by_its_last_day() -> None:
    two = [InForce("s", "i1", FIRST, 0, 10), InForce("t", "i1", FIRST + 5, 0, 10), InForce("u", "i2", FIRST, 0, 99)]
    days = [suspended_until(two, "i1", FIRST + day) for day in (-1, 0, 5, 14, 15)]
    last = [calendar.day_of(FIRST + 9), calendar.day_of(FIRST + 14)]
    assert days == [None, last[0], last[1], last[1], None]


def test_one_matter_that_several_saw_is_one_candidate() -> None:
    first, second, much_later = by_hotline(0), by_hotline(3, channel="visit"), by_hotline(BEFORE + 1)
    candidates = find([second, much_later, first], [], [SERVES], [], POLICY, FIRST + 30)
    assert {one.about: one.again for one in candidates} == {first.id: [second.id], much_later.id: []}


def test_a_patrols_finding_is_news_only_where_nobody_had_told_of_it() -> None:
    patrol = Seen(
        id=f"{VILLAGE}:inspection:z109:{ulid(5)}", village=VILLAGE, indicator="4.2.1", day=FIRST + 5, channel="patrol"
    )
    assert found(patrols=(patrol,)) == [("missed", patrol.id, AFTER)]
    assert found(by_hotline(1, channel="tablet", severity="minor"), patrols=(patrol,)) == []
    assert found(by_informant(5), patrols=(patrol,)) == []


def test_what_a_patrol_saw_on_one_visit_is_one_candidate() -> None:
    visit = [
        Seen(
            id=f"{VILLAGE}:inspection:z109:{ulid(5)}", village=VILLAGE, indicator=code, day=FIRST + 5, channel="patrol"
        )
        for code in ("4.2.1", "3.1.1", "1.1.2")
    ]
    known = by_informant(5 - BEFORE - 1, indicator="1.1.2")
    [candidate] = find([known], visit, [SERVES], [], POLICY, FIRST + 30)
    assert (candidate.finding, candidate.indicator, candidate.also) == ("missed", "3.1.1", ["1.1.2", "4.2.1"])
    assert candidate.evidence == [known.id]


days = st.integers(-120, 40)
reports = st.builds(by_informant, days, st.none()) | st.builds(
    lambda seen, channel, severity: by_hotline(seen, channel=channel, severity=severity),
    days,
    st.sampled_from(["hotline", "visit", "letter_box", "department", "tablet"]),
    st.sampled_from(["minor", "general", "major"]),
)


#: No two reports have one id.
different = st.lists(reports, max_size=8, unique_by=lambda one: one.id)


@given(different.flatmap(lambda some: st.tuples(st.just(some), st.permutations(some))))
def test_the_order_of_arrival_makes_no_difference(given_: tuple[list[Told], list[Told]]) -> None:
    one, other = given_
    assert find(one, [], [SERVES], [], POLICY, FIRST + 30) == find(other, [], [SERVES], [], POLICY, FIRST + 30)


@given(different)
def test_nothing_is_missed_that_an_informant_reported_within_the_window(given_: list[Told]) -> None:
    own = {one.seen_day for one in given_ if one.alias == "i1"}
    for one in find(given_, [], [SERVES], [], POLICY, FIRST + 30):
        seen = calendar.epoch_day(one.seen_on)
        assert not own & set(range(seen - BEFORE, seen + AFTER + 1))


# chains


def omission(day: int, step: str, about: str = "", number: int = 0, alias: str = "i1", **fields: Any) -> Omission:
    at = instant(day)
    words = {"author": "z109", "finding": "missed", "step": step, "about": about or f"{VILLAGE}:report:z109:{ulid(0)}"}
    identity = f"{VILLAGE}:omission:{alias}:{ulid(day, number)}"
    return msgspec.convert(
        words | {"_id": identity, "type": "omission", "observed_at": at, "saved_at": at} | fields, Omission
    )


def chains(*documents: Omission) -> list[Chain]:
    return chains_of(step for one in documents if (step := omission_step(one)) is not None)


CONFIRMED = omission(0, "confirmed")
APPEALED = omission(2, "appealed", CONFIRMED.id, author="i1")
UPHELD = omission(4, "upheld", APPEALED.id, author="g24")
WITHDRAWN = omission(4, "withdrawn", APPEALED.id, author="g24", number=1)


@pytest.mark.parametrize(
    ("steps", "state", "is_counted"),
    [
        ([CONFIRMED], "confirmed", True),
        ([CONFIRMED, APPEALED], "appealed", False),
        ([CONFIRMED, APPEALED, UPHELD], "upheld", True),
        ([CONFIRMED, APPEALED, WITHDRAWN], "withdrawn", False),
        ([omission(0, "set_aside", alias="z109")], "set_aside", False),
        ([omission(0, "found")], "open", False),
    ],
)
def test_where_a_chain_stands_whatever_the_order(steps: list[Omission], state: str, is_counted: bool) -> None:
    for order in permutations(steps):
        [chain] = chains(*order)
        assert (chain.state, chain.counted is not None) == (state, is_counted)


def test_a_word_counts_from_when_it_was_signed() -> None:
    [chain] = chains(omission(0, "confirmed", observed_at=instant(-40)))
    last = FIRST + POLICY.appeal_days
    assert [chain.is_final(day, POLICY.appeal_days) for day in (last, last + 1)] == [False, True]


def test_it_is_final_when_the_appeal_was_turned_down_or_never_came() -> None:
    [plain], [upheld], [open_] = (chains(CONFIRMED), chains(CONFIRMED, APPEALED, UPHELD), chains(CONFIRMED, APPEALED))
    last = FIRST + POLICY.appeal_days
    assert [plain.is_final(day, POLICY.appeal_days) for day in (last, last + 1)] == [False, True]
    assert upheld.is_final(FIRST + 5, POLICY.appeal_days)
    assert not open_.is_final(last + 100, POLICY.appeal_days)


# the ladder


def several(number: int) -> list[Omission]:
    return [omission(day, "confirmed", f"{VILLAGE}:report:z109:{ulid(day, 5)}") for day in range(number)]


def sanction(omissions: list[Omission], day: int = 20, **fields: Any) -> Sanction:
    at = instant(day)
    words = {"author": "g24", "omissions": [one.id for one in omissions], "disciplines": ["admonished"], "text": "研究"}
    identity = {"_id": f"{VILLAGE}:sanction:i1:{ulid(day)}", "type": "sanction", "observed_at": at, "saved_at": at}
    return msgspec.convert(words | {"withheld_months": 1} | identity | fields, Sanction)


@pytest.mark.parametrize(
    ("number", "disciplines", "months", "suspended"),
    [
        (1, ("admonished",), 1, 0),
        (2, ("county_notice",), 6, 0),
        (3, ("suspended",), 12, 184),
        (5, ("suspended",), 12, 184),
    ],
)
def test_the_ladder_proposes_by_how_many_are_counted(
    number: int, disciplines: Any, months: int, suspended: int
) -> None:
    [proposal] = proposals(chains(*several(number)), [], FIRST + 40, POLICY)
    rung = proposal.rung
    assert (rung.disciplines, rung.withheld_months, rung.suspended_days) == (disciplines, months, suspended)
    assert (proposal.alias, len(proposal.omissions), proposal.decided) == ("i1", number, None)


def test_an_appeal_that_may_still_come_is_waited_for() -> None:
    assert proposals(chains(CONFIRMED), [], FIRST + POLICY.appeal_days, POLICY) == []
    assert len(proposals(chains(CONFIRMED), [], FIRST + POLICY.appeal_days + 1, POLICY)) == 1


def test_what_was_decided_on_just_these_is_not_proposed_again_and_one_more_is() -> None:
    two = several(2)
    decided = sanction(two)
    [proposal] = proposals(chains(*two), [decided], FIRST + 40, POLICY)
    assert proposal.decided == decided.id
    [proposal] = proposals(chains(*several(3)), [decided], FIRST + 40, POLICY)
    assert (proposal.decided, len(proposal.omissions)) == (None, 3)


def test_years_are_counted_apart() -> None:
    assert counted_in(FIRST, "year").name == "2026Y"
    assert [counted_in(calendar.epoch_day(date(2026, month, 1)), "half").name for month in (6, 7)] == [
        "2026H1",
        "2026H2",
    ]
    this_year = omission(
        calendar.epoch_day(date(2027, 1, 2)) - FIRST, "confirmed", f"{VILLAGE}:report:z109:{ulid(1, 5)}"
    )
    found_ = proposals(chains(CONFIRMED, this_year), [], calendar.epoch_day(date(2027, 2, 1)), POLICY)
    assert [(one.period, one.omissions) for one in found_] == [("2026Y", (CONFIRMED.id,)), ("2027Y", (this_year.id,))]


def test_what_was_confirmed_at_the_years_end_is_proposed_in_the_next_until_somebody_decides() -> None:
    december = calendar.epoch_day(date(2026, 12, 20)) - FIRST
    three = [
        omission(december + at, "confirmed", f"{VILLAGE}:report:z109:{ulid(at, 5)}", author="z109") for at in range(3)
    ]
    final = december + 2 + POLICY.appeal_days + 1
    assert proposals(chains(*three), [], FIRST + december + POLICY.appeal_days, POLICY) == []
    for later in (final, final + 60, final + 700):
        [proposal] = proposals(chains(*three), [], FIRST + later, POLICY)
        assert (proposal.period, proposal.rung.disciplines, proposal.decided) == ("2026Y", ("suspended",), None)
    assert proposals(chains(*three), [sanction(three, final)], FIRST + final + 60, POLICY) == []


def test_what_several_decisions_cover_together_is_decided() -> None:
    two = several(2)
    one_by_one = [sanction(two[:1], 20), sanction(two[1:], 21)]
    [proposal] = proposals(chains(*two), one_by_one, FIRST + 40, POLICY)
    assert proposal.decided == one_by_one[1].id
    [proposal] = proposals(chains(*two), one_by_one[:1], FIRST + 40, POLICY)
    assert proposal.decided is None


@pytest.mark.parametrize(
    ("omissions", "decided", "beyond"),
    [
        (1, {"disciplines": [], "withheld_months": 0}, False),  # milder
        (1, {"disciplines": ["admonished"], "withheld_months": 1}, False),
        (1, {"disciplines": ["admonished"], "withheld_months": 2}, True),
        (1, {"disciplines": ["county_notice"]}, True),
        (1, {"suspended_days": 1}, True),
        (2, {"disciplines": ["admonished", "county_notice"], "withheld_months": 6}, False),
        (3, {"disciplines": ["suspended"], "suspended_days": 184, "withheld_months": 12}, False),
        (3, {"disciplines": ["suspended"], "suspended_days": 185}, True),
    ],
)
def test_a_decision_goes_no_further_than_the_ladder(omissions: int, decided: dict[str, Any], beyond: bool) -> None:
    steps = several(omissions)
    made = msgspec.structs.replace(sanction(steps), **{"withheld_months": 0, "suspended_days": 0} | decided)
    assert is_beyond(made, chains(*steps), POLICY) == beyond


def test_what_does_not_count_together_reaches_no_higher_rung() -> None:
    """Three within a year suspend; one of each of three years do not, in however few decisions."""
    apart = [omission(2 + 366 * year, "confirmed", f"{VILLAGE}:report:z109:{ulid(year)}", year) for year in range(3)]
    made = msgspec.structs.replace(sanction(apart), disciplines=["suspended"], suspended_days=10)
    assert is_beyond(made, chains(*apart), POLICY)
    assert not is_beyond(sanction(apart), chains(*apart), POLICY)


def test_a_decision_falls_with_what_it_is_based_on() -> None:
    decided = sanction([CONFIRMED])
    assert [one.id for one in sanctions_in_force([decided], chains(CONFIRMED))] == [decided.id]
    assert sanctions_in_force([decided], chains(CONFIRMED, APPEALED)) == []
    assert len(sanctions_in_force([decided], chains(CONFIRMED, APPEALED, UPHELD))) == 1
    assert sanctions_in_force([decided], []) == []


def test_a_corrected_decision_counts_as_corrected() -> None:
    decided = sanction([CONFIRMED])
    milder = sanction([CONFIRMED], 20, withheld_months=0, amends=decided.id)
    milder = msgspec.structs.replace(milder, id=f"{decided.id[:-1]}9")
    [in_force] = sanctions_in_force([milder, decided], chains(CONFIRMED))
    assert in_force.withheld_months == 0


steps = st.lists(
    st.tuples(st.sampled_from(["confirmed", "appealed", "upheld", "withdrawn"]), st.integers(0, 30)), max_size=7
)


@given(steps, st.integers(0, 60))
def test_an_open_appeal_never_counts_nor_costs_anything(said: list[tuple[str, int]], day: int) -> None:
    documents = [omission(on, step, number=at) for at, (step, on) in enumerate(said)]
    found_ = chains(*documents)
    confirmed = [one for one in documents if one.step == "confirmed"][:1]
    decided = [sanction(confirmed)] if confirmed else []
    open_ = [chain for chain in found_ if chain.state in ("appealed", "withdrawn", "open")]
    counted = {identity for one in proposals(found_, decided, FIRST + day, POLICY) for identity in one.omissions}
    assert not counted & {step.id for chain in open_ for step in chain.steps}
    if open_:
        in_force = sanctions_in_force(decided, found_)
        rule = default_policy().informants.allowance
        assert all(row.withheld == 0 for row in allowances(date(2026, 3, 1), [SERVES], [], in_force, rule))


def test_candidates_of_what_was_missed_name_nobody() -> None:
    [one] = find([by_hotline(0)], [], [SERVES], [], POLICY, FIRST + 30)
    assert isinstance(one, Candidate) and "i1" not in msgspec.json.encode(one).decode()
