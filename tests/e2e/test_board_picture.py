"""The wall as a picture and on paper, in a real Chromium."""

from __future__ import annotations

from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect

from tests.city import DIANHUTUN, City, bulk, round_of, wait_until
from tests.e2e.conftest import WALL_SCREEN, OpenDevice, log_in

TOWNSHIP = DIANHUTUN[:9]
RED = (0xD3, 0x22, 0x2A)


def saved(page: Page, to: Path) -> Image.Image:
    with page.expect_download() as download:
        page.get_by_test_id("save-png").click()
    assert download.value.suggested_filename == f"lamps-{TOWNSHIP}.png"
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
    assert whole.getpixel((0, 0)) == (255, 255, 255)
    reds = [at for at in range(whole.height) if RED in {whole.getpixel((x, at)) for x in range(400, whole.width)}]
    assert reds and reds[-1] - reds[0] < 40
    page.get_by_test_id("summary-red").click()
    expect(page.get_by_test_id("chip-light")).to_be_visible()
    chosen = saved(page, tmp_path / "chosen.png")
    assert chosen.width == whole.width and chosen.height < whole.height
    assert page.locator(".paper canvas").count() == 0
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.locator(".paper canvas")).to_have_count(1)
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(page.locator(".paper canvas")).to_have_count(0)
