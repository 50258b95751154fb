"""The simulated city as the mirror would hold it, without a store: what measurements are made on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from importlib.resources import files
from typing import Final

import msgspec
import pyarrow as pa

from jobs.couch import ChangeRow
from jobs.events import EventTable
from models import calendar
from models.catalogue import default_catalogue
from models.divisions import parse_register
from models.policy import default_policy
from models.setup import Setup
from models.simulation import default_parameters, simulate_county, simulation_start
from models.village import Rulebook

SEED: Final = 110
#: Events before this day.
SIMULATED_UNTIL: Final = date(2026, 7, 16)


class _Id(msgspec.Struct):
    id: str = msgspec.field(name="_id")


def simulated_setup(months: int) -> Setup:
    """The city of so many months."""
    file = files("models.register").joinpath("heze_divisions.csv")
    since = simulation_start(msgspec.structs.replace(default_parameters(), months=months), SIMULATED_UNTIL)
    rulebook = Rulebook(default_catalogue(), default_policy(), calendar.epoch_day(since), is_simulated=True)
    return Setup(parse_register(file.read_bytes(), file.name), rulebook)


def simulated_rows(setup: Setup, months: int, counties: Sequence[str] = ()) -> dict[str, pa.Table]:
    """The rows that the mirror of each county would hold, or of some counties."""
    parameters = msgspec.structs.replace(default_parameters(), months=months)
    rulebook, decode = setup.rulebook, msgspec.json.Decoder(_Id).decode
    found: dict[str, pa.Table] = {}
    for county in counties or setup.register.counties:
        simulated = simulate_county(
            setup.register, county, rulebook.catalogue, rulebook.policy, parameters, SEED, SIMULATED_UNTIL
        )
        table = EventTable(rulebook.catalogue)
        table.take(ChangeRow(decode(document).id, msgspec.Raw(document)) for document in simulated.documents)
        found[county] = table.to_arrow()
    return found
