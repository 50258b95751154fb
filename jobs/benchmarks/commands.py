"""`d110 bench NAME [--json]`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from models.figures import figures_text


@click.group()
def bench() -> None:
    """测量，与同一次运行中的参照比较 / measurements, each beside its reference of the same run."""


@bench.command("nightly")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def bench_nightly(open_store: Callable[[Path], AbstractContextManager[str]], as_json: bool) -> None:
    """夜间计算 / the nightly run, on a store of its own that is thrown away."""
    from jobs.benchmarks.nightly import measure_nightly
    from jobs.couch import Couch

    with TemporaryDirectory(prefix="d110-bench-") as folder, open_store(Path(folder, "store")) as url:
        couch = Couch(url)
        try:
            figures = measure_nightly(couch, Path(folder, "mirror"), lambda text: click.echo(text, err=True))
        finally:
            couch.close()
    click.echo(figures_text(figures, as_json))


@bench.command("lights")
@click.option("--json", "as_json", is_flag=True)
def bench_lights(as_json: bool) -> None:
    """灯的计算 / the light function: one instant, and a half-year day by day."""
    from jobs.benchmarks.lights import measure_lights

    click.echo(figures_text(measure_lights(lambda text: click.echo(text, err=True)), as_json))


@bench.command("casework")
@click.option("--json", "as_json", is_flag=True)
def bench_casework(as_json: bool) -> None:
    """事项、考核与统计 / folding cases, evaluating a half-year, statistics: three years of the whole city."""
    from jobs.benchmarks.casework import measure_casework

    click.echo(figures_text(measure_casework(lambda text: click.echo(text, err=True)), as_json))


@bench.command("risk")
@click.option("--json", "as_json", is_flag=True)
def bench_risk(as_json: bool) -> None:
    """预警 / the early warning: features, learning, nightly scoring, many villages; some minutes."""
    from jobs.benchmarks.risk import measure_risk

    click.echo(figures_text(measure_risk(lambda text: click.echo(text, err=True)), as_json))
