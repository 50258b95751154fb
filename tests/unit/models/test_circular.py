"""The monthly circular: each unit's figures worked out by hand, and what is said of them."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest

from models import calendar
from models.cases import case_fact, fold_cases
from models.documents import Inspection, Patrol, decode_event
from models.notices.circular import CircularRequest, compose_circular
from models.notices.months import Month, Tendency, UnitMonth, days_before, month_days, month_of, unit_month
from models.notices.sheet import sheet_of
from models.patrols import PatrolState, patrol_states
from models.policy import default_policy
from models.statistics import happening
from tests.event_documents import NEIGHBOUR, VILLAGE, report, step
from tests.papers import COUNTY, ISSUED_AT, REQUEST, issue_of

POLICY = default_policy()


def counted(*documents: dict[str, Any], days: tuple[int, int] = month_days("2026-03")) -> UnitMonth:
    events = [decode_event(msgspec.json.encode(document)) for document in documents]
    cases = fold_cases((fact for event in events if (fact := case_fact(event)) is not None), POLICY)
    heard = [h for event in events if (h := happening(event)) is not None]
    return unit_month("田庄镇", VILLAGE[:9], cases, heard, days, POLICY)


def clear(case: dict[str, Any], day: int) -> list[dict[str, Any]]:
    """Acted on the day before, reviewed on a day and cleared on the next."""
    acted = step(case, day - 1, "progress", text="已约谈", author="administrator")
    closing = step(case, day + 1, "cleared", found="查明", done="办结", verified_by="reviewer", author="reviewer")
    return [acted, step(case, day, "reviewed", text="好转", is_better=True, author="reviewer"), closing]


def test_a_month_is_counted_by_hand() -> None:
    # yellow, due after 15 days: cleared after 5, in time
    in_time = report(VILLAGE, 0, number=1)
    # red, due after 7 days: cleared after 10, late
    late = report(NEIGHBOUR, 2, "4.3.2", "major", number=2)
    # red, never cleared: overdue at the month's end
    open_one = report(VILLAGE, 10, "4.3.1", "major", number=3)
    # yellow, opened so late that it is still in time
    fresh = report(VILLAGE, 28, "1.1.2", "general", number=4)
    found = counted(in_time, late, open_one, fresh, *clear(in_time, 4), *clear(late, 11))
    numbers = {"yellow": 2, "red": 2, "cleared": 2, "in_time": 1, "unsolved": 2, "overdue": 1}
    assert found == UnitMonth("田庄镇", **numbers, relapses=0, inspections=0)
    assert (found.in_time_percent, found.solved_percent) == (50, 50)


def test_small_matters_that_nobody_was_warned_of_are_no_part_of_it() -> None:
    small = report(VILLAGE, 0, severity="minor", number=1)
    found = counted(small, *clear(small, 4), report(VILLAGE, 1, severity="minor", number=2))
    assert (found.found, found.cleared, found.unsolved, found.in_time_percent) == (0, 0, 0, None)
    # settled in its 30 days it is none; afterwards it is a warning of the day after
    found = counted(small, *clear(small, 29), days=month_days("2026-03"))
    assert (found.found, found.cleared) == (0, 0)
    found = counted(small, *clear(small, 32), days=month_days("2026-04"))
    assert (found.found, found.cleared, found.in_time) == (1, 1, 0)


def test_what_happened_after_a_month_is_no_part_of_it() -> None:
    case = report(VILLAGE, 0, number=1)
    again = step(case, 40, "reopened", text="又反弹")
    march, april = month_days("2026-03"), month_days("2026-04")
    # due after 15 days and open at the end of March; a later order gives it more time
    order = step(case, 35, "deadline", due="2026-05-01", department="民政")
    found = counted(case, order, days=march)
    assert (found.unsolved, found.overdue) == (1, 1)
    found = counted(case, order, days=april)
    assert (found.unsolved, found.overdue) == (1, 0)
    # cleared in March, and again in April: that is how it stood at the end of March
    events = (case, *clear(case, 4), again, *clear(case, 50))
    found = counted(*events, days=march)
    assert (found.cleared, found.in_time, found.unsolved, found.relapses) == (1, 1, 0, 0)
    found = counted(*events, days=april)
    assert (found.cleared, found.unsolved, found.relapses) == (1, 0, 1)


def test_a_month_ends_on_its_last_day() -> None:
    assert [calendar.day_of(day).isoformat() for day in month_days("2027-02")] == ["2027-02-01", "2027-02-28"]
    assert [calendar.day_of(day).isoformat() for day in month_days("2028-12")] == ["2028-12-01", "2028-12-31"]


def test_the_month_before_is_as_long_as_this_one_has_been_so_far() -> None:
    first, last = month_days("2026-03")
    assert days_before((first, last)) == month_days("2026-02")
    assert days_before((first, first + 9)) == (month_days("2026-02")[0], month_days("2026-02")[0] + 9)
    assert days_before((first, last - 1))[1] == month_days("2026-02")[1]  # February has no 30th


def unit(name: str, overdue: int, inspections: int = 1) -> UnitMonth:
    return UnitMonth(name, 3, 1, 4, 3, 6 + overdue, overdue, 0, inspections)


def month(**fields: Any) -> Month:
    units = {f"37172410{n + 1}": unit(f"第{n}镇", overdue, n) for n, overdue in enumerate([0, 5, 2, 0, 1, 7])}
    before = {code: msgspec.structs.replace(one, yellow=1) for code, one in units.items()}
    whole = unit("合计", 15)
    found: dict[str, Any] = {"units": units, "before": before, "whole": whole, "tendencies": [], "missed": []}
    return Month(**found | {"whole_before": msgspec.structs.replace(whole, yellow=9, cleared=4)} | fields)


def said_of(found: Month) -> str:
    request = CircularRequest(REQUEST, "2026-10", ["抓紧办结。"], ["两个镇报送迟缓。"])
    paper = compose_circular(f"{COUNTY}:notice:2026-0001", request, found, issue_of(COUNTY))
    assert paper.title == "巨野县动态管理中心关于2026年10月份巡查和动态管理情况的通报"
    return "\n".join(part.text for part in paper.body)


@pytest.mark.parametrize(("cleared", "said"), [(4, "其中按时3件，按时率75.0%；"), (0, "其中按时0件；")])
def test_the_text_names_units_and_a_rate_only_where_there_is_one(cleared: int, said: str) -> None:
    text = said_of(month(whole=msgspec.structs.replace(unit("合计", 15), cleared=cleared, in_time=min(cleared, 3))))
    assert "截至2026年10月31日" in text
    assert said in text
    assert "月末逾期较多的单位：第5镇7件、第1镇5件、第2镇2件。" in text
    assert "本月没有开展抽查的单位：第0镇。" in text
    assert "两个镇报送迟缓。" in text


def test_the_text_says_what_changed_and_what_was_not_solved() -> None:
    text = said_of(month())
    assert "本月发出警示4件，比上月减少6件，其中黄色3件、红色1件；" in text
    assert "撤销警示4件，比上月持平" in text
    assert "月末未办结21件，其中逾期15件，办结率16.0%；" in text


def test_a_month_that_is_not_over_says_how_things_stand_now() -> None:
    request = CircularRequest(REQUEST, f"{ISSUED_AT:%Y-%m}", ["抓紧办结。"])
    paper = compose_circular(f"{COUNTY}:notice:2026-0001", request, month(), issue_of(COUNTY))
    text = "\n".join(part.text for part in paper.body)
    assert "目前未办结21件" in text and "目前逾期较多的单位" in text and "月末" not in text


def test_units_below_the_floor_are_named_with_their_rate() -> None:
    found = month()
    good = msgspec.structs.replace(found.units["371724101"], in_time=4)
    text = said_of(month(units={**found.units, "371724101": good}))
    assert "按时撤销率低于90%的单位：第1镇75.0%、" in text
    assert "第0镇75.0%" not in text


def test_what_several_villages_have_in_common_is_named_with_its_villages() -> None:
    found = [Tendency("4.2.1", 5, 2, (VILLAGE, NEIGHBOUR, "371724109201")), Tendency("3.2.1", 1, 1, (VILLAGE,))]
    text = said_of(month(tendencies=found))
    [first] = [line for line in text.split("\n") if line.startswith("“4.2.1")]
    assert "5件，比上月增加3件，涉及3个村，属多村同类问题：田庄镇佃户屯村、" in first
    [second] = [line for line in text.split("\n") if line.startswith("“3.2.1")]
    assert "1件，比上月持平，涉及1个村：" in second


def test_a_patrol_that_was_missed_is_named_with_the_villages_that_nobody_checked() -> None:
    text = said_of(month(missed=[patrol_of(VILLAGE, NEIGHBOUR, checked=NEIGHBOUR)]))
    said = "巨野县动态管理中心2026年3月2日至2026年3月20日的计划检查应查2个村，1个村没有检查：田庄镇佃户屯村。"
    assert said in text


def patrol_of(*villages: str, checked: str | None = None) -> PatrolState:
    at = ISSUED_AT.replace(month=3, day=2)
    times: dict[str, Any] = {"observed_at": at, "saved_at": at}
    plan = Patrol(
        id=f"{COUNTY}:patrol:g24:{REQUEST}",
        step="planned",
        villages=list(villages),
        since=date(2026, 3, 2),
        until=date(2026, 3, 20),
        **times,
    )
    seen = [
        Inspection(id=f"{one}:inspection:g24:{REQUEST}", is_planned=True, patrol=plan.id, **times)
        for one in ([checked] if checked else [])
    ]
    [state] = patrol_states([plan], seen)
    return state


def test_a_month_has_its_units_what_came_before_what_it_was_about_and_what_was_missed() -> None:
    documents = [report(VILLAGE, 3, number=1), report(NEIGHBOUR, 4, number=2), report(VILLAGE, 9, "3.2.1", number=3)]
    events = [decode_event(msgspec.json.encode(document)) for document in documents]
    cases = fold_cases((fact for event in events if (fact := case_fact(event)) is not None), POLICY)
    heard = [h for event in events if (h := happening(event)) is not None]
    patrols = [patrol_of(VILLAGE), patrol_of(VILLAGE, checked=VILLAGE)]
    names = {VILLAGE[:9]: "田庄镇", COUNTY: "合计"}
    found = month_of(names, COUNTY, cases, heard, patrols, month_days("2026-03"), POLICY)
    assert list(found.units) == [VILLAGE[:9]]
    assert (found.whole.found, found.whole_before.found) == (3, 0)
    assert [(one.indicator, one.found, one.villages) for one in found.tendencies] == [
        ("4.2.1", 2, (VILLAGE, NEIGHBOUR)),
        ("3.2.1", 1, (VILLAGE,)),
    ]
    assert [state.missing() for state in found.missed] == [[VILLAGE]]
    # in the month after, the warnings are those before, and nobody misses the patrol anew
    after = month_of(names, COUNTY, cases, heard, patrols, month_days("2026-04"), POLICY)
    assert (after.whole.found, after.whole_before.found, after.missed) == (0, 3, [])


def test_the_table_ranks_units_by_what_they_solved() -> None:
    request = CircularRequest(REQUEST, "2026-10", ["抓紧办结。"])
    sheet = sheet_of(compose_circular(f"{COUNTY}:notice:2026-0001", request, month(), issue_of(COUNTY)))
    assert sheet.annex is not None
    rows = [dict(zip(sheet.annex.head, row, strict=True)) for row in sheet.annex.rows]
    assert [(row["单位"], row["比上月"], row["办结率"], row["名次"]) for row in rows] == [
        ("第0镇", "+2", "40.0%", "1"),
        ("第1镇", "+2", "26.7%", "5"),
        ("第2镇", "+2", "33.3%", "4"),
        ("第3镇", "+2", "40.0%", "1"),
        ("第4镇", "+2", "36.4%", "3"),
        ("第5镇", "+2", "23.5%", "6"),
        ("合计", "-6", "16.0%", "—"),
    ]
    assert sheet.attachments == ("10月份各单位动态管理情况",)
    assert sheet.slips == ()
    assert sheet.annex.note == ""


@pytest.mark.parametrize(
    ("cleared", "places", "note"),
    [
        # who solved none comes behind who solved some, and who had nothing in hand has no place
        ([2, 0, None], ["1", "2", "—"], "注：本月没有应办事项的单位，不排名次。"),
        ([2, 0, 0], ["1", "2", "2"], ""),
        ([0, 0, None], ["—"] * 3, "注：各单位办结情况不可比，不排名次。"),
        ([1, None, None], ["—"] * 3, "注：各单位办结情况不可比，不排名次。"),
        ([0, None, None], ["—"] * 3, "注：各单位办结情况不可比，不排名次。"),
    ],
)
def test_only_what_can_be_compared_has_a_place_and_a_note_says_why_others_have_none(
    cleared: list[int | None], places: list[str], note: str
) -> None:
    units = {
        f"37172410{n}": UnitMonth(f"第{n}镇", 0, 1, solved or 0, 0, 0 if solved is None else 1, 0, 0, 0)
        for n, solved in enumerate(cleared, 1)
    }
    request = CircularRequest(REQUEST, "2026-10", ["抓紧办结。"])
    paper = compose_circular(f"{COUNTY}:notice:2026-0001", request, month(units=units, before=units), issue_of(COUNTY))
    assert paper.annex is not None
    assert [row[paper.annex.head.index("名次")] for row in paper.annex.rows] == [*places, "—"]
    assert paper.annex.note == note


def test_a_month_before_anybody_watched_is_compared_with_nothing() -> None:
    names = {VILLAGE[:9]: "田庄镇", COUNTY: "合计"}
    first = month_of(names, COUNTY, [], [], [], month_days("2026-03"), POLICY, month_days("2026-03")[0])
    assert not first.is_compared
    assert month_of(names, COUNTY, [], [], [], month_days("2026-04"), POLICY, month_days("2026-03")[0]).is_compared
    request = CircularRequest(REQUEST, "2026-10", ["抓紧办结。"])
    sheet = sheet_of(
        compose_circular(f"{COUNTY}:notice:2026-0001", request, month(is_compared=False), issue_of(COUNTY))
    )
    assert sheet.annex is not None
    rows = [dict(zip(sheet.annex.head, row, strict=True)) for row in sheet.annex.rows]
    assert {row["比上月"] for row in rows} == {"—"}
    assert sheet.annex.note == "注：上月没有完整数据，不作比较。"
    assert not any("比上月" in paragraph.text for paragraph in sheet.body)
