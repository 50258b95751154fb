"""Statistics of a division and a period (mission 13), each number with the ids of the events behind it.

What counts as what:

- A **warning** is a case that lights its lamp. It is issued on the first day it does so, at the light of that day: a
  general matter yellow and a major one red when it is opened, a small one when it is escalated, or yellow once it is
  overdue. What makes it worse later (a correction, an escalation, a missed deadline) is the same warning and not
  another one. So each case counts once, yellow and red add up to the disputes, periods and divisions add up, and a
  figure that was published does not change when a case grows worse afterwards.
- **Solved** are those of the disputes found in the period that were cleared by its last day and not reopened by then.
- Only what was observed by the period's last day counts, whenever it arrived; days are those of Heze.
- A correction (``amends``) stands in the place of what it corrects, on its own day; what was withdrawn counts nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

import msgspec

from models import calendar
from models.cases import Case, CaseFact, case_fact, case_spans, fold_case, when_known
from models.documents import Event, Grade
from models.evaluation.versions import version_of
from models.ids import parse_id
from models.lights import RED
from models.terms import CHANNELS, MEETINGS, SERVICES

if TYPE_CHECKING:
    from models.catalogue import Catalogue
    from models.documents import AnyDocument, Severity
    from models.policy import Policy

#: The kinds of event that figures are made from.
COUNTED_KINDS: Final = frozenset({"report", "case", "service", "training", "inspection", "meeting", "decision", "team"})
#: Instead of a channel, for a case that an office opened without a report.
OPENED_BY_OFFICE: Final = "office"
#: The figures that every scope and period has, in their order; the others are parts of them, named after ``:``.
FIGURES: Final[dict[str, tuple[str, str]]] = {
    "warnings.yellow": ("黄色警示", "yellow warnings issued"),
    "warnings.red": ("红色警示", "red warnings issued"),
    "disputes.found": ("发现矛盾问题", "disputes found"),
    "disputes.solved": ("其中已解决", "of these solved"),
    "teams.put_right": ("转化软弱涣散、瘫痪班子", "weak and paralysed teams put right"),
    "villages.treated": ("派工作组整顿的村", "villages that a work team was sent to"),
    "services.done": ("为民服务", "services done for people"),
    "trainings.held": ("举办培训", "trainings held"),
    "trainings.attended": ("培训人次", "attended by"),
    "inspections.planned": ("计划内检查", "planned inspections"),
    "inspections.random": ("随机抽查和单独检查", "inspections by lot and by themselves"),
    "meetings.held": ("会议", "meetings held"),
    "decisions.commendation": ("决定通报表扬", "commendations decided"),
    "decisions.criticism": ("决定通报批评", "notices of criticism decided"),
}

#: What counts cases, and what counts villages; all other figures count events.
_OF_CASES: Final = frozenset({"warnings.yellow", "warnings.red", "disputes.found", "disputes.solved"})
_OF_VILLAGES: Final = frozenset({"teams.put_right", "villages.treated"})


class Stood(msgspec.Struct, frozen=True):
    """How a village team stood in a period, and the id of the evaluation that says so."""

    id: str
    grade: Grade


Grades = Mapping[str, Stood]


class Happening(msgspec.Struct, frozen=True, kw_only=True):
    """What one event says, reduced to what is counted. ``day``: the epoch day in Heze on which it was observed;
    ``channel`` of a report; ``amount``: what was done, or how many attended."""

    id: str
    kind: str
    division: str
    day: int
    amends: str | None = None
    is_withdrawn: bool = False
    fact: CaseFact | None = None
    channel: str | None = None
    topic: str = ""
    amount: float = 0.0
    unit: str = ""
    is_planned: bool = False
    about: str = ""
    measures: tuple[str, ...] = ()


class Count(msgspec.Struct, frozen=True):
    """A number and the ids of the events behind it, sorted. None: what it would be made from is not there."""

    number: float | None
    ids: tuple[str, ...] = ()


class Thing(msgspec.Struct, frozen=True):
    """One thing that a figure counts: a case, a village, or an event by itself. ``amount``: by how much it counts;
    ``case``: its ULID; ``day``: the epoch day of the last of its events, None for an evaluation; ``ids`` sorted."""

    division: str
    ids: tuple[str, ...]
    amount: float = 1
    case: str | None = None
    day: int | None = None
    topic: str = ""
    unit: str = ""


class Warned(msgspec.Struct, frozen=True):
    """A case as it was warned of: ``ids`` of its openings, ``cleared_id`` None while it is open."""

    case: Case
    day: int
    is_red: bool
    channel: str
    ids: tuple[str, ...]
    cleared_id: str | None


class Said(msgspec.Struct, frozen=True):
    """The fields of a document that are counted, of whatever kind, by the names that documents give them."""

    channel: str = "tablet"
    amends: str | None = None
    withdrawn: str = ""
    topic: str = ""
    amount: float = 0.0
    attended: float = 0.0
    unit: str = ""
    is_planned: bool = False
    about: str | None = None
    measures: tuple[str, ...] = ()


def happening(document: AnyDocument) -> Happening | None:
    """What a document says, or None if it is of no kind that is counted. Raises ``IdError`` for a malformed id."""
    identity = parse_id(document.id)
    if identity.kind not in COUNTED_KINDS or not isinstance(document, Event):
        return None
    said = msgspec.convert(document, Said, from_attributes=True)
    return happening_of(document.id, calendar.local_day(document.observed_at), said, case_fact(document))


def happening_of(event_id: str, day: int, said: Said, fact: CaseFact | None) -> Happening:
    """As ``happening``, from what a mirror keeps. ``day``: on which it was observed; a step of a case counts from when
    it was saved."""
    division, kind, _ = event_id.split(":", 2)
    return Happening(
        id=event_id,
        kind=kind,
        division=division,
        day=day if fact is None else calendar.local_day_of_ms(fact.at_ms),
        amends=said.amends,
        is_withdrawn=bool(said.withdrawn),
        fact=fact,
        channel=said.channel if kind == "report" else None,
        topic=said.topic.strip(),
        amount=said.amount + said.attended,
        unit=said.unit.strip(),
        is_planned=said.is_planned,
        about=said.about or "",
        measures=said.measures,
    )


class Folded(msgspec.Struct, frozen=True):
    """A case, and from how many facts it was folded."""

    case: Case
    facts: int


def statistics(
    happenings: Iterable[Happening],
    division: str,
    first_day: int,
    last_day: int,
    policy: Policy,
    grades: tuple[Grades, Grades] | None = None,
    folded: Mapping[tuple[str, str], Folded] | None = None,
) -> dict[str, Count]:
    """The figures of a division for the epoch days ``first_day`` to ``last_day``, both in it, in any order of the
    events and with repetitions.

    ``grades``: of the last evaluation in the period and of the one before it, by village; None where there are none.
    ``folded``: cases by village and ULID that somebody has folded from facts of these events already; one that the
    period holds fewer of is folded anew.
    """
    here = _in_force((h for h in happenings if h.division.startswith(division)), last_day)
    sums = _Sums()
    cases: dict[tuple[str, str], list[Happening]] = defaultdict(list)
    for h in here:
        if h.fact is not None:
            cases[h.fact.village, h.fact.case].append(h)
        elif h.day >= first_day:
            sums.add_deed(h)
    for found in cases.values():
        _add_case(sums, found, first_day, last_day, policy, folded or {})
    if grades is not None:
        sums.add_grades(*(_within(division, g) for g in grades))
    return sums.counts(has_grades=grades is not None)


def things_behind(name: str, count: Count, happenings: Iterable[Happening]) -> list[Thing]:
    """What a figure counts, the newest first: the amounts add up to its number. ``happenings``: those that it was made
    from, or more."""
    whole, _, part = name.partition(":")
    known = {h.id: h for h in happenings}
    by_thing: dict[str, list[str]] = defaultdict(list)
    for event_id in count.ids:
        division, h = event_id.partition(":")[0], known.get(event_id)
        if whole in _OF_CASES and h is not None and h.fact is not None:
            by_thing[f"{h.fact.village}:{h.fact.case}"].append(event_id)
        else:
            by_thing[division if whole in _OF_VILLAGES else event_id].append(event_id)
    has_amount = whole == "trainings.attended" or (whole == "services.done" and bool(part))
    things = [_thing([known[i] for i in ids if i in known], tuple(ids), has_amount) for ids in by_thing.values()]
    return sorted(things, key=lambda one: (one.day or 0, one.ids[-1]), reverse=True)


def _thing(found: list[Happening], ids: tuple[str, ...], has_amount: bool) -> Thing:
    last = max(found, key=lambda h: (h.day, _ulid(h.id)), default=None)
    if last is None:
        return Thing(division=ids[0].partition(":")[0], ids=ids)
    return Thing(
        division=last.division,
        ids=ids,
        amount=last.amount if has_amount else 1,
        case=last.fact.case if last.fact is not None else None,
        day=last.day,
        topic=last.topic,
        unit=last.unit,
    )


def _in_force(happenings: Iterable[Happening], last_day: int) -> list[Happening]:
    """Each event until a day once, of one that was corrected the last word, if it was not withdrawn, and of decisions
    about one thing that on its last version, the first if there are two. Cases keep all: the fold knows of openings."""
    last: dict[str, Happening] = {}
    decided: dict[str, Happening] = {}
    for h in happenings:
        if h.kind == "decision":
            if h.day > last_day:
                continue
            first = decided.setdefault(h.about, h)
            decided[h.about] = min(first, h, key=lambda one: _ulid(one.id))
            continue
        key = h.id if h.fact is not None else h.amends or h.id
        known = last.get(key)
        if known is None or _ulid(known.id) < _ulid(h.id):
            last[key] = h
    # all versions of an evaluation are one thing; the second is named ``…-2``
    by_thing = {about.partition("-")[0]: decided[about] for about in sorted(decided, key=version_of)}
    standing = [h for h in last.values() if h.day <= last_day and not h.is_withdrawn]
    return [*standing, *by_thing.values()]


def _ulid(event_id: str) -> str:
    return event_id.rpartition(":")[2]


def _add_case(
    sums: _Sums,
    found: list[Happening],
    first_day: int,
    last_day: int,
    policy: Policy,
    folded: Mapping[tuple[str, str], Folded],
) -> None:
    sent = [h for h in found if h.fact and h.fact.step == "team_sent" and h.day >= first_day]
    openings = [h for h in found if h.fact and h.fact.step == "opened"]
    if not openings:
        return
    opened_as = _opened_as(h.fact for h in openings if h.fact)
    if not sent and opened_as != "minor" and min(h.day for h in openings) < first_day:
        return  # found in an earlier period
    facts = {h.fact for h in found if h.fact}
    some = next(iter(facts))
    known = folded.get((some.village, some.case))
    case = known.case if known is not None and known.facts == len(facts) else fold_case(facts, policy)
    if case is None:
        return
    set_aside = {step.ulid for step in case.set_aside}
    for h in sent:
        if _ulid(h.id) not in set_aside:
            sums.add("villages.treated", h.id, village=h.division)
    issued = _issued(case, opened_as)
    if issued is not None and first_day <= issued[0] <= last_day:
        sums.add_warned(_warned(case, issued, found, openings, set_aside))


def issued(case: Case, facts: Iterable[CaseFact]) -> tuple[int, bool] | None:
    """When a warning of a case was issued, given the facts that it was folded from: the first day it lights its lamp,
    and whether red; None if it never does."""
    return _issued(case, _opened_as(fact for fact in facts if fact.step == "opened"))


def _opened_as(openings: Iterable[CaseFact]) -> Severity:
    """As bad as it was said to be first; a correction that makes it worse is no other warning."""
    return min(openings, key=when_known).severity or "general"


def _issued(case: Case, opened_as: Severity) -> tuple[int, bool] | None:
    if opened_as != "minor":
        return case.opened_day, opened_as == "major"
    spans = case_spans([case], {case.village: 0}, {case.indicator: 0})
    if not len(spans.from_day):
        return None
    first = int(spans.from_day.argmin())
    return int(spans.from_day[first]), int(spans.light[first]) == RED


def _warned(
    case: Case, issued: tuple[int, bool], found: list[Happening], openings: list[Happening], set_aside: set[str]
) -> Warned:
    openings = sorted(openings, key=lambda h: _ulid(h.id))
    clearings = [h for h in found if h.fact and h.fact.step == "cleared" and _ulid(h.id) not in set_aside]
    last = max(clearings, key=lambda h: (h.fact.at_ms if h.fact else 0, _ulid(h.id)), default=None)
    return Warned(
        case=case,
        day=issued[0],
        is_red=issued[1],
        channel=openings[-1].channel or OPENED_BY_OFFICE,
        ids=tuple(h.id for h in openings),
        cleared_id=last.id if last is not None and not case.is_open else None,
    )


def _within(division: str, grades: Grades) -> Grades:
    return {village: stood for village, stood in grades.items() if village.startswith(division)}


class _Sums:
    """Numbers and ids while they are gathered."""

    def __init__(self) -> None:
        self._numbers: dict[str, float] = dict.fromkeys(FIGURES, 0)
        self._ids: dict[str, set[str]] = defaultdict(set)
        self._villages: dict[str, set[str]] = defaultdict(set)

    def add(self, name: str, *ids: str, amount: float = 1, village: str | None = None) -> None:
        """Add an amount; with a ``village`` only the first time for each."""
        if village is not None:
            amount = 0 if village in self._villages[name] else 1
            self._villages[name].add(village)
        self._numbers[name] = self._numbers.get(name, 0) + amount
        self._ids[name].update(ids)

    def add_warned(self, warned: Warned) -> None:
        indicator = warned.case.indicator
        self.add("warnings.red" if warned.is_red else "warnings.yellow", *warned.ids)
        parts = ("", f":{indicator.rpartition('.')[0]}", f":{indicator}", f":{warned.channel}")
        for part in parts:
            self.add(f"disputes.found{part}", *warned.ids)
            is_solved = warned.cleared_id is not None
            ids = (*warned.ids, warned.cleared_id) if warned.cleared_id is not None else ()
            self.add(f"disputes.solved{part}", *ids, amount=int(is_solved))

    def add_deed(self, h: Happening) -> None:
        match h.kind:
            case "service":
                self.add("services.done", h.id)
                self.add(f"services.done:{h.topic}:{h.unit}", h.id, amount=h.amount)
            case "training":
                self.add("trainings.held", h.id)
                self.add("trainings.attended", h.id, amount=h.amount)
            case "inspection":
                self.add("inspections.planned" if h.is_planned else "inspections.random", h.id)
            case "team" if not h.about:  # a withdrawal is about its sending
                self.add("villages.treated", h.id, village=h.division)
            case "decision":
                for measure in {"commendation", "criticism"} & set(h.measures):
                    self.add(f"decisions.{measure}", h.id)
            case "meeting":
                self.add("meetings.held", h.id)
                self.add(f"meetings.held:{h.topic}", h.id)

    def add_grades(self, now: Grades, before: Grades) -> None:
        for village, stands in now.items():
            stood = before.get(village)
            if stood and stood.grade in ("weak", "paralysed") and stands.grade in ("strong", "fair"):
                self.add("teams.put_right", stood.id, stands.id)

    def counts(self, *, has_grades: bool) -> dict[str, Count]:
        order = {name: at for at, name in enumerate(FIGURES)}
        names = sorted(self._numbers, key=lambda name: (order[name.partition(":")[0]], name))
        counts = {name: Count(_whole(round(self._numbers[name], 6)), tuple(sorted(self._ids[name]))) for name in names}
        return counts if has_grades else counts | {"teams.put_right": Count(None)}


def _whole(number: float) -> float:
    return int(number) if number == int(number) else number


def figure_words(figure: str, catalogue: Catalogue) -> tuple[str, str]:
    """What a figure is called, Chinese and English; of a part of one what it is a part of stands before it."""
    whole, _, part = figure.partition(":")
    zh, en = FIGURES[whole]
    if not part:
        return zh, en
    named = {i.code: (i.name_zh, i.name_en) for i in catalogue.items}
    named |= {i.code: (i.name_zh, i.name_en) for i in catalogue.indicators}
    if part in named:
        part_zh, part_en = (f"{part} {text}" for text in named[part])
    else:
        part_zh, part_en = _service_words(part) if whole == "services.done" else _part_words(part)
    return f"{zh} · {part_zh}", f"{en} · {part_en}"


def _part_words(code: str) -> tuple[str, str]:
    """A channel, or what a meeting was held as."""
    if code == OPENED_BY_OFFICE:
        return "单位立项", "opened by an office"
    meeting = next((words for topic, words in MEETINGS.items() if topic == code), code)
    return CHANNELS.get(code, meeting), code.replace("_", " ")


def _service_words(part: str) -> tuple[str, str]:
    """What was done, and what it is counted in, as the office wrote both; in English where a form proposed them."""
    topic, _, unit = part.rpartition(":")
    own_unit, topic_en, unit_en = SERVICES.get(topic, (unit, topic, unit))
    return f"{topic}（{unit}）", f"{topic_en} ({unit_en if unit == own_unit else unit})"
