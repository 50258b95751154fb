from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, ViewportSize, expect, sync_playwright
from ulid import ULID

from jobs.benchmarks.chromium import FLAGS, find_chromium
from sync_api.access.accounts import AssignedCase
from tests.city import BALIZHUANG, DIANHUTUN, KONGZHUANG, PASSWORD, City, running_city

#: Bounds a failure; nothing here takes as long.
WAIT_MS_MAX = 20_000
TABLET: ViewportSize = {"width": 800, "height": 1280}
WALL_SCREEN: ViewportSize = {"width": 1920, "height": 1080}

#: The cases that are assigned to the department's account, in its village.
ASSIGNED = [str(ULID()) for _ in range(3)]

#: Opens a context of one device: ``open_device(viewport)``.
OpenDevice = Callable[[ViewportSize], BrowserContext]


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """A city of its own for each module, with one account of each kind that the pages are for."""
    with running_city(tmp_path_factory.mktemp("city")) as city:
        city.add_account("i0421", "informant", DIANHUTUN)
        city.add_account("i0422", "informant", DIANHUTUN)
        city.add_account("i0423", "informant", DIANHUTUN)
        city.add_account("a217", "administrator", DIANHUTUN)
        city.add_account("a014", "administrator", BALIZHUANG)
        city.add_account("a022", "administrator", KONGZHUANG)
        city.add_account("z109", "station", DIANHUTUN[:9])
        city.add_account("g24", "county", DIANHUTUN[:6])
        cases = tuple(AssignedCase(DIANHUTUN, case) for case in ASSIGNED)
        city.add_account("minzheng", "department", DIANHUTUN[:6], cases=cases)
        city.add_account("s17", "city", "3717")
        city.add_account("analyst", "analyst", "3717")
        yield city


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(os.environ.get("D110_CHROMIUM")), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_device(browser: Browser, city: City) -> Iterator[OpenDevice]:
    """Devices of their own storage. No page may ask another host for anything, nor fail unseen."""
    contexts: list[BrowserContext] = []
    foreign: list[str] = []
    faults: list[str] = []
    home = urlsplit(city.url).netloc

    def watch(page: Page) -> None:
        page.set_default_timeout(WAIT_MS_MAX)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if said.text.startswith("ReferenceError") else None)

    def note(url: str) -> None:
        parts = urlsplit(url)
        # a PDF is shown by pages of the browser's own, whose addresses are none of a network
        if parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != home:
            foreign.append(url)

    def open_one(viewport: ViewportSize) -> BrowserContext:
        context = browser.new_context(viewport=viewport, locale="zh-CN", timezone_id="Asia/Shanghai")
        context.on("page", watch)
        context.on("request", lambda request: note(request.url))
        contexts.append(context)
        return context

    yield open_one
    for context in contexts:
        context.close()
    assert foreign == []
    assert faults == []


def log_in(page: Page, alias: str, password: str = PASSWORD) -> None:
    page.get_by_test_id("login-alias").fill(alias)
    page.get_by_test_id("login-password").fill(password)
    page.get_by_test_id("login-submit").click()


def hold(page: Page, address: str) -> Callable[[], None]:
    """Answers to `address` wait until what is returned is called."""
    held: list[Route] = []
    page.route(address, lambda route: held.extend([route]))

    def let_go() -> None:
        for route in held:
            route.continue_()
        page.unroute(address)

    return let_go


#: What opens the vault of everybody on the tablets of these tests.
PIN = "271828"


def choose_pin(page: Page) -> None:
    """A person who is new to this tablet closes their vault for the first time."""
    page.get_by_test_id("pin-digits").fill(PIN)
    page.get_by_test_id("pin-again").fill(PIN)
    page.get_by_test_id("pin-submit").click()


def enter(page: Page, alias: str) -> None:
    """Logs in on a tablet that does not know this person yet."""
    log_in(page, alias)
    choose_pin(page)


def unlock(page: Page, alias: str, pin: str = PIN) -> None:
    """Opens a tablet again, after it was locked or its page left."""
    page.get_by_test_id(f"person-{alias}").click()
    page.get_by_test_id("pin-digits").fill(pin)
    page.get_by_test_id("pin-submit").click()


def enter_beside(page: Page, alias: str) -> None:
    """Logs in on a tablet that others use, too."""
    page.get_by_test_id("other-person").click()
    enter(page, alias)


def open_page(page: Page, name: str) -> None:
    """One of the pages beside the board: by the header's line, or by its menu where the line has no room."""
    link = page.get_by_test_id(f"to-{name}")
    expect(link).to_have_count(1)
    expect(page.locator(".loading")).to_have_count(0)  # the line has its room once the way to the division stands there
    if not link.is_visible():
        page.get_by_test_id("more-pages").click()
    link.click()
