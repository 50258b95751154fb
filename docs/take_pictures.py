"""Takes the pictures of the README from the demo: `python -m docs.take_pictures`. Look at each before it is kept."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from d110 import open_store
from d110_bench import BOARD_PAGES, open_city
from jobs.benchmarks.chromium import FLAGS, find_chromium

FOLDER: Final = Path(__file__).parent / "pictures"
TABLET: Final = {"width": 800, "height": 1280}
WALL: Final = {"width": 1920, "height": 1080}
PIN: Final = "271828"
BOARD: Final = ("board", "township", "village", "terminal", "ledger", "watch", "statistics", "patrols")
#: Until nothing on the page has changed for a while, shorter than a clock's tick.
_AT_REST: Final = """() => new Promise((rested) => {
    const REST_MS = 700;
    let rest = setTimeout(rested, REST_MS);
    new MutationObserver(() => {
        clearTimeout(rest);
        rest = setTimeout(rested, REST_MS);
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
})"""
PAGES: Final = ("lights", "report", "round", "work")


def main(demo: Path) -> None:
    from playwright.sync_api import sync_playwright

    FOLDER.mkdir(exist_ok=True)
    with open_city(demo, open_store) as (address, logins), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(os.environ.get("D110_CHROMIUM")), args=FLAGS)
        for name in BOARD:
            place, role, awaited = BOARD_PAGES[name]
            with _page(browser, WALL) as page:
                page.goto(f"{address}/board#/{place}")
                _log_in(page, logins[role])
                page.locator(awaited).first.wait_for()
                _keep(page, f"board-{name}")
        with _page(browser, TABLET) as page:
            page.goto(f"{address}/tablet/")
            _log_in(page, logins["administrator"])
            page.get_by_test_id("pin-digits").wait_for()
            _keep(page, "tablet-pin")
            _choose_pin(page)
            for place in PAGES:
                page.goto(f"{address}/tablet/#/{place}")
                _keep(page, f"tablet-{place}")
        with _page(browser, TABLET) as page:
            page.goto(f"{address}/tablet/")
            _log_in(page, logins["county"])
            _choose_pin(page)
            page.goto(f"{address}/tablet/#/patrols")
            _keep(page, "tablet-patrols")
        browser.close()


@contextmanager
def _page(browser: Any, viewport: dict[str, int]) -> Iterator[Any]:
    context = browser.new_context(viewport=viewport, locale="zh-CN", timezone_id="Asia/Shanghai")
    page = context.new_page()
    page.set_default_timeout(180_000)
    yield page
    context.close()


def _log_in(page: Any, login: tuple[str, str]) -> None:
    for name, text in zip(("alias", "password"), login, strict=True):
        page.get_by_test_id(f"login-{name}").fill(text)
    page.get_by_test_id("login-submit").click()


def _choose_pin(page: Any) -> None:
    for field in ("pin-digits", "pin-again"):
        page.get_by_test_id(field).fill(PIN)
    page.get_by_test_id("pin-submit").click()
    page.locator("[data-testid=sync][data-phase=idle]").wait_for()


def _keep(page: Any, name: str) -> None:
    """In Chinese, and in English."""
    for language in ("zh", "en"):
        page.evaluate(_AT_REST)
        page.screenshot(path=FOLDER / f"{name}-{language}.jpg", type="jpeg", quality=62)
        page.get_by_text("English" if language == "zh" else "中文", exact=True).first.click()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "var/demo"))
