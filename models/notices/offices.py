"""How offices are called on papers, and the marks that stand before their numbers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from models import calendar
from models.ids import LEVELS, parse_id

if TYPE_CHECKING:
    from datetime import date, datetime

    from models.divisions import Register
    from models.documents import Notice, Paper
    from models.policy import Notices

#: 大高桥村村民委员会 → 大高桥村, 周海社区居委会 → 周海社区, 邓庄村委会 → 邓庄村.
_COMMITTEE: Final = re.compile(r"(?:村民|居民)(?:委员会|委会|居委会|村委会)$|居(?:委会|委员会)$")
_TOWNSHIP_KIND: Final = re.compile(r"(?<=..)(?:街道|镇|乡)$")


def short_name(name: str) -> str:
    """A village as people say it."""
    return re.sub(r"村委会$", "村", _COMMITTEE.sub("", name))


def office_name(code: str, register: Register, notices: Notices) -> str:
    """The office of a division as it signs. Raises ``KeyError`` for a code that is not in the register."""
    pattern: str = getattr(notices.offices, LEVELS[len(code)])
    return pattern.format(name=short_name(register.divisions[code].name))


def mark_of(code: str, register: Register, notices: Notices) -> str:
    """The mark (发文机关代字) of an office: the policy's, else made from the division's name."""
    if (named := notices.marks.get(code)) is not None:
        return named
    county = register.divisions[code[:6]].name.removeprefix(register.divisions[code[:4]].name.removesuffix("市"))
    township = "" if len(code) == 6 else _TOWNSHIP_KIND.sub("", register.divisions[code].name)
    return county[0] + township + notices.mark_ending


def year_of(instant: datetime) -> int:
    """The year, in Heze, that a paper of an instant is numbered in."""
    return instant.astimezone(calendar.LOCAL).year


def series_of(paper: Paper) -> str:
    """In which series of its office a paper is numbered: minutes by themselves, all others together."""
    return "m" if paper == "minutes" else ""


def notice_id(office: str, year: int, number: int, series: str = "") -> str:
    """Raises ``IdError`` for what is no number of a paper."""
    return str(parse_id(f"{office}:notice:{year}-{series}{number:04d}"))


def serial_of(identity: str) -> tuple[int, int]:
    """Year and number of a notice's id. Raises ``IdError``."""
    year, _, number = (parse_id(identity).period or "").partition("-")
    return int(year), int(number.removeprefix("m"))


def number_text(notice: Notice) -> str:
    """The number as it is printed (发文字号): the year in hexagonal brackets, no leading zeros."""
    year, number = serial_of(notice.id)
    return f"{notice.mark}〔{year}〕{number}号"


def day_text(day: date) -> str:
    """A day as papers write it, in Arabic numerals."""
    return f"{day.year}年{day.month}月{day.day}日"


def issued_on(notice: Notice) -> date:
    """The day in Heze that the paper was issued on."""
    return notice.issued_at.astimezone(calendar.LOCAL).date()
