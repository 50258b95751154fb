"""One omission through the pages in a real Chromium: the night finds it, the station confirms it, the informant appeals
without a network, the county decides, and the allowance sheet shows what followed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, ViewportSize, expect
from ulid import ULID

from jobs.couch import Couch
from jobs.nightly import run_night
from jobs.register_store import read_setup
from models.calendar import LOCAL
from tests.city import DIANHUTUN, City, bulk, report, stamp
from tests.e2e.conftest import TABLET, OpenDevice, log_in
from tests.e2e.test_tablet import expect_phase, open_tablet, work_item

COUNTY, TOWNSHIP = DIANHUTUN[:6], DIANHUTUN[:9]
DESK: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 360, "height": 740}


@pytest.fixture(scope="module", autouse=True)
def _appointed(city: City) -> None:
    city.add_account("h24", "county", COUNTY)
    since = stamp(datetime.now(UTC) - timedelta(days=60))
    body = {"ulid": str(ULID()), "village": DIANHUTUN, "alias": "i0421", "observed_at": since}
    assert city.client("z109").post("/informants/appointments", json=body).status_code == 201


def heard(city: City, indicator: str, folder: Path) -> None:
    """A matter that came by hotline ten days ago, and a night."""
    seen = report(DIANHUTUN, "h24", at=datetime.now(UTC) - timedelta(days=10), indicator=indicator, channel="hotline")
    [row] = city.client("h24").post(f"/db/d110-{COUNTY}/_bulk_docs", json=bulk(seen)).json()
    assert row["ok"], row
    couch = Couch(city.store.url)
    try:
        run = run_night(couch, read_setup(couch, "3717"), folder, COUNTY, datetime.now(LOCAL).date())
    finally:
        couch.close()
    assert run.candidates_written == 1


def truthfulness(open_device: OpenDevice, city: City, alias: str, viewport: ViewportSize = DESK) -> Page:
    page = open_device(viewport).new_page()
    page.goto(f"{city.url}/board#/truthfulness")
    log_in(page, alias)
    expect(page.get_by_test_id("truthfulness-sums")).to_be_visible()
    return page


def confirm(page: Page) -> None:
    page.get_by_test_id("confirm").first.click()
    page.get_by_test_id("confirm-alias").select_option("i0421")
    page.get_by_test_id("settle-text").fill("经核实，当时在村，没有上报。")
    page.get_by_test_id("settle-send").click()
    expect(page.get_by_test_id("settle-send")).to_have_count(0)


def test_an_omission_from_the_nights_finding_to_the_allowance_sheet(
    city: City, open_device: OpenDevice, tmp_path: Path
) -> None:
    heard(city, "4.2.1", tmp_path)
    station = truthfulness(open_device, city, "z109")
    expect(station.get_by_test_id("candidate")).to_contain_text("村务公开栏三个月没有更新")
    confirm(station)
    expect(station.get_by_test_id("candidate")).to_have_count(0)
    expect(station.get_by_test_id("chain-i0421")).to_have_attribute("data-state", "confirmed")
    expect(station.get_by_test_id("proposal-i0421")).to_have_count(0)  # it may be appealed still

    device = open_device(TABLET)
    tablet = open_tablet(device, city, "i0421")
    tablet.get_by_test_id("tab-work").click()
    said = tablet.get_by_test_id("omission")
    expect(said).to_contain_text("漏报")
    device.set_offline(True)
    expect_phase(tablet, "network")
    said.get_by_test_id("appeal").click()
    said.get_by_test_id("appeal-text").locator("textarea").fill("那几天在外地看病，已向管理员请假。")
    said.get_by_test_id("save-appeal").click()
    expect(said).to_have_attribute("data-state", "appealed")
    expect(work_item(tablet, "waiting")).to_have_count(1)
    device.set_offline(False)
    expect(work_item(tablet, "sent")).to_have_count(1)

    county = truthfulness(open_device, city, "g24")
    expect(county.get_by_test_id("chain-i0421")).to_contain_text("在外地看病")
    county.get_by_test_id("judge").click()
    county.get_by_test_id("judge-text").fill("没有请假记录，维持。")
    county.get_by_test_id("judge-upheld").click()
    expect(county.get_by_test_id("chain-i0421")).to_have_attribute("data-state", "upheld")
    proposal = county.get_by_test_id("proposal-i0421")
    expect(proposal).to_contain_text("批评教育，扣发 1 个月补贴")

    station.goto(f"{city.url}/board#/informants")
    station.get_by_test_id("informants-allowance").click()
    expect(station.get_by_test_id("allowance-i0421").get_by_role("cell").nth(5)).to_have_text("0.00")
    proposal.get_by_test_id("decide-sanction").click()
    county.get_by_test_id("sanction-text").fill("初次，批评教育，扣发当月补贴。")
    county.get_by_test_id("sanction-send").click()
    expect(proposal).to_contain_text("已决定")
    station.reload()
    station.get_by_test_id("informants-allowance").click()
    expect(station.get_by_test_id("allowance-i0421").get_by_role("cell").nth(5)).not_to_have_text("0.00")
    expect(tablet.get_by_test_id("tablet-sanction")).to_contain_text("扣发 1 个月补贴")


def test_an_appeal_that_is_granted_leaves_nothing(city: City, open_device: OpenDevice, tmp_path: Path) -> None:
    heard(city, "3.1.1", tmp_path)
    station = truthfulness(open_device, city, "z109")
    confirm(station)
    tablet = open_tablet(open_device(TABLET), city, "i0421")
    tablet.get_by_test_id("tab-work").click()
    said = tablet.locator("[data-testid=omission][data-state=confirmed]")
    said.get_by_test_id("appeal").click()
    said.get_by_test_id("appeal-text").locator("textarea").fill("请联系13812345678")
    said.get_by_test_id("save-appeal").click()
    expect(said.get_by_role("alert")).to_be_visible()
    said.get_by_test_id("appeal-text").locator("textarea").fill("已向管理员口头报告。")
    said.get_by_test_id("save-appeal").click()
    expect(tablet.locator("[data-testid=omission][data-state=appealed]")).to_have_count(1)
    expect(work_item(tablet, "waiting")).to_have_count(0)
    county = truthfulness(open_device, city, "g24")
    county.get_by_test_id("judge").click()
    county.get_by_test_id("judge-text").fill("属实，撤销。")
    county.get_by_test_id("judge-withdrawn").click()
    expect(county.locator("[data-testid=chain-i0421][data-state=withdrawn]")).to_have_count(1)
    expect(tablet.locator("[data-testid=omission][data-state=withdrawn]")).to_have_count(1)


def test_what_is_set_aside_is_of_nobody(city: City, open_device: OpenDevice, tmp_path: Path) -> None:
    heard(city, "5.6.1", tmp_path)
    county = truthfulness(open_device, city, "g24")
    county.get_by_test_id("set-aside").click()
    county.get_by_test_id("settle-text").fill("外村人反映，与本村无关。")
    county.get_by_test_id("settle-send").click()
    expect(county.get_by_test_id("candidate")).to_have_count(0)
    expect(county.get_by_test_id("chain-g24")).to_have_attribute("data-state", "set_aside")


@pytest.mark.parametrize("viewport", [PHONE, TABLET, DESK])
def test_the_page_fits_the_screen(city: City, open_device: OpenDevice, viewport: ViewportSize, tmp_path: Path) -> None:
    heard(city, {360: "1.5.1", 800: "2.4.1", 1280: "3.4.1"}[viewport["width"]], tmp_path)
    page = truthfulness(open_device, city, "z109", viewport)
    page.get_by_test_id("switch-language").click()
    page.get_by_test_id("confirm").first.click()
    expect(page.get_by_test_id("settle-text")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


def test_the_city_has_no_such_page(city: City, open_device: OpenDevice) -> None:
    page = open_device(DESK).new_page()
    page.goto(f"{city.url}/board")
    log_in(page, "s17")
    expect(page.get_by_test_id("to-informants")).to_have_count(1)
    expect(page.get_by_test_id("to-truthfulness")).to_have_count(0)
