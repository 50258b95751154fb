"""Resolutions as tasks, teams by difficulty, and what an agenda is made of."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from typing import Any

import msgspec
import pytest
from ulid import ULID

from models import calendar
from models.cases import Case, CaseFact, case_fact, fold_case
from models.catalogue import default_catalogue
from models.divisions import parse_register
from models.documents import Carrying, Grade, Inspection, Meeting, Patrol, Resolution, Team, decode_document
from models.joint_work.agenda import POINTS_MAX, Matters, Point, agenda
from models.joint_work.resolutions import carrying_fault, resolution_states
from models.joint_work.teams import difficulty, team_fault, team_states
from models.notices.months import UnitMonth
from models.patrols import patrol_states
from models.policy import default_policy
from models.village import Rulebook
from tests.city import small_register
from tests.event_documents import report

POLICY = default_policy()
RULEBOOK = Rulebook(default_catalogue(), POLICY, 0, is_simulated=False)
REGISTER = parse_register(small_register().encode(), "register")
COUNTY, TOWNSHIP = "371724", "371724109"
VILLAGES = [code for code in REGISTER.villages if code.startswith(TOWNSHIP)]
NOW = datetime(2026, 3, 20, 2, tzinfo=UTC)
TODAY = calendar.local_day(NOW)


def event(kind: type[Any], division: str, alias: str, at: int, **fields: object) -> Any:
    saved = NOW + timedelta(minutes=at)
    tag = str(kind.__struct_config__.tag)
    identity = f"{division}:{tag}:{alias}:{ULID.from_datetime(saved)}"
    whole = {"type": tag, "_id": identity, "observed_at": saved, "saved_at": saved, **fields}
    return msgspec.convert(whole, kind, from_attributes=True)


def case(village: str, day: int, severity: str = "general") -> Case:
    """A case that was opened so many days ago."""
    raw = report(village, 0, "4.2.1", severity)
    fact = case_fact(decode_document(msgspec.json.encode(raw)))
    assert isinstance(fact, CaseFact)
    at_ms = calendar.to_ms(NOW) - day * calendar.MS_PER_DAY
    found = fold_case({msgspec.structs.replace(fact, at_ms=at_ms)}, POLICY)
    assert found is not None
    return found


LINE = Resolution(matter="公开校舍账目", decision="民政局牵头核查", lead="民政", due=date(2026, 3, 31))
MEETING = event(Meeting, COUNTY, "g24", 0, topic="joint_conference", resolutions=[LINE])
DONE = event(Carrying, COUNTY, "d1", 1, about=MEETING.id, line=0, step="done", office="民政", text="账目已公布")
RETURNED = event(
    Carrying, COUNTY, "g24", 2, about=MEETING.id, line=0, step="returned", office=COUNTY, text="未向群众说明"
)
AGAIN = event(Carrying, COUNTY, "d1", 3, about=MEETING.id, line=0, step="done", office="民政", text="已说明")
ACCEPTED = event(Carrying, COUNTY, "g24", 4, about=MEETING.id, line=0, step="accepted", office=COUNTY, text="同意销号")


def test_a_resolution_goes_back_and_forth_until_the_office_that_met_accepts_it() -> None:
    words: list[Carrying] = []
    standings = []
    for word in (DONE, RETURNED, AGAIN, ACCEPTED):
        words.append(word)
        [state] = resolution_states([MEETING], words)
        standings.append(state.standing)
    assert standings == ["done", "open", "done", "accepted"]


def test_the_order_of_arrival_does_not_matter() -> None:
    ends = {
        resolution_states([MEETING], order)[0].standing for order in permutations((DONE, RETURNED, AGAIN, ACCEPTED))
    }
    assert ends == {"accepted"}


@pytest.mark.parametrize(
    ("before", "word", "fault"),
    [
        ([], {"step": "done", "office": "国土"}, "not_lead"),
        ([DONE], {"step": "done", "office": "民政"}, "not_open"),
        ([], {"step": "returned", "office": COUNTY}, "not_done"),
        ([], {"step": "accepted", "office": COUNTY}, "not_done"),
        ([DONE, RETURNED], {"step": "accepted", "office": COUNTY}, "not_done"),
        ([DONE, ACCEPTED], {"step": "returned", "office": COUNTY}, "not_done"),
        ([DONE], {"step": "accepted", "office": TOWNSHIP}, "not_checker"),
    ],
)
def test_what_is_not_legal_has_no_effect(before: list[Carrying], word: dict[str, str], fault: str) -> None:
    late = event(Carrying, COUNTY, "z9", 9, about=MEETING.id, line=0, text="字", **word)
    [state] = resolution_states([MEETING], before)
    assert carrying_fault(state, late) == fault
    [after] = resolution_states([MEETING], [*before, late])
    assert after.standing == state.standing


def test_who_did_it_does_not_accept_it() -> None:
    own = msgspec.structs.replace(MEETING, resolutions=[msgspec.structs.replace(LINE, lead=COUNTY)])
    done = event(Carrying, COUNTY, "g24", 1, about=own.id, line=0, step="done", office=COUNTY, text="办了")
    [state] = resolution_states([own], [done])
    assert carrying_fault(state, ACCEPTED) == "own_work"
    other = msgspec.structs.replace(ACCEPTED, id=ACCEPTED.id.replace(":g24:", ":g25:"))
    assert carrying_fault(state, other) is None


def test_only_the_checker_that_the_minutes_name_accepts_it_or_returns_it() -> None:
    named = msgspec.structs.replace(MEETING, resolutions=[msgspec.structs.replace(LINE, checker=TOWNSHIP)])
    [state] = resolution_states([named], [DONE, RETURNED])
    assert (state.standing, carrying_fault(state, ACCEPTED)) == ("done", "not_checker")
    by_checker = event(
        Carrying, TOWNSHIP, "z9", 5, about=MEETING.id, line=0, step="accepted", office=TOWNSHIP, text="看过"
    )
    [after] = resolution_states([named], [DONE, ACCEPTED, by_checker])
    assert (after.standing, after.said) == ("accepted", [DONE, by_checker])


def test_it_is_overdue_from_the_day_after_its_last_until_it_is_said_to_be_done() -> None:
    [open_], [done] = resolution_states([MEETING], []), resolution_states([MEETING], [DONE])
    last = calendar.epoch_day(LINE.due)
    assert [open_.is_overdue(last), open_.is_overdue(last + 1), done.is_overdue(last + 1)] == [False, True, False]


def test_of_corrected_minutes_the_last_word_counts_with_what_was_said_before() -> None:
    moved = msgspec.structs.replace(LINE, due=date(2026, 4, 15))
    corrected = event(Meeting, COUNTY, "g24", 5, topic="joint_conference", resolutions=[moved], amends=MEETING.id)
    for order in ([MEETING, corrected], [corrected, MEETING]):
        [state] = resolution_states(order, [DONE])
        assert (state.resolution.due, state.standing, state.about) == (date(2026, 4, 15), "done", MEETING.id)


@pytest.mark.parametrize(
    ("cases", "grade", "points", "level"),
    [
        ([], None, 0, None),
        ([], "fair", 0, None),
        ([], "weak", 4, "township"),  # 4
        ([], "paralysed", 8, "county"),  # 8
        ([("major", 1)], None, 3, None),  # 3, under 4
        ([("general", 40)], "weak", 5, "township"),  # 4 + overdue 1
        ([("major", 1), ("major", 1)], None, 6, "township"),  # 2 x 3
        ([("major", 30), ("major", 30)], None, 8, "county"),  # 2 x 3 + 2 x overdue 1
    ],
)
def test_how_hard_a_village_is(
    cases: list[tuple[str, int]], grade: Grade | None, points: int, level: str | None
) -> None:
    found = difficulty([case(VILLAGES[0], day, severity) for severity, day in cases], grade, POLICY, TODAY)
    assert (found.points, found.level(POLICY)) == (points, level)
    zh, en = found.words()
    assert bool(zh) == bool(en) == bool(points)


def test_a_team_works_until_its_own_office_withdraws_it() -> None:
    sent = event(Team, VILLAGES[0], "g24", 0, step="sent", office=COUNTY, text="进驻", until="2026-03-10")
    [working] = team_states([sent])
    assert (working.withdrawn, working.is_overdue(TODAY)) == (None, True)
    second = event(Team, VILLAGES[0], "g24", 1, step="sent", office=COUNTY, text="进驻")
    assert team_fault(second, [sent]) == "office"
    own = event(Team, VILLAGES[0], "z109", 1, step="sent", office=TOWNSHIP, text="进驻")
    assert team_fault(own, [sent]) is None
    back = event(Team, VILLAGES[0], "g24", 2, step="withdrawn", office=COUNTY, text="整改到位", about=sent.id)
    assert team_fault(back, [sent]) is None
    assert team_fault(msgspec.structs.replace(back, office=TOWNSHIP), [sent]) == "office"
    [over] = team_states([back, sent])
    assert over.withdrawn == back
    assert team_fault(msgspec.structs.replace(back, id=back.id[:-1] + "Z"), [sent, back]) == "about"


def points(**fields: Any) -> list[Point]:
    month = UnitMonth("巨野县", 3, 1, 2, 1, 2, 1, 0, 0)
    whole: dict[str, Any] = {"cases": [], "month": month, "resolutions": [], "teams": [], "patrols": [], "grades": {}}
    whole |= {"inspections": [], "since_day": TODAY - 31}
    matters = Matters(division=COUNTY, today=TODAY, **(whole | fields))
    return agenda(matters, RULEBOOK, REGISTER)


def sections(found: list[Point]) -> list[str]:
    return [point.section for point in found]


def test_an_agenda_of_a_quiet_month_says_how_things_stand_and_what_comes_next() -> None:
    assert sections(points()) == ["month", "next"]


def test_red_and_overdue_cases_come_one_by_one_the_gravest_first() -> None:
    overdue, red, small = case(VILLAGES[0], 40), case(VILLAGES[1], 1, "major"), case(VILLAGES[2], 1, "minor")
    found = points(cases=[(overdue, "账目不公开"), (red, "聚众争吵"), (small, "路灯")])
    one_by_one = [point for point in found if point.section == "red"]
    assert [point.case for point in one_by_one] == [red.case, overdue.case]
    assert "聚众争吵" in one_by_one[0].zh
    assert one_by_one[0].village == VILLAGES[1]
    # nobody took the overdue one up in time; the red one has until tomorrow
    assert ["未按时受理" in point.zh for point in one_by_one] == [False, True]


def test_a_matter_is_spoken_of_once_under_the_graver_of_two_points() -> None:
    overdue, waiting = case(VILLAGES[0], 40), case(VILLAGES[1], 10)
    found = points(cases=[(overdue, "账目不公开"), (waiting, "路灯不亮")])
    assert [(point.section, point.case) for point in found if point.case] == [
        ("red", overdue.case),
        ("untaken", waiting.case),
    ]


def test_days_stand_in_points_as_on_papers() -> None:
    plan = event(
        Patrol, COUNTY, "g24", 20, step="planned", villages=[VILLAGES[0]], since="2026-03-01", until="2026-03-31"
    )
    alone = event(Inspection, VILLAGES[1], "g24", 30, is_planned=False)
    found = points(
        cases=[(case(VILLAGES[0], 40), "账目")],
        resolutions=resolution_states([MEETING], []),
        patrols=patrol_states([plan], []),
        inspections=[alone],
    )
    dated = {point.section for point in found if re.search(r"\d年\d+月\d+日", point.zh)}
    assert dated == {"last", "month", "red", "patrols"}
    assert not any(re.search(r"\d-\d", point.zh) or "年" in point.en for point in found)


def test_a_topic_of_three_villages_is_a_tendency_and_of_two_is_none() -> None:
    cases = [(case(village, 1), "账目") for village in VILLAGES[:3]]
    assert "tendency" in sections(points(cases=cases))
    assert "tendency" not in sections(points(cases=cases[:2]))
    again = [*cases[:2], (case(VILLAGES[0], 2), "账目")]
    assert "tendency" not in sections(points(cases=again))


def test_teams_are_proposed_where_there_is_none_and_their_return_where_all_is_well() -> None:
    hard = {VILLAGES[0]: "paralysed", VILLAGES[1]: "weak", VILLAGES[2]: "paralysed"}
    there = event(Team, VILLAGES[2], "g24", 0, step="sent", office=COUNTY, text="进驻")
    idle = event(Team, VILLAGES[3], "g24", 1, step="sent", office=COUNTY, text="进驻")
    found = [p for p in points(grades=hard, teams=team_states([there, idle])) if p.section == "teams"]
    assert [(p.village, "撤回" in p.zh) for p in found] == [
        (VILLAGES[0], False),
        (VILLAGES[1], False),
        (VILLAGES[3], True),
    ]
    assert "县工作组" in found[0].zh
    assert "乡镇工作组" in found[1].zh


def test_what_was_decided_last_time_is_said_until_a_meeting_heard_that_it_is_accepted() -> None:
    [state] = resolution_states([MEETING], [DONE])
    assert "待销号" in points(resolutions=[state])[0].zh
    [over] = resolution_states([MEETING], [DONE, ACCEPTED])
    assert points(resolutions=[over])[0].zh.endswith("已销号。")
    assert "last" not in sections(points(resolutions=[over], since_day=TODAY + 1))


def test_checks_that_belong_to_no_patrol_are_said_too() -> None:
    checks = [event(Inspection, village, "g24", at, is_planned=False) for at, village in enumerate(VILLAGES[:2] * 2)]
    [point] = [one for one in points(inspections=checks) if one.section == "patrols"]
    assert "另有单独检查4次，涉及2个村" in point.zh
    assert "4 more checks by themselves, in 2 villages" in point.en


def test_villages_that_a_patrol_has_still_to_check_are_not_told_before_it_is_over() -> None:
    planned: dict[str, Any] = {"step": "planned", "villages": VILLAGES[:2], "since": calendar.day_of(TODAY - 5)}

    def said(until: int) -> str:
        plan = event(Patrol, COUNTY, "g24", 0, until=calendar.day_of(until), **planned)
        [point] = [one for one in points(patrols=patrol_states([plan], [])) if one.section == "patrols"]
        return point.zh

    assert "计划检查2个村，已查0个。" in said(TODAY)
    assert "未查：" in said(TODAY - 1)


def test_a_long_section_is_cut_and_says_how_many_are_left() -> None:
    cases = [(case(village, 1, "major"), "事") for village in (VILLAGES * 3)[: POINTS_MAX + 4]]
    red = [point for point in points(cases=cases) if point.section == "red"]
    assert len(red) == POINTS_MAX + 1
    assert "4" in red[-1].zh
