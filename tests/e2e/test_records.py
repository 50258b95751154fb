"""What was entered wrongly is corrected and withdrawn on the pages, in a real Chromium; and what a leader looks at."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, ViewportSize, expect
from ulid import ULID

from tests.city import DIANHUTUN, City
from tests.e2e.conftest import OpenDevice, log_in

DESK: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 360, "height": 740}
TOWNSHIP, COUNTY = DIANHUTUN[:9], DIANHUTUN[:6]


def opened(open_device: OpenDevice, city: City, alias: str, place: str, viewport: ViewportSize = DESK) -> Page:
    page = open_device(viewport).new_page()
    page.goto(f"{city.url}/board#/{place}")
    log_in(page, alias)
    return page


def enter(city: City, by: str, path: str, **body: object) -> None:
    assert city.client(by).post(path, json={"ulid": str(ULID())} | body).status_code == 201


def withdraw(line: Locator, reason: str) -> None:
    line.get_by_test_id("withdraw-record").click()
    line.get_by_test_id("withdraw-reason").fill(reason)
    line.get_by_test_id("withdraw-record-now").click()


def test_a_service_is_corrected_and_withdrawn_and_its_history_read(city: City, open_device: OpenDevice) -> None:
    page = opened(open_device, city, "z109", "services")
    for amount in ("25", "4"):
        page.get_by_test_id("service-topic").fill("修路")
        page.get_by_test_id("service-topic").press("Tab")
        expect(page.get_by_test_id("service-unit")).to_have_value("公里")
        page.get_by_test_id("service-amount").fill(amount)
        page.get_by_test_id("service-place").fill("村东生产路")
        page.get_by_test_id("service-send").click()
        expect(page.get_by_test_id("service").filter(has_text=f"{amount} 公里")).to_be_visible()
    page.get_by_test_id("service").filter(has_text="25 公里").get_by_test_id("correct").click()
    expect(page.get_by_test_id("correcting")).to_contain_text("田庄")
    expect(page.get_by_test_id("service-place")).to_have_value("村东生产路")
    page.get_by_test_id("service-amount").fill("2.5")
    page.get_by_test_id("service-send").click()
    right = page.get_by_test_id("service").filter(has_text="2.5 公里")
    expect(right.get_by_test_id("is-corrected")).to_be_visible()
    expect(page.get_by_test_id("correcting")).to_have_count(0)
    withdraw(page.get_by_test_id("service").filter(has_text="4 公里"), "重复登记")
    expect(page.get_by_test_id("service")).to_have_count(1)
    page.get_by_test_id("changed-records").locator("summary").click()
    changed = page.get_by_test_id("changed-record")
    expect(changed).to_have_count(2)
    expect(changed.first).to_contain_text("已撤回：重复登记")
    expect(changed.last).to_contain_text("25 公里")
    page.get_by_test_id("switch-language").click()
    expect(changed.first).to_contain_text("withdrawn: 重复登记")


def test_a_training_and_an_informants_pledge_are_corrected_and_withdrawn(city: City, open_device: OpenDevice) -> None:
    enter(city, "z109", "/informants/appointments", village=DIANHUTUN, alias="i0421")
    enter(city, "z109", "/informants/pledges", village=DIANHUTUN, signer="i0421", until="2028-12-31")
    training = {"division": TOWNSHIP, "topic": "信息填报", "attended": 120, "informants": ["i0421"]}
    enter(city, "z109", "/informants/trainings", **training)
    page = opened(open_device, city, "z109", "informants")
    informant = page.get_by_test_id("informant-i0421")
    informant.get_by_test_id("correct").click()
    expect(informant.get_by_test_id("pledge-until")).to_have_value("2028-12-31")
    informant.get_by_test_id("pledge-until").fill("2027-12-31")
    informant.get_by_test_id("informant-send").click()
    expect(informant).to_contain_text("责任书至 2027-12-31")
    withdraw(informant, "签错了人")
    expect(informant).to_contain_text("未签责任书")

    page.get_by_test_id("informants-trainings").click()
    line = page.get_by_test_id("training")
    line.get_by_test_id("correct").click()
    expect(page.get_by_test_id("training-topic")).to_have_value("信息填报")
    page.get_by_test_id("training-attended").fill("12")
    page.get_by_test_id("training-informant").uncheck()
    page.get_by_test_id("training-send").click()
    expect(page.get_by_test_id("training-sums")).to_contain_text("12 人次")
    expect(line).not_to_contain_text("i0421")
    withdraw(line, "没有办")
    expect(page.get_by_test_id("training")).to_have_count(0)
    page.get_by_test_id("changed-records").locator("summary").click()
    expect(page.get_by_test_id("changed-record")).to_contain_text("没有办")


def test_a_pledge_between_the_levels_is_corrected_by_who_entered_it(city: City, open_device: OpenDevice) -> None:
    enter(city, "g24", "/informants/pledges", village=TOWNSHIP, signer="z109", until="2029-12-31")
    own = opened(open_device, city, "z109", "pledges").get_by_test_id(f"pledge-{TOWNSHIP}")
    expect(own).to_contain_text("2029-12-31")
    expect(own.get_by_test_id("correct")).to_have_count(0)
    page = opened(open_device, city, "g24", "pledges")
    row = page.get_by_test_id(f"pledge-{TOWNSHIP}")
    row.get_by_test_id("correct").click()
    expect(row.get_by_test_id("pledge-until")).to_have_value("2029-12-31")
    row.get_by_test_id("pledge-until").fill("2027-12-31")
    row.get_by_test_id("store-pledge").click()
    expect(row).to_contain_text("2027-12-31")
    withdraw(row, "没有签")
    expect(row).to_contain_text("未签订")
    page.get_by_test_id("changed-records").locator("summary").click()
    expect(page.get_by_test_id("changed-record")).to_contain_text("2029-12-31")


@pytest.mark.parametrize("place", ["services", "informants", "pledges"])
def test_the_lists_fit_a_telephone(city: City, open_device: OpenDevice, place: str) -> None:
    page = opened(open_device, city, "z109", place, PHONE)
    page.get_by_test_id("switch-language").click()
    page.get_by_test_id("changed-records").first.locator("summary").click()
    expect(page.get_by_test_id("changed-record").first.or_(page.get_by_text("Nothing was corrected"))).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_a_leader_looks_at_all_of_it_and_is_offered_nothing_to_do(city: City, open_device: OpenDevice) -> None:
    city.add_account("l24", "leader", COUNTY)
    matter = {"village": DIANHUTUN, "indicator": "3.3.1", "severity": "major", "text": "两家对峙"}
    case = str(ULID())
    body = matter | {"ulid": case, "channel": "hotline", "office": TOWNSHIP}
    assert city.client("z109").post("/casework/reports", json=body).status_code == 201
    page = opened(open_device, city, "l24", "terminal")
    expect(page.get_by_test_id("terminal-red")).to_have_text("1")
    expect(page.get_by_test_id("terminal-informants")).to_contain_text("还没有登记自然村")
    for name in ("statistics", "evaluation", "watch", "services", "ledger", "notices"):
        page.goto(f"{city.url}/board#/{name}")
        expect(page.get_by_test_id(f"{name}-page")).to_be_visible()
    expect(page.get_by_test_id("service-send")).to_have_count(0)
    for name in ("tasks", "entry", "informants", "devices", "quarantine", "patrols", "joint", "pledges"):
        expect(page.get_by_test_id(f"to-{name}")).to_have_count(0)
    page.goto(f"{city.url}/board#/case/{DIANHUTUN}/{case}")
    expect(page.get_by_test_id("case-page")).to_contain_text("两家对峙")
    expect(page.get_by_test_id("case-page").locator("form")).to_have_count(0)
