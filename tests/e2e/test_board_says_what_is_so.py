"""The board in a real Chromium says what is so: what was not read is not none, what was refused is not tried for ever,
and each page has a name and the focus."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect
from ulid import ULID

from tests.city import DIANHUTUN, KONGZHUANG, City, bulk, case_event
from tests.e2e.conftest import WAIT_MS_MAX, WALL_SCREEN, OpenDevice, log_in

COUNTY, TOWNSHIP = DIANHUTUN[:6], DIANHUTUN[:9]
OTHER = KONGZHUANG


def open_board(device: BrowserContext, city: City, place: str = "", alias: str = "s17") -> Page:
    page = device.new_page()
    page.goto(f"{city.url}/board{place}")
    log_in(page, alias)
    return page


def open_case(city: City, indicator: str, village: str = DIANHUTUN) -> str:
    """The county opens a case of the village; its ULID."""
    case = str(ULID())
    event = case_event(village, case, "g24", "opened", indicator=indicator, severity="general")
    answer = city.client("g24").post(f"/db/d110-{village[:6]}/_bulk_docs", json=bulk(event))
    assert answer.json()[0].get("ok"), answer.text
    return case


def move(page: Page, place: str) -> None:
    page.evaluate("place => { location.hash = place }", place)


def hold(page: Page, address: str) -> Callable[[], None]:
    """Answers to `address` wait until what is returned is called."""
    held: list[Route] = []
    page.route(address, lambda route: held.extend([route]))

    def let_go() -> None:
        for route in held:
            route.continue_()
        page.unroute(address)

    return let_go


def test_a_village_that_could_not_be_read_does_not_say_that_nothing_is_open_and_reads_again(
    city: City, open_device: OpenDevice
) -> None:
    case = open_case(city, "2.4.3")
    device = open_device(WALL_SCREEN)
    page = open_board(device, city, f"#/{TOWNSHIP}")
    expect(page.get_by_test_id(f"row-{DIANHUTUN}")).to_be_attached(timeout=WAIT_MS_MAX)
    device.set_offline(True)
    move(page, f"#/{DIANHUTUN}")
    village = page.get_by_test_id("village-page")
    expect(village.get_by_role("alert")).to_have_text("读取没有成功：连不上网关。正在重试。")
    expect(village).not_to_contain_text("没有未了结的事项")
    expect(village).not_to_contain_text("(0)")
    device.set_offline(False)
    expect(village.get_by_test_id(f"case-{case}")).to_be_visible()
    expect(village.get_by_role("alert")).to_have_count(0)


def test_a_village_says_that_it_is_being_read_and_never_shows_the_cases_of_another(
    city: City, open_device: OpenDevice
) -> None:
    case = open_case(city, "2.4.1")
    page = open_board(open_device(WALL_SCREEN), city, f"#/{DIANHUTUN}")
    village = page.get_by_test_id("village-page")
    expect(village.get_by_test_id(f"case-{case}")).to_be_visible(timeout=WAIT_MS_MAX)
    let_go = hold(page, f"**/board/{OTHER}/history")
    move(page, f"#/{OTHER}")
    expect(village.get_by_test_id("reading")).to_have_text("正在读取…")
    expect(page.locator("nav").first).to_contain_text("孔庄")
    expect(village.get_by_test_id(f"case-{case}")).to_have_count(0)
    expect(village).not_to_contain_text("没有未了结的事项")
    let_go()
    expect(village.get_by_test_id("reading")).to_have_count(0)
    move(page, f"#/{DIANHUTUN}")
    expect(village.get_by_test_id(f"case-{case}")).to_be_visible()


@pytest.mark.parametrize(
    "place", [f"#/case/{DIANHUTUN}/XXXX", "#/ledger/since=abc", "#/terminal/99"], ids=["case", "ledger", "terminal"]
)
def test_what_was_refused_for_good_is_not_asked_again_at_once_and_leads_back(
    city: City, open_device: OpenDevice, place: str
) -> None:
    asked: list[str] = []
    page = open_device(WALL_SCREEN).new_page()
    page.clock.install()
    page.on("response", lambda answer: asked.append(answer.url) if answer.status in (400, 403, 404) else None)
    page.goto(f"{city.url}/board{place}")
    log_in(page, "s17")
    alert = page.get_by_role("alert").first
    expect(alert).to_contain_text("读取没有成功", timeout=WAIT_MS_MAX)
    expect(alert).not_to_contain_text("正在重试")
    before = list(asked)
    page.clock.run_for(20_000)
    assert asked == before
    alert.get_by_test_id("way-back").click()
    expect(page.get_by_test_id("summary-red")).to_be_visible()
