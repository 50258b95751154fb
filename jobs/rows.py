"""What rows of the mirror say, as the pure core takes it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, TypeVar

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jobs.events import NO_INDICATOR
from models import calendar
from models.cases import CaseFact
from models.catalogue import Catalogue
from models.documents import Event
from models.readings import ReadingLog
from models.statistics import COUNTED_KINDS, Happening, Said, happening_of

Kind = TypeVar("Kind", bound=Event)
_decode_said = msgspec.json.Decoder(Said).decode
#: A case event says nothing that is counted and stands in no column.
_NOTHING: Final = Said()


def reading_log(rows: pa.Table, villages: Sequence[str]) -> ReadingLog:
    """The readings of rounds and inspections; ``villages`` give the positions. Those of other villages are left out."""
    village = pc.index_in(rows["division"], value_set=pa.array(villages, pa.string()))
    has_readings = pc.greater(pc.list_value_length(rows["readings_indicator"]), 0)
    wanted = pc.and_(has_readings, pc.is_valid(village))
    rows, village = rows.filter(wanted), village.filter(wanted)
    lengths = pc.list_value_length(rows["readings_indicator"]).to_numpy()
    return ReadingLog.of_rounds(
        village=village.to_numpy().astype(np.int32),
        observed_ms=rows["observed_at"].cast(pa.int64()).to_numpy(),
        ulid=np.array(rows["ulid"].to_pylist(), "S26"),
        offsets=np.concatenate(([0], np.cumsum(lengths, dtype=np.int64))),
        indicator=_flat(rows["readings_indicator"], np.uint8),
        value=_flat(rows["readings_value"], np.float64),
    )


def case_facts(rows: pa.Table, catalogue: Catalogue) -> list[CaseFact]:
    """What reports and case events say, in the order of the rows."""
    codes = [indicator.code for indicator in catalogue.indicators]
    rows = rows.filter(pc.is_valid(rows["case"]))
    observed_ms, saved_ms = (rows[name].cast(pa.int64()) for name in ("observed_at", "saved_at"))
    at_ms = pc.if_else(pc.equal(rows["step"], "opened"), observed_ms, saved_ms)
    due = rows["due"].cast(pa.int32())
    indicator = [None if at == NO_INDICATOR else codes[at] for at in rows["indicator"].to_pylist()]
    before = [c.to_pylist() for c in (rows["division"], rows["case"], at_ms, rows["ulid"], rows["step"])]
    after = [rows[name].to_pylist() for name in ("author", "office", "department", "verified_by", "is_better")]
    severity, notice = rows["severity"].to_pylist(), rows["notice"].to_pylist()
    return list(map(CaseFact, *before, indicator, severity, due.to_pylist(), *after, saved_ms.to_pylist(), notice))


def events_of(rows: pa.Table, kind: type[Kind]) -> list[Kind]:
    """The events of a kind, in the order of the rows. Rounds have none: the mirror keeps their readings alone."""
    texts = rows.filter(pc.equal(rows["kind"], str(kind.__struct_config__.tag)))["json"].to_pylist()
    decode = msgspec.json.Decoder(kind).decode
    return [decode(text) for text in texts]


def happenings(rows: pa.Table, catalogue: Catalogue) -> Iterator[Happening]:
    """What statistics count. Of the steps of cases, which are most of the rows, all stands in columns."""
    rows = rows.filter(pc.is_in(rows["kind"], pa.array(sorted(COUNTED_KINDS))))
    is_of_case = pc.is_valid(rows["case"])
    of_cases, others = rows.filter(is_of_case), rows.filter(pc.invert(is_of_case))
    for event_id, day, text, fact in zip(*_columns(of_cases), case_facts(of_cases, catalogue), strict=True):
        said = _decode_said(text) if fact.step == "opened" and ":report:" in event_id else _NOTHING
        yield happening_of(event_id, day, said, fact)
    for event_id, day, text in zip(*_columns(others), strict=True):
        yield happening_of(event_id, day, _decode_said(text), None)


def _columns(rows: pa.Table) -> tuple[list[str], list[int], list[str]]:
    days = calendar.local_day_of_ms(rows["observed_at"].cast(pa.int64()).to_numpy())
    return rows["id"].to_pylist(), days.tolist(), rows["json"].to_pylist()


def _flat(column: pa.ChunkedArray, kind: type[np.generic]) -> Any:
    values = pc.list_flatten(column).to_numpy()
    return values.astype(kind, copy=False)
