"""A tablet whose disk or browser fails in parts, in a real Chromium: what is whole goes on, and what is not is said."""

from __future__ import annotations

from typing import Any, Final

import pytest
from playwright.sync_api import Page, expect

from tests.city import City
from tests.e2e.conftest import TABLET, WAIT_MS_MAX, OpenDevice, unlock
from tests.e2e.test_tablet import expect_phase, fill_report, open_tablet, work_item
from tests.e2e.test_vault import POUCHDB
from tests.photos import photo

#: Changes a sign in what documents say, as a failing disk does, by the start of their ids; how many it met.
_DAMAGE: Final = """async ([alias, starts]) => {
    const all = await indexedDB.databases();
    const { name } = all.find((one) => one.name.startsWith(`_pouch_d110:${alias}:`));
    const open = indexedDB.open(name);
    const db = await new Promise((done) => { open.onsuccess = () => done(open.result); });
    const writing = db.transaction('by-sequence', 'readwrite');
    let met = 0;
    writing.objectStore('by-sequence').openCursor().onsuccess = ({ target: { result } }) => {
        if (!result) return;
        const { sealed, _doc_id_rev: id } = result.value;
        if (sealed && starts.some((start) => id.startsWith(start))) {
            met += 1;
            const changed = sealed[40] === 'A' ? 'B' : 'A';
            result.update({ ...result.value, sealed: sealed.slice(0, 40) + changed + sealed.slice(41) });
        }
        result.continue();
    };
    await new Promise((done) => { writing.oncomplete = done; });
    db.close();
    return met;
}"""


def damage(page: Page, alias: str, *starts: str) -> int:
    met: int = page.evaluate(_DAMAGE, [alias, list(starts)])
    return met


def save(page: Page, text: str) -> str:
    """The id of a report that was written without a network."""
    fill_report(page, text)
    page.get_by_test_id("save-report").click()
    item = work_item(page, "waiting").filter(has_text=text)
    expect(item).to_have_count(1)
    return str(item.get_attribute("data-id"))


def test_one_damaged_document_keeps_nothing_else_back_and_comes_again_where_the_gateway_has_it(
    city: City, open_device: OpenDevice
) -> None:
    device = open_device(TABLET)
    page = open_tablet(device, city, "i0421")
    fill_report(page, "网关已有的一条。")
    page.get_by_test_id("save-report").click()
    held = work_item(page, "sent").filter(has_text="网关已有的")
    expect(held).to_have_count(1, timeout=WAIT_MS_MAX)
    device.set_offline(True)
    known = str(held.get_attribute("data-id"))
    lost, whole = save(page, "将要损坏的一条。"), save(page, "完好的一条。")
    page.get_by_test_id("lock").click()
    assert damage(page, "i0421", known, lost) == 2

    unlock(page, "i0421")
    page.get_by_test_id("tab-work").click()
    expect(work_item(page, "waiting")).to_have_count(1)
    expect(held).to_have_count(0)
    said = page.get_by_test_id("sync-damaged")
    expect(said.first).to_contain_text("2 条内容损坏")
    expect(said.nth(1)).to_contain_text("1 条还没有上报")

    device.set_offline(False)
    expect(page.locator(f"[data-id='{whole}'][data-state=sent]")).to_have_count(1, timeout=WAIT_MS_MAX)
    expect(said.first).to_contain_text("1 条内容损坏", timeout=WAIT_MS_MAX)
    expect(held).to_have_count(1)  # it has come again
    expect_phase(page, "idle")
    expect(page.get_by_test_id("sync-waiting")).to_have_count(0)
    page.reload()
    unlock(page, "i0421")
    expect_phase(page, "idle")
    expect(said.nth(1)).to_contain_text("1 条还没有上报")  # nor is it forgotten
    page.get_by_test_id("switch-language").click()
    expect(said.first).to_contain_text("Damaged on this tablet")


def test_a_damaged_draft_is_said_and_the_pin_still_opens(city: City, open_device: OpenDevice) -> None:
    page = open_tablet(open_device(TABLET), city, "i0422")
    fill_report(page, "草稿，将要损坏。")
    page.get_by_test_id("lock").click()
    expect(page.get_by_test_id("people")).to_be_visible()
    page.evaluate("localStorage.setItem('d110.sealed.i0422.draft.report', '9999:*damaged*')")  # later than its copy
    unlock(page, "i0422")
    expect(page.get_by_test_id("sync-damaged").first).to_contain_text("1 份草稿或设置损坏")
    page.get_by_test_id("new-report").click()
    expect(page.get_by_test_id("report-text")).to_have_value("")
    fill_report(page, "重新写的一条。")
    page.get_by_test_id("save-report").click()
    expect(work_item(page, "sent").filter(has_text="重新写的")).to_have_count(1, timeout=WAIT_MS_MAX)


#: Notes the connections of a page to its databases, for the browser to close them.
_NOTE: Final = """(() => {
    globalThis.connections = [];
    const open = indexedDB.open.bind(indexedDB);
    indexedDB.open = (...named) => {
        const asked = open(...named);
        asked.addEventListener('success', () => connections.push(asked.result));
        return asked;
    };
})()"""
_CLOSE: Final = """() => {
    for (const one of connections) { one.close(); one.dispatchEvent(new Event('close')); }
}"""
#: From now on no database opens, until the page is loaded anew.
_BREAK: Final = """() => {
    for (const one of connections) one.close();
    const open = IDBFactory.prototype.open;
    indexedDB.open = (name) => open.call(indexedDB, name, 1);
}"""


@pytest.mark.parametrize("is_online", [True, False])
def test_a_connection_that_the_browser_closed_is_opened_again_and_nothing_is_lost(
    city: City, open_device: OpenDevice, is_online: bool
) -> None:
    device = open_device(TABLET)
    device.add_init_script(_NOTE)
    page = open_tablet(device, city, "i0423")
    device.set_offline(not is_online)
    text = f"连接断开时写的一条，{'有' if is_online else '没有'}网络。"
    fill_report(page, text)
    page.evaluate(_CLOSE)
    page.get_by_test_id("save-report").click()
    item = page.get_by_test_id("work-item").filter(has_text=text)
    expect(item).to_have_count(1)
    device.set_offline(False)
    expect(item).to_have_attribute("data-state", "sent", timeout=WAIT_MS_MAX)
    expect_phase(page, "idle")  # one that is closed twice while it is opened again is loaded anew
    page.evaluate(_CLOSE)
    page.get_by_test_id("sync-now").click()
    expect(page.get_by_test_id("sync-outcome")).to_be_visible(timeout=WAIT_MS_MAX)


def test_where_no_connection_serves_any_more_the_page_is_loaded_anew_with_its_draft(
    city: City, open_device: OpenDevice
) -> None:
    device = open_device(TABLET)
    device.add_init_script(_NOTE)
    page = open_tablet(device, city, "i0423")
    device.set_offline(True)
    text = "数据库打不开时写的一条。"
    fill_report(page, text)
    page.evaluate(_BREAK)
    page.get_by_test_id("save-report").click()
    expect(page.get_by_test_id("people")).to_be_visible(timeout=WAIT_MS_MAX)
    unlock(page, "i0423")
    page.get_by_test_id("new-report").click()
    expect(page.get_by_test_id("report-text")).to_have_value(text)
    page.get_by_test_id("save-report").click()
    expect(work_item(page, "waiting").filter(has_text=text)).to_have_count(1)


@pytest.mark.parametrize(("is_granted", "word"), [(True, "已答应"), (False, "没有答应")])
def test_whether_the_browser_keeps_what_lies_here_is_asked_and_said(
    city: City, open_device: OpenDevice, is_granted: bool, word: str
) -> None:
    device = open_device(TABLET)
    if is_granted:
        session = device.new_cdp_session(device.new_page())
        context = session.send("Target.getTargetInfo")["targetInfo"]["browserContextId"]
        asked: dict[str, Any] = {"origin": city.url, "permissions": ["durableStorage"], "browserContextId": context}
        session.send("Browser.grantPermissions", asked)
    page = open_tablet(device, city, "i0422")
    page.get_by_test_id("tab-work").click()
    expect(page.get_by_test_id("keeps")).to_contain_text(word)


def test_asking_in_a_tab_that_does_not_synchronise_makes_the_other_one(city: City, open_device: OpenDevice) -> None:
    device = open_device(TABLET)
    first = open_tablet(device, city, "i0422")
    second = device.new_page()
    second.goto(f"{city.url}/tablet/")
    unlock(second, "i0422")
    expect_phase(second, "elsewhere")
    with first.expect_request("**/_pull"):
        second.get_by_test_id("sync-now").click()
    expect(second.get_by_test_id("sync-passed-on")).to_be_visible()


_ORPHAN: Final = "f" * 64
_PHOTOS: Final = """async ([alias, orphan]) => {
    const db = new PouchDB(`d110-photos:${alias}`, { auto_compaction: true });
    if (orphan) await db.put({ _id: orphan, kind: 'image/webp' });
    const { rows } = await db.allDocs();
    await db.close();
    return rows.map(({ id }) => id);
}"""


def photos_here(page: Page, alias: str, orphan: str = "") -> set[str]:
    page.add_script_tag(path=POUCHDB)
    return set(page.evaluate(_PHOTOS, [alias, orphan]))


def add_photo(page: Page, width: int) -> None:
    picture = {"name": "wall.jpg", "mimeType": "image/jpeg", "buffer": photo(width, 600)}
    page.get_by_test_id("add-photo").set_input_files([picture])
    expect(page.get_by_test_id("photo")).to_have_count(1)


def test_a_photo_that_nothing_names_leaves_the_tablet_but_not_while_another_tab_may_name_it(
    city: City, open_device: OpenDevice
) -> None:
    device = open_device(TABLET)
    page = open_tablet(device, city, "i0421")
    device.set_offline(True)
    fill_report(page, "带照片的一条，没有网络。")
    add_photo(page, 800)
    page.get_by_test_id("save-report").click()
    expect(work_item(page, "waiting").filter(has_text="带照片的一条")).to_have_count(1)
    fill_report(page, "带照片的草稿。")
    add_photo(page, 900)
    named = photos_here(page, "i0421")
    assert len(named) == 2

    second = device.new_page()
    second.goto(f"{city.url}/tablet/")
    assert photos_here(second, "i0421", _ORPHAN) == {*named, _ORPHAN}
    unlock(second, "i0421")
    expect_phase(second, "elsewhere")
    assert photos_here(second, "i0421") == {*named, _ORPHAN}
    second.close()
    page.get_by_test_id("lock").click()
    unlock(page, "i0421")
    expect_phase(page, "network")
    assert photos_here(page, "i0421") == named
