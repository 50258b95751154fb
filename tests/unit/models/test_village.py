"""One village from its documents, and many from arrays, have the same lights."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
from ulid import ULID

from models.calendar import epoch_day
from models.catalogue import default_catalogue
from models.documents import AnyDocument, CaseEvent, CaseStep, Report, Round, encode
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


def step(case: Report, name: CaseStep, author: str, days: int, **fields: Any) -> CaseEvent:
    village, _, _, identity = case.id.split(":")
    at = NOW + timedelta(days=days)
    made = f"{village}:case:{identity}:{ULID.from_datetime(at)}"
    return CaseEvent(id=made, observed_at=at, saved_at=at, step=name, author=author, **fields)


def test_a_case_that_was_cleared_is_told_of_for_as_long_as_it_may_relapse() -> None:
    matter = report(A, "3.3.1", "major", 2)
    acted = step(matter, "progress", "a1", 1, text="已调解")
    better = step(matter, "reviewed", "z1", 2, is_better=True)
    cleared = step(matter, "cleared", "z1", 3, found="地界不清", done="已划界", verified_by="z1")
    documents: list[AnyDocument] = [matter, acted, better, cleared]
    within = RULEBOOK.policy.relapse.within_days

    def told(documents: list[AnyDocument], day: int) -> tuple[list[str], list[tuple[str, date]]]:
        (lights,) = lights_of_documents([A], documents, RULEBOOK, TODAY + day)
        return [one.case for one in lights.cases], [(one.case, one.cleared_on) for one in lights.cleared]

    case = matter.id.rpartition(":")[2]
    gone = (case, date(2026, 4, 3))
    assert told(documents[:3], 3) == ([case], [])
    assert told(documents, 3) == ([], [gone])
    assert told(documents, 3 + within) == ([], [gone])
    assert told(documents, 4 + within) == ([], [])
    again = step(matter, "reopened", "z1", 9, text="又吵起来")
    assert told([*documents, again], 9) == ([case], [])
    # a correction that was written after the all-clear takes nothing of it back
    late = msgspec.structs.replace(report(A, "3.3.1", "major", 5), amends=matter.id, saved_at=NOW + timedelta(days=5))
    assert told([*documents, late], 5) == ([], [gone])


def test_no_words_of_an_all_clear_stand_in_what_all_informants_read() -> None:
    matter = report(A, "3.3.1", "minor", 2)
    acted = step(matter, "progress", "a1", 1, text="秘密一")
    cleared = step(matter, "cleared", "z1", 2, found="秘密二", done="秘密三", verified_by="z1")
    (lights,) = lights_of_documents([A], [matter, acted, cleared], RULEBOOK, TODAY + 2)
    assert [(one.indicator, one.severity) for one in lights.cleared] == [("3.3.1", "minor")]
    assert "秘密" not in encode(lights).decode()
    assert "z1" not in encode(lights).decode()


def test_a_correction_that_repeats_the_instant_replaces_the_reading() -> None:
    documents: list[AnyDocument] = [round_of(A, {"1.1.4": 10.0}, 1), round_of(A, {"1.1.4": 95.0}, 2)]
    for order in (documents, documents[::-1]):
        assert lights_of_documents([A], order, RULEBOOK, TODAY)[0].lights == "g" * 90


def test_indicators_and_villages_that_are_no_longer_there_are_left_out() -> None:
    documents: list[AnyDocument] = [round_of(A, {"9.9.9": 1.0}, 1), report(A, "9.9.9", "major", 2)]
    (lights,) = lights_of_documents([A], documents, RULEBOOK, TODAY)
    assert lights.lights == "g" * 90
