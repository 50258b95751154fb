"""The monthly circular: each unit's figures worked out by hand, and what is said of them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from models import calendar
from models.cases import case_fact, fold_cases
from models.documents import decode_event
from models.notices.circular import CircularRequest, UnitMonth, compose_circular, month_days, unit_month
from models.notices.sheet import sheet_of
from models.policy import default_policy
from models.statistics import happening
from tests.event_documents import NEIGHBOUR, VILLAGE, report, step
from tests.papers import COUNTY, REQUEST, issue_of

POLICY = default_policy()


def month_of(*documents: dict[str, Any]) -> UnitMonth:
    events = [decode_event(msgspec.json.encode(document)) for document in documents]
    cases = fold_cases((fact for event in events if (fact := case_fact(event)) is not None), POLICY)
    heard = [h for event in events if (h := happening(event)) is not None]
    return unit_month("田庄镇", VILLAGE[:9], cases, heard, month_days("2026-03"), POLICY)


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
    found = month_of(in_time, late, open_one, fresh, *clear(in_time, 4), *clear(late, 11))
    assert found == UnitMonth("田庄镇", yellow=2, red=2, cleared=2, in_time=1, overdue=1, relapses=0, inspections=0)


def test_a_month_ends_on_its_last_day() -> None:
    assert [calendar.day_of(day).isoformat() for day in month_days("2027-02")] == ["2027-02-01", "2027-02-28"]
    assert [calendar.day_of(day).isoformat() for day in month_days("2028-12")] == ["2028-12-01", "2028-12-31"]


def unit(name: str, overdue: int, inspections: int = 1) -> UnitMonth:
    return UnitMonth(name, 3, 1, 4, 3, overdue, 0, inspections)


@pytest.mark.parametrize(("cleared", "said"), [(4, "其中按时3件，按时率75.0%；"), (0, "其中按时0件；")])
def test_the_text_names_units_and_a_rate_only_where_there_is_one(cleared: int, said: str) -> None:
    units = {f"37172410{n + 1}": unit(f"第{n}镇", overdue, n) for n, overdue in enumerate([0, 5, 2, 0, 1, 7])}
    whole = msgspec.structs.replace(unit("合计", 15), cleared=cleared, in_time=min(cleared, 3))
    request = CircularRequest(REQUEST, "2026-10", ["抓紧办结。"], ["两个镇报送迟缓。"])
    paper = compose_circular(f"{COUNTY}:notice:2026-0001", request, units, whole, issue_of(COUNTY))
    text = "\n".join(part.text for part in paper.body)
    assert paper.title == "巨野县动态管理中心关于2026年10月份巡查和动态管理情况的通报"
    assert "截至2026年10月31日" in text
    assert said in text
    assert "月末逾期较多的单位：第5镇7件、第1镇5件、第2镇2件。" in text
    assert "本月没有开展抽查的单位：第0镇。" in text
    assert "两个镇报送迟缓。" in text
    sheet = sheet_of(paper)
    assert sheet.annex is not None
    assert sheet.annex.rows[-1][0] == "合计"
    assert {len(row) for row in sheet.annex.rows} == {len(sheet.annex.head)}
    assert sheet.attachments == ("10月份各单位动态管理情况",)
    assert sheet.slips == ()
