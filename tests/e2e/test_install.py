"""The tablet's page as an app: it can be installed, and takes up a new version when its person says so."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from sync_api.web_pages import DIST, page_routes
from tests.city import DIANHUTUN, City, running_city
from tests.e2e.conftest import TABLET, OpenDevice, enter, unlock

NEW_TITLE = "动态管理110 新版"


def test_the_tablet_can_be_installed(city: City, open_device: OpenDevice) -> None:
    page = open_device(TABLET).new_page()
    page.goto(f"{city.url}/tablet/")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    protocol = page.context.new_cdp_session(page)
    manifest = protocol.send("Page.getAppManifest")
    assert manifest["errors"] == [] and manifest["url"].endswith("/tablet/manifest.webmanifest")
    # the contexts of these tests are private windows, which nothing can be installed from
    found = [one["errorId"] for one in protocol.send("Page.getInstallabilityErrors")["installabilityErrors"]]
    assert [one for one in found if one != "in-incognito"] == []


@pytest.fixture
def dist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Pages of the gateway's own that can be replaced while it runs."""
    folder = tmp_path / "dist"
    shutil.copytree(DIST, folder)
    monkeypatch.setattr("sync_api.app.page_routes", lambda: page_routes(folder))
    return folder


def publish(dist: Path) -> None:
    """What a new build changes: a page, and with it the list that the service worker keeps."""
    page, worker = dist / "tablet" / "index.html", dist / "tablet" / "sw.js"
    page.write_text(page.read_text().replace("<title>动态管理110</title>", f"<title>{NEW_TITLE}</title>"))
    changed, count = re.subn(r'(url:"/tablet/index\.html",revision:")[^"]+', r"\g<1>" + "0" * 32, worker.read_text())
    if count == 0:
        changed, count = re.subn(r'(revision:")[^"]+(",url:"/tablet/index\.html")', r"\g<1>new\g<2>", changed)
    assert count == 1
    worker.write_text(changed)


@pytest.mark.parametrize("is_first", [True, False], ids=["the first page", "a page opened again"])
def test_a_new_version_waits_for_the_draft_and_keeps_all_that_was_written(
    dist: Path, tmp_path: Path, browser: Browser, is_first: bool
) -> None:
    with running_city(tmp_path / "city") as city:
        city.add_account("i0421", "informant", DIANHUTUN)
        context = browser.new_context(viewport=TABLET, locale="zh-CN", timezone_id="Asia/Shanghai")
        page = context.new_page()
        page.goto(f"{city.url}/tablet/")
        enter(page, "i0421")
        expect(page.locator("[data-testid=sync][data-phase=idle]")).to_be_visible()
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        if not is_first:
            page.reload()
            unlock(page, "i0421")
        page.get_by_test_id("new-report").click()
        page.get_by_test_id("report-text").fill("村东头的桥裂了一道缝")
        publish(dist)
        page.evaluate("navigator.serviceWorker.getRegistration().then((one) => one.update()).then(() => true)")
        expect(page.get_by_text("草稿写完再更新")).to_be_visible()
        expect(page.get_by_role("button", name="更新")).to_have_count(0)
        context.set_offline(True)  # the report waits; the new version lies here already
        page.get_by_test_id("report-indicator").click()
        page.get_by_test_id("pick-4.3.1").click()
        page.get_by_test_id("report-severity-general").click()
        page.get_by_test_id("save-report").click()
        assert page.title() == "动态管理110"
        page.get_by_role("button", name="更新").click()
        expect(page).to_have_title(NEW_TITLE)
        unlock(page, "i0421")
        expect(page.get_by_test_id("sync-held")).to_contain_text("0 / 1")
        context.set_offline(False)
        page.get_by_test_id("sync-now").click()
        expect(page.get_by_test_id("sync-held")).to_contain_text("1 / 1")
        rows = city.raw("d110-371724/_all_docs")["rows"]
        assert len([row for row in rows if f"{DIANHUTUN}:report:i0421:" in row["id"]]) == 1
        context.close()
