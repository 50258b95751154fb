"""One village from its documents, and many from arrays, have the same lights."""

from datetime import UTC, date, datetime, timedelta

from models.calendar import epoch_day
from models.catalogue import default_catalogue
from models.documents import AnyDocument, Report, Round
from models.policy import default_policy
from models.village import Rulebook, lights_of_documents

A, B = "371724109217", "371771003022"
NOW = datetime(2026, 3, 31, 4, tzinfo=UTC)
TODAY = epoch_day(date(2026, 3, 31))
RULEBOOK = Rulebook(default_catalogue(), default_policy(), TODAY, is_simulated=False)
AT = RULEBOOK.catalogue.index


def ulid(number: int) -> str:
    return f"01ARZ3NDEKTSV4RRFFQ{number:07d}"


def round_of(village: str, readings: dict[str, object], number: int, days_ago: int = 0) -> Round:
    at = NOW - timedelta(days=days_ago)
    return Round(id=f"{village}:round:a1:{ulid(number)}", observed_at=at, saved_at=at, readings=readings)


def report(village: str, indicator: str, severity: str, number: int) -> Report:
    identity = f"{village}:report:i1:{ulid(number)}"
    return Report(id=identity, observed_at=NOW, saved_at=NOW, indicator=indicator, severity=severity, text="有情况")


def test_a_village_without_events_is_green_while_watching_has_just_begun() -> None:
    (lights,) = lights_of_documents([A], [], RULEBOOK, TODAY)
    assert lights.lights == "g" * 90
    assert lights.cases == []


def test_each_village_gets_its_own_readings_and_cases() -> None:
    documents: list[AnyDocument] = [
        round_of(A, {"1.1.4": 70.0}, 1),
        report(B, "3.3.1", "major", 2),
        round_of(A, {"1.1.4": 90.0}, 3, days_ago=5),  # delivered later, observed earlier
    ]
    of_a, of_b = lights_of_documents([A, B], documents, RULEBOOK, TODAY)
    assert of_a.lights[AT["1.1.4"]] == "y"
    assert of_a.lights.count("g") == 89
    assert of_b.lights[AT["3.3.1"]] == "r"
    assert [c.indicator for c in of_b.cases] == ["3.3.1"]
    assert [lights_of_documents([v], documents, RULEBOOK, TODAY)[0] for v in (A, B)] == [of_a, of_b]


def test_a_correction_that_repeats_the_instant_replaces_the_reading() -> None:
    documents: list[AnyDocument] = [round_of(A, {"1.1.4": 10.0}, 1), round_of(A, {"1.1.4": 95.0}, 2)]
    for order in (documents, documents[::-1]):
        assert lights_of_documents([A], order, RULEBOOK, TODAY)[0].lights == "g" * 90


def test_indicators_and_villages_that_are_no_longer_there_are_left_out() -> None:
    documents: list[AnyDocument] = [round_of(A, {"9.9.9": 1.0}, 1), report(A, "9.9.9", "major", 2)]
    (lights,) = lights_of_documents([A], documents, RULEBOOK, TODAY)
    assert lights.lights == "g" * 90
