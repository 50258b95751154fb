"""The commands of the batch side that fill the store and run the nights."""

from __future__ import annotations

import os
from contextlib import nullcontext
from datetime import date, datetime
from pathlib import Path

import click
import msgspec

from jobs.account_commands import evaluate, statistics
from jobs.backup_commands import backup, restore
from jobs.benchmarks.commands import bench
from jobs.console import (
    DAY,
    JobFaultError,
    OpenStore,
    connected,
    console,
    faults_as_lines,
    progress,
    settings_of_environment,
    today_in_heze,
)
from jobs.couch import Couch
from jobs.prefect_server import serve
from jobs.register_store import import_register, read_dataset, read_setup
from jobs.risk_commands import backtest, notebooks
from models.divisions import parse_register
from models.documents import Dataset
from models.ids import database_of

#: What is told without a county is of the model that all have.
_MODEL = "预警模型 model"


def add_commands(group: click.Group, open_store: OpenStore) -> None:
    """Put the commands of the jobs into a command group."""
    for command in _COMMANDS:
        command.context_settings = {**command.context_settings, "obj": open_store}
        group.add_command(command)


@click.group()
def divisions() -> None:
    """区划 / the division register."""


@divisions.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--watched-since", type=DAY, help="从哪天起“未报”算静默 / the day from which silence counts")
@click.option("--remove", is_flag=True, help="删除文件中没有的区划 / drop the divisions that the file lacks")
@click.pass_obj
def import_divisions(open_store: OpenStore, file: Path, watched_since: datetime | None, remove: bool) -> None:
    """导入区划文件（code,level,name,parent） / import a register file; the same file again changes nothing."""
    settings = settings_of_environment()
    since = watched_since.date() if watched_since else None
    with faults_as_lines():
        register = parse_register(file.read_bytes(), file.name)
    with connected(settings, open_store) as couch:
        done = import_register(couch, settings.city, register, today_in_heze(), since, may_remove=remove)
    what = f"{len(register.counties)} counties, {len(register.townships)} townships, {len(register.villages)} villages"
    click.echo(f"{'imported' if done.is_changed or done.created else 'unchanged'}: {what}")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="整份指标体系 / the whole edition as JSON")
def catalogue(as_json: bool) -> None:
    """指标体系 / the indicator catalogue."""
    from models.catalogue import default_catalogue

    edition = default_catalogue()
    if as_json:
        click.echo(edition.to_json().decode())
        return
    for indicator in edition.indicators:
        click.echo(f"{indicator.code}  {indicator.name_zh}  {indicator.name_en}")


@click.command()
@click.option("--seed", type=click.IntRange(0), default=110, show_default=True)
@click.option("--until", type=DAY, help="截至哪天之前，默认今天 / events before this day; today by default")
@click.option("--months", type=click.IntRange(1, 120), default=18, show_default=True)
@click.pass_obj
def simulate(open_store: OpenStore, seed: int, until: datetime | None, months: int) -> None:
    """写入模拟数据（均标明“模拟”） / fill the store with simulated events, each said to be simulated."""
    from jobs.simulation import write_simulation
    from models.simulation import default_parameters

    settings = settings_of_environment()
    parameters = msgspec.structs.replace(default_parameters(), months=months)
    with connected(settings, open_store) as couch, progress() as bar:
        setup = read_setup(couch, settings.city)
        end = until.date() if until else end_of_known_dataset(couch, settings.city) or today_in_heze()
        dataset = Dataset(id=f"{settings.city}:dataset", simulated=True, seed=seed, until=end, months=months)
        task = bar.add_task("模拟 / simulating", total=None)
        written = write_simulation(
            couch,
            settings.city,
            setup,
            dataset,
            parameters,
            lambda county, count: bar.update(task, advance=count, description=f"模拟 / simulating {county}"),
        )
    click.echo(f"simulated: {written} documents" if written else "unchanged")


def end_of_known_dataset(couch: Couch, city: str) -> date | None:
    known = read_dataset(couch.database(database_of(city)), city)
    return known.until if known else None


@click.command()
@click.option("--today", type=DAY, help="按哪天计算，默认今天 / the day to compute for; today by default")
@click.option("--rewrite-board", is_flag=True, help="允许图版显示另一天的灯 / let the board show another day's lights")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def nightly(open_store: OpenStore, today: datetime | None, rewrite_board: bool, as_json: bool) -> None:
    """夜间计算：镜像 → 灯 / the nightly run: mirror, then lights."""
    from jobs.nightly import CountyRun, run_nightly
    from jobs.risk import WatchRun, watch_city

    settings = settings_of_environment()
    day = today.date() if today else today_in_heze()
    if day != today_in_heze() and not rewrite_board:
        raise click.UsageError(
            f"{day} 不是今天：图版上的灯会变成那一天的，直到下次计算。若确要如此，请加 --rewrite-board / "
            f"{day} is not today: the board would show that day's lights until the next run. If that is meant, say "
            "--rewrite-board"
        )

    def tell(run: CountyRun) -> None:
        done = f"{run.events} events, {run.lights_written} lights written"
        for evaluated in run.evaluations:
            done += f", {evaluated.written} of evaluation {evaluated.period}"
        console.print(f"{run.county}  {run.fault or done}", highlight=False, soft_wrap=True)
        if run.mended:
            console.print(f"{run.county}  已重新镜像 / mirrored anew: {run.mended}", highlight=False, soft_wrap=True)
        if run.unreadable:
            console.print(
                f"{run.county}  {run.unreadable} 份无法读取 / documents unreadable", highlight=False, soft_wrap=True
            )

    def tell_watch(run: WatchRun) -> None:
        done = f"关注 {run.watched} 新增 {run.new} 移出 {run.dropped} 无法判断 {run.unknown}"
        done += f" / {run.watched} watched, {run.new} new, {run.dropped} dropped, {run.unknown} unknown"
        if run.mended:
            done = f"已重新学习 / learned anew: {run.mended}"
        console.print(f"{run.county or _MODEL}  {run.fault or done}", highlight=False, soft_wrap=True)

    with connected(settings, open_store) as couch:
        setup = read_setup(couch, settings.city)
        runs = run_nightly(couch, setup, settings.mirror_dir, day, tell)
        watch = watch_city(couch, setup, settings.mirror_dir, day, tell_watch)
    if as_json:
        click.echo(msgspec.json.encode({"counties": runs, "watch": watch}).decode())
    failed = {run.county for run in runs if run.fault} | {run.county or _MODEL for run in watch if run.fault}
    if failed:
        raise JobFaultError(f"以下县区未完成 / these counties failed: {', '.join(sorted(failed))}")


@click.command()
@click.pass_obj
def schedule(open_store: OpenStore) -> None:
    """每天 02:00（Asia/Shanghai）夜间计算 / serve the nightly run at 02:00, until stopped."""
    settings = settings_of_environment()
    with faults_as_lines():
        store = nullcontext(settings.couchdb_url) if settings.couchdb_url else open_store(settings.store_dir)
        with store as url:
            serve(url, settings, os.environ, tell_next)


_COMMANDS = (
    *(divisions, catalogue, simulate, nightly, evaluate, statistics, backtest, notebooks),
    *(schedule, backup, restore, bench),
)


def tell_next(start: datetime) -> None:
    click.echo(f"下次夜间计算 / next nightly run: {start:%Y-%m-%d %H:%M} (Asia/Shanghai)")
