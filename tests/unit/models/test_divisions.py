"""The register of divisions: what it takes, what it names as a fault, and how it looks from above."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import models
from models.divisions import Register, RegisterError, parse_register

HEZE = Path(models.__file__).parent / "register" / "heze_divisions.csv"

SMALL = """code,level,name,parent
3717,city,菏泽市,
371724,county,巨野县,3717
371724109,township,田庄镇,371724
371724109217,village,佃户屯村,371724109
"""


@pytest.fixture(scope="module")
def heze() -> Register:
    return parse_register(HEZE.read_bytes(), HEZE.name)


def faults_of(text: str | bytes) -> list[tuple[int, str]]:
    data = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(RegisterError) as refused:
        parse_register(data, "register.csv")
    return [(fault.line, fault.code) for fault in refused.value.faults]


def test_register_of_heze_has_its_counties_townships_and_villages(heze: Register) -> None:
    assert (len(heze.counties), len(heze.townships), len(heze.villages)) == (11, 167, 5040)
    assert heze.divisions["371724109217"].name == "佃户屯村村民委员会"
    assert "371771003022" in heze.village_index


def test_importing_the_canonical_file_again_changes_nothing(heze: Register) -> None:
    assert heze.to_csv() == HEZE.read_bytes()
    assert parse_register(heze.to_csv(), "again.csv").to_csv() == heze.to_csv()


@given(st.permutations(SMALL.splitlines()[1:]))
def test_rows_may_stand_in_any_order(rows: list[str]) -> None:
    shuffled = "\n".join([SMALL.splitlines()[0], *rows])
    assert parse_register(shuffled.encode(), "shuffled.csv").to_csv() == SMALL.encode()


def test_every_village_rolls_up_to_the_township_and_county_of_its_code(heze: Register) -> None:
    townships = np.array(heze.townships)[heze.township_of_village]
    counties = np.array(heze.counties)[heze.county_of_village]
    assert all(v.startswith(t) and v.startswith(c) for v, t, c in zip(heze.villages, townships, counties, strict=True))
    assert not heze.township_of_village.flags.writeable


@pytest.mark.parametrize("code", ["3717", "371724", "371724109", "371724109217"])
def test_villages_of_a_division_are_those_with_its_prefix(heze: Register, code: str) -> None:
    assert list(heze.villages[heze.villages_in(code)]) == [v for v in heze.villages if v.startswith(code)]


def test_county_of_a_village_is_found_and_a_stranger_is_refused(heze: Register) -> None:
    assert heze.county_of("371724109217") == "371724"
    assert heze.children["371724"][0].startswith("371724")
    with pytest.raises(KeyError):
        heze.county_of("110101001001")


def test_byte_order_mark_and_windows_line_ends_are_taken() -> None:
    windows = b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode()
    assert parse_register(windows, "windows.csv").to_csv() == SMALL.encode()


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("37172410,village,短,3717241", "code"),
        ("37172410921x,village,字母,371724109", "code"),
        ("３７１７,city,全角,", "code"),
        ("3.71724E+11,village,科学计数,371724109", "code"),
        ("371724109218,township,层级不符,371724109", "level"),
        ("371724109218,hamlet,没有的层级,371724109", "level"),
        ("371724109218,village,,371724109", "name"),
        ("371724109218,village,上级不是前缀,371724110", "parent_prefix"),
        ("371724110001,village,上级不在表中,371724110", "parent_unknown"),
        ("371724109217,village,重复,371724109", "duplicate"),
        ("371724109218,village,少一列", "width"),
        ('371724109218,village,"引号没有收,371724109', "quotes"),
    ],
)
def test_a_bad_row_is_named_with_its_line(row: str, code: str) -> None:
    assert (6, code) in faults_of(SMALL + row + "\n371724109219,village,另一村,371724109\n")


def test_all_bad_rows_are_named_at_once_in_order_of_their_lines() -> None:
    rows = ["12,city,短,", "371724109217,village,重复,371724109", "371799001001,village,无上级,371799001"]
    assert faults_of(SMALL + "\n".join(rows)) == [(6, "code"), (7, "duplicate"), (8, "parent_unknown")]


def test_a_stray_quote_spoils_its_own_line_only() -> None:
    rows = ['371724109218,village,"甲村,371724109', "371724109219,village,乙村,371724109", "12,village,短,1"]
    assert faults_of(SMALL + "\n".join(rows)) == [(6, "quotes"), (8, "code")]


def test_gb18030_file_is_named_with_the_line_and_the_command_that_converts_it() -> None:
    with pytest.raises(RegisterError) as refused:
        parse_register(SMALL.encode("gb18030"), "register.csv")
    (fault,) = refused.value.faults
    assert (fault.line, fault.code) == (2, "encoding")
    assert "iconv -f GB18030 -t UTF-8 register.csv" in fault.en and "GB18030" in fault.zh


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (SMALL.encode("utf-16"), [(1, "encoding")]),
        (SMALL.encode() + b"\xff\xff", [(6, "encoding")]),
        (b"", [(1, "header")]),
        (b"code,name\n3717,x\n", [(1, "header")]),
        (b"code,level,name,parent\n", [(0, "empty")]),
    ],
)
def test_a_file_that_is_no_register_gives_one_fault(data: bytes, expected: list[tuple[int, str]]) -> None:
    assert faults_of(data) == expected


@given(st.binary(max_size=200))
def test_any_bytes_give_a_register_or_a_list_of_faults(data: bytes) -> None:
    try:
        parse_register(b"code,level,name,parent\n" + data, "any.csv")
    except RegisterError as refused:
        assert refused.faults
