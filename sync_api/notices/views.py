"""Papers as pages show them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from models import calendar
from models.documents import Acknowledgement, Attendance, Notice, Paper, Paragraph
from models.notices.offices import number_text
from sync_api.access.accounts import Account
from sync_api.casework.book import CaseBook
from sync_api.notices.register import NoticeRegister
from sync_api.notices.rights import department_of, may_withdraw, speaks_for


class ReceiverView(msgspec.Struct):
    """A receiver and when it acknowledged; ``is_mine``: the asking account is the one who does; ``has_heard``: it said
    so again after the paper was withdrawn."""

    division: str
    name: str
    is_mine: bool
    acknowledged_at: datetime | None = None
    has_heard: bool = False


class NoticeRow(msgspec.Struct, kw_only=True):
    """A paper in a list. ``number`` as it is printed; of its case village, ULID, indicator, what is asked and by which
    day the first receiver is to answer. ``answered_at``: when what was done was submitted since, or it was cleared.
    ``withdrawn_at`` and ``withdrawn_because``: the office took it back; nothing is waited for any more."""

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
    asked: list[str] = []
    answered_at: datetime | None = None
    is_overdue: bool = False
    withdrawn_at: datetime | None = None
    withdrawn_because: str = ""
    may_withdraw: bool = False

    @property
    def is_waiting(self) -> bool:
        return self.withdrawn_at is None and any(receiver.acknowledged_at is None for receiver in self.receivers)

    @property
    def is_mine_to_acknowledge(self) -> bool:
        return self.withdrawn_at is None and any(
            receiver.is_mine and receiver.acknowledged_at is None for receiver in self.receivers
        )

    @property
    def is_withdrawn_from_me(self) -> bool:
        """Whether the account has acknowledged what was withdrawn afterwards, and has not said that it knows."""
        return self.withdrawn_at is not None and any(
            receiver.is_mine and receiver.acknowledged_at is not None and not receiver.has_heard
            for receiver in self.receivers
        )

    @property
    def is_mine_to_answer(self) -> bool:
        """The first receiver leads."""
        is_open = self.due is not None and self.answered_at is None and self.withdrawn_at is None
        return is_open and self.receivers[0].is_mine


class NoticeView(NoticeRow, kw_only=True):
    body: list[Paragraph]
    copies: list[str]
    attendance: list[Attendance]


class NoticeList(msgspec.Struct):
    """The newest papers that were asked for; ``count`` of all of them, ``waiting`` of those that somebody has not
    acknowledged, ``overdue`` of those that were not answered in time. ``years`` in which the account has
    papers; ``answer_days``: what a form proposes."""

    as_of: datetime
    count: int
    waiting: int
    overdue: int
    years: list[int]
    answer_days: int
    papers: list[NoticeRow]


class Reader(msgspec.Struct, frozen=True):
    """Whom a paper is shown to, and when; the book says whether it was answered, the register what was said of it."""

    account: Account
    book: CaseBook
    papers: NoticeRegister
    now: datetime


def row_of(notice: Notice, words: Sequence[Acknowledgement | None], reader: Reader) -> NoticeRow:
    """A paper with its receivers' words, in the order of the receivers."""
    withdrawal, office = reader.papers.withdrawal_of(notice), notice.id.partition(":")[0]
    about, account = notice.about, reader.account
    answered = reader.book.answered(about.village, about.case, notice.issued_at) if about else None
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
                has_heard=has_heard,
            )
            for receiver, word, has_heard in zip(notice.receivers, words, reader.papers.heard_of(notice), strict=True)
        ],
        village=about.village if about else None,
        case=about.case if about else None,
        indicator=about.indicator if about else None,
        due=about.due if about else None,
        asked=about.asked if about else [],
        answered_at=answered,
        withdrawn_at=None if withdrawal is None else withdrawal.observed_at,
        withdrawn_because="" if withdrawal is None else withdrawal.text,
        may_withdraw=withdrawal is None and may_withdraw(account, office, notice),
        is_overdue=about is not None
        and answered is None
        and withdrawal is None
        and calendar.epoch_day(about.due) < calendar.local_day(reader.now),
    )


def view_of(notice: Notice, words: Sequence[Acknowledgement | None], reader: Reader) -> NoticeView:
    row = row_of(notice, words, reader)
    return NoticeView(
        body=notice.body, copies=notice.copies, attendance=notice.attendance, **msgspec.structs.asdict(row)
    )
