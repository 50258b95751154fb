"""The nightly run, as the order of its steps: mirror → lights → candidates of omissions and lamps by week → evaluations
of periods that have just closed, or that no night has come to; and, when all counties had their turn, which villages
are likely to get worse (``jobs.risk``).

A county is the unit; one that fails stops no other.
"""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final

import pyarrow as pa

from jobs.couch import Couch, CouchError
from jobs.evaluation import EvaluationRun, evaluate_county, is_watched, kept_periods
from jobs.faults import BusyError, DamagedError, MirrorError, PeriodOpenError
from jobs.folded import Folded
from jobs.kept_setup import keep_setup
from jobs.lights import ShownLights
from jobs.mirror import CountyMirror, forget_county, read_mirror
from jobs.truthfulness import find_candidates
from jobs.weeks import write_weeks
from models import calendar
from models.ids import database_of
from models.periods import Period, periods_closed
from models.setup import Setup
from models.village import lights_of_cases

#: While tablets sync, a village may change between reading and writing; it has settled long before this many rounds.
ROUNDS_MAX: Final = 5
#: Within it a half-year has closed.
_YEAR_DAYS: Final = 366


@dataclass(frozen=True)
class CountyRun:
    """What a night did for one county; ``fault`` says why it failed, "" if it did not; ``mended``: what was damaged, so
    that the county was mirrored anew, "" if nothing was."""

    county: str
    events: int = 0
    lights_written: int = 0
    unreadable: int = 0
    evaluations: tuple[EvaluationRun, ...] = ()
    fault: str = ""
    candidates_written: int = 0
    weeks_written: int = 0
    mended: str = ""


def run_nightly(
    couch: Couch, setup: Setup, mirror: Path, today: date, on_county: Callable[[CountyRun], None]
) -> list[CountyRun]:
    """Run every county in turn; ``on_county`` is told of each as it ends."""
    runs = []
    for county in setup.register.counties:
        try:
            run = run_night(couch, setup, mirror, county, today)
        except (CouchError, BusyError, MirrorError, PeriodOpenError, OSError) as error:
            run = CountyRun(county, fault=str(error))
        on_county(run)
        runs.append(run)
    return runs


def run_county(couch: Couch, setup: Setup, mirror: Path, county: str, today: date) -> CountyRun:
    """Bring one county's mirror, lights documents and ``lights.parquet`` up to date. Twice in a row changes nothing.

    Raises ``CouchError``, ``BusyError``, ``OSError``, and ``DamagedError`` for a file that can't be read.
    """
    database, rulebook, day = couch.database(database_of(county)), setup.rulebook, calendar.epoch_day(today)
    villages = setup.register.villages[setup.register.villages_in(county)]
    with _alone(mirror, county):
        keep_setup(mirror, setup, county)
        feed = CountyMirror(mirror, county, couch.uuid(), rulebook.catalogue)
        folded = Folded.load(feed.state_dir, villages, rulebook) or _fold_again(feed, villages, setup)
        shown = ShownLights(mirror / "lights" / f"county={county}" / "lights.parquet")

        def keep(rows: pa.Table) -> None:
            folded.take(rows)
            folded.save(feed.state_dir)

        events = written = 0
        for _ in range(ROUNDS_MAX):
            # revisions first: a light that somebody wrote by then was computed from events that the feed has by now
            shown.refresh(database, villages)
            events += feed.catch_up(database, keep)
            lights = lights_of_cases(villages, folded.readings, folded.cases_on(day), rulebook, day)
            newly, contested = shown.write(database, lights)
            written += newly
            if not newly and not contested:  # then the feed's echo of our own writing has been read, too
                shown.save()
                return CountyRun(county, events, written, len(feed.unreadable))
    raise CouchError(
        f"{county}: 上报仍在变动，请稍后再运行 / still changing after {ROUNDS_MAX} rounds: run again later"
    )


def run_night(
    couch: Couch, setup: Setup, mirror: Path, county: str, today: date, asked: Period | None = None
) -> CountyRun:
    """``run_county``, then the candidates of reports that came late or not at all, the lamps by week, and the
    evaluations of the periods that closed lately and of one that was ``asked`` for. Where the county's mirror is
    damaged it is mirrored anew. Raises what they raise."""
    try:
        return _night(couch, setup, mirror, county, today, asked)
    except DamagedError as error:
        with _alone(mirror, county):
            forget_county(mirror, county)
        return replace(_night(couch, setup, mirror, county, today, asked), mended=str(error))


def _night(couch: Couch, setup: Setup, mirror: Path, county: str, today: date, asked: Period | None) -> CountyRun:
    run = run_county(couch, setup, mirror, county, today)
    database, (rows, _) = couch.database(database_of(county)), read_mirror(mirror, county, setup.rulebook.catalogue)
    candidates = find_candidates(database, setup, rows, county, today)
    weeks = write_weeks(database, setup, rows, county, today)
    due = _due_periods(setup, mirror, county, today)
    periods = due if asked is None or asked in due else [*due, asked]
    evaluations = [evaluate_county(couch, setup, mirror, county, period, today) for period in periods]
    return replace(run, evaluations=tuple(evaluations), candidates_written=candidates, weeks_written=weeks)


def _due_periods(setup: Setup, mirror: Path, county: str, today: date) -> list[Period]:
    """Those that closed so lately that tablets may still hand in what belongs to them, and those that closed last,
    where no night has come to them yet; watched whole."""
    day, known = calendar.epoch_day(today), kept_periods(mirror, county)
    closed = [period for period in periods_closed(day, _YEAR_DAYS) if is_watched(period, setup)]
    settles_on = day - setup.rulebook.policy.evaluation.settle_days
    last_day = max((period.last_day for period in closed), default=day)
    return [p for p in closed if p.last_day >= settles_on or (p.last_day == last_day and p not in known)]


def _fold_again(feed: CountyMirror, villages: tuple[str, ...], setup: Setup) -> Folded:
    folded = Folded(villages, setup.rulebook)
    folded.take(feed.events())
    folded.save(feed.state_dir)
    return folded


@contextmanager
def _alone(mirror: Path, county: str) -> Iterator[None]:
    mirror.mkdir(mode=0o700, parents=True, exist_ok=True)  # it holds what the store holds
    with (mirror / f".{county}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BusyError(f"{county}: 另一次运行正在进行 / another run is at work on {mirror}") from error
        yield
