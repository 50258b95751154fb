"""The nightly run on a simulated city: what an unchanged night and an ordinary day cost beside a full rebuild."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Final

import msgspec

from jobs.couch import Couch
from jobs.nightly import CountyRun, run_nightly
from jobs.register_store import import_register, read_setup
from jobs.simulation import batches, with_revision
from models import calendar
from models.divisions import Register, parse_register
from models.figures import Figure, share
from models.ids import database_of
from models.setup import Setup
from models.simulation import default_parameters, simulate_county, simulation_start

CITY: Final = "3717"
SEED: Final = 110
UNTIL: Final = date(2026, 7, 16)  # so that the last day is one on which villages are visited
LAST_DAY: Final = UNTIL - timedelta(days=1)
UNCHANGED_MAX: Final = 0.05
ONE_DAY_MAX: Final = 0.15


class _Saved(msgspec.Struct):
    saved_at: datetime


def measure_nightly(couch: Couch, mirror: Path, tell: Callable[[str], None]) -> list[Figure]:
    """Fill an empty store with 18 months of Heze but for the last day, then time the nights.

    Raises ``CouchError``, and ``RuntimeError`` if a night did not do what it was to be timed for.
    """
    tell("写入 18 个月的模拟数据 / writing 18 simulated months")
    setup = _set_up(couch)
    last_day = _write_all_but_the_last_day(couch, setup)
    tell("首次运行 / first night")
    _night(couch, setup, mirror, LAST_DAY)
    shutil.rmtree(mirror)
    tell("全部重建 / full rebuild")
    rebuild_s, rebuilt = _night(couch, setup, mirror, LAST_DAY)
    tell("无变化 / unchanged")
    unchanged_s, unchanged = _night(couch, setup, mirror, LAST_DAY)
    for county, documents in last_day.items():
        _write(couch, county, documents)
    tell("新增一天 / one more day")
    day_s, day = _night(couch, setup, mirror, UNTIL)
    expected = sum(len(documents) for documents in last_day.values())
    if _events(unchanged) or _events(day) != expected or any(run.lights_written for run in rebuilt + unchanged):
        raise RuntimeError(f"the nights did not see what they were timed for: {rebuilt} {unchanged} {day}")
    return [
        Figure(name="nightly_rebuild", value=round(rebuild_s, 3), unit="s"),
        Figure(name="nightly_rebuild_events", value=_events(rebuilt), unit="events"),
        share("nightly_unchanged", unchanged_s, "s", rebuild_s, UNCHANGED_MAX),
        share("nightly_one_day", day_s, "s", rebuild_s, ONE_DAY_MAX),
        Figure(name="nightly_one_day_events", value=_events(day), unit="events"),
    ]


def _set_up(couch: Couch) -> Setup:
    file = files("models.register").joinpath("heze_divisions.csv")
    register = parse_register(file.read_bytes(), file.name)
    import_register(couch, CITY, register, simulation_start(default_parameters(), UNTIL))
    return read_setup(couch, CITY)


def _write_all_but_the_last_day(couch: Couch, setup: Setup) -> dict[str, list[bytes]]:
    """Writes the history; gives back what was saved on tablets on the last day, by county."""
    held: dict[str, list[bytes]] = {}
    register: Register = setup.register
    decode, last_day = msgspec.json.Decoder(_Saved).decode, calendar.epoch_day(LAST_DAY)
    for county in register.counties:
        simulated = simulate_county(
            register, county, setup.rulebook.catalogue, setup.rulebook.policy, default_parameters(), SEED, UNTIL
        )
        is_last = [calendar.local_day(decode(document).saved_at) >= last_day for document in simulated.documents]
        pairs = list(zip(simulated.documents, is_last, strict=True))
        held[county] = [document for document, last in pairs if last]
        _write(couch, county, [document for document, last in pairs if not last])
    return held


def _write(couch: Couch, county: str, documents: list[bytes]) -> None:
    database = couch.database(database_of(county))
    for batch in batches(documents):
        database.store([with_revision(document) for document in batch])


def _night(couch: Couch, setup: Setup, mirror: Path, today: date) -> tuple[float, list[CountyRun]]:
    start = time.perf_counter()
    runs = run_nightly(couch, setup, mirror, today, lambda run: None)
    seconds = time.perf_counter() - start
    if faults := [run.fault for run in runs if run.fault]:
        raise RuntimeError(faults[0])
    return seconds, runs


def _events(runs: list[CountyRun]) -> int:
    return sum(run.events for run in runs)
