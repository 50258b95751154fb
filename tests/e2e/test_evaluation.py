"""Evaluations on the board in a real Chromium: what a person decides, what stays to be seen, what is behind a number.
Beside them the figures of another division than one's own, and pledges between the levels."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, ViewportSize, expect

from models.calendar import LOCAL
from models.documents import Component
from tests.city import DIANHUTUN, City, bulk, report, stamp
from tests.e2e.conftest import TABLET, OpenDevice, log_in
from tests.evaluations import evaluation, store_anew, summary

COUNTY, TOWNSHIP = DIANHUTUN[:6], DIANHUTUN[:9]
DESK: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 360, "height": 740}
LAST_YEAR = f"{datetime.now(UTC).year - 1}Y"


def opened(open_device: OpenDevice, city: City, alias: str, place: str, viewport: ViewportSize = DESK) -> Page:
    page = open_device(viewport).new_page()
    page.goto(f"{city.url}/board#/{place}")
    log_in(page, alias)
    return page


def evaluations(open_device: OpenDevice, city: City, alias: str, division: str) -> Page:
    """The page of last year, which is over whenever this runs."""
    page = opened(open_device, city, alias, f"evaluation/{division}")
    page.get_by_test_id("evaluation-period").select_option(LAST_YEAR)
    return page


def card(page: Page, division: str) -> Locator:
    return page.get_by_test_id(f"evaluation-{division}").first


def test_measures_are_left_out_and_added_and_the_second_of_two_clerks_is_told(
    city: City, open_device: OpenDevice
) -> None:
    store_anew(city, summary(TOWNSHIP, period=LAST_YEAR))
    pages = [evaluations(open_device, city, alias, COUNTY) for alias in ("g24", "s17")]
    for page in pages:
        card(page, TOWNSHIP).get_by_test_id("decide").click()
        expect(card(page, TOWNSHIP).get_by_test_id("decide-criticism")).to_be_checked()  # as the machine proposes
        card(page, TOWNSHIP).get_by_test_id("decide-criticism").uncheck()
        card(page, TOWNSHIP).get_by_test_id("decide-self_criticism").check()
        card(page, TOWNSHIP).get_by_test_id("decide-text").fill("已主动整改")
    first, second = (card(page, TOWNSHIP) for page in pages)
    first.get_by_test_id("decide-send").click()
    expect(first).to_contain_text("处理：书面检查")
    expect(first.get_by_test_id("decide")).to_have_count(0)
    second.get_by_test_id("decide-send").click()
    expect(second.get_by_test_id("decide-refused")).to_contain_text("已由 g24 确认")
    expect(second.get_by_test_id("decide-text")).to_have_value("已主动整改")


def test_what_was_confirmed_stays_beside_a_new_version_that_says_what_changed(
    city: City, open_device: OpenDevice
) -> None:
    store_anew(city, evaluation(DIANHUTUN, 90, period=LAST_YEAR))
    about = {"about": f"{DIANHUTUN}:evaluation:{LAST_YEAR}", "score": 90, "text": "同意", "grade": "strong"}
    decided = city.client("g24").post(
        "/evaluations/decisions", json=about | {"ulid": report(DIANHUTUN, "x")["_id"][-26:]}
    )
    assert decided.status_code == 201, decided.text
    store_anew(city, evaluation(DIANHUTUN, 88.5, "-2", period=LAST_YEAR))
    village = card(evaluations(open_device, city, "z109", TOWNSHIP), DIANHUTUN)
    expect(village).to_contain_text("与第 1 版的不同")
    expect(village).to_contain_text("得分：90.00 → 88.50")
    expect(village.get_by_test_id("waits")).to_have_count(1)
    expect(village.get_by_test_id("waits")).to_contain_text("按已确认的第 1 版计")
    earlier = village.get_by_test_id("earlier")
    expect(earlier).to_contain_text("g24 于")
    expect(earlier).to_contain_text("已定 强")
    expect(village.get_by_test_id("decide")).to_have_count(0)  # a station looks on


def test_a_number_leads_to_the_check_and_the_case_behind_it(city: City, open_device: OpenDevice) -> None:
    now = datetime.now(UTC)
    times = {"observed_at": stamp(now), "saved_at": stamp(now)}
    check = report(DIANHUTUN, "z109")["_id"].replace(":report:", ":inspection:")
    seen = {"_id": check, "type": "inspection", "is_planned": False, "readings": {"1.1.2": 5}, "text": "缺位"} | times
    opened_by = report(DIANHUTUN, "z109", at=now, severity="major", channel="hotline")
    rows = city.client("z109").post(f"/db/d110-{COUNTY}/_bulk_docs", json=bulk(seen, opened_by)).json()
    assert all(row.get("ok") for row in rows), rows
    parts = [
        Component(code="lights", points=90, amount=2, evidence=["1.1.2 y0 r1 s0"]),
        Component(code="overdue", points=-1, amount=1, evidence=[opened_by["_id"][-26:]]),
        Component(code="finding", points=-0.5, amount=1, evidence=[check[-26:]]),
    ]
    today = now.astimezone(LOCAL).date()
    days = {"from_day": today - timedelta(days=1), "until_day": today}
    neighbour = evaluation(DIANHUTUN, 88.5, "-3", period=LAST_YEAR, components=parts, **days)
    store_anew(city, neighbour)
    page = evaluations(open_device, city, "g24", TOWNSHIP)
    village = card(page, DIANHUTUN)
    village.locator("summary", has_text="分数构成").first.click()
    village.get_by_test_id("look-behind").first.click()
    for code in ("lights", "overdue", "finding"):
        village.get_by_test_id(f"evidence-{code}").locator("summary").first.click()
    expect(village.get_by_test_id("evidence-finding")).to_contain_text("1.1.2")
    expect(village.get_by_test_id("evidence-finding")).to_contain_text("缺位")
    village.get_by_test_id("light-days").locator("summary").click()
    expect(village.get_by_test_id("light-days")).to_contain_text(str(days["until_day"]))
    with page.expect_download() as saved:
        village.get_by_test_id("evidence").get_by_test_id("save-csv").click()
    assert saved.value.suggested_filename.startswith("evidence-")
    village.get_by_test_id("evidence-overdue").get_by_test_id("behind-case").click()
    expect(page.get_by_test_id("case-page")).to_be_visible()


def test_figures_of_any_division_below_ones_own_are_chosen(city: City, open_device: OpenDevice) -> None:
    page = opened(open_device, city, "s17", "statistics")
    page.get_by_test_id("scope-3717").select_option(COUNTY)
    page.get_by_test_id(f"scope-{COUNTY}").select_option(TOWNSHIP)
    page.get_by_test_id(f"scope-{TOWNSHIP}").select_option(DIANHUTUN)
    expect(page.get_by_role("heading", name="佃户屯")).to_be_visible()
    page.get_by_test_id("scope-3717").select_option("3717")
    expect(page.get_by_role("heading", name="菏泽市")).to_be_visible()


def test_centre_enters_the_pledge_of_a_station(city: City, open_device: OpenDevice) -> None:
    page = opened(open_device, city, "g24", "pledges")
    township = page.get_by_test_id(f"pledge-{TOWNSHIP}")
    expect(township).to_contain_text("未签订")
    township.get_by_test_id("enter-pledge").click()
    township.get_by_test_id("pledge-until").fill(f"{date.today().year + 1}-12-31")  # noqa: DTZ011
    township.get_by_test_id("store-pledge").click()
    expect(township).to_contain_text("z109")
    expect(page.get_by_test_id("pledges-lacking")).to_contain_text("0 个没有有效的责任书")


@pytest.mark.parametrize("viewport", [PHONE, TABLET, DESK])
@pytest.mark.parametrize("place", ["evaluation", "pledges", "statistics"])
def test_the_pages_fit_the_screen(city: City, open_device: OpenDevice, viewport: ViewportSize, place: str) -> None:
    page = opened(open_device, city, "g24", place, viewport)
    page.get_by_test_id("switch-language").click()
    expect(page.get_by_test_id(f"{place}-page")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
