"""The last changes of one database, in memory: what nearly every ``_changes`` request can be answered from.

Rows stand in the order of the upstream feed, without a gap, so a sequence that stands here can be continued from here;
one that does not is answered from CouchDB. Losing the log costs time, never data.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from models.ids import CODE_LENGTHS, Scope
from sync_api.couch import Row, seq_text

#: A county's busiest day has some 400 changes; a row takes about 800 bytes.
ROWS_KEPT: Final = 20_000
#: Lengths of division codes by which the last change of each division is known.
_LENGTHS: Final = tuple(CODE_LENGTHS.values())


class ChannelLog:
    """Rows since ``begin``; at least the last ``kept`` of them."""

    def __init__(self, kept: int = ROWS_KEPT) -> None:
        self._kept = kept
        self.begin(None)

    def begin(self, sequence: str | None) -> None:
        """Start anew behind a sequence; None: nothing is known yet."""
        self._rows: list[Row] = []
        #: The position of ``_rows[0]``; positions rise by one a row and are never used again.
        self._first = 1
        self._positions: dict[str, int] = {} if sequence is None else {sequence: 0}
        #: Of a document that changed twice only the last row is told, as CouchDB does.
        self._last_of_id: dict[str, int] = {}
        self._last_of_division: dict[str, int] = {}

    def append(self, row: Row) -> None:
        position = self._first + len(self._rows)
        self._rows.append(row)
        self._positions[seq_text(row.seq)] = position
        self._last_of_id[row.id] = position
        for length in _LENGTHS:
            self._last_of_division[row.id[:length]] = position
        if len(self._rows) >= 2 * self._kept:
            self._forget(len(self._rows) - self._kept)

    def holds(self, since: str) -> bool:
        """Whether a sequence can be continued from here."""
        return since in self._positions

    def after(self, since: str, scope: Scope, limit: int) -> tuple[list[Row], str]:
        """The scope's rows after a sequence that the log holds, at most ``limit``, and the sequence to go on from."""
        position = self._positions[since]
        if self._newest_in(scope) <= position:
            return [], self._last_sequence(since)
        rows: list[Row] = []
        for row in self._visible_after(position, scope):
            rows.append(row)
            if len(rows) == limit:
                return rows, seq_text(row.seq)
        return rows, self._last_sequence(since)

    def _visible_after(self, position: int, scope: Scope) -> Iterator[Row]:
        start = max(position + 1 - self._first, 0)
        for place in range(start, len(self._rows)):
            row = self._rows[place]
            if self._last_of_id[row.id] == self._first + place and scope.allows(row.id):
                yield row

    def _newest_in(self, scope: Scope) -> int:
        """No row of the scope lies behind this position: the last change of its divisions, whoever made it."""
        length = CODE_LENGTHS["village"]
        return max((self._last_of_division.get(prefix[:length], 0) for prefix in scope.prefixes), default=0)

    def _last_sequence(self, since: str) -> str:
        return seq_text(self._rows[-1].seq) if self._rows else since

    def _forget(self, count: int) -> None:
        """Drop the oldest rows. The sequence of the last dropped one is kept: it can still be continued from."""
        dropped, self._rows = self._rows[:count], self._rows[count:]
        for place, row in enumerate(dropped):
            if self._last_of_id[row.id] == self._first + place:
                del self._last_of_id[row.id]
        self._first += count
        self._positions = {seq: at for seq, at in self._positions.items() if at >= self._first - 1}
