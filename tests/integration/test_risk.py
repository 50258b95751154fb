"""The early warning on a real store: learned once a month, said each night, written where it says something new."""

from collections.abc import Iterator
from datetime import date
from importlib.resources import files
from pathlib import Path

import msgspec
import pyarrow.parquet as pq
import pytest

from jobs.couch import Couch
from jobs.nightly import run_county
from jobs.register_store import import_register, read_setup
from jobs.risk import (
    Fitted,
    Night,
    WatchRun,
    bring_model_up_to_date,
    risk_folder,
    scores_file,
    watch_city,
    watch_county,
)
from jobs.risk_files import load_model, read_card
from jobs.simulation import write_simulation
from models.divisions import parse_register
from models.documents import Dataset, Risk, Watched, decode_document
from models.ids import administrator_scope, office_scope
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
    assert later.card.model in (risk_folder(city.mirror) / "card.md").read_text("utf-8")


def test_a_model_file_that_is_another_one_is_not_used(city: Simulated) -> None:
    fitted = city.learn()
    folder = risk_folder(city.mirror)
    assert load_model(folder, fitted.card.sha256) is not None
    (folder / "model.skops").write_bytes((folder / "model.skops").read_bytes()[:-1])
    assert load_model(folder, fitted.card.sha256) is None
    again = city.learn()
    assert again.card.losses == fitted.card.losses
    card = read_card(folder)
    assert card is not None
    assert load_model(folder, card.sha256) is not None


def test_a_model_of_another_form_or_policy_is_learned_anew(city: Simulated, monkeypatch: pytest.MonkeyPatch) -> None:
    before = city.learn().card
    monkeypatch.setattr("jobs.risk.FORM", 2)
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
