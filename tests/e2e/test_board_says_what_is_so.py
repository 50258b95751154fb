"""The board in a real Chromium says what is so: what was not read is not none, what was refused is not tried for ever,
and each page has a name and the focus."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect
from ulid import ULID

from tests.city import DIANHUTUN, KONGZHUANG, City, bulk, case_event, report
from tests.e2e.conftest import WAIT_MS_MAX, WALL_SCREEN, OpenDevice, hold, log_in

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


def test_each_page_has_a_title_of_its_own_in_the_language_that_is_set(city: City, open_device: OpenDevice) -> None:
    case = open_case(city, "2.4.2")
    page = open_board(open_device(WALL_SCREEN), city)
    expect(page.get_by_test_id("summary-red")).to_be_visible(timeout=WAIT_MS_MAX)
    expect(page).to_have_title("菏泽市 · 电子监控图版 · 动态管理110")
    for place, title in [
        (f"#/{COUNTY}", "巨野县 · 电子监控图版 · 动态管理110"),
        (f"#/{DIANHUTUN}/2.4.2", "2.4.2 "),
        ("#/ledger", "台帐 · 动态管理110"),
        (f"#/terminal/{COUNTY}", "巨野县 · 指挥终端 · 动态管理110"),
        (f"#/case/{DIANHUTUN}/{case}", "2.4.2 "),
    ]:
        move(page, place)
        expect(page).to_have_title(re.compile(f"^{re.escape(title)}"))
    page.get_by_test_id("switch-language").click()
    expect(page).to_have_title(re.compile(r"^2\.4\.2 .* · Dynamic Management 110$"))


def test_a_page_that_an_account_may_not_open_is_not_called_a_division(city: City, open_device: OpenDevice) -> None:
    page = open_board(open_device(WALL_SCREEN), city, "#/terminal", "analyst")
    closed = page.get_by_test_id("closed")
    expect(closed).to_contain_text("“分析员”账号没有“", timeout=WAIT_MS_MAX)
    expect(page.get_by_test_id("nowhere")).to_have_count(0)
    closed.get_by_role("button").click()
    expect(page.get_by_test_id("summary-red")).to_be_visible()


def test_who_works_by_keyboard_is_where_a_page_opens_and_back_at_the_row(city: City, open_device: OpenDevice) -> None:
    page = open_board(open_device(WALL_SCREEN), city, f"#/{TOWNSHIP}")
    expect(page.get_by_test_id(f"row-{DIANHUTUN}")).to_be_attached(timeout=WAIT_MS_MAX)
    wall = page.get_by_role("application")
    wall.focus()
    for _ in range(3):
        wall.press("ArrowDown")
    meant = page.locator("#meant strong")
    village = meant.text_content()
    wall.press("Enter")
    expect(page.get_by_test_id("village-page")).to_be_focused()
    page.go_back()
    expect(page.get_by_role("application")).to_be_focused()
    expect(meant).to_have_text(village or "")
    page.get_by_test_id("to-ledger").press("Enter")
    expect(page.get_by_test_id("ledger-page")).to_be_focused()


def test_one_skips_the_summary_to_the_wall(city: City, open_device: OpenDevice) -> None:
    page = open_board(open_device(WALL_SCREEN), city, "#/ledger")
    expect(page.get_by_test_id("ledger-page")).to_be_visible(timeout=WAIT_MS_MAX)
    move(page, f"#/{TOWNSHIP}")
    skip = page.get_by_test_id("skip-to-wall")
    expect(page.locator(".overview")).to_be_focused()
    page.keyboard.press("Tab")
    expect(skip).to_be_focused()
    expect(skip).to_have_css("clip-path", "none")
    skip.press("Enter")
    expect(page.get_by_role("application")).to_be_focused()
    expect(skip).not_to_have_css("clip-path", "none")


def test_a_page_that_is_opened_before_its_lamps_were_read_has_the_focus_once_they_are(
    city: City, open_device: OpenDevice
) -> None:
    page = open_device(WALL_SCREEN).new_page()
    let_go = hold(page, f"**/board/{COUNTY}*")
    page.goto(f"{city.url}/board#/ledger")
    log_in(page, "g24")
    expect(page.get_by_test_id("ledger-page")).to_be_visible(timeout=WAIT_MS_MAX)
    move(page, f"#/{TOWNSHIP}")
    expect(page.locator(".loading")).to_be_focused()
    let_go()
    expect(page.locator(".overview")).to_be_focused(timeout=WAIT_MS_MAX)


def test_a_form_that_is_filled_in_keeps_the_focus_when_its_address_changes(city: City, open_device: OpenDevice) -> None:
    page = open_board(open_device(WALL_SCREEN), city, f"#/{TOWNSHIP}")
    field = page.get_by_test_id("find-village")
    field.press_sequentially("佃户屯", timeout=WAIT_MS_MAX)
    expect(page).to_have_url(re.compile("name%3D"))
    expect(field).to_be_focused()


def test_a_board_that_hears_nothing_does_not_call_itself_live(city: City, open_device: OpenDevice) -> None:
    device = open_device(WALL_SCREEN)
    page = device.new_page()
    page.clock.install()
    page.goto(f"{city.url}/board#/{TOWNSHIP}")
    log_in(page, "s17")
    live = page.get_by_test_id("live")
    expect(live).to_contain_text("实时", timeout=WAIT_MS_MAX)
    device.set_offline(True)
    page.clock.fast_forward(26_000)
    expect(live).to_contain_text("已断线")
    expect(live).not_to_contain_text("实时")
    device.set_offline(False)
    page.clock.fast_forward(30_000)
    expect(live).to_contain_text("实时")


def test_a_click_beside_the_menu_closes_it_and_opens_no_lamp(city: City, open_device: OpenDevice) -> None:
    page = open_board(open_device({"width": 1280, "height": 800}), city, f"#/{TOWNSHIP}")
    expect(page.get_by_test_id(f"row-{DIANHUTUN}")).to_be_attached(timeout=WAIT_MS_MAX)
    page.get_by_test_id("more-pages").click()
    menu = page.locator("details")
    expect(menu).to_have_attribute("open", "")
    row = page.get_by_role("application").bounding_box()
    assert row is not None
    page.mouse.click(row["x"] + 40, row["y"] + 8)
    expect(menu).not_to_have_attribute("open", "")
    expect(page.get_by_test_id("village-page")).to_have_count(0)
    page.mouse.click(row["x"] + 40, row["y"] + 8)
    expect(page.get_by_test_id("village-page")).to_be_visible()


def test_on_paper_a_case_has_no_next_step_and_not_who_reported(city: City, open_device: OpenDevice) -> None:
    told = report(DIANHUTUN, "i0421", indicator="2.4.3", severity="minor")
    answer = city.client("i0421").post(f"/db/d110-{COUNTY}/_bulk_docs", json=bulk(told))
    assert answer.json()[0].get("ok"), answer.text
    page = open_board(open_device(WALL_SCREEN), city, f"#/case/{DIANHUTUN}/{told['_id'].rsplit(':', 1)[-1]}", "z109")
    alias = page.get_by_test_id("entry-opened").get_by_text("i0421")
    expect(alias).to_be_visible(timeout=WAIT_MS_MAX)
    expect(page.get_by_role("heading", name="下一步")).to_be_visible()
    page.emulate_media(media="print")
    expect(alias).to_be_hidden()
    expect(page.get_by_role("heading", name="下一步")).to_be_hidden()
    expect(page.get_by_test_id("entry-opened")).to_be_visible()


def test_a_list_that_is_turned_begins_at_its_top_and_what_cannot_be_turned_looks_so(
    city: City, open_device: OpenDevice
) -> None:
    page = open_device(WALL_SCREEN).new_page()

    def many(route: Route) -> None:
        found = route.fetch(url=re.sub(r"offset=\d+", "offset=0", route.request.url)).json()
        rows = [found["rows"][0] | {"case": str(ULID())} for _ in range(100)]
        route.fulfill(json=found | {"count": 150, "rows": rows})

    open_case(city, "2.4.1")
    page.route("**/casework/ledger?*", many)
    page.goto(f"{city.url}/board#/ledger")
    log_in(page, "s17")
    newer, older = (page.get_by_role("button", name=name, exact=True) for name in ("较新的", "较早的"))
    expect(newer).to_have_css("opacity", "0.5", timeout=WAIT_MS_MAX)
    expect(older).to_have_css("opacity", "1")
    older.click()
    expect(page.get_by_test_id("ledger-page").locator("li").first).to_be_in_viewport()
    expect(older).to_have_css("opacity", "0.5")


def test_each_part_of_the_terminal_says_that_it_is_being_read(city: City, open_device: OpenDevice) -> None:
    page = open_device(WALL_SCREEN).new_page()
    releases = [hold(page, f"**/{path}/{COUNTY}*") for path in ("casework/overview", "casework/statistics", "watch")]
    page.goto(f"{city.url}/board#/terminal")
    log_in(page, "g24")
    parts = page.get_by_test_id("terminal-page").get_by_test_id("not-read")
    expect(parts).to_have_count(4)
    for part in parts.all():
        expect(part).to_contain_text("正在读取")
    for let_go in releases:
        let_go()
    expect(parts).to_have_count(0)
    expect(page.get_by_test_id("turned-red")).to_be_visible()


def test_back_finds_the_terminal_as_it_was_left_and_a_way_on_it_begins_at_the_top(
    city: City, open_device: OpenDevice
) -> None:
    case = open_case(city, "2.4.1")
    page = open_device({"width": 1280, "height": 500}).new_page()
    let_go = hold(page, f"**/casework/overview/{COUNTY}*")
    page.goto(f"{city.url}/board#/terminal")
    log_in(page, "g24")
    let_go()
    terminal = page.get_by_test_id("terminal-page")
    page.get_by_test_id("by-overdue").click()
    page.get_by_test_id("open-statistics").scroll_into_view_if_needed()
    top = terminal.evaluate("one => one.scrollTop")
    assert top > 100
    page.get_by_test_id("open-statistics").click()
    expect(page.get_by_test_id("statistics-page")).to_be_visible()
    let_go = hold(page, f"**/casework/overview/{COUNTY}*")  # it grows by parts
    page.go_back()
    expect(page.get_by_test_id("not-read").first).to_be_visible()
    let_go()
    expect(page.locator("th[aria-sort]").get_by_test_id("by-overdue")).to_be_visible()
    page.wait_for_function("top => document.querySelector('[data-testid=terminal-page]').scrollTop === top", arg=top)
    move(page, f"#/case/{DIANHUTUN}/{case}")
    expect(page.get_by_test_id("case-owner")).to_be_visible()
    page.get_by_role("button", name="指挥终端").click()
    expect(page.locator("th[aria-sort]").get_by_test_id("by-red")).to_be_visible()
    assert terminal.evaluate("one => one.scrollTop") == 0
