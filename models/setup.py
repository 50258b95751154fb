"""How a store was set up: the register, and the rulebook that lights are computed by."""

from __future__ import annotations

import msgspec

from models import calendar
from models.catalogue import default_catalogue
from models.divisions import Register, parse_register
from models.documents import Dataset, RegisterDocument
from models.policy import default_policy
from models.village import Rulebook


class Setup(msgspec.Struct, frozen=True):
    register: Register
    rulebook: Rulebook


def setup_of(register: RegisterDocument, dataset: Dataset | None) -> Setup:
    """The set-up as the city's own documents say it. Raises ``RegisterError``."""
    rulebook = Rulebook(
        catalogue=default_catalogue(),
        policy=default_policy(),
        watched_since=calendar.epoch_day(register.watched_since),
        is_simulated=dataset is not None and dataset.simulated,
    )
    return Setup(parse_register(register.csv.encode(), register.id), rulebook)
