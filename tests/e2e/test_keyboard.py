"""The tablet on a small screen, with a keyboard alone, and what a screen reader is told."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.city import City
from tests.e2e.conftest import TABLET, OpenDevice, choose_pin, enter, log_in


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
