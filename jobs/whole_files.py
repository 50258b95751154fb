"""Files that are there whole or not at all, whenever a run is cut off."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq


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


def _beside(file: Path, by: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    return file.with_name(f"{file.name}{by and '.'}{by}.unfinished")
