"""From what an office asks for to all that is printed of it: the words of warning notices and orders.

Their parts are those of published forms: fact, rule, demand, deadline, who looks again, what follows when it is late,
and the right to be heard. None of them names a person.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from models.documents import CaseNotice, Notice, OpenCase, Paragraph, Receiver
from models.notices.offices import day_text, mark_of, office_name, short_name
from models.notices.requests import OrderRequest, WarningRequest
from models.quotation import quoted

if TYPE_CHECKING:
    from models.divisions import Register
    from models.policy import Notices
    from models.village import Rulebook

_DIGITS: Final = "一二三四五六七八九"
_LIGHTS: Final = {"g": "有事项未办结", "s": "黄灯（久无消息）", "y": "黄灯", "r": "红灯"}
#: 一、 （二） 3. 4、 ⑤ before a text, and no quantity: 3.5 公里 begins with none.
_NUMBER: Final = re.compile(
    r"^\s*(?:[（(](?:[一二三四五六七八九十]{1,3}|\d{1,2})[)）]|[一二三四五六七八九十]{1,3}、|\d{1,2}(?:[.．](?!\d)|、)|[①-⑳])\s*(?=\S)"
)
Light = Literal["g", "s", "y", "r"]


class Issue(msgspec.Struct, frozen=True):
    """Who issues, when, in which store: what a paper holds beside what was asked for. ``office``: a division's code."""

    office: str
    author: str
    at: datetime
    register: Register
    rulebook: Rulebook


def compose(identity: str, request: WarningRequest, case: OpenCase, light: Light, issue: Issue) -> Notice:
    """The paper of a request under a number: a warning notice, or an order where it is an ``OrderRequest``."""
    notices = issue.rulebook.policy.notices
    register, village = issue.register, request.village
    office = office_name(issue.office, register, notices)
    about = _about(request, case, light, issue)
    is_order = isinstance(request, OrderRequest)
    place = short_name(register.divisions[village].name)
    return Notice(
        id=identity,
        simulated=issue.rulebook.is_simulated,
        paper="rectification" if is_order else "warning",
        request=request.ulid,
        issued_at=issue.at,
        author=issue.author,
        office=office,
        mark=mark_of(issue.office, register, notices),
        title=f"{office}限期整改通知书" if is_order else f"{office}关于{place}{quoted(about.name_zh)}的警示通知",
        receivers=_receivers(about, issue),
        copies=request.copies,
        body=_order_body(about, place, issue) if is_order else _warning_body(about, notices),
        about=about,
        is_reserved=True,
    )


def _about(request: WarningRequest, case: OpenCase, light: Light, issue: Issue) -> CaseNotice:
    catalogue, notices = issue.rulebook.catalogue, issue.rulebook.policy.notices
    indicator = catalogue.indicators[catalogue.index[case.indicator]]
    own = office_name(issue.office, issue.register, notices)
    is_order = isinstance(request, OrderRequest)
    return CaseNotice(
        village=request.village,
        case=request.case,
        indicator=indicator.code,
        name_zh=indicator.name_zh,
        name_en=indicator.name_en,
        light=light,
        since=case.opened_on,
        reported=request.reported.strip(),
        asked=[text.strip() for text in request.asked],
        due=request.due,
        # an order is looked after by who gave it; a warning by the station, whoever issued it
        follow_up=own if is_order else office_name(request.village[:9], issue.register, notices),
        contact=request.contact.strip() or own,
        norm=request.norm.strip() if isinstance(request, OrderRequest) else "",
        department=_short_name(request.department, issue) if isinstance(request, OrderRequest) else None,
    )


def full_name(department: str, issue: Issue) -> str:
    """A department as papers name it."""
    known = {d.short: d.name_zh for d in issue.rulebook.catalogue.departments}
    return known.get(department, department)


def _short_name(department: str, issue: Issue) -> str:
    known = {d.name_zh: d.short for d in issue.rulebook.catalogue.departments}
    return known.get(department, department)


def _receivers(about: CaseNotice, issue: Issue) -> list[Receiver]:
    notices = issue.rulebook.policy.notices
    if about.department is None:
        return [Receiver(about.village, office_name(about.village, issue.register, notices))]
    township = about.village[:9]
    return [
        Receiver(issue.office, full_name(about.department, issue), about.department),
        Receiver(township, office_name(township, issue.register, notices)),
    ]


def sections(parts: Sequence[tuple[str, Sequence[str | Paragraph]]]) -> list[Paragraph]:
    """Headings 一、二、三、, each with its paragraphs; a heading without any is left out."""
    kept = [(title, texts) for title, texts in parts if texts]
    return [
        paragraph if isinstance(paragraph, Paragraph) else Paragraph(paragraph)
        for number, (title, texts) in enumerate(kept, 1)
        for paragraph in (Paragraph(f"{numeral(number)}、{title}", 1), *texts)
    ]


def subsections(parts: Sequence[tuple[str, Sequence[str]]]) -> list[Paragraph]:
    """Headings （一）（二）（三） within a section, each with its paragraphs."""
    return [
        paragraph
        for number, (title, texts) in enumerate(parts, 1)
        for paragraph in (Paragraph(f"（{numeral(number)}）{title}", 2), *map(Paragraph, texts))
    ]


def numeral(number: int) -> str:
    """Of 1 to 99: 七, 十, 十二, 四十五."""
    tens, ones = divmod(number, 10)
    before = "" if tens == 0 else "十" if tens == 1 else f"{_DIGITS[tens - 1]}十"
    return before + (_DIGITS[ones - 1] if ones else "")


def items(texts: Sequence[str]) -> Iterator[str]:
    """Numbered 1. 2. 3., in place of numbers that were typed before them."""
    return (f"{number}.{_NUMBER.sub('', text, count=1)}" for number, text in enumerate(texts, 1))


def _warning_body(about: CaseNotice, notices: Notices) -> list[Paragraph]:
    lead = (
        f"经核，你村{quoted(f'{about.indicator} {about.name_zh}')}自{day_text(about.since)}起立项，"
        f"现为{_LIGHTS[about.light]}。"
        "根据动态管理有关规定，现予警示，并将有关事项通知如下。"
    )
    return [
        Paragraph(lead),
        *sections(
            [
                ("反映的情况", [about.reported]),
                ("办理要求", [*items(about.asked)]),
                (
                    "时限和复查",
                    [
                        f"请于{day_text(about.due)}前将办理情况书面答复{about.follow_up}，由其跟踪复查。",
                        f"联系单位：{about.contact}。",
                    ],
                ),
                ("逾期后果和说明权利", [notices.late_warning, notices.explanation]),
            ]
        ),
    ]


def _order_body(about: CaseNotice, place: str, issue: Issue) -> list[Paragraph]:
    notices = issue.rulebook.policy.notices
    township = about.village[:9]
    department = full_name(about.department or "", issue)
    lead = (
        f"经查，{issue.register.divisions[township].name}{place}{quoted(f'{about.indicator} {about.name_zh}')}"
        f"自{day_text(about.since)}起立项，现为{_LIGHTS[about.light]}，至今没有办结。现责令限期整改，通知如下。"
    )
    return [
        Paragraph(lead),
        *sections(
            [
                ("查明的事实", [about.reported]),
                ("不符合的规定", [about.norm] if about.norm else []),
                ("整改要求", [*items(about.asked)]),
                (
                    "整改期限和牵头单位",
                    [
                        f"整改期限至{day_text(about.due)}。由{department}牵头，"
                        f"{office_name(township, issue.register, notices)}配合，期满前书面报告整改结果。",
                    ],
                ),
                ("复查", [f"由{about.follow_up}复查。联系单位：{about.contact}。"]),
                ("逾期后果和说明权利", [notices.late_rectification, notices.explanation]),
            ]
        ),
    ]
