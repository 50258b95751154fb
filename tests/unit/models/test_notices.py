"""Papers as data: numbers, marks, words, and where they stand on the page."""

from __future__ import annotations

import string
from collections import Counter
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.catalogue import default_catalogue
from models.documents import Acknowledgement, decode_document, encode
from models.ids import IdError
from models.notices.addressees import acknowledged, receiver_of
from models.notices.composition import items, numeral, sections
from models.notices.offices import (
    day_text,
    issued_on,
    mark_of,
    notice_id,
    number_text,
    office_name,
    serial_of,
    short_name,
    year_of,
)
from models.notices.sheet import LINE_PITCH, SIGN_PITCH, TITLE_SIGNS_MAX, sheet_of, title_lines
from models.policy import default_policy
from tests.papers import ISSUED_AT, agenda, heze, meeting, order, paper_of, warning

NOTICES = default_policy().notices


@pytest.mark.parametrize(
    ("code", "name", "mark"),
    [
        ("3717", "菏泽市动态管理监控中心", "菏动管"),
        ("371724", "巨野县动态管理中心", "巨动管"),
        ("371771", "菏泽经济技术开发区动态管理中心", "经动管"),
        ("371724109", "田庄镇动态管理站", "巨田庄动管"),
        ("371702001", "东城街道动态管理站", "牡东城动管"),
    ],
)
def test_offices_sign_and_are_marked_by_their_divisions_name(code: str, name: str, mark: str) -> None:
    register = heze()
    assert office_name(code, register, NOTICES) == name
    assert mark_of(code, register, NOTICES) == mark


def test_no_two_offices_of_the_register_have_one_mark() -> None:
    register = heze()
    codes = [code for code in register.divisions if len(code) < 12]
    marks = Counter(mark_of(code, register, NOTICES) for code in codes)
    assert [mark for mark, count in marks.items() if count > 1] == []


@pytest.mark.parametrize(
    ("official", "short"),
    [
        ("大高桥村村民委员会", "大高桥村"),
        ("周海社区居委会", "周海社区"),
        ("邓庄村委会", "邓庄村"),
        ("东安社区居民委员会", "东安社区"),
    ],
)
def test_a_village_is_called_as_people_say_it(official: str, short: str) -> None:
    assert short_name(official) == short


def test_a_number_is_printed_in_hexagonal_brackets_without_leading_zeros() -> None:
    assert number_text(warning(7)) == "巨田庄动管〔2026〕7号"
    assert number_text(order(120)) == "巨动管〔2026〕120号"


def test_the_year_is_that_of_heze() -> None:
    new_years_eve = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)  # half past midnight in Heze
    assert year_of(new_years_eve) == 2027
    paper = msgspec.structs.replace(warning(), issued_at=new_years_eve)
    assert day_text(issued_on(paper)) == "2027年1月1日"


@given(st.sampled_from(["3717", "371724", "371724109"]), st.integers(2000, 9999), st.integers(1, 9999))
def test_year_and_number_are_read_back_from_the_id_whose_order_is_theirs(office: str, year: int, number: int) -> None:
    identity = notice_id(office, year, number)
    assert serial_of(identity) == (year, number)
    assert (identity < notice_id(office, year, number + 1)) if number < 9999 else True


def test_minutes_are_numbered_in_a_series_of_their_own() -> None:
    identity = notice_id("371724", 2026, 3, "m")
    assert identity != notice_id("371724", 2026, 3)
    assert serial_of(identity) == (2026, 3)


def test_there_is_no_five_digit_number() -> None:
    with pytest.raises(IdError):
        notice_id("3717", 2026, 10_000)


def test_a_paper_decodes_to_what_was_encoded() -> None:
    for paper in (warning(), order(), paper_of(agenda()), paper_of(meeting())):
        assert decode_document(encode(paper)) == paper


def test_a_warning_notice_says_what_it_must() -> None:
    paper = warning()
    assert paper.about is not None
    assert (paper.paper, paper.about.light, paper.about.name_en) == ("warning", "r", _indicator_name_en("4.3.2"))
    text = "\n".join(paragraph.text for paragraph in paper.body)
    for said in (
        "4.3.2 资产资源处置不合程序宗数",
        "2026年11月2日",  # since when
        "红灯",
        "群众反映，校舍出售的收支没有公布。",
        "1.公布校舍出售的收支。",
        "2.召开村民代表会议说明情况。",
        "2026年11月30日前",
        "田庄镇动态管理站，由其跟踪复查",
        NOTICES.late_warning,
        NOTICES.explanation,
    ):
        assert said in text, said
    assert [receiver.name for receiver in paper.receivers] == ["佃户屯村动态管理点"]


def test_an_invitation_says_when_where_who_and_what() -> None:
    paper = paper_of(agenda())
    assert (paper.title, number_text(paper)) == (
        "巨野县动态管理中心关于召开2026年12月联席会议的通知",
        "巨动管〔2026〕3号",
    )
    headings = [part.text for part in paper.body if part.level]
    assert headings == [
        *("一、时间", "二、地点", "三、参加单位", "四、议程", "（一）红灯和逾期事项逐件研究", "（二）下一步安排"),
        "五、要求",
    ]
    assert [r.name for r in paper.receivers] == ["民政局", "司法局", "田庄镇动态管理站"]
    assert [slip.title for slip in sheet_of(paper).slips] == []


def test_minutes_say_of_each_matter_who_leads_helps_and_checks_and_by_when() -> None:
    paper = paper_of(meeting())
    text = "\n".join(part.text for part in paper.body)
    for said in (
        *("管理中心主任主持会议", "（一）佃户屯村校舍出售的收支没有公布", "决定：牵头核查账目", "牵头单位：民政局"),
        *("协办单位：审计局、田庄镇动态管理站", "完成期限：2026年12月21日", "检查单位：纪委监委"),
        *(
            "牵头单位：佃户屯村动态管理点；完成期限",
            "检查单位：巨野县动态管理中心",
            "二、不同意见",
            "2026年12月30日召开",
        ),
    ):
        assert said in text, said
    # a village hears of its own matter as a task, not of all the others
    assert "佃户屯村动态管理点" not in [r.name for r in paper.receivers]


def test_minutes_have_the_head_the_lists_and_the_circulation_of_minutes() -> None:
    sheet = sheet_of(paper_of(meeting()))
    assert (sheet.mark, sheet.number) == ("巨野县动态管理中心会议纪要", "巨动管纪〔2026〕3号")
    assert (sheet.addressee, sheet.signature) == ("", "")
    assert [label for label, _ in sheet.attendance] == ["出席：", "请假：", "列席："]
    assert sheet.copies_label == "分送："
    assert sheet.copies == "民政局，司法局，水务局，田庄镇动态管理站，审计局，纪委监委"


@pytest.mark.parametrize(
    ("number", "text"), [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (45, "四十五"), (60, "六十")]
)
def test_headings_are_counted_beyond_ten(number: int, text: str) -> None:
    assert numeral(number) == text


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("一、公布账目", "1.公布账目"),
        ("（二） 公布账目", "1.公布账目"),
        ("(3)公布账目", "1.公布账目"),
        ("4.公布账目", "1.公布账目"),
        (" 5、公布账目", "1.公布账目"),
        ("⑥公布账目", "1.公布账目"),
        ("3.5公里生产路修通", "1.3.5公里生产路修通"),
        ("十日内批复", "1.十日内批复"),
        ("2026年底前完成", "1.2026年底前完成"),
        ("7.", "1.7."),
    ],
)
def test_what_was_numbered_by_hand_is_numbered_once(typed: str, printed: str) -> None:
    assert list(items([typed])) == [printed]


def test_an_order_names_lead_township_rule_and_deadline() -> None:
    paper = order()
    text = "\n".join(paragraph.text for paragraph in paper.body)
    for said in ("由民政局牵头", "田庄镇动态管理站配合", "整改期限至2026年12月15日", "由巨野县动态管理中心复查"):
        assert said in text, said
    assert "不符合的规定" in text
    assert [(r.division, r.department) for r in paper.receivers] == [("371724", "民政"), ("371724109", None)]


def test_a_section_without_text_is_left_out_and_the_others_are_counted_on() -> None:
    found = sections([("事实", ["一件事"]), ("规定", []), ("要求", ["做好"])])
    assert [(p.text, p.level) for p in found] == [("一、事实", 1), ("一件事", 0), ("二、要求", 1), ("做好", 0)]


def test_a_paper_of_a_store_of_simulated_events_says_so() -> None:
    assert not sheet_of(warning()).simulated
    assert sheet_of(warning(simulated=True)).simulated


def test_an_order_has_its_stub_receipts_and_review() -> None:
    sheet = sheet_of(order())
    assert sheet.stub is not None
    assert sheet.stub.title == "存根"
    assert [slip.title for slip in sheet.slips] == ["送达回执（民政局）", "送达回执（田庄镇动态管理站）", "复查意见"]
    assert sheet.attachments == tuple(slip.title for slip in sheet.slips)
    assert [slip.title for slip in sheet_of(warning()).slips] == ["签收回执"]


def test_what_is_printed_names_no_account() -> None:
    for paper in (warning(), order()):
        printed = msgspec.json.encode(sheet_of(paper)).decode()
        assert paper.author not in printed


def test_the_grid_has_22_lines_and_28_signs() -> None:
    assert pytest.approx(225) == 22 * LINE_PITCH
    assert pytest.approx(156) == 28 * SIGN_PITCH


@given(st.text(alphabet=string.ascii_letters + "“”关于的通知镇站", min_size=1, max_size=80), st.integers(0, 80))
def test_a_title_is_parted_into_lines_that_fit_and_lose_nothing(title: str, office_length: int) -> None:
    lines = title_lines(title, title[:office_length])
    assert "".join(lines) == title
    assert all(0 < len(line) <= TITLE_SIGNS_MAX for line in lines)
    assert len(lines) == -(-len(title) // TITLE_SIGNS_MAX)


def test_a_title_is_parted_where_the_sense_is() -> None:
    title = "田庄镇动态管理站关于佃户屯村“资产资源处置不合程序宗数”的警示通知"
    assert title_lines(title, "田庄镇动态管理站") == (
        "田庄镇动态管理站关于佃户屯村",
        "“资产资源处置不合程序宗数”的警示通知",
    )


@pytest.mark.parametrize(
    ("office", "lines"),
    [
        ("菏泽市动态管理监控中心", ("菏泽市动态管理监控中心关于", "2026年11月份巡查和动态管理情况的通报")),
        (
            "菏泽高新技术产业开发区动态管理中心",
            ("菏泽高新技术产业开发区动态管理中心关于", "2026年11月份巡查和动态管理情况的通报"),
        ),
    ],
)
def test_a_title_is_not_parted_inside_a_date(office: str, lines: tuple[str, ...]) -> None:
    assert title_lines(f"{office}关于2026年11月份巡查和动态管理情况的通报", office) == lines


@given(st.text(alphabet="动态管理情况的通报", max_size=40), st.text(alphabet="动态管理情况的通报", max_size=40))
def test_no_line_of_a_title_ends_inside_a_date_or_a_number(before: str, after: str) -> None:
    for number in ("2026年11月28日", "4.3.2", "1234件", "12.5%"):
        lines = title_lines(before + number + after, "")
        assert "".join(lines) == before + number + after
        assert any(number in line for line in lines)
        assert all(0 < len(line) <= TITLE_SIGNS_MAX + len(number) / 2 for line in lines)


def word(division: str, minutes: int, *, department: str | None = None, notice: str = order().id) -> Acknowledgement:
    at = ISSUED_AT + timedelta(minutes=minutes)
    return Acknowledgement(
        id=f"{division}:acknowledgement:someone:01KA00000000000000000000{minutes:02d}",
        observed_at=at,
        saved_at=at,
        notice=notice,
        department=department,
    )


def test_the_first_word_of_each_receiver_counts_whatever_the_order_of_arrival() -> None:
    paper = order()
    words = [word("371724109", 9), word("371724109", 3), word("371724", 5, department="民政")]
    for arrived in (words, words[::-1]):
        assert acknowledged(paper, arrived) == [words[2], words[1]]


def test_a_word_for_another_paper_or_by_another_office_is_none() -> None:
    paper = order()
    words = [word("371724109", 1, notice=order(8).id), word("371724", 2), word("371724109", 3, department="民政")]
    assert acknowledged(paper, words) == [None, None]


def test_a_department_and_its_county_are_two_receivers() -> None:
    paper = order()
    assert receiver_of(paper, "371724", "民政") == paper.receivers[0]
    assert receiver_of(paper, "371724", None) is None


def _indicator_name_en(code: str) -> str:
    catalogue = default_catalogue()
    return catalogue.indicators[catalogue.index[code]].name_en
