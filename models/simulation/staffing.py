"""Natural villages and the informants who watch over them, as they stood on the first day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.documents import Appointment, NaturalVillage, Settlements
from models.ids import CODE_LENGTHS
from models.simulation.aliases import informant_alias, station_alias
from models.simulation.journal import MS_PER_HOUR, Journal, instant, start_of_day_ms

if TYPE_CHECKING:
    from models.simulation.parameters import Parameters

_NAMES = ("前街", "后街", "东头", "西头", "南洼")


def informants_of(rng: np.random.Generator, n_villages: int, p: Parameters) -> NDArray[np.int64]:
    """How many informants each village has."""
    extra = rng.poisson(p.incidents.informants_mean_extra, n_villages)
    numbers: NDArray[np.int64] = np.minimum(1 + extra, p.incidents.informants_max)
    return numbers


def write_staffing(
    rng: np.random.Generator,
    journal: Journal,
    villages: tuple[str, ...],
    informants: NDArray[np.int64],
    start_day: int,
    p: Parameters,
) -> None:
    """Write each village's natural villages, and the appointments of its informants, who share them out: some of them
    nobody covers."""
    saved_ms = start_of_day_ms(start_day) + 9 * MS_PER_HOUR
    at_nine = instant(saved_ms)
    for village, number in zip(villages, informants, strict=True):
        station = station_alias(village[: CODE_LENGTHS["township"]])
        count = min(1 + int(rng.poisson(p.staffing.natural_villages_mean_extra)), len(_NAMES))
        people = rng.lognormal(np.log(p.staffing.people_median), p.staffing.people_sigma, count).astype(int)
        places = [NaturalVillage(_NAMES[at], int(people[at]) // 4, int(people[at])) for at in range(count)]
        ulid = journal.ulid(saved_ms)
        entered = Settlements(
            id=f"{village}:settlements:{station}:{ulid}",
            observed_at=at_nine,
            saved_at=at_nine,
            natural_villages=places,
            simulated=True,
        )
        journal.write(entered, ulid, saved_ms)
        covers: list[list[str]] = [[] for _ in range(number)]
        for at, place in enumerate(places):
            if at < number or rng.random() < p.staffing.shared:
                covers[at % number].append(place.name)
        for at, names in enumerate(covers, 1):
            ulid = journal.ulid(saved_ms)
            appointed = Appointment(
                id=f"{village}:appointment:{station}:{ulid}",
                observed_at=at_nine,
                saved_at=at_nine,
                alias=informant_alias(village, at),
                natural_villages=names,
                households=sum(place.households for place in places if place.name in names),
                simulated=True,
            )
            journal.write(appointed, ulid, saved_ms)
