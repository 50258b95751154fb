"""CSV tables handed in as bytes: rows with their line numbers, and the faults that a spreadsheet usually brings."""

import csv
from typing import NamedTuple

from models.faults import Fault


class Row(NamedTuple):
    line: int
    values: dict[str, str]


def read_table(data: bytes, filename: str, columns: tuple[str, ...]) -> tuple[list[Row], list[Fault]]:
    """Rows of a UTF-8 CSV (a byte-order mark is allowed) whose header is exactly `columns`.

    Cells are stripped of outer blanks, empty lines are passed over. A wrong encoding or header gives that one fault
    and no rows, because nothing below it would mean anything; a row of the wrong width is a fault and left out.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return [], [_encoding_fault(data, filename, error.start)]
    # a cell never holds a line break, so each line is read by itself: a stray quote spoils its own line only
    header, *lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    rows: list[Row] = []
    faults: list[Fault] = []
    if tuple(_cells(header) or ()) != columns:
        return [], [_header_fault(header, columns)]
    for number, line in enumerate(lines, start=2):
        cells = _cells(line)
        if cells is None:
            faults.append(Fault(number, "quotes", "引号没有成对", "a quotation mark is not closed or stands alone"))
        elif any(cells) and len(cells) != len(columns):
            faults.append(_width_fault(number, len(cells), len(columns)))
        elif any(cells):
            rows.append(Row(number, dict(zip(columns, cells, strict=True))))
    return rows, faults


def _cells(line: str) -> list[str] | None:
    """The stripped cells of one line; None if its quotation marks don't pair."""
    try:
        return [cell.strip() for cell in next(csv.reader([line], strict=True), [])]
    except csv.Error:
        return None


def _encoding_fault(data: bytes, filename: str, first_bad: int) -> Fault:
    line = data.count(b"\n", 0, first_bad) + 1
    guess = _guess_encoding(data)
    if guess is None:
        return Fault(line, "encoding", "不是 UTF-8 编码，请另存为 UTF-8", "not UTF-8; save the file as UTF-8")
    command = f"iconv -f {guess} -t UTF-8 {filename} > utf8.csv"
    return Fault(
        line,
        "encoding",
        f"文件是 {guess} 编码，不是 UTF-8；请先转换：{command}",
        f"the file is {guess}, not UTF-8; convert it first: {command}",
    )


def _guess_encoding(data: bytes) -> str | None:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "UTF-16"
    try:
        data.decode("gb18030")
    except UnicodeDecodeError:
        return None
    return "GB18030"


def _header_fault(header: str, columns: tuple[str, ...]) -> Fault:
    wanted, found = ",".join(columns), header[:200] or "—"
    return Fault(1, "header", f"首行应为 {wanted}，现为 {found}", f"the first line must be {wanted}; found {found}")


def _width_fault(line: int, found: int, wanted: int) -> Fault:
    return Fault(line, "width", f"应有 {wanted} 列，现有 {found} 列", f"{wanted} columns expected, {found} found")
