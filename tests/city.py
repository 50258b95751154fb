"""A small real city for tests: the embedded store and the gateway on loopback, villages of the real register."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import secrets
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm
from ulid import ULID

from models.documents import RegisterDocument, encode
from models.ids import database_of
from sync_api.access.accounts import Account, Role
from sync_api.access.gate import ACCOUNT_AGE_MAX
from sync_api.access.staff import Staff
from sync_api.app import create_app
from sync_api.couch import Couch
from sync_api.embedded.launcher import EmbeddedStore
from sync_api.settings import Settings

#: The villages of the three histories, by the mission's names.
#: The register has no 西八里庄 any more; this is its neighbour 东八里庄 of the same township.
BALIZHUANG = "371725001014"
DIANHUTUN = "371724109217"
KONGZHUANG = "371771003022"
TOWNSHIPS = ("371724109", "371725001", "371771003")
PASSWORD = secrets.token_urlsafe(16)
UPSTREAM = (
    "d110-3717",
    "d110-371724",
    "d110-371725",
    "d110-371771",
    "d110-staff",
    "d110-quarantine",
    "d110-health",
    "d110-photos",
    "d110-audit",
    "d110-sealed",
    "d110-keys",
)


def small_register(townships: tuple[str, ...] = TOWNSHIPS) -> str:
    """The city, the townships with their counties and villages, as CSV."""
    whole = resources.files("models.register").joinpath("heze_divisions.csv").read_text("utf-8").splitlines()
    kept = [row for row in whole[1:] if _is_kept(row.split(",", 1)[0], townships)]
    return "\n".join([whole[0], *kept]) + "\n"


def _is_kept(code: str, townships: tuple[str, ...]) -> bool:
    return any(township.startswith(code) or code.startswith(township) for township in townships)


class DeviceKeys:
    """A device's key, as its browser holds it."""

    def __init__(self) -> None:
        self._private = ec.generate_private_key(ec.SECP256R1())

    @property
    def public(self) -> dict[str, str]:
        found = ECAlgorithm.to_jwk(self._private.public_key(), as_dict=True)
        return {part: str(found[part]) for part in ("kty", "crv", "x", "y")}

    def sign(self, message: str) -> str:
        signed = ECAlgorithm(ECAlgorithm.SHA256).sign(message.encode(), self._private)
        return base64.urlsafe_b64encode(signed).rstrip(b"=").decode()


class Clock:
    """The gateway's clock: the real one, moved by as much as a test says."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


class City:
    """A running gateway. ``client(alias)`` is logged in; ``raw(path)`` speaks to the store behind it."""

    def __init__(self, store: EmbeddedStore, url: str, clock: Clock, secret: str) -> None:
        self.store, self.url, self.clock, self.secret = store, url, clock, secret
        self._clients: dict[tuple[str, str], httpx.Client] = {}

    def add_account(self, alias: str, role: Role, *divisions: str, **fields: Any) -> str:
        async def work() -> None:
            async with Couch(self.store.url) as couch:
                await Staff(couch).add(Account(alias=alias, role=role, divisions=divisions, **fields), PASSWORD)

        # in a thread of its own: a test that drives a browser has a loop in this one
        with ThreadPoolExecutor(1) as aside:
            aside.submit(lambda: asyncio.run(work())).result()
        return alias

    def close_account(self, alias: str) -> None:
        """Close it, and let the gateway's memory of it lapse."""

        async def work() -> None:
            async with Couch(self.store.url) as couch:
                await Staff(couch).set_active(alias, False)

        with ThreadPoolExecutor(1) as aside:
            aside.submit(lambda: asyncio.run(work())).result()
        self.clock.ahead += 2 * ACCOUNT_AGE_MAX

    def set_password(self, alias: str, password: str) -> None:
        async def work() -> None:
            async with Couch(self.store.url) as couch:
                await Staff(couch).set_password(alias, password)

        with ThreadPoolExecutor(1) as aside:
            aside.submit(lambda: asyncio.run(work())).result()

    def move_account(self, alias: str, *divisions: str) -> None:
        """Let it work elsewhere, and let the gateway's memory of it lapse."""

        async def work() -> None:
            async with Couch(self.store.url) as couch:
                await Staff(couch).move(alias, divisions)

        with ThreadPoolExecutor(1) as aside:
            aside.submit(lambda: asyncio.run(work())).result()
        self.clock.ahead += 2 * ACCOUNT_AGE_MAX

    def change_account(self, alias: str, **fields: Any) -> None:
        """Change an account in the staff data base, and let the gateway's memory of it lapse."""
        path = f"{self.store.url}/d110-staff/staff:{alias}"
        record = httpx.get(path).json()
        record["account"] |= fields
        assert httpx.put(path, json=record).status_code == 201
        self.clock.ahead += 2 * ACCOUNT_AGE_MAX

    def login(self, alias: str, device: str = "testdevice", keys: DeviceKeys | None = None) -> dict[str, Any]:
        body: dict[str, Any] = {"alias": alias, "password": PASSWORD, "device": device}
        body |= {} if keys is None else {"key": keys.public}
        answer = httpx.post(f"{self.url}/auth/login", json=body, timeout=20)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def client(self, alias: str, device: str = "testdevice") -> httpx.Client:
        """Logged in, kept open until the city ends."""
        if (alias, device) not in self._clients:
            headers = {"Authorization": f"Bearer {self.login(alias, device)['access_token']}"}
            self._clients[alias, device] = httpx.Client(base_url=self.url, headers=headers, timeout=20)
        return self._clients[alias, device]

    def close(self) -> None:
        for client in self._clients.values():
            client.close()

    def raw(self, path: str) -> Any:
        answer = httpx.get(f"{self.store.url}/{path}", timeout=20)
        assert answer.status_code == 200, answer.text
        return answer.json()


def stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def report(village: str, alias: str, *, at: datetime | None = None, **fields: Any) -> dict[str, Any]:
    """A report as a tablet would write it, or an office that received it by telephone."""
    at = at or datetime.now(UTC)
    if re.match(r"[zghs]\d", alias):
        fields = {"channel": "hotline"} | fields
    document = {
        "_id": f"{village}:report:{alias}:{ULID.from_datetime(at)}",
        "type": "report",
        "observed_at": stamp(at),
        "saved_at": stamp(at),
        "indicator": "4.2.1",
        "severity": "general",
        "text": "村务公开栏三个月没有更新，群众有意见。",
    }
    return document | fields


def round_of(village: str, alias: str, readings: dict[str, Any], *, at: datetime | None = None) -> dict[str, Any]:
    """A round as a village administrator's tablet would write it."""
    at = at or datetime.now(UTC)
    ulid = ULID.from_datetime(at)
    times = {"observed_at": stamp(at), "saved_at": stamp(at)}
    return {"_id": f"{village}:round:{alias}:{ulid}", "type": "round", "readings": readings, **times}


def case_event(village: str, case: str, author: str, step: str, **fields: Any) -> dict[str, Any]:
    """A step of a case as an office would write it."""
    at = fields.pop("at", None) or datetime.now(UTC)
    times = {"observed_at": stamp(at), "saved_at": stamp(at)}
    identity = f"{village}:case:{case}:{ULID.from_datetime(at)}"
    return {"_id": identity, "type": "case", "step": step, "author": author, **times, **fields}


def all_clear(village: str, case: str, verifier: str, **fields: Any) -> list[dict[str, Any]]:
    """The review that found it better and the all-clear, both by one who did not act; somebody else must have."""
    words = {"found": "已查明", "done": "已办结", "verified_by": verifier} | fields
    return [
        case_event(village, case, verifier, "reviewed", text="群众满意", is_better=True),
        case_event(village, case, verifier, "cleared", **words),
    ]


def settle(city: City, village: str, case: str, verifier: str, by: str = "a217", **fields: Any) -> str:
    """Somebody acts, and somebody else clears the case; the id of the all-clear."""
    acted = case_event(village, case, by, "submitted", done="已公布")
    closing = all_clear(village, case, verifier, **fields)
    for alias, steps in ((by, [acted]), (verifier, closing)):
        answer = city.client(alias).post(f"/db/{database_of(village)}/_bulk_docs", json=bulk(*steps))
        assert all(row.get("ok") for row in answer.json()), answer.text
    return str(closing[-1]["_id"])


def bulk(*documents: Any) -> dict[str, Any]:
    return {"docs": list(documents), "new_edits": True}


def fill(store_url: str, register: str, watched_since: date) -> None:
    """Databases and register of a new store."""
    for database in UPSTREAM:
        # a gateway that goes on serving may have made one before
        assert httpx.put(f"{store_url}/{database}").status_code in (201, 202, 412)
    document = RegisterDocument(id="3717:register", csv=register, watched_since=watched_since)
    body = encode(document)
    assert httpx.put(f"{store_url}/d110-3717/3717:register", content=body, headers=_JSON).status_code == 201


_JSON = {"Content-Type": "application/json"}


@contextmanager
def running_gateway(store_url: str, clock: Clock, folder: Path, secret: str) -> Iterator[str]:
    """The gateway on a free port in a thread of its own; ready when the block begins."""
    settings = Settings(token_secret=secret, seal_secret=secret, data_dir=folder)
    config = uvicorn.Config(
        create_app(settings, store_url, clock),
        port=0,
        log_level="warning",
        timeout_graceful_shutdown=1,
        timeout_keep_alive=75,  # as it serves: a client's next request never meets a connection that is just closing
        ws="none",
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="gateway")
    thread.start()
    try:
        yield _ready_url(server, thread)
    finally:
        server.should_exit = True
        thread.join()


def _ready_url(server: uvicorn.Server, thread: threading.Thread) -> str:
    pause = threading.Event()
    while not server.started:
        assert thread.is_alive(), "the gateway did not start"
        pause.wait(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    return f"http://127.0.0.1:{port}"


def wait_until(is_so: Callable[[], bool]) -> None:
    """Ask again until it is so, for half a minute at most."""
    pause = threading.Event()
    for _ in range(600):
        if is_so():
            return
        pause.wait(0.05)
    raise AssertionError("it never became so")


def wait_until_healthy(url: str) -> None:
    """Ask for its health until the gateway says it is ready; the transport's own time-out bounds each try."""
    wait_until(lambda: httpx.get(f"{url}/health", timeout=20).status_code == 200)


@contextmanager
def running_city(folder: Path, register: str | None = None) -> Iterator[City]:
    """Store and gateway with a register, watched since today, so that nothing is silent yet."""
    clock, secret = Clock(), secrets.token_hex(32)
    with EmbeddedStore(folder / "store") as store:
        fill(store.url, register or small_register(), datetime.now(UTC).date())
        with running_gateway(store.url, clock, folder, secret) as url:
            wait_until_healthy(url)
            city = City(store, url, clock, secret)
            try:
                yield city
            finally:
                city.close()


def events_of(response: httpx.Response) -> Iterator[tuple[str, dict[str, Any]]]:
    """Server-sent events as (event, data), heartbeats left out."""
    name = ""
    for line in response.iter_lines():
        if line.startswith("event:"):
            name = line.removeprefix("event:").strip()
        elif line.startswith("data:") and name != "beat":
            yield name, json.loads(line.removeprefix("data:"))
