"""What lies on a tablet is its people's alone: sealed under a PIN, locked when nobody touches it."""

from __future__ import annotations

import json
import os
import signal
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page, expect

from jobs.benchmarks.chromium import FLAGS, find_chromium
from tests.city import DIANHUTUN, City, report, wait_until
from tests.e2e.conftest import PIN, TABLET, WAIT_MS_MAX, OpenDevice, choose_pin, enter, log_in, unlock
from tests.e2e.test_tablet import expect_phase, fill_report, open_tablet, work_item
from tests.photos import photo

DATABASE: Final = f"d110-{DIANHUTUN[:6]}"
POUCHDB: Final = (
    Path(__file__).parents[2] / "sync_api" / "embedded" / "node_modules" / "pouchdb" / "dist" / "pouchdb.min.js"
)

#: All that the browser holds, as text: databases with their binary parts, and localStorage.
_HELD: Final = """async () => {
    const texts = [JSON.stringify(localStorage)];
    const decoder = new TextDecoder('latin1');
    for (const { name } of await indexedDB.databases()) {
        const database = await new Promise((resolve, reject) => {
            const asked = indexedDB.open(name);
            asked.onsuccess = () => resolve(asked.result);
            asked.onerror = reject;
        });
        for (const table of database.objectStoreNames) {
            const asked = database.transaction(table).objectStore(table).getAll();
            await new Promise((resolve) => { asked.onsuccess = resolve; });
            for (const one of asked.result) {
                texts.push(JSON.stringify(one));
                if (one.body instanceof Blob) texts.push(decoder.decode(await one.body.arrayBuffer()));
            }
        }
        database.close();
    }
    return texts.join();
}"""
#: What a former version of the page left: a log-in, a draft, a report that waits and one that came from the gateway.
_LEAVE: Final = """async ([database, alias, session, waiting, held]) => {
    const db = new PouchDB(`d110:${alias}:${database}`, { auto_compaction: true });
    await db.bulkDocs([held], { new_edits: false });
    await db.put({ _id: '_local/outbox', waiting: [waiting._id], refused: {} });
    await db.put(waiting);
    await db.close();
    const photos = new PouchDB(`d110-photos:${alias}`, { auto_compaction: true });
    await photos.close();
    localStorage.setItem('d110.tablet.session', JSON.stringify(session));
    const draft = { indicator: '4.3.1', severity: '', text: '旧版草稿的内容', place: '', isEarlier: false };
    localStorage.setItem(`d110.draft.${alias}.report`, JSON.stringify({ ...draft, observed: '', photos: [] }));
}"""


def held(page: Page) -> str:
    text: str = page.evaluate(_HELD)
    return text


def test_nothing_that_somebody_wrote_can_be_read_on_a_tablet_without_their_pin(
    city: City, open_device: OpenDevice
) -> None:
    device = open_device(TABLET)
    page = open_tablet(device, city, "i0421")
    device.set_offline(True)
    fill_report(page, "封存的一件事")
    picture = {"name": "wall.jpg", "mimeType": "image/jpeg", "buffer": photo(900, 700)}
    page.get_by_test_id("add-photo").set_input_files([picture])
    expect(page.get_by_test_id("photo")).to_have_count(1)
    page.get_by_test_id("save-report").click()
    expect(work_item(page, "waiting")).to_have_count(1)
    fill_report(page, "没有写完的另一件事")
    page.get_by_test_id("lock").click()
    expect(page.get_by_test_id("people")).to_be_visible()
    found = held(page)
    for secret in ("封存的一件事", "另一件事", "JFIF", "access_token", PIN):
        assert secret not in found, secret
    assert f"{DIANHUTUN}:report:i0421:" in found  # ids lie open

    page.get_by_test_id("person-i0421").click()
    for _ in range(5):
        page.get_by_test_id("pin-digits").fill("314159")
        page.get_by_test_id("pin-submit").click()
        expect(page.get_by_test_id("pin-fault")).to_be_visible()
        expect(page.get_by_test_id("pin-digits")).to_have_value("")
    expect(page.get_by_test_id("pin-fault")).to_contain_text("试错次数过多")
    page.get_by_test_id("pin-digits").fill(PIN)  # nor is the right one taken now
    page.get_by_test_id("pin-submit").click()
    expect(page.get_by_test_id("pin-fault")).to_contain_text("试错次数过多")
    page.clock.install()
    page.clock.fast_forward("01:00:01")
    page.get_by_test_id("pin-digits").fill(PIN)
    page.get_by_test_id("pin-submit").click()
    expect(page.get_by_test_id("report-text")).to_have_count(0)
    page.get_by_test_id("tab-work").click()
    expect(work_item(page, "waiting")).to_contain_text("封存的一件事")
    page.get_by_test_id("new-report").click()
    expect(page.get_by_test_id("report-text")).to_have_value("没有写完的另一件事")


@pytest.mark.parametrize(
    ("pin", "again", "fault"),
    [
        *((pin, pin, "6 至 12 位") for pin in ("12345", "111111", "987654", "abcdef")),
        ("271828", "271829", "不一样"),
    ],
)
def test_a_pin_that_is_guessed_first_or_mistyped_is_not_taken(
    city: City, open_device: OpenDevice, pin: str, again: str, fault: str
) -> None:
    page = open_device(TABLET).new_page()
    page.goto(f"{city.url}/tablet/")
    log_in(page, "i0421")
    page.get_by_test_id("pin-digits").fill(pin)
    page.get_by_test_id("pin-again").fill(again)
    page.get_by_test_id("pin-submit").click()
    expect(page.get_by_test_id("pin-fault")).to_contain_text(fault)
    choose_pin(page)
    expect_phase(page, "idle")


def test_a_tablet_that_nobody_touches_is_locked_and_its_draft_is_there_afterwards(
    city: City, open_device: OpenDevice
) -> None:
    page = open_device(TABLET).new_page()
    page.clock.install()
    page.goto(f"{city.url}/tablet/")
    enter(page, "i0421")
    expect_phase(page, "idle")
    fill_report(page, "放下平板之前写的")
    page.clock.fast_forward("04:30")
    expect(page.get_by_test_id("report-text")).to_be_visible()
    page.get_by_test_id("report-text").press("End")  # a touch
    page.clock.fast_forward("04:30")
    expect(page.get_by_test_id("report-text")).to_be_visible()
    page.clock.fast_forward("01:00")
    expect(page.get_by_test_id("people")).to_be_visible()
    unlock(page, "i0421")
    expect(page.get_by_test_id("report-text")).to_have_value("放下平板之前写的")


def test_who_forgot_the_pin_is_told_what_is_lost_and_begins_anew(city: City, open_device: OpenDevice) -> None:
    device = open_device(TABLET)
    page = open_tablet(device, city, "i0422")
    fill_report(page, "已经上报的一件事")
    page.get_by_test_id("save-report").click()
    expect(work_item(page, "sent")).to_have_count(1)
    device.set_offline(True)
    fill_report(page, "还没上报的一件事")
    page.get_by_test_id("save-report").click()
    expect(work_item(page, "waiting")).to_have_count(1)
    page.get_by_test_id("lock").click()
    page.get_by_test_id("person-i0422").click()
    page.get_by_test_id("pin-forgot").click()
    asked = page.locator(".van-dialog")
    expect(asked).to_contain_text("1 条")
    asked.get_by_role("button", name="再想想").click()
    expect(page.get_by_test_id("pin-digits")).to_be_visible()
    page.get_by_test_id("pin-forgot").click()
    asked.get_by_role("button", name="清除，重新登录").click()
    expect(page.get_by_test_id("login-alias")).to_be_visible()
    assert "i0422" not in page.evaluate("JSON.stringify(localStorage)")
    device.set_offline(False)
    enter(page, "i0422")
    expect_phase(page, "idle")
    page.get_by_test_id("tab-work").click()
    expect(work_item(page, "sent").filter(has_text="已经上报的一件事")).to_have_count(1)
    expect(page.get_by_text("还没上报的一件事")).to_have_count(0)


def test_what_a_former_version_of_the_page_left_is_sealed_and_sent(city: City, open_device: OpenDevice) -> None:
    at = datetime.now(UTC)
    waiting = report(DIANHUTUN, "i0423", at=at, text="旧版没来得及上报的一件事")
    sent = report(DIANHUTUN, "i0423", at=at, text="旧版已经上报的一件事")
    client = city.client("i0423")
    [row] = client.post(f"/db/{DATABASE}/_bulk_docs", json={"docs": [sent], "new_edits": False}).json()
    device = open_device(TABLET)
    page = device.new_page()
    page.goto(f"{city.url}/tablet/")
    with page.expect_response("**/auth/login") as answered:
        log_in(page, "i0423")
    session: dict[str, Any] = answered.value.json()
    page.goto(f"{city.url}/schema/openapi.json")  # the same origin without the page
    page.evaluate(POUCHDB.read_text(encoding="utf-8"))
    page.evaluate(_LEAVE, [DATABASE, "i0423", session, waiting, sent | {"_rev": row["rev"]}])
    assert "旧版没来得及上报的一件事" in held(page)

    page.goto(f"{city.url}/tablet/")
    choose_pin(page)
    expect_phase(page, "idle")
    page.get_by_test_id("tab-work").click()
    for text in ("旧版没来得及上报的一件事", "旧版已经上报的一件事"):
        expect(work_item(page, "sent").filter(has_text=text)).to_have_count(1, timeout=WAIT_MS_MAX)
    assert city.raw(f"{DATABASE}/{waiting['_id']}")["text"] == "旧版没来得及上报的一件事"
    page.get_by_test_id("new-report").click()
    expect(page.get_by_test_id("report-text")).to_have_value("旧版草稿的内容")
    wait_until(lambda: not any(text in held(page) for text in ("旧版", json.dumps("旧版")[1:-1], "access_token")))


def test_what_a_newer_version_of_the_page_saved_is_left_alone(city: City, open_device: OpenDevice) -> None:
    page = open_tablet(open_device(TABLET), city, "i0421")
    page.goto(f"{city.url}/schema/openapi.json")
    page.evaluate(POUCHDB.read_text(encoding="utf-8"))
    page.evaluate(
        """async (name) => {
            const db = new PouchDB(name);
            await db.put({ ...(await db.get('_local/form')), form: 99 });
            await db.close();
        }""",
        f"d110:i0421:{DATABASE}",
    )
    page.goto(f"{city.url}/tablet/")
    unlock(page, "i0421")
    expect(page.get_by_test_id("newer")).to_be_visible()


#: Whether what lies in localStorage has come to the disk, too.
_ON_DISK: Final = """async (key) => {
    const asked = indexedDB.open('d110-copies');
    const database = await new Promise((resolve) => { asked.onsuccess = () => resolve(asked.result); });
    const found = database.transaction('copies').objectStore('copies').get(key);
    await new Promise((resolve) => { found.onsuccess = resolve; });
    database.close();
    return found.result?.text === localStorage.getItem(key);
}"""


def test_words_and_what_was_put_away_outlive_a_browser_that_is_killed_as_a_whole(
    city: City, browser: Browser, tmp_path: Path
) -> None:
    """A browser takes localStorage to its disk seconds late, if it is not killed before."""

    path = find_chromium(os.environ.get("D110_CHROMIUM"))

    def start() -> Page:
        context = browser.browser_type.launch_persistent_context(
            tmp_path, executable_path=path, args=FLAGS, viewport=TABLET, locale="zh-CN"
        )
        page = context.new_page()
        page.goto(f"{city.url}/tablet/")
        return page

    def kill(page: Page, key: str) -> None:
        wait_until(lambda: page.evaluate(_ON_DISK, f"d110.sealed.i0423.{key}"))
        mine = f"--user-data-dir={tmp_path}"
        [process] = [
            int(found.parent.name)
            for found in Path("/proc").glob("[0-9]*/cmdline")
            if mine in (words := found.read_bytes().decode().split("\0")) and not any("--type=" in w for w in words)
        ]
        with page.context.expect_event("close"):
            os.kill(process, signal.SIGKILL)

    page = start()
    enter(page, "i0423")
    expect_phase(page, "idle")
    fill_report(page, "一字不漏")
    kill(page, "draft.report")
    page = start()
    unlock(page, "i0423")
    page.get_by_test_id("new-report").click()
    expect(page.get_by_test_id("report-text")).to_have_value("一字不漏")
    page.get_by_test_id("save-report").click()
    expect(work_item(page, "sent").filter(has_text="一字不漏")).to_have_count(1)
    kill(page, "draft.report")
    page = start()
    unlock(page, "i0423")
    page.get_by_test_id("new-report").click()
    expect(page.get_by_test_id("report-text")).to_have_value("")  # what was sent is not written once more
    page.context.close()
