"""The division register in the store: its import, and reading back what a store was set up with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final, TypeVar

import msgspec

from jobs.couch import Couch, CouchError, Database, MissingDatabaseError
from models.divisions import Register
from models.documents import Dataset, RegisterDocument
from models.ids import QUARANTINE_DATABASE, STAFF_DATABASE, database_of
from models.setup import Setup, setup_of

CityDocument = TypeVar("CityDocument", RegisterDocument, Dataset)

SHARED_DATABASES: Final = (STAFF_DATABASE, QUARANTINE_DATABASE)


class SetupError(Exception):
    """The store is not set up as the job needs it; the message says what to do."""


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
    return setup_of(document, read_dataset(database, city))


def _content(body: bytes, kind: type[CityDocument]) -> CityDocument:
    return msgspec.structs.replace(msgspec.json.decode(body, type=kind), rev=msgspec.UNSET)
