"""The simulation of one county, and of a city county by county.

Each county draws from its own stream (seed and county code), so counties can be simulated apart, in any order or at
once, and always give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.calendar import epoch_day
from models.simulation.casework import write_casework
from models.simulation.courses import conditions, item_loads, last_events, simulate_stress
from models.simulation.incidents import write_reports
from models.simulation.journal import Journal, start_of_day_ms
from models.simulation.parameters import Parameters, check_indicators
from models.simulation.patrols import write_patrols
from models.simulation.rounds import show, write_rounds
from models.simulation.services import write_services
from models.simulation.staffing import informants_of, write_staffing
from models.simulation.village_months import absences, badness_of, month_starts, party_days, simulate_health

if TYPE_CHECKING:
    from models.catalogue import Catalogue
    from models.divisions import Register
    from models.policy import Policy


@dataclass(frozen=True)
class SimulatedCounty:
    """``documents``: JSON events in the order of saving. ``health`` ``(V, T)`` over ``villages`` and ``months`` (their
    first days) is the hidden truth, for tests of the early warning only: it stands in no document."""

    county: str
    villages: tuple[str, ...]
    months: tuple[date, ...]
    health: NDArray[np.float64]
    documents: list[bytes]


def simulation_start(parameters: Parameters, until: date) -> date:
    """The first day of the simulated history: so many months before ``until``; silence is counted from here."""
    first = month_starts(until, parameters.months)[0]
    return first.replace(day=min(until.day, 28))


def simulate(
    register: Register, catalogue: Catalogue, policy: Policy, parameters: Parameters, seed: int, until: date
) -> Iterator[SimulatedCounty]:
    """The events of a whole city before ``until`` (exclusive), one county after another."""
    for county in register.counties:
        yield simulate_county(register, county, catalogue, policy, parameters, seed, until)


def simulate_county(
    register: Register,
    county: str,
    catalogue: Catalogue,
    policy: Policy,
    parameters: Parameters,
    seed: int,
    until: date,
) -> SimulatedCounty:
    """The events of one county before ``until`` (exclusive). The same arguments give the same bytes.

    Raises KeyError for an unknown county, ValueError if the parameters and the catalogue do not fit together.
    """
    check_indicators(parameters, catalogue)
    p, burn_in = parameters, parameters.burn_in_months
    rng = iter(np.random.default_rng([seed, int(register.divisions[county].code)]).spawn(13))
    here = register.villages_in(county)
    villages = register.villages[here]
    # numbered within the county, so that nothing depends on what else the register holds
    township = np.unique(register.township_of_village[here], return_inverse=True)[1]
    start_day, until_day = epoch_day(simulation_start(p, until)), epoch_day(until)
    starts = month_starts(until, p.months + burn_in)

    health = simulate_health(next(rng), township, len(starts), p.health)
    badness = badness_of(health, p.health)
    load = item_loads(next(rng), len(villages), catalogue, p.stress)
    day = party_days(next(rng), starts, badness, p.meetings)
    stress = simulate_stress(next(rng), badness, load, starts, catalogue, p)
    events = last_events(next(rng), badness, load, day, catalogue, p.meetings)
    began = conditions(next(rng), badness, load, day, catalogue, p.conditions)
    is_absent = absences(next(rng), badness, p.rounds)

    health, badness, day, is_absent = (
        health[:, burn_in:],
        badness[:, burn_in:],
        day[:, burn_in:],
        is_absent[:, burn_in:],
    )
    starts = starts[burn_in:]
    shown = show(stress[:, :, burn_in:], events[:, :, burn_in:], began[:, :, burn_in:], catalogue, p.best)
    is_visited = ~is_absent & (day >= start_day) & (day < until_day)
    first_days = np.array([epoch_day(start) for start in starts])

    journal = Journal(next(rng), start_of_day_ms(until_day))
    write_rounds(next(rng), journal, villages, shown, day, is_visited, badness, catalogue, p.rounds)
    reports_rng, patrols_rng = next(rng).spawn(2)
    informants = informants_of(reports_rng, len(villages), p)
    matters = write_reports(reports_rng, journal, villages, starts, start_day, badness, informants, p)
    write_patrols(patrols_rng, journal, villages, township, shown, first_days, start_day, badness, catalogue, p)
    write_casework(next(rng), journal, villages, matters, catalogue, policy, p)
    write_staffing(next(rng), journal, villages, informants, start_day, p)
    write_services(next(rng), journal, villages, township, first_days, start_day, p)
    return SimulatedCounty(county, villages, tuple(starts), health, journal.documents())
