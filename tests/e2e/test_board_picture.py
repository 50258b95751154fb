"""The wall as a picture, and pages on paper, in a real Chromium."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final
from urllib.parse import quote

import pytest
from PIL import Image
from playwright.sync_api import FloatRect, Page, Route, expect

from tests.city import BALIZHUANG, DIANHUTUN, City, bulk, round_of, wait_until
from tests.e2e.conftest import WALL_SCREEN, OpenDevice, log_in

TOWNSHIP = DIANHUTUN[:9]
WHITE = (255, 255, 255)
#: A page across, in points.
ACROSS = re.compile(r"/MediaBox \[0 0 841\.9\d* 594\.9\d*\]")
#: CSS pixels within its margins.
WITHIN = (1047, 718)
RED = (0xD3, 0x22, 0x2A)


def saved(page: Page, to: Path, asked: str = "", of: str = "lamps") -> Image.Image:
    with page.expect_download() as download:
        page.get_by_test_id("save-png").dispatch_event("click")  # a click of the mouse scrolls the page
    assert download.value.suggested_filename == f"{of}-{TOWNSHIP}{asked}.png"
    download.value.save_as(to)
    return Image.open(to).convert("RGB")


def test_what_is_asked_of_the_wall_is_saved_as_a_picture_and_printed(
    city: City, open_device: OpenDevice, tmp_path: Path
) -> None:
    row = round_of(DIANHUTUN, "a217", {"1.1.2": 5})
    assert city.client("a217").post("/db/d110-371724/_bulk_docs", json=bulk(row)).json()[0]["ok"]
    client = city.client("z109")
    wait_until(lambda: "r" in client.get(f"/board/{DIANHUTUN}").json().get("lights", ""))
    page = open_device(WALL_SCREEN).new_page()
    page.goto(f"{city.url}/board#/{TOWNSHIP}")
    log_in(page, "z109")
    expect(page.get_by_test_id(f"row-{DIANHUTUN}")).to_have_count(1)
    whole = saved(page, tmp_path / "whole.png")
    # on white, whatever the screen has, with the one red lamp on it beside the legend's
    assert whole.getpixel((0, 0)) == WHITE
    reds = [at for at in range(whole.height) if RED in {whole.getpixel((x, at)) for x in range(400, whole.width)}]
    assert reds and reds[-1] - reds[0] < 40
    page.get_by_test_id("summary-red").click()
    expect(page.get_by_test_id("chip-light")).to_be_visible()
    chosen = saved(page, tmp_path / "chosen.png", "-r")
    assert chosen.width == whole.width and chosen.height < whole.height
    # as wide as its words: in a few lamps' picture none is cut
    page.goto(f"{city.url}/board#/{TOWNSHIP}/light=r&of=1.1&name=佃户屯")
    expect(page.get_by_test_id("chip-name")).to_be_visible()
    few = saved(page, tmp_path / "few.png", "-r-1.1-佃户屯")
    with page.expect_download() as download:
        page.get_by_test_id("save-xlsx").click()
    assert download.value.suggested_filename == f"lamps-{TOWNSHIP}-r-1.1-佃户屯.xlsx"
    assert 400 < few.width < whole.width / 2
    assert {few.getpixel((x, y)) for x in range(few.width - 28, few.width) for y in range(few.height)} == {WHITE}
    page.get_by_test_id("show-all").click()
    expect(page.get_by_test_id("chips")).to_have_count(0)
    assert page.locator(".paper canvas").count() == 0
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.locator(".paper canvas")).to_have_count(1)
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(page.locator(".paper canvas")).to_have_count(0)


@pytest.mark.parametrize(
    ("asked", "sheets"),
    # blocks of forty villages, side by side where they have room; a few lamps fill no page
    [("", 3), ("/of=4", 1), ("/of=1.1", 1), ("/light=r&of=1.1&name=佃户屯", 1), ("/name=nowhere", 1)],
)
def test_each_sheet_stands_whole_on_a_page_of_its_own(
    city: City, open_device: OpenDevice, asked: str, sheets: int
) -> None:
    page = open_device({"width": 1047, "height": 800}).new_page()
    page.goto(f"{city.url}/board#/3717{asked}")
    log_in(page, "s17")
    expect(page.get_by_test_id("save-png")).to_be_visible()
    paper = page.pdf(prefer_css_page_size=True).decode("latin-1")
    assert len(ACROSS.findall(paper)) == sheets
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    sizes = page.locator(".paper canvas").evaluate_all(
        "all => all.map(one => [one.getBoundingClientRect().toJSON(), one.width, one.height])"
    )
    assert len(sizes) == sheets
    for box, width, height in sizes:
        assert box["width"] <= min(WITHIN[0], width) and box["height"] <= WITHIN[1]
        # nothing is cut, nothing pulled out of shape
        assert box["width"] / box["height"] == pytest.approx(width / height, rel=0.01)


def test_paper_says_what_is_set_and_has_no_controls(city: City, open_device: OpenDevice) -> None:
    page = open_device(WALL_SCREEN).new_page()
    page.goto(f"{city.url}/board#/ledger/{quote('is_open=true&red=true&since=2026-01-02&division=371724', safe='')}")
    log_in(page, "s17")
    expect(page.get_by_test_id("ledger-sums")).to_be_visible()
    page.get_by_test_id("ledger-words").fill("灯")
    line = page.get_by_test_id("set-on-paper")
    expect(line).to_have_count(0)
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(line).to_have_text("所列：巨野县；含“灯”；未了结；立项从 2026-01-02；红灯")
    expect(page.get_by_test_id("ledger-page")).not_to_contain_text("到期无人受理", use_inner_text=True)
    expect(page.locator("label:visible, select:visible, input:visible, button.plain:visible")).to_have_count(0)
    page.emulate_media(media="screen")
    expect(line).to_be_hidden()
    page.goto(f"{city.url}/board#/statistics/371724/2026-01-02/2026-01-31")
    expect(page.get_by_test_id("since")).to_have_value("2026-01-02")
    expect(page.get_by_test_id("scope-3717")).to_have_value("371724")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.locator(".scope")).to_have_text("巨野县", use_inner_text=True)
    expect(line).to_have_text("所列：从 2026-01-02；到 2026-01-31")
    expect(page.locator("label:visible, select:visible, input:visible, button.plain:visible")).to_have_count(0)


def test_the_wall_of_several_counties_names_them(city: City, open_device: OpenDevice) -> None:
    page = open_device(WALL_SCREEN).new_page()
    page.goto(f"{city.url}/board#/3717/name=佃户屯")
    log_in(page, "s17")
    expect(page.get_by_test_id(f"row-{DIANHUTUN}").get_by_role("rowheader")).to_have_text("巨野县 田庄镇 佃户屯村")
    page.locator(".frame").press("ArrowDown")
    expect(page.locator(".note strong")).to_have_text("巨野县 田庄镇 佃户屯村")
    row = round_of(DIANHUTUN, "a217", {"1.2.2": 0})
    assert city.client("a217").post("/db/d110-371724/_bulk_docs", json=bulk(row)).json()[0]["ok"]
    expect(page.get_by_test_id("ticker").locator("strong").first).to_have_text("巨野县 田庄镇 佃户屯村")
    page.goto(f"{city.url}/board#/{DIANHUTUN[:6]}/name=佃户屯")
    expect(page.get_by_test_id(f"row-{DIANHUTUN}").get_by_role("rowheader")).to_have_text("田庄镇 佃户屯村")


def test_a_township_whose_name_another_county_has_too_is_named_with_its_county(
    city: City, open_device: OpenDevice
) -> None:
    page = open_device(WALL_SCREEN).new_page()

    def rename(route: Route) -> None:
        answer = route.fetch()
        board = answer.json()
        board["divisions"] = [[code, "田庄镇" if code == BALIZHUANG[:9] else name] for code, name in board["divisions"]]
        route.fulfill(response=answer, json=board)

    page.route(re.compile(r"/board/3717/?$"), rename)
    page.goto(f"{city.url}/board#/371725/name=田庄")
    log_in(page, "s17")
    expect(page.locator("tr[data-testid^=row-] th").first).to_contain_text("郓城县 田庄镇 ")
    page.goto(f"{city.url}/board#/371724/name=田庄")
    expect(page.locator("tr[data-testid^=row-] th").first).to_contain_text("巨野县 田庄镇 ")
    # a name is looked for where a file looks for it: not in the county's
    page.get_by_test_id("find-village").fill("巨野")
    expect(page.locator("tr[data-testid^=row-]")).to_have_count(0)


#: Of the page's left edge, where nothing stands.
_GROUND: Final[FloatRect] = {"x": 0, "y": 100, "width": 8, "height": 300}


def test_a_page_is_saved_as_a_picture_of_what_is_printed_and_stands_as_it_was(
    city: City, open_device: OpenDevice, tmp_path: Path
) -> None:
    page = open_device(WALL_SCREEN).new_page()
    page.set_viewport_size({"width": 1280, "height": 420})
    page.goto(f"{city.url}/board#/terminal")
    log_in(page, "z109")
    expect(page.get_by_test_id("parts-compared")).to_be_visible()
    office = page.get_by_test_id("terminal-page")
    assert office.evaluate("one => { one.scrollTop = 3; return one.scrollTop; }") == 3
    ground, box = page.screenshot(clip=_GROUND), office.bounding_box()
    picture = saved(page, tmp_path / "terminal.png", of="terminal")
    # twice as wide as the page, all of it, on white whatever the screen has
    assert picture.width == 2 * 1280
    assert picture.height > 2 * 420
    edge = [picture.getpixel((10, y)) for y in range(120, picture.height)]
    assert set(edge) == {WHITE}
    # words and numbers are on it, and what is red
    assert RED in {picture.getpixel((x, y)) for x in range(picture.width) for y in range(120, 700)}
    assert (page.screenshot(clip=_GROUND), office.bounding_box()) == (ground, box)
    assert office.evaluate("one => one.scrollTop") == 3
    page.emulate_media(media="print")
    expect(page.get_by_test_id("save-png")).to_be_hidden()
    expect(office.get_by_text("田庄镇", exact=True).first).to_be_visible()


def test_a_picture_that_cannot_be_made_says_so(city: City, open_device: OpenDevice) -> None:
    page = open_device(WALL_SCREEN).new_page()
    page.goto(f"{city.url}/board#/terminal")
    log_in(page, "z109")
    page.route(re.compile("/pagePicture"), lambda route: route.abort())
    page.get_by_test_id("save-png").click()
    expect(page.get_by_role("alert")).to_contain_text("图片没有生成")
    expect(page.get_by_test_id("save-png")).to_be_enabled()
