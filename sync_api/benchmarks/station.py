"""A station of 30 villages and its documents, as a benchmark of the sync needs them: simulated ones, spread over its
villages."""

from __future__ import annotations

import asyncio
import secrets
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Final

import msgspec
import uvicorn
from msgspec import Raw

from models.catalogue import default_catalogue
from models.divisions import parse_register
from models.documents import RegisterDocument, encode
from models.ids import QUARANTINE_DATABASE, STAFF_DATABASE, database_of
from models.policy import default_policy
from models.revisions import first_revision, with_revision
from models.simulation import default_parameters, simulate_county
from sync_api.access.accounts import Account
from sync_api.access.staff import Staff
from sync_api.couch import Couch
from sync_api.serving import address_of, listen, server_config
from sync_api.settings import Settings

CITY: Final = "3717"
TOWNSHIP: Final = "371724109"
VILLAGES: Final = 30
SEED: Final = 110
WRITE_DOCUMENTS: Final = 1_000


@dataclass(frozen=True)
class Station:
    """What is served: where, by whom it is asked for, and how the store is reached directly."""

    address: str
    store_url: str
    database: str
    alias: str
    password: str
    villages: tuple[str, ...]


class _Known(msgspec.Struct):
    id: str = msgspec.field(name="_id")


def station_villages() -> tuple[str, ...]:
    """The first 30 villages of the station's township and its neighbours in the county."""
    text = resources.files("models.register").joinpath("heze_divisions.csv").read_bytes()
    return tuple(v for v in parse_register(text, "heze_divisions.csv").villages if v.startswith(TOWNSHIP))[:VILLAGES]


def documents(count: int, villages: Sequence[str]) -> Iterator[bytes]:
    """So many different simulated events, in turn for each of the villages: as a county of them writes in 18 months,
    and again under other ids until there are enough."""
    text = resources.files("models.register").joinpath("heze_divisions.csv").read_bytes()
    register = parse_register(text, "heze_divisions.csv")
    county = simulate_county(
        register, TOWNSHIP[:6], default_catalogue(), default_policy(), default_parameters(), SEED, date(2026, 11, 1)
    )
    bodies = county.documents
    for number in range(count):
        body = bodies[number % len(bodies)]
        identity = msgspec.json.decode(body, type=_Known).id
        _, tail = identity.split(":", 1)
        new = f"{villages[number % len(villages)]}:{tail[:-4]}{_crockford(number)}"
        yield revised(body.replace(identity.encode(), new.encode(), 1))


def revised(body: bytes) -> bytes:
    """A document with the first revision that its content gives."""
    return with_revision(body, first_revision(body))


def _crockford(number: int) -> str:
    letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    return "".join(letters[number >> shift & 31] for shift in (15, 10, 5, 0))


async def write(couch: Couch, database: str, bodies: Iterator[bytes]) -> None:
    """Put documents into the store as they are."""
    while batch := [body for _, body in zip(range(WRITE_DOCUMENTS), bodies, strict=False)]:
        failed = await couch.bulk_docs(database, [Raw(body) for body in batch], new_edits=False)
        if failed:
            raise RuntimeError(f"the store refused {failed[0]}")


@contextmanager
def serving_station(store_url: str, folder: Path, count: int) -> Iterator[Station]:
    """A gateway on a store that holds one station's documents and nothing else of its county."""
    villages, alias, password = station_villages(), "station", secrets.token_urlsafe(12)
    database = database_of(TOWNSHIP)

    async def fill() -> None:
        csv = resources.files("models.register").joinpath("heze_divisions.csv").read_text("utf-8")
        register = RegisterDocument(id=f"{CITY}:register", csv=csv, watched_since=date(2026, 11, 1))
        async with Couch(store_url) as couch:
            for name in (database_of(CITY), database, STAFF_DATABASE, QUARANTINE_DATABASE):
                await couch.create_database(name)
            await couch.put(database_of(CITY), register.id, encode(register))
            await Staff(couch).add(Account(alias=alias, role="station", divisions=(TOWNSHIP,)), password)
            await write(couch, database, documents(count, villages))

    asyncio.run(fill())
    settings = Settings(token_secret=secrets.token_hex(32), data_dir=folder, port=0)
    listener = listen(settings, "--port")
    server = uvicorn.Server(server_config(settings, store_url))
    thread = threading.Thread(target=server.run, args=([listener],), name="gateway")
    thread.start()
    try:
        yield Station(address_of(listener), store_url, database, alias, password, villages)
    finally:
        server.should_exit = True
        thread.join()
