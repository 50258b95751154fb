"""A lamp's history in a real Chromium: its strip, its readings and its reasons, for who may know them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect

from tests.city import DIANHUTUN, City, bulk, report, round_of
from tests.e2e.conftest import TABLET, WAIT_MS_MAX, WALL_SCREEN, OpenDevice, log_in

NUMBER, MATTER = "1.1.4", "3.3.1"


def open_board(open_device: OpenDevice, city: City, alias: str, place: str = "") -> Page:
    page = open_device(WALL_SCREEN).new_page()
    page.goto(f"{city.url}/board{place}")
    log_in(page, alias)
    return page


def tell(city: City) -> str:
    """Readings that go from yellow to red, and a major case, which the village's administrator reports; its ULID."""
    now = datetime.now(UTC)
    opened = report(DIANHUTUN, "a217", indicator=MATTER, severity="major")
    rounds = [
        round_of(DIANHUTUN, "a217", {NUMBER: value}, at=now - timedelta(days=days))
        for value, days in ((90, 40), (70, 30), (50, 10))
    ]
    answer = city.client("a217").post("/db/d110-371724/_bulk_docs", json=bulk(opened, *rounds))
    assert all(row.get("ok") for row in answer.json()), answer.text
    return str(opened["_id"].rsplit(":", 1)[1])


def test_a_lamp_shows_its_year_what_was_read_and_why_it_changed(city: City, open_device: OpenDevice) -> None:
    case = tell(city)
    page = open_board(open_device, city, "z109", f"#/{DIANHUTUN}/{NUMBER}")
    lamp = page.get_by_test_id("lamp-history")
    expect(lamp).to_have_attribute("data-light", "r", timeout=WAIT_MS_MAX)
    changes = lamp.get_by_test_id("lamp-changes").locator("li")
    expect(changes).to_have_count(2)
    expect(changes.first).to_contain_text("50 %，低于红线 60 %")
    expect(changes.last).to_contain_text("70 %，低于黄线 80 %")
    expect(lamp.get_by_test_id("reading-chart")).to_contain_text("3 次读数")
    strip = lamp.get_by_role("slider")
    strip.focus()
    strip.press("ArrowLeft")
    expect(lamp.get_by_test_id("stretch")).to_contain_text("警示")
    expect(lamp.get_by_test_id("stretch")).to_contain_text("20 天")
    assert "警示" in (strip.get_attribute("aria-valuetext") or "")
    # beside a lamp that is lit stands its course, small
    expect(page.get_by_test_id(f"lamp-{MATTER}").locator(".course")).to_have_count(1)
    page.get_by_test_id("switch-language").click()
    expect(changes.first).to_contain_text("50 %, below the red line of 60 %")
    page.get_by_test_id(f"lamp-{MATTER}").click()
    expect(lamp.get_by_test_id("reason-case")).to_contain_text("major matter: opened")
    lamp.get_by_test_id("reason-case").first.click()
    assert page.url.endswith(f"#/case/{DIANHUTUN}/{case}")


def test_an_informant_sees_the_lights_and_not_what_others_reported(city: City, open_device: OpenDevice) -> None:
    tell(city)
    page = open_board(open_device, city, "i0421", f"#/{DIANHUTUN}/{NUMBER}")
    lamp = page.get_by_test_id("lamp-history")
    expect(lamp.get_by_test_id("lamp-changes")).to_contain_text("的读数", timeout=WAIT_MS_MAX)
    expect(lamp).not_to_contain_text("50 %")
    expect(lamp.get_by_test_id("reading-chart")).to_have_count(0)
    page.get_by_test_id(f"lamp-{MATTER}").click()
    expect(lamp.get_by_test_id("lamp-changes")).to_contain_text("一件事项")
    expect(lamp.get_by_test_id("reason-case")).to_have_count(0)


def test_a_history_fits_on_a_tablet_and_follows_what_is_reported(city: City, open_device: OpenDevice) -> None:
    page = open_board(open_device, city, "z109", f"#/{DIANHUTUN}/2.4.3")
    page.set_viewport_size(TABLET)
    lamp = page.get_by_test_id("lamp-history")
    expect(lamp).to_be_visible(timeout=WAIT_MS_MAX)
    expect(lamp).to_have_attribute("data-light", "g")
    opened = report(DIANHUTUN, "a217", indicator="2.4.3", severity="general")
    city.client("a217").post("/db/d110-371724/_bulk_docs", json=bulk(opened))
    expect(lamp).to_have_attribute("data-light", "y")
    box = lamp.bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= TABLET["width"]
