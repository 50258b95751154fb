"""The nightly run on a real store: mirror, folded state, lights documents."""

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from jobs.couch import Couch, Database
from jobs.lights import ShownLights
from jobs.mirror import CountyMirror
from jobs.nightly import CountyRun, run_county, run_nightly
from models import calendar
from models.documents import AnyDocument, decode_document
from models.setup import Setup
from models.village import lights_of_documents
from tests.event_documents import NEIGHBOUR, OTHER_COUNTY, VILLAGE, report, step, visit

COUNTY, TODAY = "371724", date(2026, 3, 20)
EVENTS = [
    visit(VILLAGE, 3, {"1.1.2": 0, "1.1.1": None}),
    visit(VILLAGE, 4, {"1.1.2": 5}),
    visit(NEIGHBOUR, 2, {"1.1.2": 2}),
    SOLD := report(VILLAGE, 10),
    step(SOLD, 12, "escalated", severity="major"),
    step(SOLD, 13, "progress", text="t", author="a217"),
    step(SOLD, 14, "reviewed", text="t", is_better=True),
    QUARREL := report(NEIGHBOUR, 5, indicator="3.1.1"),
    step(QUARREL, 6, "submitted", done="d", author="a218"),
    step(QUARREL, 7, "reviewed", text="t", is_better=True),
    step(QUARREL, 8, "cleared", found="f", done="d", verified_by="office"),
]


class City:
    """A store, its mirror, and what the nightly run did."""

    def __init__(self, couch: Couch, setup: Setup, mirror: Path) -> None:
        self.couch, self.setup, self.mirror = couch, setup, mirror

    def database(self, county: str = COUNTY) -> Database:
        return self.couch.database(f"d110-{county}")

    def send(self, *documents: dict[str, Any]) -> None:
        assert all(row.error is None for row in self.database().write(documents))

    def night(self, today: date = TODAY) -> CountyRun:
        return run_county(self.couch, self.setup, self.mirror, COUNTY, today)

    def lights(self) -> dict[str, bytes]:
        stored = self.database().read_many([f"{village}:lights" for village in (VILLAGE, NEIGHBOUR)])
        return {key: bytes(document.body) for key, document in stored.items()}

    def events(self) -> list[str]:
        mirror = CountyMirror(self.mirror, COUNTY, self.couch.uuid(), self.setup.rulebook.catalogue)
        ids: list[str] = mirror.events()["id"].to_pylist()
        return ids


@pytest.fixture
def city(couch: Couch, setup: Setup, tmp_path: Path) -> City:
    city = City(couch, setup, tmp_path / "mirror")
    city.send(*EVENTS)
    return city


def test_nightly_gives_the_lights_that_the_gateway_computes_from_all_documents(city: City) -> None:
    city.night()
    documents: list[AnyDocument] = [decode_document(msgspec.json.encode(event)) for event in EVENTS]
    day = calendar.epoch_day(TODAY)
    expected = lights_of_documents([VILLAGE, NEIGHBOUR], documents, city.setup.rulebook, day)
    stored = [decode_document(body) for body in city.lights().values()]
    assert [msgspec.structs.replace(document, rev=msgspec.UNSET) for document in stored] == expected
    assert "r" in expected[0].lights and expected[0].cases and not expected[1].cases


def test_second_run_writes_nothing(city: City) -> None:
    first, before = city.night(), city.lights()
    second = city.night()
    assert (first.events, first.lights_written) == (len(EVENTS), 2)
    assert (second.events, second.lights_written) == (0, 0)
    assert city.lights() == before


@pytest.mark.parametrize("deleted", ["", "state", "state/371724/facts.msgpack", "events", "lights"])
def test_after_deleting_the_mirror_or_a_part_of_it_the_lights_are_the_same_byte_for_byte(
    city: City, deleted: str
) -> None:
    city.night()
    before, events = city.lights(), city.events()
    remove(city.mirror / deleted)
    run = city.night()
    assert run.lights_written == 0
    assert city.lights() == before
    assert sorted(city.events()) == sorted(events)


def test_night_after_one_more_day_folds_only_what_came(city: City) -> None:
    city.night()
    city.send(step(SOLD, 15, "cleared", found="f", done="d", verified_by="office"), visit(VILLAGE, 15, {"1.1.2": 0}))
    run = city.night()
    assert (run.events, run.lights_written) == (2, 1)
    shutil.rmtree(city.mirror)
    assert city.night().lights_written == 0


def test_cleared_case_that_is_reopened_lights_again(city: City) -> None:
    city.night()
    city.send(step(QUARREL, 18, "reopened", text="又发生争执"))
    assert city.night().lights_written == 1
    assert b'"3.1.1"' in city.lights()[f"{NEIGHBOUR}:lights"]


def test_opening_that_arrives_after_its_steps_counts_from_then_on(city: City) -> None:
    late = report(NEIGHBOUR, 6, indicator="4.1.1", number=3)
    city.send(step(late, 9, "escalated", severity="major"))
    city.night()
    city.send(late)
    city.night()
    assert b'"4.1.1"' in city.lights()[f"{NEIGHBOUR}:lights"]


def test_older_reading_that_arrives_late_changes_nothing(city: City) -> None:
    city.night()
    city.send(visit(VILLAGE, 1, {"1.1.2": 0}))
    run = city.night()
    assert (run.events, run.lights_written) == (1, 0)


def test_document_that_comes_twice_counts_once(city: City) -> None:
    city.night()
    stored = city.database().read(EVENTS[0]["_id"])
    assert stored is not None
    city.send({**EVENTS[0], "_rev": stored.rev})  # a new revision brings it again
    assert city.night().events == 1
    assert sorted(city.events()) == sorted(event["_id"] for event in EVENTS)


def test_run_cut_off_before_its_sequence_is_written_is_made_good_by_the_next(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as power_cut:
        power_cut.setattr(CountyMirror, "_write_sequence", cut_off)
        with pytest.raises(OSError, match="power cut"):
            city.night()
    assert city.night().lights_written == 2
    assert len(city.events()) == len(EVENTS)
    before = city.lights()
    shutil.rmtree(city.mirror)
    assert city.night().lights_written == 0
    assert city.lights() == before


def test_mirror_of_another_store_is_begun_anew(city: City) -> None:
    city.night()
    CountyMirror(city.mirror, COUNTY, "another-uuid", city.setup.rulebook.catalogue)
    assert not (city.mirror / "events" / f"county={COUNTY}").exists()
    assert city.night().events == len(EVENTS)


def test_lights_that_somebody_else_wrote_are_set_right(city: City) -> None:
    city.night()
    before = msgspec.json.decode(city.lights()[f"{VILLAGE}:lights"])
    city.send({**before, "lights": "g" * 90}, {"_id": f"{VILLAGE}:unknown", "type": "unknown"})
    run = city.night()
    after = msgspec.json.decode(city.lights()[f"{VILLAGE}:lights"])
    assert run.lights_written == 1
    assert {**after, "_rev": ""} == {**before, "_rev": ""}


def test_lights_document_that_cannot_be_read_is_replaced(city: City) -> None:
    city.send({"_id": f"{VILLAGE}:lights", "type": "lights", "nonsense": True})
    city.night()
    assert decode_document(city.lights()[f"{VILLAGE}:lights"])


def test_lights_written_by_somebody_else_meanwhile_are_contested_and_not_overwritten(city: City) -> None:
    city.night()
    shown = ShownLights(city.mirror / "other.parquet")
    shown.refresh(city.database(), [VILLAGE])
    theirs = msgspec.json.decode(city.lights()[f"{VILLAGE}:lights"])
    city.send({**theirs, "lights": "y" * 90})
    ours = decode_document(msgspec.json.encode({**theirs, "lights": "r" * 90}))
    assert shown.write(city.database(), [msgspec.structs.replace(ours, rev=msgspec.UNSET)]) == (
        0,
        [f"{VILLAGE}:lights"],
    )
    assert b"yyy" in city.lights()[f"{VILLAGE}:lights"]


def test_document_that_cannot_be_read_is_counted_and_the_rest_goes_on(city: City) -> None:
    city.send({"_id": f"{VILLAGE}:report:i0421:nonsense", "type": "report"})
    run = city.night()
    assert (run.unreadable, run.events, run.lights_written) == (1, len(EVENTS), 2)


def test_parts_lie_by_county_and_month_of_observation(city: City) -> None:
    city.send(visit(VILLAGE, 40, {"1.1.2": 0}))
    city.night()
    months = sorted(folder.name for folder in (city.mirror / "events" / f"county={COUNTY}").iterdir())
    assert months == ["month=2026-03", "month=2026-04"]


def test_county_that_fails_does_not_stop_the_others_and_is_named(
    city: City,
) -> None:
    state = city.mirror / "state"
    state.mkdir(parents=True)
    (state / COUNTY).touch()  # where its folder would be
    told: list[CountyRun] = []
    runs = run_nightly(city.couch, city.setup, city.mirror, TODAY, told.append)
    assert told == runs
    assert [(run.county, bool(run.fault)) for run in runs] == [(COUNTY, True), (OTHER_COUNTY[:6], False)]
    assert runs[1].lights_written == 1


@pytest.mark.parametrize(
    "file",
    [
        "events/county=371724/month=2026-03/part-000001.parquet",
        "state/371724/sequence.json",
        "state/371724/facts.msgpack",
        "lights/county=371724/lights.parquet",
    ],
)
def test_a_county_whose_mirror_is_damaged_is_mirrored_anew_and_the_file_is_named(city: City, file: str) -> None:
    [first, _] = run_nightly(city.couch, city.setup, city.mirror, TODAY, lambda _: None)
    assert (first.fault, first.mended) == ("", "")
    before, events = city.lights(), city.events()
    damaged = city.mirror / file
    damaged.write_bytes(damaged.read_bytes()[: damaged.stat().st_size // 2])
    city.send(step(SOLD, 16, "progress", text="t", author="a217"))  # so that the facts are asked for
    runs = run_nightly(city.couch, city.setup, city.mirror, TODAY, lambda _: None)
    assert [run.fault for run in runs] == ["", ""]
    assert str(damaged) in runs[0].mended and "\n" not in runs[0].mended
    assert (runs[1].mended, runs[1].events) == ("", 0)
    assert city.lights().keys() == before.keys()
    assert len(city.events()) == len(events) + 1
    assert run_nightly(city.couch, city.setup, city.mirror, TODAY, lambda _: None)[0].mended == ""


def remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def cut_off(*_: object) -> None:
    raise OSError("power cut")
