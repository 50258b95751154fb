"""How a paper stands on the page: its parts in the order and the measures of GB/T 9704—2012 党政机关公文格式.

All lengths in mm, type in points. Both renderings (PDF and .docx) read only this.
"""

from __future__ import annotations

import re
from collections.abc import Set
from itertools import pairwise
from math import ceil
from typing import TYPE_CHECKING, Final

import msgspec

from models.documents import Annex, Paragraph
from models.notices.offices import day_text, issued_on, number_text
from models.terms import PRESENCE

if TYPE_CHECKING:
    from models.documents import Notice

PAGE_WIDTH, PAGE_HEIGHT = 210.0, 297.0
MARGIN_TOP, MARGIN_LEFT, MARGIN_RIGHT, MARGIN_BOTTOM = 37.0, 28.0, 26.0, 35.0
TEXT_WIDTH: Final = PAGE_WIDTH - MARGIN_LEFT - MARGIN_RIGHT
TEXT_HEIGHT: Final = PAGE_HEIGHT - MARGIN_TOP - MARGIN_BOTTOM
LINES_A_PAGE, SIGNS_A_LINE = 22, 28
#: Type sizes 二号, 三号, 四号; and 五号, for tables of many columns.
SIZE_TITLE, SIZE_BODY, SIZE_SMALL, SIZE_TABLE = 22.0, 16.0, 14.0, 10.5
#: The upper edge of the issuer's mark below that of the text area, and the red line below the number.
MARK_BELOW, LINE_BELOW = 35.0, 4.0
#: The page number's dash line below the text area.
NUMBER_BELOW: Final = 7.0
_MM_PER_POINT: Final = 25.4 / 72
#: From one line to the next, and from one sign to the next: 28 signs of 16 pt would be 158 mm.
LINE_PITCH: Final = TEXT_HEIGHT / LINES_A_PAGE
SIGN_PITCH: Final = TEXT_WIDTH / SIGNS_A_LINE
TITLE_SIGNS_MAX: Final = int(TEXT_WIDTH / (SIZE_TITLE * _MM_PER_POINT)) - 1


#: 2026年11月份, 4.3.2, 12号, 30%.
_NUMBER: Final = re.compile(r"第?\d+(?:[.．,年月日]?\d+)*(?:年|月份?|日|号|件|个|次|期|%)?")


class Slip(msgspec.Struct, frozen=True):
    """A part of its own page that is filled in by hand: rows of a label and what is printed beside it."""

    title: str
    rows: tuple[tuple[str, str], ...]


#: What is printed across each page of a paper that was not issued, and of one that was taken back.
DRAFT: Final = "草稿"
WITHDRAWN: Final = "已撤回"


class Sheet(msgspec.Struct, frozen=True):
    """A paper, part by part. ``attachments`` are named below the text, and ``attendance`` of minutes: a label and who;
    these have neither ``addressee`` nor ``signature``. The ``stub`` stays with the issuer.
    ``stamp``: what every page says of a paper that does not stand, "" of one that does."""

    mark: str
    number: str
    title: tuple[str, ...]
    addressee: str
    body: tuple[Paragraph, ...]
    attachments: tuple[str, ...]
    attendance: tuple[tuple[str, str], ...]
    signature: str
    day: str
    copies_label: str
    copies: str
    printed_by: str
    printed_on: str
    simulated: bool
    stamp: str = ""
    annex: Annex | None = None
    stub: Slip | None = None
    slips: tuple[Slip, ...] = ()


def sheet_of(notice: Notice, stamp: str = "") -> Sheet:
    """All that is printed of a paper, from its document alone; ``stamp``: ``DRAFT``, or ``WITHDRAWN``."""
    slips = _slips(notice)
    annex, is_minutes = notice.annex, notice.paper == "minutes"
    sent = [*(receiver.name for receiver in notice.receivers), *notice.copies] if is_minutes else notice.copies
    day = day_text(issued_on(notice))
    return Sheet(
        mark=f"{notice.office}{'会议纪要' if is_minutes else '文件'}",
        number=number_text(notice),
        title=title_lines(notice.title, notice.office),
        addressee="" if is_minutes else _addressee(notice),
        body=tuple(notice.body),
        attachments=(*((annex.title,) if annex else ()), *(slip.title for slip in slips)),
        attendance=tuple((f"{PRESENCE[one.how]}：", "、".join(one.names)) for one in notice.attendance),
        signature="" if is_minutes else notice.office,
        day=day,
        copies_label="分送：" if is_minutes else "抄送：",
        copies="，".join(sent),
        printed_by=notice.office,
        printed_on=day,
        simulated=notice.simulated,
        stamp=stamp,
        annex=annex,
        stub=_stub(notice) if notice.paper == "rectification" else None,
        slips=slips,
    )


def title_lines(title: str, office: str) -> tuple[str, ...]:
    """A title on as few lines as it needs, about equally long and never parted inside a date or a number: two of them
    part where the sense does, behind the office's name or 关于 or around what is quoted, if both are short enough
    then."""
    count = ceil(_signs(title) / TITLE_SIGNS_MAX)
    about = len(office) if title.startswith(office) else 0
    natural = {about, title.find("关于") + len("关于") if "关于" in title else 0, title.find("“"), title.find("”") + 1}
    inside = {at for number in _NUMBER.finditer(title) for at in range(number.start() + 1, number.end())}
    while (lines := _parted(title, count, natural if count == 2 else set(), inside)) is None:
        count += 1
    return lines


def _parted(title: str, count: int, natural: Set[int], inside: Set[int]) -> tuple[str, ...] | None:
    """On so many lines, each as long as what is left allows; None where one would be too long."""
    ends = [0]
    for left in range(count, 1, -1):
        rest = title[ends[-1] :]
        length = _signs(rest)
        fitting = {
            ends[-1] + at: abs(left * signs - length)
            for at in range(1, len(rest))
            if (signs := _signs(rest[:at])) <= TITLE_SIGNS_MAX and length - signs <= TITLE_SIGNS_MAX * (left - 1)
        }
        allowed = (fitting.keys() & natural) or (fitting.keys() - inside)
        if not allowed:
            return None
        ends.append(min(allowed, key=lambda at: (fitting[at], at)))
    return tuple(title[start:end] for start, end in pairwise([*ends, len(title)]))


def _signs(text: str) -> float:
    """How wide it is: a numeral takes half of a sign."""
    return sum(0.5 if sign.isdigit() else 1.0 for sign in text)


def _addressee(notice: Notice) -> str:
    # 同级并列用顿号 (GB/T 9704 leaves it to GB/T 15834)
    return "、".join(receiver.name for receiver in notice.receivers) + "："


def _facts(notice: Notice) -> tuple[tuple[str, str], ...]:
    about = notice.about
    facts = [("文号", number_text(notice)), ("文件", notice.title)]
    if about is not None:
        facts.append(("事项", f"{about.indicator} {about.name_zh}"))
        facts.append(("期限", day_text(about.due)))
    return tuple(facts)


def _stub(notice: Notice) -> Slip:
    about = notice.about
    asked = "".join(f"{number}.{text}" for number, text in enumerate(about.asked, 1)) if about is not None else ""
    receivers = "、".join(receiver.name for receiver in notice.receivers)
    rows = (*_facts(notice), ("送达单位", receivers), ("整改要求", asked), ("签发日期", day_text(issued_on(notice))))
    return Slip("存根", (*rows, ("签发", ""), ("承办", "")))


def _slips(notice: Notice) -> tuple[Slip, ...]:
    if notice.about is None:
        return ()
    title = "送达回执" if notice.paper == "rectification" else "签收回执"
    receipts = [
        Slip(
            title if len(notice.receivers) == 1 else f"{title}（{receiver.name}）",
            (*_facts(notice), ("受送达单位", receiver.name), ("收到时间", "　　年　月　日　时"), ("签收（盖章）", "")),
        )
        for receiver in notice.receivers
    ]
    if notice.paper == "rectification":
        outcome = (("整改情况", ""), ("复查结论", "□ 已完成　□ 未完成"), ("复查意见", ""), ("复查单位（盖章）", ""))
        receipts.append(Slip("复查意见", (*_facts(notice), *outcome, ("复查日期", "　　年　月　日"))))
    return tuple(receipts)
