"""The pages of casework: tasks, ledger, one case, and what is written there."""

from __future__ import annotations

import asyncio
from datetime import date, datetime
from typing import Annotated, Any, Final, Literal, get_args

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Meta

from models.cases import Case
from models.documents import (
    CaseEvent,
    CaseStep,
    Channel,
    IndicatorCode,
    Line,
    Office,
    Paper,
    Report,
    Severity,
    Text,
    Ulid,
    Words,
)
from models.ids import database_of, parse_id
from models.notices.requests import STEP_OF_PAPER, STEPS_BY_PAPER
from models.policy import Policy
from sync_api.access.accounts import Account
from sync_api.casework.book import Matter
from sync_api.casework.desk import Desk, Stored, fields_of, new_event, open_desk, open_ledger, store_event
from sync_api.casework.lists import Filter, Task, tasks_of
from sync_api.casework.views import CaseView, Entry, entry, office_name
from sync_api.casework.words import LEDGER_COLUMNS, PAPER_TASKS, TASKS, asked_of, ledger_row, paper_row
from sync_api.errors import NotFound, StillReading
from sync_api.notices.listing import PaperTaskView, paper_tasks, readable_papers
from sync_api.notices.rights import may_issue
from sync_api.notices.views import NoticeRow
from sync_api.parts import Gateway, Parts, SessionRequest, requires_session
from sync_api.sheets import Format, Language, sheet
from sync_api.stored import readable

#: Rows of one page of the ledger.
PAGE_ROWS: Final = 100
#: What a form records; with the others a paper is issued.
#: Steps whose office is another's: who had it first, and who is asked.
_NAMES_ANOTHER: Final[frozenset[CaseStep]] = frozenset({"opened", "assigned"})
STEPS: Final[tuple[CaseStep, ...]] = tuple(s for s in get_args(CaseStep) if s not in STEPS_BY_PAPER)


class TaskView(msgspec.Struct):
    task: Task
    case: CaseView


class Tasks(msgspec.Struct):
    """What waits for the account's office, by due day: cases, and papers to acknowledge and to answer."""

    as_of: datetime
    simulated: bool
    catalogue: str
    tasks: list[TaskView]
    papers: list[PaperTaskView]


class Ledger(msgspec.Struct):
    """The newest cases that pass the filter: ``count`` of them in all, ``rows`` from ``offset`` on."""

    as_of: datetime
    simulated: bool
    catalogue: str
    count: int
    open: int
    overdue: int
    offset: int
    rows: list[CaseView]


class CaseFile(msgspec.Struct):
    """A case with its whole history, in the order in which things happened. ``earlier``: the case that came back as
    this one. ``offices``: in whose name the reader acts, ``takes_as``: in whose it may be taken over; ``steps``: what
    the reader's post may record; ``papers`` that were issued for it, the newest first, and ``issues``: which of them
    the reader's post may issue; ``verifiers``: whom the reader's all-clear may name."""

    as_of: datetime
    simulated: bool
    catalogue: str
    case: CaseView
    history: list[Entry]
    earlier: str | None
    offices: list[str]
    takes_as: list[str]
    steps: list[CaseStep]
    papers: list[NoticeRow]
    issues: list[Paper]
    verifiers: list[str]
    has_sealed: bool
    may_unseal: bool


class NewStep(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A step as its form says it. ``ulid``: made by the page, so that a repeated request stores it once."""

    ulid: Ulid
    step: CaseStep
    indicator: IndicatorCode | None = None
    severity: Severity | None = None
    due: date | None = None
    department: Line | None = None
    office: Office | None = None
    text: Text = ""
    found: Text = ""
    done: Text = ""
    verified_by: Line | None = None
    is_better: bool | None = None


class NewReport(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A matter that an office received, by whatever channel but a tablet, with which people report by themselves.
    ``observed_at``: when it came in; now, if unset."""

    ulid: Ulid
    village: str
    indicator: IndicatorCode
    severity: Severity
    channel: Literal["letter_box", "hotline", "visit", "department", "patrol"]
    text: Words
    office: Office
    place: Line = ""
    observed_at: Annotated[datetime, Meta(tz=True)] | None = None


def provide_filter(
    division: FromQuery[str | None] = None,
    is_open: FromQuery[bool | None] = None,
    overdue: FromQuery[bool] = False,
    relapse: FromQuery[bool] = False,
    red: FromQuery[bool] = False,
    untaken: FromQuery[bool] = False,
    severity: FromQuery[Severity | None] = None,
    indicator: FromQuery[str | None] = None,
    channel: FromQuery[Channel | None] = None,
    owed_by: FromQuery[str | None] = None,
    since: FromQuery[date | None] = None,
    until: FromQuery[date | None] = None,
    cleared_since: FromQuery[date | None] = None,
    cleared_until: FromQuery[date | None] = None,
    words: FromQuery[str] = "",
) -> Filter:
    """What a query narrows the ledger to."""
    return Filter(
        division=division or "",
        is_open=is_open,
        is_overdue=overdue,
        is_relapse=relapse,
        is_red=red,
        is_untaken=untaken,
        severity=severity,
        indicator=indicator,
        channel=channel,
        owed_by=owed_by,
        since=since,
        until=until,
        cleared_since=cleared_since,
        cleared_until=cleared_until,
        words=tuple(words.split()),
    )


class CaseworkController(Controller):
    path = "/casework"
    tags = ("casework",)
    guards = (requires_session,)
    dependencies = {"wanted": Provide(provide_filter, sync_to_thread=False)}  # noqa: RUF012

    @get("/tasks", operation_id="tasks")
    async def tasks(self, request: SessionRequest, gateway: Parts) -> Tasks:
        """What waits for the account's office, by due day. 503 while the ledger is being read."""
        desk = await open_desk(gateway, request)
        return Tasks(
            as_of=desk.now,
            simulated=desk.setup.rulebook.is_simulated,
            catalogue=desk.setup.rulebook.catalogue.version,
            tasks=[TaskView(task, desk.view(m)) for task, m in await _tasks(gateway, desk)],
            papers=await paper_tasks(gateway, desk.account),
        )

    @get("/tasks/{form:str}", operation_id="tasksFile")
    async def tasks_file(
        self, request: SessionRequest, form: FromPath[Format], gateway: Parts, language: FromQuery[Language] = "zh"
    ) -> Response[bytes]:
        """The same as a file, .xlsx or .csv: cases, and after them the papers that wait."""
        desk, papers = await open_desk(gateway, request), await readable_papers(gateway, request.user.account)
        at, catalogue = int(language == "en"), desk.setup.rulebook.catalogue
        tasks = await _tasks(gateway, desk)
        lines = desk.lines(gateway, [m for _, m in tasks], papers)
        rows = [
            [TASKS[task][at], *ledger_row(number, line, catalogue, language)]
            for number, ((task, _), line) in enumerate(zip(tasks, lines, strict=True), 1)
        ]
        rows += [
            [PAPER_TASKS[one.task][at], *paper_row(number, one.paper, desk.setup.register, catalogue, language)]
            for number, one in enumerate(await paper_tasks(gateway, desk.account), len(rows) + 1)
        ]
        about = desk.about("tasks", ("我的任务", "My tasks"))
        return sheet(about, (("任务", "Task"), *LEDGER_COLUMNS), rows, form, language)

    @get("/ledger", operation_id="ledger")
    async def ledger(
        self,
        request: SessionRequest,
        gateway: Parts,
        wanted: NamedDependency[Filter],
        offset: Annotated[int, QueryParameter(ge=0, le=10**9)] = 0,
    ) -> Ledger:
        """The newest cases that pass the filter, a page of them."""
        desk = await open_ledger(gateway, request, wanted.division)
        found = desk.matching(wanted)
        return Ledger(
            as_of=desk.now,
            simulated=desk.setup.rulebook.is_simulated,
            catalogue=desk.setup.rulebook.catalogue.version,
            count=len(found),
            open=sum(m.case.is_open for m in found),
            overdue=sum(m.case.is_overdue(desk.today) for m in found),
            offset=offset,
            rows=[desk.view(m) for m in found[offset : offset + PAGE_ROWS]],
        )

    @get("/ledger/{form:str}", operation_id="ledgerFile")
    async def ledger_file(
        self,
        request: SessionRequest,
        form: FromPath[Format],
        gateway: Parts,
        wanted: NamedDependency[Filter],
        language: FromQuery[Language] = "zh",
    ) -> Response[bytes]:
        """All that passes the filter as a file, .xlsx or .csv."""
        desk = await open_ledger(gateway, request, wanted.division)
        papers = await readable_papers(gateway, request.user.account)
        catalogue = desk.setup.rulebook.catalogue

        def work() -> Response[bytes]:
            lines = desk.lines(gateway, desk.matching(wanted), papers)
            rows = (ledger_row(number, line, catalogue, language) for number, line in enumerate(lines, 1))
            about = desk.about("ledger", ("台帐", "Ledger"), wanted.division, asked_of(wanted, desk.setup))
            return sheet(about, LEDGER_COLUMNS, rows, form, language)

        return await asyncio.to_thread(work)

    @get("/cases/{village:str}/{case:str}", operation_id="caseFile")
    async def case_file(
        self, request: SessionRequest, village: FromPath[str], case: FromPath[str], gateway: Parts
    ) -> CaseFile:
        """A case with its whole history. A case out of scope is the same 404 as one that is not there."""
        desk = await open_desk(gateway, request, village)
        matter = found_case(gateway, request, village, case)
        events = await _events(gateway, matter)
        account = request.user.account
        return CaseFile(
            as_of=desk.now,
            simulated=desk.setup.rulebook.is_simulated,
            catalogue=desk.setup.rulebook.catalogue.version,
            case=desk.view(matter),
            history=[entry(event, matter, _author_for(desk, event)) for event in events],
            earlier=matter.earlier,
            offices=list(account.offices),
            takes_as=[office for office in account.offices if matter.case.may_be_taken_by(office)],
            steps=[step for step in STEPS if _may_record(account, step, matter.case)],
            papers=[
                row for row in await readable_papers(gateway, account) if (row.village, row.case) == (village, case)
            ],
            issues=[paper for paper in STEP_OF_PAPER if matter.case.is_open and may_issue(account, paper)],
            verifiers=_verifiers(account, matter.case, desk.setup.rulebook.policy),
            has_sealed=await gateway.sealed.has(village, case),
            may_unseal=is_handler(account, matter.case),
        )

    @post("/cases/{village:str}/{case:str}/steps", operation_id="recordStep", status_code=201)
    async def record_step(
        self,
        request: SessionRequest,
        village: FromPath[str],
        case: FromPath[str],
        data: JSONBody[NewStep],
        gateway: Parts,
    ) -> Stored:
        """Record a step as the account's own, now. 409 ``step_refused`` with the reason."""
        found_case(gateway, request, village, case)
        account = request.user.account
        async with gateway.book.turn(village, case):
            now = gateway.clock()
            event = CaseEvent(
                id=f"{village}:case:{case}:{data.ulid}",
                observed_at=now,
                saved_at=now,
                author=account.alias,
                simulated=(await gateway.installation.setup()).rulebook.is_simulated,
                **_said(data, account),
            )
            return await store_event(gateway, request, village, event)

    @post("/reports", operation_id="enterReport", status_code=201)
    async def enter_report(self, request: SessionRequest, data: JSONBody[NewReport], gateway: Parts) -> Stored:
        """Enter a matter that an office received. 409 ``step_refused`` with the reason."""
        event = await new_event(gateway, request, Report, data.village, data.ulid, fields_of(data))
        return await store_event(gateway, request, data.village, event)


def _said(step: NewStep, account: Account) -> dict[str, Any]:
    """What a step says; whose it is, too, where it names no office and the account speaks for one alone."""
    said = {name: value for name, value in msgspec.structs.asdict(step).items() if name != "ulid"}
    is_own = step.office is None and step.step not in _NAMES_ANOTHER and len(account.offices) == 1
    return said | ({"office": account.offices[0]} if is_own else {})


def _may_record(account: Account, step: CaseStep, case: Case) -> bool:
    """Whether a step may be the account's: an all-clear where a matter so bad must be acted on, or above."""
    is_its = account.may_write("case") and account.may_record(step)
    return is_its and (step != "cleared" or case.acting.startswith(account.divisions))


def _verifiers(account: Account, case: Case, policy: Policy) -> list[str]:
    """Who found it better; and who gives the all-clear of a small matter, if somebody else did something about it."""
    needs_no_review = case.severity not in policy.clearing.reviewed_first
    is_own = needs_no_review and bool(case.acted) and account.alias not in case.acted
    return sorted({*case.verifiers, *([account.alias] if is_own else ())})


def is_handler(account: Account, case: Case) -> bool:
    """Whether an account's office has the case, was asked to take it, or had it assigned."""
    return not {case.owner, *case.called, *case.departments}.isdisjoint(account.offices)


async def _tasks(gateway: Gateway, desk: Desk) -> list[tuple[Task, Matter]]:
    return tasks_of(desk.account, desk.matters, desk.setup.rulebook.policy, await gateway.staff.accounts())


def found_case(gateway: Gateway, request: SessionRequest, village: str, case: str) -> Matter:
    """One case, if it is the account's to see. Raises ``NotFound``, and ``StillReading`` while nothing is known yet."""
    matter = gateway.book.find(village, case)
    is_seen = request.user.account.role != "informant" and request.user.scope.allows(f"{village}:case:{case}:")
    if is_seen and matter is None and not gateway.book.is_loaded({database_of(village)}):
        raise StillReading("台账", "the ledger")
    if matter is None or not is_seen:
        raise NotFound("no_such_case", "没有这一事项，或者它不在您的范围内。", "There is no such case in your scope.")
    return matter


async def _events(gateway: Gateway, matter: Matter) -> list[Report | CaseEvent]:
    """All events of a case in the order in which they happened."""
    village, case = matter.case.village, matter.case.case
    database = database_of(village)
    steps = await gateway.couch.range_of(
        database, f"{village}:case:{case}:", f"{village}:case:{case};", include_docs=True
    )
    reports = await gateway.couch.rows_of(database, gateway.book.reports_of(village, case), include_docs=True)
    found = [event for event in readable([*reports, *steps]) if isinstance(event, Report | CaseEvent)]
    return sorted(found, key=lambda event: (_at(event), event.id[-26:]))


def _at(event: Report | CaseEvent) -> datetime:
    """A matter happened when it was observed, and a step when it was saved."""
    is_opening = isinstance(event, Report) or event.step == "opened"
    return event.observed_at if is_opening else event.saved_at


def _author_for(desk: Desk, event: Report | CaseEvent) -> str:
    """An informant is known to the offices only, and by alias. Others are told the office that entered a matter, and of
    what came by a tablet, only whether it was their own."""
    author = event.author if isinstance(event, CaseEvent) else parse_id(event.id).owner or ""
    if isinstance(event, CaseEvent) or desk.account.is_office or author == desk.account.alias:
        return author
    if event.office is None or event.channel == "tablet":
        return ""
    return office_name(desk.setup.register, event.office) or event.office
