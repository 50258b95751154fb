"""All documents of the system: one definition for gateway, jobs, notebooks and (generated) the tablet.

Events are never changed; a correction is a new event that names what it ``amends``. Of its author a document holds
an alias at most. Unknown fields are refused, so that no field can serve as a file about a villager.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Final, Literal, get_args

import msgspec
from msgspec import UNSET, Meta, UnsetType

from models.ids import ALIAS_PATTERN, DEVICE_PATTERN, SERIAL_PATTERN, ULID_PATTERN

#: A settled upper limit for what one person writes at a time; the office asks back for more.
TEXT_CHARACTERS_MAX: Final = 4_000

Text = Annotated[str, Meta(max_length=TEXT_CHARACTERS_MAX)]
#: Stores and tablets keep whole numbers up to 2**53 only; these bounds are what makes sense.
CLOCK_OFFSET_MS_MAX: Final = 100 * 366 * 86_400_000
COUNT_MAX: Final = 1_000_000_000
Count = Annotated[int, Meta(ge=0, le=COUNT_MAX)]
#: A letter or a digit that can be seen: the Hangul fillers are letters that show nothing.
WORD_PATTERN: Final = r"[^\W_\u115f\u1160\u3164\uffa0]"
#: Words that a document cannot do without: there is a letter or a digit in them.
Words = Annotated[str, Meta(pattern=WORD_PATTERN, max_length=TEXT_CHARACTERS_MAX)]
Line = Annotated[str, Meta(max_length=200)]
Alias = Annotated[str, Meta(pattern=f"^{ALIAS_PATTERN}$")]
Device = Annotated[str, Meta(pattern=f"^{DEVICE_PATTERN}$")]
Ulid = Annotated[str, Meta(pattern=f"^{ULID_PATTERN}$")]
#: ``{office}:notice:{year}-{number}`` (minutes: ``-m{number}``), the office being a city, county or township.
NoticeId = Annotated[str, Meta(pattern=rf"^(\d{{4}}|\d{{6}}|\d{{9}}):notice:{SERIAL_PATTERN}$")]
VillageCode = Annotated[str, Meta(pattern=r"^\d{12}$")]
Sha256 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
#: Villages that one lot is drawn from: those of the whole city, and no larger than a document.
POOL_MAX: Final = 6_000
#: Photos of one report.
PHOTOS_MAX: Final = 6
IndicatorCode = Annotated[str, Meta(pattern=r"^\d\.\d\.\d$")]
Instant = Annotated[datetime, Meta(tz=True)]


def has_words(text: str) -> bool:
    return re.search(WORD_PATTERN, text) is not None


#: Small problems are settled in the village, general ones in the township, major ones in the county (mission 8).
Severity = Literal["minor", "general", "major"]
#: From the least to the worst.
SEVERITIES: Final[tuple[Severity, ...]] = get_args(Severity)
#: What a joint conference or a township's meeting goes through, in this order.
AgendaSection = Literal["last", "month", "red", "untaken", "tendency", "teams", "patrols", "next"]
AGENDA_SECTIONS: Final[tuple[AgendaSection, ...]] = get_args(AgendaSection)
Topic = Literal["joint_conference", "township_special", "other"]
#: How a report came in (mission 6); it stays on the report.
Channel = Literal["tablet", "letter_box", "hotline", "visit", "department", "patrol"]
CaseStep = Literal[
    "opened",
    "seen",
    "noticed",
    "taken",
    "assigned",
    "deadline",
    "team_sent",
    "progress",
    "submitted",
    "reviewed",
    "cleared",
    "reopened",
    "escalated",
    "recalled",
]
#: Papers that an office issues: 警示通知, 限期整改通知书, 通报, 会议通知, 会议纪要.
Paper = Literal["warning", "rectification", "circular", "meeting", "minutes"]
#: How an office took part in a meeting: 出席, 请假, 列席.
Presence = Literal["present", "excused", "observing"]
#: Where a case stands between its report and its all-clear (models/cases/course.py).
Stage = Literal["reported", "warned", "noticed", "handling", "review", "cleared"]
#: A unit that keeps a case: a division's code or a department's short name.
Office = Annotated[str, Meta(pattern=r"^(\d{4}|\d{6}|\d{9}|\d{12}|[^\d\s:]{1,20})$")]
#: How a village team stands (mission 12), from the best to the worst.
Grade = Literal["strong", "fair", "weak", "paralysed"]
#: What is said of a report that did not come in time, and the steps by which that is settled (mission 7).
OmissionFinding = Literal["late", "missed", "concealed"]
OmissionStage = Literal["found", "confirmed", "set_aside", "appealed", "upheld", "withdrawn"]
#: What may follow for an informant (mission 7): criticism, notice to the whole county, suspension.
Discipline = Literal["admonished", "county_notice", "suspended"]
#: What may follow for a village team, or for the offices of a township or county (mission 12).
Measure = Literal[
    "commendation",
    "criticism",
    "one_grade_lower",
    "self_criticism",
    "no_merit",
    "two_grades_lower",
    "admonition",
    "reassignment",
]
#: number | yes/no | ISO date | null (a lasting condition that is not present)
ReadingValue = float | bool | str | None


class Revisions(msgspec.Struct, forbid_unknown_fields=True):
    """CouchDB's revision history as it travels with ``new_edits: false``."""

    start: int
    ids: list[str]


class Document(msgspec.Struct, kw_only=True, tag_field="type", forbid_unknown_fields=True, omit_defaults=True):
    id: str = msgspec.field(name="_id")
    rev: str | UnsetType = msgspec.field(name="_rev", default=UNSET)
    revisions: Revisions | UnsetType = msgspec.field(name="_revisions", default=UNSET)
    #: Made by the simulation, not observed by anyone; said wherever it shows.
    simulated: bool = False


class Event(Document, kw_only=True):
    """Something that happened. The tablet corrects its times by the clock offset it last measured, and says by how much
    in ``clock_offset_ms`` (server minus tablet)."""

    observed_at: Instant
    saved_at: Instant
    clock_offset_ms: Annotated[int, Meta(ge=-CLOCK_OFFSET_MS_MAX, le=CLOCK_OFFSET_MS_MAX)] = 0
    app_version: Line = ""
    amends: str | None = None


class Record(Event, kw_only=True):
    """What an office writes down of its own work. Its office may correct it, the day included, or say in a correction
    why all of it was ``withdrawn``: then nothing of it counts."""

    withdrawn: Text = ""


class Report(Event, kw_only=True, tag="report"):
    """A word on one matter, seen by an informant or an administrator or received by an office; it opens a case of its
    own (models/cases). ``photos`` are named by the SHA-256 of their content, and come after it. ``office``: the one
    that was asked first, which keeps the case until another takes it (mission 11)."""

    indicator: IndicatorCode
    severity: Severity
    text: Words
    channel: Channel = "tablet"
    place: Line = ""
    photos: Annotated[list[Sha256], Meta(max_length=PHOTOS_MAX)] = []
    office: Office | None = None


class Round(Event, kw_only=True, tag="round"):
    """One visit's readings of many indicators. Values as ``catalogue.encode_reading`` takes them. Where nothing could
    be read, ``text`` says what was left out and why."""

    readings: Annotated[dict[IndicatorCode, ReadingValue], Meta(max_length=90)]
    channel: Channel = "visit"
    text: Text = ""


class Answer(Event, kw_only=True, tag="answer"):
    """An office's word to the author of ``about``."""

    author: Alias
    about: Line
    text: Words


class CaseEvent(Event, kw_only=True, tag="case"):
    """One step of a case. The case's ULID stands in the id; which fields a step needs: ``models.cases.step_faults``.
    ``office``: who was asked first (``opened``), takes the case over (``taken``) or has seen it (``seen``);
    ``is_better``: what a review found; ``notice``: the paper that was issued with it, by the request whose ULID the
    step's id ends with, or the one that was withdrawn (``recalled``)."""

    step: CaseStep
    author: Alias
    indicator: IndicatorCode | None = None
    severity: Severity | None = None
    due: date | None = None
    department: Line | None = None
    text: Text = ""
    found: Text = ""
    done: Text = ""
    verified_by: Alias | None = None
    notice: NoticeId | None = None
    office: Office | None = None
    is_better: bool | None = None


class Inspection(Event, kw_only=True, tag="inspection"):
    """A random or planned check of a village (mission 10). ``patrol``: the one that it belongs to."""

    is_planned: bool
    readings: Annotated[dict[IndicatorCode, ReadingValue], Meta(max_length=90)] = {}
    text: Text = ""
    patrol: Line | None = None


class Patrol(Event, kw_only=True, tag="patrol"):
    """Which villages are to be checked, from ``since`` to ``until`` (mission 10): ``planned`` by a person, who says why
    in ``text``; or drawn by lot in two steps (models/patrols.py), ``announced`` with the ``villages`` that the lot is
    drawn from, how many, and the hash of a number that nobody has seen, and ``drawn`` with that number and a
    ``word`` of somebody else."""

    step: Literal["planned", "announced", "drawn"]
    villages: Annotated[list[VillageCode], Meta(min_length=1, max_length=POOL_MAX)]
    since: date
    until: date
    text: Text = ""
    count: Count = 0
    commitment: Sha256 | None = None
    about: Line | None = None
    secret: Sha256 | None = None
    word: Line = ""


class AgendaItem(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A point of an agenda; ``village`` and ``case`` where it is about one."""

    section: AgendaSection
    text: Words
    village: VillageCode | None = None
    case: Ulid | None = None


class Agenda(Event, kw_only=True, tag="agenda"):
    """What a meeting on a day is to go through, as a person approved it (mission 11). ``departments``: the departments
    and offices that are invited; ``begins_at``: 09:30. One that was ``withdrawn`` before anybody met on it is
    ``about`` the approved one, and says why in ``text``."""

    step: Literal["approved", "withdrawn"] = "approved"
    topic: Topic
    held_on: date
    begins_at: Annotated[str, Meta(pattern=r"^(([01]\d|2[0-3]):[0-5]\d)?$")] = ""
    place: Line = ""
    departments: Annotated[list[Line], Meta(max_length=60)] = []
    items: Annotated[list[AgendaItem], Meta(max_length=200)] = []
    about: Line | None = None
    text: Text = ""


class Resolution(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A line of the minutes: what was decided on a matter, who leads, who helps, by which day, and who checks (the
    office that met, if unset). Each is a department's short name or the code of an office."""

    matter: Words
    decision: Words
    lead: Office
    due: date
    helpers: Annotated[list[Office], Meta(max_length=20)] = []
    checker: Office | None = None
    village: VillageCode | None = None
    case: Ulid | None = None


class Meeting(Event, kw_only=True, tag="meeting"):
    """A joint conference or a township's special meeting that was held (mission 11): offices that came, that were
    excused, and that sat in (``observers``), and the post that took the ``chair``, never names of persons; ``about``:
    the agenda, without which no conference meets; its resolutions become tasks. ``dissent``: what was said against
    them; ``next_on``: the next one."""

    topic: Topic
    departments: list[Line] = []
    text: Text = ""
    about: Line | None = None
    place: Line = ""
    excused: Annotated[list[Line], Meta(max_length=60)] = []
    observers: Annotated[list[Line], Meta(max_length=60)] = []
    chair: Line = ""
    dissent: Text = ""
    next_on: date | None = None
    resolutions: Annotated[list[Resolution], Meta(max_length=60)] = []


class Carrying(Event, kw_only=True, tag="carrying"):
    """A word on how a resolution is carried out: ``about`` the meeting, ``line`` of its resolutions, from 0. Its lead
    says that it is ``done``; who checks it has ``accepted`` it, or ``returned`` it with the reason."""

    about: Line
    line: Annotated[int, Meta(ge=0, lt=60)]
    step: Literal["done", "accepted", "returned"]
    office: Office
    text: Words


class Team(Event, kw_only=True, tag="team"):
    """A work team that helps a village's team (工作组): ``office`` sends it, the county's where it is hard and the
    township's where it is easy. Heads only, never names. ``about`` of a ``withdrawn`` one: its sending."""

    step: Literal["sent", "withdrawn"]
    office: Office
    text: Words
    departments: Annotated[list[Line], Meta(max_length=20)] = []
    members: Count = 0
    until: date | None = None
    about: Line | None = None


class Pledge(Record, kw_only=True, tag="pledge"):
    """A pledge of responsibility signed between two levels (mission 5)."""

    signer: Alias
    until: date


class Training(Record, kw_only=True, tag="training"):
    """A training for informants or villagers: heads only, never names. ``informants``: those of an office who attended,
    by alias; such a training is the office's own and no village's."""

    topic: Line
    attended: Count
    informants: Annotated[list[Alias], Meta(max_length=1_000)] = []


class Service(Record, kw_only=True, tag="service"):
    """Something done for people: roads, bridges, schools, water, visits (mission 13)."""

    topic: Line
    amount: Annotated[float, Meta(ge=0, le=COUNT_MAX)]
    unit: Line
    place: Line = ""
    text: Text = ""


class Appointment(Event, kw_only=True, tag="appointment"):
    """An informant's appointment or dismissal, by alias; the person stands in the staff data base only."""

    alias: Alias
    is_dismissal: bool = False
    natural_villages: list[Line] = []
    households: Count = 0


class Omission(Event, kw_only=True, tag="omission"):
    """A late, missed or concealed report; counts only when a person confirmed it and no appeal is open (mission 7).
    The id names the informant it is about. What an office set aside is about nobody: its id names the office itself."""

    author: Alias
    finding: OmissionFinding
    step: OmissionStage
    about: Line
    text: Text = ""


class Verdict(Event, kw_only=True, tag="verdict"):
    """An analyst's judgement of a village's being watched: whether it is right, and the grounds (``text``). The id
    names the village's township, since those in the village do not see who is watched. ``since``: from when on it was
    watched then, so that the same analyst's next word on the same list takes the place of this one."""

    village: VillageCode
    is_right: bool
    text: Words
    since: date | None = None


class Acknowledgement(Event, kw_only=True, tag="acknowledgement"):
    """The receiver's word that a paper has come (签收): by an account of the division that it is addressed to, which is
    that of the id; ``department``: for which of a county's or the city's departments, if for one."""

    notice: NoticeId
    department: Line | None = None


class Withdrawal(Event, kw_only=True, tag="withdrawal"):
    """The word of the office that issued a paper that it was issued by mistake, and why (撤回): by an account of that
    office, which is the division of the id. The paper and its number stay."""

    notice: NoticeId
    text: Words


class Decision(Event, kw_only=True, tag="decision"):
    """A person's word on an evaluation or a summary (mission 12): the grade and what follows from it. ``score`` is the
    one that stood there when it was decided (a summary's: the mean); what was computed anew since is not decided by
    it."""

    about: Line
    score: Annotated[float, Meta(ge=0, le=100)]
    text: Words
    grade: Grade | None = None
    measures: Annotated[list[Measure], Meta(max_length=8)] = []


class NaturalVillage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A settlement of a village (自然村), with how many households and people live there."""

    name: Annotated[str, Meta(pattern=WORD_PATTERN, max_length=40)]
    households: Count
    people: Count


class Settlements(Event, kw_only=True, tag="settlements"):
    """The natural villages that a village consists of, as its station knows them; the latest counts."""

    natural_villages: Annotated[list[NaturalVillage], Meta(min_length=1, max_length=60)]


class Sanction(Event, kw_only=True, tag="sanction"):
    """A person's decision on what follows for an informant from omissions that were counted (mission 7): nothing
    follows by itself. The id names the informant. ``omissions``: ids of the steps that confirmed them;
    ``withheld_months``: from that of the decision on; ``suspended_days``: from its day on."""

    author: Alias
    omissions: Annotated[list[Line], Meta(min_length=1, max_length=60)]
    disciplines: Annotated[list[Discipline], Meta(max_length=3)]
    text: Words
    withheld_months: Annotated[int, Meta(ge=0, le=12)] = 0
    suspended_days: Annotated[int, Meta(ge=0, le=366)] = 0


class OpenCase(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What a village's lights document says of a case that is not cleared. ``owner``: the office in charge, a division
    or a department; ``asked``: the one that was asked to take it over; ``told``: those that have not said yet that they
    saw it."""

    case: Ulid
    indicator: IndicatorCode
    severity: Severity
    opened_on: date
    due: date
    is_overdue: bool = False
    stage: Stage = "warned"
    owner: str = ""
    asked: str | None = None
    told: list[str] = []
    is_relapse: bool = False


class ClearedCase(msgspec.Struct, kw_only=True):
    """What a village's lights document says of a case that was cleared within the days in which it may relapse. No
    words of its steps: offices wrote them for offices, and all informants of the village read this."""

    case: Ulid
    indicator: IndicatorCode
    severity: Severity
    cleared_on: date


class LightsDocument(Document, kw_only=True, tag="lights"):
    """A village's lamps: one letter an indicator in catalogue order (``models.lights.LETTERS``)."""

    lights: Annotated[str, Meta(pattern="^[gsyr]+$")]
    catalogue: str
    policy: str
    cases: list[OpenCase] = []
    cleared: list[ClearedCase] = []


class Component(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A part of a score: ``amount`` of what (days, cases, readings) gave ``points``, below 0 where they were taken off.
    ``evidence``: ULIDs of cases and events; for lights ``4.2.1 y31 r3 s0``, an indicator's days in yellow, red and
    silence."""

    code: Line
    points: float
    amount: float = 0.0
    evidence: list[Line] = []


class Reason(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Why a grade or a measure is proposed; in words: ``models.evaluation.words``."""

    code: Line
    params: list[Line] = []


class Change(msgspec.Struct, kw_only=True):
    """What a new version says otherwise than the one that was decided."""

    what: Line
    old: Line
    new: Line


class Response(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Cases of a period by how fast the offices were; days are sums, so that divisions add up."""

    opened: int = 0
    taken_up: int = 0
    take_up_days: int = 0
    cleared: int = 0
    clear_days: int = 0
    overdue: int = 0


class Earlier(msgspec.Struct, kw_only=True):
    """How a village team stood in the period before; ``is_decided``: a person decided so."""

    period: Line
    score: float
    grade: Grade
    is_decided: bool = False


class Evaluation(Document, kw_only=True, tag="evaluation"):
    """How a village team did in a period, as proposed; a person decides (``Decision``). One that was decided is never
    written again: what is computed otherwise afterwards is the next version, and says its ``changes``."""

    score: float
    grade: Grade
    from_day: date
    until_day: date
    catalogue: str
    policy: str
    components: list[Component]
    reasons: list[Reason] = []
    #: five_good, developing, civil, harmonious
    marks: list[Line] = []
    red_at_close: list[IndicatorCode] = []
    response: Response
    previous: Earlier | None = None
    changes: list[Change] = []


class Summary(Document, kw_only=True, tag="summary"):
    """How the village teams of a township or county did in a period, and what is proposed to follow for its offices.
    ``newly_paralysed`` and ``put_right`` are codes of villages."""

    mean: float
    villages: int
    grades: dict[Line, int]
    marks: dict[Line, int]
    response: Response
    newly_paralysed: list[Line] = []
    put_right: list[Line] = []
    measures: list[Measure] = []
    reasons: list[Reason] = []
    policy: str
    changes: list[Change] = []


class Candidate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What may have been reported late, not at all, or hidden, for a person to look at. ``about``: the id of the
    report that came late, or of what another channel or a patrol saw; ``again``: ids of the same matter seen again;
    ``evidence``: of informants' reports by which it was known before.
    ``days``: how late, or how many days the informants had; ``also``: what else a patrol saw on the same visit."""

    finding: OmissionFinding
    village: VillageCode
    indicator: IndicatorCode
    about: Line
    seen_on: date
    days: int
    channel: Channel
    again: list[Line] = []
    evidence: list[Line] = []
    also: list[IndicatorCode] = []


class Candidates(Document, kw_only=True, tag="candidates"):
    """A township's candidates, as the last night found them."""

    policy: str
    found: list[Candidate]


class WatchReason(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A sign that a village's lights may get worse, as a fact that can be looked up (models/early_warning/reasons)."""

    code: Line
    zh: Text
    en: Text
    indicator: IndicatorCode | None = None


Why = Literal["better", "outranked", "relearned", "unknown", "gone"]


class Watched(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A village that is watched since a day; ``chance`` of getting worse in percent, in fives; ``listed_chance``: with
    which it was listed, or what the model said first where that was learned anew since."""

    village: VillageCode
    since: date
    chance: Annotated[int, Meta(ge=0, le=100)]
    listed_chance: Annotated[int, Meta(ge=0, le=100)] | None = None
    reasons: list[WatchReason] = []


class NoLongerWatched(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A village that was watched from ``since`` to before ``until``. ``why``: its chance fell since it was listed; the
    places are full of others that rank before it; the model was learned anew and ranks otherwise; too little is known
    of it now; or it is no longer in the register."""

    village: VillageCode
    since: date
    until: date
    chance: Annotated[int, Meta(ge=0, le=100)]
    why: Why


class WatchOutcome(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What became of a list: of those ``watched`` on a day, how many were ``worse`` half a year later, beside all
    ``others``; ``unknown``: those watched whose lights could not be compared."""

    on: date
    watched: Count = 0
    worse: Count = 0
    unknown: Count = 0
    others: Count = 0
    others_worse: Count = 0


class Risk(Document, kw_only=True, tag="risk"):
    """The villages of a township whose lights are likely to get worse within half a year, as the last night found them
    (mission 14). It says what a village team's work is likely to come to, and nothing of a person. ``model``: which one
    said it; ``unknown``: villages of which too little was seen to say anything; ``outcome``: of the list of half a year
    ago, counted once a month."""

    policy: str
    model: Line
    watched: list[Watched] = []
    ended: list[NoLongerWatched] = []
    unknown: list[VillageCode] = []
    outcome: WatchOutcome | None = None


class LampWeek(msgspec.Struct, frozen=True, kw_only=True):
    """How many lamps were yellow and red when a week ended; ``until``: its Sunday."""

    until: date
    yellow: Count
    red: Count


class VillageWeeks(msgspec.Struct, frozen=True, kw_only=True):
    """How many lamps of a village were yellow and red at the end of each of its township's weeks."""

    yellow: list[Count]
    red: list[Count]


class Weeks(Document, kw_only=True, tag="weeks"):
    """A township's lamps at the end of each of the last weeks, the oldest first, and which were ``red``, by village,
    when ``day`` ended: both as the last night knew them, by what had been observed till then (models/weeks.py).
    ``villages``: those that were not green all the time; empty, too, in what an earlier release wrote."""

    catalogue: Line
    policy: Line
    day: date
    weeks: list[LampWeek]
    red: dict[VillageCode, list[IndicatorCode]]
    villages: dict[VillageCode, VillageWeeks] = {}


class Receipt(Document, kw_only=True, tag="receipt"):
    """The gateway's word that the store holds these documents of a device."""

    received_at: Instant
    ids: list[str]


class Receiver(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Whom a paper is addressed to: an office or a village's point, or a ``department`` (its short name) of a county or
    the city. ``name`` as it is printed."""

    division: str
    name: Line
    department: Line | None = None


class Paragraph(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """``level`` 1 is a heading 一、, 2 a heading (一), 0 the text, numbered items among it."""

    #: What somebody wrote, and a number or a few words before it.
    text: Annotated[str, Meta(max_length=TEXT_CHARACTERS_MAX + 200)]
    level: Annotated[int, Meta(ge=0, le=2)] = 0


class Annex(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A table behind the text: rows as wide as ``head``; ``note``: below it, why cells of it are empty."""

    title: Line
    head: list[Line]
    rows: list[list[Line]]
    note: Line = ""


class CaseNotice(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a paper says of its case: the indicator and its light when it was issued, what was reported (no names), what
    is asked, by which day. ``department`` leads, where one does."""

    village: VillageCode
    case: Ulid
    indicator: IndicatorCode
    name_zh: Line
    name_en: Line
    light: Literal["g", "s", "y", "r"]
    since: date
    reported: Words
    asked: Annotated[list[Words], Meta(min_length=1, max_length=12)]
    due: date
    follow_up: Line
    contact: Line
    norm: Text = ""
    department: Line | None = None


class Attendance(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The offices that took part in a meeting in one way, as they are printed below its minutes."""

    how: Presence
    names: list[Line]


class Notice(Document, kw_only=True, tag="notice"):
    """An issued paper, with all that is printed of it. Its number and year stand in the id, ``{office}:notice:…``, and
    ``mark`` before them (菏动管〔2026〕7号). ``request`` is the ULID of what asked for it, ``content`` the hash of all
    that was asked; ``source``: the id of the agenda or the minutes that it is made from.

    While ``is_reserved`` it is no paper yet: the number waits for the step of the case to be taken. Afterwards it is
    never changed.
    """

    paper: Paper
    request: Ulid
    content: Sha256 | None = None
    issued_at: Instant
    author: Alias
    office: Line
    mark: Line
    title: Line
    receivers: Annotated[list[Receiver], Meta(min_length=1, max_length=200)]
    body: list[Paragraph]
    copies: list[Line] = []
    about: CaseNotice | None = None
    annex: Annex | None = None
    source: Line | None = None
    attendance: list[Attendance] = []
    is_reserved: bool = False


class Dataset(Document, kw_only=True, tag="dataset"):
    """What a store was filled with, so that every page can say it is simulated."""

    seed: int
    until: date
    months: int


class RegisterDocument(Document, kw_only=True, tag="register"):
    """The division register as canonical CSV, and the day from which silence counts."""

    csv: str
    watched_since: date


AnyEvent = (
    Report
    | Round
    | Answer
    | CaseEvent
    | Inspection
    | Patrol
    | Agenda
    | Meeting
    | Carrying
    | Team
    | Pledge
    | Training
    | Service
    | Appointment
    | Omission
    | Verdict
    | Decision
    | Acknowledgement
    | Withdrawal
    | Settlements
    | Sanction
)
AnyDerived = (
    LightsDocument | Evaluation | Summary | Risk | Weeks | Receipt | Dataset | RegisterDocument | Notice | Candidates
)
AnyDocument = AnyEvent | AnyDerived

EVENT_KINDS: Final = frozenset(str(t.__struct_config__.tag) for t in get_args(AnyEvent))

decode_event = msgspec.json.Decoder(AnyEvent).decode
decode_document = msgspec.json.Decoder(AnyDocument).decode
encode = msgspec.json.Encoder().encode
