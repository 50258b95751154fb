"""The nightly run as a Prefect flow: thin, a county is one mapped task with its own retries.

Importing this imports Prefect, which takes seconds: only what schedules does. Prefect resolves the annotations of
flows when it runs them, so this module can't have postponed ones.
"""

import os
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final, cast

from prefect import flow, get_run_logger, task, unmapped
from prefect.artifacts import create_table_artifact
from prefect.futures import PrefectFuture, wait
from prefect.schedules import Cron, Schedule
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from jobs.couch import Couch
from jobs.nightly import CountyRun, run_night
from jobs.register_store import SetupError, read_setup
from jobs.risk import Fitted, WatchRun, bring_model_up_to_date, save_night, watch_county
from jobs.settings import read_settings
from models import calendar
from models.periods import Period, parse_period

HOUR: Final = 2
#: A cron without a time zone would run in UTC.
SCHEDULE: Final[Schedule] = Cron(f"0 {HOUR} * * *", timezone="Asia/Shanghai")
#: Two counties at a time: one waits for the store while the other folds. (Prefect types runners as invariant.)
RUNNER: Final = cast("TaskRunner[PrefectFuture[Any]]", ThreadPoolTaskRunner(max_workers=2))
#: A CouchDB node that restarts is back within minutes.
RETRY_DELAYS_S: Final[list[float]] = [60, 600]


def next_run(now: datetime) -> datetime:
    """When the schedule runs next after an aware instant, in Heze's time."""
    here = now.astimezone(calendar.LOCAL)
    start = here.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    return start if start > here else start + timedelta(days=1)


class NightFailedError(Exception):
    """Some counties failed; the message names them."""


@task(task_run_name="county {county}", retries=len(RETRY_DELAYS_S), retry_delay_seconds=RETRY_DELAYS_S)
def county_night(county: str, today: date, asked: Period | None = None) -> CountyRun:
    """One county's night. Raises what ``run_night`` raises, once the retries are used up."""
    settings = read_settings(os.environ)
    couch = Couch(_couchdb_url())
    try:
        setup = read_setup(couch, settings.city)
        run = run_night(couch, setup, settings.mirror_dir, county, today, asked)
    finally:
        couch.close()
    if run.mended:
        get_run_logger().warning("%s: mirrored anew: %s", county, run.mended)
    get_run_logger().info("%s: %s events, %s lights written", county, run.events, run.lights_written)
    return run


@flow(name="nightly", task_runner=RUNNER)
def nightly(today: date | None = None, period: str | None = None) -> list[CountyRun]:
    """All counties of the city for a day (today in Heze); ``period``: one to evaluate besides those that have just
    closed, such as 2026H1. Raises ``PeriodError``, and ``NightFailedError`` when all had their turn."""
    asked = None if period is None else parse_period(period)
    day = today or datetime.now(calendar.LOCAL).date()
    couch = Couch(_couchdb_url())
    try:
        counties = read_setup(couch, read_settings(os.environ).city).register.counties
    finally:
        couch.close()
    futures = county_night.map(list(counties), today=unmapped(day), asked=unmapped(asked))
    wait(list(futures))
    runs = []
    for county, future in zip(counties, futures, strict=True):
        outcome = future.result(raise_on_failure=False)
        runs.append(outcome if isinstance(outcome, CountyRun) else CountyRun(county, fault=str(outcome)))
    create_table_artifact(key="nightly", table=[_row(run) for run in runs], description=f"夜间计算 Nightly run {day}")
    watch = early_warning(day, [run.county for run in runs if not run.fault])
    create_table_artifact(key="watch", table=[_watch_row(run) for run in watch], description=f"预警 Watch list {day}")
    if failed := sorted({run.county for run in runs if run.fault} | {run.county for run in watch if run.fault}):
        raise NightFailedError(f"以下县区未完成 / these counties failed: {', '.join(failed)}")
    return runs


@task(retries=len(RETRY_DELAYS_S), retry_delay_seconds=RETRY_DELAYS_S)
def learn(today: date) -> Fitted | None:
    """The model in use, learned anew once a month; None while there is too little history. Raises ``MirrorError``."""
    settings = read_settings(os.environ)
    couch = Couch(_couchdb_url())
    try:
        fitted = bring_model_up_to_date(read_setup(couch, settings.city), settings.mirror_dir, today)
    finally:
        couch.close()
    if fitted is not None and fitted.mended:
        get_run_logger().warning("learned anew: %s", fitted.mended)
    return fitted


@task(task_run_name="watch {county}", retries=len(RETRY_DELAYS_S), retry_delay_seconds=RETRY_DELAYS_S)
def county_watch(county: str, fitted: Fitted, today: date) -> WatchRun:
    """One county's list of villages that are likely to get worse. Raises what ``watch_county`` raises."""
    settings = read_settings(os.environ)
    couch = Couch(_couchdb_url())
    try:
        setup = read_setup(couch, settings.city)
        return watch_county(couch, setup, settings.mirror_dir, county, fitted, today)
    finally:
        couch.close()


def early_warning(day: date, counties: Sequence[str]) -> list[WatchRun]:
    """Part of ``nightly``, for the ``counties`` that are up to date: learn where it is due, then each of them; nothing
    while there is too little history."""
    if not counties:
        return []
    settings = read_settings(os.environ)
    learned = learn.submit(day).result(raise_on_failure=False)
    if learned is None:
        return []
    if not isinstance(learned, Fitted):
        return [WatchRun(county=settings.city, fault=str(learned))]
    futures = county_watch.map(list(counties), fitted=unmapped(learned), today=unmapped(day))
    wait(list(futures))
    runs = []
    for county, future in zip(counties, futures, strict=True):
        outcome = future.result(raise_on_failure=False)
        runs.append(outcome if isinstance(outcome, WatchRun) else WatchRun(county=county, fault=str(outcome)))
    save_night(settings.mirror_dir, day, learned.card, runs)
    return runs


def _watch_row(run: WatchRun) -> dict[str, str | int | float]:
    was = run.outcome
    return {
        "县区 county": run.county,
        "关注 watched": run.watched,
        "新增 new": run.new,
        "移出 dropped": run.dropped,
        "无法判断 unknown": run.unknown,
        "漂移 drift (PSI)": round(run.drift, 3),
        "半年前关注的，其后变差 watched half a year ago, got worse": ""
        if was is None
        else f"{was.worse}/{was.watched}",
        "错误 fault": run.fault,
    }


def _row(run: CountyRun) -> dict[str, str | int]:
    return {
        "县区 county": run.county,
        "事件 events": run.events,
        "更新的灯 lights written": run.lights_written,
        "线索 candidates written": run.candidates_written,
        "走势 weeks written": run.weeks_written,
        "考核 evaluations written": sum(done.written for done in run.evaluations),
        "无法读取 unreadable": run.unreadable,
        "重新镜像 mirrored anew": run.mended,
        "错误 fault": run.fault,
    }


def _couchdb_url() -> str:
    url = read_settings(os.environ).couchdb_url
    if url is None:
        raise SetupError(
            "D110_COUCHDB_URL 未设置 / D110_COUCHDB_URL is not set: start this flow through `d110 schedule`"
        )
    return url
