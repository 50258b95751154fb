"""What people who fill tablets every day ask for: phrases, corrections, reasons, search, and honest words of a sync."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from playwright.sync_api import expect

from tests.city import DIANHUTUN, City, bulk, case_event, report, round_of, settle, wait_until
from tests.e2e.conftest import TABLET, WAIT_MS_MAX, WALL_SCREEN, OpenDevice, enter, log_in, unlock
from tests.e2e.test_tablet import expect_phase, fill_report, open_tablet, work_item


def test_phrases_are_kept_used_and_removed_and_lately_used_indicators_come_first(
    city: City, open_device: OpenDevice
) -> None:
    page = open_tablet(open_device(TABLET), city, "i0421")
    page.get_by_test_id("new-report").click()
    expect(page.get_by_test_id("phrases")).to_have_count(0)
    page.get_by_test_id("report-text").fill("已向村干部反映，尚未解决。")
    page.get_by_test_id("keep-phrase").click()
    expect(page.get_by_test_id("keep-phrase")).to_have_count(0)  # it is kept
    fill_report(page, "公开栏没有更新。", indicator="2.5.1")
    page.get_by_role("button", name="已向村干部反映，尚未解决。").click()
    expect(page.get_by_test_id("report-text")).to_have_value("公开栏没有更新。\n已向村干部反映，尚未解决。")
    page.get_by_test_id("save-report").click()
    expect(work_item(page, "sent")).to_have_count(1)
    page.reload()
    unlock(page, "i0421")
    page.get_by_test_id("new-report").click()
    page.get_by_test_id("report-indicator").click()
    page.get_by_test_id("recent-2.5.1").click()
    expect(page.get_by_test_id("report-indicator")).to_have_attribute("data-code", "2.5.1")
    page.get_by_test_id("edit-phrases").click()
    page.get_by_role("button", name="删去“已向村干部反映，尚未解决。”").click()
    expect(page.get_by_test_id("edit-phrases")).to_have_count(0)


def test_a_report_is_corrected_without_a_network_and_the_last_word_counts(city: City, open_device: OpenDevice) -> None:
    device = open_device(TABLET)
    page = open_tablet(device, city, "i0422")
    fill_report(page, "三组的路灯坏了。", indicator="2.6.1")
    page.get_by_test_id("save-report").click()
    first = work_item(page, "sent").filter(has_text="三组的路灯坏了。")
    expect(first).to_have_count(1)
    expect(first.get_by_test_id("correct")).to_be_visible(timeout=WAIT_MS_MAX)
    identity = first.get_attribute("data-id") or ""
    device.set_offline(True)
    first.get_by_test_id("correct").click()
    expect(page.get_by_test_id("report-amends")).to_be_visible()
    expect(page.get_by_test_id("report-observed")).to_have_count(0)  # the instant is that of the first
    page.get_by_test_id("report-text").fill("五组的路灯坏了。")
    page.get_by_test_id("save-report").click()
    expect(work_item(page, "waiting")).to_contain_text("更正 · ")
    expect(first.get_by_test_id("correct")).to_have_count(0)  # the correction is corrected, if need be
    device.set_offline(False)
    expect(work_item(page, "sent").filter(has_text="五组的路灯坏了。")).to_have_count(1, timeout=WAIT_MS_MAX)
    case = identity.rsplit(":", 1)[1]
    shown = f"/casework/cases/{DIANHUTUN}/{case}"
    wait_until(lambda: city.client("z109").get(shown).json()["case"]["text"] == "五组的路灯坏了。")


def test_what_is_left_out_of_a_round_says_why(city: City, open_device: OpenDevice) -> None:
    page = open_tablet(open_device(TABLET), city, "a217")
    page.get_by_test_id("new-round").click()
    page.get_by_test_id("input-1.1.4").fill("10")
    expect(page.get_by_test_id("skip-1.1.4")).to_have_count(0)
    draft = "() => localStorage.getItem('d110.sealed.a217.draft.round')"
    page.wait_for_function(draft)
    before = page.evaluate(draft)
    page.get_by_test_id("skip-1.2.2").select_option("no_papers")
    page.wait_for_function(f"(before) => ({draft})() !== before", arg=before)
    page.reload()
    unlock(page, "a217")  # it is kept with the draft
    expect(page.get_by_test_id("skip-1.2.2")).to_have_value("no_papers")
    page.get_by_test_id("round-text").fill("村部有人。")
    page.get_by_test_id("save-round").click()
    sent = work_item(page, "sent").filter(has_text="村部有人。")
    expect(sent).to_have_count(1)
    stored = city.raw(f"d110-371724/{sent.get_attribute('data-id')}")
    assert stored["readings"] == {"1.1.4": 10}
    assert stored["text"].splitlines()[0] == "村部有人。"
    assert "未报 1.2.2" in stored["text"] and "看不到账册或资料" in stored["text"]


def test_a_round_that_could_read_nothing_is_saved_with_the_reason(city: City, open_device: OpenDevice) -> None:
    device = open_device(TABLET)
    page = open_tablet(device, city, "a217")
    device.set_offline(True)
    page.get_by_test_id("new-round").click()
    expect(page.get_by_test_id("save-round")).to_be_disabled()
    page.get_by_test_id("skip-rest").select_option("not_passable")
    expect(page.get_by_test_id("skip-1.2.2")).to_have_value("not_passable")
    page.get_by_test_id("save-round").click()
    waiting = work_item(page, "waiting").filter(has_text="没有读数")
    expect(waiting).to_contain_text("路不通")
    identity = waiting.get_attribute("data-id")
    device.set_offline(False)
    expect(page.locator(f"[data-id='{identity}']")).to_have_attribute("data-state", "sent", timeout=WAIT_MS_MAX)
    stored = city.raw(f"d110-371724/{identity}")
    assert stored["readings"] == {}
    assert "1.2.2、" in stored["text"]
    page.get_by_test_id("new-round").click()  # what could not be read is due still
    expect(page.get_by_test_id("skip-1.2.2")).to_have_value("")


def test_an_informant_hears_without_a_network_what_became_of_a_report(city: City, open_device: OpenDevice) -> None:
    seen = report(DIANHUTUN, "i0423", indicator="3.3.1", text="两家争地界")
    assert city.client("i0423").post("/db/d110-371724/_bulk_docs", json=bulk(seen)).json()[0]["ok"]
    case, device = seen["_id"].rsplit(":", 1)[1], open_device(TABLET)
    page = open_tablet(device, city, "i0423")
    page.get_by_test_id("tab-work").click()
    outcome = page.locator(f"[data-id='{seen['_id']}']").get_by_test_id("outcome")
    expect(outcome).to_contain_text("由乡镇管理站负责", timeout=WAIT_MS_MAX)
    expect(outcome).to_contain_text("限期")
    settle(city, DIANHUTUN, case, "z109", found="地界不清", done="已划界")
    expect(outcome).to_have_attribute("data-stage", "cleared", timeout=WAIT_MS_MAX)
    device.set_offline(True)
    page.reload()
    unlock(page, "i0423")
    page.get_by_test_id("tab-work").click()
    expect(outcome).to_contain_text("已撤销警示")
    page.get_by_test_id("switch-language").click()
    expect(outcome).to_contain_text("all-clear given")
    expect(page.locator("body")).not_to_contain_text("已划界")  # said by an office, to offices
    page.get_by_test_id("switch-language").click()
    device.set_offline(False)
    board = open_device(WALL_SCREEN).new_page()
    board.goto(f"{city.url}/board#/case/{DIANHUTUN}/{case}")
    log_in(board, "z109")
    board.get_by_test_id("answers-write").click()
    expect(board.get_by_test_id("answers-text")).to_have_value(re.compile("地界不清(.|\\n)*已划界"))  # to look through
    board.get_by_test_id("answers-text").fill("已请土地所划界，立了界石。")
    board.get_by_test_id("answers-send").click()
    expect(board.get_by_test_id("answers-word")).to_contain_text("界石")
    expect(page.locator(f"[data-id='{seen['_id']}']")).to_contain_text("答复：已请土地所划界", timeout=WAIT_MS_MAX)
    again = case_event(DIANHUTUN, case, "z109", "reopened", text="又吵起来")
    assert city.client("z109").post("/db/d110-371724/_bulk_docs", json=bulk(again)).json()[0]["ok"]
    expect(outcome).to_contain_text("反弹重立", timeout=WAIT_MS_MAX)


def test_an_administrator_reads_what_was_cleared_lately_without_a_network(city: City, open_device: OpenDevice) -> None:
    seen = report(DIANHUTUN, "i0422", indicator="3.2.1", text="宅基地边界说不清")
    assert city.client("i0422").post("/db/d110-371724/_bulk_docs", json=bulk(seen)).json()[0]["ok"]
    case, device = seen["_id"].rsplit(":", 1)[1], open_device(TABLET)
    settle(city, DIANHUTUN, case, "z109", found="地界不清", done="已划界")
    page = open_tablet(device, city, "a217")
    page.get_by_test_id("tab-cases").click()
    cleared = page.get_by_test_id(f"cleared-{case}")
    expect(cleared).to_contain_text("已撤销警示", timeout=WAIT_MS_MAX)
    device.set_offline(True)
    cleared.click()
    expect(page.get_by_test_id("entry-cleared")).to_contain_text("已划界")
    expect(page.get_by_test_id("do-progress")).to_have_count(0)


def test_a_lamp_says_why_it_is_lit_as_far_as_its_reader_may_know(city: City, open_device: OpenDevice) -> None:
    """A reading with its value for who holds it; for an informant, which line it crossed; a case with its deadline."""
    read = round_of(DIANHUTUN, "a217", {"1.1.2": 4, "2.2.1": False})
    assert city.client("a217").post("/db/d110-371724/_bulk_docs", json=bulk(read)).json()[0]["ok"]
    late = report(DIANHUTUN, "i0421", indicator="3.1.1", at=datetime.now(UTC) - timedelta(days=60))
    assert city.client("i0421").post("/db/d110-371724/_bulk_docs", json=bulk(late)).json()[0]["ok"]
    said = {
        "a217": {"1.1.2": r"走访登记 \d{4}-\d\d-\d\d：4 \S+，超过红线 1", "2.2.1": "：否，亮黄灯"},
        "i0421": {
            "1.1.2": "按网关已收的最近一次读数：超过红线 1",
            "2.2.1": "读数：亮黄灯",
            "3.1.1": "一件一般问题未了结，限期 .*，已逾期",
        },
    }
    for alias, reasons in said.items():
        device = open_device(TABLET)
        page = open_tablet(device, city, alias)
        device.set_offline(True)
        for indicator, words in reasons.items():
            page.evaluate("code => (location.hash = `#/indicator/${code}`)", indicator)
            expect(page.get_by_test_id("why")).to_contain_text(re.compile(words), timeout=WAIT_MS_MAX)
    page.get_by_test_id("switch-language").click()
    expect(page.get_by_test_id("why")).to_contain_text(re.compile("General matter still open, due .*, overdue"))


def test_the_village_is_searched_without_a_network(city: City, open_device: OpenDevice) -> None:
    seen = report(DIANHUTUN, "i0421", text="北沟的涵洞堵了")
    assert city.client("i0421").post("/db/d110-371724/_bulk_docs", json=bulk(seen)).json()[0]["ok"]
    device = open_device(TABLET)
    page = open_tablet(device, city, "a217")
    case = seen["_id"].rsplit(":", 1)[1]
    page.get_by_test_id("tab-cases").click()
    expect(page.get_by_test_id(f"case-{case}")).to_be_visible(timeout=WAIT_MS_MAX)
    page.get_by_test_id("tab-lights").click()
    device.set_offline(True)
    search = page.get_by_test_id("village-search").get_by_role("searchbox")
    search.fill("涵洞")
    page.get_by_test_id(f"found-case-{case}").click()
    expect(page.get_by_test_id("entry-opened")).to_contain_text("北沟")
    page.get_by_test_id("tab-lights").click()
    search.fill("4.3.1")
    expect(page.get_by_test_id("found-4.3.1")).to_be_visible()
    search.fill("没有这样的词")
    expect(page.get_by_test_id("found")).to_contain_text("没有找到")
    page.get_by_test_id("new-report").click()
    page.get_by_test_id("report-indicator").click()
    search = page.get_by_test_id("indicator-search").get_by_role("searchbox")
    for words, code in (
        ("打架", "3.2.2"),
        ("上访", "3.4.3"),
        ("分地", "5.3.3"),
        ("Fight", "3.2.2"),
        ("２．７．３", "2.7.3"),
    ):
        search.fill(words)
        expect(page.get_by_test_id(f"pick-{code}")).to_be_visible()
        expect(page.get_by_test_id("pick-1.1.1")).to_have_count(0)


def test_sync_now_says_what_really_happened_and_a_wrong_clock_is_told(city: City, open_device: OpenDevice) -> None:
    device = open_device(TABLET)
    page = open_tablet(device, city, "i0423")
    expect(page.get_by_test_id("sync-clock")).to_have_count(0)
    page.get_by_test_id("sync-now").click()
    expect(page.get_by_test_id("sync-outcome")).to_contain_text("没有要上报的")
    device.set_offline(True)
    expect_phase(page, "network")
    page.get_by_test_id("sync-now").click()
    expect_phase(page, "network")
    expect(page.get_by_test_id("sync-outcome")).to_have_count(0)  # it did not succeed: why stands there
    device.set_offline(False)
    expect(page.get_by_test_id("sync-outcome")).to_contain_text("没有要上报的", timeout=WAIT_MS_MAX)  # once it did

    behind = open_device(TABLET).new_page()
    behind.clock.set_fixed_time(datetime.now(UTC) - timedelta(days=2))
    behind.goto(f"{city.url}/tablet/")
    enter(behind, "i0421")
    expect_phase(behind, "idle")
    expect(behind.get_by_test_id("sync-clock")).to_contain_text("慢了 2 天")


def test_a_small_matter_is_handed_up_from_the_tablet(city: City, open_device: OpenDevice) -> None:
    small = report(DIANHUTUN, "i0421", severity="minor", text="两家为宅基争吵")
    assert city.client("i0421").post("/db/d110-371724/_bulk_docs", json=bulk(small)).json()[0]["ok"]
    case, device = small["_id"].rsplit(":", 1)[1], open_device(TABLET)
    page = open_tablet(device, city, "a217")
    page.get_by_test_id("tab-cases").click()
    expect(page.get_by_test_id(f"case-{case}").locator(".mark")).to_have_text("◇", timeout=WAIT_MS_MAX)
    page.get_by_test_id(f"case-{case}").click()
    device.set_offline(True)
    page.get_by_test_id("do-escalated").click()
    page.get_by_test_id("step-text").locator("textarea").fill("调解三次，村里办不了。")
    page.get_by_test_id("save-step").click()
    expect(page.get_by_test_id("entry-escalated")).to_contain_text("等待")
    device.set_offline(False)
    shown = f"/casework/cases/{DIANHUTUN}/{case}"
    wait_until(lambda: city.client("z109").get(shown).json()["case"]["severity"] == "general")
