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
_MEASURES: Final = msgspec.json.encode(
    {name.lower(): value for name, value in vars(sheet).items() if name.isupper() and isinstance(value, int | float)}
).decode()


def pdf_of(notice: Notice, stamp: str = "") -> bytes:
    """With a ``stamp`` across each page (models/notices/sheet.py). Takes some tenths of a second: to be called in a
    thread."""
    return _set(sheet_of(notice, stamp))


def _set(paper: Sheet) -> bytes:
    return typst.compile(
        _FORM.read_bytes(),
        format="pdf",
        font_paths=_FONTS,
        sys_inputs={"sheet": msgspec.json.encode(paper).decode(), "measures": _MEASURES},
        timestamp=0,
    )
