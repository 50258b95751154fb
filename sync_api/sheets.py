"""Lists as files for an office's own programs: .xlsx, and .csv that a spreadsheet opens with the right characters."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, Literal, NamedTuple

from litestar import Response

from models.calendar import LOCAL

Format = Literal["xlsx", "csv"]
Language = Literal["zh", "en"]
Cell = str | int | float | date | datetime | None

MEDIA: Final = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
#: Signs that make a spreadsheet take a text for a formula.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_WIDTHS: Final = (8, 60)
#: What a cell of a workbook holds; a .csv has the whole text.
_CELL_MAX: Final = 32_767


class About(NamedTuple):
    """What a workbook says of itself: the name of the list, and on a second page what it shows."""

    name: str
    title: str
    lines: Sequence[Sequence[Cell]]


#: What a second page says.
_ABOUT: Final[Sequence[tuple[str, str]]] = (
    ("区划", "Division"),
    ("所列", "Shown"),
    ("数据时间", "As of"),
    ("行数", "Rows"),
)


def about_file(
    name: tuple[str, str],
    division: str,
    shown: str,
    at: datetime,
    rows: int,
    language: Language,
    *,
    is_simulated: bool,
) -> About:
    """``name``: of the list, Chinese and English; ``shown``: what was asked of it, in words."""
    said: list[Cell] = [division, shown, at, rows]
    lines: list[list[Cell]] = [list(pair) for pair in zip(columns(language, _ABOUT), said, strict=True)]
    if is_simulated:
        lines.append(["模拟数据 / simulated data"])
    title, own = columns(language, [("说明", "About"), name])
    return About(own, title, lines)


def columns(language: Language, pairs: Sequence[tuple[str, str]]) -> list[str]:
    """The titles of columns, given as Chinese and English."""
    return [pair[language == "en"] for pair in pairs]


def sheet(
    name: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    form: Format,
    colours: Mapping[str, str] | None = None,
    about: About | None = None,
) -> Response[bytes]:
    """A download of a list; instants are shown as in Heze. ``colours``: the ground of cells that hold just this word,
    where the form has colours; ``about``: where it has a second page."""
    shown = [[_local(cell) for cell in row] for row in rows]
    content = _xlsx(columns, shown, colours or {}, about) if form == "xlsx" else _csv(columns, shown)
    headers = {"Content-Disposition": f'attachment; filename="{name}.{form}"', "Cache-Control": "no-store"}
    return Response(content, media_type=MEDIA[form], headers=headers)


def _local(cell: Cell) -> Cell:
    return cell.astimezone(LOCAL).replace(tzinfo=None, microsecond=0) if isinstance(cell, datetime) else cell


def _xlsx(columns: Sequence[str], rows: list[list[Cell]], colours: Mapping[str, str], about: About | None) -> bytes:
    from xlsxwriter import Workbook  # loaded by who saves one

    out = io.BytesIO()
    with Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        page = book.add_worksheet(about.name if about else None)
        bold = book.add_format({"bold": True, "bottom": 1})
        formats: dict[type, Any] = {
            date: book.add_format({"num_format": "yyyy-mm-dd"}),
            datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        }

        def write(page: Any, at: int, row: Sequence[Cell]) -> None:
            for column, cell in enumerate(row):
                shown = f"{cell[: _CELL_MAX - 1]}…" if isinstance(cell, str) and len(cell) > _CELL_MAX else cell
                page.write(at, column, shown, formats.get(type(cell)))

        page.write_row(0, 0, columns, bold)
        for at, row in enumerate(rows, 1):
            write(page, at, row)
        for column, title in enumerate(columns):
            longest = max([2 * len(title), *(len(str(row[column] or "")) for row in rows)])
            page.set_column(column, column, min(max(longest + 2, _WIDTHS[0]), _WIDTHS[1]))
        for word, colour in colours.items():
            ground = {
                "type": "cell",
                "criteria": "==",
                "value": f'"{word}"',
                "format": book.add_format({"bg_color": colour}),
            }
            page.conditional_format(1, 0, max(1, len(rows)), len(columns) - 1, ground)
        page.freeze_panes(1, 0)
        page.autofilter(0, 0, len(rows), len(columns) - 1)
        if about:
            page = book.add_worksheet(about.title)
            for at, line in enumerate(about.lines):
                write(page, at, [_local(cell) for cell in line])
            page.set_column(0, 1, 20)
    return out.getvalue()


def _csv(columns: Sequence[str], rows: list[list[Cell]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _harmless(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
