"""Resolutions of meetings: each line of the minutes is a task with its day, until who checks it accepts it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Literal

import msgspec

from models import calendar
from models.amendments import first_of, last_words
from models.documents import Carrying, Meeting, Resolution
from models.ids import parse_id

Standing = Literal["open", "done", "accepted"]


class ResolutionState(msgspec.Struct, frozen=True):
    """A line of a meeting's minutes. ``said``: what was written on it since, the oldest first."""

    meeting: Meeting
    line: int
    said: list[Carrying]

    @property
    def resolution(self) -> Resolution:
        return self.meeting.resolutions[self.line]

    @property
    def about(self) -> str:
        """The id that words on it name: that of the first minutes, whatever was corrected since."""
        return self.meeting.amends or self.meeting.id

    @property
    def office(self) -> str:
        """The division that met."""
        return parse_id(self.meeting.id).division

    @property
    def checker(self) -> str:
        """Who accepts what was done, or returns it: the unit that the minutes name, else the office that met."""
        return self.resolution.checker or self.office

    @property
    def standing(self) -> Standing:
        last = self.said[-1].step if self.said else "returned"
        return "open" if last == "returned" else last

    def is_overdue(self, today: int) -> bool:
        """Whether its day has passed and its lead has not said that it is done."""
        return self.standing == "open" and calendar.epoch_day(self.resolution.due) < today


def resolution_states(meetings: Iterable[Meeting], carrying: Iterable[Carrying]) -> list[ResolutionState]:
    """All resolutions by due day. Of minutes that were corrected the last word counts, with what was said on the lines
    before; a word that is not legal where it stands has no effect."""
    of_line: defaultdict[tuple[str, int], dict[str, Carrying]] = defaultdict(dict)
    for word in carrying:
        of_line[word.about, word.line][word.id] = word
    found = [
        _state(meeting, line, of_line[first_of(meeting), line].values())
        for meeting in last_words(meetings)
        for line in range(len(meeting.resolutions))
    ]
    return sorted(found, key=lambda one: (one.resolution.due, one.meeting.id, one.line))


def _state(meeting: Meeting, line: int, words: Iterable[Carrying]) -> ResolutionState:
    state = ResolutionState(meeting, line, [])
    for word in sorted(words, key=lambda one: (one.observed_at, one.id)):
        if carrying_fault(state, word) is None:
            state.said.append(word)
    return state


def carrying_fault(state: ResolutionState, word: Carrying) -> str | None:
    """Why a word on a resolution has no effect where it stands: a code of ``FAULTS``, or None."""
    if word.step == "done":
        if state.standing != "open":
            return "not_open"
        return None if word.office == state.resolution.lead else "not_lead"
    if state.standing != "done":
        return "not_done"
    if word.office != state.checker:
        return "not_checker"
    if state.said and _writer(state.said[-1]) == _writer(word):
        return "own_work"
    return None


FAULTS: dict[str, tuple[str, str]] = {
    "no_such_line": ("没有这一议定事项。", "There is no such resolution."),
    "not_open": ("这一事项已报办结。", "It was already said to be done."),
    "not_lead": ("只有牵头单位可以报办结。", "Only its lead says that it is done."),
    "not_done": ("这一事项还没有报办结，或者已经销号。", "It was not said to be done yet, or is settled already."),
    "not_checker": (
        "由纪要写明的检查单位销号或退回；没有写明的，由开会的单位。",
        "Who checks it by the minutes accepts it or returns it; where they name nobody, the office that met.",
    ),
    "own_work": ("办理人不能给自己销号。", "Who did it cannot accept it."),
}


def _writer(word: Carrying) -> str | None:
    return parse_id(word.id).owner
