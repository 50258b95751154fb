"""What stations record as done for people (为民服务): a few things in each township every year."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.documents import Service
from models.ids import CODE_LENGTHS
from models.simulation.aliases import station_alias
from models.simulation.journal import MS_PER_HOUR, Journal, instant, start_of_day_ms
from models.terms import SERVICES

if TYPE_CHECKING:
    from models.simulation.parameters import Parameters


def write_services(
    rng: np.random.Generator,
    journal: Journal,
    villages: tuple[str, ...],
    township: NDArray[np.intp],
    first_days: NDArray[np.int64],
    start_day: int,
    p: Parameters,
) -> None:
    """Write what was done in all months; ``first_days`` are the first epoch days of the months."""
    deeds = p.services.deeds
    weights = np.array([deed.weight for deed in deeds])
    for first in first_days:
        for members in (np.flatnonzero(township == at) for at in np.unique(township)):
            for _ in range(rng.poisson(p.services.per_township_and_month)):
                village = villages[int(rng.choice(members))]
                deed = deeds[int(rng.choice(len(deeds), p=weights / weights.sum()))]
                amount = round(float(rng.uniform(deed.least, deed.most)), deed.decimals)
                place = p.wording.places[int(rng.integers(len(p.wording.places)))]
                day = int(first + rng.integers(28))
                saved_ms = start_of_day_ms(day) + int(rng.integers(9 * MS_PER_HOUR, 17 * MS_PER_HOUR))
                if day < start_day:
                    continue
                ulid = journal.ulid(saved_ms)
                event = Service(
                    id=f"{village}:service:{station_alias(village[: CODE_LENGTHS['township']])}:{ulid}",
                    observed_at=instant(saved_ms - MS_PER_HOUR),
                    saved_at=instant(saved_ms),
                    topic=deed.topic,
                    amount=amount,
                    unit=SERVICES[deed.topic][0],
                    place=place,
                    simulated=True,
                )
                journal.write(event, ulid, saved_ms)
