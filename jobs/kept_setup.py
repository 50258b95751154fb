"""How the store was set up, kept beside the mirror: whoever reads the mirror needs no store.

{mirror}/setup.json    the register, since when its villages are watched, and whether the events are simulated
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Final

import msgspec

from jobs.faults import MirrorError
from jobs.whole_files import read_json, write_whole
from models import calendar
from models.catalogue import default_catalogue
from models.divisions import parse_register
from models.policy import default_policy
from models.setup import Setup
from models.village import Rulebook

_NAME: Final = "setup.json"


class _Kept(msgspec.Struct, frozen=True):
    csv: str
    watched_since: date
    is_simulated: bool


def keep_setup(mirror: Path, setup: Setup, county: str) -> None:
    """Write it where it differs. ``county``: whose night writes; others may do so at the same time."""
    rulebook = setup.rulebook
    since = calendar.day_of(rulebook.watched_since)
    data = msgspec.json.encode(_Kept(setup.register.to_csv().decode(), since, rulebook.is_simulated))
    file = mirror / _NAME
    if not file.exists() or file.read_bytes() != data:
        write_whole(file, data, county)


def kept_setup(mirror: Path) -> Setup:
    """The set-up that the last night found, with this release's catalogue and policy. Raises ``MirrorError``."""
    file = mirror / _NAME
    if not file.exists():
        raise MirrorError(
            f"{mirror}：没有镜像，请先运行 d110 nightly / no mirror in {mirror}: run `d110 nightly` first"
        )
    kept = read_json(file, _Kept)
    since = calendar.epoch_day(kept.watched_since)
    rulebook = Rulebook(default_catalogue(), default_policy(), since, kept.is_simulated)
    return Setup(parse_register(kept.csv.encode(), str(file)), rulebook)
