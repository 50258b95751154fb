"""The night's lamps by week on a real store: written once, and put right when a tablet that was away comes back."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from jobs.couch import Couch
from jobs.derived import stored_documents
from jobs.nightly import CountyRun, run_night
from models.documents import Weeks
from models.setup import Setup
from tests.event_documents import VILLAGE, report, visit

COUNTY, TOWNSHIP, TODAY = "371724", "371724109", date(2026, 4, 30)


class City:
    def __init__(self, couch: Couch, setup: Setup, mirror: Path) -> None:
        self.couch, self.setup, self.mirror = couch, setup, mirror

    def send(self, *documents: dict[str, Any]) -> None:
        assert all(row.error is None for row in self.couch.database(f"d110-{COUNTY}").write(documents))

    def night(self, today: date = TODAY) -> CountyRun:
        return run_night(self.couch, self.setup, self.mirror, COUNTY, today)

    def weeks(self) -> Weeks:
        [found] = stored_documents(self.couch.database(f"d110-{COUNTY}"), [f"{TOWNSHIP}:weeks"], Weeks).values()
        return found


@pytest.fixture
def city(couch: Couch, setup: Setup, tmp_path: Path) -> City:
    return City(couch, setup, tmp_path / "mirror")


def test_weeks_are_written_once_a_day_and_not_again(city: City) -> None:
    city.send(report(VILLAGE, 10, severity="major"))
    first = city.night()
    assert first.weeks_written == len(city.setup.register.children[COUNTY])
    assert city.weeks().day == date(2026, 4, 29)
    assert city.night().weeks_written == 0
    assert city.night(date(2026, 5, 1)).weeks_written == first.weeks_written
    assert city.weeks().day == date(2026, 4, 30)


def test_what_was_seen_weeks_ago_and_told_of_now_counts_where_it_was_seen(city: City) -> None:
    city.send(visit(VILLAGE, 0, {"1.1.2": 0}))
    city.night()
    before = city.weeks()
    city.send(visit(VILLAGE, 30, {"1.1.2": 5}))
    city.night()
    after = city.weeks()
    changed = [one.until for one, other in zip(after.weeks, before.weeks, strict=True) if one != other]
    assert changed == [one.until for one in after.weeks if one.until >= date(2026, 3, 31)]
    assert after.villages[VILLAGE].red == [one.red for one in after.weeks]
    assert "1.1.2" in after.red[VILLAGE] and "1.1.2" not in before.red.get(VILLAGE, [])
