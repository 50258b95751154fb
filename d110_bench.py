"""``d110 bench board``: the board of the whole city in a real Chromium, on the demo's city."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Final

import httpx

from d110_demo import (
    CITY,
    VILLAGE,
    clear,
    ensure_accounts,
    fill,
    kept_secret,
    listening,
    report,
    serving,
    wait_until_healthy,
)
from jobs.benchmarks.chromium import FLAGS
from models.figures import Figure, limit, times_faster
from sync_api.settings import Settings

BYTES_MAX: Final = 300_000
FIRST_VIEW_S_MAX: Final = 2.0
PUSH_S_MAX: Final = 2.0
VIEWPORT: Final = {"width": 1920, "height": 1080}
INDICATOR: Final = "2.4.3"
REPEATS: Final = 3
#: The city's board is drawn when its summary counts are there and a row of lamps is.
_DRAWN: Final = """() => document.querySelector('[data-testid=summary-green]')?.textContent.trim().length > 3
    && !!document.querySelector('[data-testid^=row-]')"""

#: The board's pages, with the whole city or county behind them: address, the role that looks, and what is there once
#: what the page is about is.
BOARD_PAGES: Final = {
    "board": ("", "city", "[data-testid^=row-]"),
    "township": (f"{VILLAGE[:9]}/first=worst", "city", "[data-testid^=row-]"),
    "village": (f"{VILLAGE}/1.7.1", "city", "[data-testid=lamp-history]"),
    "terminal": ("terminal", "leader", "[data-testid=week-trend]"),
    "tasks": ("tasks", "city", "[data-testid=tasks-sums]"),
    "ledger": ("ledger", "city", "[data-testid^=case-]"),
    "services": ("services", "city", "[data-testid=service]"),
    "statistics": ("statistics", "city", "[data-testid^=figure-]"),
    "watch": ("watch", "city", "[data-testid^=watched-]"),
    "patrols": ("patrols", "city", "[data-testid=patrols-page]:not(:has(.loading))"),
    "evaluation": ("evaluation", "city", "[data-testid=evaluation-page] li"),
    "quarantine": ("quarantine", "city", "[data-testid=quarantine-page]:not(:has(.loading))"),
    "devices": ("devices", "city", "[data-testid=devices-sums]"),
    "informants": ("informants", "county", "[data-testid=informants-sums]"),
    "pledges": ("pledges", "county", "[data-testid^=pledge-]"),
    "truthfulness": ("truthfulness", "county", "[data-testid=truthfulness-sums]"),
}
FIRST_CONTENT_S_MAX: Final = 1.0
_IS_THERE: Final = "(selector) => !!document.querySelector(selector)"


def measure_board(
    folder: Path, open_store: Callable[[Path], AbstractContextManager[str]], chromium: str
) -> list[Figure]:
    """Figures for `d110 bench board`. References: the same view uncompressed, the same page for one village, and the
    time of the push itself."""
    with open_city(folder, open_store) as (address, logins):
        return _measure(address, logins, chromium)


@contextmanager
def open_city(
    folder: Path, open_store: Callable[[Path], AbstractContextManager[str]]
) -> Iterator[tuple[str, dict[str, tuple[str, str]]]]:
    """The demo's city, served: its address, and alias and password by role."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = Settings(token_secret=kept_secret(folder, "token_secret"), city=CITY, data_dir=folder, port=0)
    with listening(settings) as listener, open_store(folder / "store") as url:
        fill(url, folder)
        logins = asyncio.run(ensure_accounts(url, folder))
        with serving(settings, listener, url) as address:
            wait_until_healthy(address)
            yield address, logins


def _measure(address: str, logins: dict[str, tuple[str, str]], chromium: str) -> list[Figure]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        sessions = {role: _log_in(browser, address, logins[role]) for role in ("city", "county", "leader")}
        session = sessions["city"]
        views = [_first_view(browser, address, session, CITY) for _ in range(REPEATS)]
        villages = [_first_view(browser, address, session, VILLAGE) for _ in range(REPEATS)]
        push_s, board_s = _push_to_board(browser, address, session, logins)
        pages = {
            name: _first_content(browser, address, sessions[role], place, awaited)
            for name, (place, role, awaited) in BOARD_PAGES.items()
        }
        browser.close()
    first, wire, plain = sorted(views)[REPEATS // 2]
    village = sorted(villages)[REPEATS // 2][0]
    return [
        limit("board_first_view_bytes", wire, "B", BYTES_MAX),
        times_faster("board_first_view_bytes_vs_uncompressed", wire, "B", plain),
        limit("board_first_view", first, "s", FIRST_VIEW_S_MAX),
        times_faster("board_first_view_vs_one_village", first, "s", village),
        limit("board_push_to_lamp", board_s, "s", PUSH_S_MAX),
        times_faster("board_push_to_lamp_vs_push", board_s, "s", push_s),
        *(limit(f"board_page_{name}", seconds, "s", FIRST_CONTENT_S_MAX) for name, seconds in pages.items()),
    ]


def put_up_board(
    browser: Any, address: str, login: tuple[str, str], viewport: dict[str, int], drawn: str = _DRAWN
) -> tuple[Any, Any]:
    """A browser of its own in which somebody has logged in on the board, and its page, ``drawn``."""
    context = browser.new_context(viewport=viewport)
    page = context.new_page()
    page.goto(f"{address}/board")
    for name, text in zip(("alias", "password"), login, strict=True):
        page.get_by_test_id(f"login-{name}").fill(text)
    page.get_by_test_id("login-submit").click()
    page.wait_for_function(drawn)
    return context, page


def _log_in(browser: Any, address: str, login: tuple[str, str]) -> Any:
    """A session as the board's own log-in form leaves it, to be carried into browsers that know nothing else."""
    context, _ = put_up_board(browser, address, login, VIEWPORT)
    session = context.storage_state()
    context.close()
    return session


def _first_view(browser: Any, address: str, session: Any, division: str) -> tuple[float, float, float]:
    """Seconds until drawn, bytes over the wire, bytes uncompressed; a browser that has never loaded the page."""
    context = browser.new_context(viewport=VIEWPORT, storage_state=session)
    page = context.new_page()
    protocol = context.new_cdp_session(page)
    wire, plain = [], []
    protocol.on("Network.loadingFinished", lambda event: wire.append(event["encodedDataLength"]))
    protocol.on("Network.dataReceived", lambda event: plain.append(event["dataLength"]))
    protocol.send("Network.enable")
    start = time.perf_counter()
    page.goto(f"{address}/board#/{division}", wait_until="commit")
    page.wait_for_function(_DRAWN if division == CITY else "() => !!document.querySelector('[data-testid^=lamp-]')")
    seconds = time.perf_counter() - start
    context.close()
    return seconds, float(sum(wire)), float(sum(plain))


def _first_content(browser: Any, address: str, session: Any, place: str, awaited: str) -> float:
    """Seconds from the address until what the page is about is there, in a browser that has seen it once."""
    context = browser.new_context(viewport=VIEWPORT, storage_state=session)
    seconds = []
    for _ in range(1 + REPEATS):
        page = context.new_page()
        start = time.perf_counter()
        page.goto(f"{address}/board#/{place}", wait_until="commit")
        page.wait_for_function(_IS_THERE, arg=awaited)
        seconds.append(time.perf_counter() - start)
        page.close()
    context.close()
    return sorted(seconds[1:])[REPEATS // 2]


def _push_to_board(browser: Any, address: str, session: Any, logins: dict[str, tuple[str, str]]) -> tuple[float, float]:
    """Seconds the push took, and seconds from its answer until an open board showed the lamp."""
    context = browser.new_context(viewport=VIEWPORT, storage_state=session)
    page = context.new_page()
    page.goto(f"{address}/board#/{VILLAGE}")
    lamp = f"[data-testid='lamp-{INDICATOR}']"
    page.wait_for_selector(f"{lamp}[data-light='g']")
    with httpx.Client(base_url=address, timeout=20) as client:
        start = time.perf_counter()
        case = report(client, logins["informant"], INDICATOR, "general")
        answered = time.perf_counter()
        page.wait_for_selector(f"{lamp}[data-light='y']")
        shown = time.perf_counter()
        clear(client, logins, case)
    page.wait_for_selector(f"{lamp}[data-light='g']")
    context.close()
    return answered - start, shown - answered
