"""A tablet whose storage runs short, in a real Chromium: what is safely with the gateway leaves it, oldest first; where
the browser itself refuses to write, nothing is called saved."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect, sync_playwright

from jobs.benchmarks.chromium import FLAGS, find_chromium
from tests.city import DIANHUTUN, City, all_clear, bulk, case_event, report, round_of
from tests.e2e.conftest import TABLET, WAIT_MS_MAX, OpenDevice, enter
from tests.e2e.test_tablet import expect_phase, fill_report, work_item
from tests.photos import photo

DB = "d110-371724"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One that tells its pages the quota that it keeps to, not the same for all."""
    with sync_playwright() as playwright:
        path = find_chromium(os.environ.get("D110_CHROMIUM"))
        flags = [*FLAGS, "--disable-features=StaticStorageQuota"]
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()


Allow = Callable[[int | None], None]


def limited(device: BrowserContext, city: City) -> tuple[Page, Allow]:
    """A page, and what sets how many bytes the browser lets the city's pages store; it looks at that when they first
    store something, and then each half minute at most."""
    page = device.new_page()
    page.goto(f"{city.url}/health")
    session = device.new_cdp_session(page)

    def allow(most: int | None) -> None:
        said: dict[str, Any] = {} if most is None else {"quotaSize": most}
        session.send("Storage.overrideQuotaForOrigin", {"origin": city.url, **said})

    return page, allow


#: Stores until there is no room for another kilobyte.
FILL = """async () => {
    const open = indexedDB.open('ballast', 1);
    open.onupgradeneeded = () => open.result.createObjectStore('all', { autoIncrement: true });
    const db = await new Promise((done) => { open.onsuccess = () => done(open.result); });
    const fits = (size) => new Promise((done) => {
        const writing = db.transaction('all', 'readwrite');
        const bytes = new Uint8Array(size);
        for (let at = 0; at < size; at += 65536) crypto.getRandomValues(bytes.subarray(at, at + 65536));
        writing.objectStore('all').put(bytes);
        writing.oncomplete = () => done(true);
        writing.onabort = () => done(false);
    });
    for (let size = 1 << 20; size >= 1 << 8; size >>= 1) while (await fits(size));
    db.close();
}"""


def used(page: Page) -> int:
    return int(page.evaluate("navigator.storage.estimate().then((one) => one.usage)"))


def ago(days: int) -> datetime:
    return datetime.now(UTC) - timedelta(days=days)


def here(page: Page) -> set[str]:
    """The ids of the events that lie on the tablet."""
    ids = page.evaluate(
        """async () => {
            const found = await indexedDB.databases();
            const name = found.map((one) => one.name).find((one) => one.startsWith('_pouch_d110:a217'));
            const open = indexedDB.open(name);
            const db = await new Promise((done) => { open.onsuccess = () => done(open.result); });
            const all = db.transaction('document-store').objectStore('document-store').getAll();
            const rows = await new Promise((done) => { all.onsuccess = () => done(all.result); });
            db.close();
            return rows.filter((row) => row.deletedOrLocal === '0').map((row) => row.id);
        }"""
    )
    return set(ids)


def sync_now(page: Page) -> None:
    page.get_by_test_id("sync-now").click()
    expect(page.get_by_test_id("sync-outcome")).to_be_visible(timeout=WAIT_MS_MAX)


def without_a_receipt(route: Route) -> None:
    """All goes well, as far as the tablet can see, but nothing comes of it."""
    docs = json.loads(gzip.decompress(route.request.post_data_buffer or b""))["docs"]
    route.fulfill(json=[{"id": one["_id"], "ok": True} for one in docs])


def test_the_oldest_months_leave_a_tablet_that_runs_full_and_nothing_that_is_needed_or_unsent(
    city: City, open_device: OpenDevice
) -> None:
    first = round_of(DIANHUTUN, "a217", {"1.1.4": 10}, at=ago(200))
    second = round_of(DIANHUTUN, "a217", {"1.1.4": 11}, at=ago(130))
    last = round_of(DIANHUTUN, "a217", {"1.1.4": 12}, at=ago(100))
    still_open = report(DIANHUTUN, "a217", at=ago(190))
    closed = report(DIANHUTUN, "i0421", at=ago(195))
    case = closed["_id"].rpartition(":")[2]
    steps = [case_event(DIANHUTUN, case, "a217", "submitted", done="已公布"), *all_clear(DIANHUTUN, case, "z109")]
    for age, step in zip((171, 170, 169), steps, strict=True):
        at = round_of(DIANHUTUN, "a217", {}, at=ago(age))
        step |= {"_id": f"{step['_id'][:-26]}{at['_id'][-26:]}"}
        step |= {"observed_at": at["saved_at"], "saved_at": at["saved_at"]}
    for document in (closed, *steps):
        assert httpx.put(f"{city.store.url}/{DB}/{document['_id']}", json=document).status_code == 201
    rows = city.client("a217").post(f"/db/{DB}/_bulk_docs", json=bulk(first, second, last, still_open)).json()
    assert all(row["ok"] for row in rows), rows
    page, allow = limited(open_device(TABLET), city)
    page.goto(f"{city.url}/tablet/")
    enter(page, "a217")
    expect_phase(page, "idle")
    page.get_by_test_id("tab-work").click()
    events = {one["_id"] for one in (first, second, last, still_open, closed, *steps)}
    assert events <= here(page)
    expect(page.get_by_test_id("room")).to_contain_text("MB")
    expect(page.get_by_test_id("taken-off")).to_have_count(0)

    page.route("**/_bulk_docs", without_a_receipt)
    fill_report(page, "存储快满时写的，还没有上报。")
    page.get_by_test_id("save-report").click()
    unsent = str(work_item(page, "waiting").get_attribute("data-id"))
    allow(int(used(page) / 0.9))  # what the data base tidies up by itself leaves it full
    months = [{first["_id"]}, {closed["_id"], *(step["_id"] for step in steps)}, {second["_id"]}]
    in_order = [set[str]().union(*months[:count]) for count in range(4)]
    gone = set[str]()
    while gone != in_order[-1]:
        sync_now(page)
        expect(page.get_by_test_id("sync-room")).to_contain_text("已从本机移走")
        gone = events - here(page)
        assert gone in in_order[1:]
    events -= gone
    sync_now(page)
    assert events | {unsent} <= here(page)  # what is needed stays, however full it is
    expect(page.get_by_test_id("taken-off")).to_contain_text("6 条")
    expect(work_item(page, "waiting")).to_have_count(1)

    allow(None)
    page.unroute("**/_bulk_docs")
    sync_now(page)
    expect(work_item(page, "sent").filter(has_text="存储快满时写的")).to_have_count(1, timeout=WAIT_MS_MAX)
    assert not {first["_id"], second["_id"], closed["_id"]} & here(page)  # the pull does not bring them back
    stored = {row["id"] for row in city.raw(f"{DB}/_all_docs")["rows"]}
    assert events | {first["_id"], second["_id"], closed["_id"], unsent} <= stored


def test_what_the_browser_refuses_to_write_stays_in_its_form_and_is_not_called_saved(
    city: City, open_device: OpenDevice
) -> None:
    page, allow = limited(open_device(TABLET), city)
    allow(8_000_000)
    page.goto(f"{city.url}/tablet/")
    enter(page, "i0422")
    expect_phase(page, "idle")
    text = "存储已满时写的一条。" * 40
    fill_report(page, text)
    page.evaluate(FILL)
    allow(1)  # the browser tidies up by itself, and would find some room again
    page.get_by_test_id("add-photo").set_input_files(
        [{"name": "full.jpg", "mimeType": "image/jpeg", "buffer": photo(900, 600)}]
    )
    expect(page.get_by_test_id("photo-fault")).to_be_visible()
    page.get_by_test_id("save-report").click()
    expect(page.get_by_role("alert").filter(has_text="没有保存成功")).to_be_visible()
    expect(page.get_by_test_id("report-text")).to_have_value(text)
    page.get_by_test_id("tab-work").click()
    expect(page.get_by_test_id("work-item").filter(has_text="存储已满时写的")).to_have_count(0)

    allow(None)  # as they were told, they made room
    page.get_by_test_id("new-report").click()
    expect(page.get_by_test_id("report-text")).to_have_value(text)
    page.get_by_test_id("save-report").click()
    expect(work_item(page, "sent").filter(has_text="存储已满时写的")).to_have_count(1, timeout=WAIT_MS_MAX)
    expect_phase(page, "idle")
    stored = [row["id"] for row in city.raw(f"{DB}/_all_docs")["rows"] if ":report:i0422:" in row["id"]]
    assert len(stored) == 1
