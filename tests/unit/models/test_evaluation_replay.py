"""The days behind an evaluation: what is replayed for one village adds up to what the evaluation counted."""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import date, datetime, timedelta

import msgspec
import numpy as np

from models import calendar
from models.cases import case_spans
from models.catalogue import default_catalogue
from models.documents import AnyDocument, decode_document
from models.evaluation import light_days
from models.evaluation.replay import cases_until, light_spans
from models.evaluation.words import period_words
from models.lights import LETTERS
from models.policy import default_policy
from models.readings import ReadingLog
from models.village import Rulebook, reading_log
from tests.event_documents import VILLAGE, instant, report, step, visit

CATALOGUE = default_catalogue()
FIRST, LAST = date(2026, 3, 1), date(2026, 6, 30)
DAYS = range(calendar.epoch_day(FIRST), calendar.epoch_day(LAST) + 1)
RULEBOOK = Rulebook(CATALOGUE, default_policy(), watched_since=DAYS[0], is_simulated=False)
OPEN = report(VILLAGE, 10, severity="general")
RAW = [OPEN, step(OPEN, 12, "noticed"), visit(VILLAGE, 0, {"1.1.2": 0}), visit(VILLAGE, 40, {"1.1.2": 5})]
DOCUMENTS: list[AnyDocument] = [decode_document(msgspec.json.encode(one)) for one in RAW]
NOTHING = ReadingLog(
    np.empty(0, np.int32), np.empty(0, np.uint8), np.empty(0, np.int64), np.empty(0, "S26"), np.empty(0, np.float64)
)


def test_stretches_cover_the_period_without_a_gap_and_add_up_to_the_days_that_were_counted() -> None:
    found = light_spans(VILLAGE, DOCUMENTS, RULEBOOK, DAYS)
    index, cases = {VILLAGE: 0}, cases_until(DOCUMENTS, RULEBOOK, DAYS[-1])
    counted = light_days(
        reading_log(DOCUMENTS, index, CATALOGUE),
        NOTHING,
        case_spans(cases, index, CATALOGUE.index),
        CATALOGUE.rules,
        1,
        RULEBOOK.watched_since,
        DAYS,
    ).count[0]
    assert {"1.1.2", "4.2.1"} <= found.keys()
    for code, spans in found.items():
        assert (spans[0].since, spans[-1].until) == (FIRST, LAST)
        assert all(b.since == a.until + timedelta(days=1) for a, b in itertools.pairwise(spans))
        assert all(a.light != b.light for a, b in itertools.pairwise(spans))
        days: Counter[str] = Counter()
        for span in spans:
            days[span.light] += (span.until - span.since).days + 1
        assert [days[letter] for letter in LETTERS] == counted[CATALOGUE.index[code]].tolist()


def test_red_begins_on_the_day_of_the_reading_and_yellow_on_that_of_the_report() -> None:
    found = light_spans(VILLAGE, DOCUMENTS, RULEBOOK, DAYS)
    read_on = calendar.day_of(calendar.local_day(msgspec.convert(RAW[3]["observed_at"], type=datetime)))
    assert next(span.since for span in found["1.1.2"] if span.light == "r") == read_on
    assert found["4.2.1"][1].light == "y"


def test_what_was_written_after_the_period_is_not_behind_its_days() -> None:
    later = visit(VILLAGE, 41, {"1.1.2": 0}) | {"saved_at": instant(200)}
    cleared = step(OPEN, 200, "progress", text="已公布") | {"observed_at": instant(12)}
    more = [decode_document(msgspec.json.encode(one)) for one in (later, cleared)]
    assert light_spans(VILLAGE, [*DOCUMENTS, *more], RULEBOOK, DAYS) == light_spans(VILLAGE, DOCUMENTS, RULEBOOK, DAYS)
    assert cases_until([*DOCUMENTS, *more], RULEBOOK, DAYS[-1]) == cases_until(DOCUMENTS, RULEBOOK, DAYS[-1])


def test_periods_are_called_as_offices_call_them() -> None:
    assert period_words("2026H1") == ("2026年上半年（初考）", "the first half of 2026")
    assert period_words("2026Y")[0] == "2026年全年（终考）"
