"""The division register in the store: its import, and reading back what a store was set up with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final, TypeVar

import msgspec

from jobs.couch import Couch, CouchError, Database, MissingDatabaseError
from models.divisions import Register, parse_register
from models.documents import Dataset, RegisterDocument
from models.ids import (
    AUDIT_DATABASE,
    HEALTH_DATABASE,
    KEYS_DATABASE,
    PHOTOS_DATABASE,
    QUARANTINE_DATABASE,
    SEALED_DATABASE,
    STAFF_DATABASE,
    database_of,
)
from models.setup import Setup, setup_of

CityDocument = TypeVar("CityDocument", RegisterDocument, Dataset)

SHARED_DATABASES: Final = (
    STAFF_DATABASE,
    QUARANTINE_DATABASE,
    HEALTH_DATABASE,
    PHOTOS_DATABASE,
    AUDIT_DATABASE,
    SEALED_DATABASE,
    KEYS_DATABASE,
)
#: How many divisions a refusal names.
#: No city was watched before dynamic management began.
WATCHED_SINCE_EARLIEST: Final = date(2009, 1, 1)
REMOVED_NAMED: Final = 5


class SetupError(Exception):
    """The store is not set up as the job needs it; the message says what to do."""


@dataclass(frozen=True)
class Imported:
    """What an import did; ``created``: names of new databases."""

    is_changed: bool
    created: list[str]


def import_register(
    couch: Couch,
    city: str,
    register: Register,
    today: date,
    watched_since: date | None = None,
    *,
    may_remove: bool = False,
) -> Imported:
    """Put a register into the store and create the databases it asks for. The same register again changes nothing.

    ``watched_since``: the day from which silence counts; without it what the store has, or ``today`` for a new one.
    Raises ``SetupError`` for another city's and, unless it ``may_remove``, for one that lacks divisions which the store
    has (a file that was cut off looks like that); nothing is written then. Raises ``CouchError``.
    """
    cities = [code for code, division in register.divisions.items() if division.level == "city"]
    if cities != [city]:
        raise SetupError(
            f"文件中的市为 {'、'.join(cities) or '无'}，而 D110_CITY 为 {city} / the file is of "
            f"{', '.join(cities) or 'no city'}, D110_CITY is {city}"
        )
    if watched_since is not None and not WATCHED_SINCE_EARLIEST <= watched_since <= today:
        raise SetupError(
            f"起算日应在 {WATCHED_SINCE_EARLIEST} 至今天之间，现为 {watched_since} / the day from which silence counts "
            f"lies between {WATCHED_SINCE_EARLIEST} and today, not on {watched_since}"
        )
    database = couch.database(database_of(city))
    known = read_register(database, city)
    if known is not None and not may_remove:
        _refuse_removal(known, register)
    names = [database_of(code) for code in (city, *register.counties)]
    created = [name for name in (*names, *SHARED_DATABASES) if couch.create(name)]
    document = RegisterDocument(
        id=f"{city}:register",
        csv=register.to_csv().decode(),
        watched_since=watched_since or (known.watched_since if known else today),
    )
    return Imported(write_where_changed(database, document), created)


def _refuse_removal(known: RegisterDocument, register: Register) -> None:
    stored = parse_register(known.csv.encode(), known.id)
    removed = [f"{d.code} {d.name}" for d in stored.divisions.values() if d.code not in register.divisions]
    if not removed:
        return
    first = "、".join(removed[:REMOVED_NAMED]) + ("……" if len(removed) > REMOVED_NAMED else "")
    raise SetupError(
        f"文件中缺少已导入的 {len(removed)} 个区划：{first}。若确要删除，请加 --remove；未作任何改动 / the file lacks "
        f"{len(removed)} divisions that were imported before: {first}. Nothing was written; if they are to be removed, "
        "say --remove"
    )


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
    """The register document without its revision, or None, also where there is no such database yet."""
    try:
        stored = database.read(f"{city}:register")
    except MissingDatabaseError:
        return None
    return None if stored is None else _content(stored.body, RegisterDocument)


def read_dataset(database: Database, city: str) -> Dataset | None:
    """What the store was filled with, or None for a store of real events."""
    stored = database.read(f"{city}:dataset")
    return None if stored is None else _content(stored.body, Dataset)


def read_setup(couch: Couch, city: str) -> Setup:
    """Raises ``SetupError`` when no register was imported, ``CouchError``."""
    database = couch.database(database_of(city))
    document = read_register(database, city)
    if document is None:
        raise SetupError(
            "尚未导入区划，请先运行 d110 divisions import / no divisions yet: run `d110 divisions import FILE.csv`"
        )
    return setup_of(document, read_dataset(database, city))


def _content(body: bytes, kind: type[CityDocument]) -> CityDocument:
    return msgspec.structs.replace(msgspec.json.decode(body, type=kind), rev=msgspec.UNSET)
