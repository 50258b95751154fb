"""What rows of the mirror say is what the documents themselves say; the source's own year can be read from them."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from jobs.couch import ChangeRow
from jobs.events import EventTable
from jobs.rows import case_facts, happenings
from models import calendar
from models.cases import case_fact
from models.catalogue import default_catalogue
from models.documents import decode_event
from models.ids import ulid_lowest
from models.policy import default_policy
from models.statistics import Count, happening, statistics
from tests.event_documents import NEIGHBOUR, OTHER_COUNTY, VILLAGE, instant, report, step, visit

CATALOGUE, POLICY = default_catalogue(), default_policy()
YELLOW, RED, SOLVED = 1_867, 326, 2_011
NEW_YEAR = 20_454  # 2026-01-01
VILLAGES = [VILLAGE, NEIGHBOUR, OTHER_COUNTY]


def table(documents: list[dict[str, Any]]) -> EventTable:
    found = EventTable(CATALOGUE)
    found.take(ChangeRow(d["_id"], msgspec.Raw(msgspec.json.encode(d))) for d in documents)
    assert not found.unreadable
    return found


def test_rows_give_the_happenings_of_their_documents() -> None:
    opened = report(VILLAGE, 1) | {"channel": "hotline"}
    times = {"observed_at": opened["observed_at"], "saved_at": opened["saved_at"]}
    owned = {kind: f"371724:{kind}:office:{opened['_id'][-26:]}" for kind in ("service", "training", "meeting")}
    documents = [
        opened,
        report(VILLAGE, 1, number=4) | {"amends": opened["_id"], "channel": "visit"},
        step(opened, 2, "team_sent"),
        step(opened, 3, "deadline", due="2026-04-01", department="民政"),
        visit(VILLAGE, 2, {"1.1.2": 1}),
        {
            "_id": f"{VILLAGE}:inspection:office:{opened['_id'][-26:]}",
            "type": "inspection",
            "is_planned": True,
            **times,
        },
        {"_id": owned["service"], "type": "service", "topic": "修路", "amount": 1.5, "unit": "公里", **times},
        {"_id": owned["training"], "type": "training", "topic": "养殖", "attended": 40, **times},
        {"_id": owned["meeting"], "type": "meeting", "topic": "other", **times},
    ]
    from_rows = {h.id: h for h in happenings(table(documents).to_arrow(), CATALOGUE)}
    decoded = (happening(decode_event(msgspec.json.encode(document))) for document in documents)
    assert from_rows == {h.id: h for h in decoded if h is not None}
    assert len(from_rows) == len(documents) - 1


def test_case_facts_of_rows_are_those_of_their_documents() -> None:
    opened = report(VILLAGE, 1)
    later = report(VILLAGE, 1, number=2) | {"saved_at": instant(3)}
    team = step(opened, 2, "team_sent") | {"saved_at": instant(5)}
    rows = table([opened, later, team, visit(VILLAGE, 2, {"1.1.2": 1})]).to_arrow()
    found = case_facts(rows, CATALOGUE)
    assert found == [case_fact(decode_event(msgspec.json.encode(one))) for one in (opened, later, team)]
    assert [(fact.step, fact.at_ms == fact.saved_ms) for fact in found] == [
        ("opened", True),
        ("opened", False),
        ("team_sent", True),
    ]


def year() -> list[dict[str, Any]]:
    """As many warnings as the source counts in a year, the first ones solved, spread over villages and days."""
    documents = []
    for number in range(YELLOW + RED):
        severity = "general" if number % (YELLOW + RED) < YELLOW else "major"
        documents += case_of(number, VILLAGES[number % 3], severity, is_solved=number % (YELLOW + RED) < SOLVED)
    return documents


def case_of(number: int, village: str, severity: str, *, is_solved: bool) -> list[dict[str, Any]]:
    day = NEW_YEAR + number * 7 % 330
    opened = event(village, day, number, "report", "i0421", indicator="4.2.1", severity=severity, text="矛盾")
    case = opened["_id"][-26:]
    words = {"author": "office", "text": "t"}
    steps = [event(village, day + 3, number, "case", case, step="noticed", **words)]
    if is_solved:
        done = {"found": "f", "done": "d", "verified_by": "office"}
        acted = words | {"author": "administrator"}
        steps.append(event(village, day + 19, number, "case", case, step="progress", **acted))
        steps.append(event(village, day + 20, number, "case", case, step="reviewed", is_better=True, **words))
        steps.append(event(village, day + 21, number, "case", case, step="cleared", **words, **done))
    return [opened, *steps]


def event(village: str, day: int, number: int, kind: str, owner: str, **fields: Any) -> dict[str, Any]:
    at = f"{calendar.day_of(day)}T09:00:00+08:00"
    ulid = ulid_lowest(day * calendar.MS_PER_DAY)[:-4] + f"{number:04d}"
    identity = f"{village}:{kind}:{owner}:{ulid}"
    return {"_id": identity, "type": kind, "observed_at": at, "saved_at": at, **fields}


def test_the_year_of_the_source_reads_as_the_source_says() -> None:
    rows = table(year()).to_arrow()
    rows = rows.take(np.random.default_rng(1).permutation(len(rows)))
    found = list(happenings(rows, CATALOGUE))

    def figures(division: str) -> dict[str, Count]:
        return statistics(found, division, NEW_YEAR, NEW_YEAR + 364, POLICY)

    city, counties = figures("3717"), [figures("371724"), figures("371771")]
    said = {
        name: city[name].number for name in ("warnings.yellow", "warnings.red", "disputes.found", "disputes.solved")
    }
    assert said == {
        "warnings.yellow": 1_867,
        "warnings.red": 326,
        "disputes.found": 2_193,
        "disputes.solved": 2_011,
    }
    for name, count in city.items():
        of_counties = [county[name].number or 0 for county in counties if name in county]
        assert sum(of_counties) == (count.number or 0), name
        assert sorted(i for county in counties if name in county for i in county[name].ids) == list(count.ids)
    assert len(city["warnings.red"].ids) == 326
    assert len(city["disputes.solved"].ids) == 2 * 2_011
