"""``d110 bench web``: what the two pages weigh, how soon a tablet starts without a network, and how the board draws."""

from __future__ import annotations

import asyncio
import gzip
import re
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import httpx
from ulid import ULID

from d110_bench import open_city, put_up_board
from jobs.benchmarks.chromium import FLAGS
from models.figures import Figure, at_least, limit, times_faster
from models.ids import database_of, event_id
from sync_api.access.accounts import Account
from sync_api.access.staff import Staff
from sync_api.benchmarks.process import GatewayProcess
from sync_api.benchmarks.station import CITY, Station, informant_of, serving_station
from sync_api.couch import Couch

WEB: Final = Path(__file__).parent / "sync_api" / "web" / "dist"
TABLET: Final = {"width": 800, "height": 1280}
SCREENS: Final = {"1080p": {"width": 1920, "height": 1080}, "4k": {"width": 3840, "height": 2160}}
#: What the tablet holds while it starts, and how much slower than this machine it is.
DOCUMENTS: Final = 20_000
#: An administrator's tablet gets most of what a station's villages have, and not all.
STORED: Final = 24_000
SLOWDOWN: Final = 4
STARTS: Final = 3
PIN: Final = "271828"
APP_BYTES_MAX: Final = 350_000
COLD_START_S_MAX: Final = 1.5
FRAMES_MIN: Final = 50.0
SCROLL_MS: Final = 4_000
UPDATES: Final = 1_000
#: So much may the board have grown after all updates: noise of the collector.
GROWTH_BYTES_MAX: Final = 2_000_000
WAIT_MS_MAX: Final = 120_000

_LIT: Final = "() => document.querySelector('[data-testid=village-lights]')?.dataset.lights?.length === 90"
_ANY_ROW: Final = "() => !!document.querySelector('[data-testid^=row-]')"
#: Scrolls the wall of lamps for so long; frames a second, and in how many of those looked at a row showed no lamp.
_SCROLL: Final = """async (ms) => {
    const canvas = document.querySelector('.frame canvas');
    const frame = canvas.closest('.frame');
    const context = canvas.getContext('2d');
    const scale = devicePixelRatio;
    const pixel = (x, y) => context.getImageData(x, y, 1, 1).data.join();
    let frames = 0, looked = 0, bare = 0, step = 60;
    const isBare = () => {
        const ground = pixel(canvas.width - 2, Math.floor(canvas.height / 2));
        for (let y = 24; y < canvas.height; y += 24 * scale) {
            const band = context.getImageData(0, y, canvas.width, Math.min(24 * scale, canvas.height - y)).data;
            let isLit = false;
            for (let at = 0; at < band.length && !isLit; at += 4) {
                isLit = `${band[at]},${band[at + 1]},${band[at + 2]},${band[at + 3]}` !== ground;
            }
            if (!isLit) return true;
        }
        return false;
    };
    const next = () => new Promise(requestAnimationFrame);
    await next();
    const began = performance.now();
    let spent = 0;
    while (performance.now() - began - spent < ms) {
        const bottom = frame.scrollHeight - frame.clientHeight;
        if (frame.scrollTop + step > bottom || frame.scrollTop + step < 0) step = -step;
        frame.scrollTop += step;
        await next();
        frames += 1;
        if (frames % 40 === 0) {
            const looking = performance.now();
            looked += 1;
            bare += isBare() ? 1 : 0;
            spent += performance.now() - looking;
        }
    }
    return { rate: frames / ((performance.now() - began - spent) / 1000), looked, bare };
}"""

Say = Callable[[str], None]


def measure_web(
    demo: Path, folder: Path, open_store: Callable[[Path], AbstractContextManager[str]], chromium: str, say: Say
) -> list[Figure]:
    """``demo``: the data of ``d110 demo``, made where it is not there yet; ``folder``: for what is thrown away."""
    say(f"平板，{DOCUMENTS} 份文档；{UPDATES} 次更新 / a tablet with {DOCUMENTS} documents; {UPDATES} updates")
    station = _station(chromium, folder, open_store)
    say("全市图版 / the board of the whole city")
    return [*station, *_board(chromium, demo, open_store)]


@contextmanager
def _open_browser(chromium: str) -> Iterator[Any]:
    """Opened last: a browser has a loop of its own, in which nothing else runs."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


def _station(chromium: str, folder: Path, open_store: Callable[[Path], AbstractContextManager[str]]) -> list[Figure]:
    """On a city that is thrown away: a tablet that holds a station's documents, and a board that hears of much."""
    with open_store(folder / "store") as url, serving_station(url, folder, STORED) as (gateway, station):
        password = secrets.token_urlsafe(12)

        async def add() -> None:
            async with Couch(url) as couch:
                tablet = Account(alias="bench", role="administrator", divisions=station.villages)
                await Staff(couch).add_all([tablet, Account(alias="city", role="city", divisions=(CITY,))], password)

        asyncio.run(add())
        with httpx.Client(base_url=gateway.address, timeout=60) as client:
            _report(client, gateway, station.villages[0])  # so that it has lights
        with _open_browser(chromium) as browser:
            return [
                *_tablet(browser, gateway.address, ("bench", password)),
                *_updates(browser, gateway, station, ("city", password)),
            ]


def _tablet(browser: Any, address: str, login: tuple[str, str]) -> list[Figure]:
    alias, password = login
    context = browser.new_context(viewport=TABLET)
    context.set_default_timeout(WAIT_MS_MAX)
    page = context.new_page()
    page.goto(f"{address}/tablet/")
    page.get_by_test_id("login-alias").fill(alias)
    page.get_by_test_id("login-password").fill(password)
    page.get_by_test_id("login-submit").click()
    for field in ("pin-digits", "pin-again"):
        page.get_by_test_id(field).fill(PIN)
    page.get_by_test_id("pin-submit").click()
    page.wait_for_function("() => document.querySelector('[data-testid=sync]')?.dataset.phase === 'idle'")
    page.wait_for_function(_LIT)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    held = page.evaluate(_HELD)
    if held < DOCUMENTS:
        raise RuntimeError(f"the tablet holds {held} documents")
    page.close()
    context.set_offline(True)
    slow, quick = (sorted(_start(context, address, alias, rate) for _ in range(STARTS)) for rate in (SLOWDOWN, 1))
    context.close()
    start, at_once = slow[STARTS // 2], quick[STARTS // 2]
    return [
        limit("tablet_app_bytes", _app_bytes(), "B", APP_BYTES_MAX),
        limit("tablet_cold_start", start, "s", COLD_START_S_MAX),
        times_faster("tablet_cold_start_vs_not_slowed_down", start, "s", at_once),
    ]


#: Documents in the databases of this browser's users.
_HELD: Final = """async () => {
    let held = 0;
    for (const { name } of await indexedDB.databases()) {
        if (!name.startsWith('_pouch_d110:')) continue;
        const database = await new Promise((resolve, reject) => {
            const asked = indexedDB.open(name);
            asked.onsuccess = () => resolve(asked.result);
            asked.onerror = reject;
        });
        const asked = database.transaction('document-store').objectStore('document-store').count();
        held += await new Promise((resolve) => { asked.onsuccess = () => resolve(asked.result); });
        database.close();
    }
    return held;
}"""


def _start(context: Any, address: str, alias: str, slowdown: int) -> float:
    """Seconds from opening the page without a network until the village's lights are there, but for the time in which
    the person types: from the PIN's last digit on, and until it is asked for."""
    page = context.new_page()
    protocol = context.new_cdp_session(page)
    protocol.send("Emulation.setCPUThrottlingRate", {"rate": slowdown})
    began = time.perf_counter()
    page.goto(f"{address}/tablet/", wait_until="commit")
    person = page.get_by_test_id(f"person-{alias}")
    person.wait_for()
    asked = time.perf_counter()
    person.click()
    page.get_by_test_id("pin-digits").fill(PIN)
    typed = time.perf_counter()
    page.get_by_test_id("pin-submit").click()
    page.wait_for_function(_LIT)
    seconds = time.perf_counter() - typed + asked - began
    page.close()
    return seconds


def _app_bytes() -> float:
    """What a tablet keeps to work without a network, as its service worker lists it: page, scripts, styles,
    icons, as gzip sends them."""
    files = re.findall(r'url:"/([^"]+)"', (WEB / "tablet" / "sw.js").read_text("utf-8"))
    return float(sum(len(gzip.compress((WEB / name).read_bytes(), 6)) for name in files))


def _board(chromium: str, demo: Path, open_store: Callable[[Path], AbstractContextManager[str]]) -> list[Figure]:
    figures: list[Figure] = []
    with open_city(demo, open_store) as (address, logins), _open_browser(chromium) as browser:
        for name, screen in SCREENS.items():
            context, page = put_up_board(browser, address, logins["city"], screen)
            found = page.evaluate(_SCROLL, SCROLL_MS)
            figures.append(at_least(f"board_frames_{name}", found["rate"], "frames/s", FRAMES_MIN))
            figures.append(limit(f"board_bare_frames_{name}", found["bare"], f"of {found['looked']}", 0))
            context.close()
    return figures


def _updates(browser: Any, gateway: GatewayProcess, station: Station, login: tuple[str, str]) -> list[Figure]:
    """How much an open board grows by so many updates."""
    context, page = put_up_board(browser, gateway.address, login, SCREENS["1080p"], _ANY_ROW)
    page.set_default_timeout(WAIT_MS_MAX)
    protocol = context.new_cdp_session(page)
    sent = iter(range(len(station.informants)))

    def heap() -> float:
        protocol.send("HeapProfiler.collectGarbage")
        found: float = protocol.send("Runtime.getHeapUsage")["usedSize"]
        return found

    def hear(count: int) -> None:
        """Another village reports, one after the other, until the board shows a yellow lamp for each."""
        before = _yellow(page)
        with httpx.Client(base_url=gateway.address, timeout=60) as client:
            for _ in range(count):
                _report(client, gateway, station.informants[next(sent)])
        page.wait_for_function(f"(wanted) => ({_YELLOW})() >= wanted", arg=before + count)

    hear(UPDATES // 10)  # what is made once is made
    before = heap()
    hear(UPDATES)
    after = heap()
    context.close()
    return [
        limit(f"board_growth_after_{UPDATES}_updates", max(0.0, after - before), "B", GROWTH_BYTES_MAX),
        times_faster("board_memory_after_updates", after, "B", before),
    ]


_YELLOW: Final = (
    "() => Number(document.querySelector('[data-testid=summary-yellow]').textContent.replace(/[^0-9]/g, ''))"
)


def _yellow(page: Any) -> int:
    found: int = page.evaluate(_YELLOW)
    return found


def _report(client: httpx.Client, gateway: GatewayProcess, village: str) -> None:
    alias, at = informant_of(village), datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    document = {"_id": event_id(village, "report", alias, str(ULID())), "type": "report", "channel": "tablet"}
    said = {"indicator": "2.4.3", "severity": "general", "text": "a report of the benchmark"}
    body = {"docs": [document | said | {"observed_at": at, "saved_at": at}], "new_edits": False}
    headers = {"Authorization": f"Bearer {gateway.token(alias)}"}
    [row] = client.post(f"/db/{database_of(village)}/_bulk_docs", json=body, headers=headers).json()
    if not row.get("ok"):
        raise RuntimeError(f"refused: {row}")
