"""The mirror: each county's event documents as Parquet, kept up by its ``_changes`` feed (design: "Jobs").

    {mirror}/events/county=371724/month=2026-03/part-000001.parquet
    {mirror}/state/371724/sequence.json          where to read on, written last

The feed delivers at least once and a run may be cut off anywhere, so a part is named by its chunk: the chunk that was
cut off is written again under the same name. Everything here may be deleted; the next run reads from the start.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import pyarrow as pa

from jobs.couch import Database
from jobs.events import SCHEMA, EventTable
from jobs.faults import MirrorError
from jobs.whole_files import read_json, read_table, write_table, write_whole
from models import calendar
from models.catalogue import Catalogue

#: Rows held in memory before they are written; a county's first 18 months are one chunk.
CHUNK_ROWS: Final = 50_000
FROM_THE_START: Final = "0"
SEQUENCE: Final = "sequence.json"
#: Parts with other columns were written by another release.
_COLUMNS: Final = hashlib.sha256(str(SCHEMA).encode()).hexdigest()[:16]


class Sequence(msgspec.Struct, frozen=True):
    """Where a county's feed was read to, and what the parts were written by."""

    store: str
    catalogue: str
    columns: str = ""
    since: str = FROM_THE_START
    chunks: int = 0


class CountyMirror:
    """One county's part of the mirror. ``store``: the uuid of the CouchDB that is mirrored.

    Sequences of another store mean nothing here, positions of another catalogue mean something else, and another
    release may keep other columns, so each of these makes the mirror begin anew.
    """

    def __init__(self, folder: Path, county: str, store: str, catalogue: Catalogue) -> None:
        self.county = county
        self.events_dir = folder / "events" / f"county={county}"
        self.state_dir = folder / "state" / county
        self._catalogue = catalogue
        self._sequence = self._read_sequence(Sequence(store, catalogue.version, _COLUMNS))
        self.unreadable: list[str] = []

    def catch_up(self, database: Database, keep: Callable[[pa.Table], None]) -> int:
        """Read the feed to its end; how many event rows came.

        ``keep`` gets each chunk after its parts are written and before the sequence is, so whatever it keeps may be
        given a chunk twice, but never misses one.
        """
        rows = 0
        table, since = EventTable(self._catalogue), ""
        for page in database.changes(self._sequence.since):
            table.take(page.results)
            since = page.since
            if len(table) >= CHUNK_ROWS:
                rows += self._commit(table, since, keep)
                table, since = EventTable(self._catalogue), ""
        return rows + (self._commit(table, since, keep) if since else 0)

    def events(self) -> pa.Table:
        """All rows, oldest chunk first; a document that came twice counts once, as it came last."""
        return _all_rows(self.events_dir)

    def _commit(self, table: EventTable, since: str, keep: Callable[[pa.Table], None]) -> int:
        self.unreadable += table.unreadable
        chunk = self._sequence.chunks
        if len(table):
            chunk += 1
            rows = table.to_arrow()
            self._write_parts(rows, chunk)
            keep(rows)
        self._write_sequence(msgspec.structs.replace(self._sequence, since=since, chunks=chunk))
        return len(table)

    def _write_parts(self, rows: pa.Table, chunk: int) -> None:
        observed_ms = rows["observed_at"].cast(pa.int64()).to_numpy()
        months = calendar.local_day_of_ms(observed_ms).astype("datetime64[D]").astype("datetime64[M]")
        for month in np.unique(months):
            part = self.events_dir / f"month={month}" / f"part-{chunk:06d}.parquet"
            write_table(part, rows.filter(pa.array(months == month)))

    def _read_sequence(self, fresh: Sequence) -> Sequence:
        file = self.state_dir / SEQUENCE
        if file.exists():
            known = read_json(file, Sequence)
            is_whole = known.chunks == 0 or self.events_dir.exists()
            if is_whole and msgspec.structs.replace(known, since=fresh.since, chunks=fresh.chunks) == fresh:
                return known
        # whatever lies here belongs to a feed that can't be continued
        for folder in (self.events_dir, self.state_dir):
            if folder.exists():
                shutil.rmtree(folder)
        self.state_dir.mkdir(parents=True)
        return fresh

    def _write_sequence(self, sequence: Sequence) -> None:
        write_whole(self.state_dir / SEQUENCE, msgspec.json.encode(sequence))
        self._sequence = sequence


def forget_county(folder: Path, county: str) -> None:
    """Throw away what is mirrored of a county and what was made from it; the next run begins anew."""
    parts = (f"events/county={county}", f"state/{county}", f"lights/county={county}")
    for part in (folder / one for one in parts):
        if part.exists():
            shutil.rmtree(part)


def read_mirror(folder: Path, county: str, catalogue: Catalogue) -> tuple[pa.Table, datetime]:
    """A county's rows as ``CountyMirror.events`` gives them, and when its last nightly run ended; nothing is changed.

    Raises ``MirrorError`` when there is none, none by this release and catalogue, or it is damaged.
    """
    lights, sequence = folder / "lights" / f"county={county}" / "lights.parquet", folder / "state" / county / SEQUENCE
    if not (lights.exists() and sequence.exists()):
        raise MirrorError(
            f"{county}：没有镜像，请先运行 d110 nightly / no mirror in {folder}: run `d110 nightly` first"
        )
    known = read_json(sequence, Sequence)
    if (known.catalogue, known.columns) != (catalogue.version, _COLUMNS):
        raise MirrorError(
            f"{county}：镜像由另一版本写成，请重新运行 d110 nightly / the mirror was written by another release: run "
            "`d110 nightly` again"
        )
    ended = datetime.fromtimestamp(lights.stat().st_mtime, calendar.LOCAL)
    return _all_rows(folder / "events" / f"county={county}"), ended


def _all_rows(events_dir: Path) -> pa.Table:
    parts = sorted(events_dir.glob("month=*/part-*.parquet"), key=lambda part: (part.name, part.parent.name))
    tables = [read_table(part) for part in parts]
    table = pa.concat_tables(tables) if tables else SCHEMA.empty_table()
    return table.filter(pa.array(~table["id"].to_pandas().duplicated(keep="last").to_numpy()))
