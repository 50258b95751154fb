"""What a person wrote is never lost on the tablet: moved, shut off, closed, or shared with the next one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Route, expect

from tests.city import DIANHUTUN, KONGZHUANG, City, running_city
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
from tests.e2e.test_tablet import expect_phase, fill_report, open_tablet, work_item


@pytest.fixture
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """A city of its own for each test: they change its accounts and its clock."""
    with running_city(tmp_path_factory.mktemp("city")) as city:
        city.add_account("i0601", "informant", DIANHUTUN)
        city.add_account("i0602", "informant", DIANHUTUN)
        city.add_account("z109", "station", DIANHUTUN[:9])
        yield city


def waiting_texts(city: City) -> str:
    found: list[str] = [one["raw"] for one in city.client("z109").get("/quarantine").json()["oldest"]]
    return "\n".join(found)


def test_who_moves_to_another_county_hands_in_what_was_not_sent_and_hears_what_became_of_it(
    city: City, open_device: OpenDevice
) -> None:
    device = open_device(TABLET)
    page = open_tablet(device, city, "i0601")
    device.set_offline(True)
    fill_report(page, "调走之前没来得及报的一条。")
    page.get_by_test_id("save-report").click()
    expect(work_item(page, "waiting")).to_have_count(1)
    city.move_account("i0601", KONGZHUANG)
    device.set_offline(False)
    page.get_by_test_id("tab-work").click()
    refused = work_item(page, "refused")
    expect(refused).to_contain_text("调走之前没来得及报的一条。", timeout=WAIT_MS_MAX)
    expect(refused).to_contain_text("管理站")
    page.reload()
    unlock(page, "i0601")
    page.get_by_test_id("tab-work").click()
    expect(refused).to_have_count(1)

    office = open_device(WALL_SCREEN).new_page()
    office.goto(f"{city.url}/board#/quarantine")
    log_in(office, "z109")
    office.get_by_test_id("release").click()
    expect(office.get_by_test_id("quarantine-outcome")).to_be_visible()
    expect(work_item(page, "settled")).to_contain_text("已核对入库", timeout=WAIT_MS_MAX)
    fill_report(page, "到新村以后的第一条。")
    page.get_by_test_id("save-report").click()
    expect(work_item(page, "sent")).to_contain_text("到新村以后的第一条。")


def test_the_tablet_of_a_closed_account_hands_in_its_work_and_its_drafts_and_says_why_in_every_tab(
    city: City, open_device: OpenDevice
) -> None:
    device = open_device(TABLET)
    about = f"{DIANHUTUN}:omission:i0601:01JD0000000000000000000000"
    page = device.new_page()
    page.goto(f"{city.url}/tablet/")
    page.evaluate(  # as a former version of the page kept the form of an appeal
        "(draft) => localStorage.setItem('d110.draft.i0601.appeal', JSON.stringify(draft))",
        {"about": about, "finding": "late", "step": "appealed", "text": "申诉还没有写完。"},
    )
    enter(page, "i0601")
    expect_phase(page, "idle")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    other = device.new_page()
    other.goto(f"{city.url}/tablet/")
    unlock(other, "i0601")
    page.bring_to_front()
    device.set_offline(True)
    fill_report(page, "账号停用前写的一条。")
    page.get_by_test_id("save-report").click()
    expect(work_item(page, "waiting")).to_have_count(1)
    fill_report(page, "还没写完的草稿。")
    city.close_account("i0601")

    def hold(route: Route) -> None:
        for tab in (page, other):  # nothing new is taken while the rest goes out
            expect(tab.get_by_test_id("closing")).to_be_visible()
            expect(tab.get_by_test_id("report-text")).to_have_count(0)
        route.continue_()

    device.route("**/hand-in", hold, times=1)
    device.set_offline(False)
    for tab in (page, other):
        expect(tab.get_by_test_id("wiped")).to_be_visible(timeout=WAIT_MS_MAX)
    kept = waiting_texts(city)
    assert "账号停用前写的一条。" in kept
    assert "还没写完的草稿。" in kept
    assert "申诉还没有写完。" in kept and about in kept
    left = page.evaluate(
        "async () => [Object.keys(localStorage).join(), (await indexedDB.databases()).map((one) => one.name).join()]"
    )
    assert not any("i0601" in text for text in left), left
    enter(page, "i0602")  # whose affair it is not
    unlock(other, "i0602")
    for tab in (page, other):
        expect(tab.get_by_test_id("sync")).to_be_visible()
        expect(tab.get_by_test_id("wiped")).to_have_count(0)


def test_what_one_was_sending_when_the_next_logs_in_is_not_sent_as_theirs(city: City, open_device: OpenDevice) -> None:
    device = open_device(TABLET)
    page = open_tablet(device, city, "i0601")
    device.set_offline(True)
    for number in range(2):
        fill_report(page, f"第{number}条。" + "字" * 3_900)
        page.get_by_test_id("save-report").click()
        expect(work_item(page, "waiting")).to_have_count(number + 1)
    sent: list[str] = []

    def fail_first(route: Route) -> None:
        sent.append(route.request.headers.get("authorization", ""))
        route.fulfill(status=413, json={"error": "too_large"}) if len(sent) == 1 else route.continue_()

    # refused whole, it is parted; between the parts somebody logs out
    device.route("**/_bulk_docs", fail_first)
    device.set_offline(False)
    page.wait_for_event("request", lambda request: request.url.endswith("_bulk_docs"))
    page.get_by_test_id("lock").click()
    enter_beside(page, "i0602")
    expect_phase(page, "idle")
    assert waiting_texts(city) == ""
    page.get_by_test_id("lock").click()
    unlock(page, "i0601")
    page.get_by_test_id("tab-work").click()
    expect(work_item(page, "sent")).to_have_count(2, timeout=WAIT_MS_MAX)
