"""The commands that give account of a period: statistics."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

import click
import msgspec

from jobs.console import DAY, OpenStore, connected, settings_of_environment, today_in_heze
from jobs.register_store import read_setup
from models.statistics import figure_words

if TYPE_CHECKING:
    from jobs.statistics import Account
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
    for figure, count in account.counts.items():
        number = "未考核 / no evaluation" if count.number is None else f"{count.number:g}"
        zh, en = figure_words(figure, setup.rulebook.catalogue)
        lines.append(f"{number:>10}  {zh} / {en}")
    return "\n".join(lines)
