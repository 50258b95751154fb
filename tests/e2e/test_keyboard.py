"""The tablet on a small screen, with a keyboard alone, and what a screen reader is told."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.city import DIANHUTUN, City, bulk, report
from tests.e2e.conftest import TABLET, OpenDevice, choose_pin, enter, log_in
from tests.e2e.test_tablet import fill_report


@pytest.mark.parametrize("width", [320, 360, 412])
def test_the_door_fits_a_phone(city: City, open_device: OpenDevice, width: int) -> None:
    page = open_device({"width": width, "height": 740}).new_page()
    page.goto(f"{city.url}/tablet/")
    log_in(page, "i0421")
    for language in ("zh", "en"):
        expect(page.get_by_test_id("pin-again")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") == width, language
        page.locator(".van-nav-bar__right").click()
    choose_pin(page)
    page.get_by_test_id("lock").click()
    expect(page.get_by_test_id("person-i0421")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.get_by_test_id("person-i0421").click()
    expect(page.get_by_test_id("pin-forgot")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == width


def focused(page: Page) -> str:
    """The test id of what holds the focus, or of what it lies in."""
    return str(page.evaluate("document.activeElement.closest('[data-testid]')?.dataset.testid ?? ''"))


def test_the_tabs_and_items_are_pressed_by_keys(city: City, open_device: OpenDevice) -> None:
    # of a village that nobody wrote of there are no lights yet
    documents = bulk(report(DIANHUTUN, "a217"))
    assert city.client("a217").post("/db/d110-371724/_bulk_docs", json=documents).json()[0]["ok"]
    page = open_device(TABLET).new_page()
    page.goto(f"{city.url}/tablet/")
    enter(page, "a217")
    item = page.get_by_test_id("item-4.3").get_by_role("button").first
    for key, is_open in (("Enter", "true"), ("Space", "false"), ("Enter", "true")):
        item.press(key)
        expect(item).to_have_attribute("aria-expanded", is_open)
    page.get_by_test_id("lamp-4.3.1").press("Enter")
    expect(page).to_have_url(f"{city.url}/tablet/#/indicator/4.3.1")
    for key, tab, place in (
        ("Enter", "tab-cases", "cases"),
        ("Space", "tab-work", "work"),
        ("Enter", "tab-lights", "lights"),
    ):
        page.get_by_test_id(tab).press(key)
        expect(page).to_have_url(f"{city.url}/tablet/#/{place}")
        expect(page.get_by_test_id(tab)).to_have_attribute("aria-selected", "true")


def test_the_picker_by_keys_alone(city: City, open_device: OpenDevice) -> None:
    page = open_device(TABLET).new_page()
    page.goto(f"{city.url}/tablet/")
    enter(page, "i0422")
    page.get_by_test_id("new-report").press("Enter")
    for title, cross, search in (
        ("选择指标", "关闭", "找：如“财务”“调解”或 4.2.1"),
        ("Choose an indicator", "Close", "Search: “account”, “mediation” or 4.2.1"),
    ):
        button = page.get_by_test_id("report-indicator")
        button.press("Enter")
        dialog = page.get_by_role("dialog", name=title)
        expect(dialog).to_be_visible()
        expect(dialog.get_by_role("button", name=cross)).to_be_focused()
        page.keyboard.press("Tab")
        expect(dialog.get_by_role("searchbox", name=search)).to_be_focused()
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        expect(button).to_be_focused()
        page.get_by_test_id("switch-language").click()
    page.get_by_test_id("report-indicator").press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("4.2.1")
    expect(page.get_by_test_id("pick-1.1.1")).to_have_count(0)
    for _ in range(3):
        if focused(page) == "pick-4.2.1":
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("report-indicator")).to_have_attribute("data-code", "4.2.1")
    expect(page.get_by_test_id("report-indicator")).to_be_focused()


def test_the_door_says_what_waits_for_a_pin(city: City, open_device: OpenDevice) -> None:
    device = open_device(TABLET)
    page = device.new_page()
    page.goto(f"{city.url}/tablet/")
    enter(page, "i0423")
    expect(page.locator("[data-testid=sync][data-phase=idle]")).to_be_visible()
    device.set_offline(True)
    fill_report(page, "没有网络时写的。")
    page.get_by_test_id("save-report").click()
    expect(page.get_by_test_id("tab-work")).to_contain_text("1")
    page.get_by_test_id("lock").click()
    expect(page.get_by_test_id("person-i0423")).to_contain_text("1 条未上报，本人输入解锁数字后才会发送")
    page.locator(".van-nav-bar__right").click()
    expect(page.get_by_test_id("person-i0423")).to_contain_text(
        "1 not sent: goes out once this person has typed the PIN"
    )
    page.get_by_test_id("person-i0423").click()
    page.get_by_test_id("pin-forgot").click()
    question = page.get_by_role("dialog").filter(has_text="Forgot")
    expect(question).to_contain_text("On this tablet i0423 has not sent yet: reports: 1.")
    expect(question).to_contain_text("drafts that are not finished included")
