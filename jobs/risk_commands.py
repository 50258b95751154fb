"""The commands of the early warning: backtest, notebooks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
import msgspec

from jobs.console import (
    JobFaultError,
    OpenStore,
    connected,
    console,
    faults_as_lines,
    settings_of_environment,
    today_in_heze,
)
from jobs.register_store import read_setup

if TYPE_CHECKING:
    from jobs.backtest import Report

#: The notebooks lie beside the packages.
NOTEBOOKS: Final = Path(__file__).parents[1] / "notebooks"
_METRICS = {
    "average_precision": "平均精确率 AP",
    "precision_at_capacity": "名单精确率 precision",
    "recall_at_capacity": "名单召回率 recall",
    "brier_skill": "Brier 技巧 skill",
    "calibration_error": "校准误差 calibration",
    "lead_time": "提前月数 lead",
}
_LABELS = {"gets_worse": "变差 gets worse", "comes_back": "反弹 comes back"}


@click.command()
@click.option("--origins", type=click.IntRange(2, 60), default=6, show_default=True, help="从最近几个月回测 / months")
@click.option("--simulate", "months", type=click.IntRange(19, 120), help="不读镜像，模拟这么多个月 / a city of its own")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def backtest(open_store: OpenStore, origins: int, months: int | None, as_json: bool) -> None:
    """预警回测 / what the early warning would have said in earlier months, beside every rule; some minutes."""
    from jobs.backtest import TooLittleHistoryError, read_rows, run_backtest, save_report
    from jobs.benchmarks.simulated import SIMULATED_UNTIL, simulated_rows, simulated_setup
    from models.risk.metrics import MetricError

    def tell(text: str) -> None:
        console.print(text, highlight=False)

    try:
        if months is not None:
            tell(f"模拟 {months} 个月 / simulating {months} months")
            setup = simulated_setup(months)
            report = run_backtest(simulated_rows(setup, months), setup, SIMULATED_UNTIL, origins, tell)
        else:
            settings = settings_of_environment()
            with connected(settings, open_store) as couch:
                setup = read_setup(couch, settings.city)
                rows = read_rows(setup, settings.mirror_dir)
            report = run_backtest(rows, setup, today_in_heze(), origins, tell)
            save_report(settings.mirror_dir, report)
    except (TooLittleHistoryError, MetricError) as error:
        raise JobFaultError(str(error)) from error
    click.echo(msgspec.json.encode(report).decode() if as_json else _words(report))


@click.command()
@click.argument("name", required=False)
@click.option("--edit", "is_edit", is_flag=True, help="可改代码 / with the code, to change it")
@click.option("--export", "folder", type=click.Path(file_okay=False, path_type=Path), help="写成 .ipynb / write .ipynb")
@click.option("--port", type=click.IntRange(0, 65535), help="默认由 marimo 选 / marimo's choice by default")
@click.option("--headless", is_flag=True, help="不打开浏览器 / opens no browser")
def notebooks(name: str | None, is_edit: bool, folder: Path | None, port: int | None, headless: bool) -> None:
    """分析笔记本（只在本机打开） / the notebooks, or the one of a NAME, on this machine only."""
    files = {file.stem: file for file in sorted(NOTEBOOKS.glob("*.py"))}
    if name is not None and name not in files:
        raise JobFaultError(f"没有笔记本 {name}，有 / no notebook {name}, there are: {', '.join(files) or '—'}")
    chosen = list(files.values()) if name is None else [files[name]]
    if folder is not None:
        _export(chosen, folder)
        return
    arguments = ["edit" if is_edit else "run", str(NOTEBOOKS if name is None else files[name])]
    arguments += ["--host", "127.0.0.1", "--token", *(["--port", str(port)] if port is not None else [])]
    command = _marimo([*arguments, *(["--headless"] if headless else [])])
    os.execve(sys.executable, command, _environment())  # noqa: S606 - nothing is left to do here


def _export(chosen: list[Path], folder: Path) -> None:
    with faults_as_lines():
        folder.mkdir(parents=True, exist_ok=True)
    made = {folder / f"{file.stem}.ipynb": file for file in chosen}
    commands = {to: _marimo(["export", "ipynb", str(file), "-o", str(to), "-f"]) for to, file in made.items()}
    runs = {to: subprocess.Popen(command, env=_environment()) for to, command in commands.items()}
    failed = [str(to) for to, run in runs.items() if run.wait()]
    if failed:
        raise JobFaultError(f"未能写出 / could not be written: {', '.join(failed)}")
    for to in made:
        click.echo(str(to))


def _marimo(arguments: list[str]) -> list[str]:
    """marimo's own command."""
    return [sys.executable, "-m", "marimo", *arguments]


def _environment() -> dict[str, str]:
    """It asks no registry whether there is a newer marimo."""
    return os.environ | {"MARIMO_SKIP_UPDATE_CHECK": "1"}


def _words(report: Report) -> str:
    from jobs.backtest import figure, share

    lines = [
        f"{report.villages} 个村 villages × {report.months} 个月 months，名单 list {report.capacity}"
        + ("（模拟数据 simulated）" if report.is_simulated else "")
    ]
    for name, of in report.labels.items():
        lines += ["", f"— {_LABELS[name]} —", _table(of["figures"])]
        gain = of["gain"]
        better = "优于规则 beats the rules" if of["beats_the_rules"] else "不优于规则 no better than the rules"
        kept = ", ".join(share(one) for one in of["stability"].values())
        used = [f"{one['metric']} {figure(one)}" for one in of["in_use"] if one["origin"] == "all"]
        lines += [
            f"与最好的规则 beside the best rule ({of['best_rule']}): {gain['value']:+.3f} "
            f"[{gain['low']:+.3f}, {gain['high']:+.3f}]，{better}",
            f"采用 in use: {', '.join(f'{month} {champion}' for month, champion in of['champions'].items())}",
            f"名单逐月保留 list kept from month to month: {kept}；并列 ties: {sum(of['ties'].values())}",
            f"去掉 5% 新读数后保留 kept without 5 % of the newest readings: {share(of['steady'])}",
            f"实际使用的名单 the list in use: {', '.join(used)}",
        ]
        for kind, group, rows in dict.fromkeys((one["kind"], one["group"], one["rows"]) for one in of["groups"]):
            here = [one for one in of["groups"] if (one["kind"], one["group"]) == (kind, group)]
            lines += [f"  {kind} {group}: {rows}，" + "，".join(f"{one['metric']} {figure(one)}" for one in here)]
    return "\n".join(lines)


def _table(figures: list[dict[str, Any]]) -> str:
    of_all = [one for one in figures if one["origin"] == "all"]
    metrics = [name for name in _METRICS if any(one["metric"] == name for one in of_all)]
    names = list(dict.fromkeys(one["name"] for one in of_all))
    value = {(one["name"], one["metric"]): one for one in of_all}
    lines = ["  ".join(["".ljust(16), *(_METRICS[metric].ljust(20) for metric in metrics)])]
    for name in names:
        cells = [value[name, metric] for metric in metrics]
        shown = [f"{one['value']:.3f} [{one['low']:.3f}, {one['high']:.3f}]".ljust(22) for one in cells]
        lines.append("  ".join([name.ljust(16), *shown]))
    return "\n".join(lines)
