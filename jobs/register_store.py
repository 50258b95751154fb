"""The division register in the store: its import, and reading back what a store was set up with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final, TypeVar

import msgspec

from jobs.couch import Couch, CouchError, Database, MissingDatabaseError
from models import calendar
from models.catalogue import default_catalogue
from models.divisions import Register, parse_register
from models.documents import Dataset, RegisterDocument
from models.ids import database_of
from models.policy import default_policy
from models.village import Rulebook

CityDocument = TypeVar("CityDocument", RegisterDocument, Dataset)

#: Beside the city's and the counties': accounts (never replicated), and what the gateway refused.
SHARED_DATABASES: Final = ("d110-staff", "d110-quarantine")


class SetupError(Exception):
    """The store is not set up as the job needs it; the message says what to do."""


@dataclass(frozen=True)
class Setup:
    """The register, and what lights are computed by."""

    register: Register
    rulebook: Rulebook


@dataclass(frozen=True)
class Imported:
    """What an import did; ``created``: names of new databases."""

    is_changed: bool
    created: list[str]


def import_register(
    couch: Couch, city: str, register: Register, today: date, watched_since: date | None = None
) -> Imported:
    """Put a register into the store and create the databases it asks for. The same register again changes nothing.

    ``watched_since``: the day from which silence counts; without it what the store has, or ``today`` for a new one.
    Raises ``SetupError`` for another city's, ``CouchError``.
    """
    cities = [code for code, division in register.divisions.items() if division.level == "city"]
    if cities != [city]:
        raise SetupError(
            f"文件中的市为 {'、'.join(cities) or '无'}，而 D110_CITY 为 {city} / the file is of "
            f"{', '.join(cities) or 'no city'}, D110_CITY is {city}"
        )
    names = [database_of(code) for code in (city, *register.counties)]
    created = [name for name in (*names, *SHARED_DATABASES) if couch.create(name)]
    database = couch.database(database_of(city))
    known = read_register(database, city)
    document = RegisterDocument(
        id=f"{city}:register",
        csv=register.to_csv().decode(),
        watched_since=watched_since or (known.watched_since if known else today),
    )
    return Imported(write_where_changed(database, document), created)


def write_where_changed(database: Database, document: CityDocument) -> bool:
    """Write a document of the city unless the store holds just that. Raises ``CouchError``."""
    stored = database.read(document.id)
    if stored is not None and _content(stored.body, type(document)) == document:
        return False
    if stored is not None:
        document = msgspec.structs.replace(document, rev=stored.rev)
    [written] = database.write([document])
    if written.error is not None:
        raise CouchError(f"{document.id}: {written.error}: {written.reason}")
    return True


def read_register(database: Database, city: str) -> RegisterDocument | None:
    """The register document without its revision, or None."""
    stored = database.read(f"{city}:register")
    return None if stored is None else _content(stored.body, RegisterDocument)


def read_dataset(database: Database, city: str) -> Dataset | None:
    """What the store was filled with, or None for a store of real events."""
    stored = database.read(f"{city}:dataset")
    return None if stored is None else _content(stored.body, Dataset)


def read_setup(couch: Couch, city: str) -> Setup:
    """Raises ``SetupError`` when no register was imported, ``CouchError``."""
    database = couch.database(database_of(city))
    try:
        document = read_register(database, city)
    except MissingDatabaseError:
        document = None
    if document is None:
        raise SetupError(
            "尚未导入区划，请先运行 d110 divisions import / no divisions yet: run `d110 divisions import FILE.csv`"
        )
    dataset = read_dataset(database, city)
    rulebook = Rulebook(
        catalogue=default_catalogue(),
        policy=default_policy(),
        watched_since=calendar.epoch_day(document.watched_since),
        is_simulated=dataset is not None and dataset.simulated,
    )
    return Setup(parse_register(document.csv.encode(), document.id), rulebook)


def _content(body: bytes, kind: type[CityDocument]) -> CityDocument:
    return msgspec.structs.replace(msgspec.json.decode(body, type=kind), rev=msgspec.UNSET)
