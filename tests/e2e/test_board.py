"""The board in a real Chromium: live, drillable, by keyboard, and honest about being out of date."""

from __future__ import annotations

import time

from playwright.sync_api import Page, expect

from models.catalogue import default_catalogue
from tests.city import BALIZHUANG, DIANHUTUN, KONGZHUANG, City, bulk, report
from tests.e2e.conftest import WAIT_MS_MAX, WALL_SCREEN, OpenDevice, log_in

AT = default_catalogue().index
#: From the gateway's word that a push was taken to the lamp on an open board.
LIVE_S_MAX = 2.0


def open_board(open_device: OpenDevice, city: City, place: str = "") -> Page:
    page = open_device(WALL_SCREEN).new_page()
    page.goto(f"{city.url}/board{place}")
    log_in(page, "s17")
    expect(page.get_by_test_id("summary-red")).to_be_visible(timeout=WAIT_MS_MAX)
    return page


def wait_for_light(page: Page, village: str, indicator: str, light: str) -> None:
    page.wait_for_function(
        "([village, at, light]) =>"
        " document.querySelector(`[data-testid=row-${village}]`)?.dataset.lights[at] === light",
        arg=[village, AT[indicator], light],
    )


def push(city: City, village: str, indicator: str, severity: str) -> float:
    """Report as the village's administrator; when the gateway had taken it."""
    alias = f"a{village[-3:]}"
    client = city.client(alias)
    document = report(village, alias, indicator=indicator, severity=severity)
    answer = client.post(f"/db/d110-{village[:6]}/_bulk_docs", json=bulk(document))
    assert answer.json()[0]["ok"], answer.text
    return time.monotonic()


def test_a_push_shows_on_an_open_board_within_two_seconds(city: City, open_device: OpenDevice) -> None:
    page = open_board(open_device, city, "#/371724109")
    expect(page.get_by_test_id(f"row-{DIANHUTUN}")).to_be_attached()
    taken = push(city, DIANHUTUN, "4.3.2", "major")
    wait_for_light(page, DIANHUTUN, "4.3.2", "r")
    assert time.monotonic() - taken < LIVE_S_MAX
    expect(page.get_by_test_id("summary-red")).to_have_text("1")
    expect(page.get_by_test_id("ticker")).to_contain_text("4.3.2")


def test_one_drills_from_the_city_to_an_open_case(city: City, open_device: OpenDevice) -> None:
    push(city, KONGZHUANG, "3.3.1", "major")
    page = open_board(open_device, city)
    page.get_by_test_id(f"part-{KONGZHUANG[:6]}").get_by_role("button").click()
    page.get_by_test_id(f"part-{KONGZHUANG[:9]}").get_by_role("button").click()
    wait_for_light(page, KONGZHUANG, "3.3.1", "r")
    page.get_by_test_id(f"part-{KONGZHUANG}").get_by_role("button").click()
    lamp = page.get_by_test_id("lamp-3.3.1")
    expect(lamp).to_have_attribute("data-light", "r")
    lamp.click()
    case = page.locator("[data-testid^=case-]")
    expect(case).to_have_count(1)
    expect(case).to_contain_text("重大问题")
    page.go_back()
    page.go_back()
    wait_for_light(page, KONGZHUANG, "3.3.1", "r")


def test_villages_are_found_by_light_by_name_and_worst_first(city: City, open_device: OpenDevice) -> None:
    push(city, BALIZHUANG, "1.6.3", "general")
    page = open_board(open_device, city)
    rows = page.locator("tr[data-testid^=row-]")
    wait_for_light(page, BALIZHUANG, "1.6.3", "y")
    everyone = rows.count()
    page.get_by_test_id("summary-yellow").click()
    wait_for_light(page, BALIZHUANG, "1.6.3", "y")
    expect(rows).not_to_have_count(everyone)
    page.get_by_test_id("summary-yellow").click()
    page.get_by_test_id("find-village").fill("佃户屯")
    expect(page.get_by_test_id(f"row-{DIANHUTUN}")).to_have_count(1)
    expect(page.get_by_test_id(f"row-{BALIZHUANG}")).to_have_count(0)


def test_the_wall_is_walked_by_keyboard(city: City, open_device: OpenDevice) -> None:
    page = open_board(open_device, city, "#/371724109")
    wall = page.get_by_role("application")
    first = page.locator("tr[data-testid^=row-]").first.get_attribute("data-testid")
    wall.focus()
    wall.press("ArrowDown")
    expect(page.get_by_role("status")).to_contain_text("1.1.1")
    wall.press("ArrowRight")
    expect(page.get_by_role("status")).to_contain_text("1.1.2")
    wall.press("Enter")
    expect(page.get_by_test_id("village-page")).to_be_visible()
    assert first is not None
    assert page.url.endswith(f"#/{first.removeprefix('row-')}/1.1.2")


def test_a_wall_left_alone_scrolls_by_itself_until_it_is_touched(city: City, open_device: OpenDevice) -> None:
    page = open_device(WALL_SCREEN).new_page()
    page.clock.install()
    page.goto(f"{city.url}/board")
    log_in(page, "s17")
    wall = page.get_by_role("application")
    expect(page.locator("tr[data-testid^=row-]").first).to_be_attached(timeout=WAIT_MS_MAX)
    assert wall.evaluate("wall => wall.scrollTop") == 0
    page.clock.run_for(25_000)
    rolled = wall.evaluate("wall => wall.scrollTop")
    assert rolled > 0
    wall.hover()
    stopped = wall.evaluate("wall => wall.scrollTop")
    page.clock.run_for(25_000)
    assert wall.evaluate("wall => wall.scrollTop") == stopped >= rolled


def test_a_board_that_hears_nothing_for_two_beats_says_so_and_recovers(city: City, open_device: OpenDevice) -> None:
    device = open_device(WALL_SCREEN)
    page = device.new_page()
    page.clock.install()
    page.goto(f"{city.url}/board#/371724109")
    log_in(page, "s17")
    expect(page.get_by_test_id(f"row-{DIANHUTUN}")).to_be_attached(timeout=WAIT_MS_MAX)
    device.set_offline(True)
    page.clock.fast_forward(26_000)
    expect(page.get_by_test_id("stale")).to_be_visible()
    push(city, DIANHUTUN, "2.4.3", "general")
    device.set_offline(False)
    page.clock.fast_forward(30_000)
    expect(page.get_by_test_id("stale")).to_have_count(0)
    wait_for_light(page, DIANHUTUN, "2.4.3", "y")


def test_the_board_speaks_english_and_keeps_the_choice(city: City, open_device: OpenDevice) -> None:
    page = open_board(open_device, city)
    page.get_by_test_id("switch-language").click()
    expect(page.get_by_text("Party building")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Party building")).to_be_visible()


def test_a_wrong_password_is_said_in_the_language_of_the_page(city: City, open_device: OpenDevice) -> None:
    page = open_device(WALL_SCREEN).new_page()
    page.goto(f"{city.url}/board")
    log_in(page, "s17", "wrong")
    expect(page.get_by_test_id("login-fault")).to_contain_text("密码")
