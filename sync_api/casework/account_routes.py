"""What offices give account of: services done for people, and who owes what."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime
from typing import Annotated, Final

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Meta

from models import calendar
from models.cases import Case
from models.divisions import Division, Register
from models.documents import COUNT_MAX, Line, Service, Text, Ulid, Words
from models.ids import CODE_LENGTHS
from models.informants import blind_spots
from sync_api.casework.desk import Desk, Stored, fields_of, new_event, open_desk, store_event
from sync_api.casework.figure_routes import OF_DIVISION, no_departments
from sync_api.casework.lists import is_red, is_untaken
from sync_api.casework.views import CaseView, ServiceView, office_name, place_words, service_view
from sync_api.casework.words import DEBT_COLUMNS, MONTH_COLUMNS, SERVICE_COLUMNS
from sync_api.informants.desk import coverage_of
from sync_api.parts import Gateway, Parts, SessionRequest, requires_session
from sync_api.records.desk import correcting, record_reader
from sync_api.sheets import Cell, Format, Language, sheet

#: Cases listed one by one on the terminal: what a screen shows.
TERMINAL_ROWS: Final = 50
MONTHS_SHOWN: Final = 12


class Services(msgspec.Struct):
    as_of: datetime
    simulated: bool
    rows: list[ServiceView]


class NewService(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Something done for people. ``observed_at``: now, if unset, or that of the service that it ``corrects`` (the id of
    the last word on it)."""

    ulid: Ulid
    division: str
    topic: Words
    amount: Annotated[float, Meta(ge=0, le=COUNT_MAX)]
    unit: Line
    place: Line = ""
    text: Text = ""
    observed_at: Annotated[datetime, Meta(tz=True)] | None = None
    corrects: Line | None = None


class Debt(msgspec.Struct):
    """What an office owes: cases that it is in charge of, and those that it was asked to take over or to mend and has
    not yet; one that several owe counts with each. ``within``: the county of a department, empty for a division's
    office; ``next_due``: the earliest deadline among them."""

    office: str
    within: str
    name: str
    open: int
    overdue: int
    red: int
    next_due: date


class Month(msgspec.Struct):
    month: str
    opened: int
    cleared: int


class Terminal(msgspec.Struct):
    """The leaders' view of a division: who owes what; the first of what is red and of what is overdue, the longest due
    first; how many cases came and went by month. Of a county or township also how many informants are ``lacking``, how
    many natural villages none of them covers (``blind``; null where none was entered), and in how many villages nobody
    has entered any yet (``unknown``)."""

    as_of: datetime
    simulated: bool
    catalogue: str
    division: str
    division_name: str
    open: int
    overdue: int
    red: int
    untaken: int
    debts: list[Debt]
    red_cases: list[CaseView]
    overdue_cases: list[CaseView]
    months: list[Month]
    blind: int | None = None
    lacking: int | None = None
    unknown: int | None = None


class AccountsController(Controller):
    path = "/casework"
    tags = ("casework",)
    guards = (requires_session,)

    @get("/services/{code:str}", operation_id="services", dependencies=OF_DIVISION)
    async def services(self, request: SessionRequest, division: NamedDependency[Division], gateway: Parts) -> Services:
        """What was done for people in a division, the newest first."""
        desk = await open_desk(gateway, request, division.code)
        found = await _services(gateway, desk, division)
        return Services(desk.now, desk.setup.rulebook.is_simulated, found)

    @get("/services/{code:str}/{form:str}", operation_id="servicesFile", dependencies=OF_DIVISION)
    async def services_file(
        self,
        request: SessionRequest,
        division: NamedDependency[Division],
        form: FromPath[Format],
        gateway: Parts,
        language: FromQuery[Language] = "zh",
    ) -> Response[bytes]:
        """The same as a file, .xlsx or .csv."""
        desk = await open_desk(gateway, request, division.code)
        rows: list[list[Cell]] = []
        for number, one in enumerate(await _services(gateway, desk, division), 1):
            whose = (place_words(desk.setup.register, one.division), one.division)
            rows.append([number, one.observed_at, *whose, one.topic, one.amount, one.unit, one.place, one.text])
        about = desk.about("services", ("为民服务", "Services"), division.code)
        return sheet(about, SERVICE_COLUMNS, rows, form, language)

    @post("/services", operation_id="enterService", status_code=201)
    async def enter_service(self, request: SessionRequest, data: JSONBody[NewService], gateway: Parts) -> Stored:
        """Enter something that was done, or correct it. 409 ``step_refused`` with the reason."""
        corrected = await correcting(gateway, request, Service, data.division, data.ulid, data.corrects)
        event = await new_event(gateway, request, Service, data.division, data.ulid, corrected | fields_of(data))
        return await store_event(gateway, request, data.division, event)

    @get("/terminal/{code:str}", operation_id="terminal", dependencies=OF_DIVISION)
    async def terminal(self, request: SessionRequest, division: NamedDependency[Division], gateway: Parts) -> Terminal:
        """Who owes what in a division, by when; what is overdue; what came and went in twelve months."""
        desk = await open_desk(gateway, request, division.code)
        cases = [m.case for m in desk.matters if m.case.is_open]
        by_due = sorted((m for m in desk.matters if m.case.is_open), key=lambda m: m.case.due_day)
        overdue = [m for m in by_due if m.case.is_overdue(desk.today)]
        red = [m for m in by_due if is_red(m.case, desk.today)]
        covered = await coverage_of(gateway, desk.setup, division.code, desk.today)
        return Terminal(
            as_of=desk.now,
            simulated=desk.setup.rulebook.is_simulated,
            catalogue=desk.setup.rulebook.catalogue.version,
            division=division.code,
            division_name=division.name,
            open=len(cases),
            overdue=len(overdue),
            red=len(red),
            untaken=sum(is_untaken(case, desk.setup.rulebook.policy, desk.today) for case in cases),
            debts=_debts(cases, desk, division.code),
            red_cases=[desk.view(m) for m in red[:TERMINAL_ROWS]],
            overdue_cases=[desk.view(m) for m in overdue[:TERMINAL_ROWS]],
            months=_months(desk),
            blind=len(blind_spots(covered)) if covered and any(one.is_known for one in covered) else None,
            lacking=None if covered is None else sum(one.lacking for one in covered),
            unknown=None if covered is None else sum(not one.is_known for one in covered),
        )

    @get("/terminal/{code:str}/{form:str}", operation_id="terminalFile", dependencies=OF_DIVISION)
    async def terminal_file(
        self,
        request: SessionRequest,
        division: NamedDependency[Division],
        form: FromPath[Format],
        gateway: Parts,
        language: FromQuery[Language] = "zh",
    ) -> Response[bytes]:
        """Who owes what, as a file, .xlsx or .csv."""
        desk = await open_desk(gateway, request, division.code)
        debts = _debts([m.case for m in desk.matters if m.case.is_open], desk, division.code)
        divisions = desk.setup.register.divisions
        rows: list[list[Cell]] = [
            [
                place_words(desk.setup.register, one.office) if one.office in divisions else one.name,
                one.office if one.office in divisions else one.within,
                *(one.open, one.red, one.overdue, one.next_due),
            ]
            for one in debts
        ]
        about = desk.about("terminal", ("各单位应办的事项", "Who owes what"), division.code)
        return sheet(about, DEBT_COLUMNS, rows, form, language)

    @get("/terminal/{code:str}/months/{form:str}", operation_id="terminalMonthsFile", dependencies=OF_DIVISION)
    async def months_file(
        self,
        request: SessionRequest,
        division: NamedDependency[Division],
        form: FromPath[Format],
        gateway: Parts,
        language: FromQuery[Language] = "zh",
    ) -> Response[bytes]:
        """What came and went in twelve months, as a file, .xlsx or .csv."""
        desk = await open_desk(gateway, request, division.code)
        rows: list[list[Cell]] = [[one.month, one.opened, one.cleared] for one in _months(desk)]
        about = desk.about("months", ("近十二个月", "Twelve months"), division.code)
        return sheet(about, MONTH_COLUMNS, rows, form, language)


async def _services(gateway: Gateway, desk: Desk, division: Division) -> list[ServiceView]:
    no_departments(desk)
    found, reader = gateway.book.listed(Service, (division.code,)), await record_reader(gateway, desk.account)
    return [service_view(one, desk.setup.register, may_correct=reader.may_correct(one)) for one in found]


def _debts(cases: list[Case], desk: Desk, division: str) -> list[Debt]:
    """By office, those with most overdue first; each county has its own departments."""
    by_office: defaultdict[tuple[str, str], list[Case]] = defaultdict(list)
    divisions, shows_county = desk.setup.register.divisions, len(division) < CODE_LENGTHS["county"]
    for case in cases:
        for office in case.debtors:
            within = "" if office in divisions else case.village[: CODE_LENGTHS["county"]]
            by_office[within, office].append(case)
    debts = [
        Debt(
            office=office,
            within=within,
            name=_name_of(office, within if shows_county else "", desk.setup.register),
            open=len(of),
            overdue=sum(case.is_overdue(desk.today) for case in of),
            red=sum(is_red(case, desk.today) for case in of),
            next_due=calendar.day_of(min(case.due_day for case in of)),
        )
        for (within, office), of in by_office.items()
    ]
    return sorted(debts, key=lambda debt: (-debt.overdue, -debt.red, -debt.open, debt.office, debt.within))


def _name_of(office: str, county: str, register: Register) -> str:
    return " ".join(office_name(register, one) or one for one in (county, office) if one)


def _months(desk: Desk) -> list[Month]:
    today = calendar.day_of(desk.today)
    last = today.year * 12 + today.month - 1
    opened: Counter[int] = Counter()
    cleared: Counter[int] = Counter()
    for matter in desk.matters:
        opened[_month(matter.case.opened_day)] += 1
        if matter.case.cleared_day is not None:
            cleared[_month(matter.case.cleared_day)] += 1
    shown = range(last - MONTHS_SHOWN + 1, last + 1)
    return [Month(f"{at // 12}-{at % 12 + 1:02d}", opened[at], cleared[at]) for at in shown]


def _month(day: int) -> int:
    on = calendar.day_of(day)
    return on.year * 12 + on.month - 1
