"""What is written after a period is over does not make its evaluation better."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import numpy as np
import pytest

from jobs.couch import ChangeRow
from jobs.evaluation import evidence_of
from jobs.events import EventTable
from models import calendar
from models.catalogue import default_catalogue
from models.documents import Evaluation
from models.evaluation import evaluate
from models.periods import parse_period
from models.policy import default_policy
from models.setup import Setup
from models.village import Rulebook
from tests.event_documents import VILLAGE, instant, report, step, visit
from tests.papers import heze

RULEBOOK = Rulebook(default_catalogue(), default_policy(), calendar.epoch_day(date(2026, 1, 1)), is_simulated=False)
SETUP, PERIOD = Setup(heze(), RULEBOOK), parse_period("2026H1")
#: Days from 1 March on: 30 June, and a day in the half-year after.
LAST, AFTER = 121, 200
OPEN = report(VILLAGE, 10, severity="general")
KNOWN = [OPEN, visit(VILLAGE, 0, {"1.1.2": 0}), visit(VILLAGE, 40, {"1.1.2": 5})]


def evaluated(*documents: dict[str, Any]) -> Evaluation:
    table = EventTable(RULEBOOK.catalogue)
    table.take(ChangeRow(d["_id"], msgspec.Raw(msgspec.json.encode(d))) for d in documents)
    assert not table.unreadable
    villages = np.array([VILLAGE])
    [found] = evaluate(villages, *evidence_of(table.to_arrow(), villages, {}, SETUP, PERIOD), RULEBOOK, PERIOD)
    return found


def clear(seen: int, written: int) -> list[dict[str, Any]]:
    """A case worked and cleared, as it is said of one day, written down on another."""
    steps: list[tuple[str, dict[str, Any]]] = [
        ("progress", {"text": "已公布", "author": "a217"}),
        ("reviewed", {"text": "好转", "is_better": True}),
        ("cleared", {"found": "查明", "done": "已公布", "verified_by": "office"}),
    ]
    return [
        step(OPEN, written + at, name, **said) | {"observed_at": instant(seen)} for at, (name, said) in enumerate(steps)
    ]


@pytest.mark.parametrize(
    "later",
    [
        clear(12, AFTER),
        [step(OPEN, AFTER, "noticed") | {"observed_at": instant(11)}],
        [visit(VILLAGE, 41, {"1.1.2": 0}) | {"saved_at": instant(AFTER)}],
        [visit(VILLAGE, 40, {"1.1.2": 0}, number=9) | {"saved_at": instant(AFTER), "amends": KNOWN[2]["_id"]}],
        [report(VILLAGE, 10, "5.7.1", "general", number=9) | {"saved_at": instant(AFTER), "amends": OPEN["_id"]}],
        [step(OPEN, AFTER, "deadline", due="2027-01-01", department="民政") | {"observed_at": instant(11)}],
    ],
)
def test_what_is_written_afterwards_changes_nothing(later: list[dict[str, Any]]) -> None:
    assert evaluated(*KNOWN, *later) == evaluated(*KNOWN)


def test_what_was_written_in_time_counts_whenever_it_arrives() -> None:
    assert evaluated(*KNOWN, *clear(12, 12)).score > evaluated(*KNOWN).score
    assert evaluated(*KNOWN, visit(VILLAGE, 41, {"1.1.2": 0})).score > evaluated(*KNOWN).score


def test_a_matter_that_was_told_of_later_was_there_all_the_same() -> None:
    late = report(VILLAGE, 30, "3.1.1", "major", number=3) | {"saved_at": instant(AFTER)}
    found = evaluated(*KNOWN, late)
    assert found.response.opened == 2
    before = evaluated(*KNOWN)
    assert found.score < before.score
    # but nobody was late with it: its offices could not know
    assert found.response.overdue == before.response.overdue
    assert not {reason.code for reason in found.reasons} - {reason.code for reason in before.reasons} - {"lights"}
