"""Event documents as an Arrow table: the columns of the mirror, one row a document."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import msgspec
import pyarrow as pa

from jobs.couch import ChangeRow
from models import calendar
from models.cases import case_fact
from models.catalogue import Catalogue, ReadingError
from models.documents import EVENT_KINDS, AnyEvent, Inspection, Round
from models.ids import IdError, parse_id

#: ``indicator`` where a document names none, or one that this catalogue does not have.
NO_INDICATOR: Final = -1

#: ``indicator`` and ``readings_indicator`` are positions in the catalogue; ``readings_value`` as
#: ``catalogue.encode_reading`` gives it. From ``severity`` to ``notice`` the columns are what a report or a case
#: event says of its case. ``json`` is the document as stored, null for rounds, whose readings are all there is.
SCHEMA: Final = pa.schema(
    [
        ("id", pa.string()),
        ("kind", pa.string()),
        ("division", pa.string()),
        ("owner", pa.string()),
        ("ulid", pa.string()),
        ("observed_at", pa.timestamp("ms", "UTC")),
        ("saved_at", pa.timestamp("ms", "UTC")),
        ("indicator", pa.int8()),
        ("severity", pa.string()),
        ("case", pa.string()),
        ("step", pa.string()),
        ("due", pa.date32()),
        ("author", pa.string()),
        ("office", pa.string()),
        ("department", pa.string()),
        ("verified_by", pa.string()),
        ("is_better", pa.bool_()),
        ("notice", pa.string()),
        ("readings_indicator", pa.list_(pa.uint8())),
        ("readings_value", pa.list_(pa.float64())),
        ("json", pa.string()),
    ]
)

_decode = msgspec.json.Decoder(AnyEvent).decode


class EventTable:
    """Collects the event documents of a feed. What can't be read is counted in ``unreadable``, never passed over
    silently: the gateway lets nothing of that kind through, so somebody wrote past it."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._columns: dict[str, list[Any]] = {name: [] for name in SCHEMA.names}
        self.unreadable: list[str] = []

    def __len__(self) -> int:
        return len(self._columns["id"])

    def take(self, rows: Iterable[ChangeRow]) -> None:
        """Add the events among some changes. Derived documents and tombstones are no events."""
        for row in rows:
            if row.deleted or _kind(row.id) not in EVENT_KINDS:
                continue
            try:
                self._add(_decode(row.doc), row.doc)
            except (msgspec.ValidationError, IdError):
                self.unreadable.append(row.id)

    def to_arrow(self) -> pa.Table:
        """The rows in the order in which they came."""
        return pa.table(self._columns, schema=SCHEMA)

    def _add(self, document: AnyEvent, raw: msgspec.Raw) -> None:
        identity, fact = parse_id(document.id), case_fact(document)
        indicators, values = self._readings(document)
        row = {
            "id": document.id,
            "kind": identity.kind,
            "division": identity.division,
            "owner": identity.owner,
            "ulid": identity.ulid,
            "observed_at": calendar.to_ms(document.observed_at),
            "saved_at": calendar.to_ms(document.saved_at),
            "indicator": self._position(fact.indicator if fact else None),
            "severity": fact.severity if fact else None,
            "case": fact.case if fact else None,
            "step": fact.step if fact else None,
            "due": fact.due_day if fact else None,
            "author": fact.author if fact else None,
            "office": fact.office if fact else None,
            "department": fact.department if fact else None,
            "verified_by": fact.verified_by if fact else None,
            "is_better": fact.is_better if fact else None,
            "notice": fact.notice if fact else None,
            "readings_indicator": indicators,
            "readings_value": values,
            "json": None if isinstance(document, Round) else bytes(raw).decode(),
        }
        for name, column in self._columns.items():
            column.append(row[name])

    def _position(self, code: str | None) -> int:
        return NO_INDICATOR if code is None else self._catalogue.index.get(code, NO_INDICATOR)

    def _readings(self, document: AnyEvent) -> tuple[list[int], list[float]]:
        indicators: list[int] = []
        values: list[float] = []
        if isinstance(document, Round | Inspection):
            for code, value in document.readings.items():
                try:
                    values.append(self._catalogue.encode_reading(code, value))
                except ReadingError:
                    # taken under an earlier catalogue, which had this indicator or a wider range
                    self.unreadable.append(f"{document.id} {code}")
                    continue
                indicators.append(self._catalogue.index[code])
        return indicators, values


def _kind(document_id: str) -> str:
    """The second part of an id, without judging the rest."""
    parts = document_id.split(":", 2)
    return parts[1] if len(parts) > 1 else ""
