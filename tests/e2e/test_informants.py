"""Informants on the board in a real Chromium: natural villages, appointment, pledge, name, training, sheet."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.city import DIANHUTUN, City
from tests.e2e.conftest import TABLET, WALL_SCREEN, OpenDevice, log_in

DESK: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 360, "height": 740}


def informants(open_device: OpenDevice, city: City, alias: str, viewport: ViewportSize = DESK, place: str = "") -> Page:
    page = open_device(viewport).new_page()
    page.goto(f"{city.url}/board#/informants{place}")
    log_in(page, alias)
    expect(page.get_by_test_id("informants-page")).to_be_visible()
    return page


def test_a_station_appoints_and_the_blind_spot_and_the_sheet_follow(city: City, open_device: OpenDevice) -> None:
    page = informants(open_device, city, "z109")
    page.get_by_test_id("informants-coverage").click()
    village = page.get_by_test_id(f"coverage-{DIANHUTUN}")
    village.get_by_test_id("edit-places").click()
    village.get_by_test_id("places-lines").fill("前屯 120 480\n后屯 150")
    village.get_by_test_id("informant-send").click()
    expect(village.get_by_role("alert")).to_contain_text("第 2 行")
    village.get_by_test_id("places-lines").fill("前屯 120 480\n后屯 150 620")
    village.get_by_test_id("informant-send").click()
    expect(village).to_contain_text("盲区 2")

    page.get_by_test_id("informants-register").click()
    waiting = page.get_by_test_id("waiting-i0421")
    waiting.get_by_test_id("informant-appoint").click()
    waiting.get_by_test_id("appoint-place").first.check()
    waiting.get_by_test_id("appoint-households").fill("60")
    waiting.get_by_test_id("informant-send").click()
    informant = page.get_by_test_id("informant-i0421")
    expect(informant).to_contain_text("前屯")
    expect(page.get_by_test_id("waiting-i0421")).to_have_count(0)
    page.get_by_test_id("informants-coverage").click()
    expect(village).to_contain_text("盲区 1 （620 人）")

    page.get_by_test_id("informants-register").click()
    informant.get_by_test_id("informant-pledge").click()
    informant.get_by_test_id("pledge-until").fill("2099-12-31")
    informant.get_by_test_id("informant-send").click()
    expect(page.get_by_test_id("informants-refused")).to_be_visible()  # longer than a term of office
    informant.get_by_test_id("pledge-until").fill("2027-12-31")
    informant.get_by_test_id("informant-send").click()
    expect(informant).to_contain_text("责任书至 2027-12-31")
    informant.get_by_test_id("informant-name").click()
    informant.get_by_test_id("name-text").fill("测试人员甲")
    informant.get_by_test_id("informant-send").click()
    informant.get_by_test_id("informant-who").click()
    expect(informant.get_by_test_id("informant-is")).to_contain_text("测试人员甲")

    page.get_by_test_id("informants-trainings").click()
    page.get_by_test_id("training-topic").fill("信息填报")
    page.get_by_test_id("training-attended").fill("12")
    page.get_by_test_id("training-informant").check()
    page.get_by_test_id("training-send").click()
    expect(page.get_by_test_id("training-stored")).to_be_visible()
    expect(page.get_by_test_id("training")).to_contain_text("信息填报")
    expect(page.get_by_test_id("training")).to_contain_text("i0421")
    page.get_by_test_id("informants-allowance").click()
    expect(page.get_by_test_id("allowance-i0421")).to_contain_text("10.00")
    with page.expect_download() as saved:
        page.get_by_test_id("save-xlsx").click()
    assert saved.value.suggested_filename.startswith("allowance-")


def test_the_county_sees_how_its_townships_are_covered_and_nobody(city: City, open_device: OpenDevice) -> None:
    page = informants(open_device, city, "g24")
    expect(page.get_by_test_id(f"coverage-{DIANHUTUN[:9]}")).to_be_visible()
    expect(page.get_by_test_id("informants-register")).to_have_count(0)
    page.get_by_test_id(f"coverage-{DIANHUTUN[:9]}").get_by_role("button").click()
    expect(page.get_by_test_id(f"coverage-{DIANHUTUN}")).to_be_visible()
    page.get_by_test_id("informants-trainings").click()
    expect(page.get_by_test_id("training")).to_contain_text("信息填报")
    expect(page.get_by_test_id("training-topic")).to_have_count(0)  # the station enters them
    expect(page.get_by_text("i0421")).to_have_count(0)


def test_the_city_chooses_a_county(city: City, open_device: OpenDevice) -> None:
    page = open_device(WALL_SCREEN).new_page()
    page.goto(f"{city.url}/board#/informants")
    log_in(page, "s17")
    page.get_by_test_id(f"county-{DIANHUTUN[:6]}").click()
    expect(page.get_by_test_id(f"coverage-{DIANHUTUN[:9]}")).to_be_visible()


@pytest.mark.parametrize("viewport", [PHONE, TABLET, DESK])
def test_the_page_fits_the_screen(city: City, open_device: OpenDevice, viewport: ViewportSize) -> None:
    page = informants(open_device, city, "z109", viewport)
    page.get_by_test_id("switch-language").click()
    for tab in ("register", "coverage", "trainings", "allowance"):
        page.get_by_test_id(f"informants-{tab}").click()
        expect(page.get_by_test_id("informants-sums")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
