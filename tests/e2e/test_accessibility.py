"""What axe says of each page, in both languages: nothing, of whatever weight; contrast, headings and landmarks among
it."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.city import DIANHUTUN, City, bulk, report, round_of, wait_until
from tests.e2e.conftest import TABLET, WALL_SCREEN, OpenDevice, choose_pin, log_in
from tests.gateway.test_overview import say, sundays_told

AXE = (Path(__file__).parents[2] / "sync_api/web/node_modules/axe-core/axe.min.js").read_text()
RUN = "async () => (await axe.run(document, { resultTypes: ['violations'] })).violations"
TOWNSHIP, COUNTY = DIANHUTUN[:9], DIANHUTUN[:6]
NARROW: ViewportSize = {"width": 800, "height": 1280}
BOARD_PAGES = [
    *("", DIANHUTUN, f"{DIANHUTUN}/4.2.1", "terminal", "tasks", "ledger", "entry", "services", "statistics"),
    *("watch", "patrols", "joint", "evaluation", "notices", "quarantine", "devices", "informants", "pledges"),
    *("truthfulness", f"terminal/{TOWNSHIP}/{sundays_told(1)[0]}"),
]


def faults_of(page: Page) -> list[str]:
    """What axe finds of what is shown, with where it stands."""
    page.evaluate(AXE)
    found = page.evaluate(RUN)
    return [f"{one['id']}: {node['target']} {node['failureSummary']}" for one in found for node in one["nodes"]]


@pytest.fixture(scope="module")
def busy_city(city: City) -> City:
    """There is something on each page."""
    documents = [report(DIANHUTUN, "a217", severity="major"), round_of(DIANHUTUN, "a217", {"1.1.2": 5})]
    rows = city.client("a217").post(f"/db/d110-{COUNTY}/_bulk_docs", json=bulk(*documents)).json()
    assert all(row["ok"] for row in rows)
    say(city, TOWNSHIP, {}, [(1, 2), (3, 4)], DIANHUTUN)
    county = city.client("g24")
    wait_until(lambda: county.get(f"/casework/terminal/{COUNTY}").json().get("open", 0) > 0)
    wait_until(lambda: county.get(f"/casework/overview/{TOWNSHIP}").json().get("weeks", []) != [])
    return city


@pytest.mark.parametrize("viewport", [WALL_SCREEN, NARROW], ids=["wide", "narrow"])
def test_the_pages_of_the_board(busy_city: City, open_device: OpenDevice, viewport: ViewportSize) -> None:
    page = open_device(viewport).new_page()
    page.goto(f"{busy_city.url}/board")
    assert faults_of(page) == []
    log_in(page, "z109")
    found: dict[str, list[str]] = {}
    for place in BOARD_PAGES:
        page.goto(f"{busy_city.url}/board#/{place}")
        expect(page.locator(".loading")).to_have_count(0)
        if faults := faults_of(page):
            found[place] = faults
    page.get_by_test_id("switch-language").click()
    for place in ("", "terminal", "informants"):
        page.goto(f"{busy_city.url}/board#/{place}")
        expect(page.locator(".loading")).to_have_count(0)
        if faults := faults_of(page):
            found[f"{place} (en)"] = faults
    assert found == {}


def test_the_pages_of_the_tablet(busy_city: City, open_device: OpenDevice) -> None:
    page = open_device(TABLET).new_page()
    page.goto(f"{busy_city.url}/tablet/")
    found = {"log-in": faults_of(page)}
    log_in(page, "a217")
    expect(page.get_by_test_id("pin-digits")).to_be_visible()
    found["pin"] = faults_of(page)
    choose_pin(page)
    expect(page.locator("[data-testid=sync][data-phase=idle]")).to_be_visible()
    for place in ("lights", "indicator/4.2.1", "report", "round", "cases", "papers", "work/parcel", "work"):
        page.goto(f"{busy_city.url}/tablet/#/{place}")
        found[place] = faults_of(page)
    page.get_by_test_id("switch-language").click()
    found["work (en)"] = faults_of(page)
    page.get_by_test_id("lock").click()
    expect(page.get_by_test_id("person-a217")).to_be_visible()
    found["people"] = faults_of(page)
    assert {place: faults for place, faults in found.items() if faults} == {}
