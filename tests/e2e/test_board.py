"""The board in a real Chromium: live, drillable, by keyboard, and honest about being out of date."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, ViewportSize, expect
from ulid import ULID

from models.catalogue import default_catalogue
from tests.city import BALIZHUANG, DIANHUTUN, KONGZHUANG, City, bulk, case_event, report, settle, stamp
from tests.e2e.conftest import ASSIGNED, TABLET, WAIT_MS_MAX, WALL_SCREEN, OpenDevice, log_in, open_page

AT = default_catalogue().index
#: From the gateway's word that a push was taken to the lamp on an open board.
LIVE_S_MAX = 2.0
PHONE: ViewportSize = {"width": 360, "height": 740}
DESK: ViewportSize = {"width": 1280, "height": 800}


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


def open_case(city: City, indicator: str, severity: str, *, days_ago: int = 0, case: str = "") -> str:
    """The county opens a case of the village; its ULID."""
    case = case or str(ULID())
    at = datetime.now(UTC) - timedelta(days=days_ago)
    event = case_event(DIANHUTUN, case, "g24", "opened", indicator=indicator, severity=severity)
    event["observed_at"] = stamp(at)
    if days_ago:  # it was told of today only, so that a deadline has to say that it has passed
        event["due"] = f"{at + timedelta(days=days_ago // 2):%Y-%m-%d}"
    answer = city.client("g24").post("/db/d110-371724/_bulk_docs", json=bulk(event))
    assert answer.json()[0].get("ok"), answer.text
    return case


def colour_of(element: Locator, of: str) -> Any:
    return element.evaluate("(element, of) => getComputedStyle(element).getPropertyValue(of)", of)


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
    expect(page.locator(".category").filter(has_text="Party building")).to_be_visible()
    page.reload()
    expect(page.locator(".category").filter(has_text="Party building")).to_be_visible()


@pytest.mark.parametrize(
    ("alias", "start"),
    [
        ("i0421", "village-page"),
        ("a217", "village-page"),
        ("z109", "summary-red"),
        ("g24", "summary-red"),
        ("minzheng", "cases-page"),
        ("s17", "summary-red"),
        ("analyst", "summary-red"),
    ],
)
def test_every_role_starts_on_a_page_that_works_and_fits_the_screen(
    city: City, open_device: OpenDevice, alias: str, start: str
) -> None:
    page = open_device(WALL_SCREEN).new_page()
    page.goto(f"{city.url}/board")
    log_in(page, alias)
    expect(page.get_by_test_id(start)).to_be_visible(timeout=WAIT_MS_MAX)
    expect(page.get_by_text("正在读取…")).to_have_count(0)
    expect(page.get_by_role("alert")).to_have_count(0)
    for screen in (WALL_SCREEN, TABLET, PHONE):
        page.set_viewport_size(screen)
        expect(page.get_by_test_id(start)).to_be_in_viewport()
        for shown in page.locator("header *:visible, aside button:visible, footer *:visible").all():
            box = shown.bounding_box()
            assert box is not None
            assert box["x"] + box["width"] <= screen["width"], shown.inner_text()


@pytest.mark.parametrize("viewport", [DESK, WALL_SCREEN])
@pytest.mark.parametrize("place", ["", DIANHUTUN[:9], "evaluation"])
def test_the_header_is_one_line_and_its_menu_has_what_does_not_fit(
    city: City, open_device: OpenDevice, viewport: ViewportSize, place: str
) -> None:
    page = open_device(viewport).new_page()
    page.goto(f"{city.url}/board#/{place}")
    log_in(page, "g24")
    expect(page.locator(".loading")).to_have_count(0)
    header = page.locator(".board > header")
    for _ in ("zh", "en"):
        height = header.evaluate("header => header.offsetHeight")
        assert height <= 60
        assert header.evaluate("header => header.scrollWidth") <= viewport["width"]
        page.get_by_test_id("switch-language").click()
    menu = page.get_by_test_id("more-pages")
    expect(page.get_by_test_id("to-truthfulness")).to_be_hidden()
    menu.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("to-truthfulness")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("to-truthfulness")).to_be_hidden()
    expect(menu).to_be_focused()
    menu.click()
    page.get_by_test_id("to-truthfulness").click()
    expect(page.get_by_test_id("truthfulness-page")).to_be_visible()
    expect(page.get_by_test_id("to-truthfulness")).to_be_hidden()
    page.get_by_test_id("more-pages").click()
    page.get_by_test_id("truthfulness-page").click(force=True)  # what closes the menu lies over the page
    expect(page.get_by_test_id("to-truthfulness")).to_be_hidden()


def test_on_a_tablet_all_ninety_lamps_of_a_village_fit_on_the_wall(city: City, open_device: OpenDevice) -> None:
    page = open_device(TABLET).new_page()
    page.goto(f"{city.url}/board")
    log_in(page, "s17")
    wall = page.get_by_role("application")
    expect(wall).to_be_visible(timeout=WAIT_MS_MAX)
    wall.focus()
    wall.press("ArrowDown")
    for _ in range(89):
        wall.press("ArrowRight")
    expect(page.get_by_role("status")).to_contain_text("5.7.")
    box = page.locator(".frame .column").bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= TABLET["width"]


def test_a_department_finds_the_cases_assigned_to_it_overdue_first_each_opening_its_village(
    city: City, open_device: OpenDevice
) -> None:
    new, overdue, cleared = ASSIGNED
    open_case(city, "5.6.1", "major", case=new)
    open_case(city, "5.6.2", "general", days_ago=40, case=overdue)
    open_case(city, "5.6.3", "general", case=cleared)
    settle(city, DIANHUTUN, cleared, "g24")
    of_another = open_case(city, "5.6.1", "major")
    page = open_device(WALL_SCREEN).new_page()
    page.goto(f"{city.url}/board")
    page.clock.install()
    log_in(page, "minzheng")
    page.clock.run_for(61_000)  # whatever of it was not lit yet is read again within the minute
    cases = page.locator("[data-testid^=case-]")
    expect(page.get_by_test_id("cases-sums")).to_have_text("交办本部门 3 件，未了结 2 件，其中逾期 1 件")
    expect(cases).to_have_count(2)
    expect(cases.first).to_contain_text("巨野县 田庄镇 佃户屯村")
    expect(cases.first).to_contain_text("5.6.2")
    expect(cases.first).to_contain_text("已逾期")
    page.get_by_test_id(f"case-{new}").get_by_role("button").click()
    expect(page.get_by_test_id("village-page")).to_be_visible()
    expect(page.get_by_test_id(f"case-{new}")).to_contain_text("重大问题")
    expect(page.get_by_test_id(f"case-{of_another}")).to_have_count(0)
    page.get_by_role("button", name="交办事项").click()
    expect(cases).to_have_count(2)


def test_a_case_has_the_colour_of_the_light_that_it_gives(city: City, open_device: OpenDevice) -> None:
    lit = {
        open_case(city, "5.5.1", "minor", days_ago=60): ("5.5.1", "y"),
        open_case(city, "5.5.2", "general"): ("5.5.2", "y"),
        open_case(city, "5.4.1", "general", days_ago=60): ("5.4.1", "r"),
        open_case(city, "5.4.2", "major"): ("5.4.2", "r"),
    }
    unlit = open_case(city, "5.4.3", "minor")
    page = open_device(WALL_SCREEN).new_page()
    page.goto(f"{city.url}/board#/{DIANHUTUN}")
    log_in(page, "z109")
    for case, (indicator, light) in lit.items():
        lamp, row = page.get_by_test_id(f"lamp-{indicator}"), page.get_by_test_id(f"case-{case}")
        expect(lamp).to_have_attribute("data-light", light)
        colour = colour_of(lamp.locator("span").first, "color")
        assert colour_of(row, "border-left-color") == colour
        overdue = row.get_by_text("已逾期")
        assert [colour_of(word, "color") for word in overdue.all()] in ([], [colour])
    expect(page.get_by_test_id("lamp-5.4.3")).to_have_attribute("data-light", "g")
    plain = colour_of(page.locator(".village aside"), "border-left-color")
    assert colour_of(page.get_by_test_id(f"case-{unlit}"), "border-left-color") == plain


@pytest.mark.parametrize("place", ["#/999", "#/371799", "#/%", "#/371724109999/1.1.1"])
def test_an_address_that_leads_nowhere_says_so_and_leads_back(city: City, open_device: OpenDevice, place: str) -> None:
    page = open_device(WALL_SCREEN).new_page()
    page.goto(f"{city.url}/board{place}")
    log_in(page, "s17")
    expect(page.get_by_test_id("nowhere")).to_contain_text("或者它不在您的范围内", timeout=WAIT_MS_MAX)
    expect(page.locator("footer")).to_have_count(0)
    expect(page.get_by_test_id("find-village")).to_have_count(0)
    page.get_by_test_id("nowhere").get_by_role("button").click()
    expect(page.get_by_test_id("summary-red")).to_be_visible()


def test_what_the_gateway_says_is_shown_in_the_language_of_the_page_alone(city: City, open_device: OpenDevice) -> None:
    page = open_device(WALL_SCREEN).new_page()
    problem = {
        "title": "StoreUnavailable",
        "code": "store_unavailable",
        "detail": "Not now.",
        "detail_zh": "暂时不行。",
    }
    page.route("**/board/3717", lambda route: route.fulfill(status=503, json={"status": 503, **problem}))
    page.goto(f"{city.url}/board")
    log_in(page, "s17")
    expect(page.get_by_role("alert")).to_have_text("读取没有成功：暂时不行。正在重试。")
    page.get_by_test_id("switch-language").click()
    expect(page.get_by_role("alert")).to_have_text("Could not load: Not now. Trying again.")
    page.unroute("**/board/3717")
    expect(page.get_by_test_id("summary-red")).to_be_visible()


def test_a_wrong_password_is_said_in_the_language_of_the_page(city: City, open_device: OpenDevice) -> None:
    page = open_device(WALL_SCREEN).new_page()
    page.goto(f"{city.url}/board")
    log_in(page, "s17", "wrong")
    expect(page.get_by_test_id("login-fault")).to_contain_text("密码")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_test_id("login-fault")).to_have_text("Log-in failed: Wrong alias or password.")


def test_an_office_works_off_what_was_sent_back(city: City, open_device: OpenDevice) -> None:
    ahead = datetime.now(UTC) + timedelta(hours=2)
    refused = report(DIANHUTUN, "i0423", at=ahead, indicator="2.4.3", text="桥面塌了一块。")
    again = report(DIANHUTUN, "i0423", indicator="9.9.9", text="路灯不亮。")
    answer = city.client("i0423").post("/db/d110-371724/_bulk_docs", json=bulk(refused, again))
    assert [row["error"] for row in answer.json()] == ["forbidden", "forbidden"]

    page = open_device(WALL_SCREEN).new_page()
    page.goto(f"{city.url}/board")
    log_in(page, "z109")
    open_page(page, "quarantine")
    item = page.locator(f"[data-testid=quarantined][data-about='{refused['_id']}']")
    expect(item).to_contain_text("桥面塌了一块。")
    expect(item.get_by_test_id("quarantine-reason")).to_contain_text("时间在将来")
    item.get_by_test_id("release").click()
    expect(item.get_by_role("alert")).to_contain_text("仍不能入库")
    item.get_by_test_id("dismiss").click()
    item.get_by_role("textbox").fill("请核对平板的时钟后重报。")
    item.get_by_role("button", name="发出").click()
    expect(page.get_by_test_id("quarantine-outcome")).to_be_visible()
    expect(item).to_have_count(0)
    expect(page.locator(f"[data-testid=quarantined][data-about='{again['_id']}']")).to_be_visible()
    page.get_by_test_id("switch-language").click()
    expect(page.get_by_test_id("quarantine-page")).to_contain_text("Sent back because")


def test_an_office_settles_at_once_all_that_one_author_was_sent_back_for_one_reason(
    city: City, open_device: OpenDevice
) -> None:
    city.add_account("i0490", "informant", DIANHUTUN)
    wrong = [report(DIANHUTUN, "i0490", indicator="9.9.9") for _ in range(53)]
    client = city.client("i0490")
    client.post("/db/d110-371724/_bulk_docs", json=bulk(*wrong))
    page = open_device(WALL_SCREEN).new_page()
    page.goto(f"{city.url}/board")
    log_in(page, "z109")
    open_page(page, "quarantine")
    page.get_by_test_id("quarantine-group").filter(has_text="i0490").click()
    expect(page.get_by_test_id("quarantined")).to_have_count(50)
    page.get_by_test_id("release-all").click()  # the reason holds for each of them
    expect(page.get_by_test_id("quarantine-outcome")).to_contain_text(
        "已处理 0 条，另有 53 条没有处理", timeout=WAIT_MS_MAX
    )
    page.get_by_test_id("dismiss-all").click()
    page.get_by_role("textbox").fill("没有这一指标，请按 2.4.3 重报。")
    page.context.set_offline(True)
    page.get_by_role("button", name="发出").click()
    expect(page.get_by_test_id("quarantine-outcome")).to_contain_text(
        "已处理 0 条，另有 53 条没有处理", timeout=WAIT_MS_MAX
    )
    expect(page.get_by_role("textbox")).to_have_value("没有这一指标，请按 2.4.3 重报。")
    page.context.set_offline(False)
    page.get_by_role("button", name="发出").click()
    expect(page.get_by_test_id("quarantine-outcome")).to_contain_text("已处理 53 条", timeout=WAIT_MS_MAX)
    expect(page.get_by_test_id("quarantine-group").filter(has_text="i0490")).to_have_count(0)
    listed = client.get("/db/d110-371724/_changes").json()["results"]
    assert len([row for row in listed if ":answer:i0490:" in row["id"]]) == 53
