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
    rows: list[Row] = []
    faults: list[Fault] = []
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    try:
        header = tuple(cell.strip() for cell in next(reader, []))
        if header != columns:
            return [], [_header_fault(header, columns)]
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) == len(columns):
                stripped = (cell.strip() for cell in cells)
                rows.append(Row(reader.line_num, dict(zip(columns, stripped, strict=True))))
            else:
                faults.append(_width_fault(reader.line_num, len(cells), len(columns)))
    except csv.Error as error:
        faults.append(Fault(reader.line_num, "not_csv", f"不是合规的 CSV：{error}", f"not well-formed CSV: {error}"))
    return rows, faults


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


def _header_fault(header: tuple[str, ...], columns: tuple[str, ...]) -> Fault:
    found, wanted = ",".join(header) or "—", ",".join(columns)
    return Fault(1, "header", f"首行应为 {wanted}，现为 {found}", f"the first line must be {wanted}; found {found}")


def _width_fault(line: int, found: int, wanted: int) -> Fault:
    return Fault(line, "width", f"应有 {wanted} 列，现有 {found} 列", f"{wanted} columns expected, {found} found")
