"""Issuing: a number that nobody else has, the step of the case, then the paper; and the receiver's word.

The number is reserved by writing the paper's document where none is; of two clerks one finds it taken and goes on to
the next. Then the step is taken, as the issuing account's own event, and with that the reservation becomes the paper. A
refused step gives the number back. Who dies in between leaves a reservation, which is no paper: the same request
again goes on from it, and after ``LEASE`` the office's next request settles it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Final

import msgspec
from msgspec import UNSET, Raw
from ulid import ULID

from models import calendar
from models.documents import (
    Acknowledgement,
    Agenda,
    CaseEvent,
    CaseNotice,
    Inspection,
    Meeting,
    Notice,
    OpenCase,
    Paper,
    Patrol,
    Withdrawal,
    encode,
)
from models.ids import database_of, event_id, parse_id, ulid_milliseconds
from models.lights import LETTERS, RED, YELLOW
from models.notices.circular import CircularRequest, compose_circular
from models.notices.composition import Issue, Light, compose
from models.notices.meetings import compose_meeting, receivers_of
from models.notices.months import Month, month_days, month_of
from models.notices.offices import notice_id, number_text, serial_of, series_of, year_of
from models.notices.requests import (
    STEP_OF_PAPER,
    MeetingRequest,
    OrderRequest,
    WarningRequest,
    WithdrawalRequest,
    content_of,
)
from models.patrols import patrol_states
from models.setup import Setup
from models.village import open_case
from sync_api.access.accounts import Account, Session
from sync_api.access.staff import Staff
from sync_api.board.state import BoardState
from sync_api.casework.book import CaseBook
from sync_api.casework.lists import is_red
from sync_api.couch import Couch, CouchError
from sync_api.errors import BadRequest, Busy, Conflict, Forbidden, NotFound, StillReading
from sync_api.notices import rights
from sync_api.notices.register import NoticeRegister
from sync_api.replication.content import require_clean
from sync_api.replication.push import Push
from sync_api.stored import readable

#: Longer than any request lasts: whoever reserved a number so long ago is gone.
LEASE: Final = timedelta(minutes=10)
#: So many others may take a number from under one's hands.
TRIES_MAX: Final = 20

_decode = msgspec.json.Decoder(Notice).decode
#: What an office asks for.
Request = WarningRequest | CircularRequest | MeetingRequest
#: What a paper's document is, given its id.
Compose = Callable[[str], Notice]


class _Written(msgspec.Struct):
    rev: str


class NoticeDesk:
    """Issues and acknowledges papers in one store."""

    def __init__(
        self,
        couch: Couch,
        board: BoardState,
        book: CaseBook,
        push: Push,
        register: NoticeRegister,
        staff: Staff,
        clock: Callable[[], datetime],
    ) -> None:
        self._book, self._staff = book, staff
        self._couch, self._board, self._push, self._register, self._clock = couch, board, push, register, clock

    async def issue(self, session: Session, setup: Setup, request: Request) -> Notice:
        """Issue a paper: a warning notice or an order about a case, the circular of a month to the offices right below,
        or the notice of an approved agenda or the minutes of a meeting to whom they concern. The same request again
        gives the same paper. Raises ``Forbidden``, ``NotFound`` (out of scope), ``BadRequest``, ``Conflict`` (no such
        open case, the step refused, or such a paper is there already)."""
        office = self._office_of(session, setup, request)
        found = await self._find(office, request.ulid, self._clock())
        if found is None:
            issue, composed = await self._draft(session, setup, request, office)
            is_again = not isinstance(request, MeetingRequest) and request.again
            found = await self._reserve(issue, request, self._paper_of(session, request), composed, again=is_again)
        self._check_same(found, request, session)
        return await self._complete(found, session, setup) if found.is_reserved else found

    async def preview(self, session: Session, setup: Setup, request: Request) -> tuple[Notice, list[Notice]]:
        """The paper as it would be issued, without a number, and those of its kind that the office has issued on the
        same this year. Raises as ``issue`` does."""
        office = self._office_of(session, setup, request)
        issue, composed = await self._draft(session, setup, request, office)
        paper = self._paper_of(session, request)
        notice = composed(notice_id(office, year_of(issue.at), 0, series_of(paper)))
        papers = await self._papers(office, year_of(issue.at))
        return notice, [one for one in papers if not one.is_reserved and self._hinders(one, notice)]

    def _paper_of(self, session: Session, request: Request) -> Paper:
        """Raises ``NotFound`` for the paper of an agenda or minutes that are not there."""
        if isinstance(request, CircularRequest):
            return "circular"
        if isinstance(request, MeetingRequest):
            return "meeting" if isinstance(self._source(session.account, request.about), Agenda) else "minutes"
        return "rectification" if isinstance(request, OrderRequest) else "warning"

    def _office_of(self, session: Session, setup: Setup, request: Request) -> str:
        """The division in whose name the account issues what it asks for."""
        is_of_meeting = isinstance(request, MeetingRequest)
        if not rights.may_issue(session.account, "minutes" if is_of_meeting else self._paper_of(session, request)):
            raise Forbidden("role_may_not_issue", "您的岗位不能签发这种文件。", "This role issues no such paper.")
        if isinstance(request, CircularRequest):
            return session.account.divisions[0]
        if isinstance(request, MeetingRequest):
            return parse_id(self._source(session.account, request.about).id).division
        office = rights.issuing_office(session.account, request.village)
        if office is None or request.village not in setup.register.villages:
            raise NotFound
        return office

    async def _draft(self, session: Session, setup: Setup, request: Request, office: str) -> tuple[Issue, Compose]:
        """All that a paper says but its number."""
        issue = Issue(office, session.account.alias, self._clock(), setup.register, setup.rulebook)
        if isinstance(request, CircularRequest):
            return issue, await self._circular(setup, request, issue)
        if isinstance(request, MeetingRequest):
            return issue, self._of_meeting(session, request, issue)
        await self._check(request, setup, issue.at)
        case, light = self._situation(setup, request, calendar.local_day(issue.at))
        return issue, lambda identity: compose(identity, request, case, light, issue)

    async def _circular(self, setup: Setup, request: CircularRequest, issue: Issue) -> Compose:
        """Raises ``StillReading`` while the cases are still being read."""
        require_clean(*request.asked, *request.remarks)
        days, today = month_days(request.month), calendar.local_day(issue.at)
        if days[0] > today:
            raise BadRequest("bad_month", "这个月还没有开始。", "This month has not begun.")
        if days[1] < setup.rulebook.watched_since:
            since = calendar.day_of(setup.rulebook.watched_since)
            zh, en = (
                f"监测从 {since} 开始，这个月还没有监测。",
                f"Watching began on {since}: nobody watched this month.",
            )
            raise BadRequest("bad_month", zh, en)
        month = await self._month(setup, issue.office, (days[0], min(days[1], today)))
        return lambda identity: compose_circular(identity, request, month, issue)

    def _of_meeting(self, session: Session, request: MeetingRequest, issue: Issue) -> Compose:
        require_clean(*request.copies)
        source = self._source(session.account, request.about)
        if not receivers_of(source, issue):
            raise BadRequest("nobody_invited", "没有写明发给哪些单位。", "It names no office that it goes to.")
        return lambda identity: compose_meeting(identity, request, source, issue)

    def _source(self, account: Account, identity: str) -> Agenda | Meeting:
        """An agenda or minutes of one of the account's own offices, as last corrected. Raises ``NotFound``."""
        own = tuple(code for code in account.divisions if identity.startswith(f"{code}:"))
        if not own:
            raise NotFound
        if not self._book.is_loaded({database_of(own[0])}):
            raise StillReading("台账", "the meetings")
        kept: list[Agenda | Meeting] = [*self._book.listed(Agenda, own), *self._book.listed(Meeting, own)]
        found = next((one for one in kept if identity in (one.id, one.amends)), None)
        if found is None or (isinstance(found, Agenda) and found.step == "withdrawn"):
            raise NotFound
        if isinstance(found, Agenda) and any(isinstance(one, Agenda) and one.about == found.id for one in kept):
            raise Conflict("agenda_withdrawn", "这份议程已经撤回。", "This agenda was withdrawn.")
        return found

    async def _month(self, setup: Setup, office: str, days: tuple[int, int]) -> Month:
        """The month of each division right below an office, and of all of them."""
        register, book = setup.register, self._book
        villages = register.villages[register.villages_in(office)]
        if not book.is_loaded({database_of(office), *map(database_of, villages)}):
            raise StillReading("台账", "the cases")
        cases = [matter.case for matter in book.of(villages)]
        heard = book.happenings((office,))
        patrols = patrol_states(book.listed(Patrol, (office,)), book.listed(Inspection, (office,)))
        names = {code: register.divisions[code].name for code in register.children.get(office, ())} | {office: "合计"}
        return await asyncio.to_thread(
            month_of, names, office, cases, heard, patrols, days, setup.rulebook.policy, setup.rulebook.watched_since
        )

    async def acknowledge(self, session: Session, setup: Setup, notice: Notice) -> None:
        """The receiver's word, as an event of the account's own; of a withdrawn paper, that this is known there, so it
        is no task any more. Raises ``Forbidden`` for whom it is not addressed to, ``Conflict`` for a refused event."""
        account, now = session.account, self._clock()
        division = next((code for code in account.divisions if rights.speaks_for(account, code, notice)), None)
        if division is None:
            zh, en = "这份文件不是发给您单位的，不能签收。", "This paper is not addressed to your office."
            raise Forbidden("not_addressed", zh, en)
        word = Acknowledgement(
            id=event_id(division, "acknowledgement", account.alias, str(ULID.from_datetime(now))),
            simulated=setup.rulebook.is_simulated,
            observed_at=now,
            saved_at=now,
            notice=notice.id,
            department=rights.department_of(account),
        )
        await self._record(session, setup, word)
        self._register.take_word(word)

    async def withdraw(self, session: Session, setup: Setup, notice: Notice, said: WithdrawalRequest) -> None:
        """The issuing office's word that a paper was issued by mistake, as an event of the account's own. Raises
        ``Forbidden`` for another office, ``Conflict`` where it was withdrawn before."""
        account, now, office = session.account, self._clock(), notice.id.partition(":")[0]
        if not rights.may_withdraw(account, office, notice):
            zh, en = "这份文件不是您单位签发的，不能撤回。", "Your office has not issued this paper."
            raise Forbidden("not_issuer", zh, en)
        word = Withdrawal(
            id=event_id(office, "withdrawal", account.alias, said.ulid),
            simulated=setup.rulebook.is_simulated,
            observed_at=now,
            saved_at=now,
            notice=notice.id,
            text=said.text,
        )
        about = notice.about
        of_what = (office, notice.id) if about is None else (about.village, about.case)
        async with self._book.turn(*of_what):  # of two clerks at once the second hears of the first
            before, steps = self._register.withdrawal_of(notice), await self._steps(notice)
            is_recalled = any(step.step == "recalled" and step.notice == notice.id for step in steps)
            # one whose gateway died before its case heard of it is finished by whoever asks again
            is_done = before is not None and (about is None or is_recalled)
            if before is not None and is_done and (before.id, before.text) != (word.id, word.text):
                raise Conflict("withdrawn_already", "这份文件已经撤回。", "This paper was withdrawn already.")
            if about is not None:
                await self._check_texts([said.text], about.village, about.case)
            if before is None:
                await self._record(session, setup, word)
                self._register.take_withdrawal(word)
            if about is None:
                return
            if not is_recalled:
                # what is finished later is so by whoever asks, then, with the words that the paper was withdrawn with
                ulid, text = (said.ulid, said.text) if before is None else (str(ULID.from_datetime(now)), before.text)
                await self._record(session, setup, _recall(notice, about, word, ulid, text))
            await self._take_back(notice.id, about.village, about.case, steps)

    async def _steps(self, notice: Notice) -> list[CaseEvent]:
        """The steps of the case that a paper is about."""
        if notice.about is None:
            return []
        start = f"{notice.about.village}:case:{notice.about.case}"
        rows = await self._couch.range_of(database_of(start), f"{start}:", f"{start};", include_docs=True)
        return [step for step in readable(rows) if isinstance(step, CaseEvent)]

    async def _take_back(self, paper: str, village: str, case: str, steps: list[CaseEvent]) -> None:
        """A department that has a case by this paper alone, and has done nothing about it, sees it no longer."""
        given = {step.department for step in steps if step.notice == paper and step.department is not None}
        has_it = {name for step in steps if step.notice != paper for name in (step.department, step.office)}
        for department in given - has_it:
            await self._staff.take_back(department, village, case)

    async def _record(self, session: Session, setup: Setup, event: Acknowledgement | CaseEvent | Withdrawal) -> None:
        row = await self._push.take_one(session, setup, database_of(event.id), Raw(encode(event)))
        if not row.ok:
            zh, _, en = row.reason.partition(" / ")
            raise Conflict("step_refused", zh, en)

    def _check_same(self, notice: Notice, request: Request, session: Session) -> None:
        """A request's ULID stands for one content of one clerk."""
        is_same = notice.paper == self._paper_of(session, request) and notice.content == content_of(request)
        if notice.author != session.account.alias or not is_same:
            raise _other_request()

    async def _find(self, office: str, request: str, now: datetime) -> Notice | None:
        """What a request of this office has led to before; its ULID may be of last year."""
        asked_at = datetime.fromtimestamp(ulid_milliseconds(request) / 1000, UTC)
        for year in {year_of(now), year_of(asked_at)}:
            for notice in await self._papers(office, year):
                if notice.request == request:
                    return notice
        return None

    async def _papers(self, office: str, year: int) -> list[Notice]:
        """The papers and reservations of an office and year, by number."""
        start = f"{office}:notice:{year:04d}-"
        rows = await self._couch.range_of(database_of(office), start, start[:-1] + ".", include_docs=True)
        return [_decode(row.doc) for row in rows if row.has_doc]

    async def _check(self, request: WarningRequest, setup: Setup, now: datetime) -> None:
        _check_due(request.due, now, setup)
        await self._check_texts(list(request.texts()), request.village, request.case)

    async def _check_texts(self, texts: list[str], village: str, case: str) -> None:
        """No personal number, nor who reported the case."""
        require_clean(*texts)
        reporter = await self._reporter(village, case)
        if reporter is not None and any(reporter in text for text in texts):
            zh, en = "内容中有上报人的代号，请删去。", "The text names who reported: leave that out."
            raise BadRequest("names_reporter", zh, en)

    async def _reporter(self, village: str, case: str) -> str | None:
        """The alias that the report of a case came from."""
        rows = await self._couch.range_of(database_of(village), f"{village}:report:", f"{village}:report;")
        return next((row.id.split(":")[2] for row in rows if row.id and row.id.endswith(f":{case}")), None)

    def _situation(self, setup: Setup, request: WarningRequest, today: int) -> tuple[OpenCase, Light]:
        """The case as the ledger has it, which knows of it at once, and its indicator's light: that of the board, or of
        the case itself where the board has not come to it yet."""
        catalogue = setup.rulebook.catalogue
        if not self._book.is_loaded({database_of(request.village)}):
            raise StillReading("台账", "the ledger")
        matter = self._book.find(request.village, request.case)
        if matter is None or not matter.case.is_open or matter.case.indicator not in catalogue.index:
            raise Conflict("no_open_case", "本村没有这一未办结的事项。", "The village has no such open case.")
        letters = self._board.letters([request.village], len(catalogue.indicators))
        lit = LETTERS[RED if is_red(matter.case, today) else YELLOW]
        shown = max(letters[catalogue.index[matter.case.indicator]], lit, key=LETTERS.index)
        lights: dict[str, Light] = {"g": "g", "s": "s", "y": "y", "r": "r"}
        return open_case(matter.case, today), lights[shown]

    async def _reserve(self, issue: Issue, request: Request, paper: Paper, composed: Compose, *, again: bool) -> Notice:
        """Write a paper under the lowest number of its series that is free. Raises ``Busy`` when others are quicker all
        the time, and ``Conflict`` where its meeting's paper was issued before, or the office has issued such a paper on
        the same, unless that is to be so (``again``)."""
        year, name = year_of(issue.at), series_of(paper)
        for _ in range(TRIES_MAX):
            series = [n for n in await self._papers(issue.office, year) if series_of(n.paper) == name]
            number, rev = await self._free_number(series, issue.at)
            notice = composed(notice_id(issue.office, year, number, name))
            notice = msgspec.structs.replace(notice, content=content_of(request))
            # the same request may have come a second time
            if (same := next((n for n in series if n.request == notice.request), None)) is not None:
                return same
            self._check_unissued(notice, series)
            if not again and (twin := next((n for n in series if self._hinders(n, notice)), None)) is not None:
                raise _issued_already(twin)
            if (reserved := await self._write(notice, rev)) is not None:
                return reserved
        raise Busy

    def _hinders(self, other: Notice, notice: Notice) -> bool:
        """Whether a paper was issued on the same before and stands."""
        return self._register.withdrawal_of(other) is None and _is_twin(other, notice)

    def _check_unissued(self, notice: Notice, series: list[Notice]) -> None:
        """A meeting's paper goes out once, of last year too."""
        issued = [n for n, _ in self._register.all()] + [
            n for n in series if not n.is_reserved or n.issued_at > notice.issued_at - LEASE
        ]
        standing = (n for n in issued if self._register.withdrawal_of(n) is None)
        if notice.source is not None and any(n.source == notice.source for n in standing):
            raise Conflict("already_issued", "这份文件已经印发。", "This paper was issued already.")

    async def _free_number(self, series: list[Notice], now: datetime) -> tuple[int, str | None]:
        """The lowest number without a paper, and the revision of what is given up there. Reservations whose step was
        taken become papers on the way."""
        for notice in series:
            if not notice.is_reserved or notice.issued_at > now - LEASE:
                continue
            step = _step_of(notice)
            if step is None or await self._couch.get(database_of(step.id), step.id) is None:
                return serial_of(notice.id)[1], _rev_of(notice)
            await self._write(msgspec.structs.replace(notice, is_reserved=False), _rev_of(notice))
        taken = {serial_of(notice.id)[1] for notice in series}
        return next(number for number in range(1, len(taken) + 2) if number not in taken), None

    async def _write(self, notice: Notice, rev: str | None) -> Notice | None:
        """Store a paper over a revision, or where there is none. None when somebody else was quicker."""
        document = msgspec.structs.replace(notice, rev=UNSET if rev is None else rev)
        try:
            answer = await self._couch.put(database_of(notice.id), notice.id, encode(document))
        except CouchError as error:
            if error.status != 409:
                raise
            return None
        return msgspec.structs.replace(notice, rev=msgspec.json.decode(answer, type=_Written).rev)

    async def _complete(self, reserved: Notice, session: Session, setup: Setup) -> Notice:
        """From the reservation to the paper. A repeated step is taken as done."""
        step = _step_of(reserved)
        if step is not None:
            try:
                await self._record(session, setup, step)
            except Conflict:
                await self._give_back(reserved)
                raise
        issued = await self._write(msgspec.structs.replace(reserved, is_reserved=False), _rev_of(reserved))
        if issued is None:  # the same request, a second time at once, or the office's next one
            content = await self._couch.get(database_of(reserved.id), reserved.id)
            issued = _decode(content) if content is not None else None
            if issued is None or issued.is_reserved or issued.request != reserved.request:
                raise Conflict(
                    "number_lost", "文号已被占用，请重新签发。", "The number was taken meanwhile: issue it again."
                )
        self._register.take(issued)
        return issued

    async def _give_back(self, reserved: Notice) -> None:
        try:
            await self._couch.delete(database_of(reserved.id), reserved.id, _rev_of(reserved) or "")
        except CouchError as error:
            if error.status not in (404, 409):  # somebody else has settled it
                raise


def _rev_of(notice: Notice) -> str | None:
    return None if notice.rev is UNSET else notice.rev


def _step_of(notice: Notice) -> CaseEvent | None:
    """The step of the case that a paper is issued with; the same for every try."""
    about = notice.about
    if about is None:
        return None
    is_order = notice.paper == "rectification"
    return CaseEvent(
        id=event_id(about.village, "case", about.case, notice.request),
        simulated=notice.simulated,
        observed_at=notice.issued_at,
        saved_at=notice.issued_at,
        step=STEP_OF_PAPER[notice.paper],
        author=notice.author,
        due=about.due if is_order else None,
        department=about.department,
        notice=notice.id,
    )


def _recall(notice: Notice, about: CaseNotice, word: Withdrawal, ulid: str, text: str) -> CaseEvent:
    """The step by which what a paper did to its case is undone."""
    return CaseEvent(
        id=event_id(about.village, "case", about.case, ulid),
        simulated=word.simulated,
        observed_at=word.saved_at,
        saved_at=word.saved_at,
        step="recalled",
        author=parse_id(word.id).owner or "",
        text=text,
        notice=notice.id,
    )


def _other_request() -> Conflict:
    return Conflict(
        "other_request", "同一请求编号已签发另一份文件。", "Another paper was issued by this request's ULID."
    )


def _check_due(due: date, now: datetime, setup: Setup) -> None:
    days = calendar.epoch_day(due) - calendar.local_day(now)
    days_max = setup.rulebook.policy.clock.behind_days_max
    if not 0 <= days <= days_max:
        zh, en = f"期限应在今天起 {days_max} 天之内。", f"The day must lie within {days_max} days from today."
        raise BadRequest("bad_term", zh, en)


def _is_twin(notice: Notice, other: Notice) -> bool:
    """Whether two papers of an office are of one kind and on one case, one meeting or one month."""
    return (notice.paper, _matter(notice)) == (other.paper, _matter(other))


def _matter(notice: Notice) -> tuple[str, ...]:
    if notice.about is not None:
        return (notice.about.village, notice.about.case)
    return (notice.source or notice.title,)


def _issued_already(twin: Notice) -> Conflict:
    number = number_text(twin)
    zh = f"就同一事项（月份）已签发{number}；确需再发，请注明再次签发。"
    en = f"{number} was issued on the same already; say so if it is to be issued again."
    return Conflict("issued_already", zh, en)
