"""The agenda of a joint conference or of a township's special meeting, made from what is open; a person approves it.

Its sections are those of published conference rules: what was decided last time, how things stand, the matters one by
one, what several villages have in common, work teams, patrols, and what comes next.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

import msgspec

from models import calendar
from models.cases import Case
from models.documents import AGENDA_SECTIONS, AgendaSection, Grade, Inspection
from models.ids import CODE_LENGTHS, parse_id
from models.joint_work.resolutions import ResolutionState
from models.joint_work.teams import TeamState, difficulty
from models.notices.months import UnitMonth
from models.notices.offices import day_text, short_name
from models.patrols import PatrolState, by_themselves
from models.quotation import quoted

if TYPE_CHECKING:
    from models.divisions import Register
    from models.village import Rulebook

#: Points of one section: a meeting has an afternoon. The rest is said as a number.
POINTS_MAX: Final = 20
#: Of what was reported: enough to know which matter it is.
_WORDS_MAX: Final = 60


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """A proposed point of the agenda."""

    section: AgendaSection
    zh: str
    en: str
    village: str | None = None
    case: str | None = None


class Matters(msgspec.Struct, frozen=True, kw_only=True):
    """What is known within a division, as of ``today`` (epoch day). ``cases``: the open ones, each with the words of
    its report; ``month``: the figures of the days since ``since_day``; ``grades`` of villages by code."""

    division: str
    today: int
    since_day: int
    cases: Sequence[tuple[Case, str]]
    month: UnitMonth
    resolutions: Sequence[ResolutionState]
    teams: Sequence[TeamState]
    patrols: Sequence[PatrolState]
    inspections: Sequence[Inspection]
    grades: Mapping[str, Grade]


def agenda(matters: Matters, rulebook: Rulebook, register: Register) -> list[Point]:
    """The points in the order of the sections; in one section the gravest first."""
    writer = _Writer(matters, rulebook, register)
    return [point for section in AGENDA_SECTIONS for point in _cut(section, list(writer.points(section)))]


def _cut(section: AgendaSection, points: list[Point]) -> list[Point]:
    left = len(points) - POINTS_MAX
    if left <= 0:
        return points
    more = Point(section=section, zh=f"另有{left}件，见台帐。", en=f"{left} more: see the ledger.")
    return [*points[:POINTS_MAX], more]


class _Writer:
    """Writes each section's points."""

    def __init__(self, matters: Matters, rulebook: Rulebook, register: Register) -> None:
        self._m, self._rulebook, self._register = matters, rulebook, register
        self._policy = rulebook.policy
        catalogue = rulebook.catalogue
        self._indicators = {one.code: (one.name_zh, one.name_en) for one in catalogue.indicators}
        self._items = {one.code: (one.name_zh, one.name_en) for one in catalogue.items}

    def points(self, section: AgendaSection) -> Iterator[Point]:
        found: Iterator[Point] = getattr(self, f"_{section}")()
        return found

    def _last(self) -> Iterator[Point]:
        for state in self._m.resolutions:
            one, lead = state.resolution, self._name(state.resolution.lead)
            if state.standing == "accepted":
                if calendar.local_day(state.said[-1].observed_at) < self._m.since_day:
                    continue  # an earlier meeting has heard it
                how = ("已销号", "done and accepted")
            elif state.standing == "done":
                how = ("已报办结，待销号", "said to be done")
            else:
                how = ("逾期", "overdue") if state.is_overdue(self._m.today) else ("在办", "open")
            yield Point(
                section="last",
                zh=f"{one.matter}（{lead}，{day_text(one.due)}前）：{how[0]}。",
                en=f"{one.matter} ({lead}, by {one.due}): {how[1]}.",
                village=one.village,
                case=one.case,
            )

    def _month(self) -> Iterator[Point]:
        m, since = self._m.month, calendar.day_of(self._m.since_day)
        yield Point(
            section="month",
            zh=f"{day_text(since)}以来发出黄色警示{m.yellow}件、红色{m.red}件，撤销{m.cleared}件，其中按时{m.in_time}件，"
            f"已警示的反弹{m.relapses}件；目前未办结{m.unsolved}件，逾期{m.overdue}件。",
            en=f"Since {since}: {m.yellow} yellow and {m.red} red warnings, {m.cleared} cleared, "
            f"{m.in_time} of them in time, {m.relapses} came back; {m.unsolved} open, {m.overdue} overdue.",
        )

    def _red(self) -> Iterator[Point]:
        grave = [(case, words) for case, words in self._m.cases if self._is_grave(case)]
        for case, words in sorted(grave, key=lambda one: (one[0].severity != "major", one[0].due_day, one[0].case)):
            yield self._of_case("red", case, words)

    def _untaken(self) -> Iterator[Point]:
        for case, words in sorted(self._m.cases, key=lambda one: one[0].opened_day):
            # a grave one is spoken of once, where the others of its kind are
            if not self._is_grave(case) and (case.called or self._is_untaken(case)):
                yield self._of_case("untaken", case, words)

    def _tendency(self) -> Iterator[Point]:
        villages: defaultdict[str, set[str]] = defaultdict(set)
        for case, _ in self._m.cases:
            villages[case.indicator.rpartition(".")[0]].add(case.village)
        for item, here in sorted(villages.items(), key=lambda one: (-len(one[1]), one[0])):
            if len(here) >= self._policy.meetings.tendency_villages:
                zh, en = self._items[item]
                named = sorted(here)[:5]
                yield Point(
                    section="tendency",
                    zh=f"{zh}：{len(here)}个村有未办结事项，如{'、'.join(map(self._place, named))}。",
                    en=f"{en}: {len(here)} villages have open cases, such as {', '.join(map(self._place, named))}.",
                )

    def _teams(self) -> Iterator[Point]:
        working = {team.village: team for team in self._m.teams if team.withdrawn is None}
        of_village: defaultdict[str, list[Case]] = defaultdict(list)
        for case, _ in self._m.cases:
            of_village[case.village].append(case)
        hard = {
            village: difficulty(cases, self._m.grades.get(village), self._policy, self._m.today)
            for village, cases in _with_graded(of_village, self._m.grades)
        }
        for village, found in sorted(hard.items(), key=lambda one: (-one[1].points, one[0])):
            level = found.level(self._policy)
            if level is not None and village not in working:
                zh, en = found.words()
                whose = ("县", "a county team") if level == "county" else ("乡镇", "a township team")
                yield Point(
                    section="teams",
                    zh=f"{self._place(village)}：建议派{whose[0]}工作组（{zh}）。",
                    en=f"{self._place(village)}: {whose[1]} is proposed ({en}).",
                    village=village,
                )
        for village, team in sorted(working.items()):
            if village not in hard or hard[village].level(self._policy) is None or team.is_overdue(self._m.today):
                office = self._name(team.sent.office)
                yield Point(
                    section="teams",
                    zh=f"{self._place(village)}：{office}工作组可以研究撤回。",
                    en=f"{self._place(village)}: the team of {office} may be withdrawn.",
                    village=village,
                )

    def _patrols(self) -> Iterator[Point]:
        for state in self._m.patrols:
            if calendar.epoch_day(state.patrol.until) < self._m.since_day:
                continue
            missing = state.missing()
            checked = len(state.villages) - len(missing)
            # who is still to be visited is not warned of it
            told = missing[:10] if calendar.epoch_day(state.patrol.until) < self._m.today else []
            left = f"，未查：{'、'.join(map(self._place, told))}" if told else ""
            left_en = f"; not checked: {', '.join(map(self._place, told))}" if told else ""
            kind = ("计划检查", "planned") if state.patrol.step == "planned" else ("随机抽查", "by lot")
            yield Point(
                section="patrols",
                zh=f"{day_text(state.patrol.since)}至{day_text(state.patrol.until)}{kind[0]}{len(state.villages)}个村，"
                f"已查{checked}个{left}。",
                en=f"{state.patrol.since} to {state.patrol.until}, {kind[1]}: {len(state.villages)} villages, "
                f"{checked} checked{left_en}.",
            )
        since = calendar.day_of(self._m.since_day)
        alone = [
            one
            for one in by_themselves(self._m.inspections, self._m.patrols)
            if calendar.local_day(one.observed_at) >= self._m.since_day
        ]
        if alone:
            villages = len({parse_id(one.id).division for one in alone})
            yield Point(
                section="patrols",
                zh=f"{day_text(since)}以来另有单独检查{len(alone)}次，涉及{villages}个村。",
                en=f"Since {since}: {len(alone)} more checks by themselves, in {villages} villages.",
            )

    def _next(self) -> Iterator[Point]:
        until = self._m.today + 31
        due = sum(case.due_day <= until for case, _ in self._m.cases)
        yield Point(
            section="next",
            zh=f"今后一个月到期（含已逾期）事项{due}件；安排下一次会议和巡查。",
            en=f"{due} cases fall due within a month, those overdue included; the next meeting and patrol.",
        )

    def _is_grave(self, case: Case) -> bool:
        return case.severity == "major" or (case.severity == "general" and case.is_overdue(self._m.today))

    def _is_untaken(self, case: Case) -> bool:
        return case.is_untaken(self._m.today, self._policy.response_to(case.severity).take_up_days)

    def _of_case(self, section: AgendaSection, case: Case, words: str) -> Point:
        zh, en = self._indicators.get(case.indicator, (case.indicator, case.indicator))
        place, owner, due = self._place(case.village), self._name(case.owner), calendar.day_of(case.due_day)
        said = words if len(words) <= _WORDS_MAX else words[:_WORDS_MAX] + "…"
        called = [self._name(office) for office in case.called]
        asked = f"，已请{'、'.join(called)}受理" if called else ""
        asked_en = f", asked: {', '.join(called)}" if called else ""
        is_late, is_untaken = case.is_overdue(self._m.today), self._is_untaken(case)
        standing, standing_en = ("未按时受理", ", not taken up in time") if is_untaken else ("在办", "")
        late, late_en = ("，已逾期", ", overdue") if is_late else ("", "")
        return Point(
            section=section,
            zh=f"{place}{quoted(zh)}：{said}（{owner}{standing}{asked}，期限{day_text(due)}{late}）",
            en=f"{place}, {en}: {said} (with {owner}{standing_en}{asked_en}, due {due}{late_en})",
            village=case.village,
            case=case.case,
        )

    def _place(self, village: str) -> str:
        names = (village[: CODE_LENGTHS["township"]], village)
        return "".join(short_name(self._register.divisions[c].name) for c in names if c in self._register.divisions)

    def _name(self, office: str) -> str:
        division = self._register.divisions.get(office)
        return short_name(division.name) if division is not None else office


def _with_graded(cases: Mapping[str, list[Case]], grades: Mapping[str, Grade]) -> Iterable[tuple[str, list[Case]]]:
    """Villages with open cases, and those whose team was graded."""
    return ((village, cases.get(village, [])) for village in sorted({*cases, *grades}))
