"""A station of 30 villages and its documents, as a benchmark of the sync needs them: simulated ones, spread over its
villages."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Final

import msgspec
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
from sync_api.benchmarks.process import GatewayProcess, gateway_process
from sync_api.couch import Couch

CITY: Final = "3717"
TOWNSHIP: Final = "371724109"
VILLAGES: Final = 30
SEED: Final = 110
WRITE_DOCUMENTS: Final = 1_000
#: Several, as a township has several tablets; each is a user of its own.
STATIONS: Final = ("station1", "station2", "station3", "station4")
#: Real villages have numbers up to 500.
TWIN: Final = 499


@dataclass(frozen=True)
class Station:
    """What the store holds: the station's database with so many ``documents``, the accounts that are stations of the
    one township, its villages, and all villages of the city, each with an informant of its own (``informant_of``)."""

    store_url: str
    database: str
    aliases: tuple[str, ...]
    villages: tuple[str, ...]
    informants: tuple[str, ...]
    documents: int


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


async def set_up(couch: Couch, register: str, watched_since: date, accounts: Sequence[Account]) -> None:
    """A new store with a register (CSV) and accounts."""
    counties = {database_of(village) for village in parse_register(register.encode(), "benchmark").villages}
    for name in (database_of(CITY), *sorted(counties), STAFF_DATABASE, QUARANTINE_DATABASE):
        if not await couch.create_database(name):
            raise RuntimeError(f"{name} is there already: the benchmark wants a store of its own")
    document = RegisterDocument(id=f"{CITY}:register", csv=register, watched_since=watched_since)
    await couch.put(database_of(CITY), document.id, encode(document))
    await Staff(couch).add_all(accounts, secrets.token_urlsafe(12))


def informant_villages() -> tuple[str, ...]:
    """The villages of the benchmark's register: the real ones, and to as many as can be a twin of a free code."""
    return parse_register(_register().encode(), "benchmark").villages


def informant_of(village: str) -> str:
    """The alias of a village's informant."""
    return f"i{village}"


@cache
def _register() -> str:
    head, *rows = resources.files("models.register").joinpath("heze_divisions.csv").read_text("utf-8").splitlines()
    codes = {row.split(",", 1)[0] for row in rows}
    twins = []
    for row in rows:
        code, level, name, parent = row.split(",")
        twin = f"{code[:9]}{int(code[9:]) + TWIN:03}" if level == "village" else code
        if twin not in codes:
            twins.append(f"{twin},{level},{name}二,{parent}")
    return "\n".join([head, *rows, *twins, ""])


def _accounts() -> list[Account]:
    informants = [
        Account(alias=informant_of(village), role="informant", divisions=(village,)) for village in informant_villages()
    ]
    stations = [Account(alias=alias, role="station", divisions=(TOWNSHIP,)) for alias in STATIONS]
    return [*stations, *informants]


@contextmanager
def serving_station(store_url: str, folder: Path, count: int) -> Iterator[tuple[GatewayProcess, Station]]:
    """A gateway on a new store that holds one station's documents."""

    async def fill() -> None:
        async with Couch(store_url) as couch:
            await set_up(couch, _register(), date(2026, 11, 1), _accounts())
            await write(couch, database_of(TOWNSHIP), documents(count, station_villages()))

    asyncio.run(fill())
    with gateway_process(store_url, folder) as gateway:
        yield (
            gateway,
            Station(store_url, database_of(TOWNSHIP), STATIONS, station_villages(), informant_villages(), count),
        )
