"""What becomes of reported matters: the steps from warning to all-clear, some late, some never, some relapsing."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from models.calendar import MS_PER_DAY, day_of, local_day_of_ms
from models.documents import Answer, CaseEvent, CaseStep
from models.simulation.aliases import administrator_alias, centre_alias, station_alias
from models.simulation.journal import MS_PER_HOUR, MS_PER_MINUTE, Journal, in_office_hours, instant

if TYPE_CHECKING:
    from models.catalogue import Catalogue
    from models.policy import Policy
    from models.simulation.incidents import Matter
    from models.simulation.parameters import Parameters

_RELAPSES_MAX = 2
#: Notice, assignment and team are out by then; nothing is cleared sooner.
_TAKING_UP_DAYS = 3.0
#: From this share of a case's time on its effect is looked at; orders and escalations come before.
_REVIEWED_FROM = 0.82


def write_casework(
    rng: np.random.Generator,
    journal: Journal,
    villages: tuple[str, ...],
    matters: list[Matter],
    catalogue: Catalogue,
    policy: Policy,
    p: Parameters,
) -> None:
    """Write the case events and answers that follow the given reports."""
    office = _Office(rng, journal, villages, catalogue, policy, p)
    for matter in matters:
        _File(office, matter).work()


class _Office:
    """What all cases of a county have in common."""

    def __init__(
        self,
        rng: np.random.Generator,
        journal: Journal,
        villages: tuple[str, ...],
        catalogue: Catalogue,
        policy: Policy,
        p: Parameters,
    ) -> None:
        self.rng, self.journal, self.villages = rng, journal, villages
        self.catalogue, self.policy, self.p = catalogue, policy, p

    def pick(self, texts: tuple[str, ...]) -> str:
        return texts[int(self.rng.integers(len(texts)))]

    def hits(self, probability: float) -> bool:
        return bool(self.rng.random() < probability)

    def hours(self, low: float, high: float) -> int:
        """A time between two numbers of hours, in ms."""
        return int(self.rng.uniform(low, high) * MS_PER_HOUR)


class _File:
    """One case while it is worked on."""

    def __init__(self, office: _Office, matter: Matter) -> None:
        self._office, self._matter = office, matter
        self._village = office.villages[matter.village]
        self._administrator = administrator_alias(self._village)
        self._station = station_alias(self._village[:9])
        self._centre = centre_alias(self._village[:6])
        indicator = office.catalogue.indicators[office.catalogue.index[matter.topic.indicator]]
        self._lead = indicator.lead_departments[0]
        self._is_major = matter.severity == "major"

    def work(self) -> None:
        opened_ms, words, office = self._matter.saved_ms, self._office.p.wording, self._office
        self._answer(opened_ms + office.hours(2, 60), office.pick(words.answer_taken))
        for relapses in range(_RELAPSES_MAX + 1):
            cleared_ms = self._one_course(opened_ms)
            if cleared_ms is None:
                return
            if relapses == 0:
                self._answer(cleared_ms + office.hours(1, 48), office.pick(words.answer_done))
            reopened_ms = self._relapse(cleared_ms)
            if reopened_ms is None:
                return
            opened_ms = reopened_ms

    def _one_course(self, opened_ms: int) -> int | None:
        """From an opening to the all-clear; None where it is never reached."""
        p, matter, office = self._office.p.casework, self._matter, self._office
        is_minor = matter.severity == "minor"
        median = getattr(p, f"{matter.severity}_days_median")
        slow = 1 + p.weak_slows * matter.badness
        days = float(office.rng.lognormal(np.log(median), p.days_sigma)) * slow
        is_stuck = office.hits(p.stuck_minor if is_minor else p.stuck)
        if not is_minor:
            days = max(days, _TAKING_UP_DAYS)
        # office hours are applied to each step as it is written, which keeps their order
        cleared_ms = None if is_stuck else opened_ms + int(days * MS_PER_DAY)
        if not is_minor:
            self._take_up(opened_ms)
            self._watch_deadline(opened_ms, cleared_ms)
            self._make_progress(opened_ms, cleared_ms)
        if cleared_ms is not None:
            self._clear(cleared_ms)
        return cleared_ms

    def _take_up(self, opened_ms: int) -> None:
        """Warning notice at once, a lead department soon after; a major matter gets a work team."""
        office, words = self._office, self._office.p.wording
        is_major = self._matter.severity == "major"
        noticed_ms = opened_ms + (office.hours(0.2, 5) if is_major else office.hours(1, 36))
        self._step("noticed", self._station, noticed_ms, text=office.pick(words.noticed))
        author = self._centre if is_major else self._station
        if is_major or office.hits(0.6):
            at = noticed_ms + office.hours(0.5, 20)
            self._step("assigned", author, at, department=self._lead, text=office.pick(words.assigned))
        if is_major:
            at = noticed_ms + office.hours(2, 40)
            self._step("team_sent", self._centre, at, text=office.pick(words.team_sent))

    def _watch_deadline(self, opened_ms: int, cleared_ms: int | None) -> None:
        """Slow cases mostly get a deadline of their own; what then runs past it goes up."""
        office, p, words = self._office, self._office.p.casework, self._office.p.wording
        standing: int = getattr(office.policy.follow_up_days, self._matter.severity)
        due_ms = opened_ms + standing * MS_PER_DAY
        end_ms = cleared_ms if cleared_ms is not None else opened_ms + 120 * MS_PER_DAY
        if end_ms > due_ms and office.hits(p.deadline_set):
            # offices set deadlines that are mostly, not always, kept
            due_ms += int((end_ms - due_ms) * office.rng.uniform(0.8, 1.6)) + MS_PER_DAY
            at = opened_ms + int(standing * MS_PER_DAY * office.rng.uniform(0.3, _REVIEWED_FROM))
            text = office.pick(words.deadline)
            self._step("deadline", self._centre, at, department=self._lead, due=_day(due_ms), text=text)
        escalated_ms = due_ms + MS_PER_DAY + office.hours(10, 72)
        # before the effect is looked at: afterwards it would have to be looked at again
        is_in_time = opened_ms + int((end_ms - opened_ms) * _REVIEWED_FROM) > escalated_ms
        if is_in_time and self._matter.severity == "general" and office.hits(p.escalated):
            self._is_major = True
            text, due = office.pick(words.escalated), _day(escalated_ms + 20 * MS_PER_DAY)
            self._step("escalated", self._station, escalated_ms, severity="major", due=due, text=text)

    def _make_progress(self, opened_ms: int, cleared_ms: int | None) -> None:
        office, words = self._office, self._office.p.wording
        span = (cleared_ms if cleared_ms is not None else opened_ms + 60 * MS_PER_DAY) - opened_ms
        for share in np.sort(office.rng.uniform(0.2, 0.8, int(office.rng.integers(1, 3)))):
            at = opened_ms + int(span * share)
            self._step("progress", self._administrator, at, text=office.pick(words.progress))
        if cleared_ms is not None:
            at = opened_ms + int(span * office.rng.uniform(_REVIEWED_FROM, 0.97))
            self._step("reviewed", self._station, at, text=office.pick(words.reviewed), is_better=True)

    def _clear(self, cleared_ms: int) -> None:
        """Minor matters are settled in the village, general ones in the township, major ones in the county; the station
        verifies, which acts on none of them itself."""
        topic = self._matter.topic
        if self._matter.severity == "minor":
            self._step("submitted", self._administrator, cleared_ms - MS_PER_HOUR, done=topic.done)
        author = self._centre if self._is_major else self._station
        self._step("cleared", author, cleared_ms, found=topic.found, done=topic.done, verified_by=self._station)

    def _relapse(self, cleared_ms: int) -> int | None:
        office, p = self._office, self._office.p.casework
        if self._matter.severity == "minor" or not office.hits(p.relapse + p.relapse_weak * self._matter.badness):
            return None
        reopened_ms = cleared_ms + int(office.rng.uniform(*p.relapse_after_days) * MS_PER_DAY)
        text = office.pick(office.p.wording.reopened)
        self._step("reopened", self._station, reopened_ms, severity=self._matter.severity, text=text)
        return reopened_ms

    def _step(self, step: CaseStep, author: str, at_ms: int, **fields: Any) -> None:
        at_ms = in_office_hours(at_ms)
        ulid = self._office.journal.ulid(at_ms)
        event = CaseEvent(
            id=f"{self._village}:case:{self._matter.case}:{ulid}",
            observed_at=instant(at_ms - 5 * MS_PER_MINUTE),
            saved_at=instant(at_ms),
            step=step,
            author=author,
            simulated=True,
            **fields,
        )
        self._office.journal.write(event, ulid, at_ms)

    def _answer(self, at_ms: int, text: str) -> None:
        """An informant hears what became of the report; administrators see the case itself."""
        matter, office = self._matter, self._office
        if not matter.author.startswith("i") or not office.hits(office.p.casework.answered):
            return
        at_ms = in_office_hours(at_ms)
        ulid = office.journal.ulid(at_ms)
        event = Answer(
            id=f"{self._village}:answer:{matter.author}:{ulid}",
            observed_at=instant(at_ms - MS_PER_MINUTE),
            saved_at=instant(at_ms),
            author=self._station,
            about=matter.report_id(office.villages),
            text=text,
            simulated=True,
        )
        office.journal.write(event, ulid, at_ms)


def _day(milliseconds: int) -> date:
    return day_of(local_day_of_ms(milliseconds))
