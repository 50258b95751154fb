"""What became of a case in one cell of the ledger: its course, what was asked, what put it off, how it was reviewed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from models import calendar, terms
from models.cases import light_changes
from models.documents import CaseEvent, Report
from models.lights import GREEN, RED, YELLOW
from sync_api.casework.book import Matter
from sync_api.notices.views import NoticeRow
from sync_api.sheets import Language

_LIGHTS: Final = {GREEN: ("绿灯", "green"), YELLOW: ("黄灯", "yellow"), RED: ("红灯", "red")}
#: So much of a photo's hash tells it from the others of its case.
_HASH_SIGNS: Final = 8


def steps(matter: Matter, papers: Sequence[NoticeRow], language: Language) -> str:
    """Step by step, a line each: day, step, who, what was said."""
    opened = f"{_day(matter.opening.observed_at)} {_step('opened', language)}"
    return "\n".join([opened, *(_line(step, papers, language) for step in matter.steps)])


def asked(matter: Matter, papers: Sequence[NoticeRow], language: Language) -> str:
    """What papers and hand-overs ask for, the oldest first."""
    of_papers = [f"{paper.number}：{'；'.join(paper.asked)}" for paper in reversed(papers)]
    handed = [_line(step, papers, language) for step in matter.steps if step.step == "assigned"]
    return "\n".join([*handed, *of_papers])


def extensions(matter: Matter, papers: Sequence[NoticeRow], language: Language) -> str:
    """The steps that put the deadline off, each with its new day."""
    put_off = set(matter.case.extended)
    return "\n".join(_line(step, papers, language) for step in matter.steps if step.id[-26:] in put_off)


def reviews(matter: Matter, language: Language) -> str:
    """What reviews found."""
    words = {True: ("好转", "better"), False: ("未好转", "not better"), None: ("", "")}
    at = int(language == "en")
    found = (step for step in matter.steps if step.step == "reviewed")
    return "\n".join(f"{_day(s.observed_at)} {s.author} {words[s.is_better][at]} {s.text}".rstrip() for s in found)


def lights(matter: Matter, today: int, language: Language) -> str:
    """The lights that the case gave, with the days on which they changed."""
    at = int(language == "en")
    return " → ".join(
        f"{calendar.day_of(day)} {_LIGHTS[light][at]}" for day, light in light_changes(matter.case, today)
    )


def attachments(matter: Matter) -> str:
    """The photos of the report, by the beginning of their hashes."""
    photos = matter.opening.photos if isinstance(matter.opening, Report) else []
    return "、".join(sha[:_HASH_SIGNS] for sha in photos)


def _line(step: CaseEvent, papers: Iterable[NoticeRow], language: Language) -> str:
    number = next((paper.number for paper in papers if paper.id == step.notice), None)
    due = None if step.due is None else f"{'due' if language == 'en' else '限期'} {step.due}"
    said = (step.office, step.department, number, due, step.text, step.found, step.done)
    return " ".join([f"{_day(step.observed_at)} {_step(step.step, language)}", step.author, *filter(None, said)])


def _step(name: str, language: Language) -> str:
    return name.replace("_", " ") if language == "en" else terms.STEPS[name]


def _day(at: datetime) -> str:
    return f"{at.astimezone(calendar.LOCAL):%Y-%m-%d}"
