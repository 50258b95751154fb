"""What is being written is on the disk: the whole browser is killed, as a tablet does that runs out of memory."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from jobs.benchmarks.chromium import FLAGS, find_chromium
from tests.city import City, wait_until
from tests.e2e.conftest import TABLET, enter, unlock

TEXT = "村东头的桥裂了一道缝，车过的时候晃"


def browser_of(profile: Path) -> int:
    """The process of the browser that has a profile."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            said = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
        except OSError:  # it ended while we looked
            continue
        if f"--user-data-dir={profile}" in said and not any(one.startswith("--type=") for one in said):
            return int(process.name)
    raise AssertionError("no such browser")


#: How long the sealed draft is that lies on the disk; 0 while there is none.
KEPT = """async () => {
    const opening = indexedDB.open('d110-texts', 1);
    const database = await new Promise((resolve) => { opening.onsuccess = () => resolve(opening.result); });
    const asked = database.transaction('texts').objectStore('texts').get('d110.sealed.i0421.draft.report');
    const sealed = await new Promise((resolve) => { asked.onsuccess = () => resolve(asked.result); });
    database.close();
    return sealed?.length ?? 0;
}"""


def test_a_draft_is_there_again_after_the_whole_browser_was_killed(city: City, tmp_path: Path) -> None:
    profile = tmp_path / "profile"
    with sync_playwright() as playwright:

        def open_browser() -> Page:
            context = playwright.chromium.launch_persistent_context(
                str(profile),
                executable_path=find_chromium(os.environ.get("D110_CHROMIUM")),
                args=FLAGS,
                viewport=TABLET,
                locale="zh-CN",
            )
            page = context.pages[0]
            page.goto(f"{city.url}/tablet/")
            return page

        page = open_browser()
        enter(page, "i0421")
        page.get_by_test_id("new-report").click()
        page.get_by_test_id("report-severity-general").click()
        field = page.get_by_test_id("report-text")
        field.press_sequentially(TEXT[:-2])
        expect(field).to_have_value(TEXT[:-2])
        wait_until(lambda: int(page.evaluate(KEPT)) > 4 * len(TEXT))  # base64 of three bytes a sign
        before = int(page.evaluate(KEPT))
        field.press_sequentially(TEXT[-2:])
        wait_until(lambda: int(page.evaluate(KEPT)) >= before + 8)
        pid = browser_of(profile)
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not Path(f"/proc/{pid}/cmdline").exists() or not Path(f"/proc/{pid}/cmdline").read_bytes())
        page = open_browser()
        unlock(page, "i0421")
        page.get_by_test_id("new-report").click()
        expect(page.get_by_test_id("report-text")).to_have_value(TEXT)
        page.context.close()
