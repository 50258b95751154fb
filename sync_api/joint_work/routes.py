"""Joint work: agendas, minutes, resolutions carried out, work teams."""

from __future__ import annotations

import asyncio
from datetime import date, datetime
from typing import Any, Final, TypeVar

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, JSONBody
from ulid import ULID

from models import calendar
from models.divisions import Division
from models.documents import (
    Agenda,
    Carrying,
    CaseEvent,
    Inspection,
    Meeting,
    Patrol,
    Resolution,
    Team,
    Topic,
)
from models.ids import CODE_LENGTHS, database_of, parse_id
from models.joint_work.agenda import Matters, agenda
from models.joint_work.resolutions import FAULTS, ResolutionState, carrying_fault, resolution_states
from models.joint_work.teams import Difficulty, difficulty, team_fault
from models.notices.months import unit_month
from models.patrols import patrol_states
from models.setup import Setup
from sync_api.access.accounts import Account
from sync_api.board.routes import provide_division
from sync_api.casework.desk import Stored, fields_of, new_event, store_event
from sync_api.casework.views import place_of
from sync_api.errors import Conflict, GatewayError, NotFound
from sync_api.joint_work.files import (
    MEETING_COLUMNS,
    RESOLUTION_COLUMNS,
    TEAM_COLUMNS,
    agenda_row,
    meeting_row,
    resolution_row,
    team_row,
)
from sync_api.joint_work.forms import AgendaWithdrawal, NewAgenda, NewCarrying, NewMeeting, NewTeam
from sync_api.joint_work.situation import (
    cases_by_village,
    grades_of,
    hard_villages,
    require_loaded,
    teams_of,
    villages_of,
)
from sync_api.joint_work.views import (
    AgendaView,
    MeetingView,
    PointView,
    ResolutionView,
    TeamView,
    agenda_view,
    meeting_view,
    point_view,
    resolution_view,
    team_view,
)
from sync_api.parts import Gateway, Parts, SessionRequest, offices_only, requires_session
from sync_api.sheets import About, Format, Language, sheet

_OF_DIVISION: Final = {"division": Provide(provide_division)}
#: Meetings that a page lists; the files hold all.
_SHOWN_MAX: Final = 24
#: So long after its day an agenda waits for its minutes; then nobody met on it.
_AGENDA_DAYS: Final = 14
_MONTHS_OF: Final[dict[Topic, int]] = {"joint_conference": 1, "township_special": 3, "other": 1}
Met = TypeVar("Met", Agenda, Meeting)


class Due(msgspec.Struct):
    """Whether a division has met this month (townships: this quarter). ``last``: when it met last."""

    division: str
    name: str
    topic: Topic
    last: date | None
    has_met: bool


class Meetings(msgspec.Struct):
    """The meetings of a division and of those right below it, the newest first, and who still has to meet."""

    as_of: datetime
    simulated: bool
    catalogue: str
    topic: Topic
    agendas: list[AgendaView]
    meetings: list[MeetingView]
    due: list[Due]


class ProposedAgenda(msgspec.Struct):
    """What the next meeting of a division should go through. ``since``: the day of the last one."""

    topic: Topic
    since: date
    points: list[PointView]


class Own(msgspec.Struct):
    """The resolutions that wait for the reader's office: to be carried out, or to be accepted."""

    as_of: datetime
    simulated: bool
    resolutions: list[ResolutionView]


class Teams(msgspec.Struct):
    """The villages that need a team or have one, the hardest first; then those from which one was withdrawn."""

    as_of: datetime
    simulated: bool
    teams: list[TeamView]


class NotHanded(msgspec.Struct):
    """A resolution whose case could not be handed to its lead, and why; the resolution holds."""

    line: int
    zh: str
    en: str


class Minutes(msgspec.Struct):
    id: str
    not_handed: list[NotHanded]


class JointWorkController(Controller):
    path = "/joint"
    tags = ("joint work",)
    guards = (requires_session,)

    @get("/meetings/{code:str}", operation_id="meetings", dependencies=_OF_DIVISION)
    async def meetings(self, request: SessionRequest, division: NamedDependency[Division], gateway: Parts) -> Meetings:
        """What was decided, how it is carried out, and who still has to meet. 503 while it is being read."""
        setup, today = await _opened(request, gateway, division)
        codes = _codes_of(division, setup)
        found = _own(gateway, Meeting, codes)
        return Meetings(
            as_of=gateway.clock(),
            simulated=setup.rulebook.is_simulated,
            catalogue=setup.rulebook.catalogue.version,
            topic=_topic_of(division.code),
            agendas=_agenda_views(gateway, codes[:1], today)[:_SHOWN_MAX],
            meetings=_meeting_views(gateway, request, found[:_SHOWN_MAX], setup, today),
            due=[_due(code, found, setup, today) for code in codes if len(code) < CODE_LENGTHS["village"]],
        )

    @get("/meetings/{code:str}/{form:str}", operation_id="meetingsFile", dependencies=_OF_DIVISION)
    async def meetings_file(
        self,
        request: SessionRequest,
        division: NamedDependency[Division],
        form: FromPath[Format],
        gateway: Parts,
        language: FromQuery[Language] = "zh",
    ) -> Response[bytes]:
        """All agendas and minutes of a division and of those right below it, as a file."""
        setup, today = await _opened(request, gateway, division)
        codes, at = _codes_of(division, setup), int(language == "en")
        rows = [agenda_row(view, setup.register, at) for view in _agenda_views(gateway, codes, today)]
        held = _meeting_views(gateway, request, _own(gateway, Meeting, codes), setup, today)
        rows += [meeting_row(view, setup.register, at) for view in held]
        about = About("meetings", ("会议和议程", "Meetings and agendas"), setup, (division.code,), gateway.clock())
        return sheet(about, MEETING_COLUMNS, rows, form, language)

    @get("/agenda/{code:str}", operation_id="proposedAgenda", dependencies=_OF_DIVISION)
    async def proposed(
        self, request: SessionRequest, division: NamedDependency[Division], gateway: Parts
    ) -> ProposedAgenda:
        """The agenda that is proposed for the next meeting of a division; a person approves it."""
        setup, today = await _opened(request, gateway, division)
        if len(division.code) == CODE_LENGTHS["village"]:
            raise NotFound
        topic = _topic_of(division.code)
        met = _own(gateway, Meeting, (division.code,))
        last = max((calendar.local_day(m.observed_at) for m in met), default=today - 31 * _MONTHS_OF[topic])
        matters = await _matters(gateway, setup, division.code, last, today, met)
        points = await asyncio.to_thread(agenda, matters, setup.rulebook, setup.register)
        return ProposedAgenda(topic, calendar.day_of(last), [point_view(point) for point in points])

    @post("/agendas", operation_id="approveAgenda", status_code=201)
    async def approve(self, request: SessionRequest, data: JSONBody[NewAgenda], gateway: Parts) -> Stored:
        """Approve the agenda of a meeting. 409 ``step_refused`` with the reason."""
        offices_only(request)
        fields = {"topic": _topic_of(data.division), **fields_of(data)}
        return await store_event(
            gateway, request, data.division, await new_event(gateway, request, Agenda, data.division, data.ulid, fields)
        )

    @post("/agendas/withdrawals", operation_id="withdrawAgenda", status_code=201)
    async def withdraw(self, request: SessionRequest, data: JSONBody[AgendaWithdrawal], gateway: Parts) -> Stored:
        """Withdraw an agenda of one's own office on which nobody has met. 404; 409 ``step_refused`` with the reason."""
        offices_only(request)
        own = _own(gateway, Agenda, request.user.account.divisions)
        agenda = next((one for one in own if one.id == data.about and one.step == "approved"), None)
        if agenda is None:
            raise NotFound("no_such_agenda", "本单位没有这份议程。", "Your office has no such agenda.")
        said: dict[str, Any] = {"step": "withdrawn", "about": agenda.id, "text": data.text}
        fields = said | {"topic": agenda.topic, "held_on": agenda.held_on}
        division = parse_id(agenda.id).division
        event = await new_event(gateway, request, Agenda, division, data.ulid, fields)
        return await store_event(gateway, request, division, event)

    @post("/meetings", operation_id="recordMeeting", status_code=201)
    async def record(self, request: SessionRequest, data: JSONBody[NewMeeting], gateway: Parts) -> Minutes:
        """Store the minutes of a meeting. Each resolution becomes a task of its lead; one about a case hands that case
        over, too. 409 ``step_refused`` with the reason."""
        offices_only(request)
        fields = {"topic": _topic_of(data.division), **fields_of(data)}
        stored = await store_event(
            gateway,
            request,
            data.division,
            await new_event(gateway, request, Meeting, data.division, data.ulid, fields),
        )
        refused = [
            NotHanded(line, *reason)
            for line, resolution in enumerate(data.resolutions)
            if (reason := await _hand_over(gateway, request, data.ulid, line, resolution)) is not None
        ]
        return Minutes(stored.id, refused)

    @get("/resolutions", operation_id="ownResolutions")
    async def own(self, request: SessionRequest, gateway: Parts) -> Own:
        """What of all resolutions waits for the reader's office."""
        setup, account = await gateway.installation.setup(), request.user.account
        today = calendar.local_day(gateway.clock())
        views = [
            resolution_view(state, setup.register, today, account.offices, account.alias)
            for state in _concerning(gateway, account)
        ]
        waiting = [view for view in views if view.may_report or view.may_accept]
        return Own(gateway.clock(), setup.rulebook.is_simulated, waiting)

    @get("/resolutions/{code:str}/{form:str}", operation_id="resolutionsFile", dependencies=_OF_DIVISION)
    async def resolutions_file(
        self,
        request: SessionRequest,
        division: NamedDependency[Division],
        form: FromPath[Format],
        gateway: Parts,
        language: FromQuery[Language] = "zh",
    ) -> Response[bytes]:
        """All resolutions of a division and of those below it, by due day, as a file."""
        setup, today = await _opened(request, gateway, division)
        found = gateway.book.listed(Meeting, (division.code,))
        states = resolution_states(found, gateway.book.listed(Carrying, (division.code[:4],)))
        rows = [resolution_row(state, setup.register, today, int(language == "en")) for state in states]
        about = About("resolutions", ("议定事项", "Resolutions"), setup, (division.code,), gateway.clock())
        return sheet(about, RESOLUTION_COLUMNS, rows, form, language)

    @post("/carrying", operation_id="carryOut", status_code=201)
    async def carry(self, request: SessionRequest, data: JSONBody[NewCarrying], gateway: Parts) -> Stored:
        """Say that a resolution is ``done``, ``accepted`` or ``returned``. 409 with the reason where it is not so."""
        account = request.user.account
        state = next((s for s in _concerning(gateway, account) if (s.about, s.line) == (data.about, data.line)), None)
        if state is None:
            raise NotFound("no_such_line", *FAULTS["no_such_line"])
        office = state.resolution.lead if data.step == "done" else state.checker
        office = office if office in account.offices else account.offices[0]
        division = account.divisions[0] if office not in account.divisions else office
        event = await new_event(gateway, request, Carrying, division, data.ulid, fields_of(data) | {"office": office})
        if await gateway.couch.get(database_of(division), event.id) is None:  # else its request was repeated
            fault = carrying_fault(state, event)
            if fault is not None:
                raise Conflict(fault, *FAULTS[fault])
        return await store_event(gateway, request, division, event)

    @get("/teams/{code:str}", operation_id="teams", dependencies=_OF_DIVISION)
    async def teams(self, request: SessionRequest, division: NamedDependency[Division], gateway: Parts) -> Teams:
        """Which villages need a team, whose, and why; and which have one."""
        setup, today = await _opened(request, gateway, division)
        views = await _teams(gateway, setup, division.code, today)
        return Teams(gateway.clock(), setup.rulebook.is_simulated, views)

    @get("/teams/{code:str}/{form:str}", operation_id="teamsFile", dependencies=_OF_DIVISION)
    async def teams_file(
        self,
        request: SessionRequest,
        division: NamedDependency[Division],
        form: FromPath[Format],
        gateway: Parts,
        language: FromQuery[Language] = "zh",
    ) -> Response[bytes]:
        """The same as a file."""
        setup, today = await _opened(request, gateway, division)
        rows = [team_row(view, int(language == "en")) for view in await _teams(gateway, setup, division.code, today)]
        about = About("teams", ("工作组", "Work teams"), setup, (division.code,), gateway.clock())
        return sheet(about, TEAM_COLUMNS, rows, form, language)

    @post("/teams", operation_id="sendTeam", status_code=201)
    async def send(self, request: SessionRequest, data: JSONBody[NewTeam], gateway: Parts) -> Stored:
        """Send a team to a village, or withdraw it. 409 ``team_there``, ``no_such_team``, or ``step_refused``."""
        offices_only(request)
        step = "sent" if data.about is None else "withdrawn"
        event = await new_event(gateway, request, Team, data.village, data.ulid, fields_of(data) | {"step": step})
        known = [t for t in gateway.book.listed(Team, (data.village,)) if t.id != event.id]
        match team_fault(event, known):
            case "office" if step == "sent":
                raise Conflict("team_there", "本单位已有工作组在该村。", "This office has a team there already.")
            case str():
                raise Conflict("no_such_team", "该村没有本单位的工作组。", "This office has no such team there.")
        return await store_event(gateway, request, data.village, event)


async def _opened(request: SessionRequest, gateway: Gateway, division: Division) -> tuple[Setup, int]:
    """Setup and today, for an office, once what pages are made from is read."""
    offices_only(request)
    setup = await gateway.installation.setup()
    require_loaded(gateway, villages_of(setup, division.code))
    return setup, calendar.local_day(gateway.clock())


def _topic_of(division: str) -> Topic:
    return "township_special" if len(division) == CODE_LENGTHS["township"] else "joint_conference"


async def _matters(
    gateway: Gateway, setup: Setup, division: str, since_day: int, today: int, met: list[Meeting]
) -> Matters:
    villages, book, policy = villages_of(setup, division), gateway.book, setup.rulebook.policy
    matters = list(book.of(villages))
    heard = book.happenings((division,))
    cases = [matter.case for matter in matters]
    days = (since_day, today)
    month = await asyncio.to_thread(
        unit_month, setup.register.divisions[division].name, division, cases, heard, days, policy
    )
    inspections = book.listed(Inspection, (division,))
    patrols = patrol_states(book.listed(Patrol, (division,)), inspections)
    return Matters(
        division=division,
        today=today,
        since_day=since_day,
        cases=[(matter.case, matter.opening.text) for matter in matters if matter.case.is_open],
        month=month,
        resolutions=resolution_states(met, book.listed(Carrying, (division[:4],))),
        teams=teams_of(gateway, division),
        patrols=patrols,
        inspections=inspections,
        grades=grades_of(gateway, villages),
    )


async def _hand_over(
    gateway: Gateway, request: SessionRequest, ulid: str, line: int, resolution: Resolution
) -> tuple[str, str] | None:
    """Hand the case of a resolution to its lead, by its day; why not, if it cannot be."""
    if resolution.case is None or resolution.village is None:
        return None
    matter = gateway.book.find(resolution.village, resolution.case)
    if matter is None:
        return (
            "台帐中还没有读到这一事项，请稍后在事项页上交办。",
            "The ledger has not read this case yet: hand it over on its page in a moment.",
        )
    if (matter.case.owner, matter.case.due_day) == (resolution.lead, calendar.epoch_day(resolution.due)):
        return None
    setup, now = await gateway.installation.setup(), gateway.clock()
    is_division = resolution.lead in setup.register.divisions
    event = CaseEvent(
        id=f"{resolution.village}:case:{resolution.case}:{line_ulid(ulid, line)}",
        observed_at=now,
        saved_at=now,
        step="assigned",
        author=request.user.account.alias,
        department=None if is_division else resolution.lead,
        office=resolution.lead if is_division else None,
        due=resolution.due,
        text=resolution.decision,
        simulated=setup.rulebook.is_simulated,
    )
    try:
        await store_event(gateway, request, resolution.village, event)
    except GatewayError as error:
        return error.zh, error.en
    return None


def line_ulid(ulid: str, line: int) -> str:
    """The ULID of the step by which a line's case is handed over: the same whenever its minutes are sent."""
    return str(ULID.from_bytes(ULID.from_str(ulid).bytes[:15] + bytes([line])))


def _concerning(gateway: Gateway, account: Account) -> list[ResolutionState]:
    """The resolutions that an account's offices lead, check, or met about."""
    city = account.divisions[0][:4]
    states = resolution_states(gateway.book.listed(Meeting, (city,)), gateway.book.listed(Carrying, (city,)))
    return [s for s in states if _has_part(account, s) or s.office in account.divisions]


def _has_part(account: Account, state: ResolutionState) -> bool:
    """Whether it leads or checks. A department does so for the county or city that met, and no other county's
    department of that name."""
    if account.role == "informant" or not {state.resolution.lead, state.checker} & {*account.offices}:
        return False
    return account.role != "department" or any(code.startswith(state.office) for code in account.divisions)


def _codes_of(division: Division, setup: Setup) -> tuple[str, ...]:
    """A division and those right below it."""
    return (division.code, *setup.register.children.get(division.code, ()))


def _own(gateway: Gateway, kind: type[Met], codes: tuple[str, ...]) -> list[Met]:
    """What just these divisions held or planned, the newest first."""
    return [one for one in gateway.book.listed(kind, codes) if parse_id(one.id).division in codes]


def _agenda_views(gateway: Gateway, codes: tuple[str, ...], today: int) -> list[AgendaView]:
    """Those that were approved, with what became of them."""
    agendas, papers = _own(gateway, Agenda, codes), gateway.notices.of_sources()
    held = {meeting.about for meeting in gateway.book.listed(Meeting, codes)}
    withdrawn = {one.about: one for one in agendas if one.step == "withdrawn"}
    return [
        agenda_view(
            one,
            is_held=one.id in held,
            is_past=calendar.epoch_day(one.held_on) + _AGENDA_DAYS < today,
            withdrawal=withdrawn.get(one.id),
            paper=papers.get(one.id),
        )
        for one in agendas
        if one.step == "approved"
    ]


def _meeting_views(
    gateway: Gateway, request: SessionRequest, found: list[Meeting], setup: Setup, today: int
) -> list[MeetingView]:
    account, papers = request.user.account, gateway.notices.of_sources()
    codes = tuple({parse_id(meeting.id).division for meeting in found}) or ("-",)
    states = resolution_states(found, gateway.book.listed(Carrying, (codes[0][:4],)))
    return [
        meeting_view(
            meeting,
            setup.register,
            [
                resolution_view(state, setup.register, today, account.offices, account.alias)
                for state in sorted(states, key=lambda one: one.line)
                if state.about == (meeting.amends or meeting.id)
            ],
            papers.get(meeting.id),
        )
        for meeting in found
    ]


def _due(code: str, meetings: list[Meeting], setup: Setup, today: int) -> Due:
    topic = _topic_of(code)
    own = [m for m in meetings if m.topic == topic and parse_id(m.id).division == code]
    last = max((calendar.local_day(m.observed_at) for m in own), default=None)
    now, then = calendar.day_of(today), None if last is None else calendar.day_of(last)
    span = _MONTHS_OF[topic]
    has_met = then is not None and (then.year, (then.month - 1) // span) == (now.year, (now.month - 1) // span)
    return Due(code, setup.register.divisions[code].name, topic, then, has_met)


async def _teams(gateway: Gateway, setup: Setup, division: str, today: int) -> list[TeamView]:
    register, policy = setup.register, setup.rulebook.policy
    hard = hard_villages(gateway, setup, division)
    cases = cases_by_village(gateway.book, villages_of(setup, division))
    teams = teams_of(gateway, division)

    def weigh(village: str) -> Difficulty:
        return hard.get(village) or difficulty(cases.get(village, []), None, policy, today)

    sent = [team_view(team, weigh(team.village), register, policy, today) for team in teams]
    working = [view for view in sent if view.withdrawn_at is None]
    there = {view.village for view in working}
    needed = [
        TeamView(
            village=village,
            place=place_of(register, village),
            points=found.points,
            zh=found.words()[0],
            en=found.words()[1],
            level=found.level(policy),
        )
        for village, found in hard.items()
        if village not in there
    ]
    past = [view for view in sent if view.withdrawn_at is not None]
    return [*sorted([*needed, *working], key=lambda view: (-view.points, view.village)), *past]
