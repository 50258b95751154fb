"""The indicator catalogue: the edition carried, the faults named on load, readings as numbers."""

import csv
import io
import json
import math
from collections import Counter
from collections.abc import Callable
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.catalogue import (
    KIND_CASES,
    KIND_YESNO,
    CatalogueError,
    ReadingError,
    default_catalogue,
    encode_reading,
    load_catalogue,
)
from models.catalogue.readings import EARLIEST_DAY
from models.documents import ReadingValue

CATALOGUE = default_catalogue()
BY_CODE = {indicator.code: indicator for indicator in CATALOGUE.indicators}
FRAME = files("models.catalogue").joinpath("frame.toml").read_bytes()
TABLE = files("models.catalogue").joinpath("indicators.csv").read_bytes()

ITEMS_OF_THE_SOURCE = """
班子建设 配套组织 制度建设 阵地建设 干部作风 党员发展 党员管理 党务公开 远程教育
经济发展 村庄规划 新村建设 环境保护 村容村貌 精神文明 基础设施
社会治安 调解工作 宗派矛盾 信访问题
基层民主 村务公开 财务管理
计生工作 农民负担 土地延包 宅基安排 公益事业 惠民政策 临时工作
"""


def edited(edit: Callable[[list[dict[str, str]]], object]) -> bytes:
    """The carried table with its rows (line = position + 2) changed by `edit`."""
    rows = list(csv.DictReader(io.StringIO(TABLE.decode())))
    header = list(rows[0])
    edit(rows)
    out = io.StringIO()
    writer = csv.DictWriter(out, header, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def faults_of(table: bytes, frame: bytes = FRAME) -> list[tuple[int, str]]:
    with pytest.raises(CatalogueError) as refused:
        load_catalogue(table, frame)
    return [(fault.line, fault.code) for fault in refused.value.faults]


def test_catalogue_has_the_categories_items_and_counts_of_the_source() -> None:
    counts = Counter(indicator.category for indicator in CATALOGUE.indicators)
    assert [counts[c] for c in "12345"] == [28, 20, 13, 9, 20]
    assert [item.name_zh for item in CATALOGUE.items] == ITEMS_OF_THE_SOURCE.split()
    assert [item.name_zh for item in CATALOGUE.items if item.named_by == "ours"] == ["基础设施"]
    assert math.fsum(indicator.weight for indicator in CATALOGUE.indicators) == 1000


def test_every_threshold_says_where_it_comes_from_and_every_name_stands_once() -> None:
    for indicator in CATALOGUE.indicators:
        assert (indicator.yellow_origin is not None) == (indicator.yellow is not None or indicator.no_light == "yellow")
        assert (indicator.red_origin is not None) == (indicator.red is not None or indicator.no_light == "red")
        origins = {indicator.yellow_origin, indicator.red_origin} - {None}
        assert "本地政策" in indicator.source_zh if origins & {"local_policy"} or not origins else indicator.source_zh
        assert "待核" in indicator.source_zh if "to_check" in origins else True
    for names in ("name_zh", "name_en", "measure_zh", "measure_en"):
        assert len({getattr(indicator, names) for indicator in CATALOGUE.indicators}) == 90


def test_plain_words_lead_to_what_people_mean_and_may_be_none() -> None:
    def meant(word: str) -> list[str]:
        return [indicator.code for indicator in CATALOGUE.indicators if word in indicator.plain_words]

    assert {word: meant(word) for word in ("吵架", "上访", "分地", "wedding funeral")} == {
        "吵架": ["3.2.2"],
        "上访": ["3.4.1", "3.4.2", "3.4.3"],
        "分地": ["5.3.1", "5.3.2", "5.3.3"],
        "wedding funeral": ["2.6.2"],
    }
    assert all(len(set(i.plain_words)) == len(i.plain_words) for i in CATALOGUE.indicators)
    table = edited(lambda rows: rows[0].update(plain_words=" 缺书记 ; ;gone"))
    assert load_catalogue(table, FRAME).indicators[0].plain_words == ("缺书记", "gone")
    table = edited(lambda rows: rows[0].update(plain_words=""))
    assert load_catalogue(table, FRAME).indicators[0].plain_words == ()
    rows = list(csv.reader(io.StringIO(TABLE.decode())))
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(row[:-1] for row in rows)
    former = out.getvalue().encode()  # an office's own, of before there were any
    assert rows[0][-1] == "plain_words"
    assert not any(one.plain_words for one in load_catalogue(former, FRAME).indicators)


def test_days_since_an_event_are_asked_for_as_dates() -> None:
    since = [i for i in CATALOGUE.indicators if i.name_zh.startswith("距上次")]
    assert since and all(i.kind == "last_date" and i.unit == "天" for i in since)


def test_rules_say_the_same_as_the_indicators() -> None:
    rules = CATALOGUE.rules
    for at, indicator in enumerate(CATALOGUE.indicators):
        assert (rules.kind[at] == KIND_CASES) == (indicator.kind == "cases") == np.isnan(rules.interval_days[at])
        assert (rules.no_light[at] > 0) == (rules.kind[at] == KIND_YESNO)
        assert rules.sign[at] == (-1 if indicator.direction == "lower_worse" else 1)
        assert CATALOGUE.items[rules.item[at]].code == indicator.item
        if indicator.yellow is not None and indicator.red is not None:
            assert rules.sign[at] * rules.yellow[at] < rules.sign[at] * rules.red[at]
    assert all(not array.flags.writeable and array.shape == (90,) for array in vars(rules).values())


def test_order_of_the_lines_does_not_matter() -> None:
    assert load_catalogue(edited(lambda rows: rows.reverse()), FRAME) == CATALOGUE


def test_json_holds_the_whole_edition() -> None:
    whole = json.loads(CATALOGUE.to_json())
    assert whole["version"] == CATALOGUE.version
    assert [i["code"] for i in whole["indicators"]] == list(CATALOGUE.index)


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("code", "1.1", "code"),
        ("code", "9.9.9", "item"),
        ("code", "1.1.2", "duplicate"),
        ("item_zh", "班子", "item"),
        ("name_en", "", "empty"),
        ("kind", "count", "kind"),
        ("direction", "up", "direction"),
        ("direction", "", "missing"),
        ("yellow", "dreißig", "number"),
        ("yellow", "nan", "number"),
        ("yellow", "90", "order"),
        ("red", "", "missing"),
        ("red", "1e9", "range"),
        ("minimum", "1", "range"),
        ("no_light", "red", "surplus"),
        ("interval_days", "", "missing"),
        ("interval_days", "0", "interval"),
        ("interval_days", "30.5", "interval"),
        ("lead_departments", "组织;天文", "department"),
        ("weight", "", "weight"),
        ("weight", "-1", "weight"),
        ("weight", "13", "weight_sum"),
        ("red_origin", "hearsay", "red_origin"),
        ("source_zh", "", "empty"),
    ],
)
def test_a_bad_cell_is_named_with_its_line(column: str, value: str, code: str) -> None:
    """Line 6 is 1.2.1, a number that is higher_worse with yellow 0, red 2 in 0 to 7."""

    def edit(rows: list[dict[str, str]]) -> None:
        assert rows[4]["code"] == "1.2.1"
        rows[4][column] = value

    line = 0 if code == "weight_sum" else 6
    assert (line, code) in faults_of(edited(edit))


def test_missing_indicator_is_told_by_its_category() -> None:
    assert (0, "count") in faults_of(edited(lambda rows: rows.pop(0)))


def test_days_that_get_better_by_growing_are_refused() -> None:
    def edit(rows: list[dict[str, str]]) -> None:
        rows[7].update(direction="lower_worse", yellow="184", red="92")

    assert (9, "direction") in faults_of(edited(edit))


def test_all_faults_are_named_at_once() -> None:
    def edit(rows: list[dict[str, str]]) -> None:
        rows[0]["name_en"] = ""
        rows[50]["kind"] = "?"
        rows[89]["unit"] = ""

    assert faults_of(edited(edit)) == [(2, "empty"), (52, "kind"), (91, "empty")]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('version = "2026.2"', 'version = ""', (0, "version")),
        ('version = "2026.2"', "version = ", (18, "not_toml")),
        ('version = "2026.2"', 'version = "2026.2"\nedition = 3', (0, "frame")),
        ('code = "2.7"', 'code = "2.8"', (0, "items")),
        ('short = "妇联"', 'short = "组织"', (0, "departments")),
    ],
)
def test_a_bad_frame_is_named(old: str, new: str, expected: tuple[int, str]) -> None:
    assert expected in faults_of(TABLE, FRAME.decode().replace(old, new).encode())


def test_table_and_frame_in_a_chinese_windows_encoding_are_named() -> None:
    assert faults_of(TABLE.decode().encode("gb18030")) == [(2, "encoding")]
    assert [code for _, code in faults_of(TABLE, FRAME.decode().encode("gb18030"))] == ["encoding"]


@pytest.mark.parametrize(
    ("code", "value", "expected"),
    [
        ("1.2.1", 0, 0.0),
        ("1.2.1", 7, 7.0),
        ("1.1.4", 79.5, 79.5),
        ("2.2.1", True, 1.0),
        ("2.2.1", False, 0.0),
        ("1.3.1", "1970-01-02", 1.0),
        ("1.1.1", "2026-01-31", 20484.0),
        ("1.1.1", None, math.inf),
    ],
)
def test_a_reading_becomes_the_number_kept(code: str, value: ReadingValue, expected: float) -> None:
    assert encode_reading(BY_CODE[code], value) == expected


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("1.2.1", -1),
        ("1.2.1", 8),
        ("1.2.1", 0.5),
        ("1.3.1", "1949-09-30"),
        ("1.2.1", True),
        ("1.2.1", None),
        ("1.2.1", "3"),
        ("1.2.1", math.nan),
        ("1.2.1", math.inf),
        ("1.2.1", 10**400),
        ("2.2.1", 1),
        ("2.2.1", "yes"),
        ("2.2.1", None),
        ("1.3.1", None),
        ("1.3.1", 20484),
        ("1.3.1", "2026-02-30"),
        ("1.3.1", "20260131"),
        ("1.3.1", "2026-W05-6"),
        ("1.3.1", "２０２６-01-31"),
        ("1.1.1", "vacant"),
        ("1.4.3", 1),
    ],
)
def test_a_reading_that_the_indicator_can_not_hold_is_refused_in_both_languages(code: str, value: ReadingValue) -> None:
    with pytest.raises(ReadingError) as refused:
        encode_reading(BY_CODE[code], value)
    assert refused.value.zh.startswith(code) and refused.value.en.startswith(code)


def test_an_indicator_of_another_edition_is_refused() -> None:
    assert CATALOGUE.encode_reading("1.2.1", 3) == 3.0
    with pytest.raises(ReadingError, match=r"9\.9\.9"):
        CATALOGUE.encode_reading("9.9.9", 3)


@given(st.dates(min_value=EARLIEST_DAY))
def test_dates_are_kept_in_order(day: object) -> None:
    encoded = encode_reading(BY_CODE["1.3.1"], str(day))
    assert np.datetime64(int(encoded), "D") == np.datetime64(str(day))
