"""Joint work: agendas, minutes, resolutions carried out, work teams."""

from __future__ import annotations

import asyncio
from datetime import date, datetime
from typing import Annotated, Any, Final

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Meta
from ulid import ULID

from models import calendar
from models.divisions import Division
from models.documents import (
    Agenda,
    AgendaItem,
    Carrying,
    CaseEvent,
    Count,
    Inspection,
    Line,
    Meeting,
    Patrol,
    Resolution,
    Team,
    Text,
    Topic,
    Ulid,
    VillageCode,
    Words,
)
from models.ids import CODE_LENGTHS, database_of, parse_id
from models.joint_work.agenda import Matters, agenda
from models.joint_work.resolutions import FAULTS, ResolutionState, carrying_fault, resolution_states
from models.joint_work.teams import Difficulty, difficulty, team_fault
from models.notices.circular import unit_month
from models.patrols import patrol_states
from models.setup import Setup
from sync_api.access.accounts import Account
from sync_api.board.routes import provide_division
from sync_api.casework.desk import Stored, new_event, store_event
from sync_api.casework.views import office_name, place_of
from sync_api.errors import Conflict, GatewayError, NotFound
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
    point_view,
    resolution_view,
    team_view,
)
from sync_api.parts import Gateway, Parts, SessionRequest, offices_only, requires_session
from sync_api.sheets import Cell, Format, Language, columns, sheet

_OF_DIVISION: Final = {"division": Provide(provide_division)}
#: Meetings that a page lists; the files hold all.
_SHOWN_MAX: Final = 24
_MONTHS_OF: Final[dict[Topic, int]] = {"joint_conference": 1, "township_special": 3, "other": 1}
_RESOLUTION_COLUMNS: Final = (
    ("会议", "Meeting"),
    ("会议日期", "Held on"),
    ("事项", "Matter"),
    ("村", "Village"),
    ("决定", "Decision"),
    ("牵头单位", "Lead"),
    ("期限", "Due"),
    ("状态", "Standing"),
    ("逾期", "Overdue"),
    ("办理情况", "What was done"),
)
_STANDINGS: Final = {"open": ("在办", "open"), "done": ("待销号", "done"), "accepted": ("已销号", "accepted")}
_TOPICS: Final[dict[Topic, tuple[str, str]]] = {
    "joint_conference": ("联席会议", "joint conference"),
    "township_special": ("乡镇专题会", "township meeting"),
    "other": ("会议", "meeting"),
}
_TEAM_COLUMNS: Final = (
    ("县区", "County"),
    ("乡镇", "Township"),
    ("村", "Village"),
    ("分值", "Points"),
    ("原因", "Reasons"),
    ("派出单位", "Sent by"),
    ("派出时间", "Sent at"),
    ("参加部门", "Departments"),
    ("人数", "Members"),
    ("期限", "Until"),
    ("撤回时间", "Withdrawn at"),
    ("成效", "Outcome"),
)


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


class NewAgenda(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """An agenda as a person approves it. ``departments``: who is invited, offices among them."""

    ulid: Ulid
    division: str
    held_on: date
    begins_at: Line = ""
    items: Annotated[list[AgendaItem], Meta(min_length=1, max_length=200)]
    place: Line = ""
    departments: list[Line] = []


class NewMeeting(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Minutes. ``about``: the agenda; ``observed_at``: when it was held, now if unset."""

    ulid: Ulid
    division: str
    resolutions: Annotated[list[Resolution], Meta(max_length=60)]
    departments: list[Line]
    excused: list[Line] = []
    observers: list[Line] = []
    chair: Line = ""
    about: Line | None = None
    place: Line = ""
    text: Text = ""
    dissent: Text = ""
    next_on: date | None = None
    observed_at: Annotated[datetime, Meta(tz=True)] | None = None


class NotHanded(msgspec.Struct):
    """A resolution whose case could not be handed to its lead, and why; the resolution holds."""

    line: int
    zh: str
    en: str


class Minutes(msgspec.Struct):
    id: str
    not_handed: list[NotHanded]


class NewCarrying(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    ulid: Ulid
    about: str
    line: Annotated[int, Meta(ge=0, lt=60)]
    step: str
    text: Words


class NewTeam(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A team that is sent, or withdrawn (``about`` its sending)."""

    ulid: Ulid
    village: VillageCode
    office: str
    text: Words
    departments: list[Line] = []
    members: Count = 0
    until: date | None = None
    about: Line | None = None


class JointWorkController(Controller):
    path = "/joint"
    tags = ("joint work",)
    guards = (requires_session,)

    @get("/meetings/{code:str}", operation_id="meetings", dependencies=_OF_DIVISION)
    async def meetings(self, request: SessionRequest, division: NamedDependency[Division], gateway: Parts) -> Meetings:
        """What was decided, how it is carried out, and who still has to meet. 503 while it is being read."""
        setup, today = await _opened(request, gateway, division)
        codes = (division.code, *setup.register.children.get(division.code, ()))
        found = [m for m in gateway.book.listed(Meeting, (division.code,)) if parse_id(m.id).division in codes]
        states = resolution_states(found, gateway.book.listed(Carrying, (division.code[:4],)))
        agendas = [a for a in gateway.book.listed(Agenda, (division.code,)) if parse_id(a.id).division == division.code]
        held = {meeting.about for meeting in found}
        return Meetings(
            as_of=gateway.clock(),
            simulated=setup.rulebook.is_simulated,
            catalogue=setup.rulebook.catalogue.version,
            topic=_topic_of(division.code),
            agendas=[_agenda_view(a, a.id in held) for a in agendas[:_SHOWN_MAX]],
            meetings=[_meeting_view(m, states, setup, today, request.user.account) for m in found[:_SHOWN_MAX]],
            due=[_due(code, found, setup, today) for code in codes if len(code) < CODE_LENGTHS["village"]],
        )

    @get("/agenda/{code:str}", operation_id="proposedAgenda", dependencies=_OF_DIVISION)
    async def proposed(
        self, request: SessionRequest, division: NamedDependency[Division], gateway: Parts
    ) -> ProposedAgenda:
        """The agenda that is proposed for the next meeting of a division; a person approves it."""
        setup, today = await _opened(request, gateway, division)
        if len(division.code) == CODE_LENGTHS["village"]:
            raise NotFound
        topic = _topic_of(division.code)
        met = [m for m in gateway.book.listed(Meeting, (division.code,)) if parse_id(m.id).division == division.code]
        last = max((calendar.local_day(m.observed_at) for m in met), default=today - 31 * _MONTHS_OF[topic])
        matters = await _matters(gateway, setup, division.code, last, today, met)
        points = await asyncio.to_thread(agenda, matters, setup.rulebook, setup.register)
        return ProposedAgenda(topic, calendar.day_of(last), [point_view(point) for point in points])

    @post("/agendas", operation_id="approveAgenda", status_code=201)
    async def approve(self, request: SessionRequest, data: JSONBody[NewAgenda], gateway: Parts) -> Stored:
        """Approve the agenda of a meeting. 409 ``step_refused`` with the reason."""
        offices_only(request)
        fields = {"topic": _topic_of(data.division), **_fields_of(data)}
        return await store_event(
            gateway, request, data.division, await new_event(gateway, request, Agenda, data.division, data.ulid, fields)
        )

    @post("/meetings", operation_id="recordMeeting", status_code=201)
    async def record(self, request: SessionRequest, data: JSONBody[NewMeeting], gateway: Parts) -> Minutes:
        """Store the minutes of a meeting. Each resolution becomes a task of its lead; one about a case hands that case
        over, too. 409 ``step_refused`` with the reason."""
        offices_only(request)
        fields = {"topic": _topic_of(data.division), **_fields_of(data)}
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
        rows = [_resolution_row(state, setup, today, int(language == "en")) for state in states]
        return sheet("resolutions", columns(language, _RESOLUTION_COLUMNS), rows, form)

    @post("/carrying", operation_id="carryOut", status_code=201)
    async def carry(self, request: SessionRequest, data: JSONBody[NewCarrying], gateway: Parts) -> Stored:
        """Say that a resolution is ``done``, ``accepted`` or ``returned``. 409 with the reason where it is not so."""
        account = request.user.account
        state = next((s for s in _concerning(gateway, account) if (s.about, s.line) == (data.about, data.line)), None)
        if state is None:
            raise NotFound("no_such_line", *FAULTS["no_such_line"])
        office = state.resolution.lead if data.step == "done" else state.office
        division = account.divisions[0] if office not in account.divisions else office
        event = await new_event(gateway, request, Carrying, division, data.ulid, _fields_of(data) | {"office": office})
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
        rows = [_team_row(view, language) for view in await _teams(gateway, setup, division.code, today)]
        return sheet("teams", columns(language, _TEAM_COLUMNS), rows, form)

    @post("/teams", operation_id="sendTeam", status_code=201)
    async def send(self, request: SessionRequest, data: JSONBody[NewTeam], gateway: Parts) -> Stored:
        """Send a team to a village, or withdraw it. 409 ``team_there``, ``no_such_team``, or ``step_refused``."""
        offices_only(request)
        step = "sent" if data.about is None else "withdrawn"
        event = await new_event(gateway, request, Team, data.village, data.ulid, _fields_of(data) | {"step": step})
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


def _fields_of(data: msgspec.Struct) -> dict[str, Any]:
    """What a form says, without what stands in the id."""
    said = msgspec.structs.asdict(data)
    return {name: said[name] for name in said if name not in ("ulid", "village", "division") and said[name] is not None}


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
    patrols = patrol_states(book.listed(Patrol, (division,)), book.listed(Inspection, (division,)))
    return Matters(
        division=division,
        today=today,
        since_day=since_day,
        cases=[(matter.case, matter.opening.text) for matter in matters if matter.case.is_open],
        month=month,
        resolutions=resolution_states(met, book.listed(Carrying, (division[:4],))),
        teams=teams_of(gateway, division),
        patrols=patrols,
        grades=await grades_of(gateway.couch, book, villages, today),
    )


async def _hand_over(
    gateway: Gateway, request: SessionRequest, ulid: str, line: int, resolution: Resolution
) -> tuple[str, str] | None:
    """Hand the case of a resolution to its lead, by its day; why not, if it cannot be."""
    if resolution.case is None or resolution.village is None:
        return None
    matter = gateway.book.find(resolution.village, resolution.case)
    if matter is None:
        return FAULTS["no_such_line"]
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
    """The resolutions that an account's offices lead, or met about."""
    city = account.divisions[0][:4]
    states = resolution_states(gateway.book.listed(Meeting, (city,)), gateway.book.listed(Carrying, (city,)))
    return [s for s in states if _leads(account, s) or s.office in account.divisions]


def _leads(account: Account, state: ResolutionState) -> bool:
    """A department leads for the county or city that met, and no other county's department of that name."""
    if account.role == "informant" or state.resolution.lead not in account.offices:
        return False
    return account.role != "department" or any(code.startswith(state.office) for code in account.divisions)


def _agenda_view(found: Agenda, is_held: bool) -> AgendaView:
    return AgendaView(
        id=found.id,
        topic=found.topic,
        held_on=found.held_on,
        place=found.place,
        departments=found.departments,
        items=found.items,
        author=parse_id(found.id).owner or "",
        is_held=is_held,
    )


def _meeting_view(
    meeting: Meeting, states: list[ResolutionState], setup: Setup, today: int, account: Account
) -> MeetingView:
    division = parse_id(meeting.id).division
    first = meeting.amends or meeting.id
    return MeetingView(
        id=first,
        topic=meeting.topic,
        division=division,
        division_name=setup.register.divisions[division].name,
        at=meeting.observed_at,
        place=meeting.place,
        departments=meeting.departments,
        excused=meeting.excused,
        text=meeting.text,
        resolutions=[
            resolution_view(state, setup.register, today, account.offices, account.alias)
            for state in sorted(states, key=lambda one: one.line)
            if state.about == first
        ],
    )


def _due(code: str, meetings: list[Meeting], setup: Setup, today: int) -> Due:
    topic = _topic_of(code)
    own = [m for m in meetings if m.topic == topic and parse_id(m.id).division == code]
    last = max((calendar.local_day(m.observed_at) for m in own), default=None)
    now, then = calendar.day_of(today), None if last is None else calendar.day_of(last)
    span = _MONTHS_OF[topic]
    has_met = then is not None and (then.year, (then.month - 1) // span) == (now.year, (now.month - 1) // span)
    return Due(code, setup.register.divisions[code].name, topic, then, has_met)


def _resolution_row(state: ResolutionState, setup: Setup, today: int, at: int) -> list[Cell]:
    one = state.resolution
    return [
        f"{office_name(setup.register, state.office) or ''} {_TOPICS[state.meeting.topic][at]}",
        calendar.day_of(calendar.local_day(state.meeting.observed_at)),
        one.matter,
        "".join(place_of(setup.register, one.village)) if one.village is not None else None,
        one.decision,
        office_name(setup.register, one.lead),
        one.due,
        _STANDINGS[state.standing][at],
        ("是", "yes")[at] if state.is_overdue(today) else None,
        "; ".join(word.text for word in state.said),
    ]


async def _teams(gateway: Gateway, setup: Setup, division: str, today: int) -> list[TeamView]:
    register, policy = setup.register, setup.rulebook.policy
    hard = await hard_villages(gateway, setup, division)
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


def _team_row(view: TeamView, language: Language) -> list[Cell]:
    place: list[Cell] = [*view.place]
    reasons = view.en if language == "en" else view.zh
    return [
        *place,
        view.points,
        reasons,
        view.office_name,
        view.sent_on,
        "、".join(view.departments),
        view.members or None,
        view.until,
        view.withdrawn_at,
        view.outcome,
    ]
