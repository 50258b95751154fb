"""``d110 bench faults``: store, gateways and client are killed with SIGKILL at random moments while the client pushes
and pulls, with requests that come twice, out of order and late; then everything is counted.

Two gateways serve one store. A round waits until something new was acknowledged since the last kill, then for a random
moment, and kills one of the four. A CouchDB that is given is not killed, for it is not ours.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Any, Final

import httpx
import msgspec

from models import calendar
from models.documents import LightsDocument, Receipt, Report, decode_document
from models.figures import Figure, limit
from models.ids import QUARANTINE_DATABASE, database_of
from models.village import lights_of_documents
from sync_api.access.accounts import Account
from sync_api.access.tokens import Tokens
from sync_api.benchmarks import faults_client
from sync_api.benchmarks.faults_client import ACKNOWLEDGED, OUTBOX, REFUSED, Plan, Written, read_held, read_lines
from sync_api.benchmarks.process import SERVE, serving_environment
from sync_api.benchmarks.station import CITY, TOWNSHIP, set_up
from sync_api.couch import Couch, IdRow
from sync_api.embedded.launcher import EmbeddedStore
from sync_api.installation import Installation
from sync_api.quarantine.records import Quarantined

VILLAGES: Final = 3
STATION, DEVICE = "station", "bench"
SEED: Final = 110
GATEWAYS: Final = 2
#: A kill falls so soon after something was acknowledged.
MOMENT_S_MAX: Final = 0.4
#: Limits of a failure only: until work goes on after a kill, and until the lights are right after the last.
PROGRESS_S_MAX: Final = 60.0
SETTLE_S_MAX: Final = 60.0
POLL_S: Final = 0.02

Say = Callable[[str], None]
#: What must be nought in the end.
FAULTS: Final = (
    "acknowledged_and_lost",
    "acknowledged_without_receipt",
    "stored_twice",
    "refused_and_stored",
    "refused_and_not_kept",
    "kept_twice",
    "wrong_lights",
    "cases_without_their_report",
    "held_and_not_in_scope",
    "in_scope_and_not_held",
)


@dataclass
class Stage:
    """The processes and what they know. ``kills`` counts them by kind."""

    store_url: str
    folder: Path
    store: EmbeddedStore | None
    ports: tuple[int, ...]
    villages: tuple[str, ...]
    chance: random.Random
    secret: str = field(default_factory=lambda: secrets.token_hex(32))
    kills: Counter[str] = field(default_factory=Counter)
    gateways: list[subprocess.Popen[bytes]] = field(default_factory=list)
    client: subprocess.Popen[bytes] | None = None

    @property
    def database(self) -> str:
        return database_of(TOWNSHIP)

    @property
    def accounts(self) -> list[Account]:
        writers = [Account(alias=f"i{village}", role="informant", divisions=(village,)) for village in self.villages]
        return [Account(alias=STATION, role="station", divisions=(TOWNSHIP,)), *writers]

    def begin(self) -> None:
        """Fill the store, start the gateways, and let the client work."""
        asyncio.run(self._set_up())
        tokens = Tokens(self.secret, timedelta(hours=6), timedelta())
        issued = {a.alias: tokens.issue(a.alias, DEVICE, "access", datetime.now(UTC)) for a in self.accounts}
        writers = {f"i{village}": village for village in self.villages}
        addresses = [f"http://127.0.0.1:{port}" for port in self.ports]
        plan = Plan(addresses, self.database, writers, [STATION, next(iter(writers))], issued)
        (self.folder / "plan.json").write_bytes(msgspec.json.encode(plan))
        self.gateways = [self._start_gateway(port) for port in self.ports]
        for address in addresses:
            _wait_until(partial(_answers, address), f"{address} does not answer")
        self.client = self._start_client("work")

    async def _set_up(self) -> None:
        text = resources.files("models.register").joinpath("heze_divisions.csv").read_text("utf-8")
        head, *rows = text.splitlines()
        kept = [row for row in rows if TOWNSHIP.startswith(code := row.partition(",")[0]) or code in self.villages]
        register = "\n".join([head, *kept, ""])
        async with Couch(self.store_url) as couch:
            await set_up(couch, register, datetime.now(UTC).date(), self.accounts)

    def _start_gateway(self, port: int) -> subprocess.Popen[bytes]:
        environment = serving_environment(self.store_url, self.folder, self.secret, port)
        return subprocess.Popen(SERVE, env=environment, stdout=subprocess.DEVNULL, stderr=self._log("gateways.log"))

    def _start_client(self, task: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", faults_client.__name__, str(self.folder), task]
        return subprocess.Popen(command, stderr=self._log("client.log"))

    def _log(self, name: str) -> int:
        return os.open(self.folder / name, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def round(self) -> None:
        """Wait until work goes on, then for a moment, and kill somebody."""
        acknowledged = self._size()
        _wait_until(lambda: self._size() > acknowledged, f"nothing is acknowledged any more; see {self.folder}")
        time.sleep(self.chance.uniform(0, MOMENT_S_MAX))
        victim = self.chance.choice(["client", "gateway", *(["store"] if self.store is not None else [])])
        self.kills[victim] += 1
        if victim == "client":
            _kill(self.client)
            self.client = self._start_client("work")
        elif victim == "gateway":
            number = self.chance.randrange(len(self.gateways))
            _kill(self.gateways[number])
            self.gateways[number] = self._start_gateway(self.ports[number])
        elif self.store is not None:
            pid = json.loads((self.store.folder / "store.json").read_bytes())["pid"]
            os.kill(pid, signal.SIGKILL)
            self.store.stop()  # and anew, for the launcher gives up a store that dies so often
            self.store.start()

    def _size(self) -> int:
        path = self.folder / ACKNOWLEDGED
        return path.stat().st_size if path.exists() else 0

    def settle(self) -> None:
        """Nothing is killed any more: the client pushes all it ever wrote once again, the lights come right, and the
        client pulls what it lacks."""
        _kill(self.client)
        self._finish("push")
        _wait_until(lambda: not asyncio.run(self.tally())["wrong_lights"], "", SETTLE_S_MAX)
        self._finish("pull")

    def _finish(self, task: str) -> None:
        if status := self._start_client(task).wait():
            raise RuntimeError(f"the client's {task} ended with status {status}; see {self.folder / 'client.log'}")

    async def tally(self) -> dict[str, int]:
        """``FAULTS`` and how many there are of each, from what the client wrote down and what the store holds."""
        async with Couch(self.store_url) as couch:
            rows = await couch.range_of(self.database, "0", ":", include_docs=True)
            feed = await couch.changes(self.database, "0", 10**6)
            kept = await couch.range_of(QUARANTINE_DATABASE, "0", ":", include_docs=True)
            right = await self._right_lights(couch, rows)
        written = {one.id: one for one in read_lines(self.folder / OUTBOX, Written)}
        promised, refused = set(read_lines(self.folder / ACKNOWLEDGED)), set(read_lines(self.folder / REFUSED))
        stored = {row.id: msgspec.json.decode(row.doc) for row in rows if row.id is not None and row.has_doc}
        documents = {identity: decode_document(msgspec.json.encode(content)) for identity, content in stored.items()}
        receipts = {i for d in documents.values() if isinstance(d, Receipt) for i in d.ids}
        quarantined = [msgspec.json.decode(row.doc, type=Quarantined).document_id for row in kept if row.has_doc]
        lights = {d.id: d for d in documents.values() if isinstance(d, LightsDocument)}
        cases = {f"{d.id[:12]} {one.case}" for d in lights.values() for one in d.cases}
        reports = {f"{i[:12]} {i[-26:]}" for i, d in documents.items() if isinstance(d, Report)}
        held = {alias: read_held(self.folder, alias).revisions for alias in (STATION, f"i{self.villages[0]}")}
        visible = {
            account.alias: {i: str(d["_rev"]) for i, d in stored.items() if account.scope(DEVICE).allows(i)}
            for account in self.accounts
        }
        return {
            "acknowledged_and_lost": sum(not _is_stored(written[i].document, stored.get(i)) for i in promised),
            "acknowledged_without_receipt": len(promised - receipts),
            "stored_twice": sum(len(msgspec.json.decode(row.changes)) > 1 for row in feed.results),
            "refused_and_stored": len(refused & stored.keys()),
            "refused_and_not_kept": len(refused - set(quarantined)),
            "kept_twice": len(quarantined) - len(set(quarantined)),
            "wrong_lights": sum(_said(lights.get(one.id)) != _said(one) for one in right),
            "cases_without_their_report": len(cases ^ reports),
            "held_and_not_in_scope": sum(len(_beside(held[alias], visible[alias])) for alias in held),
            "in_scope_and_not_held": sum(len(_beside(visible[alias], held[alias])) for alias in held),
        }

    async def _right_lights(self, couch: Couch, rows: Collection[IdRow]) -> list[LightsDocument]:
        rulebook = (await Installation(couch, CITY).setup()).rulebook
        events = [decode_document(row.doc) for row in rows if row.has_doc and ":report:" in (row.id or "")]
        return lights_of_documents(self.villages, events, rulebook, calendar.local_day(datetime.now(UTC)))

    def counts(self) -> dict[str, int]:
        """What was done to whom."""
        done = {f"kills_of_a_{kind}": count for kind, count in sorted(self.kills.items())}
        files = {"acknowledged": ACKNOWLEDGED, "refused": REFUSED}
        return done | {name: len(set(read_lines(self.folder / file))) for name, file in files.items()}

    def end(self) -> None:
        for process in (*self.gateways, self.client):
            _kill(process)


def _is_stored(sent: Mapping[str, Any], stored: Mapping[str, Any] | None) -> bool:
    """Whether what was sent is there as it was sent."""
    return stored is not None and all(stored.get(key) == value for key, value in sent.items())


def _said(lights: LightsDocument | None) -> Any:
    return None if lights is None else (lights.lights, sorted(lights.cases, key=lambda one: one.case))


def _beside(some: Mapping[str, str], others: Mapping[str, str]) -> set[tuple[str, str]]:
    return set(some.items()) - set(others.items())


def _kill(process: subprocess.Popen[bytes] | None) -> None:
    if process is not None:
        process.kill()
        process.wait()


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/health").is_success
    except httpx.TransportError:
        return False


def _wait_until(is_so: Callable[[], bool], complaint: str, seconds: float = PROGRESS_S_MAX) -> None:
    """Raises ``RuntimeError`` with the complaint; without one it only stops waiting."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            if complaint:
                raise RuntimeError(complaint)
            return
        time.sleep(POLL_S)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def staged(folder: Path, couchdb_url: str | None, seed: int = SEED) -> Iterator[Stage]:
    """A stage on an embedded store of its own in the folder, or on an empty CouchDB."""
    with ExitStack() as stack:
        store = None if couchdb_url else stack.enter_context(EmbeddedStore(folder / "store"))
        text = resources.files("models.register").joinpath("heze_divisions.csv").read_text("utf-8")
        codes = (row.partition(",")[0] for row in text.splitlines())
        villages = tuple(code for code in codes if code.startswith(TOWNSHIP) and code != TOWNSHIP)[:VILLAGES]
        ports = tuple(_free_port() for _ in range(GATEWAYS))
        url = couchdb_url or (store.url if store is not None else "")
        stage = Stage(url, folder, store, ports, villages, random.Random(seed))  # noqa: S311 - a seeded die
        try:
            stage.begin()
            yield stage
        finally:
            stage.end()


def measure_faults(folder: Path, couchdb_url: str | None, rounds: int, seed: int, say: Say) -> list[Figure]:
    """The figures of so many rounds."""
    began = time.monotonic()
    with staged(folder, couchdb_url, seed) as stage:
        for number in range(1, rounds + 1):
            stage.round()
            if number % 20 == 0:
                say(f"{number} / {rounds}  {stage.counts()}")
        stage.settle()
        faults, counts = asyncio.run(stage.tally()), stage.counts()
    figures = [Figure(name=f"faults_{name}", value=count, unit="") for name, count in counts.items()]
    seconds = Figure(name="faults_rounds", value=rounds, unit=f"rounds in {time.monotonic() - began:.0f} s")
    return [seconds, *figures, *(limit(f"faults_{name}", faults[name], "", 0) for name in FAULTS)]
