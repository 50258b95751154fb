"""A paper on the board in a real Chromium: the station issues it, the village acknowledges it, the list says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest
from playwright.sync_api import Page, ViewportSize, expect
from ulid import ULID

from models import calendar
from tests.city import DIANHUTUN, City, bulk, report, wait_until
from tests.e2e.conftest import TABLET, WAIT_MS_MAX, WALL_SCREEN, OpenDevice, enter, log_in, open_page, unlock

PHONE: ViewportSize = {"width": 360, "height": 740}


def open_case(city: City, indicator: str, severity: str = "general") -> str:
    """A report's case; its ULID."""
    document = report(DIANHUTUN, "i0421", indicator=indicator, severity=severity)
    [row] = city.client("i0421").post("/db/d110-371724/_bulk_docs", json=bulk(document)).json()
    assert row["ok"], row
    return document["_id"].rpartition(":")[2]


def board_of(open_device: OpenDevice, city: City, alias: str, place: str, viewport: ViewportSize = WALL_SCREEN) -> Page:
    page = open_device(viewport).new_page()
    page.goto(f"{city.url}/board#/{place}")
    log_in(page, alias)
    return page


def issue(page: Page) -> None:
    page.get_by_test_id("notice-reported").fill("群众反映，村务公开栏三个月没有更新。")
    page.get_by_test_id("notice-asked").fill("三日内更新公开栏。\n今后每月公布一次。")
    page.get_by_test_id("notice-preview").click()
    expect(page.get_by_test_id("paper-preview")).to_contain_text("2.今后每月公布一次。")
    page.get_by_test_id("notice-issue").click()
    expect(page.get_by_test_id("notice")).to_be_visible()


def test_a_notice_goes_from_the_station_to_the_village_and_back_into_the_list(
    city: City, open_device: OpenDevice
) -> None:
    case = open_case(city, "4.2.1")
    station = board_of(open_device, city, "z109", DIANHUTUN)
    station.get_by_test_id(f"issue-{case}").click()
    issue(station)
    expect(station.get_by_test_id("notice")).to_contain_text("2.今后每月公布一次。")
    expect(station.get_by_test_id("receiver")).to_contain_text("未签收")
    expect(station.get_by_test_id("acknowledge")).to_have_count(0)

    village = board_of(open_device, city, "a217", "notices", TABLET)
    expect(village.get_by_test_id("to-quarantine")).to_have_count(0)
    village.get_by_test_id("notice-row").click()
    expect(village.get_by_test_id("acknowledge")).to_be_visible()
    village.reload()  # opened by its address, as from a task or a link
    village.get_by_test_id("acknowledge").click()
    expect(village.get_by_test_id("receiver")).not_to_contain_text("未签收")
    expect(village.get_by_test_id("acknowledge")).to_have_count(0)

    open_page(station, "notices")
    station.reload()
    expect(station.get_by_test_id("notices-sums")).to_have_text("1 件，其中 0 件未签收，0 件逾期未答复")
    station.get_by_test_id("only-waiting").click()
    expect(station.get_by_test_id("notice-row")).to_have_count(0)
    station.get_by_test_id("only-acknowledged").click()
    expect(station.get_by_test_id("notice-row")).to_have_count(1)


def test_a_paper_issued_by_mistake_is_withdrawn_and_the_village_is_told_on_page_and_tablet(
    city: City, open_device: OpenDevice
) -> None:
    case = open_case(city, "2.4.1")
    station = board_of(open_device, city, "z109", DIANHUTUN)
    station.get_by_test_id(f"issue-{case}").click()
    issue(station)
    paper = station.url.rpartition("/")[2]
    tablet = open_device(TABLET).new_page()
    tablet.goto(f"{city.url}/tablet/")
    enter(tablet, "a217")
    tablet.get_by_test_id("tab-cases").click()
    tablet.get_by_test_id(f"paper-{unquote(paper)}").click(timeout=WAIT_MS_MAX)
    tablet.get_by_test_id("acknowledge").click()
    expect(tablet.get_by_test_id("paper-acknowledged")).to_be_visible()
    wait_until(lambda: unquote(paper) in str(city.client("z109").get("/notices?only=acknowledged").json()))

    station.get_by_test_id("withdraw").click()
    station.get_by_test_id("withdraw-why").fill("发错了村，另行签发。")
    station.get_by_test_id("withdraw-now").click()
    expect(station.get_by_test_id("withdrawn")).to_contain_text("发错了村")
    expect(station.get_by_test_id("notice")).to_contain_text("2.今后每月公布一次。")  # still to be read
    open_page(station, "notices")
    station.get_by_test_id("only-withdrawn").click()
    expect(station.get_by_test_id("notice-row")).to_have_count(1)
    expect(station.get_by_test_id("notice-row")).to_contain_text("发错了村")

    village = board_of(open_device, city, "a217", "tasks", TABLET)
    expect(village.get_by_test_id("notice-row").filter(has_text="已撤回")).to_be_visible()
    tablet.reload()
    unlock(tablet, "a217")
    expect(tablet.get_by_test_id("paper-withdrawn")).to_contain_text("发错了村", timeout=WAIT_MS_MAX)
    tablet.get_by_test_id("acknowledge").click()
    expect(tablet.get_by_test_id("acknowledge")).to_have_count(0)
    wait_until(lambda: unquote(paper) not in city.client("a217").get("/casework/tasks").text)


def test_an_order_is_printed_and_saved_from_the_page(city: City, open_device: OpenDevice, tmp_path: Path) -> None:
    case = open_case(city, "4.3.2", "major")
    county = board_of(open_device, city, "g24", DIANHUTUN)
    county.get_by_test_id(f"issue-{case}").click()
    issue(county)
    with county.expect_download() as saved:
        county.get_by_test_id("notice-docx").click()
    assert saved.value.suggested_filename.endswith("号.docx")
    saved.value.save_as(tmp_path / "order.docx")
    assert (tmp_path / "order.docx").read_bytes()[:2] == b"PK"
    with county.expect_response("**/paper.pdf") as printed:
        county.get_by_test_id("notice-pdf").click()
    assert printed.value.status == 200


def test_a_refused_paper_says_why_and_keeps_what_was_written(city: City, open_device: OpenDevice) -> None:
    case = open_case(city, "4.1.1")
    page = board_of(open_device, city, "z109", DIANHUTUN)
    page.get_by_test_id(f"issue-{case}").click()
    page.get_by_test_id("notice-reported").fill("请联系 13812345678")
    page.get_by_test_id("notice-asked").fill("说明情况。")
    page.get_by_test_id("notice-preview").click()
    expect(page.get_by_test_id("notice-refused")).to_contain_text("请不要填写身份证号或电话号码")
    expect(page.get_by_test_id("notice-asked")).to_have_value("说明情况。")
    issue(page)


def test_a_county_circulates_the_month_to_its_stations(city: City, open_device: OpenDevice) -> None:
    county = board_of(open_device, city, "g24", "notices")
    county.get_by_test_id("to-circular").click()
    county.get_by_test_id("circular-month").fill(f"{datetime.now(calendar.LOCAL):%Y-%m}")  # watched since today
    county.get_by_test_id("circular-asked").fill("逾期事项抓紧办结。")
    county.get_by_test_id("circular-preview").click()
    county.get_by_test_id("notice-issue").click()
    expect(county.get_by_test_id("notice")).to_contain_text("份巡查和动态管理情况的通报")
    expect(county.get_by_test_id("receiver")).to_contain_text("田庄镇动态管理站")


@pytest.mark.parametrize("viewport", [PHONE, TABLET, WALL_SCREEN])
def test_papers_fit_the_screen(city: City, open_device: OpenDevice, viewport: ViewportSize) -> None:
    case = open_case(city, "3.1.1")
    page = board_of(open_device, city, "z109", f"notices/new/{DIANHUTUN}/{case}/3.1.1", viewport)
    expect(page.get_by_test_id("issue-notice")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    issue(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    page.get_by_test_id("switch-language").click()
    page.evaluate("location.hash = '#/notices'")
    expect(page.get_by_test_id("notice-row").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


@pytest.mark.parametrize("viewport", [PHONE, TABLET])
def test_a_village_reads_and_acknowledges_a_paper_on_its_tablet_without_a_network(
    city: City, open_device: OpenDevice, viewport: ViewportSize
) -> None:
    case, station = open_case(city, "2.5.1"), city.client("z109")
    device = open_device(viewport)
    tablet = device.new_page()
    tablet.goto(f"{city.url}/tablet/")
    enter(tablet, "a217")
    tablet.get_by_test_id("tab-cases").click()
    expect(tablet.get_by_test_id(f"case-{case}")).to_contain_text("请阅知", timeout=WAIT_MS_MAX)
    asked = {
        "ulid": str(ULID()),
        "village": DIANHUTUN,
        "case": case,
        "reported": "垃圾无人清运",
        "asked": ["三日内清运"],
    }
    due = (datetime.now(UTC) + timedelta(days=7)).date().isoformat()
    paper = station.post("/notices/warnings", json=asked | {"due": due}).json()
    line = tablet.get_by_test_id(f"paper-{paper['id']}")
    expect(line).to_contain_text("待签收", timeout=WAIT_MS_MAX)

    device.set_offline(True)
    line.click()
    expect(tablet.get_by_test_id("tablet-paper")).to_contain_text("三日内清运")
    assert tablet.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    tablet.get_by_test_id("acknowledge").click()
    expect(tablet.get_by_test_id("paper-acknowledged")).to_contain_text("等待")
    assert station.get(f"/notices/{paper['id']}").json()["receivers"][0]["acknowledged_at"] is None
    device.set_offline(False)
    expect(tablet.get_by_test_id("paper-acknowledged")).not_to_contain_text("等待", timeout=WAIT_MS_MAX)
    wait_until(lambda: station.get(f"/notices/{paper['id']}").json()["receivers"][0]["acknowledged_at"] is not None)
    tablet.get_by_test_id("tab-work").click()
    expect(tablet.get_by_test_id("work-item").first).to_contain_text("签收文件")
