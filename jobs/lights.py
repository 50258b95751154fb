"""Lights documents of a county: written where they differ from what the store holds, whoever wrote that."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
import pyarrow as pa

from jobs.couch import CouchError, Database
from jobs.faults import DamagedError
from jobs.whole_files import read_table, write_table
from models.documents import LightsDocument

SCHEMA: Final = pa.schema(
    [("village", pa.string()), ("lights", pa.string()), ("rev", pa.string()), ("json", pa.string())]
)

_decode = msgspec.json.Decoder(LightsDocument).decode


class Shown(msgspec.Struct, frozen=True):
    """A lights document as the store holds it; ``document`` is None where it is not one that can be read."""

    rev: str
    document: LightsDocument | None


class ShownLights:
    """What the store shows for each village of a county, kept beside the mirror in ``lights.parquet``.

    Only revisions are asked for each night; documents that somebody else wrote since are read again.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._shown: dict[str, Shown] = _read(file) if file.exists() else {}

    def refresh(self, database: Database, villages: Sequence[str]) -> None:
        """Learn what the store shows now."""
        ids = {f"{village}:lights": village for village in villages}
        revisions = {ids[key]: stored.rev for key, stored in database.read_many(list(ids), with_bodies=False).items()}
        self._shown = {v: shown for v, shown in self._shown.items() if revisions.get(v) == shown.rev}
        changed = [f"{village}:lights" for village in revisions if village not in self._shown]
        if changed:
            for key, stored in database.read_many(changed).items():
                self._shown[ids[key]] = Shown(stored.rev, _readable(stored.body))

    def write(self, database: Database, documents: Sequence[LightsDocument]) -> tuple[int, list[str]]:
        """Write the documents that differ. How many were written, and the ids that somebody else wrote meanwhile.

        Raises ``CouchError`` for any other refusal.
        """
        wanted = {_village(document): document for document in documents}
        differing = [village for village, document in wanted.items() if document != self._document(village)]
        if not differing:
            return 0, []
        answers = database.write([self._with_revision(wanted[village]) for village in differing])
        contested: list[str] = []
        for village, answer in zip(differing, answers, strict=True):
            if answer.error == "conflict":
                contested.append(answer.id)
            elif answer.error is not None or answer.rev is None:
                raise CouchError(f"{answer.id}: {answer.error}: {answer.reason}")
            else:
                self._shown[village] = Shown(answer.rev, wanted[village])
        return len(differing) - len(contested), contested

    def save(self) -> None:
        """Write ``lights.parquet``: one row a village, in code order."""
        rows = [(village, shown) for village, shown in sorted(self._shown.items()) if shown.document is not None]
        columns = {
            "village": [village for village, _ in rows],
            "lights": [shown.document.lights for _, shown in rows if shown.document],
            "rev": [shown.rev for _, shown in rows],
            "json": [msgspec.json.encode(shown.document).decode() for _, shown in rows],
        }
        write_table(self._file, pa.table(columns, schema=SCHEMA))

    def _document(self, village: str) -> LightsDocument | None:
        shown = self._shown.get(village)
        return shown.document if shown else None

    def _with_revision(self, document: LightsDocument) -> LightsDocument:
        shown = self._shown.get(_village(document))
        return msgspec.structs.replace(document, rev=shown.rev) if shown else document


def _village(document: LightsDocument) -> str:
    return document.id.partition(":")[0]


def _readable(body: msgspec.Raw) -> LightsDocument | None:
    try:
        return msgspec.structs.replace(_decode(body), rev=msgspec.UNSET)
    except msgspec.ValidationError:
        return None  # not ours, and so about to be replaced


def _read(file: Path) -> dict[str, Shown]:
    table = read_table(file)
    columns = (table["village"].to_pylist(), table["rev"].to_pylist(), table["json"].to_pylist())
    try:
        return {village: Shown(rev, _decode(text)) for village, rev, text in zip(*columns, strict=True)}
    except msgspec.MsgspecError as error:
        raise DamagedError(file, error) from error
