"""Files that are there whole or not at all, whenever a run is cut off; and what is damaged all the same is named."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from jobs.faults import DamagedError

T = TypeVar("T")


def write_whole(file: Path, data: bytes, by: str = "") -> None:
    """Write a file, making its folder. ``by``: who writes, where several may write one file at the same time."""
    unfinished = _beside(file, by)
    unfinished.write_bytes(data)
    unfinished.replace(file)


def write_table(file: Path, table: pa.Table) -> None:
    """The same as Parquet."""
    unfinished = _beside(file, "")
    pq.write_table(table, unfinished, compression="zstd")
    unfinished.replace(file)


def read_json(file: Path, form: type[T], command: str = "d110 nightly") -> T:
    """What a file of JSON says. Raises ``DamagedError``, which names the ``command`` that writes it."""
    data = file.read_bytes()
    try:
        return msgspec.json.decode(data, type=form)
    except msgspec.MsgspecError as error:
        raise DamagedError(file, error, command) from error


def read_table(file: Path, columns: Sequence[str] | None = None, command: str = "d110 nightly") -> pa.Table:
    """A table of Parquet, or the ``columns`` of it. Raises ``DamagedError``, which names the ``command`` that writes
    it."""
    data = file.read_bytes()  # first, so that a disk that does not answer is no damage
    try:
        return pq.read_table(pa.BufferReader(data), columns=None if columns is None else list(columns))
    except (pa.ArrowException, OSError) as error:
        raise DamagedError(file, error, command) from error


def _beside(file: Path, by: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    return file.with_name(f"{file.name}{by and '.'}{by}.unfinished")
