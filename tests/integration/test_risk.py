"""The early warning on a real store: learned once a month, said each night, written where it says something new."""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from importlib.resources import files
from os.path import join
from pathlib import Path

import msgspec
import pyarrow.parquet as pq
import pytest
import skops.io

from jobs.couch import Couch
from jobs.faults import DamagedError
from jobs.nightly import run_county
from jobs.register_store import import_register, read_setup
from jobs.risk import (
    Fitted,
    Night,
    WatchRun,
    bring_model_up_to_date,
    profile_file,
    risk_folder,
    scores_file,
    watch_city,
    watch_county,
)
from jobs.risk_files import FORM, load_model, read_card
from jobs.simulation import write_simulation
from models.divisions import parse_register
from models.documents import Dataset, NoLongerWatched, Risk, Watched, decode_document
from models.ids import administrator_scope, office_scope
from models.risk.drift import MOVED_MUCH
from models.risk.model import Choice
from models.setup import Setup
from models.simulation import default_parameters, simulation_start
from sync_api.embedded.launcher import EmbeddedStore

CITY, COUNTY, SEED, MONTHS = "3717", "371772", 110, 22
TODAY, NEXT_DAY, NEXT_MONTH = date(2026, 7, 15), date(2026, 7, 16), date(2026, 8, 15)


class Simulated:
    """A county of 132 villages whose two years were simulated, mirrored, and never looked at before."""

    def __init__(self, couch: Couch, setup: Setup, mirror: Path) -> None:
        self.couch, self.setup, self.mirror = couch, setup, mirror

    def learn(self, today: date = TODAY) -> Fitted:
        fitted = bring_model_up_to_date(self.setup, self.mirror, today)
        assert fitted is not None
        return fitted

    def watch(self, fitted: Fitted, today: date = TODAY) -> WatchRun:
        return watch_county(self.couch, self.setup, self.mirror, COUNTY, fitted, today)

    def stored(self) -> dict[str, Risk]:
        ids = [f"{township}:risk" for township in self.setup.register.children[COUNTY]]
        found: dict[str, Risk] = {}
        for key, one in self.couch.database(f"d110-{COUNTY}").read_many(ids).items():
            document = decode_document(one.body)
            assert isinstance(document, Risk)
            found[key] = msgspec.structs.replace(document, rev=msgspec.UNSET)
        return found

    def watched(self) -> list[Watched]:
        return [one for document in self.stored().values() for one in document.watched]


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulated]:
    folder = tmp_path_factory.mktemp("risk")
    text = files("models.register").joinpath("heze_divisions.csv").read_text()
    head, *lines = text.splitlines()
    kept = [line for line in lines if line.startswith((f"{CITY},", COUNTY))]
    parameters = msgspec.structs.replace(default_parameters(), months=MONTHS)
    with EmbeddedStore(folder / "store") as store:
        couch = Couch(store.url)
        register = parse_register("\n".join([head, *kept]).encode(), "register.csv")
        import_register(couch, CITY, register, simulation_start(parameters, TODAY))
        setup = read_setup(couch, CITY)
        dataset = Dataset(id=f"{CITY}:dataset", simulated=True, seed=SEED, until=TODAY, months=MONTHS)
        write_simulation(couch, CITY, setup, dataset, parameters, lambda *_: None)
        setup = read_setup(couch, CITY)
        run_county(couch, setup, folder / "mirror", COUNTY, TODAY)
        yield Simulated(couch, setup, folder / "mirror")
        couch.close()


def test_a_night_lists_as_many_as_can_be_visited_and_the_same_night_again_changes_nothing(city: Simulated) -> None:
    fitted = city.learn()
    first = city.watch(fitted)
    capacity = city.setup.rulebook.policy.early_warning.capacity_of(COUNTY, 132)
    assert (first.villages, first.watched, first.new, first.fault) == (132, capacity, capacity, "")
    assert first.written == len(city.stored())
    before = city.stored()
    again = city.watch(fitted)
    assert (again.watched, again.written) == (capacity, 0)
    assert city.stored() == before
    for one in city.watched():
        assert one.since == TODAY
        assert one.chance % 5 == 0
        assert one.reasons
    later = city.watch(fitted, NEXT_DAY)
    assert later.new + capacity - later.dropped == capacity
    assert {one.since for one in city.watched()} <= {TODAY, NEXT_DAY}


def test_the_same_data_give_the_same_list(city: Simulated, tmp_path: Path) -> None:
    one = city.learn()
    for name in ("model.skops", "card.json"):
        (risk_folder(city.mirror) / name).unlink()
    other = city.learn()
    assert (one.card.losses, one.card.model) == (other.card.losses, other.card.model)
    city.watch(one)
    before = scores_file(city.mirror, COUNTY).read_bytes()
    city.watch(other)
    assert scores_file(city.mirror, COUNTY).read_bytes() == before


def test_a_model_is_learned_once_a_month_and_beside_the_one_before(city: Simulated) -> None:
    first = city.learn()
    assert city.learn().card == first.card
    assert city.learn(NEXT_DAY).card == first.card
    run_county(city.couch, city.setup, city.mirror, COUNTY, NEXT_MONTH)
    later = city.learn(NEXT_MONTH)
    assert later.card.until_month == "2026-08"
    assert later.card.replaced.endswith(("kept", "replaced"))
    assert (later.card.model == first.card.model) is later.card.replaced.endswith("kept")
    assert later.card.model in (risk_folder(city.mirror) / "card.md").read_text("utf-8")


def test_a_model_file_that_is_another_one_is_not_used(city: Simulated) -> None:
    fitted = city.learn()
    folder = risk_folder(city.mirror)
    assert load_model(folder, fitted.card.sha256) is not None
    (folder / "model.skops").write_bytes((folder / "model.skops").read_bytes()[:-1])
    with pytest.raises(DamagedError):
        load_model(folder, fitted.card.sha256)
    again = city.learn()
    assert again.card.losses == fitted.card.losses
    card = read_card(folder)
    assert card is not None
    assert load_model(folder, card.sha256) is not None


def another_model(folder: Path, data: bytes) -> None:
    """A model file with the hash on its card, whatever it holds."""
    (folder / "model.skops").write_bytes(data)
    card = json.loads((folder / "card.json").read_bytes()) | {"sha256": hashlib.sha256(data).hexdigest()}
    (folder / "card.json").write_text(json.dumps(card))


def of_an_older_release(folder: Path) -> None:
    card = json.loads((folder / "card.json").read_bytes())
    del card["rows"]
    (folder / "card.json").write_text(json.dumps(card))


@pytest.mark.parametrize(
    ("file", "damage"),
    [
        ("card.json", lambda folder: (folder / "card.json").write_bytes((folder / "card.json").read_bytes()[:40])),
        ("card.json", lambda folder: (folder / "card.json").write_bytes(b"")),
        ("card.json", of_an_older_release),
        ("model.skops", lambda folder: (folder / "model.skops").unlink()),
        ("model.skops", lambda folder: another_model(folder, b"no model")),
        ("model.skops", lambda folder: another_model(folder, skops.io.dumps({"worse": {"f": join}, "relapse": None}))),
        ("model.skops", lambda folder: another_model(folder, skops.io.dumps({"worse": {}, "relapse": None}))),
    ],
)
def test_a_damaged_card_or_model_is_named_and_learned_anew(
    city: Simulated, file: str, damage: Callable[[Path], None]
) -> None:
    before, folder = city.learn(), risk_folder(city.mirror)
    damage(folder)
    told: list[WatchRun] = []
    runs = watch_city(city.couch, city.setup, city.mirror, TODAY, told.append)
    assert runs == told
    assert [(run.county, run.fault) for run in runs] == [("", ""), (COUNTY, "")]
    assert str(folder / file) in runs[0].mended and "\n" not in runs[0].mended
    card = read_card(folder)
    assert card is not None and card.model == before.card.model
    assert file in card.replaced
    assert city.learn().mended == ""


def test_a_damaged_part_of_the_mirror_is_the_countys_fault_and_the_night_goes_on(city: Simulated) -> None:
    city.learn()
    part = next((city.mirror / "events" / f"county={COUNTY}").glob("month=*/part-*.parquet"))
    whole = part.read_bytes()
    try:
        for data in (whole[:500], whole[:-40] + bytes(40), b""):
            part.write_bytes(data)
            [run] = watch_city(city.couch, city.setup, city.mirror, NEXT_DAY, lambda _: None)
            assert str(part) in run.fault and "d110 nightly" in run.fault and "\n" not in run.fault
            night = (risk_folder(city.mirror) / "nights" / f"{NEXT_DAY}.json").read_bytes()
            assert msgspec.json.decode(night, type=Night).runs == [run]
    finally:
        part.write_bytes(whole)


def test_a_county_has_moved_only_since_the_model_first_looked_at_it(city: Simulated) -> None:
    fitted = city.learn()
    first = city.watch(fitted)
    assert (first.drift, first.moved) == (0.0, {})
    file = profile_file(city.mirror, COUNTY)
    kept = file.read_bytes()
    again = city.watch(fitted)
    assert (again.drift, file.read_bytes()) == (0.0, kept)
    card = msgspec.structs.replace(fitted.card, model="2026-07-another1")
    other = replace(fitted, card=card, worse=replace(fitted.worse, share=0.0))
    file.write_bytes(kept[:100])
    assert city.watch(other).drift == 0.0  # another model looks for the first time
    later = replace(fitted, worse=replace(fitted.worse, choice=Choice("climatology")))
    file.write_bytes(kept)
    assert city.watch(later).drift > MOVED_MUCH  # what is said of the same villages moved


def test_what_another_model_says_is_told_so_and_a_model_that_stays_keeps_its_name(city: Simulated) -> None:
    fitted = city.learn()
    city.watch(fitted)
    nobody = replace(fitted, worse=replace(fitted.worse, share=1.0))
    assert {one.why for one in dropped(city, nobody)} == {"better"}
    city.watch(fitted)
    another = replace(nobody, card=msgspec.structs.replace(fitted.card, model="2026-07-another2"))
    assert {one.why for one in dropped(city, another)} == {"relearned"}
    city.watch(fitted)


def dropped(city: Simulated, fitted: Fitted) -> list[NoLongerWatched]:
    """Who is dropped in the night of such a model."""

    def ended() -> list[NoLongerWatched]:
        return [one for document in city.stored().values() for one in document.ended]

    before = ended()
    city.watch(fitted, NEXT_DAY)
    return [one for one in ended() if one not in before]


def test_a_model_of_another_form_or_policy_is_learned_anew(city: Simulated, monkeypatch: pytest.MonkeyPatch) -> None:
    before = city.learn().card
    monkeypatch.setattr("jobs.risk.FORM", FORM + 1)
    assert city.learn().card.basis != before.basis
    rulebook = city.setup.rulebook
    shorter = msgspec.structs.replace(rulebook.policy.early_warning, history_months=20)
    policy = msgspec.structs.replace(rulebook.policy, early_warning=shorter)
    other = msgspec.structs.replace(city.setup, rulebook=msgspec.structs.replace(rulebook, policy=policy))
    fitted = bring_model_up_to_date(other, city.mirror, TODAY)
    assert fitted is not None
    assert fitted.card.months == 20
    monkeypatch.undo()
    assert city.learn().card.model == before.model


def test_what_a_file_keeps_says_the_same_as_what_was_learned(city: Simulated) -> None:
    for name in ("model.skops", "card.json"):
        (risk_folder(city.mirror) / name).unlink(missing_ok=True)
    learned = city.learn()
    city.watch(learned)
    fresh = pq.read_table(scores_file(city.mirror, COUNTY), partitioning=None)
    kept = city.learn()
    assert kept.worse is not learned.worse
    city.watch(kept)
    assert pq.read_table(scores_file(city.mirror, COUNTY), partitioning=None).equals(fresh)


def test_a_county_without_a_mirror_stops_nobody_and_is_named(city: Simulated, tmp_path: Path) -> None:
    (run,) = watch_city(city.couch, city.setup, tmp_path / "none", TODAY, lambda _: None)
    assert "nightly" in run.fault
    told: list[WatchRun] = []
    runs = watch_city(city.couch, city.setup, city.mirror, TODAY, told.append)
    assert runs == told
    night = msgspec.json.decode((risk_folder(city.mirror) / "nights" / f"{TODAY}.json").read_bytes(), type=Night)
    assert [run.county for run in night.runs] == [COUNTY]
    assert night.runs[0].drift >= 0


def test_before_there_is_a_history_nothing_is_said(city: Simulated, tmp_path: Path) -> None:
    since = city.setup.rulebook.watched_since
    young = msgspec.structs.replace(
        city.setup, rulebook=msgspec.structs.replace(city.setup.rulebook, watched_since=since + 10_000)
    )
    assert bring_model_up_to_date(young, city.mirror, TODAY) is None
    assert watch_city(city.couch, young, city.mirror, TODAY, lambda _: None) == []


def test_nobody_in_the_village_sees_who_is_watched(city: Simulated) -> None:
    city.watch(city.learn())
    identity = next(key for key, document in city.stored().items() if document.watched)
    village = city.stored()[identity].watched[0].village
    assert not administrator_scope(village, "a1").allows(identity)
    assert office_scope([village[:9]]).allows(identity)
    assert office_scope([COUNTY]).allows(identity)
