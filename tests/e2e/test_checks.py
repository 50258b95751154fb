"""Checks that an inspector writes on a tablet, far from any network."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from ulid import ULID

from models.calendar import LOCAL
from models.catalogue import default_catalogue
from models.ids import database_of
from tests.city import DIANHUTUN, KONGZHUANG, City, running_city, wait_until
from tests.e2e.conftest import TABLET, WAIT_MS_MAX, WALL_SCREEN, OpenDevice, choose_pin, enter_beside, log_in, unlock
from tests.e2e.test_casework import open_board
from tests.e2e.test_tablet import expect_phase, open_tablet, work_item
from tests.e2e.test_vault import held

COUNTY, TOWNSHIP = DIANHUTUN[:6], DIANHUTUN[:9]
NEIGHBOUR = f"{TOWNSHIP}218"
FOUND, ALONE = "公开栏还是去年的，账目没有张榜。", "路过时看到村部关着门。"
#: Of all that people may write, the gateway alone refuses this.
ODD = "公开栏\x07已更新。"
COLUMN = default_catalogue().index


@pytest.fixture
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """A city of its own for each test: they change its accounts, and count what lies there."""
    with running_city(tmp_path_factory.mktemp("city")) as city:
        city.add_account("z109", "station", TOWNSHIP)
        city.add_account("z110", "station", TOWNSHIP)
        city.add_account("g24", "county", COUNTY)
        city.add_account("s17", "city", "3717")
        city.add_account("lead", "leader", COUNTY)
        city.add_account("minzheng", "department", COUNTY, department="民政")
        wait_until(lambda: city.client("s17").get("/patrols/open").status_code == 200)
        yield city


def plan(city: City, alias: str, division: str, *villages: str) -> str:
    today = datetime.now(LOCAL).date()
    term = {"since": str(today), "until": str(today + timedelta(days=10))}
    body = {"ulid": str(ULID()), "division": division, "villages": [*villages], "text": "账目问题多", **term}
    return str(city.client(alias).post("/patrols/plans", json=body).json()["id"])


def add_reading(page: Page, indicator: str) -> Locator:
    """The field of an indicator that is looked at, too."""
    page.get_by_test_id("report-indicator").click()
    page.get_by_test_id("indicator-search").get_by_role("searchbox").fill(indicator)
    page.get_by_test_id(f"pick-{indicator}").click()
    return page.get_by_test_id(f"reading-{indicator}")


def find_village(page: Page, code: str) -> None:
    page.get_by_test_id("tab-patrols").click()
    page.get_by_test_id("village-search").get_by_role("searchbox").fill(code)
    page.get_by_test_id(f"alone-{code}").click()


def checks_in(city: City, village: str) -> list[dict[str, Any]]:
    """All checks of a village that the store holds."""
    query = {"startkey": f'"{village}:inspection:"', "endkey": f'"{village}:inspection;"', "include_docs": "true"}
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    return [row["doc"] for row in city.raw(f"{database_of(village)}/_all_docs?{asked}")["rows"]]


def test_checks_are_written_without_a_network_and_arrive_once_each(city: City, open_device: OpenDevice) -> None:
    patrol = plan(city, "g24", COUNTY, DIANHUTUN, NEIGHBOUR)
    device = open_device(TABLET)
    page = open_tablet(device, city, "g24")
    expect(page.get_by_test_id(f"patrol-{patrol}")).to_contain_text("账目问题多", timeout=WAIT_MS_MAX)
    expect(page.get_by_test_id("village-search").get_by_role("searchbox")).to_be_visible()
    for tab in ("tab-lights", "new-report", "new-round", "tab-cases"):
        expect(page.get_by_test_id(tab)).to_have_count(0)
    device.set_offline(True)
    page.close()

    page = device.new_page()
    page.goto(f"{city.url}/tablet/")
    unlock(page, "g24")
    expect_phase(page, "network")
    page.get_by_test_id(f"visit-{DIANHUTUN}").get_by_test_id(f"check-{DIANHUTUN}").click()
    expect(page.get_by_test_id("check-place")).to_contain_text("佃户屯")
    page.get_by_test_id("save-check").click()
    expect(page.get_by_test_id("check-fault")).to_have_text("请写检查情况。")
    page.get_by_test_id("check-text").fill("书记电话 13800138000")
    expect(page.get_by_test_id("check-personal")).to_be_visible()
    expect(page.get_by_test_id("save-check")).to_be_disabled()
    page.get_by_test_id("check-text").fill(FOUND)
    share = add_reading(page, "1.1.4")
    page.get_by_test_id("save-check").click()
    expect(page.get_by_test_id("check-fault")).to_contain_text("去掉这一项")
    share.get_by_test_id("input-1.1.4").fill("101")
    expect(share.get_by_role("alert")).to_have_text("应在 0 到 100 之间")  # at once
    share.get_by_test_id("input-1.1.4").fill("35")
    add_reading(page, "2.2.1").get_by_test_id("no-2.2.1").click()
    add_reading(page, "1.2.2")
    page.get_by_test_id("take-out-1.2.2").click()
    page.reload()  # each keystroke is kept
    unlock(page, "g24")
    expect(page.get_by_test_id("check-text")).to_have_value(FOUND)
    expect(page.get_by_test_id("input-1.1.4")).to_have_value("35")
    page.get_by_test_id("save-check").click()
    expect(work_item(page, "waiting")).to_have_count(1)
    page.get_by_test_id("tab-patrols").click()
    own = page.get_by_test_id(f"visit-{DIANHUTUN}").get_by_test_id("visit-check")
    expect(own).to_have_attribute("data-waiting", "true")

    find_village(page, NEIGHBOUR)
    page.get_by_test_id("check-text").fill(ALONE)
    page.get_by_test_id("save-check").click()
    expect(work_item(page, "waiting")).to_have_count(2)
    page.close()

    page = device.new_page()
    page.goto(f"{city.url}/tablet/")
    unlock(page, "g24")
    expect_phase(page, "network")
    page.get_by_test_id("tab-work").click()
    expect(work_item(page, "waiting")).to_have_count(2)
    for secret in (FOUND, ALONE, "账目问题多", "access_token"):
        assert secret not in held(page)

    device.set_offline(False)
    expect(work_item(page, "sent")).to_have_count(2, timeout=WAIT_MS_MAX)
    expect(page.get_by_test_id("sync-held")).to_contain_text("2 / 2")
    [of_patrol], [alone] = checks_in(city, DIANHUTUN), checks_in(city, NEIGHBOUR)
    assert (of_patrol["patrol"], of_patrol["is_planned"], of_patrol["text"]) == (patrol, True, FOUND)
    assert of_patrol["readings"] == {"1.1.4": 35, "2.2.1": False}
    assert (alone.get("patrol"), alone["is_planned"], alone["text"]) == (None, False, ALONE)
    page.get_by_test_id("tab-patrols").click()
    own = page.get_by_test_id(f"visit-{DIANHUTUN}").get_by_test_id("visit-check")
    expect(own).to_have_count(1, timeout=WAIT_MS_MAX)
    expect(own).to_have_attribute("data-waiting", "false")

    # as one that is entered on the board
    board = open_board(open_device, city, "g24", "patrols", WALL_SCREEN)
    shown = board.get_by_test_id("patrol").filter(has_text="账目问题多")
    expect(shown.get_by_test_id(f"visit-{DIANHUTUN}").locator(".check")).to_contain_text(FOUND)
    expect(shown.get_by_test_id(f"visit-{NEIGHBOUR}")).to_contain_text("尚未检查")
    expect(board.get_by_test_id("check-by-itself")).to_contain_text(ALONE)
    lights = city.client("g24").get(f"/board/{DIANHUTUN}").json()["lights"]
    assert (lights[COLUMN["1.1.4"]], lights[COLUMN["2.2.1"]]) == ("r", "y")

    # the next one on this tablet has a desk of their own
    page.get_by_test_id("lock").click()
    enter_beside(page, "z109")
    expect_phase(page, "idle")
    expect(page.get_by_test_id("patrols")).not_to_contain_text("账目问题多")
    page.get_by_test_id("tab-work").click()
    expect(page.get_by_test_id("work-item")).to_have_count(0)
    for secret in (FOUND, ALONE):
        assert secret not in held(page)


def test_what_the_gateway_refuses_says_why_and_is_written_again_as_of_when_it_was_seen(
    city: City, open_device: OpenDevice
) -> None:
    patrol = plan(city, "z109", TOWNSHIP, DIANHUTUN)
    page = open_tablet(open_device(TABLET), city, "z109")
    page.get_by_test_id(f"check-{DIANHUTUN}").click(timeout=WAIT_MS_MAX)
    page.get_by_test_id("check-text").fill(ODD)
    page.get_by_test_id("save-check").click()
    refused = work_item(page, "refused")
    expect(refused).to_contain_text("控制字符", timeout=WAIT_MS_MAX)
    expect(refused).to_contain_text("佃户屯")
    first = ULID.from_str(str(refused.get_attribute("data-id"))[-26:]).datetime
    refused.get_by_role("button", name="改好再报").click()
    expect(page.get_by_test_id("check-text")).to_have_value(ODD)
    page.get_by_test_id("check-by-itself").click()
    expect(page.get_by_test_id("check-by-itself")).to_have_count(0)
    page.get_by_test_id("check-text").fill("公开栏已更新。")
    page.get_by_test_id("save-check").click()
    expect(work_item(page, "sent")).to_have_count(1, timeout=WAIT_MS_MAX)
    [stored] = checks_in(city, DIANHUTUN)
    assert (stored.get("patrol"), stored["is_planned"]) == (None, False)
    assert abs(datetime.fromisoformat(stored["observed_at"]) - first) < timedelta(milliseconds=5)
    # an office settles what was refused, and its author hears of it
    waiting = city.client("g24").get("/quarantine").json()["oldest"][0]["_id"]
    answer = city.client("g24").post(f"/quarantine/{waiting}/dismiss", json={"text": "已另行登记。"})
    assert answer.status_code == 204, answer.text
    page.get_by_test_id("sync-now").click()
    expect(work_item(page, "settled")).to_contain_text("已另行登记。", timeout=WAIT_MS_MAX)
    work_item(page, "settled").get_by_test_id("put-away").click()
    expect(work_item(page, "settled")).to_have_count(0)
    assert patrol in [one["id"] for one in city.client("z109").get("/patrols/open").json()["patrols"]]


def test_an_enrolled_tablet_that_is_shut_off_hands_in_its_checks_and_their_drafts(
    city: City, open_device: OpenDevice
) -> None:
    centre, device = city.client("g24"), open_device(TABLET)
    page = device.new_page()
    page.goto(str(centre.post("/devices/enrolments", json={"alias": "z109"}).json()["address"]))
    page.get_by_test_id("enrol-confirm").click()
    choose_pin(page)
    expect_phase(page, "idle")
    expect(page.get_by_test_id("village-search").get_by_role("searchbox")).to_be_visible(timeout=WAIT_MS_MAX)
    device.set_offline(True)
    expect_phase(page, "network")
    find_village(page, DIANHUTUN)
    page.get_by_test_id("check-text").fill(FOUND)
    page.get_by_test_id("save-check").click()
    expect(work_item(page, "waiting")).to_have_count(1)
    find_village(page, NEIGHBOUR)
    page.get_by_test_id("check-text").fill(ALONE)
    page.get_by_test_id("tab-patrols").click()
    expect(page.get_by_test_id(f"go-on-{NEIGHBOUR}")).to_be_visible()
    # the centre above sees how the device is, and shuts it off
    accounts = {one["alias"]: one["devices"] for one in centre.get("/devices").json()["accounts"]}
    [seen] = accounts["z109"]
    assert centre.post("/devices/revoke", json={"alias": "z109", "device": seen["device"]}).status_code == 204
    device.set_offline(False)
    expect(page.get_by_test_id("wiped")).to_be_visible(timeout=WAIT_MS_MAX)
    kept = "\n".join(one["raw"] for one in city.client("z110").get("/quarantine").json()["oldest"])
    assert FOUND in kept and ALONE in kept
    assert "z109" not in page.evaluate("JSON.stringify(localStorage)").replace("d110.wiped", "").replace('"z109"', "")


def test_the_citys_inspector_checks_in_several_counties(city: City, open_device: OpenDevice) -> None:
    device = open_device(TABLET)
    page = open_tablet(device, city, "s17")
    expect(page.get_by_test_id("village-search").get_by_role("searchbox")).to_be_visible(timeout=WAIT_MS_MAX)
    device.set_offline(True)
    for count, (village, text) in enumerate(((DIANHUTUN, FOUND), (KONGZHUANG, ALONE)), 1):
        find_village(page, village)
        page.get_by_test_id("check-text").fill(text)
        page.get_by_test_id("save-check").click()
        expect(work_item(page, "waiting")).to_have_count(count)
    page.reload()
    unlock(page, "s17")
    page.get_by_test_id("tab-work").click()
    expect(work_item(page, "waiting")).to_have_count(2)
    device.set_offline(False)
    expect(work_item(page, "sent")).to_have_count(2, timeout=WAIT_MS_MAX)
    assert [one["text"] for one in checks_in(city, DIANHUTUN)] == [FOUND]
    assert [one["text"] for one in checks_in(city, KONGZHUANG)] == [ALONE]


def test_what_arrived_long_ago_leaves_the_tablet_and_stays_with_the_gateway(
    city: City, open_device: OpenDevice
) -> None:
    page = open_tablet(open_device(TABLET), city, "z109")
    page.get_by_test_id("village-search").get_by_role("searchbox").wait_for()
    find_village(page, DIANHUTUN)
    page.get_by_test_id("check-text").fill(FOUND)
    page.get_by_test_id("save-check").click()
    expect(work_item(page, "sent")).to_have_count(1, timeout=WAIT_MS_MAX)
    # two months later, as far as the tablet knows before the first answer
    for path in ("**/below", "**/patrols/open"):
        page.route(path, lambda route: route.abort())
    page.evaluate("localStorage.setItem('d110.clock_offset_ms', String(61 * 86400000))")
    page.reload()
    unlock(page, "z109")
    expect_phase(page, "idle")
    expect(page.get_by_test_id("work-item")).to_have_count(0)
    assert [one["text"] for one in checks_in(city, DIANHUTUN)] == [FOUND]


def test_an_inspector_who_moves_hands_in_what_was_not_sent(city: City, open_device: OpenDevice) -> None:
    patrol = plan(city, "z109", TOWNSHIP, DIANHUTUN)
    device = open_device(TABLET)
    page = open_tablet(device, city, "z109")
    page.get_by_test_id(f"check-{DIANHUTUN}").wait_for()
    device.set_offline(True)
    page.get_by_test_id(f"check-{DIANHUTUN}").click()
    page.get_by_test_id("check-text").fill(FOUND)
    page.get_by_test_id("save-check").click()
    expect(work_item(page, "waiting")).to_have_count(1)
    city.move_account("z109", KONGZHUANG[:9])
    device.set_offline(False)
    page.get_by_test_id("tab-work").click()
    expect(work_item(page, "refused")).to_contain_text("交管理站核对", timeout=WAIT_MS_MAX)
    # the office of that place has it, and files it as one of its patrol
    [waiting] = city.client("z110").get("/quarantine").json()["oldest"]
    assert city.client("z110").post(f"/quarantine/{waiting['_id']}/release").status_code == 204
    assert [one["patrol"] for one in checks_in(city, DIANHUTUN)] == [patrol]
    page.get_by_test_id("sync-now").click()
    expect(work_item(page, "settled")).to_contain_text("已核对入库", timeout=WAIT_MS_MAX)
    find_village(page, KONGZHUANG)
    page.get_by_test_id("check-text").fill(ALONE)
    page.get_by_test_id("save-check").click()
    expect(work_item(page, "sent")).to_have_count(1, timeout=WAIT_MS_MAX)


@pytest.mark.parametrize("alias", ["lead", "minzheng"])
def test_who_checks_no_villages_is_shown_to_the_board(city: City, open_device: OpenDevice, alias: str) -> None:
    page = open_device(TABLET).new_page()
    page.goto(f"{city.url}/tablet/")
    log_in(page, alias)
    expect(page.get_by_role("alert")).to_contain_text("监控图版")
