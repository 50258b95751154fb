"""What analysts said of villages' being watched."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from models import calendar
from models.amendments import last_words, written
from models.documents import Risk, Verdict
from models.ids import parse_id


def last_verdicts(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """What each analyst said last of each time that a village was watched, in the order in which it was written."""
    last = {(parse_id(one.id).owner, one.village, one.since): one for one in last_words(verdicts)}
    return sorted(last.values(), key=written)


def is_of(verdict: Verdict, since: date) -> bool:
    """Whether it was said of the time that a village is watched since a day."""
    if verdict.since is None:
        return calendar.local_day(verdict.saved_at) >= calendar.epoch_day(since)
    return verdict.since == since


def times_watched(document: Risk, village: str) -> set[date]:
    """The days since when a village is, or was lately, watched."""
    now = {one.since for one in document.watched if one.village == village}
    return now | {one.since for one in document.ended if one.village == village}


def watched_since(document: Risk, village: str, day: date) -> date | None:
    """Since when a village was watched that somebody speaks of on a day: of several times the last one begun by then;
    None where it was not, as far as that is kept."""
    known = sorted(times_watched(document, village))
    begun = [since for since in known if since <= day] or known[:1]
    return begun[-1] if begun else None
