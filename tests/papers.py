"""Papers for tests, as an office of Heze would issue them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from importlib import resources
from typing import Any

from models.catalogue import default_catalogue
from models.divisions import Register, parse_register
from models.documents import Agenda, AgendaItem, Meeting, Notice, OpenCase, Resolution
from models.notices.composition import Issue, compose
from models.notices.meetings import compose_meeting
from models.notices.offices import notice_id
from models.notices.requests import MeetingRequest, OrderRequest, WarningRequest
from models.policy import default_policy
from models.village import Rulebook

VILLAGE, TOWNSHIP, COUNTY = "371724109217", "371724109", "371724"
REQUEST, CASE = "01KA0000000000000000000000", "01KA0000000000000000000001"
#: 10:00 in Heze.
ISSUED_AT = datetime(2026, 11, 23, 2, tzinfo=UTC)
OPEN = OpenCase(
    case=CASE, indicator="4.3.2", severity="major", opened_on=date(2026, 11, 2), due=date(2026, 11, 9), is_overdue=True
)
_ASKED: dict[str, Any] = {
    "ulid": REQUEST,
    "village": VILLAGE,
    "case": CASE,
    "reported": "群众反映，校舍出售的收支没有公布。",
    "asked": ["公布校舍出售的收支。", "召开村民代表会议说明情况。"],
}


@cache
def heze() -> Register:
    """The whole register."""
    return parse_register(resources.files("models.register").joinpath("heze_divisions.csv").read_bytes(), "heze")


def issue_of(office: str, *, simulated: bool = False) -> Issue:
    rulebook = Rulebook(default_catalogue(), default_policy(), 0, simulated)
    return Issue(office, "clerk-of-the-office", ISSUED_AT, heze(), rulebook)


def warning(number: int = 7, *, simulated: bool = False, **changes: Any) -> Notice:
    request = WarningRequest(**_ASKED | {"due": date(2026, 11, 30)} | changes)
    issue = issue_of(TOWNSHIP, simulated=simulated)
    return compose(notice_id(TOWNSHIP, 2026, number), request, OPEN, "r", issue)


def order(number: int = 12, **changes: Any) -> Notice:
    fields = {"due": date(2026, 12, 15), "department": "民政", "norm": "收支情况应当每月公布。"}
    fields |= {"copies": ["菏泽市动态管理监控中心", "佃户屯村动态管理点"]}
    request = OrderRequest(**_ASKED | fields | changes)
    return compose(notice_id(COUNTY, 2026, number), request, OPEN, "r", issue_of(COUNTY))


def agenda(**changes: Any) -> Agenda:
    points = [
        AgendaItem(section="red", text="田庄镇佃户屯村校舍出售的收支没有公布。", village=VILLAGE, case=CASE),
        AgendaItem(section="red", text="田庄镇佃户屯村宅基纠纷。", village=VILLAGE),
        AgendaItem(section="next", text="安排十二月巡查。"),
    ]
    fields: dict[str, Any] = {"topic": "joint_conference", "held_on": date(2026, 12, 7), "begins_at": "09:30"}
    fields |= {"place": "县政府二楼会议室", "departments": ["民政", "司法", TOWNSHIP], "items": points}
    times = {"observed_at": ISSUED_AT, "saved_at": ISSUED_AT}
    return Agenda(id=f"{COUNTY}:agenda:clerk:{REQUEST}", **times, **fields | changes)


def meeting(**changes: Any) -> Meeting:
    lines = [
        Resolution(
            matter="佃户屯村校舍出售的收支没有公布",
            decision="牵头核查账目，张榜公布，并向村民代表会议说明。",
            lead="民政",
            due=date(2026, 12, 21),
            helpers=["审计", TOWNSHIP],
            checker="纪检",
            village=VILLAGE,
            case=CASE,
        ),
        Resolution(matter="佃户屯村宅基纠纷", decision="三十日内调解。", lead=VILLAGE, due=date(2026, 12, 31)),
    ]
    fields: dict[str, Any] = {"topic": "joint_conference", "place": "县政府二楼会议室", "chair": "管理中心主任"}
    fields |= {"departments": ["民政", "司法"], "excused": ["水利"], "observers": [TOWNSHIP], "resolutions": lines}
    fields |= {"dissent": "司法局认为宅基纠纷应先由村调解委员会调解。", "next_on": date(2026, 12, 30)}
    times = {"observed_at": ISSUED_AT, "saved_at": ISSUED_AT}
    return Meeting(id=f"{COUNTY}:meeting:clerk:{REQUEST}", **times, **fields | changes)


def paper_of(source: Agenda | Meeting, number: int = 3) -> Notice:
    """The meeting's notice, or its minutes."""
    series = "m" if isinstance(source, Meeting) else ""
    identity = notice_id(COUNTY, 2026, number, series)
    return compose_meeting(identity, MeetingRequest(REQUEST, source.id), source, issue_of(COUNTY))
