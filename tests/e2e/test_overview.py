"""The leaders' terminal in a real Chromium: each figure opens what is behind it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.city import DIANHUTUN, City, bulk, round_of, wait_until
from tests.e2e.conftest import OpenDevice, log_in
from tests.gateway.test_overview import say

TOWNSHIP, COUNTY = DIANHUTUN[:9], DIANHUTUN[:6]


@pytest.fixture(scope="module", autouse=True)
def _leader(city: City) -> None:
    city.add_account("l24", "leader", COUNTY)


def opened(open_device: OpenDevice, city: City) -> Page:
    page = open_device({"width": 1920, "height": 1080}).new_page()
    page.goto(f"{city.url}/board#/terminal")
    log_in(page, "l24")
    return page


def test_a_leader_goes_from_each_figure_to_what_is_behind_it(city: City, open_device: OpenDevice) -> None:
    say(city, TOWNSHIP, {}, [(10, 1), (20, 2), (30, 3), (40, 4)], DIANHUTUN)
    event = round_of(DIANHUTUN, "a217", {"1.1.2": 5})
    [row] = city.client("a217").post(f"/db/d110-{COUNTY}/_bulk_docs", json=bulk(event)).json()
    assert row["ok"]
    client = city.client("g24")
    wait_until(lambda: client.get(f"/casework/overview/{COUNTY}").json().get("turned_red", []) != [])
    page = opened(open_device, city)
    expect(page.get_by_test_id("terminal-turned_red")).to_have_text("1")
    page.get_by_test_id(f"turned-{DIANHUTUN}-1.1.2").click()
    expect(page.get_by_test_id("lamp-1.1.2")).to_have_attribute("data-light", "r")
    page.go_back()
    weeks = page.get_by_test_id("week-trend").locator("[data-testid^=week-]")
    expect(weeks).to_have_count(5)
    expect(weeks.nth(3)).to_have_attribute("aria-label", re.compile("黄灯 40，红灯 4"))
    weeks.nth(3).click()
    for part in (TOWNSHIP, DIANHUTUN):
        expect(page.get_by_test_id("week-sums")).to_contain_text(re.compile("急需治理 4.*警示 40", re.DOTALL))
        expect(page.get_by_test_id(f"week-{part}")).to_contain_text(re.compile("4.*40", re.DOTALL))
        page.get_by_test_id(f"week-{part}").get_by_role("button").click()
    expect(page.get_by_test_id("lamp-1.1.2")).to_be_visible()
    page.go_back()
    page.get_by_test_id("week-statistics").click()
    expect(page.get_by_test_id("statistics-page")).to_be_visible()
    for _ in range(3):
        page.go_back()
    page.get_by_test_id(f"compared-{TOWNSHIP}-red").click()
    expect(page).to_have_url(re.compile(f"{TOWNSHIP}/light%3Dr$"))
    expect(page.get_by_test_id("summary-red")).to_have_text("1")
    page.go_back()
    page.get_by_test_id(f"compared-{TOWNSHIP}").get_by_role("button").first.click()
    expect(page.get_by_test_id(f"compared-{DIANHUTUN}-red")).to_have_text("1")
    page.get_by_test_id("switch-language").click()
    expect(page.get_by_test_id("turned-red")).to_contain_text("Turned red today")


def test_the_comparison_the_weeks_and_the_months_are_saved(city: City, open_device: OpenDevice) -> None:
    say(city, TOWNSHIP, {}, [(10, 1), (20, 2)], DIANHUTUN)
    page = opened(open_device, city)
    expect(page.get_by_test_id("week-trend").get_by_role("button", name="黄灯 20，红灯 2")).to_be_visible()
    for section, name in [("week-trend", "trend"), ("parts-compared", "parts"), ("terminal-months", "months")]:
        with page.expect_download() as download:
            page.get_by_test_id(section).get_by_test_id("save-csv").click()
        assert download.value.suggested_filename == f"{name}-{COUNTY}.csv"


def test_the_line_of_informants_is_a_way_to_them_for_who_may_see_them(city: City, open_device: OpenDevice) -> None:
    page = open_device({"width": 1280, "height": 800}).new_page()
    page.goto(f"{city.url}/board#/terminal")
    log_in(page, "g24")
    page.get_by_test_id("open-informants").click()
    expect(page).to_have_url(re.compile(f"#/informants/{COUNTY}$"))
    leader = opened(open_device, city)
    expect(leader.get_by_test_id("terminal-informants")).to_be_visible()
    expect(leader.get_by_test_id("open-informants")).to_have_count(0)
