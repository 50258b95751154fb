"""Patrols (组织巡查): a few villages of each township are checked every month, weak ones more often."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.catalogue import KIND_NUMBER, Catalogue
from models.documents import Inspection
from models.simulation.aliases import centre_alias
from models.simulation.journal import MS_PER_HOUR, Journal, instant, start_of_day_ms

if TYPE_CHECKING:
    from models.simulation.parameters import Parameters
    from models.simulation.rounds import Shown


def write_patrols(
    rng: np.random.Generator,
    journal: Journal,
    villages: tuple[str, ...],
    township: NDArray[np.intp],
    shown: Shown,
    first_days: NDArray[np.int64],
    start_day: int,
    badness: NDArray[np.float64],
    catalogue: Catalogue,
    p: Parameters,
) -> None:
    """Write the inspections of all months; ``first_days`` ``(T,)`` are the first epoch days of the months."""
    columns = np.flatnonzero(catalogue.rules.kind == KIND_NUMBER)
    codes = list(catalogue.index)
    for month, first in enumerate(first_days):
        for members in (np.flatnonzero(township == at) for at in np.unique(township)):
            for _ in range(rng.poisson(p.patrols.per_township_and_month)):
                weights = 0.05 + badness[members, month]
                village = int(rng.choice(members, p=weights / weights.sum()))
                day = int(first + rng.integers(28))
                chosen = np.sort(rng.choice(columns, min(p.patrols.indicators, len(columns)), replace=False))
                readings = {codes[at]: shown.values[village, at, month] for at in chosen}
                is_planned = bool(rng.random() < 0.5)
                if day >= start_day:
                    saved_ms = start_of_day_ms(day) + int(rng.integers(9 * MS_PER_HOUR, 17 * MS_PER_HOUR))
                    ulid = journal.ulid(saved_ms)
                    code = villages[village]
                    event = Inspection(
                        id=f"{code}:inspection:{centre_alias(code[:6])}:{ulid}",
                        observed_at=instant(saved_ms - MS_PER_HOUR),
                        saved_at=instant(saved_ms),
                        is_planned=is_planned,
                        readings=readings,
                        text=p.wording.patrol[0 if is_planned else -1],
                        simulated=True,
                    )
                    journal.write(event, ulid, saved_ms)
