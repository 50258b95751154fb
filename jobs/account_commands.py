"""The commands that give account of a period: statistics, evaluate."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING

import click
import msgspec

from jobs.console import DAY, OpenStore, connected, console, settings_of_environment, today_in_heze
from jobs.register_store import read_setup
from models import calendar
from models.evaluation.words import reason_words
from models.periods import PeriodError, parse_period
from models.statistics import figure_words
from models.terms import GRADES, MARKS, MEASURES

if TYPE_CHECKING:
    from jobs.evaluation import EvaluationRun
    from jobs.statistics import Account
    from models.documents import Evaluation, Grade, Reason, Summary
    from models.setup import Setup


@click.command()
@click.option("--division", help="区划代码，默认全市 / a division's code; the whole city by default")
@click.option("--from", "first", type=DAY, required=True, help="首日 / first day")
@click.option("--to", "last", type=DAY, required=True, help="末日（含） / last day, in it")
@click.option("--ids", "figure", help="一个数字背后的事件编号 / the ids of the events behind one figure")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def statistics(
    open_store: OpenStore,
    division: str | None,
    first: datetime,
    last: datetime,
    figure: str | None,
    as_json: bool,
) -> None:
    """统计 / the figures of a division and a period, from the mirror of the last nightly run."""
    from jobs.statistics import read_statistics

    settings = settings_of_environment()
    code = division or settings.city
    # nothing is known of days to come: an open matter may yet be settled in time
    days = first.date(), min(last.date(), today_in_heze())
    if first > last or days[0] > days[1]:
        raise click.UsageError(
            f"首日晚于末日或今天 / the first day lies after the last one or today: {first:%Y-%m-%d} – {last:%Y-%m-%d}"
        )
    with connected(settings, open_store) as couch:
        setup = read_setup(couch, settings.city)
        require_division(setup, code)
        account = read_statistics(setup, settings.mirror_dir, code, *days)
    if figure is not None:
        if figure not in account.counts:
            raise click.UsageError(f"没有这个数字 / there is no figure {figure!r}")
        click.echo("\n".join(account.counts[figure].ids))
    elif as_json:
        click.echo(_json(account, setup, code, days))
    else:
        click.echo(_table(account, setup, code, days))


def require_division(setup: Setup, code: str) -> None:
    """Raises ``click.UsageError`` unless the register has the division."""
    if code not in setup.register.divisions:
        raise click.UsageError(f"区划登记中没有 {code} / there is no division {code!r} in the register")


def _json(account: Account, setup: Setup, code: str, days: tuple[date, date]) -> str:
    head = {
        "division": code,
        "from": days[0],
        "to": days[1],
        "watched_since": calendar.day_of(setup.rulebook.watched_since),
        "mirrored_at": account.mirrored_at,
        "policy": setup.rulebook.policy.version,
        "simulated": setup.rulebook.is_simulated,
    }
    figures = {name: count.number for name, count in account.counts.items()}
    return msgspec.json.format(msgspec.json.encode({**head, "figures": figures})).decode()


def _table(account: Account, setup: Setup, code: str, days: tuple[date, date]) -> str:
    name = setup.register.divisions[code].name
    simulated = "（模拟数据 / simulated）" if setup.rulebook.is_simulated else ""
    lines = [
        f"{name} {code}  {days[0]} – {days[1]}{simulated}",
        f"镜像截至 / mirror of {account.mirrored_at:%Y-%m-%d %H:%M}",
    ]
    if days[0] < (watched := calendar.day_of(setup.rulebook.watched_since)):
        lines.append(f"{watched} 起才有记录 / nobody watched before {watched}")
    for figure, count in account.counts.items():
        number = "考核不全 / not all evaluated" if count.number is None else f"{count.number:g}"
        zh, en = figure_words(figure, setup.rulebook.catalogue)
        lines.append(f"{number:>10}  {zh} / {en}")
    return "\n".join(lines)


@click.command()
@click.option("--period", "name", required=True, help="2026H1, 2026H2, 2026Y")
@click.option("--division", help="区划代码，默认全市 / a division's code; the whole city by default")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def evaluate(open_store: OpenStore, name: str, division: str | None, as_json: bool) -> None:
    """考核 / evaluate a half-year or a year: the nightly run first, then what it says of that period."""
    from jobs.evaluation import decided_grades, read_standing
    from jobs.nightly import run_night
    from jobs.statistics import counties_of

    settings, today = settings_of_environment(), today_in_heze()
    code = division or settings.city
    try:
        period = parse_period(name)
    except PeriodError as error:
        raise click.UsageError(str(error)) from error
    decided: dict[str, Grade] = {}
    with connected(settings, open_store) as couch:
        setup = read_setup(couch, settings.city)
        require_division(setup, code)
        for county in counties_of(setup, code):
            night = run_night(couch, setup, settings.mirror_dir, county, today, period)
            [run] = [run for run in night.evaluations if run.period == period.name]
            console.print(_run_words(run), highlight=False, soft_wrap=True)
            decided |= decided_grades(settings.mirror_dir, county, period)
        summaries, evaluations = read_standing(couch, setup, settings.mirror_dir, code, period)
    if as_json:
        grades = {village: grade for village, grade in decided.items() if village.startswith(code)}
        said = {"summaries": summaries, "evaluations": evaluations, "decided": grades}
        click.echo(msgspec.json.format(msgspec.json.encode({"division": code, "period": name, **said})).decode())
        return
    for summary in summaries:
        click.echo(_summary_words(summary, setup))
    for evaluation in evaluations:
        click.echo(_village_words(evaluation, decided, setup))


def _run_words(run: EvaluationRun) -> str:
    done = f"{run.county}  {run.villages} villages, {run.written} documents written"
    if not run.contested:
        return done
    return f"{done}; {run.contested} 项决定所依据的得分已变 / decisions on a score that has changed: decide again"


def _summary_words(summary: Summary, setup: Setup) -> str:
    """One line for the numbers, and one for what is proposed."""
    grades = "  ".join(f"{GRADES[grade]}/{grade} {count}" for grade, count in summary.grades.items())
    line = f"{_name(summary.id, setup)}  {summary.mean:6.2f}  {grades}"
    if not summary.measures:
        return line
    measures = "、".join(MEASURES[measure] for measure in summary.measures)
    english = ", ".join(measure.replace("_", " ") for measure in summary.measures)
    return f"{line}\n    拟 / proposed: {measures} / {english}{_because(summary.reasons, setup)}"


def _village_words(evaluation: Evaluation, decided: Mapping[str, Grade], setup: Setup) -> str:
    """One line, and one for each reason; a decided grade is said in the place of the proposed one."""
    marks = "".join(f"  {MARKS.get(mark, mark)}/{mark}" for mark in evaluation.marks)
    final = decided.get(evaluation.id.partition(":")[0])
    grade, how = (final, "已定 / decided") if final else (evaluation.grade, "拟 / proposed")
    line = f"{_name(evaluation.id, setup)}  {evaluation.score:6.2f}  {how}: {GRADES[grade]}/{grade}{marks}"
    return line + _because(evaluation.reasons, setup)


def _because(reasons: list[Reason], setup: Setup) -> str:
    words = (reason_words(reason, setup.rulebook.policy.evaluation) for reason in reasons)
    return "".join(f"\n    {zh} / {en}" for zh, en in words)


def _name(document_id: str, setup: Setup) -> str:
    code = document_id.partition(":")[0]
    return f"{code} {setup.register.divisions[code].name}"
