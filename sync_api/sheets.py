"""Lists as files for an office's own programs: .xlsx, and .csv that a spreadsheet opens with the right characters."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, Literal, NamedTuple
from urllib.parse import quote

from litestar import Response

from models.calendar import LOCAL
from models.setup import Setup
from sync_api.casework.views import place_words

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
#: A file's name up to its ending, without the word that it is simulated.
_NAME_MAX: Final = 100
#: In the name of a file, in both languages, and on the second sheet.
SIMULATED: Final = "simulated"


class Asked(NamedTuple):
    """One thing that was asked of a list: in words, Chinese and English, and ``short`` for the name of the file."""

    words: tuple[str, str]
    short: str


class About(NamedTuple):
    """What a file says of itself, in its name (``name`` comes first there) and on its second sheet: the ``title`` of
    the list, Chinese and English, of which ``divisions``, by code, it is, as of when, and what was ``asked`` of it."""

    name: str
    title: tuple[str, str]
    setup: Setup
    divisions: Sequence[str]
    at: datetime
    asked: Sequence[Asked] = ()

    def file_name(self, form: Format) -> str:
        """``ledger-371724-open-red-simulated.xlsx``, in both languages."""
        first, *more = self.divisions
        others = [f"and-{len(more)}"] if more else []
        said = "-".join([self.name, first, *others, *(one.short for one in self.asked)])
        plain = re.sub(r"[^A-Za-z0-9._\u4e00-\u9fff]+", "-", said)[:_NAME_MAX].rstrip("-.")
        return f"{plain}-{SIMULATED}.{form}" if self.setup.rulebook.is_simulated else f"{plain}.{form}"

    def lines(self, rows: int, language: Language) -> list[list[Cell]]:
        """The second sheet."""
        at = int(language == "en")
        words = (", " if at else "；").join(one.words[at] for one in self.asked) or ("全部", "all")[at]
        lines: list[list[Cell]] = [
            [("区划", "Division")[at], place_words(self.setup.register, code), code] for code in self.divisions
        ]
        lines += [
            [("所列", "Shown")[at], words],
            [("数据时间", "As of")[at], _local(self.at)],
            [("行数", "Rows")[at], rows],
        ]
        return [*lines, [f"模拟数据 / {SIMULATED} data"]] if self.setup.rulebook.is_simulated else lines


def period(since: date | None, until: date | None, zh: str = "", en: str = "") -> Iterator[Asked]:
    """Days, both in it, with what happened on them; open at an end that is None, and nothing at all if both are."""
    if since is not None or until is not None:
        days = f"{since or ''} – {until or ''}".strip()
        short = f"{since}-{until}" if since and until else f"since-{since}" if since else f"until-{until}"
        yield Asked((f"{zh} {days}".strip(), f"{en} {days}".strip()), f"{en}-{short}".strip("-"))


def sheet(
    about: About,
    titles: Sequence[tuple[str, str]],
    rows: Iterable[Sequence[Cell]],
    form: Format,
    language: Language,
    colours: Mapping[str, str] | None = None,
) -> Response[bytes]:
    """A download of a list; instants are shown as in Heze. ``colours``: the ground of cells that hold just this word,
    where the form has colours. Its name is ASCII or Chinese; pages read it from the header."""
    shown = [[_local(cell) for cell in row] for row in rows]
    heads = [title[language == "en"] for title in titles]
    content = _xlsx(about, heads, shown, language, colours or {}) if form == "xlsx" else _csv(heads, shown)
    disposition = f"attachment; filename*=UTF-8''{quote(about.file_name(form))}"
    headers = {"Content-Disposition": disposition, "Cache-Control": "no-store"}
    return Response(content, media_type=MEDIA[form], headers=headers)


def _local(cell: Cell) -> Cell:
    return cell.astimezone(LOCAL).replace(tzinfo=None, microsecond=0) if isinstance(cell, datetime) else cell


def _xlsx(
    about: About, heads: Sequence[str], rows: list[list[Cell]], language: Language, colours: Mapping[str, str]
) -> bytes:
    from xlsxwriter import Workbook  # loaded by who saves one

    out = io.BytesIO()
    with Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        page = book.add_worksheet(about.title[language == "en"])
        bold = book.add_format({"bold": True, "bottom": 1})
        formats: dict[type, Any] = {
            date: book.add_format({"num_format": "yyyy-mm-dd"}),
            datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        }

        def write(page: Any, at: int, row: Sequence[Cell]) -> None:
            for column, cell in enumerate(row):
                shown = f"{cell[: _CELL_MAX - 1]}…" if isinstance(cell, str) and len(cell) > _CELL_MAX else cell
                page.write(at, column, shown, formats.get(type(cell)))

        page.write_row(0, 0, heads, bold)
        for at, row in enumerate(rows, 1):
            write(page, at, row)
        for column, title in enumerate(heads):
            longest = max([2 * len(title), *(len(str(row[column] or "")) for row in rows)])
            page.set_column(column, column, min(max(longest + 2, _WIDTHS[0]), _WIDTHS[1]))
        for word, colour in colours.items():
            ground = {
                "type": "cell",
                "criteria": "==",
                "value": f'"{word}"',
                "format": book.add_format({"bg_color": colour}),
            }
            page.conditional_format(1, 0, max(1, len(rows)), len(heads) - 1, ground)
        page.freeze_panes(1, 0)
        page.autofilter(0, 0, len(rows), len(heads) - 1)
        page = book.add_worksheet(("说明", "About")[language == "en"])
        for at, line in enumerate(about.lines(len(rows), language)):
            write(page, at, line)
        page.set_column(0, 2, 20)
    return out.getvalue()


def _csv(columns: Sequence[str], rows: list[list[Cell]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _harmless(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
