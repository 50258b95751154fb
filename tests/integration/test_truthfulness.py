"""The night's candidates on a real store: found from reports, patrols and appointments, written once, taken back when
what was missing arrives."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from jobs.couch import Couch
from jobs.nightly import CountyRun, run_night
from models.documents import Candidate, Candidates, decode_document
from models.setup import Setup
from tests.event_documents import NEIGHBOUR, VILLAGE, instant, report, ulid, visit

COUNTY, TODAY, TOWNSHIP = "371724", date(2026, 4, 2), "371724109"


def appointment(village: str = VILLAGE, alias: str = "i0421") -> dict[str, Any]:
    at = instant(0)
    identity = f"{village}:appointment:z109:{ulid(0, 1)}"
    return {"_id": identity, "type": "appointment", "alias": alias, "observed_at": at, "saved_at": at}


def hotline(day: int, **fields: Any) -> dict[str, Any]:
    identity = f"{VILLAGE}:report:z109:{ulid(day, 3)}"
    return report(VILLAGE, day) | {"_id": identity, "channel": "hotline"} | fields


def patrol(day: int, readings: dict[str, Any]) -> dict[str, Any]:
    times = {"observed_at": instant(day), "saved_at": instant(day)}
    identity = f"{VILLAGE}:inspection:z109:{ulid(day, 4)}"
    return {"_id": identity, "type": "inspection", "is_planned": False, "readings": readings, **times}


class City:
    def __init__(self, couch: Couch, setup: Setup, mirror: Path) -> None:
        self.couch, self.setup, self.mirror = couch, setup, mirror

    def send(self, *documents: dict[str, Any]) -> None:
        assert all(row.error is None for row in self.couch.database(f"d110-{COUNTY}").write(documents))

    def night(self, today: date = TODAY) -> CountyRun:
        return run_night(self.couch, self.setup, self.mirror, COUNTY, today)

    def raw(self) -> dict[str, bytes]:
        stored = self.couch.database(f"d110-{COUNTY}").read_many([f"{TOWNSHIP}:candidates"])
        return {key: bytes(one.body) for key, one in stored.items()}

    def found(self) -> list[Candidate]:
        [body] = self.raw().values()
        document = decode_document(body)
        assert isinstance(document, Candidates)
        return document.found


@pytest.fixture
def city(couch: Couch, setup: Setup, tmp_path: Path) -> City:
    return City(couch, setup, tmp_path / "mirror")


def test_the_night_finds_what_was_late_missed_and_seen_by_a_patrol(city: City) -> None:
    late = report(VILLAGE, 3, indicator="3.1.1") | {"observed_at": instant(3), "saved_at": instant(10)}
    late["_id"] = f"{VILLAGE}:report:i0421:{ulid(10)}"
    # 1.1.2 beyond its line where the last round had it in order; 2.2.1 was in order both times
    checked = patrol(12, {"1.1.2": 5, "2.2.1": True})
    read = visit(VILLAGE, 2, {"1.1.2": 0, "2.2.1": True})
    city.send(appointment(), late, hotline(8), checked, read, report(NEIGHBOUR, 8) | {"channel": "hotline"})
    assert city.night().candidates_written == 1
    assert {(one.finding, one.indicator, one.about) for one in city.found()} == {
        ("late", "3.1.1", late["_id"]),
        ("missed", "4.2.1", hotline(8)["_id"]),
        ("missed", "1.1.2", checked["_id"]),
    }


def test_the_second_night_of_a_day_writes_nothing(city: City) -> None:
    city.send(appointment(), hotline(8))
    city.night()
    before = city.raw()
    assert city.night().candidates_written == 0
    assert city.raw() == before


def test_where_nothing_was_found_nothing_is_written(city: City) -> None:
    city.send(hotline(8))  # nobody was appointed
    assert city.night().candidates_written == 0
    assert city.raw() == {}


def test_a_report_that_was_saved_in_time_and_arrives_late_takes_the_candidate_back(city: City) -> None:
    city.send(appointment(), hotline(8))
    city.night()
    assert [one.finding for one in city.found()] == ["missed"]
    city.send(report(VILLAGE, 9))
    assert city.night().candidates_written == 1
    assert city.found() == []


def test_the_window_is_waited_for(city: City) -> None:
    city.send(appointment(), hotline(8))
    city.night(date(2026, 3, 16))
    assert city.raw() == {}
    city.night(date(2026, 3, 17))
    assert len(city.found()) == 1


def test_who_is_suspended_misses_nothing(city: City) -> None:
    about, at = f"{VILLAGE}:report:z109:{ulid(1, 9)}", {"observed_at": instant(7), "saved_at": instant(7)}
    found = {"_id": f"{VILLAGE}:omission:i0421:{ulid(7, 1)}", "type": "omission", "author": "z109", "step": "confirmed"}
    found |= {"finding": "missed", "about": about} | at
    decided = {"_id": f"{VILLAGE}:sanction:i0421:{ulid(7, 2)}", "type": "sanction", "author": "g24", "text": "经研究"}
    decided |= {"omissions": [found["_id"]], "disciplines": ["suspended"], "suspended_days": 5} | at
    during, afterwards = hotline(8), hotline(14, indicator="3.1.1")
    city.send(appointment(), found, decided, during, afterwards)
    city.night()
    assert [one.about for one in city.found()] == [afterwards["_id"]]
