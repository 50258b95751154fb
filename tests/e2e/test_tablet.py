"""The tablet in a real Chromium: days without a network, drafts, refusals, shared devices."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Route, expect
from ulid import ULID

from models.catalogue import default_catalogue
from models.documents import decode_document
from sync_api.errors import StoreUnavailable, couch_error
from tests.city import DIANHUTUN, PASSWORD, City, bulk, report, wait_until_healthy
from tests.e2e.conftest import (
    TABLET,
    WAIT_MS_MAX,
    WALL_SCREEN,
    OpenDevice,
    enter,
    enter_beside,
    log_in,
    unlock,
)

TEXT = "学校旧房卖了三个月，账目一直没有张榜公布，群众议论很多。"
#: No identity card, since there is no 99th month, but the gateway takes eighteen digits for one.
ONLY_THE_GATEWAY_REFUSES = "物资编号\x07与台账不符。"


def open_tablet(device: BrowserContext, city: City, alias: str) -> Page:
    """Logged in, first sync done, and the service worker ready for days without a network."""
    page = device.new_page()
    page.goto(f"{city.url}/tablet/")
    enter(page, alias)
    expect_phase(page, "idle")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    return page


def expect_phase(page: Page, phase: str) -> None:
    expect(page.get_by_test_id("sync")).to_have_attribute("data-phase", phase, timeout=WAIT_MS_MAX)


def fill_report(page: Page, text: str = TEXT, indicator: str = "4.3.1") -> None:
    page.get_by_test_id("new-report").click()
    page.get_by_test_id("report-indicator").click()
    page.get_by_test_id(f"pick-{indicator}").click()
    page.get_by_test_id("report-severity-general").click()
    page.get_by_test_id("report-text").fill(text)


def work_item(page: Page, state: str) -> Locator:
    return page.locator(f"[data-testid=work-item][data-state={state}]")


def test_a_report_written_without_a_network_waits_and_is_receipted_when_it_is_back(
    city: City, open_device: OpenDevice
) -> None:
    device = open_device(TABLET)
    page = open_tablet(device, city, "i0421")
    device.set_offline(True)
    expect_phase(page, "network")  # before anything is asked of it
    fill_report(page)
    page.get_by_test_id("save-report").click()
    expect(work_item(page, "waiting")).to_have_count(1)
    expect_phase(page, "network")
    expect(page.get_by_test_id("sync-held")).to_contain_text("0 / 1")

    device.set_offline(False)
    expect(work_item(page, "sent")).to_have_count(1)
    expect(page.get_by_test_id("sync-held")).to_contain_text("1 / 1")
    identity = work_item(page, "sent").get_attribute("data-id")
    stored = city.raw(f"d110-371724/{identity}")
    assert stored["text"] == TEXT
    assert stored["observed_at"] == stored["saved_at"]

    page.get_by_test_id("tab-lights").click()
    page.get_by_test_id("item-4.3").get_by_role("button").first.click()
    expect(page.get_by_test_id("lamp-4.3.1")).to_have_attribute("data-light", "y")
    page.get_by_test_id("lamp-4.3.1").click()
    expect(page.get_by_test_id("indicator-page")).to_contain_text("未了结 1 件")


def test_the_tablet_opens_and_works_while_the_gateway_cannot_be_reached(city: City, open_device: OpenDevice) -> None:
    answer = city.client("a217").post("/db/d110-371724/_bulk_docs", json=bulk(report(DIANHUTUN, "a217")))
    assert answer.json()[0]["ok"], answer.text
    device = open_device(TABLET)
    page = open_tablet(device, city, "a217")
    expect(page.get_by_test_id("village-lights")).to_be_visible()
    device.set_offline(True)
    page.close()
    page = device.new_page()
    page.goto(f"{city.url}/tablet/")
    unlock(page, "a217")
    expect_phase(page, "network")
    expect(page.get_by_test_id("village-lights")).to_be_visible()
    page.get_by_test_id("new-round").click()
    page.get_by_test_id("input-1.1.4").fill("10")
    page.get_by_test_id("save-round").click()
    expect(work_item(page, "waiting")).to_have_count(1)
    device.set_offline(False)
    expect(work_item(page, "sent")).to_have_count(1)


def test_a_round_asks_for_each_kind_of_reading_and_refuses_what_cannot_be(city: City, open_device: OpenDevice) -> None:
    page = open_tablet(open_device(TABLET), city, "a217")
    page.get_by_test_id("new-round").click()
    page.get_by_test_id("input-1.2.2").fill("101")
    page.get_by_test_id("no-2.2.1").click()
    page.get_by_test_id("none-1.1.1").click()
    page.get_by_test_id("input-1.3.1").fill("2020-01-31")
    page.get_by_test_id("save-round").click()
    expect(page.get_by_test_id("reading-1.2.2").get_by_role("alert")).to_be_visible()
    for indicator, written, fault in (
        ("1.1.2", "3.7", "请填整数"),
        ("1.1.2", "0x5", "请填数字"),
        ("1.3.1", "1949-09-30", "日期不能早于 1949-10-01"),
    ):
        page.get_by_test_id(f"input-{indicator}").fill(written)
        page.get_by_test_id("save-round").click()
        expect(page.get_by_test_id(f"reading-{indicator}").get_by_role("alert")).to_have_text(fault)
    year = page.evaluate("new Date().getFullYear()")
    for indicator, written, hint in (
        ("1.1.2", "１２", "■ 超过红线 1 个"),
        ("1.1.2", "１", "▲ 超过黄线 0 个"),
        ("1.1.2", "0", ""),
        ("1.3.1", f"{year - 20}-01-01", "■ 超过红线 184 天这是 20 年前的日期，请再看一遍是不是填对了。"),
        ("1.1.4", "10", "■ 低于红线 60 %"),
    ):
        page.get_by_test_id(f"input-{indicator}").fill(written)
        expect(page.get_by_test_id(f"hint-{indicator}")).to_have_text(hint)
    expect(page.get_by_test_id("hint-2.2.1")).to_have_text("▲ 亮黄灯")
    expect(page.get_by_test_id("hint-1.1.1")).to_have_text("")
    page.get_by_test_id("input-1.1.4").fill("")
    page.get_by_test_id("input-1.1.2").fill("１")
    page.get_by_test_id("input-1.3.1").fill("2020-01-31")
    page.get_by_test_id("input-1.2.2").fill("80.5")
    page.get_by_test_id("save-round").click()
    sent = work_item(page, "sent").filter(has_text="5 项")
    expect(sent).to_have_count(1)
    assert city.raw(f"d110-371724/{sent.get_attribute('data-id')}")["readings"] == {
        "1.1.1": None,
        "1.1.2": 1,
        "1.2.2": 80.5,
        "1.3.1": "2020-01-31",
        "2.2.1": False,
    }
    at = default_catalogue().index
    page.get_by_test_id("tab-lights").click()
    for indicator, light in {"1.1.1": "g", "1.2.2": "g", "1.3.1": "r", "2.2.1": "y"}.items():
        page.wait_for_function(
            "([at, light]) => document.querySelector('[data-testid=village-lights]').dataset.lights[at] === light",
            arg=[at[indicator], light],
        )


def test_a_draft_survives_a_reload_and_is_gone_once_saved(city: City, open_device: OpenDevice) -> None:
    page = open_tablet(open_device(TABLET), city, "i0422")
    fill_report(page)
    page.reload()
    unlock(page, "i0422")
    expect(page.get_by_test_id("report-text")).to_have_value(TEXT)
    expect(page.get_by_test_id("report-indicator")).to_have_attribute("data-code", "4.3.1")
    page.get_by_test_id("save-report").click()
    expect(work_item(page, "sent")).to_have_count(1)
    page.get_by_test_id("new-report").click()
    expect(page.get_by_test_id("report-text")).to_have_value("")


def test_personal_numbers_are_refused_while_they_are_written(city: City, open_device: OpenDevice) -> None:
    page = open_tablet(open_device(TABLET), city, "i0421")
    for text, word in {
        "电话 138 1234 5678": "电话号码",
        "座机0530-6661234": "电话号码",
        "证号11010119900307751X": "身份证号",
    }.items():
        fill_report(page, text)
        expect(page.get_by_test_id("report-personal")).to_contain_text(word)
        expect(page.get_by_test_id("save-report")).to_be_disabled()
    page.get_by_test_id("report-text").fill("补偿款 1381234 元，3 户 12 人，2026-11-20 发现")
    expect(page.get_by_test_id("report-personal")).to_have_count(0)
    expect(page.get_by_test_id("save-report")).to_be_enabled()


def test_what_is_too_long_stays_whole_and_is_not_saved(city: City, open_device: OpenDevice) -> None:
    page = open_tablet(open_device(TABLET), city, "i0421")
    fill_report(page, "路" * 4_001)
    expect(page.get_by_test_id("limit")).to_contain_text("超出 1 字，最多 4000 字")
    page.get_by_test_id("save-report").click()
    expect(page.get_by_test_id("report-text")).to_be_focused()
    assert len(page.get_by_test_id("report-text").input_value()) == 4_001
    page.get_by_test_id("report-text").fill("路" * 4_000)
    page.get_by_test_id("report-place").fill("东" * 201)
    page.get_by_test_id("save-report").click()
    expect(page.get_by_test_id("report-place")).to_be_focused()
    page.get_by_test_id("report-place").fill("东头")
    page.get_by_test_id("save-report").click()
    expect(page.get_by_test_id("report-text")).to_have_count(0)


def test_what_the_gateway_refuses_is_marked_with_its_reason_and_can_be_written_again(
    city: City, open_device: OpenDevice
) -> None:
    page = open_tablet(open_device(TABLET), city, "i0422")
    fill_report(page, ONLY_THE_GATEWAY_REFUSES)
    page.get_by_test_id("save-report").click()
    refused = work_item(page, "refused")
    expect(refused).to_have_count(1)
    expect(refused.get_by_test_id("work-reason")).to_contain_text("控制字符")
    refused.get_by_role("button").click()
    expect(page.get_by_test_id("report-text")).to_have_value(ONLY_THE_GATEWAY_REFUSES)
    page.get_by_test_id("report-text").fill("物资编号与台账不符。")
    page.get_by_test_id("save-report").click()
    expect(work_item(page, "sent").filter(has_text="物资编号")).to_have_count(1)

    station = city.client("z109")
    identity = refused.get_attribute("data-id")
    [kept] = [q for q in station.get("/quarantine").json()["oldest"] if q["document_id"] == identity]
    word = {"text": "已按更正后的内容办理。"}
    assert station.post(f"/quarantine/{kept['_id']}/dismiss", json=word).status_code == 204
    settled = work_item(page, "settled")
    expect(settled).to_contain_text(word["text"])
    settled.get_by_test_id("put-away").click()
    expect(settled).to_have_count(0)
    page.reload()
    unlock(page, "i0422")
    expect(work_item(page, "sent").filter(has_text="物资编号")).to_have_count(1)
    expect(page.locator(f"[data-id='{identity}']")).to_have_count(0)


def test_what_the_gateway_asks_to_wait_is_waited(city: City, open_device: OpenDevice) -> None:
    page = open_tablet(open_device(TABLET), city, "i0422")
    expect_phase(page, "idle")
    asked: list[str] = []

    def busy(route: Route) -> None:
        asked.append(route.request.url)
        problem = {"error": "too_many_requests", "reason": "请求过多。 / Too many requests."}
        route.fulfill(status=429, headers={"Retry-After": "3600"}, content_type="application/json", json=problem)

    page.route("**/_pull", busy)
    page.get_by_test_id("sync-now").click()
    expect_phase(page, "failing")
    expect(page.get_by_test_id("sync")).to_contain_text("请求过多")
    fill_report(page, "忙时写下的一条。")  # neither a new report nor the button asks again
    page.get_by_test_id("save-report").click()
    page.get_by_test_id("sync-now").click()
    expect(work_item(page, "waiting").filter(has_text="忙时")).to_have_count(1)
    assert len(asked) == 1
    expect(page.get_by_test_id("sync-rests")).to_contain_text("再问")  # and when it will is said


def test_half_a_character_is_mended_before_it_is_saved(city: City, open_device: OpenDevice) -> None:
    page = open_tablet(open_device(TABLET), city, "i0422")
    fill_report(page)
    page.get_by_test_id("report-text").evaluate(
        "field => { field.value = '路灯坏了\\ud83d'; field.dispatchEvent(new Event('input')) }"
    )
    page.get_by_test_id("save-report").click()
    sent = work_item(page, "sent").filter(has_text="路灯坏了")
    expect(sent).to_have_count(1)
    assert city.raw(f"d110-371724/{sent.get_attribute('data-id')}")["text"] == "路灯坏了\ufffd"


#: 3,000 characters of which hardly one comes twice: 9 kB, and not much less with gzip.
HARD_TO_PACK = "".join(map(chr, range(0x4E00, 0x4E00 + 3_000)))


def small_proxy(route: Route) -> None:
    """A proxy on the way that takes no more than 4,000 bytes in one request, and says so with a page of its own."""
    if len(route.request.post_data_buffer or b"") > 4_000:
        route.fulfill(status=413, content_type="text/html", body="<h1>413 Request Entity Too Large</h1>")
    else:
        route.continue_()


def unreadable(route: Route) -> None:
    """As the gateway answers a body that it cannot take apart."""
    if "读不出" in gzip.decompress(route.request.post_data_buffer or b"").decode():
        reason = "请求内容不是有效的 JSON。 / The body is not valid JSON."
        route.fulfill(status=400, json={"error": "bad_request", "reason": reason, "code": "malformed"})
    else:
        route.continue_()


@pytest.mark.parametrize(
    ("answer", "text", "reason"),
    [
        pytest.param(small_proxy, HARD_TO_PACK, "内容过大，网络不放行，请写短一些。", id="413"),
        pytest.param(unreadable, "读不出的一条。", "请求内容不是有效的 JSON。", id="400"),
    ],
)
def test_a_batch_that_is_refused_whole_is_parted_until_one_stands_alone_and_the_rest_is_sent(
    city: City, open_device: OpenDevice, answer: Callable[[Route], None], text: str, reason: str
) -> None:
    device = open_device(TABLET)
    device.route("**/_bulk_docs", answer)
    page = open_tablet(device, city, "a014")
    before = work_item(page, "sent").count()
    device.set_offline(True)
    for written in ("第一条。", text, "第三条。", "第四条。"):
        fill_report(page, written)
        page.get_by_test_id("save-report").click()
        expect(work_item(page, "waiting").filter(has_text=written)).to_have_count(1)
    device.set_offline(False)
    expect(work_item(page, "sent")).to_have_count(before + 3)
    refused = work_item(page, "refused")
    expect(refused).to_have_count(1)
    expect(refused).to_contain_text(text)
    expect(refused.get_by_test_id("work-reason")).to_have_text(f"退回原因：{reason}")
    expect_phase(page, "idle")
    refused.get_by_role("button").click()
    expect(page.get_by_test_id("report-text")).to_have_value(text)


def test_a_round_that_was_refused_can_be_corrected_and_reported_again(city: City, open_device: OpenDevice) -> None:
    page = open_tablet(open_device(TABLET), city, "a022")
    page.get_by_test_id("new-round").click()
    page.get_by_test_id("input-1.1.4").fill("90")
    page.get_by_test_id("no-2.2.1").click()
    page.get_by_test_id("round-text").fill(ONLY_THE_GATEWAY_REFUSES)
    page.get_by_test_id("save-round").click()
    work_item(page, "refused").get_by_role("button").click()
    expect(page.get_by_test_id("input-1.1.4")).to_have_value("90")
    expect(page.get_by_test_id("no-2.2.1")).to_have_attribute("aria-pressed", "true")
    page.get_by_test_id("round-text").fill("")
    page.get_by_test_id("save-round").click()
    expect(work_item(page, "sent").filter(has_text="2 项")).to_have_count(1)


def test_reasons_are_given_in_the_language_of_the_page_alone(city: City, open_device: OpenDevice) -> None:
    device = open_device(TABLET)
    page = open_tablet(device, city, "a022")
    fill_report(page, ONLY_THE_GATEWAY_REFUSES)
    page.get_by_test_id("save-report").click()
    reason = work_item(page, "refused").first.get_by_test_id("work-reason")
    expect(reason).to_have_text("退回原因：内容含有不可见的控制字符。")
    device.route("**/_pull", lambda route: route.fulfill(body="<html>a page of the network's own</html>"))
    page.get_by_test_id("sync-now").click()
    expect_phase(page, "failing")
    expect(page.get_by_test_id("sync")).to_contain_text("同步没有成功：网关的回答不明。")
    page.get_by_test_id("switch-language").click()
    expect(reason).to_have_text("Sent back because: A text holds control characters.")
    expect(page.get_by_test_id("sync")).to_contain_text("Sync did not succeed: The gateway gave no clear answer.")


def test_a_tablet_new_to_its_user_says_that_it_fetched_what_the_gateway_holds(
    city: City, open_device: OpenDevice
) -> None:
    strip = open_tablet(open_device(TABLET), city, "i0423").get_by_test_id("sync")
    expect(strip).to_contain_text("还没有收到过回执")
    assert city.client("i0423").post("/db/d110-371724/_bulk_docs", json=bulk(report(DIANHUTUN, "i0423"))).is_success
    strip = open_tablet(open_device(TABLET), city, "i0423").get_by_test_id("sync")
    expect(strip).to_contain_text("网关已收 1 / 1 条")
    expect(strip).to_contain_text("取自网关")
    expect(strip).not_to_contain_text("回执")


def test_the_next_user_of_a_tablet_sees_nothing_of_the_one_before(city: City, open_device: OpenDevice) -> None:
    device = open_device(TABLET)
    page = open_tablet(device, city, "i0421")
    device.set_offline(True)
    fill_report(page, "只有本人可见的一条。")
    page.get_by_test_id("save-report").click()
    expect(work_item(page, "waiting")).to_have_count(1)
    fill_report(page, "还没有写完的一条。")
    page.get_by_test_id("lock").click()
    expect(page.get_by_test_id("person-i0421")).to_contain_text("1 条未上报")
    device.set_offline(False)
    enter_beside(page, "a217")
    expect_phase(page, "idle")
    page.get_by_test_id("new-report").click()
    expect(page.get_by_test_id("report-text")).to_have_value("")
    page.get_by_test_id("tab-work").click()
    expect(page.get_by_text("可见的一条")).to_have_count(0)

    page.get_by_test_id("lock").click()
    unlock(page, "i0421")
    page.get_by_test_id("tab-work").click()
    expect(work_item(page, "sent").filter(has_text="可见的一条")).to_have_count(1)


def test_a_page_that_a_person_does_not_have_leads_to_their_lights(city: City, open_device: OpenDevice) -> None:
    page = open_tablet(open_device(TABLET), city, "i0421")
    title = page.get_by_role("heading", level=1)
    for place in ("round", "cases", "papers", f"cases/{ULID()}", f"check/{DIANHUTUN}", "nowhere"):
        page.get_by_test_id("new-report").click()
        expect(title).to_have_text("填写上报")
        page.goto(f"{city.url}/tablet/#/{place}")
        expect(title).to_contain_text("佃户屯")
        expect(page.get_by_test_id("tab-lights")).to_have_attribute("aria-selected", "true")
        expect(page.locator("main form")).to_have_count(0)
        expect(page.get_by_test_id("lock")).to_be_visible()


def test_a_lapsed_log_in_keeps_the_work_and_sends_it_after_the_password(city: City, open_device: OpenDevice) -> None:
    page = open_tablet(open_device(TABLET), city, "i0422")
    city.clock.ahead = timedelta(days=200)
    try:
        fill_report(page, "登录过期时写的一条。")
        page.get_by_test_id("save-report").click()
        expect_phase(page, "lapsed")
        expect(work_item(page, "waiting")).to_have_count(1)
        expect(page.get_by_test_id("login-alias")).to_have_value("i0422")
        expect(page.get_by_test_id("sync-enrolled")).to_contain_text("重新登记这台平板")  # who has no password
        page.get_by_test_id("login-password").fill(PASSWORD)
        page.get_by_test_id("login-submit").click()
        expect(work_item(page, "waiting")).to_have_count(0)
        expect(work_item(page, "sent").filter(has_text="登录过期")).to_have_count(1)
    finally:
        city.clock.ahead = timedelta()


def test_a_store_that_is_down_is_said_in_words_and_the_work_goes_out_when_it_is_back(
    city: City, open_device: OpenDevice
) -> None:
    page = open_tablet(open_device(TABLET), city, "a217")
    city.store.stop()
    try:
        fill_report(page, "数据库停时写的一条。")
        page.get_by_test_id("save-report").click()
        expect_phase(page, "store_down")
        expect(page.get_by_test_id("sync")).to_contain_text("工作都保存在本机")
    finally:
        city.store.start()
    wait_until_healthy(city.url)
    page.get_by_test_id("sync-now").click()
    expect(work_item(page, "sent").filter(has_text="数据库停时")).to_have_count(1)


def test_a_store_that_falls_inside_a_pull_is_said_in_the_same_words(city: City, open_device: OpenDevice) -> None:
    device = open_device(TABLET)
    page = open_tablet(device, city, "a217")

    def fall(route: Route) -> None:
        begun, _, _ = route.fetch().text().partition("\n")
        error = json.dumps(couch_error(StoreUnavailable()))
        route.fulfill(content_type="application/x-ndjson", body=f"{begun}\n{error}\n")

    device.route("**/_pull", fall)
    page.get_by_test_id("sync-now").click()
    expect_phase(page, "store_down")
    device.unroute("**/_pull")
    page.get_by_test_id("sync-now").click()
    expect_phase(page, "idle")


def test_every_document_a_tablet_wrote_reads_as_its_struct(city: City, open_device: OpenDevice) -> None:
    page = open_tablet(open_device(TABLET), city, "a217")
    fill_report(page, "按结构检查的一条。")
    page.get_by_test_id("report-place").fill("村东头")
    page.get_by_test_id("report-earlier").click()
    page.get_by_test_id("report-observed").fill("2026-01-02T03:04")
    page.get_by_test_id("save-report").click()
    expect(work_item(page, "sent").filter(has_text="按结构")).to_have_count(1)
    identity = work_item(page, "sent").filter(has_text="按结构").get_attribute("data-id")
    client = city.client("a217")
    document = decode_document(client.get(f"/db/d110-371724/{identity}").content)
    assert document.id.startswith(f"{DIANHUTUN}:report:a217:")
    assert document.observed_at.isoformat() == "2026-01-01T19:04:00+00:00"
    assert document.place == "村东头"


def test_a_device_that_was_shut_off_hands_in_its_work_and_wipes_itself(city: City, open_device: OpenDevice) -> None:
    city.add_account("i0424", "informant", DIANHUTUN)
    device = open_device(TABLET)
    page = open_tablet(device, city, "i0424")
    fill_report(page, "还没来得及写完的草稿。")
    page.go_back()
    device.set_offline(True)
    fill_report(page, "停用前写的一条。")
    page.get_by_test_id("save-report").click()
    expect(work_item(page, "waiting")).to_have_count(1)

    office = open_device(WALL_SCREEN).new_page()
    office.goto(f"{city.url}/board#/devices")
    log_in(office, "z109")
    account = office.get_by_test_id("account-i0424")
    mark = page.get_by_test_id("device-mark").get_attribute("data-mark") or ""
    expect(account.get_by_test_id("device-mark").first).to_have_text(f"平板 {mark}")
    assert len(mark) == 4
    office.on("dialog", lambda dialog: dialog.accept())
    account.get_by_test_id("revoke").first.click()
    expect(account).to_contain_text("尚未清除")

    device.set_offline(False)
    expect(page.get_by_test_id("wiped")).to_be_visible()
    expect(page.get_by_test_id("login-alias")).to_be_visible()
    left = page.evaluate(
        "async () => [Object.keys(localStorage).join(), (await indexedDB.databases()).map((one) => one.name).join()]"
    )
    assert not any("i0424" in text for text in left), left
    office.reload()
    expect(account).to_contain_text("已停用并清除")
    kept = city.client("z109").get("/quarantine").json()["oldest"]
    assert [one["code"] for one in kept if "停用前写的一条。" in one["raw"]] == ["device_revoked"]
