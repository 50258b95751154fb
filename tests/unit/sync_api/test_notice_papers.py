"""The printed papers, measured: what GB/T 9704—2012 says in mm is there in mm."""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import Any

import docx
import msgspec
import numpy as np
import pdfplumber
import pytest
from docx.oxml.ns import qn
from docx.shared import Mm
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.documents import AgendaItem, Annex, Notice
from models.notices.sheet import LINES_A_PAGE, sheet_of
from sync_api.notices import pdf
from sync_api.notices.docx import docx_of
from sync_api.notices.pdf import pdf_of
from tests.papers import agenda, meeting, order, paper_of, warning

MM_PER_POINT = 25.4 / 72
DPI = 300
MM_PER_PIXEL = 25.4 / DPI
#: A sign's ink does not fill its square.
INK_MM = 0.6
LONG = "动态管理" * 700


@cache
def opened(kind: str) -> Any:
    papers: dict[str, Callable[[], Notice]] = {
        "warning": warning,
        "order": order,
        "long": lambda: warning(reported=LONG),
        "minutes": lambda: paper_of(meeting()),
    }
    paper = papers[kind]()
    return pdfplumber.open(io.BytesIO(pdf_of(paper)))


@cache
def pixels(kind: str, page: int) -> NDArray[np.int16]:
    """A page as ``(rows, columns, 3)``."""
    return np.asarray(opened(kind).pages[page].to_image(resolution=DPI).original.convert("RGB"), np.int16)


def red(kind: str) -> NDArray[np.bool_]:
    image = pixels(kind, 0)
    found: NDArray[np.bool_] = (image[..., 0] > 180) & (image[..., 1] < 90) & (image[..., 2] < 90)
    return found


def lines_of(kind: str, page: int, size: float = 16.0) -> list[list[dict[str, Any]]]:
    """Signs of a size, line by line, from the top."""
    chars = [c for c in opened(kind).pages[page].chars if abs(c["size"] - size) < 0.1 and c["text"].strip()]
    tops = sorted({round(c["matrix"][5], 1) for c in chars}, reverse=True)
    return [sorted((c for c in chars if round(c["matrix"][5], 1) == top), key=lambda c: c["x0"]) for top in tops]


@pytest.mark.parametrize("kind", ["warning", "order", "long", "minutes"])
def test_all_pages_are_a4_and_hold_nothing_beyond_the_margins_but_the_page_number(kind: str) -> None:
    for page in opened(kind).pages:
        assert (page.width, page.height) == (pytest.approx(595.28, abs=0.01), pytest.approx(841.89, abs=0.01))
        for char in page.chars:
            if char["text"].strip() and abs(char["size"] - 14) > 0.1:
                assert char["x0"] * MM_PER_POINT > 28 - 0.1
                # of a closing mark at the end of a line only the empty half stands out
                width = char["size"] / 2 if char["text"] in "，。、；：”》）〕" else 0
                assert (char["x1"] - width) * MM_PER_POINT < 210 - 26 + 0.4, char["text"]
                # the baseline lies in the text area
                assert 37 < (page.height - char["matrix"][5]) * MM_PER_POINT < 297 - 35


def test_the_mark_is_red_and_begins_35_mm_below_the_text_areas_upper_edge() -> None:
    for kind in ("warning", "order"):
        rows = np.flatnonzero(red(kind).any(axis=1))
        assert rows[0] * MM_PER_PIXEL == pytest.approx(37 + 35, abs=0.3)


def test_the_red_line_is_as_wide_as_the_text_and_lies_4_mm_below_the_number() -> None:
    found = red("order")
    line = int(np.flatnonzero(found.mean(axis=1) > 0.7)[0])
    columns = np.flatnonzero(found[line])
    assert columns[0] * MM_PER_PIXEL == pytest.approx(28, abs=0.2)
    assert columns[-1] * MM_PER_PIXEL == pytest.approx(210 - 26, abs=0.2)
    dark = pixels("order", 0).max(axis=2) < 120
    number_ends = int(np.flatnonzero(dark[:line].any(axis=1))[-1])
    assert (line - number_ends) * MM_PER_PIXEL == pytest.approx(4, abs=INK_MM)


def test_a_full_page_has_22_lines_and_a_full_line_28_signs() -> None:
    lines = lines_of("long", 1)
    assert len(lines) == 22
    assert Counter(len(line) for line in lines) == {28: 22}
    pitches = np.diff([-line[0]["matrix"][5] for line in lines]) * MM_PER_POINT
    assert pitches == pytest.approx(225 / 22, abs=0.02)
    dark = pixels("long", 1).max(axis=2) < 120
    assert np.flatnonzero(dark.any(axis=1))[0] * MM_PER_PIXEL == pytest.approx(37, abs=INK_MM)
    assert np.flatnonzero(dark.any(axis=0))[0] * MM_PER_PIXEL == pytest.approx(28, abs=INK_MM)


def test_types_are_second_third_and_fourth_size_in_embedded_fonts() -> None:
    chars = [c for page in opened("order").pages for c in page.chars if c["text"].strip()]
    # 二号 title, 三号 text, 四号 record and page number; the mark is as large as its line allows
    assert {22.0, 16.0, 14.0} < {round(c["size"], 1) for c in chars}
    assert all("+NotoS" in c["fontname"] for c in chars), {c["fontname"] for c in chars}
    headings = {c["fontname"].partition("+")[2] for c in chars if c["text"] in "一二三" and c["x0"] > 28 / MM_PER_POINT}
    assert any("Sans" in font for font in headings)


@pytest.mark.parametrize("kind", ["warning", "order", "long"])
def test_page_numbers_have_dashes_7_mm_below_the_text_right_on_odd_and_left_on_even_pages(kind: str) -> None:
    stub = int(kind == "order")
    pages = opened(kind).pages
    for number, page in enumerate(pages[: len(pages) - stub], 1):
        foot = [c for c in page.chars if (page.height - c["matrix"][5]) * MM_PER_POINT > 297 - 35 and c["text"].strip()]
        assert "".join(c["text"] for c in sorted(foot, key=lambda c: c["x0"])) == f"—{number}—"
        image = pixels(kind, number - 1)
        dark = image[int(264 / MM_PER_PIXEL) :].max(axis=2) < 150
        columns = np.flatnonzero(dark.any(axis=0)) * MM_PER_PIXEL
        rows = np.flatnonzero(dark[:, int(columns[0] / MM_PER_PIXEL) + 3])  # through the first dash
        assert 264 + rows.mean() * MM_PER_PIXEL == pytest.approx(297 - 35 + 7, abs=0.2)
        if number % 2:
            assert columns[-1] == pytest.approx(210 - 26 - 156 / 28, abs=INK_MM)
        else:
            assert columns[0] == pytest.approx(28 + 156 / 28, abs=INK_MM)


@settings(max_examples=12, deadline=None)
@given(st.integers(1, 1_000), st.integers(1, 12))
def test_the_record_of_printing_closes_an_even_page_and_the_seal_is_on_one_with_text(signs: int, asked: int) -> None:
    with pdfplumber.open(
        io.BytesIO(pdf_of(warning(reported="字" * signs, asked=["做好这一项工作。"] * asked)))
    ) as paper:
        texts = [page.extract_text() for page in paper.pages]
        assert len(texts) % 2 == 0
        assert "印发" in texts[-1]
        assert all("印发" not in text for text in texts[:-1])
        sealed = next(text for text in texts if "田庄镇动态管理站\n2026年11月23日" in text)
        assert "附件" in sealed


def calling(points: int) -> Notice:
    """The notice of a meeting with so many points of two lines each."""
    text = "田庄镇佃户屯村校舍出售的收支没有公布，群众多次反映。"
    return paper_of(agenda(items=[AgendaItem(section="red", text=f"{text}第{n}件。") for n in range(points)]))


def pages_of(paper: Notice) -> list[str]:
    with pdfplumber.open(io.BytesIO(pdf_of(paper))) as found:
        return [page.extract_text() for page in found.pages]


@pytest.mark.parametrize("points", range(1, 13))
def test_lines_stand_closer_where_that_spares_a_blank_page_before_the_record(points: int) -> None:
    pages = pages_of(calling(points))
    assert len(pages) == (2 if points < 8 else 4)
    for number, page in enumerate(pages, 1):
        assert page.endswith(f"— {number} —") and len(page) > 20
    assert "印发" in pages[-1]


def test_a_blank_page_and_the_record_behind_it_bear_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "_LINES", (LINES_A_PAGE,))
    *text, blank, record = pages_of(calling(7))
    assert [page.split("\n")[-1] for page in text] == ["— 1 —", "— 2 —"]
    assert blank == ""
    assert record.endswith("印发")


PAPERS = (warning(), order(), warning(simulated=True), paper_of(agenda()), paper_of(meeting()))


@pytest.mark.parametrize("paper", PAPERS, ids=[paper.paper for paper in PAPERS])
def test_the_text_is_text_in_both_forms_and_all_of_the_sheet_is_there(paper: Notice) -> None:
    sheet = sheet_of(paper)
    with pdfplumber.open(io.BytesIO(pdf_of(paper))) as found:
        pdf = "".join(c["text"] for page in found.pages for c in page.chars).replace(" ", "")
    document = docx.Document(io.BytesIO(docx_of(paper)))
    word = "".join(t.text or "" for t in document.element.body.iter(qn("w:t"))).replace(" ", "")
    said = [sheet.mark, sheet.number, *sheet.title, sheet.addressee, *(p.text for p in sheet.body), sheet.signature]
    slips = [*sheet.slips, *([sheet.stub] if sheet.stub else [])]
    said += [sheet.day, sheet.copies, *(slip.title for slip in slips)]
    said += [f"{label}{value}" for label, value in (*sheet.attendance, *(row for slip in slips for row in slip.rows))]
    for text in said:
        plain = text.replace(" ", "")
        assert plain in word, text
        assert plain in pdf, text
    for form in (pdf, "".join(p.text for p in document.sections[0].header.paragraphs)):
        assert ("模拟数据" in form) == sheet.simulated


def test_the_note_of_a_table_stands_below_it_in_both_forms() -> None:
    table = Annex("各单位情况", ["单位", "比上月"], [["田庄镇", "—"]], "注：上月没有完整数据，不作比较。")
    paper = msgspec.structs.replace(warning(), annex=table)
    [page] = [page for page in pages_of(paper) if table.note in page]
    assert page.index("单位 比上月") < page.index(table.note)
    document = docx.Document(io.BytesIO(docx_of(paper)))
    assert table.note in [paragraph.text for paragraph in document.paragraphs]


def test_the_same_paper_gives_the_same_bytes() -> None:
    for render in (pdf_of, docx_of):
        assert render(order()) == render(order())
        assert render(order()) != render(order(13))


def test_the_word_file_has_the_measures_and_the_offices_fonts() -> None:
    document = docx.Document(io.BytesIO(docx_of(order())))
    section = document.sections[0]
    for found, mm in (
        (section.page_width, 210),
        (section.page_height, 297),
        (section.top_margin, 37),
        (section.bottom_margin, 35),
        (section.left_margin, 28),
        (section.right_margin, 26),
        (document.paragraphs[0].paragraph_format.space_before, 35),
    ):
        assert found == pytest.approx(Mm(mm), abs=Mm(0.1))
    grid = document.element.body.sectPr.find(qn("w:docGrid"))
    assert grid.get(qn("w:type")) == "lines"
    assert int(grid.get(qn("w:linePitch"))) * 22 / 56.69 == pytest.approx(225, abs=0.5)
    [addressee] = [p for p in document.paragraphs if p.text == "民政局、田庄镇动态管理站："]
    sign = 16 + int(next(addressee._p.iter(qn("w:rPr"))).find(qn("w:spacing")).get(qn("w:val"))) / 20
    assert sign * 28 * MM_PER_POINT < 156 < sign * 29 * MM_PER_POINT
    fonts = Counter(run.font.name for paragraph in document.paragraphs for run in paragraph.runs if run.text)
    assert {"仿宋_GB2312", "黑体", "方正小标宋简体"} == set(fonts)
    assert str(document.paragraphs[0].runs[0].font.color.rgb) == "E60012"
    border = next(document.element.body.iter(qn("w:pBdr"))).find(qn("w:bottom"))
    assert int(border.get(qn("w:space"))) * MM_PER_POINT == pytest.approx(4, abs=0.2)
    for footer in (section.footer, section.even_page_footer):
        assert "".join(footer.paragraphs[0].text.split()) == "——"
        assert "PAGE" in "".join(footer.paragraphs[0]._p.itertext())


def test_the_word_file_names_what_stands_in_for_a_font_that_is_not_there() -> None:
    with zipfile.ZipFile(io.BytesIO(docx_of(warning()))) as packed:
        table = packed.read("word/fontTable.xml").decode()
        assert {entry.date_time for entry in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert '<w:font w:name="仿宋_GB2312"><w:altName w:val="FangSong"/>' in table
