"""What a county's events come to, folded and kept, so that a night costs what the day brought and not the history.

    {mirror}/state/371724/readings.npz     the latest reading of each cell
    {mirror}/state/371724/facts.msgpack    all that is known of each case
    {mirror}/state/371724/shown.msgpack    the cases that are open or were cleared lately, folded
    {mirror}/state/371724/basis.json       what they were folded by

All of it follows from the mirror and may be deleted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final
from zipfile import BadZipFile

import msgspec
import numpy as np
import pyarrow as pa

from jobs.faults import DamagedError
from jobs.rows import case_facts, reading_log
from models.cases import Case, CaseFact, fold_cases
from models.readings import Readings
from models.village import Rulebook

CaseKey = tuple[str, str]

FILES: Final = ("readings.npz", "facts.msgpack", "shown.msgpack", "basis.json")


class Basis(msgspec.Struct, frozen=True):
    """Folding by another policy, or for other villages, gives something else."""

    policy: str
    villages: tuple[str, ...]


class ShownCases(msgspec.Struct):
    """The cases that are open or were cleared lately, and the last day on which any case was cleared: from then on
    closed ones light nothing."""

    cases: list[Case]
    last_cleared_day: int


class Folded:
    """The folded state of one county; ``villages`` in register order give the rows of ``readings``."""

    def __init__(self, villages: Sequence[str], rulebook: Rulebook) -> None:
        self.villages = tuple(villages)
        self._rulebook = rulebook
        self.readings = Readings.none(len(villages), len(rulebook.catalogue.indicators))
        self._facts: defaultdict[CaseKey, set[CaseFact]] = defaultdict(set)
        #: Where the facts still lie: they are read when a case moves, on a quiet day nobody needs them.
        self._unread: Path | None = None
        self._shown: dict[CaseKey, Case] = {}
        self._last_cleared_day = 0

    def cases_on(self, day: int) -> list[Case]:
        """All cases that a lights document of a day tells of (and perhaps more), ordered by village and case.

        These are the open ones and those cleared lately, unless the day lies before a clearing: then all are folded.
        """
        if day >= self._last_cleared_day:
            return [self._shown[key] for key in sorted(self._shown)]
        return fold_cases((fact for facts in self._known_facts().values() for fact in facts), self._rulebook.policy)

    def take(self, rows: pa.Table) -> None:
        """Fold mirror rows in. Order and repetition make no difference."""
        self.readings.update(reading_log(rows, self.villages).in_order())
        facts = case_facts(rows, self._rulebook.catalogue)
        if facts:
            self._fold(facts)

    def save(self, folder: Path) -> None:
        """Keep the state in a folder, each file whole or not at all."""
        r = self.readings
        with _unfinished(folder / FILES[0]).open("wb") as file:
            np.savez(file, value=r.value, observed_ms=r.observed_ms, ulid=r.ulid)
        if self._unread is None:
            flat = [fact for facts in self._facts.values() for fact in facts]
            _unfinished(folder / FILES[1]).write_bytes(msgspec.msgpack.encode(flat))
        shown = ShownCases(list(self._shown.values()), self._last_cleared_day)
        _unfinished(folder / FILES[2]).write_bytes(msgspec.msgpack.encode(shown))
        basis = Basis(self._rulebook.policy.version, self.villages)
        _unfinished(folder / FILES[3]).write_bytes(msgspec.json.encode(basis))
        for name in FILES:
            if _unfinished(folder / name).exists():
                _unfinished(folder / name).replace(folder / name)

    @classmethod
    def load(cls, folder: Path, villages: Sequence[str], rulebook: Rulebook) -> Folded | None:
        """The state kept in a folder, or None if there is none, it was folded by something else, or is damaged."""
        if not all((folder / name).exists() for name in FILES):
            return None
        try:
            return cls._read(folder, villages, rulebook)
        except (ValueError, EOFError, KeyError, BadZipFile, msgspec.MsgspecError):
            return None  # damaged: what it says follows from the mirror and is folded again

    @classmethod
    def _read(cls, folder: Path, villages: Sequence[str], rulebook: Rulebook) -> Folded | None:
        basis = msgspec.json.decode((folder / FILES[3]).read_bytes(), type=Basis)
        if basis != Basis(rulebook.policy.version, tuple(villages)):
            return None
        folded = cls(villages, rulebook)
        with np.load(folder / FILES[0]) as arrays:
            folded.readings = Readings(arrays["value"], arrays["observed_ms"], arrays["ulid"])
        known = msgspec.msgpack.decode((folder / FILES[2]).read_bytes(), type=ShownCases)
        folded._shown = {(case.village, case.case): case for case in known.cases}
        folded._last_cleared_day = known.last_cleared_day
        folded._unread = folder / FILES[1]
        return folded

    def _fold(self, new: Iterable[CaseFact]) -> None:
        facts = self._known_facts()
        touched: set[CaseKey] = set()
        for fact in new:
            facts[fact.village, fact.case].add(fact)
            touched.add((fact.village, fact.case))
        for key in touched:
            self._shown.pop(key, None)
        for case in fold_cases((fact for key in touched for fact in facts[key]), self._rulebook.policy):
            self._shown[case.village, case.case] = case
            self._last_cleared_day = max(self._last_cleared_day, case.cleared_day or 0)
        # of a day before the last clearing nobody asks here
        oldest = self._last_cleared_day - self._rulebook.policy.relapse.within_days
        for key in [key for key, case in self._shown.items() if not case.is_open and (case.cleared_day or 0) < oldest]:
            del self._shown[key]

    def _known_facts(self) -> defaultdict[CaseKey, set[CaseFact]]:
        if self._unread is not None:
            try:
                facts = msgspec.msgpack.decode(self._unread.read_bytes(), type=list[CaseFact])
            except msgspec.MsgspecError as error:
                raise DamagedError(self._unread, error) from error
            for fact in facts:
                self._facts[fact.village, fact.case].add(fact)
            self._unread = None
        return self._facts


def _unfinished(file: Path) -> Path:
    return file.with_name(file.name + ".unfinished")
