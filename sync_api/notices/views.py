"""Papers as pages show them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from models.documents import Acknowledgement, Attendance, Notice, Paper, Paragraph
from models.notices.offices import number_text
from sync_api.access.accounts import Account
from sync_api.notices.rights import department_of, speaks_for


class ReceiverView(msgspec.Struct):
    """A receiver and when it acknowledged; ``is_mine``: the asking account is the one who does."""

    division: str
    name: str
    is_mine: bool
    acknowledged_at: datetime | None = None


class NoticeRow(msgspec.Struct, kw_only=True):
    """A paper in a list. ``number`` as it is printed; of its case village, ULID, indicator, deadline and department."""

    id: str
    paper: Paper
    number: str
    issued_at: datetime
    office: str
    title: str
    simulated: bool
    receivers: list[ReceiverView]
    village: str | None = None
    case: str | None = None
    indicator: str | None = None
    due: date | None = None

    @property
    def is_waiting(self) -> bool:
        return any(receiver.acknowledged_at is None for receiver in self.receivers)


class NoticeView(NoticeRow, kw_only=True):
    body: list[Paragraph]
    copies: list[str]
    attendance: list[Attendance]


class NoticeList(msgspec.Struct):
    """The newest papers that were asked for; ``count`` of all of them, ``waiting`` of those that somebody has not
    acknowledged. ``years`` in which the account has papers; ``answer_days``: what a form proposes."""

    as_of: datetime
    count: int
    waiting: int
    years: list[int]
    answer_days: int
    papers: list[NoticeRow]


def row_of(notice: Notice, words: Sequence[Acknowledgement | None], account: Account) -> NoticeRow:
    """A paper with its receivers' words, in the order of the receivers."""
    about = notice.about
    return NoticeRow(
        id=notice.id,
        paper=notice.paper,
        number=number_text(notice),
        issued_at=notice.issued_at,
        office=notice.office,
        title=notice.title,
        simulated=notice.simulated,
        receivers=[
            ReceiverView(
                division=receiver.division,
                name=receiver.name,
                is_mine=receiver.department == department_of(account)
                and speaks_for(account, receiver.division, notice),
                acknowledged_at=None if word is None else word.observed_at,
            )
            for receiver, word in zip(notice.receivers, words, strict=True)
        ],
        village=about.village if about else None,
        case=about.case if about else None,
        indicator=about.indicator if about else None,
        due=about.due if about else None,
    )


def view_of(notice: Notice, words: Sequence[Acknowledgement | None], account: Account) -> NoticeView:
    row = row_of(notice, words, account)
    return NoticeView(
        body=notice.body, copies=notice.copies, attendance=notice.attendance, **msgspec.structs.asdict(row)
    )
