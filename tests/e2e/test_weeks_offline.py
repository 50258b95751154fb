"""Days without a network, wrong clocks, killed tabs and a line that drops all the time: each ends with every event at
the gateway exactly once."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from models.calendar import LOCAL
from tests.city import DIANHUTUN, City, bulk, report, wait_until
from tests.e2e.conftest import TABLET, WAIT_MS_MAX, OpenDevice, enter_beside, unlock
from tests.e2e.test_tablet import expect_phase, fill_report, open_tablet, work_item
from tests.photos import photo

DB = "d110-371724"


def stored(city: City, alias: str) -> list[dict[str, object]]:
    """All events that an account wrote, oldest first."""
    rows = city.raw(f"{DB}/_all_docs?include_docs=true")["rows"]
    docs = [row["doc"] for row in rows if row["doc"].get("saved_at")]
    own = [one for one in docs if one["_id"].split(":")[2] == alias or one.get("author") == alias]
    return sorted(own, key=lambda one: str(one["saved_at"]))


def texts(city: City, alias: str) -> Counter[str]:
    return Counter(str(one["text"]) for one in stored(city, alias) if one["type"] == "report")


def save(page: Page, text: str) -> None:
    fill_report(page, text)
    page.get_by_test_id("save-report").click()
    expect(work_item(page, "waiting").filter(has_text=text)).to_have_count(1)


def start_cold(device: BrowserContext, city: City, alias: str, at: datetime | None = None) -> Page:
    """The tablet is switched on again; its clock says ``at``."""
    for page in device.pages:
        page.close()
    page = device.new_page()
    if at is not None:
        page.clock.set_fixed_time(at)
    page.goto(f"{city.url}/tablet/")
    unlock(page, alias)
    return page


def test_three_days_of_field_work_without_a_network_arrive_whole(city: City, open_device: OpenDevice) -> None:
    small = report(DIANHUTUN, "i0421", severity="minor", text="两家为宅基争吵")
    assert city.client("i0421").post(f"/db/{DB}/_bulk_docs", json=bulk(small)).json()[0]["ok"]
    device, now = open_device(TABLET), datetime.now(UTC)
    page = open_tablet(device, city, "a217")
    case = small["_id"].rpartition(":")[2]
    page.get_by_test_id("tab-cases").click()
    expect(page.get_by_test_id(f"case-{case}")).to_be_visible(timeout=WAIT_MS_MAX)
    device.set_offline(True)

    page = start_cold(device, city, "a217", now + timedelta(days=1))
    fill_report(page, "第一天：桥头护栏断了一段。")
    page.get_by_test_id("add-photo").set_input_files(
        [{"name": "bridge.jpg", "mimeType": "image/jpeg", "buffer": photo(900, 600)}]
    )
    expect(page.get_by_test_id("photo")).to_have_count(1)
    page.get_by_test_id("save-report").click()
    expect(work_item(page, "waiting")).to_have_count(1)
    page = start_cold(device, city, "a217", now + timedelta(days=2))
    page.get_by_test_id("new-round").click()
    page.get_by_test_id("input-1.1.4").fill("10")
    page.get_by_test_id("save-round").click()
    expect(work_item(page, "waiting")).to_have_count(2)
    page = start_cold(device, city, "a217", now + timedelta(days=3))
    page.get_by_test_id("tab-cases").click()
    page.get_by_test_id(f"case-{case}").click()
    page.get_by_test_id("do-taken").click()
    page.get_by_test_id("save-step").click()
    expect(page.get_by_test_id("entry-taken")).to_be_visible()
    save(page, "第三天：水渠堵了。")
    expect(work_item(page, "waiting")).to_have_count(4)
    expect(page.get_by_test_id("sync-held")).to_contain_text("0 / 4")

    city.clock.ahead += timedelta(days=3, minutes=5)
    device.set_offline(False)
    page.get_by_test_id("tab-work").click()
    expect(work_item(page, "sent")).to_have_count(4, timeout=WAIT_MS_MAX)
    expect(work_item(page, "sent").get_by_test_id("work-photos")).to_contain_text("1 / 1", timeout=WAIT_MS_MAX)
    found = stored(city, "a217")
    assert [one["type"] for one in found] == ["report", "round", "case", "report"]
    days = [datetime.fromisoformat(str(one["saved_at"])) - now for one in found]
    assert [round(day / timedelta(days=1)) for day in days] == [1, 2, 3, 3]


@pytest.mark.parametrize(("off", "said"), [(timedelta(days=2), "快了 2 天"), (timedelta(days=-2), "慢了 2 天")])
def test_a_clock_that_is_two_days_off_is_said_and_what_was_written_bears_the_right_time(
    city: City, open_device: OpenDevice, off: timedelta, said: str
) -> None:
    device, alias = open_device(TABLET), f"i05{off.days + 10}"
    city.add_account(alias, "informant", DIANHUTUN)
    page = device.new_page()
    page.clock.set_fixed_time(datetime.now(UTC) + off)
    page.close()
    page = open_tablet(device, city, alias)
    expect(page.get_by_test_id("sync-clock")).to_contain_text(said)
    device.set_offline(True)
    page = start_cold(device, city, alias)  # the measure is kept
    fill_report(page, "时钟不准时写的一条。")
    hour_ago = datetime.now(UTC) - timedelta(hours=1)  # by the clock on the wall, which is right
    page.get_by_test_id("report-earlier").click()
    page.get_by_test_id("report-observed").fill(hour_ago.astimezone(LOCAL).strftime("%Y-%m-%dT%H:%M"))
    page.get_by_test_id("save-report").click()
    expect(work_item(page, "waiting")).to_have_count(1)
    device.set_offline(False)
    expect(work_item(page, "sent")).to_have_count(1, timeout=WAIT_MS_MAX)
    [event] = stored(city, alias)
    assert abs(datetime.fromisoformat(str(event["saved_at"])) - datetime.now(UTC)) < timedelta(minutes=5)
    assert abs(datetime.fromisoformat(str(event["observed_at"])) - hour_ago) < timedelta(minutes=2)
    assert abs(int(str(event["clock_offset_ms"])) + off / timedelta(milliseconds=1)) < 300_000


def test_a_clock_that_lost_its_power_is_said_and_stands_at_the_last_word_of_the_gateway(
    city: City, open_device: OpenDevice
) -> None:
    device, alias = open_device(TABLET), city.add_account("i0561", "informant", DIANHUTUN)
    page = open_tablet(device, city, alias)
    expect(page.locator("[data-testid=sync][data-phase=idle]")).to_be_visible()
    device.set_offline(True)
    page = start_cold(device, city, alias, datetime(2019, 1, 1, tzinfo=UTC))
    expect(page.get_by_test_id("sync-clock")).to_contain_text("早于上次同步的时间")
    save(page, "电池用尽之后写的一条。")
    device.set_offline(False)
    page.get_by_test_id("tab-work").click()
    expect(work_item(page, "sent")).to_have_count(1, timeout=WAIT_MS_MAX)
    [event] = stored(city, alias)
    assert abs(datetime.fromisoformat(str(event["saved_at"])) - datetime.now(UTC)) < timedelta(minutes=5)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_tab_that_is_killed_in_the_midst_of_saving_has_saved_it_or_kept_it_in_the_form(
    city: City, open_device: OpenDevice, moment: str
) -> None:
    """``before``: as soon as saving has begun; ``after``: once it is written, and the form does not know it yet."""
    device, text = open_device(TABLET), f"保存到一半断电（{moment}）。"
    alias = city.add_account({"before": "i0531", "after": "i0532"}[moment], "informant", DIANHUTUN)
    page = open_tablet(device, city, alias)
    device.set_offline(True)
    fill_report(page, text)
    page.evaluate(UNTIL[moment])
    page = start_cold(device, city, alias)
    page.get_by_test_id("new-report").click()
    expect(page.get_by_test_id("report-text")).to_have_value("" if moment == "after" else text)
    if moment == "before":
        page.get_by_test_id("save-report").click()
    page.get_by_test_id("tab-work").click()
    expect(work_item(page, "waiting").filter(has_text=text)).to_have_count(1)
    device.set_offline(False)
    expect(work_item(page, "sent").filter(has_text=text)).to_have_count(1, timeout=WAIT_MS_MAX)
    assert texts(city, alias) == {text: 1}


#: Presses the button, lets the page come no further than to the moment, and resolves then: the tab is to be killed.
UNTIL = {
    "before": """() => new Promise((resolve) => {
        addEventListener('unhandledrejection', (event) => event.preventDefault());
        IDBDatabase.prototype.transaction = () => {
            resolve();
            throw new DOMException('killed', 'AbortError');
        };
        document.querySelector('[data-testid=save-report]').click();
    })""",
    "after": """() => new Promise((resolve) => {
        addEventListener('unhandledrejection', (event) => event.preventDefault());
        const { setItem } = Storage.prototype;
        Storage.prototype.setItem = function (key, value) {
            if (!/^\\d+:$/.test(value)) return setItem.call(this, key, value);
            resolve();  // it is about to be put away
            throw new DOMException('killed', 'AbortError');
        };
        document.querySelector('[data-testid=save-report]').click();
    })""",
}


@pytest.mark.parametrize("lost", ["_bulk_docs", "_pull"])
def test_a_tab_that_is_killed_while_it_synchronises_sends_nothing_twice(
    city: City, open_device: OpenDevice, lost: str
) -> None:
    """The gateway has stored it, and either its answer or the receipt has not come when the tab is killed."""
    device, text = open_device(TABLET), f"同步到一半断电（{lost}）。"
    alias = city.add_account(f"i052{len(lost)}", "informant", DIANHUTUN)
    page = open_tablet(device, city, alias)
    device.set_offline(True)
    save(page, text)
    held: list[Route] = []

    def hold(route: Route) -> None:
        if lost == "_bulk_docs":
            route.fetch()
        held.append(route)

    page.route(f"**/{lost}", hold)
    device.set_offline(False)
    wait_until(lambda: bool(page.title() and held and texts(city, alias)))  # the page's requests go on meanwhile
    assert texts(city, alias) == {text: 1}
    expect(work_item(page, "waiting")).to_have_count(1)
    page = start_cold(device, city, alias)
    page.get_by_test_id("tab-work").click()
    expect(work_item(page, "sent").filter(has_text=text)).to_have_count(1, timeout=WAIT_MS_MAX)
    assert texts(city, alias) == {text: 1}


def test_all_comes_through_a_line_that_drops_all_the_time(city: City, open_device: OpenDevice) -> None:
    device = open_device(TABLET)
    page = open_tablet(device, city, "i0422")
    device.set_offline(True)
    written = {f"断断续续的第 {number} 条。": 1 for number in range(3)}
    for text in written:
        save(page, text)
    fill_report(page, "断断续续，带照片。")
    page.get_by_test_id("add-photo").set_input_files(
        [{"name": "one.jpg", "mimeType": "image/jpeg", "buffer": photo(900, 600)}]
    )
    expect(page.get_by_test_id("photo")).to_have_count(1)
    page.get_by_test_id("save-report").click()
    expect(work_item(page, "waiting")).to_have_count(4)
    luck, dropped = Random(110), 0

    def drop(route: Route) -> None:
        """Of some requests the answer is lost, some never come, and the others get through."""
        nonlocal dropped
        if (fate := luck.randrange(3)) == 0:
            return route.continue_()
        if fate == 1:
            route.fetch()
        dropped += 1
        return route.abort()

    for pattern in ("**/_bulk_docs", "**/_pull", "**/photos/**"):
        page.route(pattern, drop)
    device.set_offline(False)
    done = work_item(page, "sent").filter(has_text="1 / 1")

    def is_through() -> bool:
        page.evaluate("dispatchEvent(new Event('online'))")  # as it is each time that the line comes back
        return work_item(page, "sent").count() == 4 and done.count() == 1

    wait_until(is_through)
    assert dropped > 2
    assert texts(city, "i0422") == written | {"断断续续，带照片。": 1}


def test_two_people_on_one_tablet_each_send_their_own(city: City, open_device: OpenDevice) -> None:
    device = open_device(TABLET)
    page = open_tablet(device, city, "i0421")
    page.get_by_test_id("lock").click()
    enter_beside(page, "i0423")
    expect_phase(page, "idle")
    device.set_offline(True)
    save(page, "第二个人写的。")
    page.get_by_test_id("lock").click()
    unlock(page, "i0421")
    save(page, "第一个人写的。")
    page = start_cold(device, city, "i0421")
    device.set_offline(False)
    page.get_by_test_id("tab-work").click()
    expect(work_item(page, "sent").filter(has_text="第一个人写的。")).to_have_count(1, timeout=WAIT_MS_MAX)
    expect(page.get_by_text("第二个人写的。")).to_have_count(0)
    assert "第二个人写的。" not in texts(city, "i0423")
    page.get_by_test_id("lock").click()
    unlock(page, "i0423")
    page.get_by_test_id("tab-work").click()
    expect(work_item(page, "sent").filter(has_text="第二个人写的。")).to_have_count(1, timeout=WAIT_MS_MAX)
    assert (texts(city, "i0421")["第一个人写的。"], texts(city, "i0423")["第二个人写的。"]) == (1, 1)
