"""The offices' page of informants: register, coverage, pledges, trainings, and the month's allowance sheet."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime
from typing import Annotated, Final, Literal

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Meta

from models import calendar
from models.documents import (
    WORD_PATTERN,
    Alias,
    Appointment,
    Count,
    Line,
    NaturalVillage,
    Pledge,
    Settlements,
    Training,
    Ulid,
)
from models.ids import CODE_LENGTHS, parse_id
from models.informants import Attended, allowances, serving
from models.truthfulness import suspended_until
from sync_api.casework.desk import Stored, fields_of, new_event, store_event
from sync_api.casework.views import place_words
from sync_api.errors import BadRequest, Forbidden, NotFound
from sync_api.informants.desk import (
    InformantDesk,
    coverage_at,
    decided_at,
    open_informant_desk,
    pledges_at,
    terms_at,
    trainings_at,
)
from sync_api.informants.views import (
    ALLOWANCE_COLUMNS,
    COVERAGE_COLUMNS,
    REGISTER_COLUMNS,
    TRAINING_COLUMNS,
    AccountWaiting,
    AllowanceSheet,
    InformantPage,
    InformantView,
    TrainingList,
    TrainingView,
    allowance_cells,
    allowance_view,
    coverage_cells,
    coverage_row,
    coverage_rows,
)
from sync_api.parts import Gateway, Parts, SessionRequest, requires_session
from sync_api.records.desk import RecordReader, correcting, record_reader
from sync_api.sheets import Asked, Cell, Format, Language, sheet

#: So many trainings at once.
PAGE_ROWS: Final = 100
Instant = Annotated[datetime, Meta(tz=True)]
#: By whether an account is open; None: there is none.
_ACCOUNT: Final[dict[bool | None, Literal["open", "closed", "none"]]] = {True: "open", False: "closed", None: "none"}


class NewAppointment(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """An appointment goes with an account of the village's informants. ``observed_at``: from when; now, if unset."""

    ulid: Ulid
    village: str
    alias: Alias
    is_dismissal: bool = False
    natural_villages: list[Line] = []
    households: Count = 0
    observed_at: Instant | None = None


class NewSettlements(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The natural villages of a village, all of them."""

    ulid: Ulid
    village: str
    natural_villages: Annotated[list[NaturalVillage], Meta(min_length=1, max_length=60)]


class NewPledge(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """``corrects``: the id of the last word on a pledge, if it corrects one."""

    ulid: Ulid
    village: str
    signer: Alias
    until: date
    corrects: Line | None = None


class NewTraining(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """``informants``: who of them attended; ``attended``: how many in all, they among them. ``observed_at``: now, if
    unset, or that of the training that it ``corrects`` (the id of the last word on it)."""

    ulid: Ulid
    division: str
    topic: Annotated[str, Meta(pattern=WORD_PATTERN, max_length=200)]
    attended: Count
    informants: list[Alias] = []
    observed_at: Instant | None = None
    corrects: Line | None = None


class ForWhom(msgspec.Struct, forbid_unknown_fields=True):
    alias: Alias


class NewName(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    alias: Alias
    name: Annotated[str, Meta(pattern=WORD_PATTERN, max_length=60)]
    contact: Annotated[str, Meta(max_length=60)] = ""


class Named(msgspec.Struct):
    alias: str
    name: str
    contact: str


class InformantsController(Controller):
    path = "/informants"
    tags = ("informants",)
    guards = (requires_session,)

    @get("/{code:str}", operation_id="informants")
    async def informants(self, request: SessionRequest, code: FromPath[str], gateway: Parts) -> InformantPage:
        """How a county's or a township's villages are covered; for the station that appoints also by whom."""
        return await _page(gateway, await open_informant_desk(gateway, request, code))

    @get("/{code:str}/register/{form:str}", operation_id="informantsFile")
    async def register_file(
        self,
        request: SessionRequest,
        code: FromPath[str],
        form: FromPath[Format],
        gateway: Parts,
        language: FromQuery[Language] = "zh",
    ) -> Response[bytes]:
        """The register of informants by alias as a file, .xlsx or .csv."""
        desk = await open_informant_desk(gateway, request, code)
        _require_station(desk)
        rows: list[list[Cell]] = []
        for at, one in enumerate(await _informants(gateway, desk), 1):
            village = (place_words(desk.setup.register, one.village), one.village)
            who = (one.alias, *village, one.since, "、".join(one.natural_villages), one.households)
            is_open = _yes(one.account == "open", language)
            rows.append([at, *who, one.pledged_until, one.trainings, is_open, one.suspended_until])
        about = desk.about("informants", ("信息员名册", "Register of informants"))
        return sheet(about, REGISTER_COLUMNS, rows, form, language)

    @get("/{code:str}/coverage/{form:str}", operation_id="coverageFile")
    async def coverage_file(
        self,
        request: SessionRequest,
        code: FromPath[str],
        form: FromPath[Format],
        gateway: Parts,
        language: FromQuery[Language] = "zh",
    ) -> Response[bytes]:
        """Coverage as a file, .xlsx or .csv."""
        desk = await open_informant_desk(gateway, request, code)
        covered, register = await coverage_at(gateway, desk), desk.setup.register
        rows, total = coverage_rows(covered, register, desk.division), coverage_row(desk.division, covered, register)
        about = desk.about("coverage", ("信息员覆盖", "Coverage"))
        return sheet(about, COVERAGE_COLUMNS, coverage_cells(rows, total, language), form, language)

    @get("/{code:str}/trainings", operation_id="trainings")
    async def trainings(
        self,
        request: SessionRequest,
        code: FromPath[str],
        gateway: Parts,
        offset: Annotated[int, QueryParameter(ge=0, le=10**9)] = 0,
    ) -> TrainingList:
        """The trainings held in a division, the newest first, so many from ``offset`` on; who attended, by alias, for
        the station that appoints."""
        desk = await open_informant_desk(gateway, request, code)
        found = _trainings(gateway, desk)
        return TrainingList(
            as_of=desk.now,
            simulated=desk.setup.rulebook.is_simulated,
            count=len(found),
            attended=sum(one.attended for one in found),
            offset=offset,
            rows=_training_views(desk, found[offset : offset + PAGE_ROWS], await record_reader(gateway, desk.account)),
        )

    @get("/{code:str}/trainings/{form:str}", operation_id="trainingsFile")
    async def trainings_file(
        self,
        request: SessionRequest,
        code: FromPath[str],
        form: FromPath[Format],
        gateway: Parts,
        language: FromQuery[Language] = "zh",
    ) -> Response[bytes]:
        """All of them as a file, .xlsx or .csv."""
        desk = await open_informant_desk(gateway, request, code)
        views = _training_views(desk, _trainings(gateway, desk), await record_reader(gateway, desk.account))
        rows: list[list[Cell]] = []
        for number, one in enumerate(views, 1):
            whose = (place_words(desk.setup.register, one.division), one.division)
            rows.append([number, one.on, *whose, one.topic, one.attended, "、".join(one.informants), one.author])
        about = desk.about("trainings", ("信息员培训", "Trainings"))
        return sheet(about, TRAINING_COLUMNS, rows, form, language)

    @get("/{code:str}/allowance", operation_id="allowance")
    async def allowance(
        self, request: SessionRequest, code: FromPath[str], gateway: Parts, month: FromQuery[str]
    ) -> AllowanceSheet:
        """The allowance sheet of a month (``2026-11``), for the station that appoints."""
        return _sheet(gateway, await open_informant_desk(gateway, request, code), month)

    @get("/{code:str}/allowance/{form:str}", operation_id="allowanceFile")
    async def allowance_file(
        self,
        request: SessionRequest,
        code: FromPath[str],
        form: FromPath[Format],
        gateway: Parts,
        month: FromQuery[str],
        language: FromQuery[Language] = "zh",
    ) -> Response[bytes]:
        """The same as a file, .xlsx or .csv."""
        desk = await open_informant_desk(gateway, request, code)
        found = _sheet(gateway, desk, month)
        about = desk.about("allowance", ("信息员补贴表", "Allowance"), [Asked((month, month), month)])
        cells = allowance_cells(found, desk.setup.register, language)
        return sheet(about, ALLOWANCE_COLUMNS, cells, form, language)

    @post("/appointments", operation_id="appoint", status_code=201)
    async def appoint(self, request: SessionRequest, data: JSONBody[NewAppointment], gateway: Parts) -> Stored:
        """Appoint or dismiss. 409 ``step_refused`` with the reason."""
        event = await new_event(gateway, request, Appointment, data.village, data.ulid, fields_of(data))
        return await store_event(gateway, request, data.village, event)

    @post("/settlements", operation_id="enterSettlements", status_code=201)
    async def settle(self, request: SessionRequest, data: JSONBody[NewSettlements], gateway: Parts) -> Stored:
        """Enter the natural villages of a village."""
        event = await new_event(gateway, request, Settlements, data.village, data.ulid, fields_of(data))
        return await store_event(gateway, request, data.village, event)

    @post("/pledges", operation_id="enterPledge", status_code=201)
    async def pledge(self, request: SessionRequest, data: JSONBody[NewPledge], gateway: Parts) -> Stored:
        """Enter a pledge that was signed, or correct one. 409 ``step_refused`` with the reason."""
        corrected = await correcting(gateway, request, Pledge, data.village, data.ulid, data.corrects)
        event = await new_event(gateway, request, Pledge, data.village, data.ulid, corrected | fields_of(data))
        return await store_event(gateway, request, data.village, event)

    @post("/trainings", operation_id="enterTraining", status_code=201)
    async def training(self, request: SessionRequest, data: JSONBody[NewTraining], gateway: Parts) -> Stored:
        """Enter a training that was held, or correct one. 409 ``step_refused`` with the reason."""
        corrected = await correcting(gateway, request, Training, data.division, data.ulid, data.corrects)
        event = await new_event(gateway, request, Training, data.division, data.ulid, corrected | fields_of(data))
        return await store_event(gateway, request, data.division, event)

    @post("/names", operation_id="nameInformant", status_code=204)
    async def name(self, request: SessionRequest, data: JSONBody[NewName], gateway: Parts) -> None:
        """Write down who an informant is, beside the accounts. Logged."""
        office = await _appointing_office(gateway, request, data.alias)
        await gateway.audit.record(request.user.account.alias, "informant_named", data.alias)
        await gateway.names.write(data.alias, office, data.name, data.contact)

    @post("/names/read", operation_id="readInformantName", status_code=200)
    async def read_name(self, request: SessionRequest, data: JSONBody[ForWhom], gateway: Parts) -> Named:
        """Who an informant is, for the office that wrote it down; the look is logged before it is answered."""
        account = request.user.account
        await _appointing_office(gateway, request, data.alias)
        await gateway.audit.record(account.alias, "informant_read", data.alias)
        found = await gateway.names.find(data.alias, account.divisions)
        if found is None:
            raise NotFound("not_named", "没有登记。", "Nothing was written down.")
        return Named(data.alias, found.name, found.contact)


async def _page(gateway: Gateway, desk: InformantDesk) -> InformantPage:
    register, covered = desk.setup.register, await coverage_at(gateway, desk)
    informants = await _informants(gateway, desk) if desk.is_station else []
    return InformantPage(
        as_of=desk.now,
        simulated=desk.setup.rulebook.is_simulated,
        division=desk.division,
        division_name=register.divisions[desk.division].name,
        is_station=desk.is_station,
        total=coverage_row(desk.division, covered, register),
        coverage=coverage_rows(covered, register, desk.division),
        informants=informants,
        waiting=await _waiting(gateway, desk, {(one.village, one.alias) for one in informants}),
    )


async def _informants(gateway: Gateway, desk: InformantDesk) -> list[InformantView]:
    """Those who serve today, by village and alias."""
    pledges, trainings = pledges_at(gateway, desk), trainings_at(gateway, desk)
    is_active = {record.account.alias: record.is_active for record in await gateway.staff.records()}
    terms, decided = serving(terms_at(gateway, desk), desk.today), decided_at(gateway, desk.division)
    reader = await record_reader(gateway, desk.account)
    named = await gateway.names.known({term.alias for term in terms}, desk.account.divisions)
    return [
        InformantView(
            alias=term.alias,
            village=term.village,
            village_name=desk.setup.register.divisions[term.village].name,
            since=calendar.day_of(term.from_day),
            natural_villages=term.natural_villages,
            households=term.households,
            account=_ACCOUNT[is_active.get(term.alias)],
            is_named=term.alias in named,
            pledged_until=pledges[term.alias].until if term.alias in pledges else None,
            pledge=pledges[term.alias].id if term.alias in pledges else None,
            may_correct_pledge=term.alias in pledges and reader.may_correct(pledges[term.alias]),
            trainings=sum(term.alias in one.informants for one in trainings),
            suspended_until=suspended_until(decided, term.alias, desk.today),
        )
        for term in terms
    ]


def _trainings(gateway: Gateway, desk: InformantDesk) -> list[Training]:
    """The newest first, those of villages among them."""
    return gateway.book.listed(Training, (desk.division,))


def _training_views(desk: InformantDesk, trainings: list[Training], reader: RecordReader) -> list[TrainingView]:
    divisions, found = desk.setup.register.divisions, []
    for one in trainings:
        identity = parse_id(one.id)
        found.append(
            TrainingView(
                id=one.id,
                on=calendar.day_of(calendar.local_day(one.observed_at)),
                division=identity.division,
                division_name=divisions[identity.division].name,
                topic=one.topic,
                attended=one.attended,
                informants=one.informants if desk.is_station else [],
                author=(identity.owner or "") if desk.is_station else "",
                is_corrected=one.amends is not None,
                # who attended is not shown to others, whose form would lose it
                may_correct=reader.may_correct(one) and (desk.is_station or not one.informants),
            )
        )
    return found


async def _waiting(gateway: Gateway, desk: InformantDesk, appointed: set[tuple[str, str]]) -> list[AccountWaiting]:
    if not desk.is_station:
        return []
    inside = set(desk.codes)
    return [
        AccountWaiting(account.alias, village, desk.setup.register.divisions[village].name)
        for account in sorted(await gateway.staff.accounts(), key=lambda one: one.alias)
        if account.role == "informant"
        for village in account.divisions
        if village in inside and (village, account.alias) not in appointed
    ]


def _sheet(gateway: Gateway, desk: InformantDesk, month: str) -> AllowanceSheet:
    _require_station(desk)
    try:
        first = datetime.strptime(f"{month}-01 +0800", "%Y-%m-%d %z").date()
    except ValueError as error:
        raise BadRequest("bad_month", "月份应如 2026-11。", "A month looks like 2026-11.") from error
    if first > calendar.day_of(desk.today):
        raise BadRequest("month_to_come", "这个月还没有开始。", "This month has not begun.")
    rule = desk.setup.rulebook.policy.informants.allowance
    attended = [Attended.of(one) for one in trainings_at(gateway, desk)]
    rows = allowances(first, terms_at(gateway, desk), attended, decided_at(gateway, desk.division), rule)
    return AllowanceSheet(
        as_of=desk.now,
        simulated=desk.setup.rulebook.is_simulated,
        division=desk.division,
        division_name=desk.setup.register.divisions[desk.division].name,
        month=month,
        month_days=monthrange(first.year, first.month)[1],
        monthly_yuan=rule.monthly_fen(desk.division) / 100,
        training_yuan=rule.training_yuan,
        rows=[allowance_view(row, desk.setup.register) for row in rows],
        total=sum(row.total for row in rows) / 100,
    )


def _require_station(desk: InformantDesk) -> None:
    """Who serves is known to the office that appointed them."""
    if not desk.is_station:
        raise _not_appointing()


def _not_appointing() -> Forbidden:
    return Forbidden("station_only", "信息员名册只供聘任的管理站查看。", "This is for the station that appointed them.")


async def _appointing_office(gateway: Gateway, request: SessionRequest, alias: str) -> str:
    """The division of the station that appointed an informant. Raises ``Forbidden``, ``NotFound``."""
    account = request.user.account
    if account.role != "station":
        raise _not_appointing()
    record = await gateway.staff.find(alias)
    appointed = {one.alias for one in gateway.book.kept(Appointment, account.divisions)}
    if record is None or not account.may_manage(record.account) or alias not in appointed:
        raise NotFound("no_such_informant", "本站没有聘任这一信息员。", "This station appointed no such informant.")
    return record.account.divisions[0][: CODE_LENGTHS["township"]]


def _yes(is_so: bool, language: Language) -> str:
    return ("yes" if language == "en" else "是") if is_so else ""
