"""Copies of a store: a folder with one file a database (NDJSON, gzip) and a manifest with their hashes.

The keys of sealed texts are no part of a copy of the rest: what is to be forgotten loses its key, and a copy that held
both would remember it (mission, "whom it must never harm"). They are copied by themselves, into another folder, which
is kept no longer than sealed texts may be.
"""

from __future__ import annotations

import gzip
import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Raw

from jobs.couch import NULL, Couch
from jobs.faults import BackupError
from models.ids import DATABASE_PREFIX, KEYS_DATABASE, PHOTOS_DATABASE

MANIFEST: Final = "backup.json"
_SUFFIX: Final = ".ndjson.gz"
#: What is written at a time; a document with photos may be larger, and then goes alone.
BATCH_BYTES_MAX: Final = 4_000_000
BATCH_DOCUMENTS_MAX: Final = 1_000

#: Hears the name of each database and how many documents it has, once it is done.
Tell = Callable[[str, int], None]


class Copied(msgspec.Struct, frozen=True):
    """A database's file."""

    documents: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True):
    """What a copy holds. ``store``: the identity of the store it was made of."""

    made_at: datetime
    store: str
    databases: dict[str, Copied]


def backup(couch: Couch, folder: Path, now: datetime, tell: Tell, *, only_keys: bool = False) -> Manifest:
    """Copy all databases but that of the keys, or that one alone, into an empty folder. The manifest is written last: a
    folder without one is no copy. Raises ``BackupError`` for a folder that is not empty."""
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise BackupError(f"{folder} 不是空目录 / {folder} is not empty: name a new one")
    os.chmod(folder, 0o700)  # it holds the accounts, too
    names = [name for name in couch.names() if name.startswith(DATABASE_PREFIX)]
    copied: dict[str, Copied] = {}
    for name in names:
        if (name == KEYS_DATABASE) == only_keys:
            copied[name] = _copy(couch, name, folder / f"{name}{_SUFFIX}")
            tell(name, copied[name].documents)
    manifest = Manifest(now, couch.uuid(), copied)
    (folder / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(manifest)))
    return manifest


def restore(couch: Couch, folder: Path, tell: Tell) -> Manifest:
    """Put a copy into a store that has none of its databases, or empty ones. Every file is looked at before anything is
    written, and doing it again after a cut goes on. Raises ``BackupError``."""
    manifest = read_manifest(folder)
    for name in manifest.databases:
        if not couch.create(name) and _holds_others(couch, name, folder / f"{name}{_SUFFIX}"):
            raise BackupError(
                f"{name} 中已有备份之外的内容：请恢复到一个空库 / {name} holds what the backup does not: "
                "restore into an empty store"
            )
    for name, copied in manifest.databases.items():
        database = couch.database(name)
        for batch in _batches(_lines(folder / f"{name}{_SUFFIX}")):
            database.store(batch)
        tell(name, copied.documents)
    return manifest


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a copy whose files are all there and sound. Raises ``BackupError``."""
    try:
        manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except FileNotFoundError as error:
        raise BackupError(f"{folder} 不是完整的备份 / no whole backup: {MANIFEST} is missing") from error
    except msgspec.MsgspecError as error:
        raise BackupError(f"{folder / MANIFEST} 已损坏 / is damaged: {error}") from error
    for name, copied in manifest.databases.items():
        path = folder / f"{name}{_SUFFIX}"
        if not path.exists() or _hash_of(path) != copied.sha256:
            raise BackupError(f"{path} 缺失或已损坏 / is missing or damaged: nothing was restored")
    return manifest


def _copy(couch: Couch, name: str, path: Path) -> Copied:
    count = 0
    with gzip.open(path, "wb", compresslevel=6) as file:
        for page in couch.database(name).changes("0", with_attachments=name == PHOTOS_DATABASE):
            for row in page.results:
                if row.doc != NULL:
                    file.write(bytes(row.doc) + b"\n")
                    count += 1
    return Copied(count, _hash_of(path))


def _hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class _Named(msgspec.Struct):
    id: str = msgspec.field(name="_id")


def _holds_others(couch: Couch, name: str, path: Path) -> bool:
    """Whether a database holds a document that is not in its file; part of them is there after a cut."""
    known = {msgspec.json.decode(line, type=_Named).id for line in _lines(path)}
    return any(row.id not in known for page in couch.database(name).changes("0") for row in page.results)


def _lines(path: Path) -> Iterator[bytes]:
    with gzip.open(path, "rb") as file:
        yield from (line.rstrip(b"\n") for line in file)


def _batches(lines: Iterator[bytes]) -> Iterator[Sequence[Raw]]:
    batch: list[Raw] = []
    size = 0
    for line in lines:
        if batch and (size + len(line) > BATCH_BYTES_MAX or len(batch) == BATCH_DOCUMENTS_MAX):
            yield batch
            batch, size = [], 0
        batch.append(Raw(line))
        size += len(line)
    if batch:
        yield batch
