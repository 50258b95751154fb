"""The ``d110`` command: joins the command groups of the gateway and of the jobs, and shows both in ``demo``."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from jobs.benchmarks.chromium import FLAGS, NoChromiumError, find_chromium
from jobs.benchmarks.commands import bench
from jobs.commands import add_commands as add_job_commands
from models.figures import figures_text
from sync_api.benchmarks import PARTS
from sync_api.commands import add_commands as add_gateway_commands


@contextmanager
def open_store(folder: Path) -> Iterator[str]:
    """The embedded store of a folder, for as long as it is used; its address."""
    from sync_api.embedded.launcher import EmbeddedStore, StoreError

    try:
        with EmbeddedStore(folder) as store:
            yield store.url
    except StoreError as error:
        raise click.ClickException(str(error)) from error


@contextmanager
def _open_any_store(folder: Path) -> Iterator[str]:
    """The CouchDB that the settings name, else the embedded store of a folder."""
    if url := os.environ.get("D110_COUCHDB_URL"):
        yield url.rstrip("/")
        return
    with open_store(folder) as embedded:
        yield embedded


@click.group()
@click.version_option("0.1.0")
def main() -> None:
    """动态管理110 / Dynamic Management 110."""


@main.command()
@click.option("--once", is_flag=True, help="自检后退出 / check itself, then stop")
@click.option("--data-dir", type=click.Path(path_type=Path), default=Path("var/demo"), show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=8110, show_default=True, help="0: any free port")
def demo(once: bool, data_dir: Path, port: int) -> None:
    """整套系统，装有全市模拟数据 / the whole system with a simulated city; what is there is not done again."""
    from d110_demo import run_demo

    run_demo(data_dir, port, open_store, once=once)


@bench.command("board")
@click.option("--json", "as_json", is_flag=True)
@click.option("--data-dir", type=click.Path(path_type=Path), default=Path("var/demo"), show_default=True)
@click.option("--chromium", envvar="D110_CHROMIUM", help="path of a Chromium that is not on the PATH")
def bench_board(as_json: bool, data_dir: Path, chromium: str | None) -> None:
    """全市图版 / the board of the whole city in a real Chromium, on the demo's data."""
    from d110_bench import measure_board

    try:
        found = find_chromium(chromium)
    except NoChromiumError as error:
        raise click.ClickException(str(error)) from error
    click.echo(figures_text(measure_board(data_dir, open_store, found), as_json))


@bench.command("web")
@click.option("--json", "as_json", is_flag=True)
@click.option("--data-dir", type=click.Path(path_type=Path), default=Path("var/demo"), show_default=True)
@click.option("--chromium", envvar="D110_CHROMIUM", help="path of a Chromium that is not on the PATH")
@click.option(
    "--wall-minutes",
    type=click.IntRange(1, 100_000),
    default=2,
    show_default=True,
    help="屏幕连续运行多久 / how long a wall screen is left standing",
)
def bench_web(as_json: bool, data_dir: Path, chromium: str | None, wall_minutes: int) -> None:
    """网页 / what the pages weigh, how soon a tablet starts without a network, how the board draws."""
    from d110_bench_web import measure_web

    try:
        found = find_chromium(chromium)
    except NoChromiumError as error:
        raise click.ClickException(str(error)) from error
    with TemporaryDirectory(prefix="d110-bench-") as folder:
        figures = measure_web(
            data_dir, Path(folder), open_store, found, lambda text: click.echo(text, err=True), wall_minutes
        )
    click.echo(figures_text(figures, as_json))


@bench.command("sync")
@click.option("--json", "as_json", is_flag=True)
@click.option("--chromium", envvar="D110_CHROMIUM", help="path of a Chromium that is not on the PATH")
@click.option("--only", type=click.Choice(PARTS), help="one part")
def bench_sync(as_json: bool, chromium: str | None, only: str | None) -> None:
    """同步 / first sync, catch-up and pushes beside a stock PouchDB and the bare store, and ten thousand live tablets.

    Takes a quarter of an hour. On an empty CouchDB instead of the embedded store where D110_COUCHDB_URL names one.
    """
    from sync_api.benchmarks.sync import measure_sync

    try:
        found = find_chromium(chromium)
    except NoChromiumError as error:
        raise click.ClickException(str(error)) from error
    with TemporaryDirectory(prefix="d110-bench-") as folder:
        figures = measure_sync(
            _open_any_store,
            Path(folder),
            found,
            FLAGS,
            lambda text: click.echo(text, err=True),
            [only] if only else PARTS,
        )
    click.echo(figures_text(figures, as_json))


@bench.command("faults")
@click.option("--rounds", type=click.IntRange(1), default=200, show_default=True)
@click.option("--seed", type=int, default=110, show_default=True, help="whom it hits, and when")
@click.option("--json", "as_json", is_flag=True)
def bench_faults(rounds: int, seed: int, as_json: bool) -> None:
    """故障 / gateway, store and client killed at random moments, and what was promised counted afterwards.

    On an empty CouchDB, which is not killed, instead of the embedded store where D110_COUCHDB_URL names one.
    """
    from sync_api.benchmarks.faults import measure_faults

    def say(text: str) -> None:
        click.echo(text, err=True)

    with TemporaryDirectory(prefix="d110-bench-") as folder:
        figures = measure_faults(Path(folder), os.environ.get("D110_COUCHDB_URL"), rounds, seed, say)
    click.echo(figures_text(figures, as_json))
    if not all(figure.met in (None, True) for figure in figures):
        raise click.ClickException("有承诺未兑现 / a promise was not kept")


add_gateway_commands(main)
add_job_commands(main, open_store)

if __name__ == "__main__":
    main()
