"""The state machine of one case.

A step is taken in the order in which things happened, not in that of arrival. One that is not legal where it stands has
no effect: it is set aside with its reason, and stays in the case's history.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import msgspec

from models import calendar
from models.documents import SEVERITIES, Severity, Stage
from models.ids import CODE_LENGTHS

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from models.cases.facts import CaseFact
    from models.policy import Policy

MS_PER_MINUTE: Final = 60_000
#: Beyond any day that is ever asked for; still an int32.
OPEN_END: Final = 2**30

#: Why a step has no effect; the words stand in ``judging.ILLEGAL``.
IllegalCode = Literal[
    "before_report",
    "case_closed",
    "case_open",
    "cleared_before_opened",
    "not_acted",
    "not_acting",
    "not_asked",
    "not_graver",
    "not_reviewed",
    "recalled",
    "verifier_acted",
]

#: Steps by which somebody acts on the matter, or says what was done: who took one may not verify what came of it.
#: Notices, orders and hand-overs say who is to act; the office that gave them is to look whether it was done.
_ACTS: Final = frozenset({"progress", "submitted", "team_sent"})
#: The first of these is when the offices took a case up.
_TAKES_UP: Final = frozenset({"noticed", "taken", "assigned", "deadline", "team_sent", "progress", "submitted"})
#: Steps after which a matter is being handled, also when it was under review before.
_HANDLES_AGAIN: Final = frozenset({"assigned", "deadline", "team_sent"})
_FRESH: Final[frozenset[Stage]] = frozenset({"reported", "warned", "noticed"})


class Segment(msgspec.Struct, frozen=True):
    """A stretch ``[from_day, until_day)`` in which a case was open with one severity and one deadline."""

    from_day: int
    until_day: int
    severity: Severity
    due_day: int


class SetAside(msgspec.Struct, frozen=True):
    """A step without effect."""

    ulid: str
    code: IllegalCode


class Opened(msgspec.Struct, frozen=True):
    """One time that a case was opened: the day on which the matter was seen, how bad it was then, the day on which that
    was written down, from which offices have their time, and when one did something from then on."""

    day: int
    severity: Severity
    known_day: int
    taken_up_day: int | None = None


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A case as folded. Days are epoch days, instants milliseconds. ``known_ms``: when it was written down first;
    ``cleared_day`` and ``cleared_ms`` are None while it is open; ``times``: each time that it was
    opened, at least one, and ``relapse_days`` when that was within half a year of the all-clear; ``owner``: the one
    office in charge, a division or a department; ``acting``: the division whose office must act on a matter so bad;
    ``asked``: the one that was asked last to take it over and has not yet; ``called``: all that were asked since it was
    opened last, have not taken it, and have no submission of theirs under review; ``first_asked``: the one that had it
    first; ``told``: the divisions whose offices are told of it at once, have no part in it and have not said yet that
    they saw it; ``extended``: ULIDs of the steps that put the deadline off; ``due_by``: the division whose order set
    the deadline, if one did; ``acted``: who did something about it since it was opened last, and ``verifiers``: who
    found since then, after all that was done, that it is better, and did nothing of it, nor did their department."""

    village: str
    case: str
    indicator: str
    severity: Severity
    stage: Stage
    times: tuple[Opened, ...]
    due_day: int
    due_by: str | None = None
    known_ms: int
    cleared_day: int | None
    cleared_ms: int | None = None
    owner: str
    acting: str
    asked: str | None
    called: tuple[str, ...]
    first_asked: str
    told: tuple[str, ...]
    departments: tuple[str, ...]
    extended: tuple[str, ...]
    acted: tuple[str, ...]
    verifiers: tuple[str, ...]
    noticed_day: int | None
    team_day: int | None
    relapse_days: tuple[int, ...]
    segments: tuple[Segment, ...]
    set_aside: tuple[SetAside, ...] = ()

    @property
    def is_open(self) -> bool:
        return self.cleared_day is None

    @property
    def opened_day(self) -> int:
        return self.times[0].day

    @property
    def reopened_days(self) -> tuple[int, ...]:
        return tuple(one.day for one in self.times[1:])

    @property
    def taken_up_day(self) -> int | None:
        """When an office did something after it was opened first."""
        return self.times[0].taken_up_day

    @property
    def is_relapse(self) -> bool:
        """Whether it came back within half a year when it was opened last, whatever happened to it before."""
        return bool(self.reopened_days) and self.reopened_days[-1:] == self.relapse_days[-1:]

    def is_overdue(self, day: int) -> bool:
        """A deadline's own day is still in time."""
        return self.cleared_day is None and day > self.due_day

    @property
    def debtors(self) -> tuple[str, ...]:
        """The offices that owe something while it is open: the one in charge, and those that were asked."""
        return (self.owner, *(office for office in self.called if office != self.owner)) if self.is_open else ()

    def may_be_taken_by(self, office: str) -> bool:
        """Who was asked takes it, who has it already, or who stands where a matter so bad must be acted on, or above.
        Nobody else makes itself a handler, who may read names; none below takes it from the office that must act."""
        return self.is_open and may_take(office, self.called, self.owner, self.acting)

    def is_untaken(self, day: int, within_days: int) -> bool:
        """Whether it is open and nobody has done anything in time since it was known to be open last."""
        last = self.times[-1]
        return self.is_open and last.taken_up_day is None and day > last.known_day + within_days

    def stage_on(self, day: int) -> Stage:
        """A minor matter that was not settled in time becomes a warning by itself."""
        return "warned" if self.stage == "reported" and self.is_overdue(day) else self.stage


def when_known(opening: CaseFact) -> tuple[int, str]:
    """In what order openings were written down."""
    return opening.saved_ms or opening.at_ms, opening.ulid


def may_take(office: str, called: Container[str], owner: str, acting: str) -> bool:
    """See ``Case.may_be_taken_by``."""
    return office in called or office == owner or acting.startswith(office)


def handed_up_as(severity: Severity | None, before: Severity) -> Severity:
    """How bad a matter is that was ``before`` and is handed up: as it is said, or else one step graver, so that a
    village's is its township's and that of a township its county's (mission 8)."""
    return severity or SEVERITIES[min(SEVERITIES.index(before) + 1, len(SEVERITIES) - 1)]


class Course:
    """The running state of one case; ``openings`` are in order, at least one with an indicator; ``recalled``: papers
    that were withdrawn, as if nothing had been issued; ``late``: corrections of the opening after an all-clear."""

    def __init__(
        self,
        openings: list[CaseFact],
        policy: Policy,
        recalled: Container[str | None] = (),
        late: Iterable[CaseFact] = (),
    ) -> None:
        first, amended = openings[0], openings[-1]
        known = min(openings, key=when_known)
        self._policy = policy
        self._recalled = recalled
        self._first = first
        self._segments: list[Segment] = []
        self._set_aside: list[SetAside] = [SetAside(fact.ulid, "case_closed") for fact in late]
        self._indicator: str = amended.indicator or ""
        # as bad as it was said to be first: nothing but an all-clear takes a light back, and what makes it worse counts
        # from when that was written (``_grow``)
        self._severity: Severity = known.severity or "general"
        self._stage: Stage = _first_stage(self._severity)
        self._cleared_day: int | None = None
        self._cleared_ms: int | None = None
        self._known_ms = when_known(known)[0]
        self._opened_day = self._from_day = calendar.local_day_of_ms(first.at_ms)
        # nobody can act before somebody said what was seen: of several openings, the first that was saved
        known_day = max(self._opened_day, calendar.local_day_of_ms(when_known(known)[0]))
        # no correction puts it off
        given = [o.due_day for o in openings if o.due_day is not None and not self._is_worse(o)]
        self._due_day = min([self._default_due(known_day), *given])
        self._due_by: str | None = None
        offices = [o.office for o in openings if o.office is not None]
        acting = self._acting_office()
        self._first_asked = self._owner = offices[0] if offices else acting
        # received by another office than the one that must act: that one is asked at once
        self._asked: str | None = acting if acting != self._owner else None
        self._extended: list[str] = []
        self._departments: dict[str, None] = {}
        self._days: dict[str, int] = {}
        self._times = [Opened(self._opened_day, self._severity, known_day)]
        self._relapse_days: list[int] = []
        self._begin_round()
        if self._asked is not None:
            self._called[self._asked] = None

    def take(self, fact: CaseFact) -> None:
        """Take the next step, or set it aside; or the next correction of the opening."""
        if fact.step == "opened":
            self._grow(fact)
            return
        if fact.step == "recalled":
            return  # the steps of that paper are set aside
        illegal = self._illegal_anywhere(fact) or self._illegal(fact)
        if illegal is not None:
            self._set_aside.append(SetAside(fact.ulid, illegal))
            return
        # nothing happens to a case before somebody knew of it
        day = max(calendar.local_day_of_ms(fact.at_ms), self._times[0].known_day)
        if fact.step in _TAKES_UP and (last := self._times[-1]).taken_up_day is None:
            self._times[-1] = msgspec.structs.replace(last, taken_up_day=day)
        if fact.step in _ACTS:
            self._actors.add(fact.author)
            if fact.office is not None and not fact.office.isdigit():
                self._acting_departments.add(fact.office)
        self._move(fact, day)
        # also of what the step itself says anew
        if fact.office is not None and fact.step != "assigned":
            self._seen.add(fact.office)

    def _grow(self, correction: CaseFact) -> None:
        """It was worse than anybody had told: as what is handed up, from when that was written on. An office has it no
        more that has it by nothing but how bad it was, unless somebody did something by then."""
        if self._cleared_day is not None or not self._is_worse(correction):
            return
        is_untouched = self._times[-1].taken_up_day is None and self._owner == self._acting_office()
        day = calendar.local_day_of_ms(when_known(correction)[0])
        self._escalate(max(day, self._times[0].known_day), correction)
        if is_untouched:
            self._owner, self._asked = self._acting_office(), None
            self._called.pop(self._owner, None)

    def _is_worse(self, opening: CaseFact) -> bool:
        return SEVERITIES.index(opening.severity or "general") > SEVERITIES.index(self._severity)

    def case(self) -> Case:
        """What it has come to."""
        if self._cleared_day is None:
            self._close_segment(OPEN_END)
        return Case(
            village=self._first.village,
            case=self._first.case,
            indicator=self._indicator,
            severity=self._severity,
            stage=self._stage,
            times=tuple(self._times),
            due_day=self._due_day,
            due_by=self._due_by,
            known_ms=self._known_ms,
            cleared_day=self._cleared_day,
            cleared_ms=self._cleared_ms,
            owner=self._owner,
            acting=self._acting_office(),
            asked=None if self._asked in self._handed_in else self._asked,
            called=tuple(office for office in self._called if office not in self._handed_in),
            first_asked=self._first_asked,
            told=self._told(),
            extended=tuple(self._extended),
            acted=tuple(sorted(self._actors)),
            verifiers=tuple(sorted(who for who, of in self._reviewers.items() if not self._who_acted(who, of))),
            departments=tuple(self._departments),
            noticed_day=self._days.get("noticed"),
            team_day=self._days.get("team_sent"),
            relapse_days=tuple(self._relapse_days),
            segments=tuple(self._segments),
            set_aside=tuple(self._set_aside),
        )

    def _illegal_anywhere(self, fact: CaseFact) -> IllegalCode | None:
        """Whether it was saved earlier than the matter, though two clocks may differ by what the door forgives; or came
        with a paper that was withdrawn."""
        if fact.at_ms < self._first.saved_ms - self._policy.clock.ahead_minutes_max * MS_PER_MINUTE:
            return "before_report"
        return "recalled" if fact.notice in self._recalled else None

    def _illegal(self, fact: CaseFact) -> IllegalCode | None:
        if self._cleared_day is not None:
            # a word may always be added
            return None if fact.step in ("reopened", "progress") else "case_closed"
        if fact.step == "reopened" or (fact.step == "escalated" and not self._is_graver(fact.severity)):
            return "case_open" if fact.step == "reopened" else "not_graver"
        if fact.step == "reviewed":
            illegal = self._illegal_verifying if fact.is_better is not False else self._who_acted
            return illegal(fact.author, fact.office)
        if fact.step == "cleared":
            return self._illegal_clearing(fact)
        if fact.step == "taken":
            office = fact.office or self._owner
            return None if may_take(office, self._called, self._owner, self._acting_office()) else "not_asked"
        return None

    def _is_graver(self, severity: Severity | None) -> bool:
        """Whether an escalation says more than was known. What is major may always be handed up."""
        is_graver = SEVERITIES.index(handed_up_as(severity, self._severity)) > SEVERITIES.index(self._severity)
        return is_graver or severity in (None, "major")

    def _who_acted(self, verifier: str | None, office: str | None) -> IllegalCode | None:
        """A department acts as one: nobody else of it has looked from outside."""
        acted = verifier in self._actors or office in self._acting_departments
        return "verifier_acted" if acted else None

    def _illegal_verifying(self, verifier: str | None, office: str | None) -> IllegalCode | None:
        """There must be something that somebody else did."""
        return self._who_acted(verifier, office) or (None if self._actors else "not_acted")

    def _illegal_clearing(self, fact: CaseFact) -> IllegalCode | None:
        if fact.at_ms < self._first.at_ms:
            return "cleared_before_opened"
        # the door asks who gives it; here it may come out that the matter was graver than whoever gave it knew
        office = fact.office or ""
        if office.isdigit() and not self._acting_office().startswith(office):
            return "not_acting"
        if (
            illegal := self._illegal_verifying(fact.verified_by, self._reviewers.get(fact.verified_by or ""))
        ) is not None:
            return illegal
        # the verifier's own word: a review, and of a small matter the all-clear itself will do
        must_be_reviewed = self._severity in self._policy.clearing.reviewed_first
        says_so = fact.verified_by in self._reviewers or (not must_be_reviewed and fact.verified_by == fact.author)
        return None if says_so else "not_reviewed"

    def _move(self, fact: CaseFact, day: int) -> None:
        match fact.step:
            case "cleared":
                self._clear(day, fact.at_ms)
            case "reopened":
                self._reopen(day, fact)
            case "escalated":
                self._escalate(day, fact)
            case "noticed":
                self._days.setdefault("noticed", day)
                self._stage = "noticed" if self._stage in _FRESH else self._stage
            case "reviewed":
                self._review(fact)
            case "submitted":
                self._stage = "review"
                self._reviewers.clear()  # a review speaks for what was done before it
                self._handed_in |= {fact.office} if fact.office is not None else set()
            case "taken":
                self._hand_to(fact.office or self._owner)
            case "progress" | "assigned" | "deadline" | "team_sent":
                self._handle(fact, day)
            case "opened" | "seen" | "recalled":  # taken elsewhere, or known from the start
                pass

    def _handle(self, fact: CaseFact, day: int) -> None:
        if self._cleared_day is not None:
            return
        if self._stage in _FRESH or fact.step in _HANDLES_AGAIN:
            self._stage = "handling"
        if fact.step in _HANDLES_AGAIN:
            self._take_back()
        if fact.step == "progress":
            self._reviewers.clear()  # a review speaks for what was known by then
        if fact.step == "team_sent":
            self._days.setdefault("team_sent", day)
        if fact.department is not None:
            self._departments.setdefault(fact.department)
        # the office of an order is the one that gave it
        handed_to = fact.office if fact.step == "assigned" else None
        if (asked := fact.department or handed_to) is not None:
            self._ask(asked)
        if fact.due_day is not None:
            if fact.due_day > self._due_day:
                self._extended.append(fact.ulid)
            self._change(day, self._severity, fact.due_day)
            self._due_by = fact.office if fact.notice is not None else self._due_by

    def _review(self, fact: CaseFact) -> None:
        # events of before this was asked for say nothing: they stood for the better
        if fact.is_better is False:
            self._stage = "handling"
            self._take_back()
        else:
            self._stage = "review"
            self._reviewers[fact.author] = fact.office

    def _take_back(self) -> None:
        """It is to be worked on again: reviews and submissions of before count no more."""
        self._reviewers.clear()
        self._handed_in.clear()

    def _hand_to(self, office: str) -> None:
        self._seen.add(self._owner)
        self._owner = office
        self._asked = None if self._asked == office else self._asked
        self._called.pop(office, None)
        self._stage = "handling" if self._stage in _FRESH else self._stage

    def _escalate(self, day: int, fact: CaseFact) -> None:
        severity = max(self._severity, handed_up_as(fact.severity, self._severity), key=SEVERITIES.index)
        if self._stage in ("reported", "review"):
            self._stage = "warned" if self._stage == "reported" else "handling"
        self._take_back()
        due_day = fact.due_day
        if severity == self._severity:
            # to hand up what is no graver gives no new time
            due_day = self._due_day if due_day is None else due_day
        else:
            self._seen.clear()  # what was seen was a smaller matter
        ordered_day = self._due_day if due_day is None and self._due_by is not None else OPEN_END
        self._change(day, severity, due_day)
        self._due_day = min(self._due_day, ordered_day)  # nor is an order's day put off by it
        self._ask_above()

    def _ask_above(self) -> None:
        """Handed up: who must act now is asked to take it over, and the owner keeps it until then."""
        above = self._acting_office()
        if len(self._owner) > len(above) and self._owner.isdigit():
            self._ask(above)

    def _ask(self, office: str) -> None:
        """One that was asked before is asked still: several may go together."""
        self._asked = office if office != self._owner else None
        if self._asked is not None:
            self._called[office] = None

    def _clear(self, day: int, at_ms: int) -> None:
        self._close_segment(day)
        self._cleared_day, self._cleared_ms = day, at_ms
        self._stage = "cleared"
        self._asked = None
        self._called.clear()

    def _reopen(self, day: int, fact: CaseFact) -> None:
        if self._cleared_day is None:
            return
        if day - self._cleared_day <= self._policy.relapse.within_days:
            self._relapse_days.append(day)
        self._cleared_day = self._cleared_ms = None
        self._from_day = day
        self._severity = fact.severity or self._severity
        self._times.append(Opened(day, self._severity, day))
        self._stage = _first_stage(self._severity)
        self._due_day = fact.due_day if fact.due_day is not None else self._default_due(day)
        self._due_by = None
        self._begin_round()
        self._ask_above()

    def _begin_round(self) -> None:
        self._seen: set[str] = set()
        self._actors: set[str] = set()
        self._acting_departments: set[str] = set()
        #: Who found it better, and in whose name.
        self._reviewers: dict[str, str | None] = {}
        self._called: dict[str, None] = {}
        self._handed_in: set[str] = set()

    def _change(self, day: int, severity: Severity, due_day: int | None) -> None:
        self._close_segment(day)
        self._severity = severity
        self._from_day = max(day, self._from_day)
        self._due_day = due_day if due_day is not None else self._default_due(day)

    def _close_segment(self, until_day: int) -> None:
        if until_day > self._from_day:
            self._segments.append(Segment(self._from_day, until_day, self._severity, self._due_day))

    def _default_due(self, day: int) -> int:
        days: int = getattr(self._policy.follow_up_days, self._severity)
        return day + days

    def _told(self) -> tuple[str, ...]:
        """Those that severity says are told at once, as far as they have no part in it and have not seen it."""
        if self._cleared_day is not None:
            return ()
        codes = (self._first.village[: CODE_LENGTHS[level]] for level in self._policy.response_to(self._severity).told)
        return tuple(code for code in codes if code not in self._seen and code not in (self._owner, self._asked))

    def _acting_office(self) -> str:
        """The division whose office must act on a matter of this severity."""
        level = self._policy.response_to(self._severity).acts
        return self._first.village[: CODE_LENGTHS[level]]


def _first_stage(severity: Severity) -> Stage:
    """A minor matter lights nothing at first."""
    return "reported" if severity == "minor" else "warned"
