"""The simulated city: the same seed gives the same events, they are lawful documents, and the city behaves like one."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import models
from models.calendar import epoch_day, local_day, to_ms
from models.cases import Case, case_fact, case_spans, fold_cases, step_faults
from models.catalogue import default_catalogue
from models.divisions import Register, parse_register
from models.documents import Answer, AnyEvent, Appointment, CaseEvent, Inspection, Report, Round, Service, Settlements
from models.ids import parse_id, ulid_milliseconds
from models.informants import blind_spots, coverage, settlements_of, terms_of
from models.lights import GREEN, RED, STALE, YELLOW, Codes, light_codes
from models.policy import default_policy
from models.readings import Readings
from models.simulation import (
    SimulatedCounty,
    administrator_alias,
    default_parameters,
    load_parameters,
    simulate,
    simulate_county,
    simulation_start,
)
from models.simulation.courses import value_of_stress
from models.simulation.journal import in_office_hours, start_of_day_ms
from models.terms import SERVICES
from models.village import reading_log

SEED, UNTIL = 7, date(2026, 11, 22)
CATALOGUE, POLICY, PARAMETERS = default_catalogue(), default_policy(), default_parameters()
START = simulation_start(PARAMETERS, UNTIL)
YEARS = (UNTIL - START).days / 365
NUMBERS = [indicator for indicator in CATALOGUE.indicators if indicator.kind == "number"]
DATA = Path(models.__file__).parent

AnyKind = TypeVar("AnyKind")
DECODER: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)


def part_of_heze(*counties: str) -> Register:
    lines = (DATA / "register" / "heze_divisions.csv").read_text().splitlines()
    kept = [line for line in lines if line.startswith(("code", "3717,", *counties))]
    return parse_register("\n".join(kept).encode(), "part.csv")


@dataclass(frozen=True)
class City:
    register: Register
    counties: list[SimulatedCounty]
    events: list[AnyEvent]
    cases: list[Case]
    lights: Codes
    badness: np.ndarray

    def of_type(self, kind: type[AnyKind]) -> list[AnyKind]:
        return [event for event in self.events if isinstance(event, kind)]


@pytest.fixture(scope="module")
def city() -> City:
    """Two real counties, large enough for shares to be steady."""
    register = part_of_heze("371724", "371771")
    counties = list(simulate(register, CATALOGUE, POLICY, PARAMETERS, SEED, UNTIL))
    events = [DECODER.decode(document) for county in counties for document in county.documents]
    facts = (case_fact(event) for event in events)
    cases = fold_cases((fact for fact in facts if fact is not None), POLICY)
    health = np.vstack([county.health for county in counties])
    lights = lights_at(register, events, cases)
    return City(register, counties, events, cases, lights, badness=-health[:, -1])


def lights_at(register: Register, events: Sequence[AnyEvent], cases: Sequence[Case]) -> Codes:
    shape = (len(register.villages), len(CATALOGUE.indicators))
    readings = Readings.none(*shape).fold(reading_log(events, register.village_index, CATALOGUE))
    spans = case_spans(cases, dict(register.village_index), dict(CATALOGUE.index))
    day = epoch_day(UNTIL)
    return light_codes(readings, spans.on(day, *shape), CATALOGUE.rules, epoch_day(START), day)


def test_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    register = part_of_heze("371771")
    first, again, other = (
        simulate_county(register, "371771", CATALOGUE, POLICY, PARAMETERS, seed, UNTIL) for seed in (SEED, SEED, 8)
    )
    assert first.documents == again.documents
    assert np.array_equal(first.health, again.health)
    assert first.documents != other.documents


def test_a_county_does_not_depend_on_the_others(city: City) -> None:
    alone = simulate_county(part_of_heze("371771"), "371771", CATALOGUE, POLICY, PARAMETERS, SEED, UNTIL)
    (within,) = (county for county in city.counties if county.county == "371771")
    assert alone.documents == within.documents


def test_every_event_says_that_it_is_simulated_and_carries_a_lawful_id_used_once(city: City) -> None:
    assert all(event.simulated for event in city.events)
    ids = [event.id for event in city.events]
    assert len(set(ids)) == len(ids)
    for event in city.events:
        identity = parse_id(event.id)
        assert identity.division in city.register.village_index
        assert identity.ulid is not None
        assert ulid_milliseconds(identity.ulid) == to_ms(event.saved_at)


def test_events_lie_in_the_history_and_are_saved_after_they_were_observed(city: City) -> None:
    for event in city.events:
        assert event.observed_at <= event.saved_at
        assert epoch_day(START) <= local_day(event.observed_at) <= local_day(event.saved_at) < epoch_day(UNTIL)


def test_documents_come_in_the_order_in_which_they_were_saved(city: City) -> None:
    for county in city.counties:
        saved = [to_ms(DECODER.decode(document).saved_at) for document in county.documents]
        assert saved == sorted(saved)


def test_readings_fit_the_catalogue_and_name_no_date_to_come(city: City) -> None:
    read: list[Round | Inspection] = [*city.of_type(Round), *city.of_type(Inspection)]
    for event in read:
        for code, value in event.readings.items():
            CATALOGUE.encode_reading(code, value)
            if isinstance(value, str):
                assert epoch_day(date.fromisoformat(value)) <= local_day(event.observed_at)


def test_rounds_belong_to_the_administrator_of_their_village(city: City) -> None:
    for event in city.of_type(Round):
        identity = parse_id(event.id)
        assert identity.owner == administrator_alias(identity.division)


def test_every_indicator_that_takes_readings_is_read_everywhere(city: City) -> None:
    log = reading_log(city.of_type(Round), city.register.village_index, CATALOGUE)
    taken = np.zeros((len(city.register.villages), len(CATALOGUE.indicators)), bool)
    taken[log.village, log.indicator] = True
    assert taken[:, ~np.isnan(CATALOGUE.rules.interval_days)].mean() > 0.995


def test_cases_are_worked_on_lawfully(city: City) -> None:
    steps = Counter(event.step for event in city.of_type(CaseEvent))
    assert set(steps) == {
        *("noticed", "assigned", "deadline", "team_sent", "progress", "submitted", "reviewed", "cleared"),
        *("reopened", "escalated"),
    }
    assert not any(case.set_aside for case in city.cases)
    for event in city.of_type(CaseEvent):
        assert step_faults(event) is None
    known = {(event.id, parse_id(event.id).owner) for event in city.of_type(Report)}
    assert all((answer.about, parse_id(answer.id).owner) in known for answer in city.of_type(Answer))


def test_numbers_are_of_the_order_that_the_source_reports(city: City) -> None:
    villages = len(city.register.villages)
    share_of_city = villages / 5040
    warnings = [case for case in city.cases if case.severity != "minor"]
    by_severity = Counter(report.severity for report in city.of_type(Report))
    assert 1400 < by_severity["general"] / YEARS / share_of_city < 2600
    assert 200 < by_severity["major"] / YEARS / share_of_city < 520
    assert 0.87 < np.mean([not case.is_open for case in warnings]) < 0.97
    assert any(case.is_relapse for case in warnings)
    rounds = len(city.of_type(Round)) / share_of_city
    assert 88_000 < rounds < 110_000
    assert 40_000 < len(city.events) / share_of_city - rounds < 80_000


def test_informants_who_report_are_appointed_and_most_natural_villages_are_covered(city: City) -> None:
    terms = terms_of(city.of_type(Appointment))
    aliases = {term.alias for term in terms}
    assert all(parse_id(one.id).owner in aliases for one in city.of_type(Report) if one.channel == "tablet")
    settlements = settlements_of(city.of_type(Settlements))
    assert settlements.keys() == set(city.register.villages)
    covered = coverage(city.register.villages, settlements, terms, (), POLICY.informants.staffing)
    places = sum(len(one.natural_villages) for one in covered)
    assert 0.01 < len(blind_spots(covered)) / places < 0.15


def test_every_county_does_something_for_people_of_several_kinds(city: City) -> None:
    for county in city.counties:
        found = [one for one in city.of_type(Service) if one.id.startswith(county.county)]
        assert len({one.topic for one in found}) >= 5
        assert all(one.amount > 0 and one.place and one.unit == SERVICES[one.topic][0] for one in found)


def test_most_lamps_are_green_and_the_others_stand_together_in_weak_villages(city: City) -> None:
    is_off = city.lights != GREEN
    assert 0.008 < is_off.mean() < 0.03
    assert all((city.lights == code).any() for code in (STALE, YELLOW, RED))
    per_village = np.sort(is_off.sum(axis=1))
    assert (per_village <= 1).mean() > 0.7
    worst = per_village[-len(per_village) // 20 :]
    assert worst.sum() > 0.5 * per_village.sum()


def test_lamps_follow_the_hidden_health(city: City) -> None:
    weakest = np.argsort(city.badness)[-len(city.badness) // 50 :]
    is_off = city.lights != GREEN
    assert is_off[weakest].mean() > 8 * is_off.mean()


def test_informants_tell_late_and_administrators_miss_rounds(city: City) -> None:
    delay = np.array([(report.saved_at - report.observed_at) / timedelta(hours=1) for report in city.of_type(Report)])
    assert 4 < np.median(delay) < 20 and delay.max() > 72
    months_with_rounds = {
        (parse_id(r.id).division, r.observed_at.year, r.observed_at.month) for r in city.of_type(Round)
    }
    assert len(months_with_rounds) < PARAMETERS.months * len(city.register.villages)


@given(stress=st.floats(-1, 4, allow_nan=False), at=st.integers(0, len(NUMBERS) - 1))
def test_a_value_lights_the_lamp_that_its_stress_means(stress: float, at: int) -> None:
    indicator = NUMBERS[at]
    best = PARAMETERS.best.get(indicator.code)
    (value,) = value_of_stress(indicator, np.array([stress]), best).tolist()
    CATALOGUE.encode_reading(indicator.code, value)
    assert indicator.yellow is not None and indicator.red is not None
    sign = 1 if indicator.direction == "higher_worse" else -1
    is_yellow, is_red = sign * value > sign * indicator.yellow, sign * value > sign * indicator.red
    assert is_yellow == (stress > 1 + 1e-6) or abs(stress - 1) < 1e-6
    assert not (is_red and stress < 2 - 1e-6)


@given(st.integers(0, 10**13), st.integers(0, 10**9))
def test_offices_work_by_day_and_never_earlier_than_asked(at_ms: int, more_ms: int) -> None:
    done_ms = in_office_hours(at_ms)
    hour = (done_ms - start_of_day_ms(0)) % 86_400_000 / 3_600_000
    assert 8 <= hour < 18
    assert 0 <= done_ms - at_ms <= 14.5 * 3_600_000


def test_parameters_that_do_not_fit_are_refused() -> None:
    files = [(DATA / "simulation" / name).read_text() for name in ("parameters.toml", "topics.toml")]
    strange = load_parameters(
        files[0].encode(), files[1].replace('indicator = "5.3.3"', 'indicator = "5.9.9"').encode()
    )
    with pytest.raises(ValueError, match=r"5\.9\.9"):
        simulate_county(part_of_heze("371771"), "371771", CATALOGUE, POLICY, strange, SEED, UNTIL)
    with pytest.raises(ValueError, match="shock_dept"):
        load_parameters(files[0].replace("shock_depth", "shock_dept").encode(), files[1].encode())
    with pytest.raises(ValueError, match=r"5\.3\.3 has a weight for major"):
        load_parameters(files[0].encode(), re.sub(r"(?m)^major = .*$", "", files[1], count=1).encode())
