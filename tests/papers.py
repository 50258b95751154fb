"""Papers for tests, as an office of Heze would issue them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from importlib import resources
from typing import Any

from models.catalogue import default_catalogue
from models.divisions import Register, parse_register
from models.documents import Notice, OpenCase
from models.notices.composition import Issue, compose
from models.notices.offices import notice_id
from models.notices.requests import OrderRequest, WarningRequest
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
