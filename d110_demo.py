"""``d110 demo``: a store, the 5,040 villages of Heze, 18 simulated months, a night's run, and the gateway on top."""

from __future__ import annotations

import asyncio
import json
import secrets
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any, Final

import click
import httpx
import pyarrow.compute as pc
import pyarrow.parquet as pq
import uvicorn
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from ulid import ULID

from jobs.console import faults_as_lines, today_in_heze
from jobs.couch import Couch as BatchCouch
from jobs.nightly import CountyRun, run_nightly
from jobs.register_store import import_register, read_dataset, read_register, read_setup
from jobs.risk import watch_city
from jobs.simulation import write_simulation
from models.divisions import parse_register
from models.documents import Dataset
from models.ids import database_of, event_id
from models.lights import LETTERS
from models.setup import Setup
from models.simulation import (
    administrator_alias,
    centre_alias,
    default_parameters,
    informant_alias,
    simulation_start,
    station_alias,
)
from sync_api.access.accounts import Account, AssignedCase
from sync_api.access.staff import Staff
from sync_api.couch import Couch
from sync_api.serving import PortError, address_of, listen, pages_text, server_config
from sync_api.settings import Settings

CITY: Final = "3717"
SEED: Final = 110
#: The village of history B; the demo's informant, administrator, station and county stand there.
VILLAGE: Final = "371724109217"
DEPARTMENT: Final = "农业"
DEPARTMENT_CASES: Final = 30
HEALTHY_S_MAX: Final = 60.0

#: Progress; the addresses at the end go to standard output.
console = Console(stderr=True)
OpenStore = Callable[[Path], AbstractContextManager[str]]


def run_demo(folder: Path, port: int, open_store: OpenStore, *, once: bool) -> None:
    """Set up what is not there yet, serve, print where and who; ``once``: check itself and stop.

    Raises ``click.ClickException`` when a step or the check fails.
    """
    with faults_as_lines():
        folder.mkdir(parents=True, exist_ok=True)
        settings = Settings(
            token_secret=kept_secret(folder, "token_secret"),
            seal_secret=kept_secret(folder, "seal_secret"),
            city=CITY,
            data_dir=folder,
            port=port,
        )
    with listening(settings) as listener, open_store(folder / "store") as url:
        _say("存储已启动", "store is up")
        fill(url, folder)
        logins = asyncio.run(ensure_accounts(url, folder))
        with serving(settings, listener, url) as address:
            wait_until_healthy(address)
            if once:
                _check(address, logins)
                return
            _print_addresses(address, logins)
            _wait_for_interrupt()
    console.print("已停止 / stopped")


def _say(zh: str, en: str) -> None:
    console.print(f"· {zh} / {en}", highlight=False, soft_wrap=True)


def fill(url: str, folder: Path) -> None:
    """Register, simulated events and a night's run, each unless it is there. Raises ``click.ClickException``."""
    couch = BatchCouch(url)
    try:
        with faults_as_lines():
            _simulate(couch, _import(couch))
            _night(couch, read_setup(couch, CITY), folder)
    finally:
        couch.close()


def _import(couch: BatchCouch) -> Setup:
    file = resources.files("models.register").joinpath("heze_divisions.csv")
    register = parse_register(file.read_bytes(), "heze_divisions.csv")
    today = today_in_heze()
    # on a later day the day from which silence counts stays what it was
    known = read_register(couch.database(database_of(CITY)), CITY)
    since = None if known else simulation_start(default_parameters(), today)
    done = import_register(couch, CITY, register, today, since)
    count = len(register.villages)
    state = ("已导入", "imported") if done.is_changed else ("已有", "there already")
    _say(f"{state[0]} {count} 个村", f"{count} villages {state[1]}")
    return read_setup(couch, CITY)


def _simulate(couch: BatchCouch, setup: Setup) -> None:
    known = read_dataset(couch.database(database_of(CITY)), CITY)
    parameters = default_parameters()
    until = known.until if known else today_in_heze()
    dataset = Dataset(id=f"{CITY}:dataset", simulated=True, seed=SEED, until=until, months=parameters.months)
    n_counties, seen = len(setup.register.counties), set[str]()
    with _bar("模拟数据 / simulated events", n_counties) as advance:

        def tell(county: str, _: int) -> None:
            if county not in seen:
                seen.add(county)
                advance()

        written = write_simulation(couch, CITY, setup, dataset, parameters, tell)
    if written:
        _say(f"已写入 {written} 份模拟数据", f"{written} simulated documents written")
    else:
        _say("模拟数据已有", "simulated documents there already")


def _night(couch: BatchCouch, setup: Setup, folder: Path) -> None:
    with _bar("夜间计算 / nightly run", len(setup.register.counties)) as advance:

        def tell(_: CountyRun) -> None:
            advance()

        runs = run_nightly(couch, setup, folder / "mirror", today_in_heze(), tell)
    if failed := [f"{run.county}: {run.fault}" for run in runs if run.fault]:
        raise click.ClickException("\n".join(failed))
    written = sum(run.lights_written for run in runs)
    _say(f"夜间计算完成，更新 {written} 个村的灯", f"nightly run done, lights of {written} villages written")
    with _bar("预警研判 / early warning", len(setup.register.counties)) as advance:
        watch = watch_city(couch, setup, folder / "mirror", today_in_heze(), lambda _: advance())
    if failed := [f"{run.county}: {run.fault}" for run in watch if run.fault]:
        raise click.ClickException("\n".join(failed))
    listed = sum(run.watched for run in watch)
    _say(f"关注名单 {listed} 个村", f"{listed} villages on the watch list")


@contextmanager
def _bar(text: str, total: int) -> Iterator[Callable[[], None]]:
    columns = (TextColumn("  {task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as progress:
        task = progress.add_task(text, total=total)
        yield lambda: progress.advance(task)


def demo_accounts(cases: tuple[AssignedCase, ...]) -> list[Account]:
    """One account a role; ``cases`` are the department's."""
    township, county = VILLAGE[:9], VILLAGE[:6]
    return [
        Account(alias=informant_alias(VILLAGE, 1), role="informant", divisions=(VILLAGE,)),
        Account(alias=administrator_alias(VILLAGE), role="administrator", divisions=(VILLAGE,)),
        Account(alias=station_alias(township), role="station", divisions=(township,)),
        Account(alias=centre_alias(county), role="county", divisions=(county,)),
        Account(alias="nongye", role="department", divisions=(county,), cases=cases, department=DEPARTMENT),
        Account(alias="city", role="city", divisions=(CITY,)),
        Account(alias="analyst", role="analyst", divisions=(CITY,)),
        Account(alias="leader", role="leader", divisions=(CITY,)),
    ]


async def ensure_accounts(url: str, folder: Path) -> dict[str, tuple[str, str]]:
    """One account a role, with passwords made once and kept in the demo's own folder: alias and password by role."""
    file = folder / "logins.json"
    passwords: dict[str, str] = json.loads(file.read_text()) if file.is_file() else {}
    async with Couch(url) as couch:
        staff = Staff(couch)
        accounts = demo_accounts(_assigned_cases(folder))
        for account in accounts:
            if await staff.find(account.alias) is None:
                passwords[account.alias] = secrets.token_urlsafe(9)
                _write_private(file, json.dumps(passwords))
                await staff.add(account, passwords[account.alias])
    return {account.role: (account.alias, passwords[account.alias]) for account in accounts}


def _assigned_cases(folder: Path) -> tuple[AssignedCase, ...]:
    """The last cases of the demo's county that were assigned to its department, from the mirror."""
    events = pq.read_table(folder / "mirror" / "events" / f"county={VILLAGE[:6]}", columns=["step", "json"])
    assigned = [json.loads(text) for text in events.filter(pc.equal(events["step"], "assigned"))["json"].to_pylist()]
    own = sorted((e["observed_at"], e["_id"]) for e in assigned if DEPARTMENT in e.get("department", ""))
    parts = [identity.split(":") for _, identity in own[-DEPARTMENT_CASES:]]
    return tuple(AssignedCase(division, case) for division, _, case, _ in parts)


def kept_secret(folder: Path, name: str) -> str:
    """A secret of the demo's own, random, made once."""
    file = folder / name
    if not file.is_file():
        _write_private(file, secrets.token_hex(32))
    return file.read_text()


def _write_private(file: Path, text: str) -> None:
    file.touch(mode=0o600)
    file.write_text(text)


@contextmanager
def listening(settings: Settings) -> Iterator[socket.socket]:
    """The gateway's port, taken before the long work. Raises ``click.ClickException`` when another program has it."""
    try:
        listener = listen(settings, "`d110 demo --port 0`, `make demo PORT=8200`")
    except PortError as error:
        raise click.ClickException(str(error)) from error
    with closing(listener):
        yield listener


@contextmanager
def serving(settings: Settings, listener: socket.socket, store_url: str) -> Iterator[str]:
    """The gateway in a thread of its own; its address."""
    server = uvicorn.Server(server_config(settings, store_url))
    thread = threading.Thread(target=server.run, args=([listener],), name="gateway")
    thread.start()
    try:
        yield address_of(listener)
    finally:
        server.should_exit = True
        thread.join()


def wait_until_healthy(address: str) -> None:
    deadline = time.monotonic() + HEALTHY_S_MAX
    while True:
        try:
            answer = httpx.get(f"{address}/health", timeout=10)
        except httpx.TransportError as error:
            word = str(error)
        else:
            if answer.status_code == 200:
                return
            word = answer.text
        if time.monotonic() > deadline:
            raise click.ClickException(f"网关未就绪 / the gateway is not ready: {word}")
        time.sleep(0.1)


def _check(address: str, logins: dict[str, tuple[str, str]]) -> None:
    """Health, the city's summary, and one sync with its receipt."""
    with httpx.Client(base_url=address, timeout=20) as client:
        _expect(client.get("/health").json()["status"] == "ok", "健康检查 / health")
        board = client.get("/board/3717", headers=bearer(client, *logins["city"])).json()
        lamps = Counter(board["lights"])
        n_villages = len(board["lights"]) // 90
        _expect(n_villages == 5040 and board["simulated"], "全市汇总 / city summary")
        counts = ", ".join(f"{letter} {lamps[letter]}" for letter in LETTERS)
        _say(f"全市 {n_villages} 个村，灯：{counts}", f"{n_villages} villages, lamps as counted")
        _check_sync(client, logins)
    _say("自检通过", "all checks passed")


def _check_sync(client: httpx.Client, logins: dict[str, tuple[str, str]]) -> None:
    """A report goes up and its receipt comes down; the station then clears what the check has opened."""
    case = report(client, logins["informant"], "2.7.3", "minor")
    headers, database = bearer(client, *logins["informant"]), f"/db/{database_of(VILLAGE)}"
    changes: list[dict[str, Any]] = client.get(f"{database}/_changes", headers=headers).json()["results"]
    wanted = [{"id": change["id"]} for change in changes if ":receipt:" in change["id"]]
    found = client.post(f"{database}/_bulk_get", json={"docs": wanted}, headers=headers).json()["results"]
    listed = {i for result in found for doc in result["docs"] for i in doc["ok"]["ids"]}
    _expect(any(identity.endswith(case) for identity in listed), "回执 / receipt")
    clear(client, logins, case)


def report(client: httpx.Client, login: tuple[str, str], indicator: str, severity: str) -> str:
    """An informant's report on the demo's village, said to be simulated; the ULID of the case it opens."""
    case = str(ULID())
    document = {"_id": event_id(VILLAGE, "report", login[0], case), "type": "report", "indicator": indicator}
    _write(client, login, document | {"severity": severity, "text": "系统自检 / a check by the system itself"})
    return case


def clear(client: httpx.Client, logins: dict[str, tuple[str, str]], case: str) -> None:
    """The administrator of the demo's village settles a case, and the station clears it."""
    words = {"text": "系统自检：已好转", "is_better": True}
    done = {"found": "系统自检", "done": "自检完毕", "verified_by": logins["station"][0]}
    acted = {"done": "自检完毕"}
    for role, step, fields in (
        ("administrator", "submitted", acted),
        ("station", "reviewed", words),
        ("station", "cleared", done),
    ):
        document = {"_id": event_id(VILLAGE, "case", case, str(ULID())), "type": "case", "step": step}
        _write(client, logins[role], document | {"author": logins[role][0]} | fields)


def _write(client: httpx.Client, login: tuple[str, str], document: dict[str, Any]) -> None:
    headers, at = bearer(client, *login), datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    document |= {"observed_at": at, "saved_at": at, "simulated": True}
    path = f"/db/{database_of(VILLAGE)}/_bulk_docs"
    row = client.post(path, json={"docs": [document]}, headers=headers).json()[0]
    _expect(row.get("ok", False), f"上报 / push: {row}")


def bearer(client: httpx.Client, alias: str, password: str) -> dict[str, str]:
    answer = client.post("/auth/login", json={"alias": alias, "password": password, "device": "demo"})
    _expect(answer.status_code == 200, "登录 / log-in")
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def _expect(is_right: bool, what: str) -> None:
    if not is_right:
        raise click.ClickException(f"自检未通过 / self-check failed: {what}")


def _print_addresses(address: str, logins: dict[str, tuple[str, str]]) -> None:
    click.echo()
    click.echo(pages_text(address))
    click.echo("\n  账号 log-ins（均为模拟 / simulated）")
    for role, (alias, password) in logins.items():
        click.echo(f"  {role:14} {alias:16} {password}")
    click.echo("\n  Ctrl-C 停止 / to stop")


def _wait_for_interrupt() -> None:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    stop.wait()
    console.print()
