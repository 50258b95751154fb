"""A paper as PDF: the sheet, set by Typst in fonts that lie beside it. The same paper gives the same bytes."""

from __future__ import annotations

from importlib import resources
from typing import Final

import msgspec
import pylopdf_fonts_zh_cn
import typst

from models.documents import Notice
from models.notices import sheet
from models.notices.sheet import Sheet, sheet_of

#: 仿宋 is not to be had freely as a package: the body is set in 宋体 (Noto Serif SC), headings in 黑体 (Noto Sans SC).
_FONTS: Final = typst.Fonts(include_system_fonts=False, font_paths=[str(pylopdf_fonts_zh_cn.serif_path().parent)])
_FORM: Final = resources.files(__package__).joinpath("paper.typ")
_MEASURES: Final = {
    name.lower(): value for name, value in vars(sheet).items() if name.isupper() and isinstance(value, int | float)
}
#: A page has 22 lines; GB/T 9704—2012 (5.2.2) has them closer where that spares a blank page before the record of
#: printing.
_LINES: Final = (sheet.LINES_A_PAGE, 23, 24)


def pdf_of(notice: Notice, stamp: str = "") -> bytes:
    """With a ``stamp`` across each page (models/notices/sheet.py). Takes some tenths of a second: to be called in a
    thread."""
    return _set(sheet_of(notice, stamp))


def _set(paper: Sheet) -> bytes:
    inputs = [_inputs(paper, lines) for lines in _LINES]
    chosen = next((one for one in inputs if not _has_blank_page(one)), inputs[0])
    return typst.compile(_FORM.read_bytes(), format="pdf", font_paths=_FONTS, sys_inputs=chosen, timestamp=0)


def _inputs(paper: Sheet, lines: int) -> dict[str, str]:
    measures = _MEASURES | {"line_pitch": sheet.TEXT_HEIGHT / lines}
    return {"sheet": msgspec.json.encode(paper).decode(), "measures": msgspec.json.encode(measures).decode()}


def _has_blank_page(inputs: dict[str, str]) -> bool:
    found = typst.query(
        _FORM.read_bytes(), "<after-blank>", field="value", one=True, font_paths=_FONTS, sys_inputs=inputs
    )
    return bool(msgspec.json.decode(found))
