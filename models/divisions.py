"""The register of divisions (组织体系): city, counties, townships, villages.

Codes are the national statistical division codes, so each level's code is a prefix of the codes below it.
"""

import csv
import io
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import cast

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.faults import Fault, FaultyFileError
from models.ids import LEVELS, Level
from models.tables import Row, read_table

COLUMNS = ("code", "level", "name", "parent")
PARENT_LENGTH: Mapping[Level, int] = MappingProxyType({"city": 0, "county": 4, "township": 6, "village": 9})


class Division(msgspec.Struct, frozen=True):
    """One node of the tree; `parent` is empty for a city."""

    code: str
    level: Level
    name: str
    parent: str


class RegisterError(FaultyFileError):
    """The register file has faults; nothing of it was taken."""


@dataclass(frozen=True)
class Register:
    """All divisions, in code order. Index arrays run over `villages` and are read-only.

    `township_of_village` and `county_of_village` (n_villages,) point into `townships` and `counties`, for roll-ups.
    """

    divisions: Mapping[str, Division]
    children: Mapping[str, tuple[str, ...]]
    counties: tuple[str, ...]
    townships: tuple[str, ...]
    villages: tuple[str, ...]
    village_index: Mapping[str, int]
    township_of_village: NDArray[np.intp]
    county_of_village: NDArray[np.intp]

    def county_of(self, code: str) -> str:
        """The county that a county, township or village code lies in; KeyError if it is not of this register."""
        county = self.divisions[code].code[:6]
        return self.divisions[county].code

    def villages_in(self, code: str) -> slice:
        """Where the villages of a division stand in `villages`: they are neighbours, because codes are prefixes."""
        after_all_below = code + ":"  # ":" sorts right after the digits
        return slice(bisect_left(self.villages, code), bisect_left(self.villages, after_all_below))

    def to_csv(self) -> bytes:
        """The canonical file: UTF-8, sorted by code. Parsing it gives an equal register."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows((d.code, d.level, d.name, d.parent) for d in self.divisions.values())
        return out.getvalue().encode()


def parse_register(data: bytes, filename: str) -> Register:
    """The register in a CSV with the columns code, level, name, parent; rows may stand in any order.

    Raises RegisterError with every fault and its line: wrong encoding or header, wrong column count, a code of wrong
    length or not of digits, a level that the length contradicts, an unknown parent or one that is not the prefix, a
    duplicate, an empty name.
    """
    rows, faults = read_table(data, filename, COLUMNS)
    codes = {row.values["code"] for row in rows}
    first_line: dict[str, int] = {}
    for row in rows:
        faults.extend(_faults_of(row, codes, first_line))
        first_line.setdefault(row.values["code"], row.line)
    if not rows and not faults:
        faults.append(Fault(0, "empty", "文件中没有任何区划", "the file holds no divisions"))
    if faults:
        raise RegisterError(filename, faults)
    return _build([_division(row) for row in rows])


def _faults_of(row: Row, codes: set[str], first_line: dict[str, int]) -> list[Fault]:
    code, level, name, parent = (row.values[column] for column in COLUMNS)
    expected = LEVELS.get(len(code))
    if expected is None or not (code.isascii() and code.isdigit()):
        return [_bad_code(row.line, code)]
    faults = []

    def add(kind: str, zh: str, en: str) -> None:
        faults.append(Fault(row.line, kind, f"{code}：{zh}", f"{code}: {en}"))

    if code in first_line:
        line = first_line[code]
        add("duplicate", f"与第 {line} 行代码重复", f"code already stands in line {line}")
    if level != expected:
        add(
            "level",
            f"{len(code)} 位代码应为 {expected}，现为 {level}",
            f"its length makes it a {expected}, not {level}",
        )
    if not name:
        add("name", "名称为空", "the name is empty")
    prefix = code[: PARENT_LENGTH[expected]]
    if parent != prefix:
        add("parent_prefix", f"上级应为“{prefix}”，现为“{parent}”", f'the parent must be "{prefix}", not "{parent}"')
    elif prefix and prefix not in codes:
        add("parent_unknown", f"上级 {prefix} 不在文件中", f"its parent {prefix} is not in the file")
    return faults


def _bad_code(line: int, code: str) -> Fault:
    zh, en = f"代码“{code}”应为 4、6、9 或 12 位数字", f'code "{code}" must be 4, 6, 9 or 12 digits'
    if "E+" in code.upper():
        zh += "（电子表格已将其改为科学计数法，请把该列设为文本后重新导出）"
        en += " (a spreadsheet turned it into a rounded number: format the column as text and export again)"
    return Fault(line, "code", zh, en)


def _division(row: Row) -> Division:
    values = row.values
    return Division(values["code"], cast(Level, values["level"]), values["name"], values["parent"])


def _build(divisions: list[Division]) -> Register:
    divisions = sorted(divisions, key=lambda division: division.code)
    children: dict[str, list[str]] = defaultdict(list)
    codes: dict[Level, list[str]] = {"city": [], "county": [], "township": [], "village": []}
    for division in divisions:
        codes[division.level].append(division.code)
        if division.parent:
            children[division.parent].append(division.code)
    villages = tuple(codes["village"])
    return Register(
        divisions=MappingProxyType({division.code: division for division in divisions}),
        children=MappingProxyType({code: tuple(below) for code, below in children.items()}),
        counties=tuple(codes["county"]),
        townships=tuple(codes["township"]),
        villages=villages,
        village_index=MappingProxyType({code: index for index, code in enumerate(villages)}),
        township_of_village=_index_of_prefix(villages, codes["township"], 9),
        county_of_village=_index_of_prefix(villages, codes["county"], 6),
    )


def _index_of_prefix(villages: tuple[str, ...], above: list[str], length: int) -> NDArray[np.intp]:
    position = {code: index for index, code in enumerate(above)}
    index = np.array([position[village[:length]] for village in villages], dtype=np.intp)
    index.flags.writeable = False
    return index
