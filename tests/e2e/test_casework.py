"""The offices' pages of casework in a real Chromium: tasks, entries by any channel, ledger, files, refusals."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, ViewportSize, expect
from ulid import ULID

from models.calendar import LOCAL
from tests.city import DIANHUTUN, City, bulk, case_event, report, wait_until
from tests.e2e.conftest import TABLET, WAIT_MS_MAX, WALL_SCREEN, OpenDevice, enter, hold, log_in, open_page, unlock

PHONE: ViewportSize = {"width": 360, "height": 740}


def open_board(open_device: OpenDevice, city: City, alias: str, place: str = "", size: ViewportSize = TABLET) -> Page:
    page = open_device(size).new_page()
    page.goto(f"{city.url}/board#/{place}")
    log_in(page, alias)
    return page


def reported(city: City, text: str, **fields: Any) -> str:
    """A matter that the village's administrator reported; its case."""
    document = report(DIANHUTUN, "a217", text=text, **fields)
    answer = city.client("a217").post("/db/d110-371724/_bulk_docs", json=bulk(document))
    assert answer.json()[0]["ok"], answer.text
    return str(document["_id"]).rsplit(":", 1)[1]


def test_a_clerk_finds_the_new_matter_among_the_tasks_and_records_the_first_step(
    city: City, open_device: OpenDevice
) -> None:
    case = reported(city, "灌溉机井半年没有修好")
    page = open_board(open_device, city, "z109", "tasks")
    line = page.get_by_test_id("tasks-own").get_by_test_id(f"case-{case}")
    expect(line).to_have_attribute("data-stage", "warned")
    line.click()
    expect(page.get_by_test_id("entry-opened")).to_contain_text("机井")
    page.get_by_test_id("do-progress").click()
    page.get_by_test_id("step-text").fill("已联系水利站")
    page.get_by_test_id("send-step").click()
    expect(page.get_by_test_id("entry-progress")).to_contain_text("已联系水利站")
    expect(page.get_by_test_id("case-stage")).to_have_attribute("data-stage", "handling")


def test_a_step_that_is_refused_says_why_and_what_was_written_stays_in_the_form(
    city: City, open_device: OpenDevice
) -> None:
    case = reported(city, "村口垃圾无人清运")
    page = open_board(open_device, city, "z109", f"case/{DIANHUTUN}/{case}")
    for step, text in (("progress", "已派车清运"), ("reviewed", "已经干净")):
        page.get_by_test_id(f"do-{step}").click()
        if step == "reviewed":
            page.get_by_test_id("better").check()
        page.get_by_test_id("step-text").fill(text)
        page.get_by_test_id("send-step").click()
    expect(page.get_by_test_id("step-refused")).to_contain_text("经办人不能核实")
    expect(page.get_by_test_id("step-text")).to_have_value("已经干净")
    page.get_by_test_id("switch-language").click()
    expect(page.get_by_test_id("step-refused")).to_contain_text("cannot verify")


def test_what_the_hotline_brought_becomes_a_case_that_its_office_owns(city: City, open_device: OpenDevice) -> None:
    page = open_device(TABLET).new_page()
    let_go = hold(page, f"**/board/{DIANHUTUN[:9]}")
    page.goto(f"{city.url}/board#/entry")
    log_in(page, "z109")
    page.get_by_test_id("entry-channel-hotline").check()
    page.get_by_test_id("entry-village").fill("佃户屯村 田庄镇")  # before the villages' names have come
    let_go()
    page.get_by_test_id("entry-indicator").select_option("5.3.3")
    page.get_by_test_id("entry-severity-general").check()
    page.get_by_test_id("entry-text").fill("来电反映承包地界不清，电话13812345678")
    page.get_by_test_id("entry-send").click()
    expect(page.get_by_test_id("entry-refused")).to_contain_text("电话号码")
    page.get_by_test_id("entry-text").fill("来电反映承包地界不清")
    page.reload()  # what was written is still there
    expect(page.get_by_test_id("entry-village")).to_have_value("佃户屯村 田庄镇")
    page.get_by_test_id("entry-send").click()
    page.get_by_test_id("entry-stored").get_by_role("button").click()
    expect(page.get_by_test_id("entry-opened")).to_contain_text("民情电话")
    expect(page.get_by_test_id("case-owner")).to_contain_text("田庄镇")


def test_the_ledger_is_searched_and_saved_as_files(city: City, open_device: OpenDevice, tmp_path: Path) -> None:
    case = reported(city, "独一无二的事由", severity="major")
    page = open_board(open_device, city, "g24", "ledger", WALL_SCREEN)
    page.get_by_test_id("ledger-words").fill("独一无二")
    expect(page.locator("[data-testid^=case-]")).to_have_count(1)
    expect(page.get_by_test_id("ledger-sums")).to_contain_text("共 1 件")
    for form in ("csv", "xlsx"):
        with page.expect_download() as download:
            page.get_by_test_id(f"save-{form}").click()
        download.value.save_as(tmp_path / f"ledger.{form}")
        assert download.value.suggested_filename == f"ledger-{DIANHUTUN[:6]}-独一无二.{form}"
    rows = list(csv.reader(io.StringIO((tmp_path / "ledger.csv").read_text("utf-8-sig"))))
    assert [row[-1] for row in rows] == ["事项编号", case]
    assert (tmp_path / "ledger.xlsx").read_bytes().startswith(b"PK")
    page.get_by_test_id("ledger-state").select_option("false")
    expect(page.locator("[data-testid^=case-]")).to_have_count(0)


@pytest.mark.parametrize("place", ["tasks", "ledger", "entry", "case", "terminal", "statistics", "services"])
def test_nothing_is_cut_off_on_a_narrow_screen(city: City, open_device: OpenDevice, place: str) -> None:
    case = reported(city, "窄屏" * 60)
    where = f"case/{DIANHUTUN}/{case}" if place == "case" else place
    page = open_board(open_device, city, "z109", where, PHONE)
    expect(page.locator("section.office")).to_be_visible()
    if place in ("tasks", "ledger", "case"):
        expect(page.get_by_text("窄屏").first).to_be_visible()
    wide = page.evaluate(
        "[...document.querySelectorAll('.office, .office *')].filter(e => e.getBoundingClientRect().right > 361).length"
    )
    assert wide == 0


def test_an_informant_is_offered_no_casework_on_the_board(city: City, open_device: OpenDevice) -> None:
    page = open_board(open_device, city, "i0421", "tasks")
    expect(page.get_by_test_id("closed")).to_be_visible()
    expect(page.get_by_test_id("to-tasks")).to_have_count(0)


def test_an_administrator_works_on_a_case_without_a_network(city: City, open_device: OpenDevice) -> None:
    case = reported(city, "村口路灯不亮")
    device = open_device(TABLET)
    page = device.new_page()
    page.goto(f"{city.url}/tablet/")
    enter(page, "a217")
    page.get_by_test_id("tab-cases").click()
    page.get_by_test_id(f"case-{case}").click()
    expect(page.get_by_test_id("entry-opened")).to_contain_text("路灯")
    device.set_offline(True)
    page.get_by_test_id("do-submitted").click()
    text = page.get_by_test_id("step-text").locator("textarea")
    text.fill("已联系电工，电话13812345678")
    page.get_by_test_id("save-step").click()
    expect(page.get_by_role("alert").last).to_contain_text("电话")
    text.fill("灯" * 4_001)
    expect(page.get_by_test_id("limit")).to_contain_text("超出 1 字")
    page.get_by_test_id("save-step").click()
    expect(text).to_be_focused()
    text.fill("已换灯泡")
    page.reload()  # the draft is kept
    unlock(page, "a217")
    page.get_by_test_id("save-step").click()
    expect(page.get_by_test_id("entry-submitted")).to_contain_text("等待")
    station = city.client("z109")
    shown = f"/casework/cases/{DIANHUTUN}/{case}"
    assert station.get(shown).json()["case"]["stage"] == "warned"
    device.set_offline(False)
    expect(page.get_by_test_id("tablet-case")).to_have_attribute("data-stage", "review", timeout=WAIT_MS_MAX)
    expect(page.get_by_test_id("entry-submitted")).not_to_contain_text("等待")
    assert [entry["step"] for entry in station.get(shown).json()["history"]] == ["opened", "submitted"]


def test_a_step_written_before_an_all_clear_and_sent_after_it_is_taken(city: City, open_device: OpenDevice) -> None:
    case = reported(city, "井盖破损", severity="minor")
    told = case_event(DIANHUTUN, case, "g24", "progress", text="已派人看过")
    assert city.client("g24").post("/db/d110-371724/_bulk_docs", json=bulk(told)).json()[0]["ok"]
    device = open_device(TABLET)
    page = device.new_page()
    page.goto(f"{city.url}/tablet/")
    enter(page, "a217")
    page.get_by_test_id("tab-cases").click()
    page.get_by_test_id(f"case-{case}").click()
    device.set_offline(True)
    page.get_by_test_id("do-submitted").click()
    page.get_by_test_id("step-text").locator("textarea").fill("已换井盖")
    page.get_by_test_id("save-step").click()
    station = city.client("z109")  # clears it meanwhile, before the tablet's word is there
    cleared = {"ulid": str(ULID()), "step": "cleared", "found": "井盖老化", "done": "已更换", "verified_by": "z109"}
    city.clock.ahead += timedelta(seconds=5)  # a tablet's clock is known to half a second
    assert station.post(f"/casework/cases/{DIANHUTUN}/{case}/steps", json=cleared).status_code == 201
    city.clock.ahead -= timedelta(seconds=5)
    device.set_offline(False)
    page.get_by_test_id("tab-work").click()
    item = page.get_by_test_id("work-item").first
    expect(item).to_contain_text("提请复查 · ")  # of which case
    expect(item).to_have_attribute("data-state", "sent", timeout=WAIT_MS_MAX)  # it happened before the all-clear
    assert [e["step"] for e in station.get(f"/casework/cases/{DIANHUTUN}/{case}").json()["history"]] == [
        "opened",
        "progress",
        "submitted",
        "cleared",
    ]


def test_leaders_see_what_is_overdue_and_go_from_an_office_to_its_cases(city: City, open_device: OpenDevice) -> None:
    case = reported(city, "两个月没有人管", at=datetime.now(UTC) - timedelta(days=60))
    page = open_board(open_device, city, "g24", "terminal", WALL_SCREEN)
    for figure in ("red", "overdue"):  # a general matter that is overdue is red
        expect(page.get_by_test_id(f"terminal-list-{figure}").get_by_test_id(f"case-{case}")).to_be_visible()
        page.get_by_test_id(f"open-{figure}").click()
        expect(page.get_by_test_id("ledger-page").get_by_test_id(f"case-{case}")).to_be_visible()
        expect(page.get_by_test_id(f"ledger-{figure}")).to_be_checked()
        page.go_back()
    page.get_by_test_id(f"debt-{DIANHUTUN[:9]}").get_by_role("button").first.click()
    expect(page.get_by_test_id("ledger-page").get_by_test_id(f"case-{case}")).to_be_visible()


def test_a_month_opens_what_was_opened_and_what_was_cleared(city: City, open_device: OpenDevice) -> None:
    case = reported(city, "本月立项，没有撤销")
    page = open_board(open_device, city, "g24", "terminal", WALL_SCREEN)
    page.locator("[data-testid^=opened-]").last.click()
    expect(page.get_by_test_id(f"case-{case}")).to_be_visible()
    expect(page.get_by_test_id("ledger-cleared_since")).to_have_value("")
    page.go_back()
    page.locator("[data-testid^=cleared-]").last.click()
    expect(page.get_by_test_id("ledger-cleared_since")).to_have_value(re.compile(r"\d{4}-\d\d-01"))
    expect(page.get_by_test_id("ledger-since")).to_have_value("")
    expect(page.get_by_test_id("ledger-sums")).to_be_visible()
    expect(page.get_by_test_id(f"case-{case}")).to_have_count(0)


def test_back_a_reload_and_a_link_bring_the_ledger_as_it_was_narrowed(city: City, open_device: OpenDevice) -> None:
    case = reported(city, "地址里记着的事由")
    page = open_board(open_device, city, "g24", "ledger", WALL_SCREEN)
    page.get_by_test_id("ledger-state").select_option("true")
    page.get_by_test_id("ledger-words").press_sequentially("地址里记着")
    expect(page.get_by_test_id("ledger-sums")).to_contain_text("共 1 件")
    address = page.url
    page.get_by_test_id(f"case-{case}").click()
    expect(page.get_by_test_id("case-stage")).to_be_visible()
    page.go_back()
    for _ in range(2):
        expect(page.get_by_test_id("ledger-words")).to_have_value("地址里记着")
        expect(page.get_by_test_id("ledger-state")).to_have_value("true")
        expect(page.get_by_test_id("ledger-sums")).to_contain_text("共 1 件")
        assert page.url == address
        page.reload()
    page.go_back()  # the words were one step
    expect(page.get_by_test_id("ledger-words")).to_have_value("")
    expect(page.get_by_test_id("ledger-state")).to_have_value("true")
    page.go_back()
    expect(page.get_by_test_id("ledger-state")).to_have_value("")
    expect(page.get_by_test_id("ledger-page")).to_be_visible()


def test_a_leader_looks_at_one_village_and_comes_back(city: City, open_device: OpenDevice) -> None:
    reported(city, "看一个村")
    page = open_board(open_device, city, "g24", "terminal", WALL_SCREEN)
    county, township = (page.get_by_test_id(f"scope-{DIANHUTUN[:digits]}") for digits in (6, 9))
    county.select_option(DIANHUTUN[:9])
    township.select_option(DIANHUTUN)
    expect(page.get_by_test_id("terminal-open")).not_to_have_text("0")
    county.select_option(DIANHUTUN[:6])
    expect(township).to_have_count(0)
    open_page(page, "services")
    with page.expect_request(f"**/casework/services/{DIANHUTUN[:9]}"):
        page.get_by_test_id(f"scope-{DIANHUTUN[:6]}").select_option(DIANHUTUN[:9])


def test_a_village_says_that_it_has_seen_what_it_was_told_of(city: City, open_device: OpenDevice) -> None:
    body = {"ulid": str(ULID()), "village": DIANHUTUN, "indicator": "3.3.1", "severity": "general", "text": "两家对峙"}
    body |= {"channel": "hotline", "office": DIANHUTUN[:9]}
    assert city.client("z109").post("/casework/reports", json=body).status_code == 201
    page = open_board(open_device, city, "a217", "tasks")
    told = page.get_by_test_id("tasks-told").get_by_test_id(f"case-{body['ulid']}")
    expect(told).to_be_visible()
    page.get_by_test_id(f"see-{body['ulid']}").click()
    expect(told).to_have_count(0)


def test_a_service_is_entered_and_counted(city: City, open_device: OpenDevice) -> None:
    page = open_board(open_device, city, "z109", "services")
    page.get_by_test_id("service-where").fill("佃户屯村 田庄镇")
    page.get_by_test_id("service-topic").fill("修路")
    page.get_by_test_id("service-topic").press("Tab")
    expect(page.get_by_test_id("service-unit")).to_have_value("公里")
    page.get_by_test_id("service-amount").fill("2.5")
    page.get_by_test_id("service-place").fill("村东生产路")
    page.get_by_test_id("service-on").fill(str(datetime.now(LOCAL).date()))  # at whatever time of the day
    page.get_by_test_id("service-send").click()
    expect(page.get_by_test_id("service").first).to_contain_text("2.5 公里")
    open_page(page, "statistics")
    figure = page.get_by_test_id("figure-services.done")
    expect(figure).to_contain_text("1")
    figure.locator("summary").click()
    expect(figure).to_contain_text("修路")
    page.get_by_test_id("since").fill("2001-01-01")
    page.get_by_test_id("until").fill("2001-12-31")
    expect(figure.locator("strong")).to_have_text("0")


def test_a_figure_opens_what_it_counts_and_each_case_of_it(city: City, open_device: OpenDevice) -> None:
    case = reported(city, "统计的事项")
    for at in range(2):
        body = {"ulid": str(ULID()), "division": DIANHUTUN, "topic": "修桥", "amount": at + 1, "unit": "座"}
        assert city.client("z109").post("/casework/services", json=body | {"place": "村东"}).status_code == 201
    page = open_board(open_device, city, "z109", "statistics", WALL_SCREEN)
    found = page.get_by_test_id("behind-disputes.found")
    number = int(found.inner_text())
    found.click()
    expect(page.get_by_test_id("behind-sums")).to_contain_text(f"发现矛盾问题 {number}")
    expect(page.get_by_test_id("counted")).to_have_count(number)
    page.get_by_test_id(f"case-{case}").click()
    expect(page.get_by_test_id("case-stage")).to_be_visible()
    page.go_back()
    page.get_by_test_id("behind-back").click()
    services = page.get_by_test_id("figure-services.done")
    services.locator("summary").click()
    services.get_by_test_id("behind-services.done:修桥:座").click()
    expect(page.get_by_test_id("behind-sums")).to_contain_text("3")
    expect(page.get_by_test_id("counted")).to_contain_text(["2 座", "1 座"])
    page.go_back()
    page.get_by_test_id("since").fill("2001-01-01")
    page.get_by_test_id("until").fill("2001-12-31")
    expect(page.get_by_test_id("behind-disputes.found")).to_have_count(0)
    page.get_by_test_id("until").fill("2099-12-31")
    page.get_by_test_id("behind-disputes.found").click()
    expect(page.get_by_test_id("behind-sums")).to_be_visible()
    page.go_back()
    expect(page.get_by_test_id("since")).to_have_value("2001-01-01")
    page.reload()
    expect(page.get_by_test_id("until")).to_have_value("2099-12-31")


def test_what_is_open_and_gives_no_light_does_not_look_settled(city: City, open_device: OpenDevice) -> None:
    case = reported(city, "五组的路灯坏了。", severity="minor")
    wait_until(lambda: city.client("z109").get(f"/casework/cases/{DIANHUTUN}/{case}").status_code == 200)
    page = open_board(open_device, city, "z109", f"case/{DIANHUTUN}/{case}")
    expect(page.get_by_test_id("case-stage")).to_have_text("◇ 已上报")


def test_names_are_sealed_and_shown_on_demand_only(city: City, open_device: OpenDevice) -> None:
    case = reported(city, "有人当场劝解")
    page = open_board(open_device, city, "z109", f"case/{DIANHUTUN}/{case}")
    page.get_by_test_id("sealed-write").click()
    page.get_by_test_id("sealed-text").fill("赵某某在场")
    page.get_by_test_id("sealed-send").click()
    page.get_by_test_id("sealed-read").click()
    expect(page.get_by_test_id("sealed-word")).to_contain_text("赵某某在场")
    other = open_board(open_device, city, "g24", f"case/{DIANHUTUN}/{case}")
    expect(other.get_by_test_id("entry-opened")).to_be_visible()
    expect(other.get_by_test_id("sealed")).to_have_count(0)


def test_what_is_pasted_stays_whole_and_what_is_too_long_says_so_and_is_not_sent(
    city: City, open_device: OpenDevice
) -> None:
    page = open_board(open_device, city, "z109", "entry")
    page.get_by_test_id("entry-send").click()  # no village yet: the browser says so
    expect(page.get_by_test_id("entry-village")).to_be_focused()
    page.get_by_test_id("entry-village").fill("没有这个村")
    page.get_by_test_id("entry-send").click()
    expect(page.get_by_test_id("entry-stored")).to_have_count(0)
    assert "选一个村" in page.get_by_test_id("entry-village").evaluate("field => field.validationMessage")
    page.get_by_test_id("entry-village").fill("佃户屯村 田庄镇")
    page.get_by_test_id("entry-indicator").select_option("5.3.3")
    page.get_by_test_id("entry-text").fill("路" * 3_600 + "灯" * 401)
    expect(page.get_by_test_id("limit")).to_contain_text("超出 1 字，最多 4000 字")
    page.get_by_test_id("entry-send").click()
    expect(page.get_by_test_id("entry-text")).to_be_focused()
    expect(page.get_by_test_id("entry-stored")).to_have_count(0)
    page.get_by_test_id("switch-language").click()
    expect(page.get_by_test_id("limit")).to_contain_text("1 characters too many, at most 4000")
    page.reload()  # the draft is whole, too
    assert len(page.get_by_test_id("entry-text").input_value()) == 4_001
    page.get_by_test_id("entry-text").fill("路" * 3_600 + "灯" * 400)
    expect(page.get_by_test_id("limit")).to_contain_text("Room for 0 more characters")
    page.get_by_test_id("entry-text").fill("路灯" * 1_800)
    expect(page.get_by_test_id("limit")).to_have_count(0)
    page.get_by_test_id("entry-text").fill("路灯" * 2_000)
    page.get_by_test_id("entry-send").click()
    expect(page.get_by_test_id("entry-stored")).to_be_visible()
