"""Patrols and their checks as files."""

from __future__ import annotations

from typing import Final

from models.catalogue import Catalogue
from models.divisions import Register
from models.documents import Inspection, Patrol, ReadingValue
from models.ids import parse_id
from models.patrols import PatrolState
from sync_api.casework.views import place_of
from sync_api.sheets import Cell, Language

ARCHIVE_COLUMNS: Final = (
    ("巡查", "Patrol"),
    ("方式", "By"),
    ("开始", "Since"),
    ("截止", "Until"),
    ("县区", "County"),
    ("乡镇", "Township"),
    ("村", "Village"),
    ("代码", "Code"),
    ("检查时间", "Checked at"),
    ("检查人", "Checked by"),
    ("读数", "Readings"),
    ("情况", "Text"),
)
TICKET_COLUMNS: Final = (("签号", "Ticket"), ("代码", "Code"), ("村", "Village"), ("抽中", "Drawn"))
_BY: Final = {"planned": ("计划", "plan"), "announced": ("随机抽查", "lot")}
_BY_ITSELF: Final = ("单独检查", "by itself")
#: One of an office above, or of a village that the patrol does not name.
_OF_ANOTHER: Final = ("其他巡查", "another patrol")


class ArchiveWriter:
    """Writes the rows of the archive in one language."""

    def __init__(self, register: Register, catalogue: Catalogue, language: Language) -> None:
        self._register, self._catalogue, self._at = register, catalogue, int(language == "en")

    def of_patrol(self, state: PatrolState) -> list[list[Cell]]:
        """A row for each check of its villages, and one for each village that nobody has checked."""
        patrol = state.patrol
        return [row for village in state.villages for row in self._of_village(patrol, village, state)]

    def by_itself(self, check: Inspection) -> list[Cell]:
        by = _OF_ANOTHER if check.patrol is not None else _BY_ITSELF
        identity = check.patrol[-26:] if check.patrol is not None else None
        village = parse_id(check.id).division
        place: list[Cell] = [*place_of(self._register, village), village]
        return [identity, by[self._at], None, None, *place, *self._said(check)]

    def _of_village(self, patrol: Patrol, village: str, state: PatrolState) -> list[list[Cell]]:
        first: list[Cell] = [patrol.id[-26:], _BY[patrol.step][self._at], patrol.since, patrol.until]
        first += [*place_of(self._register, village), village]
        checks = state.done.get(village, [])
        return [[*first, *self._said(check)] for check in checks] or [[*first, None, None, None, None]]

    def _said(self, check: Inspection) -> list[Cell]:
        readings = "; ".join(self._reading(code, value) for code, value in sorted(check.readings.items()))
        return [check.observed_at, parse_id(check.id).owner, readings, check.text]

    def _reading(self, code: str, value: ReadingValue) -> str:
        """The indicator and what was read of it, with its unit."""
        known = self._catalogue.index.get(code)
        if known is None:  # of an older catalogue
            return f"{code}: {value}"
        indicator = self._catalogue.indicators[known]
        name = (indicator.name_zh, indicator.name_en)[self._at]
        if isinstance(value, bool):
            said = (("否", "no"), ("是", "yes"))[value][self._at]
        elif value is None:
            said = ("无", "none")[self._at]
        else:
            unit = (indicator.unit, indicator.unit_en)[self._at] if indicator.kind == "number" else ""
            said = f"{value:.10g} {unit}".rstrip() if isinstance(value, int | float) else value
        return f"{code} {name}: {said}"
