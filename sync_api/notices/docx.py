"""A paper as .docx, for an office that goes on working at it: the same sheet in the offices' own fonts.

A grid gives the lines of GB/T 9704—2012, and signs that stand closer by a quarter of a point give 28 on each: Word's
own grid of signs is read in another way by LibreOffice. What Word cannot say is left to the office: that the record
of printing stands on an even page. It closes the page on which the paper ends, so that no blank page is before it.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from math import ceil
from typing import Final, cast

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.table import Table
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from models.documents import Notice
from models.notices import sheet as form
from models.notices.offices import issued_on
from models.notices.sheet import Sheet, Slip, sheet_of

FANGSONG, HEITI, BIAOSONG, SONGTI = "仿宋_GB2312", "黑体", "方正小标宋简体", "宋体"
#: What a machine takes that has not got the office's font.
_ALTERNATIVES: Final = {
    FANGSONG: "FangSong",
    HEITI: "SimHei",
    BIAOSONG: "SimSun",
    SONGTI: "SimSun",
}
_RED: Final = RGBColor(0xE6, 0x00, 0x12)
_TWIPS_PER_MM: Final = 1440 / 25.4
_POINTS_PER_MM: Final = 72 / 25.4
_CENTRE, _RIGHT, _LEFT = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT, WD_ALIGN_PARAGRAPH.LEFT
#: By how much a sign of the text stands closer: 28 of 16 pt are 158 mm.
_CLOSER_TWIPS: Final = ceil((form.SIZE_BODY - form.SIGN_PITCH * _POINTS_PER_MM) * 20)
_MARK_POINTS_MAX: Final = 52.0
#: The beginning of a zip's time; the paper's own day stands in its text.
_ZIP_EPOCH: Final = (1980, 1, 1, 0, 0, 0)


def docx_of(notice: Notice, stamp: str = "") -> bytes:
    """The same paper gives the same bytes; a ``stamp`` stands at the head of each page."""
    document, sheet = Document(), sheet_of(notice, stamp)
    _set_up(document, sheet, notice)
    _head(document, sheet)
    _text(document, sheet)
    _attachments(document, sheet)
    _record(document, sheet)
    if sheet.stub is not None:
        _slip(document, sheet.stub, "")
    out = io.BytesIO()
    document.save(out)
    return _settled(out.getvalue())


def _set_up(document: WordDocument, sheet: Sheet, notice: Notice) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(form.PAGE_WIDTH), Mm(form.PAGE_HEIGHT)
    section.top_margin, section.bottom_margin = Mm(form.MARGIN_TOP), Mm(form.MARGIN_BOTTOM)
    section.left_margin, section.right_margin = Mm(form.MARGIN_LEFT), Mm(form.MARGIN_RIGHT)
    # the dash stands at half the height of its line, which is about 1.3 times its type
    half_line = form.SIZE_SMALL * 1.3 / _POINTS_PER_MM / 2
    section.footer_distance = Mm(form.MARGIN_BOTTOM - form.NUMBER_BELOW - half_line)
    grid = document.element.body.sectPr.find(qn("w:docGrid"))
    grid.set(qn("w:type"), "lines")
    grid.set(qn("w:linePitch"), str(int(form.LINE_PITCH * _TWIPS_PER_MM)))
    normal = cast(ParagraphStyle, document.styles["Normal"])
    normal.font.name, normal.font.size = FANGSONG, Pt(form.SIZE_BODY)
    normal.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), FANGSONG)
    document.settings.odd_and_even_pages_header_footer = True
    for footer, side in ((section.footer, _RIGHT), (section.even_page_footer, _LEFT)):
        _page_number(footer.paragraphs[0], side)
    heads = [*(("模拟数据，不是真实文件",) if sheet.simulated else ()), *((sheet.stamp,) if sheet.stamp else ())]
    if heads:
        for header in (section.header, section.even_page_header):
            _write(header.paragraphs[0], "　".join(heads), HEITI, 10, _RIGHT)
    day = issued_on(notice)
    core = document.core_properties
    core.title, core.author, core.comments = "".join(sheet.title), sheet.printed_by, ""
    core.created = core.modified = notice.issued_at.replace(microsecond=0, tzinfo=None)
    core.last_modified_by, core.subject = sheet.printed_by, f"{sheet.number} {day.isoformat()}"


def _head(document: WordDocument, sheet: Sheet) -> None:
    # a hair less than fits, for a font that is a little wider
    mark_points = min(_MARK_POINTS_MAX, int(form.TEXT_WIDTH * _POINTS_PER_MM * 0.98 / len(sheet.mark)))
    mark = _line(document, sheet.mark, BIAOSONG, mark_points, _CENTRE)
    mark.runs[0].font.color.rgb = _RED
    mark.paragraph_format.space_before = Mm(form.MARK_BELOW)
    _exactly(mark, mark_points)
    _blank(document, 2)
    number = _line(document, sheet.number, FANGSONG, form.SIZE_BODY, _CENTRE)
    points = int(form.LINE_BELOW * _POINTS_PER_MM)
    line = f'<w:bottom w:val="single" w:sz="10" w:space="{points}" w:color="{_RED}"/>'
    # python-docx knows no borders; the schema has them before these
    number._p.get_or_add_pPr().insert_element_before(
        parse_xml(f"<w:pBdr {nsdecls('w')}>{line}</w:pBdr>"), "w:spacing", "w:ind", "w:jc", "w:rPr"
    )
    _blank(document, 2)
    for text in sheet.title:
        _exactly(_line(document, text, BIAOSONG, form.SIZE_TITLE, _CENTRE), form.LINE_PITCH * _POINTS_PER_MM * 1.2)
    _blank(document, 1)


def _text(document: WordDocument, sheet: Sheet) -> None:
    if sheet.addressee:
        _line(document, sheet.addressee, FANGSONG, form.SIZE_BODY, _LEFT)
    for part in sheet.body:
        line = _line(document, part.text, HEITI if part.level == 1 else FANGSONG, form.SIZE_BODY)
        _indent(line, 2)
        line.paragraph_format.keep_with_next = part.level > 0
    # the seal stands on no page without text
    closing = len(document.paragraphs) - 1
    names = sheet.attachments
    if names:
        _blank(document, 1)
    for at, name in enumerate(names):
        text = (f"{at + 1}. " if len(names) > 1 else "") + name
        _hang(_line(document, ("附件：" if at == 0 else "") + text, FANGSONG, form.SIZE_BODY, _LEFT), at == 0)
    for at, (label, who) in enumerate(sheet.attendance):
        _blank(document, int(at == 0))
        line = _line(document, label, HEITI, form.SIZE_BODY, _LEFT)
        _typed(line.add_run(who), FANGSONG, form.SIZE_BODY)
        _hang(line, is_first=True)
    if sheet.signature:
        _signature(document, sheet, closing)


def _signature(document: WordDocument, sheet: Sheet, closing: int) -> None:
    """Office and day; ``closing`` is the paragraph that they keep to."""
    _blank(document, 3)
    office, day = (float(len(sheet.signature)), sum(0.5 if sign.isascii() else 1.0 for sign in sheet.day))
    by_office, by_day = (4 + (day - office) / 2, 4.0) if office <= day else (2.0, office - day)
    for text, signs in ((sheet.signature, by_office), (sheet.day, by_day)):
        line = _line(document, text, FANGSONG, form.SIZE_BODY, _RIGHT)
        line.paragraph_format.right_indent = Mm(signs * form.SIGN_PITCH)
    for paragraph in document.paragraphs[closing:-1]:
        paragraph.paragraph_format.keep_with_next = True


def _attachments(document: WordDocument, sheet: Sheet) -> None:
    many, annexes = len(sheet.attachments) > 1, int(sheet.annex is not None)
    if sheet.annex is not None:
        _title(document, sheet.annex.title, "附件1" if many else "附件")
        _table(document, [sheet.annex.head, *sheet.annex.rows], form.SIZE_TABLE)
        if sheet.annex.note:
            _line(document, sheet.annex.note, FANGSONG, form.SIZE_TABLE, _LEFT)
    for at, slip in enumerate(sheet.slips, annexes + 1):
        _slip(document, slip, f"附件{at}" if many else "附件")


def _slip(document: WordDocument, slip: Slip, label: str) -> None:
    _title(document, slip.title, label)
    table = _table(document, slip.rows, form.SIZE_BODY)
    table.autofit = False
    for column, signs in zip(table.columns, (9, 19), strict=True):
        column.width = Mm(signs * form.SIGN_PITCH)
    for row, (_, value) in zip(table.rows, slip.rows, strict=True):
        row.height = Mm(form.LINE_PITCH * (2.2 if value == "" else 1.0))
        row.cells[0].width, row.cells[1].width = Mm(9 * form.SIGN_PITCH), Mm(19 * form.SIGN_PITCH)


def _title(document: WordDocument, title: str, label: str) -> None:
    """The head of a part that begins a page of its own."""
    first = _line(document, label, HEITI, form.SIZE_BODY, _LEFT)
    first.paragraph_format.page_break_before = True
    _blank(document, 1)
    _exactly(_line(document, title, BIAOSONG, form.SIZE_TITLE, _CENTRE), form.LINE_PITCH * _POINTS_PER_MM * 1.2)
    _blank(document, 1)


def _table(document: WordDocument, rows: Sequence[Sequence[str]], points: float) -> Table:
    table: Table = document.add_table(len(rows), len(rows[0]), style="Table Grid")
    for row, texts in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            _write(cell.paragraphs[0], text, FANGSONG, points, _LEFT)
            _off_grid(cell.paragraphs[0])
    return table


def _record(document: WordDocument, sheet: Sheet) -> None:
    """The record of printing, a table that floats at the foot of the page on which the paper ends."""
    rows = [(f"{sheet.copies_label}{sheet.copies}。", "")] if sheet.copies else []
    rows.append((sheet.printed_by, f"{sheet.printed_on}印发"))
    table = document.add_table(len(rows), 2)
    for row, texts in zip(table.rows, rows, strict=True):
        for cell, text, side in zip(row.cells, texts, (_LEFT, _RIGHT), strict=True):
            _write(cell.paragraphs[0], text, FANGSONG, form.SIZE_SMALL, side)
            _off_grid(cell.paragraphs[0])
            cell.paragraphs[0].paragraph_format.left_indent = Pt(form.SIZE_SMALL)
            cell.paragraphs[0].paragraph_format.right_indent = Pt(form.SIZE_SMALL)
        if not texts[1]:
            row.cells[0].merge(row.cells[1])
    properties = table._tbl.tblPr  # python-docx knows no floating tables
    width = int(form.TEXT_WIDTH * _TWIPS_PER_MM)
    after = (
        "w:jc",
        "w:tblCellSpacing",
        "w:tblInd",
        "w:tblBorders",
        "w:shd",
        "w:tblLayout",
        "w:tblCellMar",
        "w:tblLook",
    )
    for old in properties.findall(qn("w:tblW")):
        properties.remove(old)
    place = f'<w:tblpPr {nsdecls("w")} w:vertAnchor="margin" w:horzAnchor="margin" w:tblpX="0" w:tblpYSpec="bottom"/>'
    properties.insert_element_before(parse_xml(place), "w:tblW", *after)
    properties.insert_element_before(parse_xml(f'<w:tblW {nsdecls("w")} w:w="{width}" w:type="dxa"/>'), *after)
    lines = "".join(  # 0.35 and 0.25 mm, in eighths of a point
        f'<w:{side} w:val="single" w:sz="{eighths}"/>' for side, eighths in (("top", 8), ("bottom", 8), ("insideH", 6))
    )
    borders = parse_xml(f"<w:tblBorders {nsdecls('w')}>{lines}</w:tblBorders>")
    properties.insert_element_before(borders, *after[4:])


def _line(
    document: WordDocument, text: str, font: str, points: float, side: WD_ALIGN_PARAGRAPH | None = None
) -> Paragraph:
    paragraph = document.add_paragraph()
    _write(paragraph, text, font, points, side)
    return paragraph


def _blank(document: WordDocument, lines: int) -> None:
    for _ in range(lines):
        _line(document, "", FANGSONG, form.SIZE_BODY)


def _write(paragraph: Paragraph, text: str, font: str, points: float, side: WD_ALIGN_PARAGRAPH | None = None) -> Run:
    paragraph.alignment = side if side is not None else WD_ALIGN_PARAGRAPH.JUSTIFY
    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(0)
    paragraph.paragraph_format.line_spacing = 1.0
    return _typed(paragraph.add_run(text), font, points)


def _typed(run: Run, font: str, points: float) -> Run:
    run.font.name, run.font.size = font, Pt(points)
    if points == form.SIZE_BODY:
        closer = parse_xml(f'<w:spacing {nsdecls("w")} w:val="-{_CLOSER_TWIPS}"/>')
        run._r.get_or_add_rPr().insert_element_before(closer, "w:sz", "w:szCs")
    run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)  # the only way to it
    return run


def _off_grid(paragraph: Paragraph) -> None:
    """Of other sizes than the text, or in a narrow cell."""
    off = parse_xml(f'<w:snapToGrid {nsdecls("w")} w:val="0"/>')
    paragraph._p.get_or_add_pPr().insert_element_before(off, "w:spacing", "w:ind", "w:jc", "w:rPr")


def _exactly(paragraph: Paragraph, points: float) -> None:
    _off_grid(paragraph)
    paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    paragraph.paragraph_format.line_spacing = Pt(points)


def _indent(paragraph: Paragraph, signs: int) -> None:
    paragraph.paragraph_format.first_line_indent = Mm(signs * form.SIGN_PITCH)


def _hang(paragraph: Paragraph, is_first: bool) -> None:
    """The names of what is attached stand below one another, behind 附件：."""
    paragraph.paragraph_format.left_indent = Mm(5 * form.SIGN_PITCH)
    paragraph.paragraph_format.first_line_indent = Mm(-3 * form.SIGN_PITCH) if is_first else Mm(0)


def _page_number(paragraph: Paragraph, side: WD_ALIGN_PARAGRAPH) -> None:
    _write(paragraph, "— ", SONGTI, form.SIZE_SMALL, side)
    field = _typed(paragraph.add_run(), SONGTI, form.SIZE_SMALL)
    for xml in (
        '<w:fldChar {} w:fldCharType="begin"/>',
        "<w:instrText {}> PAGE </w:instrText>",
        '<w:fldChar {} w:fldCharType="end"/>',
    ):
        field._r.append(parse_xml(xml.format(nsdecls("w"))))  # python-docx knows no fields
    _typed(paragraph.add_run(" —"), SONGTI, form.SIZE_SMALL)
    paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = Mm(form.SIGN_PITCH)


def _font_table() -> str:
    fonts = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{other}"/><w:charset w:val="86"/></w:font>'
        for name, other in _ALTERNATIVES.items()
    )
    return f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:fonts {nsdecls("w")}>{fonts}</w:fonts>'


def _settled(packed: bytes) -> bytes:
    """The same file without the time at which it was packed, and with what stands in for the offices' fonts."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            content = _font_table().encode() if name == "word/fontTable.xml" else old.read(name)
            new.writestr(zipfile.ZipInfo(name, _ZIP_EPOCH), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()
